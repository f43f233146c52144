"""Read-only access to the published version, safe to hand to an analyst's SQL.

Belongs here: the hardened connection, limits of time and rows, sessions that never mix versions. Does not belong
here: any query of the product's own listings (listings.py).

The database refuses files, ATTACH, writes and settings (``enable_external_access=false``,
``lock_configuration=true``), can load no extension, and is interrupted when a statement takes too long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

import duckdb
import pyarrow as pa

from records.workspace import Workspace
from warehouse import publish
from warehouse.engine import WarehouseError

#: Values for ``?`` in order, or for ``$name`` by name.
Parameters = Sequence[Any] | Mapping[str, Any]
SECONDS: Final = 30.0
ROWS: Final = 100_000
MEMORY: Final = "1GB"
SPILL: Final = "2GB"
_TRIES: Final = 5
_LOCKING: Final = threading.Lock()
_READING: Final = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


class QueryRefused(WarehouseError):
    """The statement is not one this access answers, or it took too long; the message says what to do."""


@dataclass(frozen=True)
class Answer:
    """A query's rows, the version they are from, and whether there were more than the limit."""

    table: pa.Table
    version: str
    truncated: bool


class Reader:
    """One session on one version: everything asked of it comes from the same published file."""

    def __init__(self, workspace: Workspace, *, memory: str = MEMORY, threads: int = 1) -> None:
        """Open the version that the pointer names. Raises WarehouseError when nothing is published."""
        self.version, self._con = _open(workspace, memory, threads)

    def __enter__(self) -> Self:
        """The session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._con.close()

    def query(
        self, sql: str, parameters: Parameters = (), *, max_rows: int = ROWS, seconds: float = SECONDS
    ) -> Answer:
        """Rows of one SELECT (or EXPLAIN, DESCRIBE, SHOW, SUMMARIZE).

        Raises QueryRefused for anything else, for several statements, for an error in the SQL, and when it takes
        longer than ``seconds``.
        """
        self._admit(sql)
        cursor = self._con.cursor()
        done = threading.Event()

        def stop() -> None:
            if not done.is_set():
                cursor.interrupt()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            # A relation streams; DB-API would hold the whole result before the row limit could cut it.
            relation = cursor.sql(sql, params=dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
            table, truncated = _limited(relation.to_arrow_reader(10_000), max_rows)
        except duckdb.InterruptException:
            raise QueryRefused(f"the query was stopped after {seconds:g} seconds: narrow it, or ask for more time "
                               "with --seconds") from None
        except duckdb.Error as problem:
            raise QueryRefused(_plain(problem)) from None
        finally:
            done.set()
            timer.cancel()
            cursor.close()
        return Answer(table, self.version, truncated)

    def _admit(self, sql: str) -> None:
        try:
            statements = self._con.extract_statements(sql)
        except duckdb.Error as problem:
            raise QueryRefused(_plain(problem)) from None
        if len(statements) != 1:
            raise QueryRefused(f"one statement at a time, got {len(statements)}")
        if statements[0].type not in _READING:
            raise QueryRefused("only reading is possible here: SELECT, EXPLAIN, DESCRIBE, SHOW or SUMMARIZE. The "
                               "published version is never changed; to keep a result use --out FILE")


def connect(workspace: Workspace, *, memory: str = MEMORY, threads: int = 1) -> Reader:
    """A session on the published version. Raises WarehouseError when nothing is published."""
    return Reader(workspace, memory=memory, threads=threads)


@contextmanager
def session(workspace: Workspace) -> Iterator[Reader]:
    """A session as a block; a later block opens whatever version is published then."""
    with Reader(workspace) as reader:
        yield reader


def query(
    workspace: Workspace, sql: str, parameters: Parameters = (), *, max_rows: int = ROWS, seconds: float = SECONDS
) -> Answer:
    """One query on the version published now."""
    with Reader(workspace) as reader:
        return reader.query(sql, parameters, max_rows=max_rows, seconds=seconds)


def _open(workspace: Workspace, memory: str, threads: int) -> tuple[str, duckdb.DuckDBPyConnection]:
    """The pointer may move, and an old file go, between reading the pointer and opening the file: look again."""
    for attempt in range(_TRIES):
        found = publish.current_or_moving(workspace) if attempt < _TRIES - 1 else publish.current(workspace)
        if found is None:
            if not (workspace.warehouse / "current").exists():
                raise WarehouseError(f"nothing is published in {workspace.warehouse} yet: run `section3c run`")
            continue
        try:
            con = duckdb.connect(str(found.path), read_only=True, config={
                "memory_limit": memory, "threads": threads, "max_temp_directory_size": SPILL,
                "enable_external_access": "false",
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            })
        except duckdb.IOException as problem:
            if found.path.exists():
                raise WarehouseError(f"{found.path.name} cannot be opened: {_plain(problem)}") from None
            continue
        _lock(con)
        return found.version, con
    raise WarehouseError(f"the published version in {workspace.warehouse} keeps vanishing: is something else "
                         "deleting files there?")


def _lock(con: duckdb.DuckDBPyConnection) -> None:
    """UTC, then no more settings. Sessions of one process on one file share the database and so its lock."""
    with _LOCKING:
        row = con.execute("SELECT current_setting('lock_configuration')").fetchone()
        if row is not None and row[0] is True:
            return
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        con.execute("SET GLOBAL lock_configuration = true")


def _limited(reader: pa.RecordBatchReader, max_rows: int) -> tuple[pa.Table, bool]:
    batches: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        if rows + batch.num_rows > max_rows:
            batches.append(batch.slice(0, max_rows - rows))
            return pa.Table.from_batches(batches, reader.schema), True
        batches.append(batch)
        rows += batch.num_rows
    return pa.Table.from_batches(batches, reader.schema), False


def _plain(problem: duckdb.Error) -> str:
    """DuckDB's message without its internals; it names the place in the statement."""
    text = str(problem)
    return text.split("\n\nStack Trace", 1)[0]
