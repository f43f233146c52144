"""Which words of one reading are met by words of another: the same, joined, misspelt, or cut off.

Belongs here: that alignment, whole arrays at once, word position first (loops run over positions, numpy over pairs).
Does not belong here: what it is worth (features, scorecard).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from entities.matching.encoding import Names, WordArrays

I64 = NDArray[np.int64]
F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
#: Least similarity by which two words of five letters or more are one misspelt.
_TYPO: Final = 0.8
_CUT_OFF, _BEGINNING = np.float32(0.95), np.float32(0.7)  # how far a cut-off word, and a shortened one, is the word
_NO_WORD: Final = np.uint32(0xFFFFFFFF)


class Side:
    """One side of many pairs: arrays (word position, pair) of words, what is known of them, and which are met."""

    def __init__(self, names: Names, rows: I64, known: WordArrays) -> None:
        self.count = names.count[rows]
        width = max(int(self.count.max(initial=0)), 1)
        self.word = np.ascontiguousarray(names.word[rows, :width].T)
        self.hashed = np.ascontiguousarray(names.hashed[rows, :width].T)
        self.joined = names.joined[rows, :width].T
        self.initials = names.initials[rows]
        self.cut = names.cut[rows]
        self.rarity, self.kind = known.rarity[self.word], known.kind[self.word]
        self.trade, self.digits = known.trade[self.word], known.digits[self.word]
        self.ordinary, self.length = known.ordinary[self.word], known.length[self.word]
        self.met = np.zeros(self.word.shape, bool)
        self.near: F32 = np.zeros(self.word.shape, np.float32)
        self.alike = np.zeros(len(rows), bool)

    @property
    def rest(self) -> Bools:
        """Words that nothing of the other side meets."""
        found: Bools = (self.word > 0) & ~self.met
        return found

    def initials_of(self, other: Side) -> F32:
        """How far the first word is the initials of the other side's words: whole names of four letters count fully."""
        hit = ((other.initials > 0) & (self.hashed[0][:, None] == other.initials)).any(1)
        whole = np.where(self.count == 1, np.where(self.length[0] > 3, 1.0, 0.7), 0.3).astype(np.float32)
        return np.where(hit, whole, np.float32(0))


def align(one: Side, two: Side, known: WordArrays) -> None:
    """Marks in both sides which words are met, and how nearly (1 the same, less when misspelt or cut off)."""
    for at, word in enumerate(one.word):
        for to, other in enumerate(two.word):
            same = (word == other) & (word > 0)
            one.met[at] |= same
            two.met[to] |= same
    _join(one, two)
    _join(two, one)
    one.near[one.met], two.near[two.met] = 1, 1
    _similar(one, two, known)


def _join(single: Side, double: Side) -> None:
    """A word of one side that is two neighbouring words of the other (WAVEBAND, WAVE BAND): all three are met."""
    for to, joined in enumerate(double.joined[:-1]):
        if not joined.any():
            continue
        known = np.where(joined > 0, joined, _NO_WORD)
        for at, word in enumerate(single.hashed):
            hit = word == known
            if hit.any():
                single.met[at] |= hit
                double.met[to] |= hit
                double.met[to + 1] |= hit


def _similar(one: Side, two: Side, known: WordArrays) -> None:
    """Words that are not the same but one misspelt, cut off or shortened."""
    at, to, row = _leftovers(one, two, known)
    if not len(row):
        return
    x, y = one.word[at, row], two.word[to, row]
    keep = _worth_a_look(x, y, known)
    at, to, row, x, y = at[keep], to[keep], row[keep], x[keep], y[keep]
    if not len(row):
        return
    low, high = np.minimum(x, y).astype(np.int64), np.maximum(x, y).astype(np.int64)
    key, back = np.unique(low * (1 << 32) + high, return_inverse=True)
    typo, begins = _word_likeness(known.spelled[key >> 32], known.spelled[key & 0xFFFFFFFF])
    length_x, length_y = one.length[at, row], two.length[to, row]
    # a last word of a name that may be cut off is the beginning of the other's word
    cut = (one.cut[row] & (at == one.count[row] - 1) & (length_x < length_y)) | (
        two.cut[row] & (to == two.count[row] - 1) & (length_y < length_x))
    short = np.minimum(length_x, length_y)
    shortened = np.where(begins[back], np.where(cut, _CUT_OFF, np.where(short >= 4, _BEGINNING, 0)), 0)
    value = np.maximum(typo[back], shortened).astype(np.float32)
    hit = value > 0
    at, to, row, value = at[hit], to[hit], row[hit], value[hit]
    np.maximum.at(one.near, (at, row), value)
    np.maximum.at(two.near, (to, row), value)
    one.met[at, row], two.met[to, row], one.alike[row] = True, True, True


def _leftovers(one: Side, two: Side, known: WordArrays) -> tuple[I64, I64, I64]:
    """(position, position, pair) of words not met on both sides that begin with the same letter."""
    rest_a, rest_b = one.rest, two.rest
    initial_a, initial_b = known.initial[one.word], known.initial[two.word]
    found: list[tuple[int, int, I64]] = []
    for at in range(len(rest_a)):
        if not rest_a[at].any():
            continue
        for to in range(len(rest_b)):
            rows = np.flatnonzero(rest_a[at] & rest_b[to] & (initial_a[at] == initial_b[to]))
            if len(rows):
                found.append((at, to, rows))
    sizes = [len(rows) for _, _, rows in found]
    return (np.repeat(np.array([at for at, _, _ in found], np.int64), sizes),
            np.repeat(np.array([to for _, to, _ in found], np.int64), sizes),
            np.concatenate([rows for _, _, rows in found]) if found else np.zeros(0, np.int64))


def _worth_a_look(x: NDArray[np.int32], y: NDArray[np.int32], known: WordArrays) -> Bools:
    """Word pairs that may be alike: their letters differ little, or they begin with the same three."""
    length_x, length_y = known.length[x], known.length[y]
    longest, shortest = np.maximum(length_x, length_y), np.minimum(length_x, length_y)
    changes = ((1 - _TYPO) * longest + 0.001).astype(np.int16)  # an edit changes two of the letters that occur at most
    near = (np.bitwise_count(known.letters[x] ^ known.letters[y]) <= 2 * changes) & (longest - shortest <= changes)
    found: Bools = (near & (shortest >= 5)) | (known.head[x] == known.head[y]) | (shortest < 3)
    return found


def _word_likeness(one: NDArray[np.object_], two: NDArray[np.object_]) -> tuple[F32, Bools]:
    """For pairs of words: similarity as one misspelt (0 below the least), and whether one begins the other."""
    pairs = list(zip(one, two, strict=True))
    long = np.fromiter((min(len(x), len(y)) >= 5 for x, y in pairs), bool, len(pairs))
    alike = process.cpdist(one, two, scorer=DamerauLevenshtein.normalized_similarity, dtype=np.float32)
    typo = np.where((alike >= _TYPO) & long, alike, 0).astype(np.float32)
    begins = np.fromiter((x.startswith(y) or y.startswith(x) for x, y in pairs), bool, len(pairs))
    return typo, begins
