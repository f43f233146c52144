"""Words of a record's text with their places: folding, sentence ends, and slips of the keyboard.

Belongs here: cutting text into folded words that keep their character offsets. Does not belong here: what any
word means (``ordinance``), searching for phrases (``nlp.phrasing``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ordinance.phrases import fold

# A word, or a mark that ends a sentence or clause when space or the end follows.
_PIECE: Final = re.compile(r"[^\W_]+(?:['’][sS]\b)?|[.;|!?]+(?=\s|$)")
# What a terminal or browser does not show, and what must therefore neither part a word nor hide one: colours and other
# control sequences (ECMA-48; one without parameters only where no word follows), controls but blanks, soft hyphens,
# zero-width and direction marks. What stands between other escapes is read: not to be shown is no reason to be missed.
_UNSEEN: Final = re.compile(
    "(?:\x1b\\[|\x9b)(?:[0-?]+[ -/]*[@-~]|m|[HJK](?![A-Za-z]))"
    "|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
END: Final = "."
_SHORTEST_CORRECTED: Final = 7
_LONGEST_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class Words:
    """A text's folded words; ``starts``/``ends`` are character offsets in the text as given."""

    folded: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def joined(self) -> str:
        """All words between single spaces, with one at either end, for the many-pattern gate."""
        return f" {' '.join(self.folded)} "


class Speller:
    """Puts right one slip (a letter missing, doubled, wrong or swapped) in long words of the vocabulary.

    Only words that are in no list are touched, and never the first letter unless it is missing, because
    RETENTION is no slip for DETENTION. Corrections change what is searched, never what is quoted.
    """

    def __init__(self, vocabulary: Iterable[str], untouched: Iterable[str] = ()) -> None:
        self._known = frozenset(vocabulary)
        self._untouched = frozenset(fold(word) for word in untouched)
        self._deletes: dict[str, str] = {}
        for word in sorted(self._known):
            if len(word) >= _SHORTEST_CORRECTED and word.isalpha():
                for variant in _deletes(word):
                    self._deletes.setdefault(variant, word)
        self._memory: dict[str, str] = {}

    def correct(self, word: str) -> str:
        """The vocabulary's word that ``word`` (folded) was meant to be, else ``word`` itself."""
        if not _SHORTEST_CORRECTED - 1 <= len(word) <= _LONGEST_WORD or word in self._known or not word.isalpha():
            return word
        found = self._memory.get(word)
        if found is None:
            found = self._search(word)
            if len(self._memory) < 200_000:
                self._memory[word] = found
        return found

    def _search(self, word: str) -> str:
        if word in self._untouched:
            return word
        for variant in (word, *_deletes(word)):
            meant = self._deletes.get(variant) or (variant if variant in self._known
                                                   and len(variant) >= _SHORTEST_CORRECTED else None)
            if meant is not None and _one_slip(word, meant):
                return meant
        return word


def words(text: str, speller: Speller | None = None) -> Words:
    """The text's folded words and sentence ends, in order, with their offsets."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    if _UNSEEN.search(text):
        seen, places = _visible(text)
        inner = words(seen, speller)
        return Words(inner.folded, tuple(places[start] for start in inner.starts),
                     tuple(places[end - 1] + 1 for end in inner.ends))
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece[0].isalnum():
            word = fold(piece)
            if speller is not None:
                word = speller.correct(word)
        else:
            word = END
        folded.append(word)
        starts.append(match.start())
        ends.append(match.end())
    return Words(tuple(folded), tuple(starts), tuple(ends))


def _visible(text: str) -> tuple[str, list[int]]:
    """What a person would see of a text, and where each of its characters stands."""
    places: list[int] = []
    at = 0
    for unseen in _UNSEEN.finditer(text):
        places += range(at, unseen.start())
        at = unseen.end()
    places += range(at, len(text))
    return "".join(text[place] for place in places), places


def _deletes(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def _one_slip(typed: str, meant: str) -> bool:
    """True when one missing, added, wrong or swapped letter explains the difference."""
    if typed == meant:
        return False
    if len(typed) == len(meant):
        differing = [i for i, (a, b) in enumerate(zip(typed, meant, strict=True)) if a != b]
        if differing[0] == 0:
            return False
        swapped = (len(differing) == 2 and differing[1] == differing[0] + 1
                   and typed[differing[0]] == meant[differing[1]] and typed[differing[1]] == meant[differing[0]])
        return len(differing) == 1 or swapped
    if len(typed) + 1 == len(meant):
        return any(meant[:i] + meant[i + 1 :] == typed for i in range(len(meant)))
    if len(typed) == len(meant) + 1:
        return typed[0] == meant[0] and any(typed[:i] + typed[i + 1 :] == meant for i in range(1, len(typed)))
    return False
