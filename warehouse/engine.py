"""DuckDB connections for building: in memory, capped, without extensions or network.

Belongs here: opening a connection, reading a SQL file of this room, quoting a name. Does not belong here: read-only
access for users (reader.py), any table's SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

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


def one_row(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
    """The only row of a query, fetched to the end: DuckDB 2.0 refuses other work while a result is unfinished."""
    rows = con.execute(query, list(parameters)).fetchall()
    if len(rows) != 1:
        raise WarehouseError(f"expected one row, got {len(rows)}: {query}")
    row: tuple[Any, ...] = rows[0]
    return row


def count_rows(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Rows of a table or view; the name as SQL."""
    return int(one_row(con, f"SELECT count(*) FROM {name}")[0])  # noqa: S608


def arrow_batches(con: duckdb.DuckDBPyConnection, query: str, rows: int = 10_000) -> Iterator[pa.RecordBatch]:
    """A query's result, streamed."""
    relation = con.sql(query)
    yield from relation.to_arrow_reader(rows)


@contextmanager
def joins_as_written(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within the block the right side of a join is what is held in memory: for streaming texts past a small table."""
    con.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        with suppress(duckdb.ConnectionException):  # a run that was stopped closes the connection before its readers
            con.execute("SET disabled_optimizers = ''")


def lake_view(
    con: duckdb.DuckDBPyConnection, lake: Path, table: str, schema: pa.Schema, *, with_place: bool = False
) -> None:
    """A temporary view ``lake_TABLE`` with the declared columns; empty when nothing was written yet.

    ``with_place`` adds ``filename`` and ``file_row_number``.
    """
    name, paths = quoted(f"lake_{table}"), lake_files(lake, table)
    columns = ", ".join(quoted(column) for column in schema.names)
    if paths:
        options = "hive_partitioning=false, union_by_name=true"
        place = ", filename, file_row_number" if with_place else ""
        options += ", filename=true, file_row_number=true" if with_place else ""
        origin = f"read_parquet({parquet_list(paths)}, {options})"
    else:
        con.register("empty_" + table, schema.empty_table())
        place = ", NULL::VARCHAR AS filename, NULL::BIGINT AS file_row_number" if with_place else ""
        origin = quoted("empty_" + table)
    con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {columns}{place} FROM {origin}")  # noqa: S608
