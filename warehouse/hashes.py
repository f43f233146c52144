"""Content hashes of a built version's tables: the same content has the same hash, whatever the order of its rows.

Belongs here: hashing rows and tables. Does not belong here: building, publishing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import duckdb

from warehouse import table_files
from warehouse.engine import one_row, quoted
from warehouse.fingerprint import text_hash

#: When a file was built says nothing about its content.
_NEVER: Final = frozenset({"built_at"})


class TableHashes(NamedTuple):
    """``facts`` leaves out where things were seen (provenance), ``full`` only the time of building."""

    facts: str
    full: str


def content_hashes(path: Path) -> dict[str, TableHashes]:
    """Hashes of every table of a built version, by name."""
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("LOAD icu")
        con.execute("SET TimeZone = 'UTC'")  # a moment is spelled in the session's zone, which is the process's
        return hashes_of(con)


def hashes_of(con: duckdb.DuckDBPyConnection, database: str | None = None) -> dict[str, TableHashes]:
    """As ``content_hashes``, over a connection; ``database`` names an attached one."""
    prefix = f"{quoted(database)}.main." if database else ""
    found: dict[str, TableHashes] = {}
    for table in table_files.load():
        if table.view:
            continue
        described = con.execute(f"DESCRIBE {prefix}{quoted(table.name)}").fetchall()
        full = [(str(r[0]), str(r[1])) for r in described if r[0] not in _NEVER]
        facts = [] if table.all_provenance else [c for c in full if c[0] not in table.provenance]
        name = prefix + quoted(table.name)
        found[table.name] = TableHashes(_hash(con, name, facts), _hash(con, name, full))
    return found


def _hash(con: duckdb.DuckDBPyConnection, name: str, columns: list[tuple[str, str]]) -> str:
    """Number of rows and sums of the two halves of every row's MD5: a set of rows, counted, has one value.

    Sums, not exclusive or, so that a doubled row does not cancel itself. Against damage and mistakes, not forgery.
    """
    if not columns:
        return text_hash("no facts")[:16]
    packed = ", ".join(f"{quoted(column)} := {quoted(column)}" for column, _ in columns)
    row = one_row(
        con,
        "SELECT count(*), sum(md5_number_upper(j)::HUGEINT), sum(md5_number_lower(j)::HUGEINT) "  # noqa: S608
        f"FROM (SELECT to_json(struct_pack({packed}))::VARCHAR AS j FROM {name})",
    )
    return text_hash(repr(columns), repr(row))[:16]
