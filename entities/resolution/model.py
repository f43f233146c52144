"""Shapes of resolution: nodes (ids as filed, with what is known of them), links, judgements, reviews, conflicts.

Belongs here: data classes and the order of ids. Does not belong here: any rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

Verdict = Literal["same", "different", "unsure"]
#: Kinds of ids, the steadiest first: a company is called by the first kind it has, of those by the earliest seen.
ID_KINDS: Final = ("uei", "duns", "listed", "cik", "lei", "name")


@dataclass
class Node:
    """One id as filed and what its records say. ``names`` and ``family`` are in one spelling (names.normalise).

    ``contracts`` are the awards and the vehicles they were ordered from: one contract has one contractor.
    """

    id: str
    names: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    family: set[str] = field(default_factory=set)
    contracts: set[str] = field(default_factory=set)
    shown: str = ""
    first_seen: date | None = None
    last_seen: date | None = None
    on_record: bool = False
    government: bool = False

    @property
    def kind(self) -> str:
        """uei, duns, listed, cik, lei or name."""
        return self.id.partition(":")[0]

    def saw(self, first: date | None, last: date | None) -> None:
        """Widen the days between which it was seen."""
        if first and (self.first_seen is None or first < self.first_seen):
            self.first_seen = first
        if last and (self.last_seen is None or last > self.last_seen):
            self.last_seen = last


@dataclass(frozen=True, order=True)
class Link:
    """Two ids that are one company, why, and how firmly: links of lower rank are taken first."""

    rank: int
    a: str
    b: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Judgement:
    """What a person said of two ids, from what they saw. ``number`` is its line in the journal."""

    number: int
    a: str
    b: str
    verdict: Verdict
    reason: str
    by: str
    at: str
    evidence_sha256: str | None = None
    matcher_version: str | None = None
    score_bits: float | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """The two ids in order."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)


@dataclass(frozen=True, order=True)
class Review:
    """Two ids that may be one company: a person should look."""

    a: str
    b: str
    rule: str
    reason: str
    score_bits: float | None = None


@dataclass(frozen=True, order=True)
class Conflict:
    """What cannot all be true: shown, never silently resolved. ``others`` are the ids concerned."""

    company_id: str
    kind: str
    explanation: str
    others: tuple[str, ...] = ()


def id_order(node_id: str, first_seen: date | None) -> tuple[int, date, str]:
    """Sort key: the id a company is called by comes first."""
    kind = node_id.partition(":")[0]
    place = ID_KINDS.index(kind) if kind in ID_KINDS else len(ID_KINDS)
    return place, first_seen or date.max, node_id
