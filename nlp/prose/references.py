"""What "the company", "its", "the Denver-based firm", "the tool" and an unexplained product name refer to.

Belongs here: references within a document. Does not belong here: names (``vendors``, ``companies``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from nlp.prose.companies import Companies, key
from nlp.prose.mentions import Mention
from nlp.prose.vocabulary import searcher
from ordinance.prose import prose

_ITS: Final = re.compile(
    r"^(?:[\"“‘']?\s*)(?:(?:But|And|Now|Today|Instead|However|Meanwhile|Since then|"
    r"Last year|This year),?\s+)?(It|They|Its|Their)\b"
)
TOGETHER: Final = "\x1f"  # joins the names of companies that one word stands for
_PLURAL: Final = re.compile(
    r"\b(?:[Aa]ll (?:two|three|four|five|six|seven|eight|nine|ten|of (?:the|these)) "
    r"(?:companies|firms|contractors|vendors)|"
    r"[Ee]ach(?: of (?:the|these))? (?:compan(?:y|ies)|firms?|contractors?)|"
    r"[Bb]oth(?: (?:companies|firms|contractors))?|"
    r"[Tt]he (?:two |three )?(?:companies|firms|contractors|corporations|vendors|operators)|"
    r"[Tt]hese (?:companies|firms|contractors))\b"
)
_CALLED: Final = r"(?:called|named|known as|dubbed)"


@lru_cache(maxsize=1)
def _generic() -> re.Pattern[str]:
    nouns = "|".join(re.escape(n) for n in prose().generic_vendors)
    return re.compile(
        rf"\b(?:[Tt]he|[Tt]hat|[Tt]his|[Tt]heir|[Ii]ts)\s+(?:[\w’'.-]+\s+){{0,3}}?(?:{nouns})\b(?!\s+(?:of|that|which|called|named|who)\b)"
    )


@lru_cache(maxsize=1)
def _products() -> tuple[re.Pattern[str], re.Pattern[str]]:
    nouns = "|".join(re.escape(n) for n in prose().product_nouns)
    name = r"(?P<name>[A-Z][\w-]*[A-Za-z0-9](?:\s[A-Z][\w-]*){0,2})"
    return (
        re.compile(
            rf"\b(?:{nouns})s?,?\s+(?:{_CALLED})\s+[\"“‘']?{name}(?:[\"”’']?,?\s+and\s+[\"“‘']?(?P<second>[A-Z][\w-]*))?"
        ),
        re.compile(rf"(?<![.!?]\s){name},?\s+(?:an?|the|its|their)\s+(?:[\w-]+\s+){{0,4}}?(?:{nouns})\b"),
    )


_THAT_RUNS: Final = re.compile(
    r"\b(?:[Tt]he|[Aa]n?)\s+(?:[\w’'.-]+\s+){0,4}?(?:company|firm|corporation|contractor|operator|business|group|nonprofit|organization|organisation|charity)"
    r"(?=\s+(?:that|which|running|operating|owning|behind)\b)"
)


def described_vendors(text: str, mentions: list[Mention], known: Mention | None) -> list[Mention]:
    """'The private company that runs the center': the vendor that ``known`` says it is."""
    if known is None or any(m.role == "vendor" for m in mentions):
        return []
    return [_standing_for(known, m.start(), m.end(), m.group()) for m in _THAT_RUNS.finditer(text)][:1]


def generic_vendors(text: str, mentions: list[Mention], before: list[Mention]) -> list[Mention]:
    """'the company' and sentence-initial 'It' as mentions of the vendor named last; ``before`` ends with the latest."""
    made: list[Mention] = []
    for match in _generic().finditer(text):
        if re.match(r"\s+[A-Z][a-z]", text[match.end() : match.end() + 4]) or any(
            m.start < match.end() and match.start() < m.end for m in mentions
        ):
            continue
        earlier = [m for m in mentions if m.role == "vendor" and m.end <= match.start()]
        known = earlier or before
        if known:
            made.append(
                _standing_for(known[-1] if earlier else _salient(before), match.start(), match.end(), match.group())
            )
    for match in _PLURAL.finditer(text):
        group = [m for m in mentions if m.role == "vendor" and m.end <= match.start()] or _last_group(before)
        if len(group) > 1 and not any(m.start < match.end() and match.start() < m.end for m in mentions):
            made.append(
                replace(
                    _standing_for(group[0], match.start(), match.end(), match.group()),
                    name=TOGETHER.join(dict.fromkeys(m.name for m in group)),
                )
            )
    start = _ITS.match(text)
    if (
        start is not None
        and before
        and _salient(before).sure >= 0.7
        and not any(m.role == "agency" and m.start < start.end() for m in mentions)
    ):
        made.append(_standing_for(_salient(before), start.start(1), start.end(1), start.group(1), sure=0.5))
    return made


def _salient(before: list[Mention]) -> Mention:
    """Of the vendors of the sentence before, its first: subjects come first."""
    last = before[-1]
    same = [m for m in before if m.note == last.note]
    return same[0] if same else last


def _last_group(before: list[Mention]) -> list[Mention]:
    """The vendors of the sentence in which vendors were named last."""
    return [m for m in before if m.note == before[-1].note] if before else []


def _standing_for(mention: Mention, start: int, end: int, words: str, sure: float = 0.7) -> Mention:
    return Mention(
        "vendor", start, end, words, mention.id, mention.name, min(sure, mention.sure), "reference", generic=True
    )


def local_products(sentences: list[tuple[str, list[Mention]]], companies: Companies) -> dict[str, str]:
    """Products the document itself explains: folded product name to its maker's name, '' where nobody is named."""
    found: dict[str, str] = {}
    for text, mentions in sentences:
        vendors = [m for m in mentions if m.role == "vendor" and not m.generic]
        for pattern in _products():
            for match in pattern.finditer(text):
                for group in ("name", "second"):
                    name = match.groupdict().get(group)
                    if name and len(name) > 2:
                        maker = _maker(text, match, [v for v in vendors if key(v.name) != key(name)])
                        known = companies.find(name)
                        if maker is not None and known is None:
                            found.setdefault(key(name), maker.name)
                        elif known is not None and not known.id and maker is None and not searcher().things(name):
                            found.setdefault(key(name), "")
    return found


def _maker(text: str, match: re.Match[str], vendors: list[Mention]) -> Mention | None:
    after = [
        v
        for v in vendors
        if v.start >= match.end()
        and v.start - match.end() < 90
        and re.search(r"\b(?:by|from|of)\s+(?:[\w-]+\s+){0,4}$", text[match.end() : v.start])
    ]
    if after:
        return after[0]
    before = [
        v
        for v in vendors
        if v.end <= match.start()
        and match.start() - v.end < 60
        and re.match(r"(?:['’]s|,)?\s+(?:[\w-]+\s+){0,4}$", text[v.end : match.start()])
    ]
    return before[-1] if before else None
