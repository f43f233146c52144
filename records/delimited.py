"""Reads a table that somebody saved as text: any usual encoding and delimiter, ragged rows, a byte-order mark.

Belongs here: text files with columns, for every room that takes a user's file. Does not belong here: spreadsheets and
the official CSVs of publishers (crawlers), what the columns mean.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED_LINES: Final = 30
_LONGEST_CELL: Final = 1_000_000  # characters
_GUESSED_BYTES: Final = 200_000  # of the file, when guessing an encoding that is not UTF-8


class DelimitedError(ValueError):
    """The file is no table that can be read; the message says why and what to do."""


@dataclass(frozen=True)
class Delimited:
    """A table as text: column names as written, rows of as many cells as columns, and how it was read."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    encoding: str
    delimiter: str

    def column(self, name: str) -> list[str]:
        """The column's cells; its name is found whatever the case, blanks around it aside.

        Raises DelimitedError naming the columns there are.
        """
        at = self.position(name)
        if at is None:
            raise DelimitedError(f"no column {name!r}; the columns are {', '.join(self.columns) or 'none'}. "
                                 "Rename the column, or check the delimiter.")
        return [row[at] for row in self.rows]

    def position(self, name: str) -> int | None:
        """The column's number, or None when there is no such column."""
        plain = [column.strip().casefold() for column in self.columns]
        return plain.index(name.casefold()) if name.casefold() in plain else None


def read_delimited(path: Path) -> Delimited:
    """The table of a text file. Short rows are filled with blanks, cells beyond the header's last are dropped.

    Raises DelimitedError for a file that is missing, empty, no text, or holds a cell without end.
    """
    try:
        body = path.read_bytes()
    except OSError as problem:
        raise DelimitedError(f"{path}: cannot be read ({problem.strerror})") from None
    text, encoding = _decoded(body, path)
    if not text.strip():
        raise DelimitedError(f"{path}: is empty; a header and rows are needed")
    delimiter = _delimiter(text)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header = next(row for row in read if any(cell.strip() for cell in row))
        rows = [_filled(row, len(header)) for row in read if any(cell.strip() for cell in row)]
    except csv.Error as problem:
        raise DelimitedError(f"{path}: line {read.line_num}: {problem}; a quotation mark may be left open") from None
    return Delimited(tuple(cell.strip() for cell in header), rows, encoding, delimiter)


def write_rows(path: Path, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> int:
    """Writes a CSV (UTF-8, RFC 4180, cells safe against formulas) beside ``path`` and puts it there when whole.

    Returns the number of rows. Raises OSError when the folder cannot be written.
    """
    from records.cells import safe_cell

    part = path.with_name(path.name + ".part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([safe_cell(column) for column in columns])
            for row in rows:
                writer.writerow([safe_cell(cell) for cell in row])
                count += 1
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _decoded(body: bytes, path: Path) -> tuple[str, str]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return body.decode(encoding, errors="replace").replace("\0", ""), encoding
    if b"\0" in body[:65_536] or body.startswith((b"PK\x03\x04", b"%PDF")):
        raise DelimitedError(f"{path}: is no text file; save the table as CSV in UTF-8")
    try:
        return body.decode("utf-8").replace("\0", ""), "utf-8"
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(body[:_GUESSED_BYTES], cp_isolation=["cp1252", "latin_1", "mac_roman", "cp437"]).best()
        encoding = best.encoding if best else "cp1252"
        return body.decode(encoding, errors="replace").replace("\0", ""), encoding


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first lines into the same number of two cells or more; a comma when none does."""
    lines = [line for line in text[:200_000].splitlines()[:_SNIFFED_LINES] if line.strip()]
    best, most = ",", (0, 0)
    for delimiter in _DELIMITERS:
        sizes = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        size, times = Counter(sizes).most_common(1)[0]
        if size > 1 and sizes[0] > 1 and (times, size) > most:
            best, most = delimiter, (times, size)
    return best


def _filled(row: list[str], width: int) -> list[str]:
    return row[:width] + [""] * (width - len(row))
