"""Harvests into the lake: each capture through its parser, each batch into partitions that are replaced whole.

Belongs here: running parsers over archived payloads, writing partitions, saying what came of it. Does not belong
here: formats (parsers), which row of several counts (warehouse.compose).
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.archive import ArchiveError, Capture, EvidenceArchive
from crawlers.decoding import UndecodableError
from crawlers.parsers import PARSERS
from crawlers.parsing import ParseContext, ParseError, Problem
from crawlers.quality import Quality, measure
from crawlers.sources import Assertions
from crawlers.warc_read import DamagedRecordError
from records.lake import LakeError, partition_path, replacing
from records.published import COMPANY_ALIAS, DOCUMENT, FACILITY, FAMILY_EDGE, LEAD, NOTICE, SECURITY
from records.schemas import SUBAWARD, TRANSACTION

TABLES: Final = {"transaction": TRANSACTION, "subaward": SUBAWARD, "notice": NOTICE, "document": DOCUMENT,
                 "lead": LEAD, "facility": FACILITY, "company_alias": COMPANY_ALIAS, "family_edge": FAMILY_EDGE,
                 "security": SECURITY}
#: Rows of one capture held in memory before they go to a file of their own (a capture that fails leaves none).
HELD_ROWS: Final = 50_000
_MAIN_TABLE: Final = "transaction"


class HarvestLike(Protocol):
    """What a crawl's report says is to be read (``crawlers.run.Harvest``)."""

    @property
    def capture_id(self) -> str:
        """The capture to read."""
    @property
    def parser(self) -> str:
        """Name in PARSERS."""
    @property
    def batch(self) -> str:
        """Partition of the lake."""


@dataclass(kw_only=True)
class BatchReport:
    """One batch: rows written by table, read by capture; ``written`` is False where the old partition was left."""

    batch: str
    written: bool = False
    ok: bool = True
    rows: dict[str, int] = field(default_factory=dict)
    by_capture: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    quality: list[Quality] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(kw_only=True)
class LoadReport:
    """What a load did. ``ok``: no capture failed, no row was lost, every assertion of the source holds.

    ``rows`` counts rows written by table; ``duplicates`` rows beyond the first with the same facts; ``problems``
    are lines for people (notes left out); ``details`` every problem as data.
    """

    source: str
    ok: bool = True
    seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    left_out: int = 0
    batches: list[BatchReport] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def skipped(self) -> bool:
        """True when there was nothing to load."""
        return not self.batches

    @property
    def details(self) -> list[Problem]:
        """Every problem met, notes included."""
        return [problem for batch in self.batches for problem in batch.problems]

    def headline(self) -> str:
        """One line for people."""
        if self.skipped:
            return "nothing to load"
        rows = ", ".join(f"{count:,} {table}s" for table, count in self.rows.items())
        repeated = f", {self.duplicates:,} repeated" if self.duplicates else ""
        return f"{rows or 'no rows'}{repeated}{'' if self.ok else ', with problems'}"


def load(
    harvests: Iterable[HarvestLike], archive: EvidenceArchive, lake: Path, *, source: str,
    assertions: Assertions | None = None, progress: Callable[[int, int], None] | None = None,
    scratch: Path | None = None,
) -> LoadReport:
    """Parse the harvests and replace lake partitions (table, source, batch), one batch after the other.

    A batch is all its harvests. Where a capture fails, the batch's report is not ok and an old partition is left
    standing; where there is none yet, the rows of the other captures are written. ``progress(done, total)`` counts
    captures. ``scratch`` is where files are unpacked (the system's temporary folder by default).
    Raises LakeError when the lake cannot be written.
    """
    started = time.monotonic()
    batches: defaultdict[str, dict[tuple[str, str], Mapping[str, Any]]] = defaultdict(dict)
    for one in harvests:
        batches[one.batch][one.capture_id, one.parser] = getattr(one, "context", {})
    report = LoadReport(source=source)
    total = sum(map(len, batches.values()))
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    for name in sorted(batches):
        loader = _Batch(archive, lake, source, name, scratch)
        report.batches.append(loader.run(batches[name], assertions or Assertions(), step))
    _sum_up(report)
    report.seconds = round(time.monotonic() - started, 3)
    return report


def _sum_up(report: LoadReport) -> None:
    rows: Counter[str] = Counter()
    for batch in report.batches:
        rows.update(batch.rows if batch.written else {})
        report.ok = report.ok and batch.ok
        report.left_out += batch.left_out
        report.duplicates += sum(quality.duplicates for quality in batch.quality)
        report.problems += [f"{report.source} {batch.batch}: {p.capture_id} {p}" for p in batch.problems
                            if p.severity != "note"]
    report.rows = dict(rows)


