"""Finds organisations that may be vendors: known names, statistical NER, endings such as Inc., and naming words.

Belongs here: which capitalised words of a sentence name an organisation. Does not belong here: which of them are one
company (``companies``), whether it supplies anything (``relations``). No person's name leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from nlp.entity import EntityReader
from nlp.prose.mentions import Mention
from ordinance.phrases import fold
from ordinance.prose import prose

_CAP: Final = r"(?:[A-Z0-9][\w&’'.-]*[\w]|[A-Z]|[a-z]{1,2}[A-Z]\w+)"
_JOIN: Final = r"(?:\s+(?:of|and|&|for|the|de|la)\s+|\s*[-–&]\s*|\s+)"
_NAME: Final = rf"{_CAP}(?:{_JOIN}{_CAP}){{0,5}}"
_TRIM: Final = re.compile(
    r"^(?:the|The|a|A|an|An|U\.S\.|US|our|its|their|Reseller|Contractor|Vendor|Startup|Company|Broker|Supplier|Operator)\s+|(?:['’]s|[,.;:\"“”‘’'()*_]+)$"
)
# 'AUSTIN, Texas (AP) —': a place, and a wire service that is no vendor.
_DATELINE: Final = re.compile(
    r"^\W{0,3}[A-Z][A-Z.'’ -]{2,30}(?:,\s[A-Z][A-Za-z. ]{1,25})?\s*(?:\([A-Z][\w ]{1,20}\)\s*)?[—–-]{1,2}\s"
)
_SHOP: Final = re.compile(r"['’]s (?:app |play |online )?store\b")  # a shop in which somebody else's app is offered
_PLACE: Final = re.compile(r"^(?:[A-Z][\w.]+(?:\s[A-Z][\w.]+)?)-(?:based|headquartered|owned)\s+", re.UNICODE)


def find_vendors(text: str, entities: Iterable[tuple[int, int, str]], known: list[Mention]) -> list[Mention]:
    """Organisations of one sentence: ``known`` names, then NER's (start, end, label), endings and naming words."""
    found = [_completed(text, mention) for mention in known]
    dateline = _DATELINE.match(text)
    if dateline is not None:
        found.append(Mention("never", 0, dateline.end(), dateline.group(), "dateline", rule="dateline"))
    people = [(s, e) for s, e, label in entities if label == "PERSON"]
    for start, end, label in entities:
        if label in ("ORG", "PRODUCT", "FAC", "GPE", "NORP", "WORK_OF_ART", "PERSON", "LAW"):
            if label != "ORG" and not _named_company(text, start, end, strictly=True):
                continue
            found += _mention(text, start, end, 0.6 if label == "ORG" else 0.55, f"ner.{label.lower()}")
    for match in _patterns().ending.finditer(text):
        found += _mention(text, match.start("name"), match.end("name"), 0.85, "ending")
    for match in _patterns().naming.finditer(text):
        start, end = match.span("name")
        if not any(s <= start < e for s, e in people) or _named_company(text, start, end):
            found += _mention(text, start, end, 0.75, "naming_words")
    places = [(s, e) for s, e, label in entities if label in ("GPE", "LOC", "DATE", "NORP")]
    for match in _patterns().slot.finditer(text):
        start, end = match.span("name")
        if not any(s <= start < e for s, e in places) and not _is_person(text[start:end]):
            found += _mention(text, start, end, 0.65, "slot")
    found += _subjects(text, [(s, e) for s, e, label in entities if label == "GPE"])
    return found + _coordinated(text, [m for m in found if m.role == "vendor"], places)


def _subjects(text: str, places: list[tuple[int, int]]) -> list[Mention]:
    """Capitalised names that sell, run or hold a contract: NER often takes an unknown one for a person."""
    found: list[Mention] = []
    for match in _patterns().subject.finditer(text):
        start, end = match.span("name")
        # the first word of a sentence is capitalised whatever it is: one word alone tells nothing there
        opening = not text[:start].strip(" \n\t\"“‘'(*#>•-") and " " not in match["name"]
        if opening and not _named_company(text, start, end):
            continue
        if not any(s <= start < e for s, e in places) and not _is_person(text[start:end]):
            found += _mention(text, start, end, 0.6, "subject_slot")
    return found


def _coordinated(text: str, vendors: list[Mention], places: list[tuple[int, int]]) -> list[Mention]:
    """Capitalised names in one list with a vendor: 'Ardent Mobility, Kestrel Data and Opal Insights'."""
    found: list[Mention] = []
    waiting = list(vendors)
    taken = [(m.start, m.end) for m in vendors]
    while waiting:
        vendor = waiting.pop()
        after = _patterns().beside.match(text[vendor.end :])
        before = _patterns().ahead.search(text[: vendor.start])
        for match, shift in ((after, vendor.end), (before, 0)):
            if match is None:
                continue
            start, end = match.start("name") + shift, match.end("name") + shift
            if any(s < end and start < e for s, e in (*taken, *places)) or _is_person(text[start:end]):
                continue
            made = _mention(text, start, end, min(0.65, vendor.sure), "list")
            taken.append((start, end))
            found += made
            waiting += [m for m in made if m.role == "vendor"]
    return found


@lru_cache(maxsize=1)
def _entities() -> EntityReader:
    return EntityReader()


def _is_person(name: str) -> bool:
    """Whether the name reads as a natural person's."""
    return _entities().read(name)[0] == "individual"


