"""Reads a city's list as it was saved: CSV in any usual encoding, XLSX and its kin, a 13F information table (XML).

Belongs here: bytes to a table of text, limits, clear errors. Does not belong here: what columns mean (columns), what a
row says (entries).
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from entities.screening.model import ScreeningError
from ordinance.screening import screening
from records.delimited import DelimitedError, read_delimited

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_KNOWN: Final = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"\x1f\x8b": "a gzip archive",
                 b"{\\rtf": "an RTF text", b"7z\xbc\xaf": "a 7-Zip archive", b"PAR1": "a Parquet file"}  # fmt: skip
_EXPANDS: Final = 8  # a workbook may be unpacked to so many times the limit of bytes
_HEADER_WITHIN: Final = 30  # rows of titles above the header of a sheet
_FIELDS: Final = {"nameOfIssuer": "nameOfIssuer", "titleOfClass": "titleOfClass", "cusip": "cusip", "value": "value",
                  "putCall": "putCall"}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A list as a table of text. ``how`` says how it was read; ``sha256`` is of the file's bytes."""

    file: str
    sha256: str
    how: str
    columns: tuple[str, ...]
    rows: list[list[str]]


def read_list(path: Path, sheet: str | None = None) -> Sheet:
    """The table of a file; ``sheet`` names one of a workbook (default: the first with rows).

    Raises ScreeningError for a file that is missing, empty, too large (said before it is read), of another kind, cut
    off, protected, or without rows.
    """
    limits = screening()
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ScreeningError(f"{path}: is no file")
        if size > limits.most_bytes:
            raise ScreeningError(f"{path}: has {size / 1e6:,.0f} MB, at most {limits.most_bytes / 1e6:,.0f} MB are "
                                 "read; split the list")  # fmt: skip
        with path.open("rb") as file:
            head = file.read(512)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise ScreeningError(f"{path}: cannot be read ({problem.strerror})") from None
    if not head.strip():
        raise ScreeningError(f"{path}: is empty; a header and rows are needed")
    columns, rows, how = _table(path, head, sheet)
    if not rows:
        raise ScreeningError(f"{path}: has a header but no rows")
    if len(rows) > limits.most_rows:
        raise ScreeningError(f"{path}: has {len(rows):,} rows, at most {limits.most_rows:,} are read; split the list")
    return Sheet(path.name, sha256, how, tuple(columns), rows)


def _table(path: Path, head: bytes, sheet: str | None) -> tuple[list[str], list[list[str]], str]:
    for mark, what in _KNOWN.items():
        if head.startswith(mark):
            raise ScreeningError(f"{path}: is {what}; export the list as CSV or XLSX")
    if head.startswith((_ZIP, _OLE)):
        return _workbook(path, sheet, zipped=head.startswith(_ZIP))
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _thirteen_f(path)
    try:
        table = read_delimited(path)
    except DelimitedError as problem:
        raise ScreeningError(str(problem)) from None
    delimiter = {"\t": "tab"}.get(table.delimiter, table.delimiter)
    return list(table.columns), table.rows, f"CSV, encoding {table.encoding}, delimiter '{delimiter}'"


def _workbook(path: Path, sheet: str | None, *, zipped: bool) -> tuple[list[str], list[list[str]], str]:
    try:
        if zipped:
            with zipfile.ZipFile(path) as package:
                if sum(one.file_size for one in package.infolist()) > _EXPANDS * screening().most_bytes:
                    raise ScreeningError(f"{path}: unpacks to far more than a list needs; it is not opened")
                if not any(name.endswith((".xml", ".bin")) for name in package.namelist()):
                    raise ScreeningError(f"{path}: is a zip archive but no workbook; unpack it first")
        with CalamineWorkbook.from_path(str(path)) as book:
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                raise ScreeningError(f"{path}: has no sheet '{sheet}'; its sheets are {', '.join(names)}")
            for name in [sheet] if sheet else names:
                grid = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
                rows = [[_cell(value) for value in row] for row in grid]
                at = _header(rows)
                if at is not None:
                    body = [row for row in rows[at + 1 :] if any(row)]
                    return [cell.strip() for cell in rows[at]], body, f"workbook, sheet '{name}'"
    except PasswordError:
        raise ScreeningError(f"{path}: is protected by a password; save it without") from None
    except (CalamineError, zipfile.BadZipFile, OSError, EOFError, ValueError) as problem:
        if isinstance(problem, ScreeningError):
            raise
        raise ScreeningError(f"{path}: is a workbook that cannot be opened: it is cut off or damaged; "
                             "save it again, or as CSV") from None  # fmt: skip
    raise ScreeningError(f"{path}: no sheet has a header and rows")


def _header(rows: list[list[str]]) -> int | None:
    """The row of headings: the first, within the first thirty, of at least two texts (of one, where no row has two)."""
    wide = max((sum(1 for cell in row if cell) for row in rows[:_HEADER_WITHIN]), default=0)
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        if sum(1 for cell in row if cell) >= min(2, wide) and any(row):
            return number
    return None


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() if value is not None else ""


def _thirteen_f(path: Path) -> tuple[list[str], list[list[str]], str]:
    try:
        root: Element = fromstring(path.read_bytes().lstrip(b"\xef\xbb\xbf \r\n\t"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as problem:
        raise ScreeningError(f"{path}: is XML that cannot be read safely ({type(problem).__name__}: {problem}); give "
                             "the information table as the SEC serves it") from None  # fmt: skip
    rows = list(_holdings(root))
    if not rows:
        raise ScreeningError(f"{path}: is XML without an infoTable; only 13F information tables are read from XML")
    return list(_FIELDS), rows, "13F information table (XML)"


def _holdings(root: Element) -> Iterator[list[str]]:
    for table in root.iter():
        if _local(table.tag) == "infoTable":
            cells = {_local(one.tag): (one.text or "").strip() for one in table.iter()}
            yield [cells.get(name, "") for name in _FIELDS]


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
