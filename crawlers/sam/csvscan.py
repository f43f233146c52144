"""Reads a CSV record by record with the byte place of each field, in bounded memory.

Belongs here: RFC 4180 quoting over bytes, and opening plain, gzipped or zipped files within limits. Does not belong
here: what the columns mean. The csv module says nothing of bytes, and evidence must lead back to them.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple, Protocol, cast

from crawlers.parsing import (
    BadCsvError,
    BombError,
    EncryptedArchiveError,
    Limits,
    NotDataError,
    ParseError,
    TruncatedFileError,
    printable,
)
from crawlers.sam.mapped import Mapped, joined

PLAIN: Final = "-"
MAX_RECORD_BYTES: Final = 8 << 20
_CHUNK: Final = 1 << 20
_FIELD: Final = re.compile(rb'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\r\n]*+))(,|\r?\n?\Z)')
_AGAIN: Final = "Download the file again; nothing of it was loaded"


class Lines(Protocol):
    """What records are read from."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line with its end, at most ``size`` bytes of it; empty at the end."""
        ...


class Record(NamedTuple):
    """One record: its fields' bytes (quotes off, doubled quotes still double), where each begins, whether it is CSV,
    and whether a line end follows (a file that broke off has none)."""

    fields: list[bytes]
    places: list[int]
    sound: bool
    ended: bool

    def mapped(self, number: int) -> Mapped:
        """A field as text that leads back to its bytes; doubled quotes are one character."""
        raw, place = self.fields[number], self.places[number]
        if b'""' not in raw:
            return joined([(raw, place)])
        parts: list[tuple[bytes, int]] = []
        pieces = raw.split(b'""')
        for at, piece in enumerate(pieces):
            parts.append((piece if at == len(pieces) - 1 else piece + b'"', place))
            place += len(piece) + 2
        return joined(parts)

    def text(self, number: int) -> str:
        """A field as text."""
        return self.mapped(number).text


@contextmanager
def opened(payload: BinaryIO, limits: Limits, folder: Path | None = None) -> Iterator[tuple[str, Lines]]:
    """Member name and stream of the CSV in the payload: itself, unzipped, or the only CSV of a zip.

    A payload that cannot seek is copied to disk first (in ``folder``). Raises NotDataError (page, JSON), BombError,
    EncryptedArchiveError, TruncatedFileError.
    """
    if not payload.seekable():
        with tempfile.TemporaryFile(dir=folder) as copy:
            shutil.copyfileobj(payload, copy, _CHUNK)
            with opened(cast(BinaryIO, copy), limits) as found:
                yield found
        return
    payload.seek(0)
    head = payload.read(512)
    size = payload.seek(0, 2)
    payload.seek(0)
    if head.startswith(b"PK"):
        with _zipped(payload) as (name, inner):
            _refuse(inner.peek(512) if isinstance(inner, zipfile.ZipExtFile) else b"", name)
            yield name, _Guarded(inner, limits, size)
    elif head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=payload) as unzipped:
            yield PLAIN, _Guarded(unzipped, limits, size)
    else:
        _refuse(head, PLAIN)
        yield PLAIN, payload


def records(stream: Lines, where: str) -> Iterator[Record]:
    """Every record, the header first; blank lines between records are skipped.

    A record that is no CSV comes as not sound. Raises BadCsvError for a record beyond 8 MB (a quote that never
    closes), TruncatedFileError where the file ends within quotes.
    """
    offset = 0
    parts: list[bytes] = []
    size = quotes = 0
    number = 0
    while line := _line(stream, where):
        parts.append(line)
        size += len(line)
        quotes += line.count(b'"')
        if size > MAX_RECORD_BYTES:
            raise BadCsvError(f"row {number} is longer than {MAX_RECORD_BYTES >> 20} MB: a quote that never closes, or "
                              "no CSV", where=where, do=_AGAIN)
        if quotes % 2:
            continue
        raw = b"".join(parts)
        if raw.strip(b"\r\n"):
            yield _record(raw, offset, first=number == 0)
            number += 1
        offset += size
        parts, size, quotes = [], 0, 0
    if parts:
        raise TruncatedFileError(f"ends within row {number}: the download broke off", where=where, do=_AGAIN)


