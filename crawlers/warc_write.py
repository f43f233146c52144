"""Writes WARC 1.1 files: request and response records, revisits, resources, rotation, and what makes them durable.

Belongs here: the one writer of a run's own files. Does not belong here: reading, healing, judging of content.
Every writer opens files of its own, so that any number of processes write to one archive at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from crawlers.archive_types import IMPORT_METHOD, ArchiveError, Capture, Exchange, ImportedFile
from crawlers.decoding import content_coding
from crawlers.warc_index import SUFFIX, WARC_SUFFIX, Entry, IndexWriter, Place
from crawlers.warc_records import Body, Digests, Known, Sha256Writer, digest_body, exchange_records, warc_date_text
from crawlers.warc_scan import METHOD_HEADER, media_type
from records.files import sync
from records.ids import capture_id

ROTATE_BYTES: Final = 1 << 30
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_PACKED: Final = (b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\x89PNG", b"\xff\xd8\xff")
_STORE, _TIGHT = 0, 6


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


class ArchiveWriter:
    """Appends exchanges to files of its own; ``write`` returns when record and index line are on the disk.

    A crawl appends many at once: ``append`` puts records into the file, ``sync`` waits for the disk once for all of
    them and then writes their index lines. Until then they are no captures.
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
        self._pending: list[tuple[Path, IndexWriter, Entry]] = []
        self._retired: list[tuple[BinaryIO, IndexWriter]] = []
        self._lock = threading.Lock()  # taken within _syncing, never around it
        self._syncing = threading.Lock()

    def __enter__(self) -> ArchiveWriter:
        """The writer itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Make all durable and release the file; a later write opens a new one."""
        self.sync()
        with self._syncing, self._lock:
            self._close()
            self._release()

    def write(self, exchange: Exchange) -> Capture:
        """Archive one exchange. Raises ArchiveError when the disk refuses; nothing half-written stays."""
        capture = self.append(exchange)
        self.sync()
        return capture

    def sync(self) -> None:
        """Wait until the disk has what was appended, then index it: bytes first, lines second, so that an indexed
        record is always whole. Raises ArchiveError; what was not indexed then is found by recovery."""
        with self._syncing:
            with self._lock:
                batch, self._pending = self._pending, []
            try:
                for path in dict.fromkeys(path for path, _, _ in batch):
                    sync(path)
                for index in dict.fromkeys(index for _, index, _ in batch):
                    index.add(*(entry for _, its, entry in batch if its is index))
            except OSError as problem:
                raise ArchiveError(f"{self._root}: cannot make evidence durable ({problem.strerror or problem}). "
                                   "Free space or check the disk, then run again.") from problem
            for _, _, entry in batch:
                self._written(entry)
            with self._lock:
                self._release()

    def append(self, exchange: Exchange) -> Capture:
        """Put one exchange into the file; it is archived when ``sync`` has returned. Raises as ``write``."""
        digests = digest_body(exchange.body, content_coding(exchange.headers), decodable=exchange.decodable)
        body_sha = hashlib.sha256(exchange.request_body).hexdigest() if exchange.request_body else None
        told = [value for name, value in exchange.headers if name.lower() == "content-type"]
        with self._lock, self._appending() as out:
            earlier = self._known(self._source, digests.stored_sha256) if digests.stored_bytes else None
            if earlier and earlier.capture.payload_sha256 != digests.payload_sha256:
                earlier = None  # the same stored bytes under another content coding are another payload
            request, response = exchange_records(exchange, digests, earlier, out)
            with request, response:
                places = (self._append(request.record, _TIGHT), self._append(response.record, _level(exchange.body)))
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
        digests = digest_body(imported.path, None, decodable=False)
        uri = f"urn:section3c:import:{digests.stored_sha256}/{quote(imported.filename, safe='')}"
        with self._lock, self._appending() as out, Body(imported.path) as body:
            record = out.create_warc_record(
                uri, "resource", payload=body.stream, length=digests.stored_bytes,
                warc_content_type=imported.media_type or "application/octet-stream",
                warc_headers_dict={
                    "WARC-Date": warc_date_text(imported.fetched_at), METHOD_HEADER: IMPORT_METHOD,
                    "WARC-Payload-Digest": f"sha256:{digests.stored_sha256}",
                })
            spot = self._append(record, _level(imported.path))
            capture = self._index_capture((spot,), digests, Capture(
                capture_id=capture_id(uri, None, digests.payload_sha256), source=self._source, run_id=self._run_id,
                uri=uri, method=IMPORT_METHOD, request_sha256=None, status=None,
                media_type=media_type(imported.media_type or "application/octet-stream"),
                fetched_at=imported.fetched_at.astimezone(UTC), payload_sha256=digests.payload_sha256,
                payload_bytes=digests.payload_bytes, warc_file=self._name(), warc_offset=spot.offset,
                warc_length=spot.length,
            ))
        self.sync()
        return capture

    def _index_capture(self, places: tuple[Place, ...], digests: Digests, capture: Capture) -> Capture:
        self._commit(Entry(self._name(), places, capture, digests.stored_sha256))
        return capture

    def _name(self) -> str:
        return self._path.relative_to(self._root).as_posix()

    @contextmanager
    def _appending(self) -> Iterator[Sha256Writer]:
        """A writer of records for one exchange; on failure the file is cut back to where it was whole."""
        if self._file is not None and self._end >= self._rotate:
            self._close()
        if self._file is None:
            self._open()
        whole = self._end
        try:
            yield Sha256Writer(BytesIO(), gzip=False, warc_version="1.1")
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
        Sha256Writer(member, gzip=False, warc_version="1.1").write_record(record)
        sha256 = member.finish()
        spot = Place(record.rec_type, record.rec_headers.get_header("WARC-Record-ID"), self._end, member.length, sha256)
        self._end = spot.end
        return spot

    def _commit(self, entry: Entry) -> None:
        """Hand the records to the system (a full disk shows here) and leave the rest to ``sync``."""
        if self._file is None or self._index is None:
            raise ArchiveError("the evidence file is not open")
        self._file.flush()
        self._pending.append((self._path, self._index, entry))

    def _release(self) -> None:
        """Close the files left behind whose lines are written; until then their lock keeps recovery off."""
        waiting = {id(index) for _, index, _ in self._pending}
        for file, index in [pair for pair in self._retired if id(pair[1]) not in waiting]:
            self._retired.remove((file, index))
            index.close()
            file.close()

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
        maker = Sha256Writer(BytesIO(), gzip=False, warc_version="1.1")
        spot = self._append(maker.create_warcinfo_record(self._path.name, info), _TIGHT)
        self._commit(Entry(self._name(), (spot,), run=info))
        sync(folder)

    def _abandon(self, whole: int) -> None:
        """Cut off what a failed write left, and start a new file next time."""
        path = self._path
        try:
            if self._file is not None:
                self._file.close()
            self._close()
        finally:
            if path.exists() and path.stat().st_size > whole:
                with path.open("rb+") as file:
                    file.truncate(whole)

    def _close(self) -> None:
        file, index = self._file, self._index
        self._file, self._index = None, None
        if file is not None and index is not None:
            self._retired.append((file, index))
        elif file is not None:  # its index could not be opened
            file.close()


def _level(body: bytes | Path) -> int:
    """zlib's level: packing what is packed already costs seconds a gigabyte and gains nothing."""
    with Body(body) as opened:
        return _STORE if opened.stream.read(4).startswith(_PACKED) else _TIGHT
