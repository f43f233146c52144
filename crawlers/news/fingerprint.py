"""Near-duplicates: one wire story in many outlets is one story (corroboration must not count copies).

Belongs here: a text's fingerprint, how alike two are, and which documents tell one story. Does not belong here:
weighing evidence (ordinance/weights, warehouse).

The fingerprint is a one-permutation MinHash (Li, Owen, Zhang 2012) over shingles of five folded words: 64 values of
32 bits, in hex. Fingerprints of two texts agree in about as many places as the texts share shingles (Jaccard).
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from records.ids import digest

BINS: Final = 64
WORDS: Final = 5
ALIKE: Final = 0.35  # share of equal places from which two documents tell one story
FEWEST: Final = 30  # words below which a text has no fingerprint
_CROWD: Final = 200  # a value that more documents share is boilerplate and proposes nothing
_EMPTY: Final = np.uint32(0xFFFFFFFF)
_WORD: Final = re.compile(r"\w+")
_Values = npt.NDArray[np.uint32]


def fingerprint(text: str) -> str | None:
    """512 hex digits; None for a text too short to tell."""
    words = [word.lower() for word in _WORD.findall(text)]
    if len(words) < FEWEST:
        return None
    table = {word: zlib.crc32(word.encode()) for word in set(words)}
    hashes = np.fromiter((table[word] for word in words), dtype=np.uint64, count=len(words))
    shingles = np.zeros(len(words) - WORDS + 1, dtype=np.uint64)
    for place in range(WORDS):
        shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + hashes[place: place + len(shingles)]
    shingles = _mixed(shingles)
    made = np.full(BINS, _EMPTY, dtype=np.uint32)
    values = np.minimum(shingles & np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFE)).astype(np.uint32)
    np.minimum.at(made, (shingles >> np.uint64(58)).astype(np.int64), values)
    return made.astype(">u4").tobytes().hex()


def alike(left: str, right: str) -> float:
    """Estimated share (0 to 1) of shingles two texts have in common. Raises ValueError for what is no fingerprint."""
    return _alike(_values(left), _values(right))


@dataclass(frozen=True)
class Told:
    """What grouping needs of a document."""

    document_id: str
    fingerprint: str | None
    published_at: datetime | None = None


def stories(documents: Iterable[Told]) -> dict[str, str]:
    """Story id by document id: documents alike, directly or through others, share one.

    The id is made from the earliest document of the group (by publication, then id), so that later copies do not
    change it. Documents without a fingerprint are stories of their own.
    """
    known = {one.document_id: one for one in documents}
    values = {name: _values(one.fingerprint) for name, one in known.items() if one.fingerprint}
    groups = {name: name for name in known}
    for left, right in _proposed(values):
        if _root(groups, left) != _root(groups, right) and _alike(values[left], values[right]) >= ALIKE:
            groups[_root(groups, left)] = _root(groups, right)
    members: defaultdict[str, list[Told]] = defaultdict(list)
    for name, one in known.items():
        members[_root(groups, name)].append(one)
    found: dict[str, str] = {}
    for group in members.values():
        first = min(group, key=lambda one: (one.published_at or datetime.max.replace(tzinfo=UTC), one.document_id))
        story = "y" + digest(first.document_id)
        found.update((one.document_id, story) for one in group)
    return found


def _proposed(values: Mapping[str, _Values]) -> Iterable[tuple[str, str]]:
    """Pairs that share at least two places: all that can be alike, few others."""
    holders: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for name in sorted(values):
        for place, value in enumerate(values[name].tolist()):
            if value != _EMPTY:
                holders[place, value].append(name)
    shared: defaultdict[tuple[str, str], int] = defaultdict(int)
    for names in holders.values():
        if len(names) > _CROWD:  # a chain is enough to join what is alike
            for pair in pairwise(names):
                shared[pair] += 1
        else:
            for pair in combinations(names, 2):
                shared[pair] += 1
    return [pair for pair, count in sorted(shared.items()) if count >= 2]


def _alike(left: _Values, right: _Values) -> float:
    filled = (left != _EMPTY) | (right != _EMPTY)
    both = int(np.count_nonzero(filled))
    return int(np.count_nonzero((left == right) & filled)) / both if both else 0.0


def _values(text: str) -> _Values:
    data = bytes.fromhex(text)
    if len(data) != 4 * BINS:
        raise ValueError(f"a fingerprint has {8 * BINS} hex digits, not {len(text)}")
    return np.frombuffer(data, dtype=">u4").astype(np.uint32)


def _root(groups: dict[str, str], name: str) -> str:
    while groups[name] != name:
        groups[name] = groups[groups[name]]
        name = groups[name]
    return name


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """splitmix64's finaliser: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
