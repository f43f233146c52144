"""Names as arrays of word numbers, so that many pairs are compared at once.

Belongs here: the vocabulary (each word once, with its rarity and kind) and names put into it. Does not belong here:
reading a name (spelling), comparing two (features).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from entities.matching.spelling import Name, Reading, read_name
from entities.matching.words import Kind, Words, stem, words

WIDTH: Final = 10  # words kept of a reading
_COLUMNS: Final = ("word", "hashed", "joined", "initials", "letters", "count", "form", "cut", "compact")
_FORM_GROUPS: Final = {form: number for number, group in enumerate(
    (("INC", "CORP", "CO", "LTD", "PLC", "SA", "NV", "AG", "AB", "KK"), ("LLC", "LP", "LLP", "PC", "JV"), ("NA",)),
    start=1) for form in group}

Ints = NDArray[np.int32]
Hashes = NDArray[np.uint32]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class WordArrays:
    """By word number: rarity in bits, kind, trades (one bit each), whether it is short or an ordinary word, its
    spelling, its length, its first character, whether it is a number, and what tells unlike words at a glance."""

    rarity: Floats
    kind: NDArray[np.int8]
    trade: Ints
    ordinary: NDArray[np.bool_]
    spelled: NDArray[np.object_]
    length: NDArray[np.int16]
    initial: Ints
    digits: NDArray[np.bool_]
    head: Hashes  # of the first three letters
    letters: Hashes  # which letters occur, one bit each


class Vocabulary:
    """Words seen, numbered from 1 (0 stands for no word). Grows as names are added; never forgets."""

    def __init__(self, table: Words | None = None) -> None:
        self.table = table or words()
        self.numbers: dict[str, int] = {"": 0}
        self.spelled: list[str] = [""]
        self._rarity: list[float] = [0.0]
        self._kind: list[int] = [0]
        self._trade: list[int] = [0]
        self._ordinary: list[bool] = [False]
        self._shape: list[tuple[int, int, bool, int, int]] = [(0, 0, False, 0, 0)]
        self._arrays: WordArrays | None = None

    def number(self, word: str) -> int:
        """The word's number, given on first sight."""
        found = self.numbers.get(word)
        if found is not None:
            return found
        number = len(self.spelled)
        self.numbers[word] = number
        self.spelled.append(word)
        table = self.table
        self._rarity.append(table.rarity(word))
        self._kind.append(int(table.kinds.get(word, Kind.NAME)))
        self._trade.append(1 << table.trades[word] if word in table.trades else 0)
        self._ordinary.append(len(word) <= 3 - (len(word) == 3 and not word.isalpha()) or word in table.ordinary)
        self._shape.append((len(word), ord(word[0]), word.isdigit(), _hash(word[:3]), _letter_set(word)))
        return number

    def arrays(self) -> WordArrays:
        """What is known of the words, by word number."""
        if self._arrays is None or len(self._arrays.rarity) != len(self.spelled):
            spelled = np.empty(len(self.spelled), object)
            spelled[:] = self.spelled
            length, initial, digits, head, letters = (np.array(column) for column in zip(*self._shape, strict=True))
            self._arrays = WordArrays(np.array(self._rarity, np.float32), np.array(self._kind, np.int8),
                                      np.array(self._trade, np.int32), np.array(self._ordinary, bool), spelled,
                                      length.astype(np.int16), initial.astype(np.int32), digits.astype(bool),
                                      head.astype(np.uint32), letters.astype(np.uint32))
        return self._arrays


@dataclass(frozen=True)
class Names:
    """Readings of names as arrays; ``first[i]`` to ``first[i + 1]`` are the readings of name i."""

    raw: tuple[str, ...]
    first: NDArray[np.int64]
    word: Ints  # (readings, WIDTH) word numbers, 0 after the last
    hashed: Hashes  # (readings, WIDTH) hashes of the words, 0 after the last
    joined: Hashes  # (readings, WIDTH) hashes of each word joined to the next one (WAVE BAND -> WAVEBAND)
    initials: Hashes  # (readings, 2) hashes of the initials, without and with the legal form's; 0 for fewer than three
    letters: Hashes  # (readings, 3) hashes of the whole name, its beginning and its consonants; 0 where too short
    count: NDArray[np.int16]  # words
    form: NDArray[np.int8]  # group of the legal form, 0 for none
    cut: NDArray[np.bool_]
    compact: NDArray[np.object_]  # the words without spaces

    def __len__(self) -> int:
        """How many names."""
        return len(self.raw)


def encode(raw: Sequence[str | None], vocabulary: Vocabulary) -> Names:
    """The names as arrays; a name without readings (None, blank) has one empty reading, which matches nothing."""
    rows: list[Reading] = []
    first = np.zeros(len(raw) + 1, np.int64)
    for at, name in enumerate(raw):
        rows.extend(_readings(read_name(name)))
        first[at + 1] = len(rows)
    number = vocabulary.number
    word = np.zeros((len(rows), WIDTH), np.int32)
    hashed = np.zeros((len(rows), WIDTH), np.uint32)
    joined = np.zeros((len(rows), WIDTH), np.uint32)
    initials = np.zeros((len(rows), 2), np.uint32)
    for at, row in enumerate(rows):
        listed = row.words
        size = len(listed)
        word[at, :size] = [number(one) for one in listed]
        hashed[at, :size] = [_hash(one) for one in listed]
        if size > 1:
            joined[at, : size - 1] = [_hash(stem(one + two)) for one, two in pairwise(row.written)]
            letters = "".join(one[0] for one in listed)
            if size > 2:
                initials[at, 0] = _hash(letters)
            if row.forms and size + 1 > 2:
                initials[at, 1] = _hash(letters + row.forms[0][0])
    whole = ["".join(row.words) for row in rows]
    compact = np.empty(len(rows), object)
    compact[:] = whole
    return Names(
        raw=tuple(name or "" for name in raw), first=first, word=word, hashed=hashed, joined=joined, initials=initials,
        form=np.array([_FORM_GROUPS.get(row.forms[0], 1) if row.forms else 0 for row in rows], np.int8),
        count=np.array([len(row.words) for row in rows], np.int16),
        cut=np.array([row.cut for row in rows], bool), compact=compact,
        letters=np.array([_letters(text) for text in whole], np.uint32).reshape(len(rows), 3),
    )


def joined(one: Names, two: Names) -> Names:
    """Both lists as one, the first's names first. They must share a vocabulary."""
    columns = {name: np.concatenate([getattr(one, name), getattr(two, name)]) for name in _COLUMNS}
    return Names(raw=one.raw + two.raw, first=np.r_[one.first, two.first[1:] + one.first[-1]], **columns)


def _letter_set(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _hash(word: str) -> int:
    return crc32(word.encode()) or 1


def _letters(compact: str) -> tuple[int, int, int]:
    """Keys of a whole name: all of it, its first six letters, its first consonants (a misspelt vowel keeps them)."""
    bones = compact.translate(_VOWELS)
    return (crc32(compact.encode()) if compact else 0, crc32(compact[:6].encode()) if len(compact) >= 6 else 0,
            crc32(bones[:7].encode()) if len(bones) >= 4 else 0)


_VOWELS: Final = str.maketrans("", "", "AEIOUYH")
_NOTHING: Final = (Reading((), (), (), False),)


def _readings(name: Name) -> tuple[Reading, ...]:
    return name.readings or _NOTHING
