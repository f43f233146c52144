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

from records.schemas import DOCUMENT_INPUT, DOCUMENT_READING, READING, READING_INPUT
from records.workspace import Workspace
from warehouse.engine import WarehouseError, arrow_batches, count_rows, joins_as_written, parquet_list

#: Readings held in memory before they are written: a stopped run resumes here.
PART_ROWS: Final = 5_000


@dataclass(frozen=True)
class Subject:
    """What is read: which contents a cache may lack, how the reader is asked, what it answers.

    ``unread`` selects ``content_sha256`` of all contents, each once or more; ``given`` what the reader is given for
    those in table ``unread``, its first column the content's hash. ``view`` is the view of what was read.
    """

    name: str
    folder: str
    view: str
    contents: str
    given: str
    asked: pa.Schema
    answered: pa.Schema
    batch_rows: int

    @property
    def key(self) -> str:
        """Column that comes back as given."""
        return str(self.asked.names[0])


AWARDS: Final = Subject(
    name="awards", folder="", view="readings",
    contents="SELECT content_sha256, record_key AS place FROM records",
    given=f"SELECT u.content_sha256 AS award_key, {', '.join(READING_INPUT.names[1:])} FROM unread AS u "  # noqa: S608
    "JOIN records AS r ON r.content_sha256 = u.content_sha256 AND r.record_key = u.place "
    "QUALIFY row_number() OVER (PARTITION BY u.content_sha256 ORDER BY r.record_kind) = 1 ORDER BY award_key",
    asked=READING_INPUT, answered=READING, batch_rows=1_000,
)  # fmt: skip
# Texts are streamed from the lake in its own order: sorting them would hold them all.
TEXTS: Final = Subject(
    name="texts", folder="texts", view="text_readings",
    contents="SELECT content_sha256, document_id AS place FROM documents WHERE readable",
    given="SELECT o.key AS document_id, o.kind, o.title, d.text, o.published, o.publisher, "
    "o.listed_agency_id AS agency_id, o.notice_type, o.awardee FROM lake_document AS d "
    "JOIN (SELECT documents.*, unread.content_sha256 AS key FROM documents JOIN unread ON document_id = place) AS o "
    "ON d.filename = o.filename AND d.file_row_number = o.file_row_number",
    asked=DOCUMENT_INPUT, answered=DOCUMENT_READING, batch_rows=200,
)  # fmt: skip


