"""The cheap gate: whether a text can hold a statement at all, before spaCy sees it.

A text passes when it holds a word of an immigration agency (or a place where immigrants are held) AND a word of a
service, product, maker, facility or of contracting. Belongs here: the two lists of beginnings and the search.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import ahocorasick_rs

from nlp.phrasing import anchors
from ordinance.agencies import agencies
from ordinance.phrases import parse
from ordinance.priors import priors
from ordinance.products import products
from ordinance.prose import prose, prose_services

_BLANKS: Final = {ord(mark): " " for mark in "\n\t\r\f\v!\"#%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’«»—–…•·"}


@lru_cache(maxsize=1)
def _gate() -> tuple[ahocorasick_rs.AhoCorasick, list[int]]:
    first: set[str] = {f" {word}" for word in prose().gate_agency}
    second: set[str] = {f" {word}" for word in prose().gate_supply}
    for agency in agencies():
        if agency.role == "agency":
            first.update(name.lower() for name in agency.names if len(name) > 4)
    data = priors()
    first |= {f" {word} " for word in prose().gate_whole}
    first.update(a for facility in data.facilities for phrase in facility.aliases for a in _anchors_of(phrase))
    for phrases in (
        *(vendor.names for vendor in data.vendors),
        *(maker.names for maker in products().makers),
        *(product.aliases for product in products().products),
        *(service.phrases for service in prose_services()),
    ):
        second.update(anchor for phrase in phrases for anchor in _anchors_of(phrase))
    words = sorted({_plain(word) for word in first | second} - {"", " "})
    one, two = {_plain(word) for word in first}, {_plain(word) for word in second}
    kinds = [(1 if word in one else 0) | (2 if word in two else 0) for word in words]
    return ahocorasick_rs.AhoCorasick(words), kinds


def opens(text: str) -> bool:
    """Whether the full reader should read the text."""
    gate, kinds = _gate()
    seen = 0
    for index, _, _ in gate.find_matches_as_indexes(f" {_plain(text)} ", overlapping=True):
        seen |= kinds[index]
        if seen == 3:
            return True
    return False


def _plain(text: str) -> str:
    """Lower case with marks as blanks; the length may change, no place is taken from it."""
    return text.lower().translate(_BLANKS)


def _anchors_of(phrase: str) -> list[str]:
    """Strings of which one stands in any text the phrase reads; without the ending that a plural changes."""
    return [anchor.strip().removesuffix("y") for pattern in parse(phrase) for anchor in anchors(pattern)]
