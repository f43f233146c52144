"""Writes WARC 1.1 files: request and response records, revisits, resources, rotation, and what makes them durable.

Belongs here: the one writer of a run's own files. Does not belong here: reading, healing, judging of content.
Every writer opens files of its own, so that any number of processes write to one archive at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from crawlers.archive_types import IMPORT_METHOD, ArchiveError, Capture, Exchange, ImportedFile
from crawlers.decoding import CHUNK, UndecodableError, content_coding, decode
from crawlers.warc_index import SUFFIX, WARC_SUFFIX, Entry, IndexWriter, Place, sync_folder
from crawlers.warc_read import REASON_HEADER, STORED_FLAG, VERDICT_HEADER
from crawlers.warc_scan import BYTES_HEADER, METHOD_HEADER, PAYLOAD_HEADER, REFERS_HEADER, media_type
from records.ids import capture_id

ROTATE_BYTES: Final = 1 << 30
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_PACKED: Final = ("zip", "gzip", "compressed", "octet-stream", "image/", "pdf", "parquet")
_FAST, _TIGHT = 1, 6


class _HexDigester(Digester):  # type: ignore[misc]
    """warcio's digester, in hexadecimal as our index has it (warcio's checker reads both)."""

    def __str__(self) -> str:
        return f"{self.type_}:{self.digester.hexdigest()}"


class _Sha256Writer(WARCWriter):  # type: ignore[misc]
    """warcio's writer with SHA-256 for the digests it computes itself."""

    @staticmethod
    def _create_digester() -> _HexDigester:
        return _HexDigester("sha256")


class _Member:
    """One gzip member being written: compresses, hashes and measures what goes into the file."""

    def __init__(self, out: BinaryIO, level: int) -> None:
        self._out = out
        self._engine = zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self._digest = hashlib.sha256()
        self.length = 0

    def write(self, data: bytes) -> None:
        self._put(self._engine.compress(data))

    def flush(self) -> None:
        """warcio calls this at the end of a record; the member is ended by ``finish``."""

    def finish(self) -> str:
        self._put(self._engine.flush())
        return self._digest.hexdigest()

    def _put(self, data: bytes) -> None:
        self._digest.update(data)
        self.length += len(data)
        self._out.write(data)


@dataclass(frozen=True)
class _Digests:
    stored_sha256: str
    stored_bytes: int
    payload_sha256: str
    payload_bytes: int
    decoded: bool


@dataclass(frozen=True)
class Known:
    """A payload that is in the archive already, so that an identical one is written as a revisit."""

    capture: Capture
    record_id: str


