"""Workbooks and CSVs as sheets of rows of cells, read with limits.

Belongs here: XLSX, XLS and CSV into rows. Does not belong here: what a row means (layout, lists).

A workbook is a zip of XML: its size unpacked is checked before anything reads it, and calamine, which reads it,
resolves
no entities and runs no macros.
"""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from crawlers.news.decoded import decode
from crawlers.parsing import BadCsvError, BombError, EncryptedArchiveError, NotDataError, TruncatedFileError

MAX_BYTES: Final = 64 << 20
_MAX_UNPACKED: Final = 512 << 20
_MAX_RATIO: Final = 300
_MAX_MEMBERS: Final = 2000
_MAX_ROWS: Final = 200_000
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_AGAIN: Final = "Download it again from ice.gov"


class Sheet(NamedTuple):
    """One sheet: its name ('' for a CSV) and its rows, each with the row's number in the file from 1."""

    name: str
    rows: list[tuple[int, list[Any]]]


def sheets(payload: BinaryIO, where: str) -> Iterator[Sheet]:
    """Sheets in the workbook's order. Raises BombError, EncryptedArchiveError, NotDataError, TruncatedFileError."""
    raw = payload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise BombError(f"is larger than {MAX_BYTES >> 20} MB", where=where,
                        do="No facility list is; look at it by hand")
    start = raw[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower()
    if raw.startswith(b"PK"):
        _check_zip(raw, where)
        yield from _workbook(raw, where)
    elif raw.startswith(_OLE):
        if _ENCRYPTED in raw:
            raise EncryptedArchiveError("needs a password", where=where, do="Save it without one")
        yield from _workbook(raw, where)
    elif start.startswith((b"<!doctype", b"<html", b"<?xml", b"{", b"%pdf")) or not raw.strip():
        raise NotDataError("is no workbook and no CSV", where=where, do=_AGAIN)
    else:
        yield _csv(raw, where)


def _check_zip(raw: bytes, where: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error) as problem:
        raise TruncatedFileError(f"is a broken zip ({problem})", where=where, do=_AGAIN) from None
    if not any(one.filename == "[Content_Types].xml" for one in members):
        raise NotDataError("is a zip but no workbook", where=where, do="Unpack it and import the workbook in it")
    size = sum(one.file_size for one in members)
    if size > _MAX_UNPACKED or len(members) > _MAX_MEMBERS or size > _MAX_RATIO * max(len(raw), 1 << 16):
        raise BombError(f"unpacks to {size:,} bytes in {len(members)} members", where=where, do="It is not read")
    if any(one.flag_bits & 1 for one in members):
        raise EncryptedArchiveError("needs a password", where=where, do="Save it without one")


def _workbook(raw: bytes, where: str) -> Iterator[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(raw)) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.height > _MAX_ROWS or sheet.width > 4096:
                    raise BombError(f"sheet '{name[:60]}' has {sheet.height:,} rows, {sheet.width:,} columns",
                                    where=where, do="No facility list has; look at it by hand")
                first = sheet.start[0] if sheet.start else 0
                rows = sheet.to_python(skip_empty_area=True)
                yield Sheet(name, [(first + number + 1, list(row)) for number, row in enumerate(rows)])
    except PasswordError:
        raise EncryptedArchiveError("needs a password", where=where, do="Save it without one") from None
    except BaseException as problem:
        if not _unreadable(problem):
            raise
        raise TruncatedFileError(f"cannot be read as a workbook ({str(problem)[:120]})", where=where,
                                 do=_AGAIN) from None


def _unreadable(problem: BaseException) -> bool:
    """calamine's own errors, and a panic of its Rust code: that is no Exception, and must not end a night."""
    return isinstance(problem, CalamineError | OSError | ValueError) or type(problem).__name__ == "PanicException"


def _csv(raw: bytes, where: str) -> Sheet:
    if b"\x00" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotDataError("is binary, no workbook and no CSV", where=where, do=_AGAIN)
    said = decode(raw).clean
    head = said[:8192]
    delimiter = max(",;\t|", key=head.count)
    rows: list[tuple[int, list[Any]]] = []
    reader = csv.reader(io.StringIO(said, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if len(rows) >= _MAX_ROWS:
                raise BombError(f"has more than {_MAX_ROWS:,} rows", where=where, do="No facility list has")
            rows.append((len(rows) + 1, list(row)))
    except csv.Error as problem:
        raise BadCsvError(f"row {reader.line_num}: {problem}", where=where, do=_AGAIN) from None
    return Sheet("", rows)
