"""Rules that join ids: identifiers filed together, and a name with a second fact. A name alone opens a review only.

Belongs here: which pairs of ids are linked or shown for review, each with its reason in words. Does not belong here:
what becomes of the links (clusters.py), scores of two unlike names (the matcher).

Second facts: the same parent or subsidiary; the same contract (an award, or the vehicle that awards were ordered from:
each contractor of a multiple-award vehicle has a number of its own); the same state where no other company of the name
is known; or that ``ordinance/families.yaml`` lists the full name as this company's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from entities.resolution.model import Link, Node, Review
from entities.resolution.spelling import core, distinctive, has_form

#: Names that more ids share than this are no fact about any of them ('ABC INC').
_MOST_SHARING: Final = 40
_MOST_REVIEWED: Final = 4
#: Two ids of one of these kinds are two registrations: only a person, or an identifier, makes them one.
_REGISTERED: Final = frozenset({"uei", "duns", "cik", "lei", "listed"})


@dataclass
class Linked:
    """Links and reviews, of which those that a link made needless are still to be taken out."""

    links: list[Link] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)

    def link(self, rank: int, a: str, b: str, rule: str, reason: str) -> None:
        """Add a link, its ids in order."""
        self.links.append(Link(rank, min(a, b), max(a, b), rule, reason))

    def review(self, a: str, b: str, rule: str, reason: str) -> None:
        """Add a pair to look at, its ids in order."""
        self.reviews.append(Review(min(a, b), max(a, b), rule, reason))


def link(
    nodes: Mapping[str, Node],
    *,
    filed_together: Iterable[tuple[str, str]] = (),
    stated: Iterable[tuple[str, str, str]] = (),
    listed: Mapping[str, str] | None = None,
) -> Linked:
    """Links and reviews over ``nodes``.

    ``filed_together``: (uei id, duns id) filed on one row. ``stated``: two ids that one published record gives to one
    company, and which record. ``listed``: listed id by each full name that the ordinance's list gives to one company.
    """
    made = Linked()
    _filed(made, filed_together)
    for a, b, reason in stated:
        made.link(0, a, b, "stated", reason)
    by_name: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        for name in node.names:
            by_name[name].append(node)
    _listed(made, by_name, listed or {}, nodes)
    for name, sharing in sorted(by_name.items()):
        own = [node for node in sharing if node.kind != "listed"]
        if name and 1 < len(own) <= _MOST_SHARING:
            _same_name(made, name, sorted(own, key=lambda node: node.id))
    _same_core(made, by_name)
    return made


def _filed(made: Linked, pairs: Iterable[tuple[str, str]]) -> None:
    """A DUNS number filed with one UEI is that company's; with several, somebody should look."""
    by_duns: defaultdict[str, set[str]] = defaultdict(set)
    for uei, duns in pairs:
        by_duns[duns].add(uei)
    for duns, ueis in by_duns.items():
        if len(ueis) == 1:
            made.link(0, min(ueis), duns, "filed together", "UEI and DUNS number filed on one row of an award record")
        else:
            for a, b in combinations(sorted(ueis)[:_MOST_REVIEWED], 2):
                made.review(a, b, "one DUNS number", f"both were filed with the DUNS number {duns.partition(':')[2]}")


def _listed(
    made: Linked, by_name: Mapping[str, list[Node]], listed: Mapping[str, str], nodes: Mapping[str, Node]
) -> None:
    for name, company in listed.items():
        for node in by_name.get(name, ()):
            if node.kind == "listed":
                continue
            shared = (node.family & nodes[company].family) - {name} if company in nodes else set()
            said = f"the ordinance's list (families.yaml) gives the name {name} to {company.partition(':')[2]}"
            if shared:
                why = f"{said}, and both belong with {min(shared)}"
                made.link(1, node.id, company, "listed name, same family", why)
            elif distinctive(name) or has_form(name):
                made.link(1, node.id, company, "listed name", said)
            else:
                made.review(node.id, company, "short name", f"{said}, but it is too short or ordinary to decide alone")


def _same_name(made: Linked, name: str, sharing: list[Node]) -> None:
    """Ids filed under one name in one spelling."""
    count: defaultdict[str, int] = defaultdict(int)
    for node in sharing:
        count[node.kind] += 1
    reviewed = 0
    for a, b in combinations(sharing, 2):
        fact = _second_fact(name, a, b, count)
        registered = a.kind == b.kind and a.kind in _REGISTERED
        if fact and not registered:
            made.link(2, a.id, b.id, "name and second fact", f"same name {name}, and {fact}")
        elif reviewed < _MOST_REVIEWED and (a.on_record or b.on_record) and not (a.government or b.government):
            reviewed += 1
            why = "two registrations" if registered else "nothing else in common"
            also = f", and {fact}" if fact else ""
            made.review(a.id, b.id, "same name", f"same name {name}{also}; {why}")


def _second_fact(name: str, a: Node, b: Node, count: Mapping[str, int]) -> str | None:
    parents = (a.parents & b.parents) - {a.id, b.id}
    if parents:
        return f"same parent {min(parents)}"
    family = (a.family & b.family) - {name}
    if family:
        return f"both belong with {min(family)}"
    contracts = a.contracts & b.contracts
    if contracts:
        return f"both filed as the contractor of {min(contracts)}"
    states = a.states & b.states
    if states and distinctive(name) and count[a.kind] == 1 and count[b.kind] == 1:
        return f"same state ({', '.join(sorted(states))}), and no other company of this name is known"
    return None


def _same_core(made: Linked, by_name: Mapping[str, list[Node]]) -> None:
    """Names that differ in their legal form only ('GIANT OAK INC', 'GIANT OAK LLC'): somebody should look."""
    by_core: defaultdict[str, set[str]] = defaultdict(set)
    for name in by_name:
        if distinctive(name):
            by_core[core(name)].add(name)
    for key, names in sorted(by_core.items()):
        if not 1 < len(names) <= _MOST_REVIEWED:
            continue
        for one, two in combinations(sorted(names), 2):
            for a, b in _first_pairs(by_name[one], by_name[two]):
                made.review(a.id, b.id, "legal form differs", f"{one} and {two} share the name {key}")


def _first_pairs(one: list[Node], two: list[Node]) -> Iterator[tuple[Node, Node]]:
    seen = 0
    for a in one:
        for b in two:
            if a.id != b.id and (a.on_record or b.on_record) and not (a.government or b.government):
                yield a, b
                seen += 1
                if seen == _MOST_REVIEWED:
                    return
