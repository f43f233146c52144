"""What a name is worth as a fact: its distinctive core, and whether it can tell a company by itself.

Belongs here: legal forms off, short and ordinary names. Does not belong here: one spelling (entities.names), scores of
two names (the matcher).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from entities.names import normalise
from ordinance.families import families

_FORMS: Final = frozenset({
    "INC", "CORP", "CO", "LTD", "LLC", "LP", "LLP", "PLC", "PLLC", "LLLP", "GP", "PC", "PA", "JV", "SA", "AG",
    "NV", "BV", "SE", "SARL", "GMBH", "PTY", "AB", "AS", "OY", "SPA", "KG", "ULC",
})  # fmt: skip
#: Words that many companies share: of a name of two words, one must be another.
_COMMON: Final = frozenset({
    "GROUP", "HOLDINGS", "HOLDING", "SERVICES", "SERVICE", "SOLUTIONS", "SYSTEMS", "TECHNOLOGIES", "TECHNOLOGY",
    "INTERNATIONAL", "AMERICA", "AMERICAN", "USA", "US", "GLOBAL", "NATIONAL", "GENERAL", "FEDERAL", "GOVERNMENT",
    "SECURITY", "CONSULTING", "ENTERPRISES", "INDUSTRIES", "ASSOCIATES", "PARTNERS", "MANAGEMENT", "OF", "AND",
    "THE", "FOR",
})  # fmt: skip
_LEAST_LETTERS: Final = 6


@lru_cache(maxsize=200_000)
def core(name: str) -> str:
    """A name in one spelling without the legal forms at its end; the name itself where nothing would be left."""
    words = normalise(name).split()
    end = len(words)
    while end and words[end - 1] in _FORMS:
        end -= 1
    return " ".join(words[:end] or words)


def has_form(name: str) -> bool:
    """True where the name says its legal form."""
    words = normalise(name).split()
    return len(words) > 1 and words[-1] in _FORMS


@lru_cache(maxsize=200_000)
def distinctive(name: str) -> bool:
    """False for short names, ordinary words and names of nothing but common words: those never tell a company alone.

    'CLEAR', 'GEO', 'BI INC', 'WEST' and 'GENERAL SERVICES INC' are not; 'PALANTIR' and 'GEO GROUP INC' are.
    """
    words = core(name).split()
    ordinary = families().ordinary
    if len(words) == 1:
        return len(words[0]) >= _LEAST_LETTERS and words[0] not in ordinary and words[0] not in _COMMON
    own = [word for word in words if word not in _COMMON]
    return bool(own) and len("".join(words)) >= _LEAST_LETTERS
