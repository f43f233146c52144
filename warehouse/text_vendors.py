"""Which company a vendor named in a text is: by the exact normalised name of one known company, else a new one.

Belongs here: that step alone. Does not belong here: aliases, families, likeness of names (entities).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import duckdb
import pyarrow as pa

from entities.ids import company_id, company_ids


class Company(NamedTuple):
    """A company id and how it was told: 'name' (one known company bears exactly this name) or 'new'."""

    company_id: str
    how: str


def resolver(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> Callable[[str], Company]:
    """How to tell the company of each of ``names``, against the vendors in table ``record_vendor``.

    A name that two known companies bear tells neither: it stays a company of its own, to be looked at by a person.
    """
    wanted = {company_id(None, None, name) for name in names}
    known = con.sql(
        "SELECT DISTINCT name, company_id FROM ("
        "SELECT recipient AS name, company_id, entity FROM record_vendor "
        "UNION ALL SELECT recipient_dba, company_id, entity FROM record_vendor "
        "UNION ALL SELECT parent, parent_company_id, NULL FROM record_vendor) "
        "WHERE name IS NOT NULL AND company_id IS NOT NULL AND entity IS DISTINCT FROM 'individual' ORDER BY ALL"
    ).to_arrow_table()
    nothing = pa.nulls(known.num_rows, pa.string())
    bearers: dict[str, set[str]] = {}
    by_name = company_ids(nothing, nothing, known["name"]).to_pylist() if known.num_rows else []
    for name, company in zip(by_name, known["company_id"].to_pylist(), strict=True):
        if name in wanted:
            bearers.setdefault(name, set()).add(company)

    def told(name: str) -> Company:
        own = company_id(None, None, name)
        found = bearers.get(own, set())
        return Company(next(iter(found)), "name") if len(found) == 1 else Company(own, "new")

    return told
