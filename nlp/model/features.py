"""What the trained model looks at: words and pairs of words of an award's columns, each with its place.

Belongs here: cutting an award into features. Does not belong here: weights (``linear``), rules (``nlp.evidence``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ordinance.phrases import fold

_WORD: Final = re.compile(r"[^\W_]+(?:['’][sS]\b)?")
# Words of every federal record: they say how it was bought, never what.
_STOP: Final = frozenset((
    "a", "an", "and", "at", "be", "by", "for", "from", "has", "have", "in", "into", "is", "it", "of", "on",
    "or", "per", "that", "the", "this", "to", "was", "will", "with", "not", "no", "all", "igf", "ot", "cl",
    "ct", "contract", "award", "order", "task", "delivery", "modification", "mod", "purchase", "option",
    "period", "year", "base", "exercise", "funding", "fund", "deobligate", "obligate", "obligation",
    "administrative", "clin", "cor", "po", "purpose", "requirement", "as", "via", "other",
))
# field of an award -> mark of its features; one word of a name or code says more than where two stand together
_FIELDS: Final = {"recipient": "r", "parent": "r", "psc": "p", "naics": "n", "office": "o", "agency": "a"}
_MOST_WORDS: Final = 400  # of one description; later words hardly ever decide
_CACHED: Final = 60_000


@dataclass(frozen=True, slots=True)
class Feature:
    """A word or two neighbouring words: its key in the model, where it stands (index -1: not a description)."""

    key: str
    field: str
    index: int
    start: int
    end: int
    text: str


def features(award: Mapping[str, str], descriptions: tuple[str, ...], codes: tuple[str, str]) -> Iterator[Feature]:
    """All features of an award, in order; ``codes`` are the product or service code and the NAICS code."""
    for index, text in enumerate(descriptions):
        for key, start, end in _cut(text):
            yield Feature(key, "descriptions", index, start, end, text[start:end])
    for field, mark in _FIELDS.items():
        text = award.get(field) or ""
        if text:
            for key, start, end in _cut(text):
                yield Feature(f"{mark}:{key}", field, -1, start, end, text[start:end])
    for field, code in zip(("psc_code", "naics_code"), codes, strict=True):
        if code:
            yield Feature(f"{field[0]}#{code.upper()}", field, -1, 0, len(code), code)


@lru_cache(maxsize=_CACHED)
def _cut(text: str) -> tuple[tuple[str, int, int], ...]:
    """Words that may say something and pairs of neighbours among them, with their places in the text."""
    found: list[tuple[str, int, int]] = []
    before: tuple[str, int] | None = None
    for count, match in enumerate(_WORD.finditer(text)):
        if count >= _MOST_WORDS:
            break
        word = fold(match.group())
        if len(word) < 2 or word in _STOP or not word.isalpha():
            before = before if word in _STOP else None
            continue
        start, end = match.span()
        found.append((word, start, end))
        if before is not None:
            found.append((f"{before[0]} {word}", before[1], end))
        before = (word, start)
    return tuple(found)
