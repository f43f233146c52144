"""Opens what USAspending sends: a zip of CSVs, a gzipped or plain CSV, into UTF-8 files on disk, within limits.

Belongs here: container safety and character encoding. Does not belong here: what the columns mean.
"""

from __future__ import annotations

import codecs
import gzip
import io
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from crawlers.parsing import (
    BadCsvError,
    BadEncodingError,
    BombError,
    EncryptedArchiveError,
    Limits,
    NotDataError,
    ParseError,
    TruncatedFileError,
    UnsafeArchiveError,
    printable,
)

CHUNK: Final = 1 << 20
MAX_LINE: Final = 32 << 20
PLAIN: Final = "-"  # the member name of a payload that is no archive
_AGAIN: Final = "Download the file again"
_HANDLER: Final = "section3c-windows-1252"
# Bytes that Windows-1252 leaves undefined.
_UNDEFINED: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
_foreign = threading.local()


@dataclass(frozen=True)
class Member:
    """One CSV as a UTF-8 file without byte order mark; ``foreign_bytes`` counts bytes that were Windows-1252.

    ``ended`` is False where no line break follows the last line: such a file may have been cut off.
    """

    name: str
    path: Path
    foreign_bytes: int = 0
    ended: bool = True


@dataclass
class Unpacked:
    """What was met besides CSV members: names left aside (readme, data dictionary)."""

    ignored: list[str] = field(default_factory=list)


def members(
    payload: BinaryIO, *, folder: Path, limits: Limits, seen: Unpacked | None = None
) -> Iterator[Member]:
    """Each CSV of the payload in turn; its file is removed when the next is asked for.

    Raises TruncatedFileError, BombError, UnsafeArchiveError, EncryptedArchiveError, NotDataError,
    BadEncodingError, each naming the member.
    """
    start = payload.read(512)
    stream = _Rejoined(start, payload)
    if start.startswith(b"PK"):
        with _seekable(payload, stream, folder) as file:
            yield from _zip_members(file, folder, limits, seen or Unpacked())
        return
    _refuse_other(start, PLAIN)
    guard = _Guard(limits, lambda: stream.count)
    source = io.BufferedReader(stream, CHUNK)
    packed = start.startswith(b"\x1f\x8b")
    yield from _one(PLAIN, lambda: cast(IO[bytes], gzip.GzipFile(fileobj=source)) if packed else source, folder, guard)


def _zip_members(file: IO[bytes], folder: Path, limits: Limits, seen: Unpacked) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as problem:
        raise TruncatedFileError(f"the zip has no readable directory at its end ({problem})", where="zip",
                                 do=f"It was cut off or damaged on the way. {_AGAIN}") from None
    with archive:
        infos = archive.infolist()
        _check_names(infos, limits)
        size = sum(info.compress_size for info in infos)
        guard = _Guard(limits, lambda: size)
        for info in infos:
            if not info.filename.lower().endswith(".csv"):
                seen.ignored.append(info.filename)
                continue
            yield from _one(info.filename, _opener(archive, info), folder, guard)


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(info)