class ArchiveWriter:
    """Appends exchanges to files of its own; ``write`` returns when record and index line are on the disk.

    ``known(source, stored_sha256)`` finds an earlier identical payload; ``written`` is told of every new entry.
    Safe to call from several threads. Use as a context manager, or call ``close``.
    """

    def __init__(
        self, folder: Path, source: str, run_id: str, *, info: dict[str, str] | None = None,
        known: Callable[[str, str], Known | None] = lambda _source, _digest: None,
        written: Callable[[Entry], None] = lambda _entry: None, rotate_bytes: int = ROTATE_BYTES,
    ) -> None:
        for name in (source, run_id):
            if not _NAME.fullmatch(name):
                raise ArchiveError(f"'{name}' cannot name evidence: use letters, digits, dot, dash, underscore")
        self._root, self._source, self._run_id = folder, source, run_id
        self._info = dict(info or {})
        self._known, self._written, self._rotate = known, written, rotate_bytes
        self._file: BinaryIO | None = None
        self._path = Path()
        self._index: IndexWriter | None = None
        self._end = 0
        self._number = 0
        self._lock = threading.Lock()

    def __enter__(self) -> ArchiveWriter:
        """The writer itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Release the file; a later write opens a new one."""
        with self._lock:
            self._close()

    def write(self, exchange: Exchange) -> Capture:
        """Archive one exchange. Raises ArchiveError when the disk refuses; nothing half-written stays."""
        digests = _digest(exchange.body, content_coding(exchange.headers), decodable=exchange.decodable)
        body_sha = hashlib.sha256(exchange.request_body).hexdigest() if exchange.request_body else None
        told = [value for name, value in exchange.headers if name.lower() == "content-type"]
        with self._lock, self._appending() as out:
            earlier = self._known(self._source, digests.stored_sha256) if digests.stored_bytes else None
            if earlier and earlier.capture.payload_sha256 != digests.payload_sha256:
                earlier = None  # the same stored bytes under another content coding are another payload
            request, response = _exchange_records(exchange, digests, earlier, out)
            level = _FAST if any(mark in (told[-1] if told else "").lower() for mark in _PACKED) else _TIGHT
            with request, response:
                places = (self._append(request.record, _TIGHT), self._append(response.record, level))
            return self._index_capture(places, digests, Capture(
                capture_id=capture_id(exchange.uri, body_sha, digests.payload_sha256), source=self._source,
                run_id=self._run_id, uri=exchange.uri, method=exchange.method, request_sha256=body_sha,
                status=exchange.status, media_type=media_type(told[-1] if told else None),
                fetched_at=exchange.fetched_at.astimezone(UTC), payload_sha256=digests.payload_sha256,
                payload_bytes=digests.payload_bytes, warc_file=self._name(), warc_offset=places[-1].offset,
                warc_length=places[-1].length, verdict=exchange.verdict, verdict_reason=exchange.verdict_reason,
                revisit_of=earlier.capture.capture_id if earlier else None,
            ))

    def write_import(self, imported: ImportedFile) -> Capture:
        """Archive a file handed in, as a ``resource`` record under ``urn:section3c:import:SHA256/NAME``."""
        digests = _digest(imported.path, None, decodable=False)
        uri = f"urn:section3c:import:{digests.stored_sha256}/{quote(imported.filename, safe='')}"
        with self._lock, self._appending() as out, _Body(imported.path) as body:
            record = out.create_warc_record(
                uri, "resource", payload=body.stream, length=digests.stored_bytes,
                warc_content_type=imported.media_type or "application/octet-stream",
                warc_headers_dict={
                    "WARC-Date": _date(imported.fetched_at), METHOD_HEADER: IMPORT_METHOD,
                    "WARC-Payload-Digest": f"sha256:{digests.stored_sha256}",
                })
            spot = self._append(record, _FAST)
            return self._index_capture((spot,), digests, Capture(
                capture_id=capture_id(uri, None, digests.payload_sha256), source=self._source, run_id=self._run_id,
                uri=uri, method=IMPORT_METHOD, request_sha256=None, status=None,
                media_type=media_type(imported.media_type or "application/octet-stream"),
                fetched_at=imported.fetched_at.astimezone(UTC), payload_sha256=digests.payload_sha256,
                payload_bytes=digests.payload_bytes, warc_file=self._name(), warc_offset=spot.offset,
                warc_length=spot.length,
            ))

    def _index_capture(self, places: tuple[Place, ...], digests: _Digests, capture: Capture) -> Capture:
        self._commit(Entry(self._name(), places, capture, digests.stored_sha256))
        return capture

    def _name(self) -> str:
        return self._path.relative_to(self._root).as_posix()

    @contextmanager
    def _appending(self) -> Iterator[_Sha256Writer]:
        """A writer of records for one exchange; on failure the file is cut back to where it was whole."""
        if self._file is not None and self._end >= self._rotate:
            self._close()
        if self._file is None:
            self._open()
        whole = self._end
        try:
            yield _Sha256Writer(BytesIO(), gzip=False, warc_version="1.1")
        except BaseException as problem:
            self._abandon(whole)
            if isinstance(problem, OSError):
                raise ArchiveError(f"{self._path}: cannot write evidence ({problem.strerror or problem}). "
                                   "Free space or check the disk, then run again.") from problem
            raise

    def _append(self, record: Any, level: int) -> Place:
        if self._file is None:
            raise ArchiveError("the evidence file is not open")
        member = _Member(self._file, level)
        _Sha256Writer(member, gzip=False, warc_version="1.1").write_record(record)
        sha256 = member.finish()
        spot = Place(record.rec_type, record.rec_headers.get_header("WARC-Record-ID"), self._end, member.length, sha256)
        self._end = spot.end
        return spot

    def _commit(self, entry: Entry) -> None:
        """Bytes first, index line second, each waited for: an indexed record is always whole."""
        if self._file is None or self._index is None:
            raise ArchiveError("the evidence file is not open")
        self._file.flush()
        _fsync(self._file)
        self._index.add(entry)
        self._written(entry)

    def _open(self) -> None:
        folder = self._root / self._source
        folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        while self._file is None:
            self._number += 1
            self._path = folder / f"{self._source}-{stamp}-{self._run_id}-{self._number}{WARC_SUFFIX}"
            try:
                self._file = self._path.open("xb", buffering=1 << 20)
            except FileExistsError:
                continue
            except OSError as problem:
                raise ArchiveError(f"{self._path}: cannot open a new evidence file ({problem.strerror})") from problem
        fcntl.flock(self._file, fcntl.LOCK_EX)  # says to recover() that this file is being written
        self._index = IndexWriter(self._path.with_name(self._path.name.removesuffix(WARC_SUFFIX) + SUFFIX))
        self._end = 0
        fields = {"source": self._source, "run_id": self._run_id, **self._info}
        standard = {
            "software": "section3c (warcio)", "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        }
        info = {**standard, **{name: " ".join(str(value).split()) for name, value in fields.items() if value}}
        maker = _Sha256Writer(BytesIO(), gzip=False, warc_version="1.1")
        spot = self._append(maker.create_warcinfo_record(self._path.name, info), _TIGHT)
        self._commit(Entry(self._name(), (spot,), run=info))
        sync_folder(folder)

    def _abandon(self, whole: int) -> None:
        """Cut off what a failed write left, and start a new file next time."""
        path = self._path
        try:
            self._close()
        finally:
            if path.exists() and path.stat().st_size > whole:
                with path.open("rb+") as file:
                    file.truncate(whole)

    def _close(self) -> None:
        file, index = self._file, self._index
        self._file, self._index = None, None
        if index is not None:
            index.close()
        if file is not None:
            file.close()


class _Body:
    """A body as a stream, from bytes or from a file."""

    def __init__(self, body: bytes | Path) -> None:
        try:
            self.stream: IO[bytes] = BytesIO(body) if isinstance(body, bytes) else body.open("rb")
        except OSError as problem:
            raise ArchiveError(f"{body!s}: cannot be read to archive it ({problem.strerror})") from problem

    def __enter__(self) -> _Body:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stream.close()


class _Held(_Body):
    """A record and the open body it will be written from."""

    def __init__(self, record: Any, body: _Body) -> None:
        self.record = record
        self.stream = body.stream


def _exchange_records(
    exchange: Exchange, digests: _Digests, earlier: Known | None, out: _Sha256Writer
) -> tuple[_Held, _Held]:
    date = _date(exchange.fetched_at)
    common = {"WARC-Date": date, **({"WARC-IP-Address": exchange.ip} if exchange.ip else {})}
    extra = {**common, VERDICT_HEADER: exchange.verdict}
    if exchange.verdict_reason:
        extra[REASON_HEADER] = _plain(exchange.verdict_reason)
    for name, value in exchange.notes.items():
        extra[f"Section3c-{name}"] = _plain(value)
    if not digests.decoded:
        extra[STORED_FLAG] = "stored"
    http = StatusAndHeaders(f"{exchange.status} {exchange.reason or _phrase(exchange.status)}",
                            [(_plain(n), _plain(v)) for n, v in exchange.headers], protocol="HTTP/1.1")
    digest = f"sha256:{digests.stored_sha256}"
    body = _Body(exchange.body if earlier is None else b"")
    if earlier is None:
        response = out.create_warc_record(exchange.uri, "response", payload=body.stream, length=digests.stored_bytes,
                                          http_headers=http, warc_headers_dict={**extra, "WARC-Payload-Digest": digest})
    else:
        extra |= {"WARC-Refers-To": earlier.record_id, REFERS_HEADER: earlier.capture.capture_id,
                  PAYLOAD_HEADER: digests.payload_sha256, BYTES_HEADER: str(digests.payload_bytes)}
        response = out.create_revisit_record(exchange.uri, digest, earlier.capture.uri,
                                             _date(earlier.capture.fetched_at), http_headers=http,
                                             warc_headers_dict=extra)
    parts = urlsplit(exchange.uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [(_plain(n), _plain(v)) for n, v in exchange.request_headers]
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc))
    asked = _Body(exchange.request_body)
    request = out.create_warc_record(
        exchange.uri, "request", payload=asked.stream, length=len(exchange.request_body),
        http_headers=StatusAndHeaders(f"{exchange.method} {target} HTTP/1.1", headers, is_http_request=True),
        warc_headers_dict={**common, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
    )
    return _Held(request, asked), _Held(response, body)


def _digest(body: bytes | Path, coding: str | None, *, decodable: bool) -> _Digests:
    stored, size = hashlib.sha256(), 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        with _Body(body) as opened:
            while chunk := opened.stream.read(CHUNK):
                stored.update(chunk)
                size += len(chunk)
                yield chunk

    if coding is None or not decodable:
        for _ in chunks():
            pass
        return _Digests(stored.hexdigest(), size, stored.hexdigest(), size, decoded=coding is None)
    payload, length = hashlib.sha256(), 0
    try:
        for chunk in decode(chunks(), coding):
            payload.update(chunk)
            length += len(chunk)
    except UndecodableError:
        return _digest(body, coding, decodable=False)
    return _Digests(stored.hexdigest(), size, payload.hexdigest(), length, decoded=True)


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(text: str) -> str:
    """One line without control characters: header values come from hostile servers."""
    return "".join(c if c.isprintable() else " " for c in text)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in {s.value for s in HTTPStatus} else "Unknown"


def _fsync(file: BinaryIO) -> None:
    os.fsync(file.fileno())
