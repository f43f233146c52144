"""Agencies named in a notice's words: which component of Homeland Security it names, and for whom another buys.

Belongs here: patterns over titles and descriptions. Does not belong here: which clue is believed first (agency).

"ice" in lower case, "Snow and Ice" and an all-capitals list of ice machines are frozen water: the letters ICE count
only where the words around them make them an agency.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from crawlers.sam.offices import DHS, offices
from ordinance.agencies import Agency, agencies

# Letters that are a component's short name only where they are written as one.
_ICE: Final = re.compile(
    r"\b(?:DHS[\s/,-]+ICE|U\.?\s?S\.?\s+ICE|USICE|\(ICE\)|ICE['’]s"
    r"|ICE[\s/-]+(?:ERO|HSI|OPLA|OAQ|OCIO|HQ|headquarters|detain\w+|detention|personnel|agents?|officers?|employees|"
    r"facilit\w+|mission|program\w*|office\w*|field|national|health|air operations|enforcement|operations|"
    r"law enforcement|contracting|IT\b)"
    r"|(?:[Aa]t|[Ff]or) ICE\b(?!\s+(?:machine|rink|melt|and|removal|maker))|ERO\s+(?:NYC|field|facilit\w+|[A-Z][a-z]+)"
    r"|[Ee]nforcement and [Rr]emoval [Oo]perations|[Hh]omeland [Ss]ecurity [Ii]nvestigations)"
    r"|(?<![A-Z][ /-])\bICE(?=[\s/]+(?:requires?|has|is|will|needs?|seeks?|intends|plans|uses|currently|HR|OCIO)\b)")
_CBP: Final = re.compile(r"\b(?:CBP|USBP|BPAM|U\.?S\.?\s+Border\s+Patrol|Border\s+Patrol)\b")
_USCIS: Final = re.compile(r"\bUSCIS\b|\bCitizenship\s+and\s+Immigration\s+Services\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def _name_patterns() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """(sub-tier code, pattern, surely): full names of agencies in any case, short names as written above."""
    found: list[tuple[str, re.Pattern[str], bool]] = []
    for agency in agencies():
        if agency.subtiers and agency.counts == "always" and agency.toptier_code == DHS:
            names = {n for n in (agency.name, *agency.aliases) if " " in n}
            names |= {w for w in agency.words if w.count(" ") > 1}
            pattern = re.compile(rf"\b(?:{_either(names)})\b", re.IGNORECASE)
            found.append((agency.subtiers[0].code, pattern, True))
    found += [("7012", _ICE, False), ("7014", _CBP, False), ("7003", _USCIS, True)]
    for code, words in offices().names.items():
        found.append((code, re.compile(rf"\b(?:{_either(words)})\b"), False))
    return tuple(found)


def _either(names: Iterable[str]) -> str:
    """Any of the names, the longest first, whatever stands between their words."""
    return "|".join(sorted((re.escape(n).replace(r"\ ", r"[\s,]+") for n in names), key=len, reverse=True))


def named(text: str) -> tuple[str, str, bool] | None:
    """(sub-tier code, words, surely) of the component named first; None when none is."""
    best: tuple[int, str, str, bool] | None = None
    for code, pattern, surely in _name_patterns():
        found = pattern.search(text)
        if found and (best is None or found.start() < best[0]):
            best = (found.start(), code, found[0], surely)
    return best[1:] if best else None


_SHORT: Final = {"USCIS": "7003", "CBP": "7014", "USBP": "7014", "ICE": "7012", "ERO": "7012", "HSI": "7012",
                 "USCG": "7008", "FEMA": "7022", "TSA": "7013", "FLETC": "7015", "USSS": "7009", "CISA": "7061"}
_SHORT_PART: Final = re.compile(r"USCIS|(?<![A-Z])(?:" + "|".join(_SHORT) + r")(?![A-Z])")


def short_name(number: str | None) -> tuple[str, str] | None:
    """(sub-tier code, words) of a component's short name within a number of the department ("2026-CBP-M2S2")."""
    found = _SHORT_PART.search((number or "").upper())
    return (_SHORT[found[0]], found[0]) if found else None


_BEHALF: Final = re.compile(
    r"(?:on behalf of|behalf of|in support of|to support|supporting|requirement (?:of|for|from)|needs? of|for use by|"
    r"client agency is|funded by|services? (?:for|to)|custody of|contract for)\s+(?:the\s+|its\s+)?"
    r"(?:(?:U\.?S\.?|United States)\s+)?"
    r"(?:(?:Department of Homeland Security|DHS)(?:\s*\(DHS\))?[\s,/'’s-]*(?:the\s+)?)?"
    r"(?:(?:U\.?S\.?|United States)\s+)?$", re.IGNORECASE)

def on_behalf(body: str) -> tuple[str, str] | None:
    """(agency id, words) that a notice of another is posted for: named in the title, or after "on behalf of"."""
    title = body.split("\n", 1)[0]
    plain = " ".join(body.lower().replace(",", " ").split())
    for agency, pattern, needles in _listed_names():
        if not any(needle in plain for needle in needles):  # far cheaper than the pattern
            continue
        found = pattern.search(title) or _after_behalf(pattern, body)
        if found is not None:
            return agency.id, found[0]
    return None


def _after_behalf(pattern: re.Pattern[str], body: str) -> re.Match[str] | None:
    for found in pattern.finditer(body):
        if _BEHALF.search(body[max(0, found.start() - 120) : found.start()]):
            return found
    return None


@lru_cache(maxsize=1)
def _listed_names() -> tuple[tuple[Agency, re.Pattern[str], tuple[str, ...]], ...]:
    """Full names of the agencies that always count; short names only where no other word looks like them."""
    found = []
    for agency in agencies():
        if agency.counts != "always":
            continue
        names = {n for n in (agency.name, *agency.aliases, *agency.words) if n.count(" ") >= 2}
        names |= {a for a in agency.abbreviations if a in ("USCIS", "EOIR", "CBP", "OBIM", "OIDO")}
        if names:
            case = 0 if all(n.isupper() for n in names) else re.IGNORECASE
            needles = tuple(" ".join(n.lower().replace(",", " ").split()) for n in names)
            found.append((agency, re.compile(rf"(?<![\w-])(?:{_either(names)})(?![\w-])", case), needles))
    return tuple(found)


def telling(agency: Agency, body: str) -> str | None:
    """The words that make a notice of an agency with immigration work in part surely a part of it."""
    if not agency.telling:
        return None
    found = re.search(rf"\b(?:{_either(agency.telling)})\b", body, re.IGNORECASE)
    return found[0] if found else None