class Read(Protocol):
    """A reader: batches of the subject's ``asked`` in, of its ``answered`` out, in order."""

    def __call__(self, batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
        """Readings of the batches; pure."""
        ...


@dataclass(frozen=True)
class Reader:
    """A reader and its version: readings of another version are never used."""

    read: Read
    version: str
    workers: int = 1


def readers(
    read: Read | None, read_texts: Read | None, version: str | None, workers: int
) -> tuple[Reader, Reader]:
    """The readers of awards and of texts: the installation's (nlp), or those given, of their version.

    With an award reader only, texts are left unread. Raises WarehouseError for a text reader only, or no version.
    """
    if read is None and read_texts is None:
        from nlp.version import reader_version

        version = reader_version()
        return Reader(_read_awards, version, workers), Reader(_read_documents, version, workers)
    if read is None or not version:
        raise WarehouseError("statements.make: give reader_version, and an award reader, with a reader of your own")
    return Reader(read, version, workers), Reader(read_texts or _leave_unread_by(version), version, workers)


def _leave_unread_by(version: str) -> Read:
    """A text reader that finds nothing in anything."""

    def nothing(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
        del workers
        for batch in batches:
            rows = [{"document_id": key, "read": False, "statements": [], "reader_version": version}
                    for key in batch.column("document_id").to_pylist()]  # fmt: skip
            yield pa.RecordBatch.from_pylist(rows, schema=DOCUMENT_READING)

    return nothing


def _read_awards(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """nlp.awards, loaded when there is something to read: spaCy takes a second that a quiet night need not spend."""
    from nlp.awards import read_batches

    return read_batches(batches, workers=workers)


def _read_documents(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """nlp.documents, loaded when there is something to read."""
    from nlp.documents import read_documents

    return read_documents(batches, workers=workers)


def cache_folder(workspace: Workspace, version: str) -> Path:
    """Where readings of one reader version lie."""
    return workspace.state / "reading-cache" / version


def read_missing(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    reader: Reader,
    progress: Callable[[str], None],
    subject: Subject = AWARDS,
) -> int:
    """Read every content of the subject that the cache lacks, then make its view; returns how many.

    The reader is given the content's hash as key, so a reading depends on content alone. Raises WarehouseError
    when it answers with other keys, another order or another version than asked.
    """
    folder = cache_folder(workspace, reader.version) / subject.folder
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("*.tmp"):
        leftover.unlink()
    _view(con, folder, subject)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE unread AS SELECT content_sha256, min(place) AS place FROM ({subject.contents}) "  # noqa: S608
        f"ANTI JOIN {subject.view} USING (content_sha256) GROUP BY content_sha256"
    )
    count = count_rows(con, "unread")
    if count:
        _read(con, folder, reader, count, progress, subject)
        _view(con, folder, subject)
    con.execute("DROP TABLE unread")
    _forget_other_versions(cache_folder(workspace, reader.version))
    return count


def _read(
    con: duckdb.DuckDBPyConnection, folder: Path, reader: Reader, count: int, progress: Callable[[str], None],
    subject: Subject,
) -> None:  # fmt: skip
    asked: list[str] = []
    held: list[pa.RecordBatch] = []
    done = 0
    for batch in reader.read(_inputs(con, asked, subject), workers=reader.workers):
        _check(batch, asked, done, reader.version, subject)
        held.append(batch)
        done += batch.num_rows
        if sum(b.num_rows for b in held) >= PART_ROWS:
            _write(folder, held)
            held = []
        progress(f"read {done} of {count} {subject.name}")
    _write(folder, held)
    if done != count:
        raise WarehouseError(f"the reader answered {done} of {count} {subject.name}; it must answer each, in order")


def _inputs(con: duckdb.DuckDBPyConnection, asked: list[str], subject: Subject) -> Iterator[pa.RecordBatch]:
    with joins_as_written(con):
        for batch in arrow_batches(con, subject.given, subject.batch_rows):
            given = pa.Table.from_batches([batch]).cast(subject.asked).combine_chunks().to_batches()
            for item in given:
                asked.extend(item.column(subject.key).to_pylist())
                yield item


def _check(batch: pa.RecordBatch, asked: list[str], done: int, version: str, subject: Subject) -> None:
    if not batch.schema.equals(subject.answered, check_metadata=False):
        raise WarehouseError(f"the reader of {subject.name} answered with columns {batch.schema.names}, expected "
                             f"{subject.answered.names}")  # fmt: skip
    if batch.column(subject.key).to_pylist() != asked[done : done + batch.num_rows]:
        raise WarehouseError(
            f"the reader's answers {done} to {done + batch.num_rows} of {subject.name} are not in the order asked"
        )
    other = set(batch.column("reader_version").to_pylist()) - {version}
    if other:
        raise WarehouseError(f"the reader of {subject.name} says it is version {sorted(other)}, expected {version}")


def _write(folder: Path, held: list[pa.RecordBatch]) -> None:
    if not held:
        return
    name = f"part-{uuid.uuid4().hex}"
    temporary = folder / f"{name}.tmp"
    pq.write_table(pa.Table.from_batches(held), temporary, compression="zstd")
    temporary.replace(folder / f"{name}.parquet")


def _view(con: duckdb.DuckDBPyConnection, folder: Path, subject: Subject) -> None:
    paths = sorted(folder.glob("*.parquet"))
    if paths:
        origin = f"read_parquet({parquet_list(paths)})"
    else:
        origin = f"no_{subject.view}"
        con.register(origin, subject.answered.empty_table())
    columns = ", ".join(name for name in subject.answered.names if name != subject.key)
    # one content may be in two parts when a run was stopped between writing and noticing
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW {subject.view} AS SELECT {subject.key} AS content_sha256, {columns} "  # noqa: S608
        f"FROM {origin} QUALIFY row_number() OVER (PARTITION BY {subject.key}) = 1"
    )


def _forget_other_versions(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
