"""What the reader said of each distinct content, remembered: the same words are read once per reader version.

Belongs here: the cache (state/reading-cache/VERSION/*.parquet) and feeding the reader what the cache has not. Does not
belong here: what follows from a reading (statements.py), reading itself (nlp).
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from records.schemas import READING, READING_INPUT
from records.workspace import Workspace
from warehouse.engine import WarehouseError, arrow_batches, count_rows, parquet_list

#: Readings held in memory before they are written: a stopped run resumes here.
PART_ROWS: Final = 5_000
_BATCH_ROWS: Final = 1_000


class Read(Protocol):
    """The award reader: READING_INPUT batches in, READING batches out, in order."""

    def __call__(self, batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
        """Readings of the batches; pure."""
        ...


@dataclass(frozen=True)
class Reader:
    """A reader and its version: readings of another version are never used."""

    read: Read
    version: str
    workers: int = 1


def default_reader(workers: int = 1) -> Reader:
    """The award reader of this installation (nlp.awards)."""
    from nlp.version import reader_version

    return Reader(_read_awards, reader_version(), workers)


def _read_awards(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """nlp.awards, loaded when there is something to read: spaCy takes a second that a quiet night need not spend."""
    from nlp.awards import read_batches

    return read_batches(batches, workers=workers)


def cache_folder(workspace: Workspace, version: str) -> Path:
    """Where readings of one reader version lie."""
    return workspace.state / "reading-cache" / version


def read_missing(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    reader: Reader,
    progress: Callable[[str], None],
) -> int:
    """Read every content of table ``records`` that the cache lacks, then make view ``readings``; returns how many.

    The reader is given the content's hash as award_key, so a reading depends on content alone. Raises WarehouseError
    when it answers with other keys, another order or another version than asked.
    """
    folder = cache_folder(workspace, reader.version)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("*.tmp"):
        leftover.unlink()
    _view(con, folder)
    columns = ", ".join(c for c in READING_INPUT.names if c != "award_key")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE unread AS SELECT content_sha256 AS award_key, {columns} FROM records "  # noqa: S608
        "ANTI JOIN readings USING (content_sha256) "
        "QUALIFY row_number() OVER (PARTITION BY content_sha256 ORDER BY record_key) = 1"
    )
    count = count_rows(con, "unread")
    if count:
        _read(con, folder, reader, count, progress)
        _view(con, folder)
    con.execute("DROP TABLE unread")
    _forget_other_versions(folder)
    return count


def _read(
    con: duckdb.DuckDBPyConnection, folder: Path, reader: Reader, count: int, progress: Callable[[str], None]
) -> None:
    asked: list[str] = []
    held: list[pa.RecordBatch] = []
    done = 0
    for batch in reader.read(_inputs(con, asked), workers=reader.workers):
        _check(batch, asked, done, reader.version)
        held.append(batch)
        done += batch.num_rows
        if sum(b.num_rows for b in held) >= PART_ROWS:
            _write(folder, held)
            held = []
        progress(f"read {done} of {count}")
    _write(folder, held)
    if done != count:
        raise WarehouseError(f"the reader answered {done} of {count} records; it must answer each, in order")


def _inputs(con: duckdb.DuckDBPyConnection, asked: list[str]) -> Iterator[pa.RecordBatch]:
    for batch in arrow_batches(con, "SELECT * FROM unread ORDER BY award_key", _BATCH_ROWS):
        given = pa.Table.from_batches([batch]).cast(READING_INPUT).combine_chunks().to_batches()
        for item in given:
            asked.extend(item.column("award_key").to_pylist())
            yield item


def _check(batch: pa.RecordBatch, asked: list[str], done: int, version: str) -> None:
    if not batch.schema.equals(READING, check_metadata=False):
        raise WarehouseError(f"the reader answered with columns {batch.schema.names}, expected {READING.names}")
    if batch.column("award_key").to_pylist() != asked[done : done + batch.num_rows]:
        raise WarehouseError(f"the reader's answers {done} to {done + batch.num_rows} are not in the order asked")
    other = set(batch.column("reader_version").to_pylist()) - {version}
    if other:
        raise WarehouseError(f"the reader says it is version {sorted(other)}, expected {version}")


def _write(folder: Path, held: list[pa.RecordBatch]) -> None:
    if not held:
        return
    name = f"part-{uuid.uuid4().hex}"
    temporary = folder / f"{name}.tmp"
    pq.write_table(pa.Table.from_batches(held), temporary, compression="zstd")
    temporary.replace(folder / f"{name}.parquet")


def _view(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    paths = sorted(folder.glob("*.parquet"))
    if paths:
        origin = f"read_parquet({parquet_list(paths)})"
    else:
        con.register("no_readings", READING.empty_table())
        origin = "no_readings"
    # one content may be in two parts when a run was stopped between writing and noticing
    con.execute(
        "CREATE OR REPLACE TEMP VIEW readings AS SELECT award_key AS content_sha256, entity, entity_reason, services, "  # noqa: S608
        f"reader_version FROM {origin} QUALIFY row_number() OVER (PARTITION BY award_key) = 1"
    )


def _forget_other_versions(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)

