"""Edges of control between companies: what a source states, and whether it stands (pure rules over all sources).

Belongs here: the shape of an edge and the rules that end, pass over or doubt it. Does not belong here: walking families
(graph.py), where the statements come from (warehouse).

Rules, in order; each leaves its reason on the edge, none removes it:
1. self: a company filed as its own parent, by id or by name under another number.
2. government: a public body is not a company's parent (§2.6).
3. ended: a listed sale, spin-off or merger ends evidence of the old owner that is filed later.
4. superseded: of several ultimate parents filed one after another, each ends when the next begins, or when filings
   have not named it for a year; of variants of one name, the latest stands. Parents filed side by side all stand, and
   are a conflict unless one belongs to the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from entities.names import normalise
from entities.resolution.spelling import core, has_form
from ordinance.families import Families, first_day, last_day
from ordinance.priors import entity_words

#: How firmly a kind of source states control; ties of a walk go to the firmest.
STRENGTH: Final = {"ordinance": 4, "exhibit21": 3, "gleif": 3, "award": 2, "file": 1}
#: Controls that lead up to an owner; an affiliate stands beside, a reporting exception leads nowhere.
UPWARD: Final = frozenset({"ultimate_parent", "parent", "subsidiary", "division", "joint_venture", "acquired"})
STANDS: Final = "stands"
#: A parent that filings have not named for so long, while they name another, is a former one.
_STALE: Final = timedelta(days=365)
_GOVERNMENT_ALSO: Final = ("COUNTY", "ST OF", "COMMONWEALTH OF", "GOVERNMENT OF", "UNITED STATES")


@dataclass(frozen=True)
class Edge:
    """``child`` is controlled by ``parent``, as a source states.

    ``valid_from``/``valid_to`` are the days control began and ended, where stated. ``first_seen``/``last_seen`` are the
    days between which records state it, or the one day for which a list does. ``standing``: stands, self, government,
    ended, superseded, spun_off; ``why`` in words. ``days`` says since and until when as exactly as the source does
    ('since 2011-02'). ``evidence`` is a record's key or a capture id with its locator.
    """

    child: str
    parent: str
    control: str
    source: str
    reason: str
    child_name: str = ""
    parent_name: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    first_seen: date | None = None
    last_seen: date | None = None
    records: int = 0
    evidence: str = ""
    ended_by: str | None = None
    days: str = ""
    standing: str = STANDS
    why: str = ""

    @property
    def upward(self) -> bool:
        """True where the parent owns the child and the statement stands."""
        return self.control in UPWARD and self.standing in (STANDS, "ended", "superseded", "spun_off")

    def on(self, day: date | None) -> bool:
        """True where control is taken to hold on ``day`` (None: now, which is after every stated end)."""
        if not self.upward:
            return False
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def known(self, day: date | None) -> str:
        """How well control on ``day`` is known: dated, observed (records of that time state it) or assumed."""
        stated = self.valid_from is not None and self.source != "award"  # filings say since when they name it only
        if day is None:
            return "dated" if stated else "assumed from the last statement"
        if stated and self.valid_from and self.valid_from <= day:
            return "dated"
        if self.first_seen and self.last_seen and self.first_seen <= day <= self.last_seen:
            return "observed"
        return "assumed: nothing says since when" if self.valid_from is None else "assumed"


def listed_edges(data: Families) -> Iterator[Edge]:
    """Edges of the ordinance's list, by listed ids."""
    names = {company.id: company.name for company in data.companies}
    for row in data.edges:
        yield Edge(
            f"listed:{row.child}", f"listed:{row.parent}", row.control, "ordinance",
            f"{row.reason} ({row.standing or data.standing})", names[row.child], names[row.parent],
            first_day(row.since) if row.since else None, last_day(row.until) if row.until else None,
            evidence=f"ordinance/families.yaml: {row.child} -> {row.parent}", ended_by=row.ended_by,
            days=said_days(row.since, row.until),
        )  # fmt: skip


def said_days(since: object, until: object) -> str:
    """' since 2011-02 until 2022', as exactly as given; empty where nothing is."""
    return (f"since {since} " if since else "") + (f"until {until}" if until else "")


def judged(
    edges: Iterable[Edge], names: Mapping[str, frozenset[str]] | None = None, public: frozenset[str] = frozenset()
) -> list[Edge]:
    """All edges with their standing. Pure.

    ``names``: every known name of a company in one spelling (aliases too). ``public``: ids read as public bodies.
    """
    every = [_alone(edge, names or {}, public) for edge in edges]
    ends = _ends(every)
    every = [_after_end(edge, ends) for edge in every]
    by_child: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in every:
        by_child[edge.child].append(edge)
    made: list[Edge] = []
    for family in by_child.values():
        made += _succession(family)
    return sorted(made, key=lambda e: (e.child, e.parent, e.control, e.source, e.evidence, str(e.valid_from)))