class _Patterns:
    """Endings and naming words compiled from ``ordinance/prose.yaml``."""

    def __init__(self) -> None:
        data = prose()
        endings = "|".join(
            re.escape(e)
            for e in sorted({*data.name_endings, *(e.upper() for e in data.name_endings)}, key=len, reverse=True)
        )
        nouns = "|".join(re.escape(n) for n in data.company_nouns)
        self.tail = re.compile(
            rf"(?:,?\s+(?:Inc|LLC|L\.L\.C|Corp|Ltd|LP|LLP|PLC|Co)\b\.?|\s+(?:{endings}|Government|Special|Risk|USA|Safety|Program)\b)+"
        )
        self.slot = re.compile(
            rf"(?:\b(?:{'|'.join(data.slots)})\s+(?:[a-z][\w’'-]*\s+){{0,4}}?)(?P<name>{_CAP}(?:{_JOIN}{_CAP}){{0,4}})"
        )
        self.subject = re.compile(
            rf"(?P<name>{_CAP}(?:\s+(?:&\s+)?{_CAP}){{0,4}})(?:,[^,.;]{{1,80}},)?\s+(?:(?:also|still|now|already|once)\s+)?"
            rf"(?={'|'.join(data.subject_slots)})"
        )
        self.beside = re.compile(
            rf"^(?:,\s+(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+)(?P<name>{_CAP}(?:\s+{_CAP}){{0,3}})(?=\s*(?:,|\.|and\b|or\b|;|[a-z]|$))"
        )
        self.ahead = re.compile(rf"(?P<name>{_CAP}(?:\s+{_CAP}){{0,3}})(?:,\s+(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+)$")
        self.ending = re.compile(
            rf"(?P<name>{_CAP}(?:{_JOIN}{_CAP}){{0,4}}?,?\s+(?:{endings})\b(?:,?\s+(?:{endings})\b)*\.?)"
        )
        self.naming = re.compile(
            rf"\b(?:{nouns})(?:s|es)?(?:,)?\s+(?:called|named|known as|such as|like|including|dubbed)?\s*"
            rf"(?P<name>{_NAME})"
        )
        self.after = re.compile(
            rf"^\s*(?:\([^)]{{1,30}}\))?,?\s+(?:(?:a|an|the|one of the)\s+(?:[\w’'./-]+\s+){{0,7}}?(?:{nouns})s?\b|"
            rf"doing business as|d/b/a|dba\b"
            rf"|(?:which|a unit of|a subsidiary of|a division of|maker of|makers of|developer of|owner of))"
        )
        self.before = re.compile(
            rf"(?:{nouns})s?(?:\s+(?:called|named|known as|such as|like|including))?,?\s+$|"
            rf"(?:-based|-owned)\s+(?:\w+\s+){{0,2}}$"
        )
        self.never = frozenset(" ".join(fold(word) for word in name.split()) for name in data.never_vendor)
        self.never_words = re.compile(
            r"(?i)(?<!\w)(?:" + "|".join(re.escape(w) for w in data.never_vendor_words) + r")(?:s|es)?(?!\w)"
        )


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    return _Patterns()


def _named_company(text: str, start: int, end: int, *, strictly: bool = False) -> bool:
    """Whether the words around say that it is a company ('startup Acme', 'Acme, a Denver-based data firm')."""
    patterns = _patterns()
    after = patterns.after.match(text[end : end + 120])
    return (
        (after is not None and not (strictly and after.group().endswith("which")))
        or patterns.before.search(text[max(0, start - 50) : start]) is not None
        or patterns.ending.fullmatch(text[start:end]) is not None
    )


def _completed(text: str, mention: Mention) -> Mention:
    """A known name with the words that complete it: 'GEO Group' + ', Inc.', 'Palantir' + ' Technologies'."""
    tail = _patterns().tail.match(text[mention.end :])
    end = mention.end + (tail.end() if tail else 0)
    return Mention(
        "vendor",
        mention.start,
        end,
        text[mention.start : end],
        mention.id,
        text[mention.start : end].strip(),
        mention.sure,
        mention.rule,
    )


def _mention(text: str, start: int, end: int, sure: float, rule: str) -> list[Mention]:
    """The cleaned span as a vendor, or as ``never`` where the name is press, school, advocacy or a body."""
    start, end = _clean(text, start, end)
    words = text[start:end]
    if _SHOP.match(text[end:]):
        return [Mention("never", start, end, words, rule="shop", sure=0.9)]
    if end - start < 2 or not re.search(r"[A-Z]", words) or len(words) > 90 or "\n\n" in words:
        return []
    if looks_never(words):
        return [Mention("never", start, end, words, rule=rule, sure=sure)]
    return [Mention("vendor", start, end, words, name=" ".join(words.split()), sure=sure, rule=rule)]


def looks_never(name: str) -> bool:
    """True for a name that is never a vendor: government, press, school, advocacy, a month, an abbreviation of law."""
    patterns = _patterns()
    folded = " ".join(fold(word) for word in re.findall(r"\w+", name))
    if folded in patterns.never or re.fullmatch(r"[\d\W]*", name):
        return True
    ended = patterns.ending.fullmatch(name) is not None and re.search(r"(?:Inc|LLC|Corp|Ltd)\b\.?$", name) is not None
    return not ended and patterns.never_words.search(name) is not None


def _clean(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without articles, possessives, quotes, 'Denver-based'."""
    for _ in range(4):
        words = text[start:end]
        place = _PLACE.match(words)
        if place is not None:
            start += place.end()
            continue
        match = _TRIM.search(words)
        if match is None or match.end() == match.start():
            break
        if match.start() == 0 and match.end() < len(words):
            start += match.end()
        else:
            kept = words.endswith((" Inc.", " Corp.", " Co.", " Ltd.", "L.L.C.", " L.P.")) and match.group() == "."
            if kept:
                break
            end = start + match.start()
    while start < end and text[start] in " \n\t\"“‘'(*_#>•-":
        start += 1
    while end > start and text[end - 1] in " \n\t":
        end -= 1
    return start, end
