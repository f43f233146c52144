"""Finds, in a list of names, the few that may be the same company as a given name, without comparing all.

Belongs here: keys under which names meet, and the candidates that meet most weightily. Does not belong here: the
comparison itself (matcher). Names meet under a shared word, two neighbouring words as one, initials, the beginning or
the consonants of the whole name (misspellings, cut-off names). A key that very many names share is passed over: names
that share only such words meet under their neighbouring words or not at all, which keeps the cost of n names near n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.matching.alignment import Side, align
from entities.matching.encoding import Names
from entities.matching.matcher import Match, Matcher, Outcome, Scores
from entities.matching.words import Kind

_ENOUGH: Final = 100  # names looked at for one query, those under its rarest keys
_CLEAR: Final = 2.0  # bits above the threshold
_COMMON: Final = 500  # names under a query's rarest key, above which even that is passed over
_QUERIES: Final = 4_096  # names searched at once
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]


_HELD_BACK: Final = "in a long list, a name that lacks a word of the searched one is for a person to judge"


class Candidate(NamedTuple):
    """A name of the list that may be the searched one: its position, the name, and how far they match."""

    position: int
    name: str
    match: Match


class Hits(NamedTuple):
    """Pairs found by a search of many names: query, position in the list, bits, outcome code (0, 1, 2)."""

    query: I64
    position: I64
    bits: NDArray[np.float32]
    code: NDArray[np.int8]


class NameIndex:
    """A list of names that can be searched. Positions are those of the list given; names may repeat in it."""

    def __init__(self, names: Sequence[str | None], matcher: Matcher | None = None) -> None:
        self.matcher = matcher or Matcher()
        distinct: dict[str, int] = {}
        self._slot = np.fromiter((distinct.setdefault(name or "", len(distinct)) for name in names), np.int64,
                                 len(names))
        self._order = np.argsort(self._slot, kind="stable")
        self._starts = np.searchsorted(self._slot[self._order], np.arange(len(distinct) + 1))
        self.names: Names = self.matcher.encode(list(distinct))
        key, row = _keys(self.names)
        order = np.argsort(key, kind="stable")
        self._row = row[order]
        self._key, first = np.unique(key[order], return_index=True)
        self._first = np.r_[first, len(key)]

    def __len__(self) -> int:
        """How many names, repeated ones counted."""
        return len(self._slot)

    def search(self, name: str | None, limit: int = 10, *, least: Outcome = Outcome.REVIEW) -> list[Candidate]:
        """The names most like this one, best first, whose outcome is at least ``least``, each with its reasons.

        A name that stands several times in the list is given once, at its first position (``positions`` has all).
        """
        hits = self.search_many([name], limit, least=least)
        found: list[Candidate] = []
        for position, code in zip(hits.position, hits.code, strict=True):
            raw = self.names.raw[self._slot[position]]
            match = self.matcher.score(name, raw)
            if match.same and code == 1:
                match = replace(match, outcome=Outcome.REVIEW, notes=(*match.notes, _HELD_BACK))
            found.append(Candidate(int(position), raw, match))
        return sorted(found, key=lambda one: (-one.match.bits, one.name, one.position))

    def positions(self, position: int) -> list[int]:
        """All positions at which the name of this position stands."""
        slot = self._slot[position]
        return [int(at) for at in self._order[self._starts[slot] : self._starts[slot + 1]]]

    def search_many(self, names: Sequence[str | None], limit: int = 10, *, least: Outcome = Outcome.REVIEW) -> Hits:
        """Every name's best candidates of at least ``least``, by query and falling bits; at most ``limit`` each."""
        code = {Outcome.DIFFERENT: 0, Outcome.REVIEW: 1, Outcome.SAME: 2}[least]
        distinct = {name: at for at, name in enumerate(dict.fromkeys(name or "" for name in names))}
        queries = self.matcher.encode(list(distinct))
        parts = [self._some(queries, at, limit, code) for at in range(0, len(queries), _QUERIES)]
        query, slot, bits, found = (np.concatenate([part[field] for part in parts]) if parts else np.zeros(0, np.int64)
                                    for field in range(4))
        at = np.fromiter((distinct[name or ""] for name in names), np.int64, len(names))
        begin, end = np.searchsorted(query, at), np.searchsorted(query, at, side="right")
        take = _ranges(begin, end - begin)
        return Hits(np.repeat(np.arange(len(names)), end - begin), self._order[self._starts[slot[take]]],
                    bits[take].astype(np.float32), found[take].astype(np.int8))

    def _some(self, queries: Names, at: int, limit: int, least: int) -> Hits:
        """(query, slot, bits, code) of a run of queries, ordered by query and falling bits."""
        last = min(at + _QUERIES, len(queries))
        query, slot = self.candidates(queries, at, last, max(2 * limit, 24))
        scores = self.matcher.score_encoded(queries, self.names, query, slot)
        code = self._held_back(queries, scores)
        keep = code >= least
        query, slot, bits, code = query[keep], slot[keep], scores.bits[keep], code[keep]
        order = np.lexsort((slot, -bits, query))
        query, slot, bits, code = query[order], slot[order], bits[order], code[order]
        top = _rank(query) < limit
        return Hits(query[top], slot[top], bits[top], code[top])

    def _held_back(self, queries: Names, scores: Scores) -> NDArray[np.int8]:
        """Outcome codes for a search. In a long list many names share a word, so one is the searched company only when
        all its distinctive words are there, and when not both names say more than they share (unless it is clear)."""
        code = scores.code.copy()
        at = np.flatnonzero(code == 2)
        known = self.matcher.vocabulary.arrays()
        one, two = Side(queries, scores.rows_a[at], known), Side(self.names, scores.rows_b[at], known)
        align(one, two, known)
        lacks = (one.rest & (one.kind == Kind.NAME)).any(0)
        both = one.rest.any(0) & two.rest.any(0)
        clear = scores.bits[at] >= self.matcher.scorecard.same + _CLEAR
        code[at[lacks | (both & ~clear)]] = 1
        return code

    def candidates(self, queries: Names, at: int, last: int, most: int) -> tuple[I64, I64]:
        """Pairs (query, slot) of queries ``at`` to ``last`` that share keys, those of the rarest keys first, at most
        ``most`` a query."""
        query, where, size = self._reached(*_keys(queries, at, last))
        slot = self._row[_ranges(self._first[where], size)]
        pair = np.repeat(query, size) * np.int64(len(self.names)) + slot
        order = np.argsort(pair)
        pair = pair[order]
        starts = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]]) if len(pair) else np.zeros(0, np.int64)
        weight = np.repeat(np.log2((len(self.names) + 1) / size).astype(np.float32), size)[order]
        total = np.add.reduceat(weight, starts) if len(starts) else np.zeros(0, np.float32)
        query, slot = np.divmod(pair[starts], max(len(self.names), 1))
        if (np.bincount(query - at, minlength=1) > most).any():
            order = np.lexsort((slot, -total, query))
            query, slot = query[order], slot[order]
            top = _rank(query) < most
            query, slot = query[top], slot[top]
        return query, slot

    def _reached(self, key: U64, query: I64) -> tuple[I64, I64, I64]:
        """(query, place of the key, names under it) of the keys that are in the list, the rarest of each query up to
        as many names as are worth looking at."""
        if not len(self._key):
            return (np.zeros(0, np.int64),) * 3
        where = np.minimum(np.searchsorted(self._key, key), len(self._key) - 1)
        hit = self._key[where] == key
        query, where = query[hit], where[hit]
        size = self._first[where + 1] - self._first[where]
        order = np.lexsort((size, query))
        query, where, size = query[order], where[order], size[order]
        before = np.cumsum(size) - size
        starts = np.flatnonzero(np.r_[True, query[1:] != query[:-1]]) if len(query) else np.zeros(0, np.int64)
        before -= np.repeat(before[starts], np.diff(np.r_[starts, len(query)]))
        few = (before + size <= _ENOUGH) | ((before == 0) & (size <= _COMMON))
        return query[few], where[few], size[few]


