"""The cheap gate: whether a text can hold a statement at all, before spaCy sees it.

A text passes when it holds a word of an immigration agency (or a place where immigrants are held) AND a word of a
service, product, maker, facility or of contracting. Belongs here: the two lists of beginnings and the search.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import ahocorasick_rs

from ordinance.agencies import agencies
from ordinance.phrases import Part, parse
from ordinance.priors import priors
from ordinance.products import products
from ordinance.prose import prose_services

_AGENCY: Final = (
    "immigra",
    "migrant",
    "deport",
    "detain",
    "detention",
    "asylum",
    "border",
    "customs",
    "noncitizen",
    "homeland",
    "refugee",
    "unaccompanied",
    "removal",
    " ice ",
    " ice'",
    " ice’",
    "(ice",
    "ice)",
    " ice,",
    " ice.",
    " dhs",
    " cbp",
    "alien",
    "visa",
    "(cbp",
    "(dhs",
    "“ice",
    '"ice',
    "-ice",
    "ice-",
    "/ice",
    "ice/",
    "#ice",
    " ice:",
    " ice;",
    " ice?",
    " ice\n",
    "\nice ",
    "citizenship and",
)
_SUPPLY: Final = (
    "contract",
    "award",
    "vendor",
    "supplie",
    "provide",
    "sell",
    "sold",
    "purchas",
    "bought",
    "procure",
    "licens",
    "software",
    "database",
    "data ",
    "technolog",
    "operate",
    "run by",
    "owned",
    "private prison",
    "company",
    "firm",
    "deal",
    "paid",
    "pays",
    "corporation",
    "inc",
    "llc",
    "operator",
    "surveillance",
    "facility",
    "center",
    "request for",
    "solicitation",
    "flight",
    "charter",
    "tool",
    "platform",
    "system",
    "services",
    "work with",
    "working with",
    "work for",
)


@lru_cache(maxsize=1)
def _gate() -> tuple[ahocorasick_rs.AhoCorasick, list[int]]:
    first: set[str] = set(_AGENCY)
    second: set[str] = set(_SUPPLY)
    for agency in agencies():
        if agency.role == "agency":
            first.update(name.lower() for name in agency.names if len(name) > 4)
    data = priors()
    first.update(_anchor(phrase) for facility in data.facilities for phrase in facility.aliases)
    second.update(_anchor(phrase) for vendor in data.vendors for phrase in vendor.names)
    second.update(_anchor(phrase) for maker in products().makers for phrase in maker.names)
    second.update(_anchor(phrase) for product in products().products for phrase in product.aliases)
    second.update(_anchor(phrase) for service in prose_services() for phrase in service.phrases)
    words = sorted((first | second) - {""})
    kinds = [(1 if word in first else 0) | (2 if word in second else 0) for word in words]
    return ahocorasick_rs.AhoCorasick(words), kinds


def opens(text: str) -> bool:
    """Whether the full reader should read the text."""
    gate, kinds = _gate()
    seen = 0
    for index, _, _ in gate.find_matches_as_indexes(f" {text.lower()} ", overlapping=True):
        seen |= kinds[index]
        if seen == 3:
            return True
    return False


def _anchor(phrase: str) -> str:
    """The longest word every reading of the phrase has; '' where readings share none of four letters."""
    best = ""
    shared: set[str] | None = None
    for pattern in parse(phrase):
        words = {word for part in pattern for word in _certain(part)}
        shared = words if shared is None else shared & words
    for word in shared or ():
        best = max(best, word, key=len)
    return best if len(best) >= 4 else ""


def _certain(part: Part) -> tuple[str, ...]:
    if part.gap or len(part.words) + len(part.prefixes) != 1:
        return ()
    return part.words or part.prefixes
