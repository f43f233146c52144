"""The small language in which vocabulary is written: one phrase a line, read as a sequence of words.

Belongs here: parsing a phrase into word patterns, and folding words so that text and phrases meet. Does not
belong here: any vocabulary, and how patterns are searched for (that is ``nlp``).

    border patrol station      these words in this order; case, punctuation and plural endings do not matter
    detain*                    a word that begins so (at least three letters)
    (air|charter) flight       either; an alternative may hold several words
    license plate [reader]     the bracketed part may be missing
    meal .. detainee           up to two words between; '...' up to five; never across a sentence's end
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from unicodedata import normalize

_TOKEN: Final = re.compile(r"\(|\)|\||\[|\]|\.{2,3}|[^\W_]+(?:['’][^\W_]+)?\*?|\S")
_WORD: Final = re.compile(r"[^\W_]+\*?")
GAPS: Final = {"..": 2, "...": 5}
_MAX_EXPANSION: Final = 400


@dataclass(frozen=True)
class Part:
    """One place of a pattern: any of these whole words or beginnings of words, or a gap of up to ``gap`` words."""

    words: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    gap: int = 0

    def reads(self, word: str) -> bool:
        """True when the folded word stands for this part (gaps read nothing by themselves)."""
        return word in self.words or word.startswith(self.prefixes)


Pattern = tuple[Part, ...]


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """Lower case without possessive and plural endings: DETAINEES, Detainee's and detainee are one word.

    Letters in another dress (full width, ligatures) are the plain ones: Unicode's form NFKC.
    """
    low = (word if word.isascii() else normalize("NFKC", word)).lower()
    for mark in ("'s", "’s"):
        low = low.removesuffix(mark)
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        return low[:-1]
    return low


def parse(phrase: str) -> tuple[Pattern, ...]:
    """All patterns a phrase stands for. Raises ValueError saying what is wrong with the phrase."""
    tokens = _TOKEN.findall(phrase)
    patterns, rest = _sequence(tokens, 0, phrase, "")
    if rest != len(tokens):
        raise ValueError(f"phrase '{phrase}': '{tokens[rest]}' closes nothing")
    unique = tuple(dict.fromkeys(patterns))
    for pattern in unique:
        words = [part for part in pattern if not part.gap]
        if not words or pattern[0].gap or pattern[-1].gap:
            raise ValueError(f"phrase '{phrase}': must begin and end with a word that is not optional on its own")
    return unique


def _sequence(pieces: list[str], at: int, phrase: str, closing: str) -> tuple[list[Pattern], int]:
    done: list[Pattern] = []
    current: list[Pattern] = [()]
    while at < len(pieces):
        piece = pieces[at]
        if piece in (")", "]"):
            if piece != closing:
                raise ValueError(f"phrase '{phrase}': '{piece}' closes nothing")
            break
        if piece == "|":
            if not closing:
                raise ValueError(f"phrase '{phrase}': put alternatives in round brackets")
            done, current, at = done + current, [()], at + 1
            continue
        if piece in ("(", "["):
            inner, at = _sequence(pieces, at + 1, phrase, ")" if piece == "(" else "]")
            if at >= len(pieces):
                raise ValueError(f"phrase '{phrase}': a bracket is not closed")
            options = [*_merged(inner), ()] if piece == "[" else _merged(inner)
        else:
            options = [_part(piece, phrase)]
        current = [left + right for left in current for right in options]
        if len(current) + len(done) > _MAX_EXPANSION:
            raise ValueError(f"phrase '{phrase}': stands for more than {_MAX_EXPANSION} patterns; split it")
        at += 1
    return done + current, at


def _merged(options: list[Pattern]) -> list[Pattern]:
    """Alternatives of one word each become one part, so that patterns stay few."""
    single = [o[0] for o in options if len(o) == 1 and not o[0].gap]
    rest = [o for o in options if not (len(o) == 1 and not o[0].gap)]
    if not single:
        return rest
    words = tuple(dict.fromkeys(w for part in single for w in part.words))
    prefixes = tuple(dict.fromkeys(p for part in single for p in part.prefixes))
    return [(Part(words, prefixes),), *rest]


def _part(token: str, phrase: str) -> Pattern:
    if token in GAPS:
        return (Part(gap=GAPS[token]),)
    prefix = token.endswith("*")
    words = _WORD.findall(fold(token.rstrip("*")) if not prefix else token.rstrip("*").lower())
    if not words:
        if token in {"&", "-", "/", ",", "."}:  # punctuation is written for the human eye only
            return ()
        raise ValueError(f"phrase '{phrase}': '{token}' is no word")
    if prefix and len(words[-1]) < 3:
        raise ValueError(f"phrase '{phrase}': '{token}' would match too much; write at least three letters")
    last = len(words) - 1
    return tuple(Part((), (w,)) if prefix and i == last else Part((w,)) for i, w in enumerate(words))
