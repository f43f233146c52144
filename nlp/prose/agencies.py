"""Finds the agencies a sentence names: §2.5's list, offices, other customers; ICE the agency, never ice the water.

Belongs here: names, abbreviations and generic words for agencies, and "the agency". Does not belong here: the list
(``ordinance/agencies.yaml``), which agencies one city covers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from nlp.prose.mentions import Mention
from ordinance.agencies import agencies
from ordinance.prose import prose

_CAPITAL_ONLY: Final = 6  # abbreviations up to this length count in capitals only
_SHORT: Final = {
    "ice": "ICE",
    "cbp": "CBP",
    "uscis": "USCIS",
    "orr": "ORR",
    "eoir": "EOIR",
    "obim": "OBIM",
    "dhs": "DHS",
    "ins": "INS",
}
_READ: Final = ("ice", "cbp", "uscis", "orr", "eoir", "obim", "ins", "dhs", "state_ca")
_BACK: Final = re.compile(r"\b[Tt]he (?:federal |immigration |enforcement )*agency(?! of\b)")
_TELLING: Final = re.compile(
    r"(?i)\b(?:immigra|migrant|deport|detain|detention|asylum|border|removal|noncitizen|alien)"
)


@dataclass(frozen=True)
class _Patterns:
    names: re.Pattern[str]
    ids: tuple[str, ...]
    other: re.Pattern[str]
    never: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    data = prose()
    rows: list[tuple[str, str, int]] = []
    for agency in agencies():
        if agency.id not in _READ:
            continue
        for name in agency.names:
            body = r"\s+".join(re.escape(word) for word in name.split())
            body = body.replace(r"U\.S\.", r"U\.?S\.?").replace(r"\ and\ ", r"\ (?:and|&)\ ")
            rows.append(
                (agency.id, body if name.isupper() and len(name) <= _CAPITAL_ONLY else f"(?i:{body})", len(name))
            )
    rows += [(key, f"(?i:{form})", len(form)) for key, forms in data.generic_agencies.items() for form in forms]
    rows += [
        (
            f"{key.split()[0]}/{key.split()[1]}",
            re.escape(name).replace(r"\ ", r"\s+")
            if name.isupper()
            else "(?i:" + re.escape(name).replace(r"\ ", r"\s+") + ")",
            len(name),
        )
        for key, names in data.agency_offices.items()
        for name in names
    ]
    rows.sort(key=lambda row: -row[2])
    grouped = "|".join(f"(?P<g{i}>{body})" for i, (_, body, _) in enumerate(rows))
    return _Patterns(
        re.compile(rf"(?<![\w-])(?:{grouped})(?![\w])"),
        tuple(row[0] for row in rows),
        re.compile(r"(?<!\w)(?:" + "|".join(data.other_customers) + r")(?!\w)"),
        re.compile("|".join(data.never_agency)),
    )


def find_agencies(text: str) -> list[Mention]:
    """Agencies and other customers in one sentence; an office right beside its agency makes one mention."""
    patterns = _patterns()
    barred = [match.span() for match in patterns.never.finditer(text)]
    found: list[Mention] = []
    for match in patterns.names.finditer(text):
        if (
            any(start < match.end() and match.start() < end for start, end in barred)
            and match.group() == "ICE"
            and not re.search(r"\b(?:DHS|Customs|ERO|HSI)\b", text)
        ):
            continue
        key = patterns.ids[int((match.lastgroup or "g0")[1:])]
        agency, _, office = key.partition("/")
        name = _SHORT.get(agency, agency.upper()) + (f" {office}" if office else "")
        found.append(
            Mention(
                "agency",
                match.start(),
                match.end(),
                match.group(),
                agency,
                name,
                _sure(agency, text),
                f"agency.{agency}",
            )
        )
    merged = _merged(found, text)
    taken = [(m.start, m.end) for m in merged]
    merged += [
        Mention("other", m.start(), m.end(), m.group(), "", m.group(), 1.0, "customer.other")
        for m in patterns.other.finditer(text)
        if all(m.end() <= s or m.start() >= e for s, e in taken)
    ]
    return sorted(merged, key=lambda m: m.start)


def _sure(agency: str, text: str) -> float:
    """The department as a whole does much else: only sure beside words of immigration."""
    if agency == "dhs":
        return 0.9 if _TELLING.search(text) else 0.4
    return 1.0


def _merged(found: list[Mention], text: str) -> list[Mention]:
    """'Immigration and Customs Enforcement (ICE)', 'ICE ERO' and 'DHS's ICE' are one mention each."""
    merged: list[Mention] = []
    for mention in found:
        if merged:
            last = merged[-1]
            between = text[last.end : mention.start]
            close = re.fullmatch(r"\s*(?:['’]s)?\s*[(/,-]?\s*(?:the\s+)?", between) is not None
            same = last.id in (mention.id, "dhs")
            if close and same and len(between) <= 8:
                end = mention.end
                if between.strip().endswith("(") and text[end : end + 1] == ")":
                    end += 1
                office = mention.name if len(mention.name) >= len(last.name) or last.id == "dhs" else last.name
                merged[-1] = replace(
                    last,
                    end=end,
                    text=text[last.start : end],
                    id=mention.id,
                    name=office,
                    sure=max(last.sure, mention.sure),
                    rule=mention.rule,
                )
                continue
            if last.id == mention.id and re.fullmatch(r"\s+", between):
                merged[-1] = replace(last, end=mention.end, text=text[last.start : mention.end])
                continue
        merged.append(mention)
    return merged


def back_references(text: str, before: Mention | None) -> list[Mention]:
    """'the agency', 'the federal agency': the agency named last, if any was."""
    if before is None:
        return []
    return [
        Mention(
            "agency",
            match.start(),
            match.end(),
            match.group(),
            before.id,
            before.name,
            0.8 * before.sure,
            "agency.back_reference",
            generic=True,
        )
        for match in _BACK.finditer(text)
    ]
