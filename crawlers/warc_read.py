"""Reads WARC 1.1 records out of gzip members: one member at an offset, streamed, with every digest recomputed.

Belongs here: members, record and HTTP headers, payload streams, scanning of a file. Does not belong here: the
index, or any judgement of what a capture means.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from crawlers.archive_types import Headers
from crawlers.decoding import CHUNK, UndecodableError, content_coding, decode

STORED_FLAG: Final = "Section3c-Payload"
VERDICT_HEADER: Final = "Section3c-Verdict"
REASON_HEADER: Final = "Section3c-Verdict-Reason"
_LARGEST_HEADER: Final = 1 << 20


class DamagedRecordError(Exception):
    """The bytes at an offset are no whole WARC record; ``torn`` when the file ends within it."""

    def __init__(self, offset: int, what: str, *, torn: bool = False) -> None:
        self.offset = offset
        self.what = what
        self.torn = torn
        super().__init__(f"at byte {offset}: {what}")


class MemberStream(io.RawIOBase):
    """The decompressed bytes of the one gzip member at ``offset``; hashes and measures its compressed bytes."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        self._file = file
        self._offset = offset
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._pending = b""
        self._digest = hashlib.sha256()
        self.length = 0
        file.seek(offset)

    def readable(self) -> bool:
        """Always: this is a reading stream."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer. Raises DamagedRecordError where the member is damaged or cut off."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._engine.eof:
            if not self._pending:
                self._pending = self._file.read(CHUNK)
                if not self._pending:
                    raise DamagedRecordError(self._offset, "the file ends within this record", torn=True)
            before = self._pending
            try:
                out = self._engine.decompress(before, len(view))
            except zlib.error as problem:
                raise DamagedRecordError(self._offset, f"gzip member is damaged: {problem}") from None
            left = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
            used = len(before) - len(left)
            self._digest.update(memoryview(before)[:used])
            self.length += used
            self._pending = left
            if out:
                view[: len(out)] = out
                return len(out)
        return 0

    @property
    def sha256(self) -> str:
        """SHA-256 of the compressed bytes read so far; of the whole member once the stream is at its end."""
        return self._digest.hexdigest()


class _Block:
    """A record's block: limited to Content-Length, hashed as it is read."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream = stream
        self._left = length
        self.digest = hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data

    def readline(self, size: int = _LARGEST_HEADER) -> bytes:
        data = self._stream.readline(min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk


@dataclass
class Record:
    """An open record: headers read, payload still to come from ``chunks()``."""

    offset: int
    member: MemberStream
    headers: StatusAndHeaders
    http: StatusAndHeaders | None
    _stream: BinaryIO
    _block: _Block

    @property
    def type(self) -> str:
        """WARC-Type."""
        return self.header("WARC-Type") or ""

    def header(self, name: str) -> str | None:
        """A WARC header, None when absent."""
        value = self.headers.get_header(name)
        return None if value is None else str(value)

    def http_headers(self) -> Headers:
        """HTTP headers as archived, in order."""
        return tuple((str(n), str(v)) for n, v in self.http.headers) if self.http else ()

    def stored(self) -> Iterator[bytes]:
        """The payload as stored (content coding kept)."""
        return self._block.chunks()

    def coding(self) -> str | None:
        """Content coding to undo, None when the payload is the stored bytes."""
        if self.type != "response" or self.header(STORED_FLAG) == "stored":
            return None
        return content_coding(self.http_headers())

    def finish(self) -> str | None:
        """Read to the end of the member; what is wrong with it, None when it is as written."""
        for _ in self.stored():
            pass
        told = self.header("WARC-Block-Digest")
        tail = self._stream.read(8)
        while self._stream.read(CHUNK):  # to the member's end, so that its length and hash are whole
            pass
        if tail != b"\r\n\r\n":
            return "the record does not end where its Content-Length says"
        if told and told.startswith("sha256:") and told != f"sha256:{self._block.digest.hexdigest()}":
            return "block digest differs from WARC-Block-Digest"
        return None


def open_record(file: BinaryIO, offset: int) -> Record:
    """The record whose gzip member starts at ``offset``. Raises DamagedRecordError."""
    member = MemberStream(file, offset)
    stream: BinaryIO = io.BufferedReader(member, CHUNK)
    try:
        headers = StatusAndHeadersParser(ArcWarcRecordLoader.WARC_TYPES).parse(stream)
        length = int(headers.get_header("Content-Length", "-1"))
        if length < 0:
            raise DamagedRecordError(offset, "record has no Content-Length")
        block = _Block(stream, length)
        http = _http(headers, block)
    except (StatusAndHeadersParserException, ArchiveLoadFailed, EOFError, ValueError, IndexError) as problem:
        raise DamagedRecordError(offset, f"not a WARC record: {problem or type(problem).__name__}") from None
    return Record(offset, member, headers, http, stream, block)


def _http(headers: StatusAndHeaders, block: _Block) -> StatusAndHeaders | None:
    kind = headers.get_header("WARC-Type")
    if not (headers.get_header("Content-Type") or "").startswith("application/http"):
        return None
    if kind == "request":
        return StatusAndHeadersParser(ArcWarcRecordLoader.HTTP_VERBS, verify=False).parse(block)
    if kind in ("response", "revisit"):
        return StatusAndHeadersParser(ArcWarcRecordLoader.HTTP_TYPES, verify=False).parse(block)
    return None


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A record read to its end: its place, its headers, and its digests as recomputed."""

    offset: int
    length: int
    sha256: str
    type: str
    record_id: str
    uri: str | None
    date: str | None
    headers: dict[str, str]
    status: int | None
    http_headers: Headers
    method: str | None
    stored_sha256: str
    stored_bytes: int
    payload_sha256: str
    payload_bytes: int
    problems: tuple[str, ...] = ()
    text: bytes = field(default=b"", repr=False)


def examine(file: BinaryIO, offset: int) -> Examined:
    """Read one record wholly and recompute all its digests, in constant memory. Raises DamagedRecordError."""
    record = open_record(file, offset)
    stored, kept = hashlib.sha256(), bytearray()
    stored_bytes = 0

    def tee() -> Iterator[bytes]:
        nonlocal stored_bytes
        for chunk in record.stored():
            stored.update(chunk)
            stored_bytes += len(chunk)
            if record.type == "warcinfo":
                kept.extend(chunk)
            yield chunk

    problems: list[str] = []
    payload, payload_bytes = hashlib.sha256(), 0
    try:
        for chunk in decode(tee(), record.coding()):
            payload.update(chunk)
            payload_bytes += len(chunk)
    except UndecodableError as problem:
        problems.append(str(problem))
    if fault := record.finish():
        problems.append(fault)
    told = record.header("WARC-Payload-Digest")
    if record.type != "revisit" and told and told.startswith("sha256:") and told[7:] != stored.hexdigest():
        problems.append("payload digest differs from WARC-Payload-Digest")
    return Examined(
        offset=offset, length=record.member.length, sha256=record.member.sha256, type=record.type,
        record_id=record.header("WARC-Record-ID") or "", uri=record.header("WARC-Target-URI"),
        date=record.header("WARC-Date"), headers={str(n).lower(): str(v) for n, v in record.headers.headers},
        status=_status(record), http_headers=record.http_headers(), method=_method(record),
        stored_sha256=stored.hexdigest(), stored_bytes=stored_bytes, payload_sha256=payload.hexdigest(),
        payload_bytes=payload_bytes, problems=tuple(problems), text=bytes(kept),
    )


def scan(file: BinaryIO, start: int, end: int) -> Iterator[Examined]:
    """Every record from ``start`` to ``end``, in order. Raises DamagedRecordError at the first that is not whole."""
    offset = start
    while offset < end:
        found = examine(file, offset)
        yield found
        offset += found.length


def _status(record: Record) -> int | None:
    if record.http is None or record.type not in ("response", "revisit"):
        return None
    code = str(record.http.get_statuscode())
    return int(code) if code.isdigit() else None


def _method(record: Record) -> str | None:
    if record.http is None or record.type != "request":
        return None
    return str(record.http.protocol)
