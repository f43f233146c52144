"""The parser of official USAspending CSV files: zip, gzip or plain, of any layout in columns.yaml.

Belongs here: running the layout's query over a file and making lake batches. Does not belong here: the expressions
(select.py), unpacking (unpack.py), the search's JSON (search.py).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from crawlers.parsing import BadCsvError, ParseContext, TruncatedFileError, UnknownLayoutError, printable
from crawlers.usaspending import select
from crawlers.usaspending.flags import FlagReader
from crawlers.usaspending.layouts import Layout, recognise, unknown_columns
from crawlers.usaspending.unpack import PLAIN, Member, Unpacked, members, workplace

BATCH_ROWS: Final = 50_000
MEMORY: Final = "1GB"
THREADS: Final = 2
MAX_LINE_BYTES: Final = 8 << 20
_SAMPLE_DATES: Final = 50_000
_TAIL_BYTES: Final = 4096
_WHOLE_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/(\d{4}|\d{2})\b")
csv.field_size_limit(MAX_LINE_BYTES)


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(table, batch) pairs of every CSV in the payload, in the order of the file. Raises ParseError.

    A header without rows is fine. Memory stays under a gigabyte or so whatever the size; the disk holds one
    unpacked member at a time.
    """
    seen = Unpacked()
    with workplace(context.folder) as folder:
        for member in members(payload, folder=folder, limits=context.limits, seen=seen):
            yield from _member(member, context)
    for name in seen.ignored:
        context.report("member_ignored", "is no CSV and was not read", where=printable(name), severity="note")


def read_header(path: Path, where: str) -> list[str]:
    """Column names of the first line. Raises UnknownLayoutError for an empty file, BadCsvError for a broken header,
    TruncatedFileError where nothing, not even a line break, follows it: its last name may be half a name."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = _Lines(file)
        try:
            header = next(csv.reader(lines, strict=True), None)
        except csv.Error as problem:
            if not lines.last.endswith(("\n", "\r")):
                raise _cut_in_header(where) from None
            raise BadCsvError(f"the header cannot be read ({problem})", where=where,
                              do="Download the file again") from None
    if not header:
        raise UnknownLayoutError("is empty", where=where, do="Download the file again")
    if not lines.last.endswith(("\n", "\r")):
        raise _cut_in_header(where)
    return [name.strip() for name in header]


class _Lines:
    """Lines of a file, remembering the last one given."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines, self.last = lines, ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.last = next(self._lines)
        return self.last


def _last_row(path: Path, column: str, where: str, context: ParseContext) -> None:
    """Judge a last row that no line break follows. Raises TruncatedFileError where it ends inside a date."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read().decode("utf-8", "replace")
    cell = tail.rpartition(",")[2].strip().strip('"')
    if column.endswith("_date") and cell and not _WHOLE_DATE.match(cell):
        raise TruncatedFileError(f"ends inside its last row: {column} is '{printable(cell, 40)}'", where=where,
                                 do="It was cut off. Download the file again; nothing of it was loaded")
    sure = bool(column.endswith("_date") and cell)
    context.report("last_row", "has no line break after its last row; compare its number of rows with what was ordered",
                   where=where, severity="note" if sure else "warning")


def _cut_in_header(where: str) -> TruncatedFileError:
    return TruncatedFileError("ends inside its header: no line break follows it", where=where,
                              do="It was cut off. Download the file again; nothing of it was loaded")


def member_place(member: Member) -> str:
    """How messages name a member."""
    return "file" if member.name == PLAIN else printable(member.name)


def _member(member: Member, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    where = member_place(member)
    header = read_header(member.path, where)
    layout = recognise(header, where)
    for name in unknown_columns(layout, header):
        context.report("unknown_column", "is not an official column this program knows; it was not read",
                       where=where, column=printable(name))
    if member.foreign_bytes:
        context.report("encoding", "was not UTF-8 throughout; bytes outside it were read as Windows-1252",
                       where=where, count=member.foreign_bytes, severity="note")
    with _connect(member.path) as con:
        try:
            _create_rows(con, member.path, header)
            selection = select.build(layout, header, as_of=context.as_of, keep=context.keep,
                                     day_first=_day_first(con, layout, header, context, where))
            reader = con.sql(selection.query).to_arrow_reader(BATCH_ROWS)
            yield from _batches(reader, layout, selection, member, context)
        except (duckdb.Error, pa.ArrowException) as problem:
            raise BadCsvError(f"its rows cannot be read: {_reason(problem, member.path)}", where=where,
                              do="The file is damaged, cut off or edited: download it again; nothing of it was "
                              "loaded") from None
    if not member.ended:
        _last_row(member.path, header[-1], where, context)


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A private database that can read this one file and nothing else."""
    con = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY, "autoinstall_known_extensions": False,
                                 "autoload_known_extensions": False, "temp_directory": str(path.parent / "spill")})
    con.execute(f"SET allowed_paths = ['{_escaped(str(path))}']")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _escaped(text: str) -> str:
    return text.replace("'", "''")