def _check_names(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Official downloads are flat; anything else is refused before a byte is unpacked."""
    do = "Official downloads are flat zips of CSV files: unpack it by hand and import the CSV files"
    if len(infos) > limits.members:
        raise BombError(f"{len(infos)} members, more than {limits.members}", where="zip", do=do)
    names: set[str] = set()
    for info in infos:
        name = info.filename
        where = f"zip member '{printable(name)}'"
        if info.flag_bits & 0x1:
            raise EncryptedArchiveError("needs a password", where=where, do="Ask the sender for a file without one")
        if "/" in name or "\\" in name or ".." in name or ":" in name or name in names or info.is_dir():
            raise UnsafeArchiveError("has a folder, an absolute or a repeated name", where=where, do=do)
        if name.lower().endswith((".zip", ".gz", ".7z", ".tar", ".bz2", ".xz")):
            raise UnsafeArchiveError("is an archive within the archive", where=where, do=do)
        names.add(name)


class _Guard:
    """Counts unpacked bytes over all members of one payload."""

    def __init__(self, limits: Limits, packed: Callable[[], int]) -> None:
        self._limits, self._packed, self._bytes = limits, packed, 0

    def add(self, size: int, where: str) -> None:
        self._bytes += size
        limits = self._limits
        if self._bytes > limits.unpacked_bytes:
            raise BombError(f"unpacks to more than {limits.unpacked_bytes:,} bytes", where=where,
                            do="Ask USAspending for a narrower range of dates")
        if self._bytes > limits.ratio_floor and self._bytes > limits.ratio * max(1, self._packed()):
            raise BombError(f"unpacks to more than {limits.ratio:.0f} times its size ({self._packed():,} bytes)",
                            where=where, do="No official file does that: check where it came from")


def _one(name: str, opener: Callable[[], IO[bytes]], folder: Path, guard: _Guard) -> Iterator[Member]:
    with tempfile.NamedTemporaryFile(dir=folder, prefix="member-", suffix=".csv", delete=False) as out:
        path = Path(out.name)
    try:
        try:
            with opener() as stream, path.open("wb") as target:
                foreign, ended = _to_utf8(stream, target, name, guard)
        except (zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise TruncatedFileError(f"is cut off or damaged ({problem})", where=_where(name),
                                     do=f"{_AGAIN}; nothing of it was loaded") from None
        except NotImplementedError as problem:
            raise UnsafeArchiveError(f"uses a compression this program does not read ({problem})",
                                     where=_where(name), do="Unpack it by hand and import the CSV") from None
        yield Member(name, path, foreign, ended)
    finally:
        path.unlink(missing_ok=True)


def _to_utf8(stream: IO[bytes], target: IO[bytes], name: str, guard: _Guard) -> tuple[int, bool]:
    """Copy as UTF-8 by whole lines; bytes that are no UTF-8 are read as Windows-1252, one by one, and counted.

    Returns that count, and whether the last line has its line break.
    """
    where = _where(name)
    _foreign.count = 0
    rest, first, offset, ended = b"", True, 0, True
    while True:
        chunk = stream.read(CHUNK)
        guard.add(len(chunk), where)
        if first:
            _refuse_other(chunk[:512], name)
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            first = False
        # a line break is never part of a longer character, so whole lines can be decoded by themselves
        cut = chunk.rfind(b"\n") + 1 if chunk else 0
        block, rest = (rest + chunk[:cut], chunk[cut:]) if cut or not chunk else (b"", rest + chunk)
        target.write(_checked(block, offset, where))
        offset += len(block)
        if not chunk:
            return int(_foreign.count), ended
        ended = chunk.endswith((b"\n", b"\r"))
        if len(rest) > MAX_LINE:
            raise BadCsvError(f"has a line of more than {MAX_LINE:,} bytes near byte {offset:,}", where=where,
                              do=f"{_AGAIN}; no official file has one")


def _checked(block: bytes, offset: int, where: str) -> bytes:
    """The block in UTF-8. Raises BadEncodingError."""
    if b"\0" in block:
        raise BadEncodingError(f"holds NUL characters near byte {offset:,} (UTF-16, or binary data)", where=where,
                               do=f"{_AGAIN}, or save it as UTF-8")
    before = _foreign.count
    try:
        text = block.decode("utf-8", _HANDLER)
    except UnicodeDecodeError as problem:
        byte = problem.object[problem.start]
        raise BadEncodingError(f"byte 0x{byte:02x} near byte {offset + problem.start:,} is neither UTF-8 nor "
                               "Windows-1252", where=where, do=f"{_AGAIN}, or save it as UTF-8") from None
    return text.encode() if _foreign.count > before else block


def _read_foreign(problem: UnicodeError) -> tuple[str, int]:
    """Decoding error handler: the bytes at fault as Windows-1252, counted for this thread."""
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    bad = problem.object[problem.start : problem.end]
    if _UNDEFINED.intersection(bad):
        raise problem
    _foreign.count += len(bad)
    return bad.decode("cp1252"), problem.end


codecs.register_error(_HANDLER, _read_foreign)


def _refuse_other(start: bytes, name: str) -> None:
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    shown = printable(head[:120].decode("utf-8", "replace"), 80)
    if head[:1] == b"<":
        raise NotDataError(f"is a web page or XML, not data: '{shown}'", where=_where(name),
                           do="The site answered with a page (error, block or login). Try again later")
    if head[:1] in (b"{", b"["):
        raise NotDataError(f"is JSON, not a CSV or zip: '{shown}'", where=_where(name),
                           do="The site answered with a message instead of the file. Read it and try again")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadEncodingError("is UTF-16", where=_where(name), do="Save it as UTF-8, comma-separated")
    if start.startswith(b"%PDF"):
        raise NotDataError("is a PDF", where=_where(name), do="Give the CSV or zip download")


def _where(name: str) -> str:
    return "file" if name == PLAIN else f"zip member '{printable(name)}'"


class _Rejoined(io.RawIOBase):
    """A stream with its first bytes put back; counts what has been read."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start, self._rest, self.count = start, rest, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._start[: len(view)] or self._rest.read(len(view))
        self._start = self._start[len(view) :]
        view[: len(data)] = data
        self.count += len(data)
        return len(data)


@contextmanager
def _seekable(payload: BinaryIO, stream: _Rejoined, folder: Path) -> Iterator[IO[bytes]]:
    """The payload itself when it can seek, else a copy on disk."""
    if payload.seekable():
        payload.seek(0)
        yield payload
        return
    with tempfile.TemporaryFile(dir=folder) as copy:
        shutil.copyfileobj(stream, copy, CHUNK)
        copy.seek(0)
        yield copy


@contextmanager
def workplace(folder: Path | None) -> Iterator[Path]:
    """A temporary folder for unpacking, gone afterwards. Raises ParseError when there is no room to make one."""
    try:
        place = tempfile.TemporaryDirectory(prefix="section3c-parse-", dir=folder)
    except OSError as problem:
        raise ParseError(f"no temporary folder can be made ({problem.strerror})", where=str(folder or "temp"),
                         do="Free some disk space, or set TMPDIR to a folder that can be written") from None
    with place as name:
        yield Path(name)