class _Batch:
    """One batch on its way into the lake."""

    def __init__(self, archive: EvidenceArchive, lake: Path, source: str, name: str, scratch: Path | None) -> None:
        self._archive, self._lake, self._source, self._scratch = archive, lake, source, scratch
        self.report = BatchReport(batch=name)
        self._failed = False

    def run(
        self, harvests: Mapping[tuple[str, str], Mapping[str, Any]], assertions: Assertions, step: Callable[[], None]
    ) -> BatchReport:
        report = self.report
        try:
            with ExitStack() as stack:
                sinks = _Sinks(stack, self._target)
                for (capture_id, parser), hints in harvests.items():
                    self._capture(capture_id, parser, hints, sinks)
                    step()
                if self._failed and any(self._target(table).exists() for table in TABLES):
                    raise _KeepOld
                sinks.finish()
                for table, folder in sinks.folders.items():
                    quality = measure(table, sorted(folder.glob("*.parquet")), assertions)
                    report.quality.append(quality)
                    report.problems += quality.problems
                report.rows = dict(sinks.rows)
            report.written = True
        except _KeepOld:
            report.problems.append(Problem(kind="kept_old", severity="error", where=report.batch,
                                           message="a capture failed: the partition of the last good load was left"))
        report.ok = not self._failed and not any(p.severity == "error" for p in report.problems)
        return report

    def _target(self, table: str) -> Path:
        return partition_path(self._lake, table, self._source, self.report.batch)

    def _capture(self, capture_id: str, parser: str, hints: Mapping[str, Any], sinks: _Sinks) -> None:
        if parser not in PARSERS:
            self._fail(capture_id, f"no parser '{parser}'; known: {', '.join(PARSERS)}")
            return
        try:
            capture = self._archive.get(capture_id)
        except KeyError:
            self._fail(capture_id, "no such capture is in the archive; crawl again")
            return
        try:
            context = ParseContext(capture_id=capture_id, source=self._source, as_of=capture.fetched_at.date(),
                                   folder=self._scratch, url=capture.uri, hints=hints)
            rows = sinks.take(self._parsed(capture, parser, context))
        except (ParseError, ArchiveError, DamagedRecordError, UndecodableError) as problem:
            self._fail(capture_id, str(problem))
        else:
            self.report.by_capture[capture_id] = rows
            self.report.left_out += context.left_out
            self.report.problems += context.problems

    def _parsed(self, capture: Capture, parser: str, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
        if capture.verdict != "ok":
            raise ArchiveError(f"its verdict is {capture.verdict} ({capture.verdict_reason}): it is no evidence")
        with self._archive.payload(capture) as payload:
            yield from PARSERS[parser](payload, context)

    def _fail(self, capture_id: str, message: str) -> None:
        self._failed = True
        self.report.problems.append(
            Problem(kind="capture", message=message, severity="error", capture_id=capture_id, where="capture"))


class _KeepOld(Exception):
    """Leaves the partition's replacement without doing it."""


class _Sinks:
    """Part files of the tables of one batch. A capture's rows go in whole or not at all."""

    def __init__(self, stack: ExitStack, target: Callable[[str], Path]) -> None:
        self._stack, self._target = stack, target
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.folders: dict[str, Path] = {}
        self.rows: Counter[str] = Counter()

    def take(self, parsed: Iterator[tuple[str, pa.RecordBatch]]) -> int:
        """Write one capture's batches; returns its rows. On any error nothing of it stays."""
        held: list[tuple[str, pa.RecordBatch]] = []
        own: dict[str, pq.ParquetWriter] = {}
        rows: Counter[str] = Counter()
        try:
            for table, batch in parsed:
                _check(table, batch)
                rows[table] += batch.num_rows
                held.append((table, batch))
                if own or rows.total() > HELD_ROWS:
                    self._spill(held, own)
        except BaseException:
            for writer in own.values():
                writer.close()
                Path(writer.where).unlink()
            raise
        for writer in own.values():
            writer.close()
        for table, batch in held:
            self._writer(table).write_batch(batch)
        self.rows.update(rows)
        return rows.total()

    def finish(self) -> None:
        """Close the files; tables that had rows before and have none now become empty."""
        for table in TABLES:
            if self._target(table).exists() or (table == _MAIN_TABLE and not self._writers and not self.folders):
                self._writer(table)
        for writer in self._writers.values():
            writer.close()

    def _spill(self, held: list[tuple[str, pa.RecordBatch]], own: dict[str, pq.ParquetWriter]) -> None:
        for table, batch in held:
            if table not in own:
                number = len(list(self._folder(table).glob("part-*.parquet"))) + 1
                own[table] = _open(self._folder(table) / f"part-{number}.parquet", table)
            own[table].write_batch(batch)
        held.clear()

    def _folder(self, table: str) -> Path:
        if table not in self.folders:
            self.folders[table] = self._stack.enter_context(replacing(self._target(table)))
        return self.folders[table]

    def _writer(self, table: str) -> pq.ParquetWriter:
        if table not in self._writers:
            writer = _open(self._folder(table) / "part-0.parquet", table)
            self._writers[table] = writer
            self._stack.callback(writer.close)
        return self._writers[table]


def _open(path: Path, table: str) -> pq.ParquetWriter:
    return pq.ParquetWriter(str(path), TABLES[table], compression="zstd", compression_level=1)


def _check(table: str, batch: pa.RecordBatch) -> None:
    if table not in TABLES:
        raise LakeError(f"a parser gave rows of '{table}', which is no table of load: {', '.join(TABLES)}")
    if not batch.schema.equals(TABLES[table], check_metadata=False):
        raise LakeError(f"{table}: a batch has {batch.schema.names}, expected {TABLES[table].names}")