def header(payload: BinaryIO) -> list[str]:
    """Column names of a file, none when it is no CSV at all (a page, an archive of something else)."""
    try:
        with opened(payload, Limits()) as (name, stream):
            first = next(records(stream, name), None)
    except ParseError:
        return []
    return [first.text(at).strip() for at in range(len(first.fields))] if first else []


def count(payload: BinaryIO, limits: Limits | None = None) -> int:
    """Data rows of a file, without reading what they say (a night's check of volume). Raises as ``records``."""
    rows = quotes = 0
    open_record = False
    with opened(payload, limits or Limits()) as (name, stream):
        while line := _line(stream, name):
            quotes += line.count(b'"')
            open_record = bool(quotes % 2)
            rows += not open_record and (len(line) > 2 or bool(line.strip()))
    if open_record:
        raise TruncatedFileError(f"ends within row {rows}: the download broke off", where="file", do=_AGAIN)
    return max(0, rows - 1)


def _record(raw: bytes, offset: int, *, first: bool) -> Record:
    at = 3 if first and raw.startswith(b"\xef\xbb\xbf") else 0
    fields: list[bytes] = []
    places: list[int] = []
    while True:
        found = _FIELD.match(raw, at)
        if found is None:
            return Record(fields, places, False, raw.endswith(b"\n"))
        group = 1 if found[1] is not None else 2
        fields.append(found[group])
        places.append(offset + found.start(group))
        at = found.end()
        if found[3] != b",":
            return Record(fields, places, at == len(raw), raw.endswith(b"\n"))


def _line(stream: Lines, where: str) -> bytes:
    try:
        return stream.readline(MAX_RECORD_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as problem:
        raise TruncatedFileError(f"is cut off or damaged ({problem})", where=where, do=_AGAIN) from None


@contextmanager
def _zipped(payload: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        archive = zipfile.ZipFile(payload)
    except zipfile.BadZipFile as problem:
        raise TruncatedFileError(f"the zip has no readable directory at its end ({problem})", where="zip",
                                 do=_AGAIN) from None
    with archive:
        tables = [info for info in archive.infolist() if info.filename.lower().endswith(".csv")]
        if len(tables) != 1:
            raise ParseError(f"holds {len(tables)} CSV files where one is expected", where="zip",
                             do="Unpack it and import the CSV files one by one")
        if tables[0].flag_bits & 0x1:
            raise EncryptedArchiveError("needs a password", where=printable(tables[0].filename),
                                        do="Ask the sender for a file without one")
        with archive.open(tables[0]) as inner:
            yield tables[0].filename, inner


class _Guarded:
    """A stream that stops at the limits of unpacking."""

    def __init__(self, inner: Lines, limits: Limits, packed: int) -> None:
        self._inner, self._limits, self._packed, self._read = inner, limits, max(packed, 1), 0

    def readline(self, size: int = -1, /) -> bytes:
        """As a file's. Raises BombError."""
        line = self._inner.readline(size)
        self._read += len(line)
        limits = self._limits
        if self._read > limits.unpacked_bytes or (
            self._read > limits.ratio_floor and self._read > limits.ratio * self._packed
        ):
            raise BombError(f"unpacks to more than {self._read - 1:,} bytes from {self._packed:,}", where="file",
                            do="SAM.gov's file is about 230 MB: check where this one came from")
        return line


def _refuse(head: bytes, where: str) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    shown = printable(start[:120].decode("utf-8", "replace"), 80)
    if start[:1] == b"<":
        raise NotDataError(f"is a web page or XML, not the CSV: '{shown}'", where=where,
                           do="SAM.gov answered with a page (error or maintenance). Try again later")
    if start[:1] in (b"{", b"["):
        raise NotDataError(f"is JSON, not the CSV: '{shown}'", where=where,
                           do="SAM.gov answered with a message instead of the file. Read it and try again")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotDataError("is UTF-16, not the CSV as published", where=where, do=_AGAIN)