def _alone(edge: Edge, names: Mapping[str, frozenset[str]], public: frozenset[str]) -> Edge:
    """What an edge says by itself."""
    if edge.child == edge.parent:
        return replace(edge, standing="self", why="filed as its own parent")
    if edge.source == "award":
        own = names.get(edge.child, frozenset()) | {normalise(edge.child_name)}
        if sorted(normalise(edge.parent_name).split()) in [sorted(name.split()) for name in own - {""}]:
            return replace(edge, standing="self", why="the parent has the company's own name under another number, or "
                           "a former name of it: no other company is named")  # fmt: skip
    if is_government(edge.parent_name) and edge.child not in public and not _public_part(edge):
        return replace(edge, standing="government", why="a public body as a company's parent: not a parent company "
                       "(§2.6); often a neighbour in the register")  # fmt: skip
    return edge


def is_government(name: str) -> bool:
    """True where a name begins or ends as a public body's does (ordinance/entities.yaml)."""
    plain, words = normalise(name), entity_words()
    starts = {*(normalise(start) for start in words.government_starts), *_GOVERNMENT_ALSO}
    ends = {normalise(end) for end in words.government_ends}
    if not plain or core(plain) != plain:  # a name with a legal form is a company's
        return False
    return any(plain == start or plain.startswith(start + " ") for start in starts) or plain.split()[-1] in ends


def _public_part(edge: Edge) -> bool:
    """True where the child is a public body itself: by its words, or a part of its parent's place without a legal form
    ('TEXAS WORKFORCE COMMISSION' of the 'STATE OF TEXAS')."""
    if is_government(edge.child_name):
        return True
    data = entity_words()
    plain = {word for start in (*data.government_starts, *data.government_ends) for word in normalise(start).split()}
    place = set(normalise(edge.parent_name).split()) - plain - {"COUNTY", "OF", "THE"}
    return bool(place) and place <= set(normalise(edge.child_name).split()) and not has_form(edge.child_name)


def _ends(edges: Iterable[Edge]) -> dict[tuple[str, str], Edge]:
    """Stated ends of control by child and parent: a sale, a spin-off, a merger."""
    return {(e.child, e.parent): e for e in edges if e.ended_by and e.valid_to and e.standing == STANDS}


def _after_end(edge: Edge, ends: Mapping[tuple[str, str], Edge]) -> Edge:
    """An edge that only filings state ends where a listed sale or spin-off between the two says so."""
    end = ends.get((edge.child, edge.parent))
    if end is None or edge.source == "ordinance" or edge.standing != STANDS:
        return edge
    later = edge.last_seen and end.valid_to and edge.last_seen > end.valid_to
    stale = "; filings after that still name the old parent" if later else ""
    kind = "spun_off" if end.ended_by == "spun_off" else "ended"
    return replace(edge, valid_to=end.valid_to, standing=kind, why=f"{end.reason}{stale}")


def _succession(family: list[Edge]) -> list[Edge]:
    """Ultimate parents as filed, one after another: each stands until the next; the other edges as they are."""
    filed = [e for e in family if e.control == "ultimate_parent" and e.standing == STANDS and e.first_seen]
    rest = [e for e in family if e not in filed]
    filed.sort(key=lambda e: (e.first_seen or date.min, e.last_seen or date.min, e.parent))
    newest = max((e.last_seen or date.min for e in filed), default=date.min)
    made: list[Edge] = []
    for number, edge in enumerate(filed):
        others = [e for e in filed[number + 1 :] if e.parent != edge.parent]
        variant = next((e for e in others if core(e.parent_name) == core(edge.parent_name)), None)
        after = next((e for e in others if _begins_after(edge, e)), None)
        if variant is not None:
            made.append(_past(edge, edge.last_seen, "the same parent name was filed later under another number "
                              f"({variant.parent})"))  # fmt: skip
        elif after is not None:
            made.append(_past(edge, after.first_seen, f"from {after.first_seen} on, filings name {after.parent_name}"))
        elif edge.last_seen and newest - edge.last_seen > _STALE:
            made.append(_past(edge, edge.last_seen, f"not filed since {edge.last_seen}, while another parent is"))
        else:
            made.append(edge)
    ends = [e.valid_to for e in made if e.standing == "superseded" and e.valid_to]
    return rest + [_follower(e, ends) for e in made]


def _follower(edge: Edge, ends: list[date]) -> Edge:
    """A parent that filings name after a former one counts from the first such filing on."""
    begun = edge.first_seen
    if edge.standing != STANDS or edge.valid_from or begun is None or not any(end <= begun for end in ends):
        return edge
    return replace(edge, valid_from=begun, days=f" filed since {begun}")


def _past(edge: Edge, until: date | None, why: str) -> Edge:
    return replace(edge, standing="superseded", valid_to=until, why=why)


def _begins_after(edge: Edge, other: Edge) -> bool:
    """True where the other was first filed after this one was last filed: a change, not two at once."""
    return bool(edge.last_seen and other.first_seen and other.first_seen > edge.last_seen)
