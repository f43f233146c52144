"""Shapes of a screening: what a city's list says, whom it is held against, what was found.

Belongs here: plain dataclasses. Does not belong here: any rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from entities.families.edges import Edge
from entities.names import normalise


class ScreeningError(ValueError):
    """The list cannot be screened; the message says what is wrong, where, and what to do."""


class Kind(StrEnum):
    """What a city's list is."""

    VENDORS = "vendors"
    CONTRACTS = "contracts"
    BIDDERS = "bidders"
    HOLDINGS = "holdings"


#: Words of ``Hit.outcome``. Only ``same`` says that the payee is the company itself.
SAME: Final = "same"
REVIEW: Final = "review"
FAMILY: Final = "family"
FAMILY_REVIEW: Final = "family review"


@dataclass(frozen=True)
class Entry:
    """One party of the list: the name as written, its identifiers, the rows it stands in (1 = first below the header).

    ``amount`` is the sum of its rows in the list's own currency. ``dates`` are a contract's start, end, amendment and
    renewal; ``lead_days`` how long before them the city must begin (null: the ordinance's default).
    """

    name: str
    rows: tuple[int, ...]
    ids: Mapping[str, str] = field(default_factory=dict)
    bad_ids: tuple[str, ...] = ()
    amount: float | None = None
    contract: str = ""
    fund: str = ""
    share_class: str = ""
    dates: Mapping[str, date] = field(default_factory=dict)
    lead_days: int | None = None

    @property
    def key(self) -> str:
        """The name in one spelling: what a dismissal is kept under."""
        return normalise(self.name)


@dataclass(frozen=True)
class Target:
    """A reason to look for a company: a candidate of one category, a determination, or a line of a watch file."""

    company_id: str
    company: str
    state: str  # candidate, listed, watched, or the state a determinations file gives
    category: str = ""
    certainty: str = ""
    band: str = ""
    score: float | None = None
    candidate_id: str = ""
    evidence_id: str = ""


@dataclass(frozen=True)
class KnownName:
    """A name of a company, its kind (legal, former, dba, press) and who says so."""

    company_id: str
    name: str
    kind: str
    source: str
    until: date | None = None


@dataclass(frozen=True)
class Paper:
    """What a register of securities says of one identifier: the issuer's name and id (``lei:...``)."""

    name: str
    issuer_id: str = ""


@dataclass
class Watch:
    """Whom a list is held against: targets, names and identifiers of them and their families, and who owns whom.

    ``version`` names the warehouse version or file it is from. ``ids`` is (kind, value) -> company id, cleaned by
    ``entities.matching.identifiers.clean``. ``judged`` holds persons' judgements: (company or name id, other) ->
    same, different, unsure. ``bands`` lists words of bands from weak to strong.
    """

    against: str
    version: str
    targets: list[Target]
    names: list[KnownName]
    edges: list[Edge] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    papers: dict[tuple[str, str], Paper] = field(default_factory=dict)
    judged: dict[tuple[str, str], str] = field(default_factory=dict)
    bands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """One link of a family chain, from the city's payee towards the federal recipient, in words, with its source."""

    from_id: str
    to_id: str
    words: str
    control: str
    source: str
    known: str


@dataclass(frozen=True)
class Hit:
    """A party of the list that is, may be, or belongs to a company that is watched.

    ``bits`` is the matcher's score of the written name with ``matched_name``, a name of ``matched_id``; ``chain`` leads
    from that company to the target, empty where it is the target. ``hit_id`` stays the same as long as ``facts`` do.
    """

    hit_id: str
    entry: Entry
    outcome: str
    bits: float
    reason: str
    matched_id: str
    matched_name: str
    matched_kind: str
    target: Target
    chain: tuple[Link, ...] = ()
    categories: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    facts: str = ""
    next_date: date | None = None
    next_what: str = ""
    bid_by: date | None = None


@dataclass(frozen=True)
class ScreeningResult:
    """All hits, most pressing first, and what an appeal needs to repeat the screening."""

    kind: Kind
    against: str
    version: str
    matcher: str
    as_of: date | None
    hits: tuple[Hit, ...]
    dismissed: tuple[Hit, ...]
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
