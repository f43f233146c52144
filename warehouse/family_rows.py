"""The part of the published company_edge table that one family needs, as entities.families knows it.

Belongs here: fetching edges level by level, rows to edges. Does not belong here: pages (company_pages.py), rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from entities.families.edges import Edge
from entities.families.graph import Family
from warehouse.reader import Reader

_LEVELS: Final = 12
_MOST_EDGES: Final = 5_000
_NEIGHBOURS: Final = """
SELECT * FROM company_edge
WHERE list_contains($ids, company_id) OR list_contains($ids, parent_company_id)
ORDER BY ALL
"""


def family_of(session: Reader, companies: Iterable[str]) -> Family:
    """All edges that hang together with the companies; of very large families the nearest."""
    rows: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    seen: set[str] = set()
    ask = sorted(set(companies))
    for _ in range(_LEVELS):
        if not ask or len(rows) >= _MOST_EDGES:
            break
        seen.update(ask)
        found = session.query(_NEIGHBOURS, {"ids": ask}, max_rows=_MOST_EDGES).table.to_pylist()
        rows |= {tuple(row.values()): row for row in found}
        ask = sorted({row[end] for row in found for end in ("company_id", "parent_company_id")} - seen)
    return Family(edge(row) for row in rows.values())


def edge(row: Mapping[str, Any]) -> Edge:
    """One row of company_edge."""
    return Edge(
        row["company_id"], row["parent_company_id"], row["control"], row["source"], row["reason"], row["company"],
        row["parent"], row["valid_from"], row["valid_to"], row["first_seen"], row["last_seen"], row["records"],
        row["evidence"], row["ended_by"], row["days"], row["standing"], row["why"],
    )  # fmt: skip
