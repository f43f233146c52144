"""Walking a family: who owned whom on a day, the chain between two companies, what contradicts itself.

Belongs here: questions to a set of judged edges. Does not belong here: which edges stand (edges.py), pictures.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from entities.families.edges import STRENGTH, Edge
from entities.resolution.model import Conflict

_DEEPEST: Final = 12
_MOST_WAYS: Final = 64


@dataclass(frozen=True)
class Step:
    """One link of a chain. ``up``: the next company owns the one before; else it is owned by it."""

    edge: Edge
    up: bool

    @property
    def to(self) -> str:
        """The company the step leads to."""
        return self.edge.parent if self.up else self.edge.child


class Family:
    """All edges by company. Build once, ask often."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._up: defaultdict[str, list[Edge]] = defaultdict(list)
        self._down: defaultdict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            self._up[edge.child].append(edge)
            self._down[edge.parent].append(edge)

    def companies(self) -> set[str]:
        """Every company of any edge."""
        return {*self._up, *self._down}

    def stated(self, company: str) -> list[Edge]:
        """Every edge in which the company stands, standing or not."""
        return [*self._up.get(company, ()), *self._down.get(company, ())]

    def parents(self, company: str, on: date | None = None) -> list[Edge]:
        """Owners on a day (None: now), one edge each, the firmest source first."""
        return _firmest([e for e in self._up.get(company, ()) if e.on(on)], lambda e: e.parent)

    def children(self, company: str, on: date | None = None) -> list[Edge]:
        """Companies owned on a day, one edge each."""
        return _firmest([e for e in self._down.get(company, ()) if e.on(on)], lambda e: e.child)

    def ancestors(self, company: str, on: date | None = None) -> list[list[Edge]]:
        """Every way up to an owner that has none, each as its edges from below; a circle ends where it closes."""
        ways: list[list[Edge]] = []

        def climb(here: str, way: list[Edge], seen: frozenset[str]) -> None:
            above = [e for e in self._next(here, on) if e.parent not in seen]
            if not above or len(way) >= _DEEPEST or len(ways) >= _MOST_WAYS:
                if way:
                    ways.append(way)
                return
            for edge in above:
                climb(edge.parent, [*way, edge], seen | {edge.parent})

        climb(company, [], frozenset({company}))
        return ways

    def _next(self, company: str, on: date | None) -> list[Edge]:
        """Owners, without an ultimate parent that the others lead to anyway (registers state both)."""
        edges = self.parents(company, on)
        near = [e for e in edges if e.control != "ultimate_parent"]
        if not near or len(near) == len(edges):
            return edges
        reached: set[str] = {company}
        ask = [e.parent for e in near]
        while ask:
            one = ask.pop()
            if one not in reached:
                reached.add(one)
                ask += [e.parent for e in self.parents(one, on)]
        return [e for e in edges if e in near or e.parent not in reached]

    def ultimate(self, company: str, on: date | None = None) -> list[str]:
        """The owners at the top, each once; empty where nobody owns it."""
        return list(dict.fromkeys(way[-1].parent for way in self.ancestors(company, on)))

    def above(self, company: str, on: date | None = None) -> set[str]:
        """Every owner, direct or not."""
        return {edge.parent for way in self.ancestors(company, on) for edge in way}

    def chain(self, start: str, goal: str, on: date | None = None) -> list[Step] | None:
        """The shortest chain of control between two companies: up, then down (common owner), or one way only.

        None where they do not belong together on that day. Empty where they are one company.
        """
        if start == goal:
            return []
        queue: deque[tuple[str, bool, list[Step]]] = deque([(start, True, [])])
        seen = {(start, True)}
        while queue:
            here, rising, way = queue.popleft()
            if len(way) >= _DEEPEST:
                continue
            steps = [Step(e, True) for e in self.parents(here, on)] if rising else []
            steps += [Step(e, False) for e in self.children(here, on)]
            for step in steps:
                state = (step.to, rising and step.up)
                if state in seen:
                    continue
                seen.add(state)
                if step.to == goal:
                    return [*way, step]
                queue.append((*state, [*way, step]))
        return None

    def conflicts(self, company: str, on: date | None = None) -> list[Conflict]:
        """Circles of ownership, and several owners at the top that none of them explains (a joint venture may)."""
        found: list[Conflict] = []
        circle = self._circle(company, on)
        if circle:
            found.append(Conflict(company, "circle", f"owns itself by way of {' -> '.join(circle)}", tuple(circle)))
        tops = {way[-1].parent: way for way in self.ancestors(company, on)}
        shared = any(e.control == "joint_venture" for e in self.parents(company, on))
        if len(tops) > 1 and not shared:
            told = "; ".join(
                f"{way[-1].parent_name or top} by {', '.join(dict.fromkeys(e.source for e in way))}"
                for top, way in sorted(tops.items())
            )
            found.append(Conflict(company, "several_parents", f"{len(tops)} owners at the top: {told}",
                                  tuple(sorted(tops))))  # fmt: skip
        return found

    def _circle(self, company: str, on: date | None) -> list[str] | None:
        """A way up that comes back to the company."""
        queue: deque[list[str]] = deque([[company]])
        seen = {company}
        while queue:
            way = queue.popleft()
            for edge in self.parents(way[-1], on):
                if edge.parent == company:
                    return [*way, company]
                if edge.parent not in seen:
                    seen.add(edge.parent)
                    queue.append([*way, edge.parent])
        return None


def _firmest(edges: list[Edge], other: Callable[[Edge], str]) -> list[Edge]:
    by: dict[str, Edge] = {}
    for edge in sorted(edges, key=_firmness, reverse=True):
        by.setdefault(other(edge), edge)
    return list(by.values())


def _firmness(edge: Edge) -> tuple[int, date, str]:
    return STRENGTH.get(edge.source, 0), edge.last_seen or edge.valid_from or date.min, edge.evidence