def _create_rows(con: duckdb.DuckDBPyConnection, path: Path, header: Sequence[str]) -> None:
    """The view ``rows``: used columns only, all text, strict, no guessing."""
    types = ", ".join(f"'{_escaped(name)}': 'VARCHAR'" for name in header)
    con.execute(
        f"CREATE VIEW rows AS SELECT * FROM read_csv('{_escaped(str(path))}', "  # noqa: S608
        f"auto_detect=false, header=true, columns={{{types}}}, delim=',', quote='\"', escape='\"', nullstr='', "
        f"strict_mode=true, null_padding=false, ignore_errors=false, max_line_size={MAX_LINE_BYTES})"
    )


def _day_first(
    con: duckdb.DuckDBPyConnection, layout: Layout, header: Sequence[str], context: ParseContext, where: str
) -> bool | None:
    """Order of day and month, from the file's own dates; None where they are ISO. The layout's where none shows it."""
    names = [n for c in select.date_columns(layout) for n in select.official(layout, header, c)]
    if not names:
        return None
    listed = ", ".join(select.quoted(n) for n in names)
    found = con.execute(
        f"""WITH one AS (SELECT unnest([{listed}]) AS d FROM (SELECT {listed} FROM rows LIMIT {_SAMPLE_DATES})),
        parts AS (SELECT TRY_CAST(split_part(d, '/', 1) AS INT) AS a, TRY_CAST(split_part(d, '/', 2) AS INT) AS b
                  FROM one WHERE contains(d, '/'))
        SELECT count(*), count(*) FILTER (a > 12), count(*) FILTER (b > 12) FROM parts"""  # noqa: S608
    ).fetchall()
    slashed, day_first, month_first = found[0]
    if not slashed:
        return None
    if bool(day_first) == bool(month_first):
        context.report("date_order", f"writes dates with slashes that do not show whether the day or the month comes "
                       f"first; read as {layout.dates}", where=where, count=int(slashed))
        return layout.dates == "dmy"
    return bool(day_first)


def _batches(
    reader: pa.RecordBatchReader, layout: Layout, selection: select.Selection, member: Member, context: ParseContext
) -> Iterator[tuple[str, pa.RecordBatch]]:
    schema = select.SCHEMAS[layout.table]
    where, flags = member_place(member), FlagReader(layout.flags)
    done = 0
    for batch in reader:
        numbers = pa.array(range(done + 1, done + 1 + batch.num_rows), pa.int64())
        done += batch.num_rows
        context.read[layout.table] += batch.num_rows
        dropped = _report(batch.column("_checks"), batch.column("_keep"), numbers, selection.checks, where, context)
        extra = {
            "business_flags": flags.read(batch.column("_flags")),
            "source": pa.repeat(pa.scalar(context.source), batch.num_rows),
            "capture_id": pa.repeat(pa.scalar(context.capture_id), batch.num_rows),
            "locator": pc.binary_join_element_wise(f"csv:{member.name}", pc.cast(numbers, pa.string()), "#"),
        }
        arrays = [pc.cast(extra[f.name] if f.name in extra else batch.column(f.name), f.type)
                  for f in schema]
        out = pa.RecordBatch.from_arrays(arrays, schema=schema)
        keep = pc.and_(batch.column("_keep"), pc.invert(dropped))
        context.left_out += batch.num_rows - int(pc.sum(batch.column("_keep")).as_py() or 0)
        yield layout.table, out if pc.all(keep).as_py() else out.filter(keep)
    for strange in sorted(flags.strange)[:50]:
        context.report("flag", f"holds a business type no list names: {printable(strange)}", where=where,
                       column=printable(strange))


def _report(
    marks: pa.Array, keep: pa.Array, numbers: pa.Array, checks: list[select.Check], where: str, context: ParseContext
) -> pa.Array:
    """Report the batch's faults among rows that are kept; returns which rows have no key."""
    some = pc.and_(pc.not_equal(marks, 0), keep)
    dropped = pa.repeat(pa.scalar(False), len(marks))
    if not pc.any(some).as_py():
        return dropped
    for bit, check in enumerate(checks):
        hit = pc.and_(some, pc.not_equal(pc.bit_wise_and(marks, pa.scalar(1 << bit, marks.type)), 0))
        rows = numbers.filter(hit)
        if len(rows) == 0:
            continue
        severity = {"mojibake": "note", "no_key": "error"}.get(check.kind, "warning")
        context.report(check.kind, check.message, where=where, column=check.column, count=len(rows),
                       rows=tuple(rows.slice(0, 20).to_pylist()), severity=severity)  # type: ignore[arg-type]
        if check.kind == "no_key":
            dropped = hit
    return dropped


def _reason(problem: Exception, path: Path) -> str:
    """DuckDB's own words without this machine's paths, first lines only."""
    lines = [line for line in str(problem).replace(str(path), "the file").splitlines() if line.strip()]
    return printable(" ".join(lines[:3]), 300)