def _ranges(begin: I64, size: I64) -> I64:
    """Numbers ``begin[i]`` to ``begin[i] + size[i]`` of every i, one after the other."""
    total = int(size.sum())
    ends = np.cumsum(size)
    return np.arange(total) - np.repeat(ends - size, size) + np.repeat(begin, size)


def _rank(group: I64) -> I64:
    """The position of each entry within its run of equals."""
    if not len(group):
        return group
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))


def _keys(names: Names, at: int = 0, last: int | None = None) -> tuple[U64, I64]:
    """(key, name number) of names ``at`` to ``last``, each pair once."""
    last = len(names) if last is None else last
    begin, end = names.first[at], names.first[last]
    owner = np.repeat(np.arange(at, last), np.diff(names.first[at : last + 1]))
    parts: list[tuple[U64, I64]] = []
    for offset, columns in ((0, names.hashed), (0, names.joined), (0, names.initials), (1, names.letters)):
        block = columns[begin:end]
        row, column = np.nonzero(block)
        key = block[row, column].astype(np.uint64)
        if offset:  # letters are keys of their own, one kind a column
            key |= (column + offset).astype(np.uint64) << np.uint64(32)
        parts.append((key, owner[row]))
    key, who = np.concatenate([key for key, _ in parts]), np.concatenate([who for _, who in parts])
    order = np.lexsort((key, who))
    key, who = key[order], who[order]
    new = np.r_[True, (key[1:] != key[:-1]) | (who[1:] != who[:-1])] if len(key) else np.zeros(0, bool)
    return key[new], who[new]
