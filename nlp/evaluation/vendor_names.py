"""Whether two vendor names of one document mean the same vendor: short form and full form, legal forms, initials.

Belongs here: the comparison an evaluation needs, within one document, where few names could be confused. Does not
belong here: resolving companies across records (``entities``), which needs far more care.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cleanco import basename

from ordinance.phrases import fold
from ordinance.products import products

_WORD: Final = re.compile(r"[^\W_]+")
_ASIDE: Final = re.compile(r"\(([^()]*)\)")
# Words that say what a company is, not which one; a name of only these is compared whole.
_GENERIC: Final = frozenset((
    "the", "a", "an", "and", "of", "group", "company", "co", "corp", "corporation", "inc", "incorporated",
    "llc", "ltd", "plc", "lp", "llp", "us", "usa", "america", "federal", "government", "solution", "service",
    "technology", "technologie", "international", "holding", "systems", "system", "global",
))


def same_vendor(one: str, other: str) -> bool:
    """True where both names mean one vendor: 'GEO' and 'The GEO Group, Inc.', 'MTC' and 'Management & Training'"""
    return any(_same(a, b) for a in _forms(one) for b in _forms(other))


@lru_cache(maxsize=4096)
def _forms(name: str) -> tuple[tuple[str, ...], ...]:
    """The name's words, whole and without legal form; what stands in brackets is a name of its own."""
    found: dict[tuple[str, ...], None] = {}
    for text in (_ASIDE.sub(" ", name), *_ASIDE.findall(name)):
        for spelled in (text, basename(text)):
            words = [fold(word) for word in _WORD.findall(spelled)]
            if words:
                found[tuple(words[1:] if len(words) > 1 and words[0] == "the" else words)] = None
    return tuple(found)


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    short, full = sorted((one, other), key=lambda words: (len(words), words))
    if "".join(short) == "".join(full) or _makers(short) & _makers(full):
        return True
    if full[: len(short)] == short and _core(short):
        return True
    if len(short) == 1 and len(full) > 1 and short[0] in (_initials(full), _initials(_core(full))):
        return True
    return bool(_core(short)) and _core(short) == _core(full) and set(short) <= set(full)


def _core(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _GENERIC)


def _initials(words: tuple[str, ...]) -> str:
    return "".join(word[0] for word in words if word not in ("and", "of", "the"))


def _makers(words: tuple[str, ...]) -> frozenset[str]:
    """Makers of ordinance/products.yaml that trade under exactly this name."""
    return _by_name().get(" ".join(words), frozenset())


@lru_cache(maxsize=1)
def _by_name() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for maker in products().makers:
        for name in (maker.name, *maker.names):
            found.setdefault(" ".join(fold(word) for word in _WORD.findall(name)), set()).add(maker.id)
    return {name: frozenset(ids) for name, ids in found.items()}
