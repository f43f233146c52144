"""DuckDB connections for building: in memory, capped, without extensions or network.

Belongs here: opening a connection, reading a SQL file of this room, quoting a name. Does not belong here: read-only
access for users (reader.py), any table's SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from records.lake import files as lake_files

#: A build stays below two gibibytes in all; Python, Arrow and allocator slack need the rest.
MEMORY_LIMIT = "1000MB"


class WarehouseError(Exception):
    """The warehouse cannot do what was asked; the message says what, where and what to do."""


@contextmanager
def connection(spill: Path, *, memory: str = MEMORY_LIMIT, threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that spills to the folder ``spill`` and can load no extension."""
    spill.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        },
    )
    try:
        con.execute("LOAD icu")
        con.execute("SET TimeZone = 'UTC'")
        yield con
    finally:
        con.close()


def sql_text(folder: str, name: str) -> str:
    """Text of one SQL file of this room."""
    return (Path(__file__).parent / folder / f"{name}.sql").read_text(encoding="utf-8")


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet_list(paths: Sequence[Path]) -> str:
    """File names as the list literal that read_parquet takes."""
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"


def arrow_batches(con: duckdb.DuckDBPyConnection, query: str, rows: int = 10_000) -> Iterator[pa.RecordBatch]:
    """A query's result, streamed."""
    relation = con.sql(query)
    yield from relation.to_arrow_reader(rows)


def lake_view(con: duckdb.DuckDBPyConnection, lake: Path, table: str, schema: pa.Schema, *, view: str = "") -> bool:
    """A temporary view over a lake table, with its declared columns; empty when nothing was written yet.

    Returns whether there were files. The view also has ``filename`` and ``file_row_number``.
    """
    name = quoted(view or f"lake_{table}")
    paths = lake_files(lake, table)
    if paths:
        columns = ", ".join(quoted(column) for column in schema.names)
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns}, filename, file_row_number FROM "  # noqa: S608
            f"read_parquet({parquet_list(paths)}, filename=true, file_row_number=true, hive_partitioning=false, "
            "union_by_name=true)"
        )
        return True
    con.register("empty_" + table, schema.empty_table())
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT *, NULL::VARCHAR AS filename, NULL::BIGINT AS file_row_number "  # noqa: S608
        f"FROM {quoted('empty_' + table)}"
    )
    return False
