"""Chains of control from a city's payee towards the companies that are watched.

Belongs here: walking a family once for all its members, a step in words. Does not belong here: which edges stand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from entities.families.graph import Family, Step
from entities.screening.model import Link

_DEEPEST: Final = 12
_CONTROL: Final = {
    "ultimate_parent": "files as its ultimate parent", "parent": "has as its parent",
    "subsidiary": "is a subsidiary of", "division": "is a division of",
    "joint_venture": "is a joint venture of", "acquired": "was acquired by",
}  # fmt: skip


def chains(family: Family, start: str, on: date | None) -> dict[str, list[Step]]:
    """Every company of the family with the shortest chain to it: up to an owner, then down."""
    found: dict[str, list[Step]] = {}
    queue: list[tuple[str, bool, list[Step]]] = [(start, True, [])]
    seen = {(start, True)}
    for here, rising, way in queue:  # grows while it is walked: breadth first
        steps = [Step(e, True) for e in family.parents(here, on)] if rising else []
        for step in steps + [Step(e, False) for e in family.children(here, on)]:
            state = (step.to, rising and step.up)
            if state not in seen and len(way) < _DEEPEST:
                seen.add(state)
                if step.to != start:
                    found.setdefault(step.to, [*way, step])
                queue.append((*state, [*way, step]))
    return found


def link(step: Step, label: Callable[[str], str], on: date | None) -> Link:
    """A step of a chain in words, with its source; ``label`` gives a company's name."""
    edge = step.edge
    days = f" {edge.days.strip()}" if edge.days.strip() else ""
    words = f"{label(edge.child)} {_CONTROL.get(edge.control, edge.control)} {label(edge.parent)}{days}"
    ends = (edge.child, edge.parent) if step.up else (edge.parent, edge.child)
    return Link(*ends, words, edge.control, f"{edge.source}: {edge.evidence}" if edge.evidence else edge.source,
                edge.known(on))  # fmt: skip
