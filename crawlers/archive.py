"""The evidence archive: WARC files with an index, append-only, every byte of which can be checked.

Belongs here: finding, reading, healing and checking of captures. Does not belong here: fetching, parsing, or
any judgement of what a capture says.

Layout: ``<folder>/<source>/<source>-<utc>-<run_id>-<n>.warc.gz`` with ``.idx.jsonl`` beside it, bytes of cut-off
records in ``.torn``, and ``<folder>/failures.jsonl`` for captures found damaged.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final

from crawlers.archive_recover import Healed, heal
from crawlers.archive_stream import open_capture, payload_stream
from crawlers.archive_types import ArchiveError, Capture, Exchange, Finding, Headers, ImportedFile
from crawlers.archive_verify import check
from crawlers.warc_index import SUFFIX, WARC_SUFFIX, Entry, index_path, read_lines, rewrite
from crawlers.warc_read import DamagedRecordError
from crawlers.warc_records import Known
from crawlers.warc_scan import entries as scan_entries
from crawlers.warc_write import ROTATE_BYTES, ArchiveWriter
from records.files import append_json_line, read_json_lines, sha256_of, sync

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ArchiveError", "ArchiveWriter", "Capture", "EvidenceArchive", "Exchange", "Finding", "ImportedFile"]

_IN_MEMORY: Final = 8 << 20
_FAILURES: Final = "failures.jsonl"


class EvidenceArchive:
    """The archive in one folder. Reading sees whatever any process has indexed; ``refresh`` is automatic.

    One capture id can have several records: the same bytes fetched again are one capture seen twice. ``get`` and
    ``table`` give the first, which holds the payload; ``captures`` gives them all.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, index_dir: Path | None = None) -> None:
        self.folder = folder
        self.read_only = read_only
        self._index_dir = index_dir
        self._lock = threading.RLock()
        self._read: dict[Path, tuple[int, int]] = {}
        self._entries: list[Entry] = []
        self._first: dict[str, Entry] = {}
        self._payloads: dict[tuple[str, str], Entry] = {}
        self._places: dict[tuple[str, int], Entry] = {}

    @classmethod
    def from_warc(cls, path: Path, index_dir: Path) -> EvidenceArchive:
        """An archive handed over: one ``.warc.gz`` or a folder of them, read-only; the index is made by scanning.

        Raises ArchiveError for anything else, and for a file that is damaged or cut off (names file and byte).
        """
        files = sorted(_within(path, WARC_SUFFIX)) if path.is_dir() else [path]
        if not files or not all(f.is_file() and f.name.endswith(WARC_SUFFIX) for f in files):
            raise ArchiveError(f"{path}: no WARC archive here. Give a file ending in {WARC_SUFFIX}, "
                               "or a folder that holds such files.")
        root = path if path.is_dir() else path.parent
        index_dir.mkdir(parents=True, exist_ok=True)
        archive = cls(root, read_only=True, index_dir=index_dir)
        for file in files:
            name = file.relative_to(root).as_posix()
            try:
                found = list(scan_entries(file, name, 0, file.stat().st_size))
            except DamagedRecordError as problem:
                raise ArchiveError(f"{file}: damaged {problem}. Take the archive from its origin again.") from None
            rewrite(index_dir / (name.replace("/", "__").removesuffix(WARC_SUFFIX) + SUFFIX), found)
        return archive

    def adopt(self, path: Path) -> set[str]:
        """Take WARC files handed over into this archive (copied, checked, indexed); returns their names here.

        A file that is here already is not copied again. Raises ArchiveError as ``from_warc``.
        """
        with tempfile.TemporaryDirectory() as scratch:
            given = EvidenceArchive.from_warc(path, Path(scratch))
            return {self._take_in(given.folder / name, given.entries_of(name)) for name in given.files()}

    def files(self) -> list[str]:
        """Names of the WARC files, sorted."""
        return sorted(self._files())

    def entries_of(self, warc_file: str) -> list[Entry]:
        """Index entries of one file, in its order."""
        self.refresh()
        return sorted((e for e in self._entries if e.warc_file == warc_file), key=lambda e: e.places[0].offset)

    def _take_in(self, file: Path, found: list[Entry]) -> str:
        source = next((e.run["source"] for e in found if e.run and "source" in e.run), "unknown")
        sha256 = sha256_of(file)
        name = f"{source}/{file.name}"
        target = self.folder / name
        if target.exists() and sha256_of(target) != sha256:
            name = f"{source}/{file.name.removesuffix(WARC_SUFFIX)}-{sha256[:12]}{WARC_SUFFIX}"
            target = self.folder / name
        if target.exists():
            return name
        target.parent.mkdir(parents=True, exist_ok=True)
        moved = [replace(e, warc_file=name, capture=e.capture and replace(e.capture, warc_file=name)) for e in found]
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        shutil.copyfile(file, temporary)
        sync(temporary)
        rewrite(index_path(target), moved)  # first the index: a WARC file without it would be indexed by recovery
        temporary.replace(target)
        sync(target.parent)
        return name

    def writer(
        self, source: str, run_id: str, *, info: dict[str, str] | None = None, rotate_bytes: int = ROTATE_BYTES
    ) -> ArchiveWriter:
        """A writer with files of its own. ``info`` goes into warcinfo (contact, base URL). Raises ArchiveError."""
        if self.read_only:
            raise ArchiveError(f"{self.folder} was opened for reading only")
        return ArchiveWriter(self.folder, source, run_id, info=info, known=self._known, written=self._wrote,
                             rotate_bytes=rotate_bytes)

    def captures(self, source: str | None = None) -> Iterator[Capture]:
        """Every capture record, in the order of file names and offsets; refetches of an id come up again."""
        self.refresh()
        for entry in sorted(self._entries, key=lambda e: (e.warc_file, e.places[0].offset)):
            if entry.capture is not None and source in (None, entry.capture.source):
                yield entry.capture

    def get(self, capture_id: str) -> Capture:
        """The capture of an id. Raises KeyError when the archive has none."""
        if capture_id not in self._first:
            self.refresh()
        found = self._first[capture_id].capture
        if found is None:
            raise KeyError(capture_id)
        return found

    def runs(self) -> list[tuple[str, dict[str, str]]]:
        """File name and warcinfo fields of every file: source, run_id, contact, base_url."""
        self.refresh()
        return [(entry.warc_file, entry.run) for entry in self._entries if entry.run is not None]

    def payload(self, capture: Capture) -> BinaryIO:
        """The entity body, content coding undone, as a forward-only stream in constant memory.

        Its SHA-256 is checked as it is read: the end of altered bytes is not an end but an ArchiveError, as is a
        damaged record, and a revisit whose payload is not in this archive.
        """
        path, offset = self._where(capture)
        return payload_stream(path, offset, capture)

    def payload_seekable(self, capture: Capture) -> IO[bytes]:
        """As ``payload`` but seekable (for zip files): in memory when small, else a temporary file."""
        with self.payload(capture) as stream:
            if capture.payload_bytes <= _IN_MEMORY:
                return BytesIO(stream.read())
            spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
            while chunk := stream.read(1 << 20):
                spool.write(chunk)
            spool.seek(0)
            return spool

    def response(self, capture: Capture) -> tuple[int | None, Headers]:
        """Status and HTTP headers as archived; (None, ()) for an import. Raises ArchiveError where they are damaged."""
        file, record = open_capture(self._path(capture.warc_file), capture.warc_offset, capture)
        with file:
            code = record.http.get_statuscode() if record.http else None
            return (int(code) if code else None), record.http_headers()

    def table(self) -> pa.Table:
        """One row a capture id, in CAPTURE's schema, ordered by id."""
        import pyarrow as pa  # here: a crawl's child starts a quarter faster without it

        from records.schemas import CAPTURE

        self.refresh()
        names = [field.name for field in fields(Capture)]
        rows = [asdict(e.capture) for _, e in sorted(self._first.items()) if e.capture is not None]
        return pa.table({name: [row[name] for row in rows] for name in names}, schema=CAPTURE)

    def verify(self, captures: Iterable[Capture] | None = None) -> Iterator[Finding]:
        """Recompute every hash of every record (or of the given captures) and yield what differs.

        The check of the whole archive also finds bytes that no index line covers, and index lines that are
        damaged or point past a file's end. A damaged payload is named for each capture that points to it.
        """
        self.refresh()
        wanted = None if captures is None else {(c.warc_file, c.warc_offset) for c in captures}
        if wanted is not None:
            holders = [self._holder(self._places[place]) for place in wanted if place in self._places]
            wanted |= {(e.warc_file, e.places[-1].offset) for e in holders if e}
        yield from check(self._files(), self._entries, wanted)

    def recover(self) -> list[Healed]:
        """Heal what a crash left; safe to repeat and to call while other processes write.

        Cuts a torn record off (its bytes go to ``.torn``), indexes whole records that no line names, drops lines
        past the end. Files that are being written are left alone.
        """
        if self.read_only:
            return []
        healed = heal(self._files())
        if healed:
            self._forget()
        return healed

    def mark_failed(self, finding: Finding) -> None:
        """Note a damaged capture in the journal of failures; its statements are withdrawn from publication."""
        append_json_line(self.folder / _FAILURES, {"at": datetime.now(UTC).isoformat(), **asdict(finding)})

    def clear_failed(self, capture_id: str) -> None:
        """Note that a capture is sound again (restored from a copy and verified)."""
        append_json_line(self.folder / _FAILURES, {
            "at": datetime.now(UTC).isoformat(), "capture_id": capture_id, "cleared": True})

    def failed(self) -> dict[str, str]:
        """Captures found damaged and not cleared since: id and reason."""
        found: dict[str, str] = {}
        for note in read_json_lines(self.folder / _FAILURES):
            if note.get("cleared"):
                found.pop(note["capture_id"], None)
            elif note.get("capture_id"):
                found[note["capture_id"]] = note["what"]
        return found

    def refresh(self) -> None:
        """Read index lines that any process has added since the last look."""
        with self._lock:
            for index in sorted(_within(self._index_dir or self.folder, SUFFIX)):
                self._read_index(index)

    def _read_index(self, index: Path) -> None:
        status = index.stat()
        inode, start = self._read.get(index, (status.st_ino, 0))
        if inode != status.st_ino or status.st_size < start:  # another process healed it: read all again
            self._forget()
            self.refresh()
            return
        for offset, entry in read_lines(index, start) if status.st_size > start else ():
            self._read[index] = (inode, offset)
            if entry is not None:
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._entries.append(entry)
        capture = entry.capture
        if capture is None:
            return
        self._places[(entry.warc_file, entry.places[-1].offset)] = entry
        first = self._first.get(capture.capture_id)
        if first is None or (not first.holds_payload and entry.holds_payload):
            self._first[capture.capture_id] = entry
        if entry.holds_payload and entry.stored_sha256:
            self._payloads.setdefault((capture.source, entry.stored_sha256), entry)

    def _wrote(self, entry: Entry) -> None:
        with self._lock:
            self._read_index(index_path(self._path(entry.warc_file)))

    def _known(self, source: str, stored_sha256: str) -> Known | None:
        entry = self._payloads.get((source, stored_sha256))
        if entry is None or entry.capture is None or entry.capture.capture_id in self.failed():
            return None
        return Known(entry.capture, entry.places[-1].record_id)

    def _holder(self, entry: Entry) -> Entry | None:
        """The entry that holds the payload of this one."""
        if entry.holds_payload or entry.capture is None:
            return entry
        return self._payloads.get((entry.capture.source, entry.stored_sha256 or ""))

    def _where(self, capture: Capture) -> tuple[Path, int]:
        if capture.revisit_of is None:
            return self._path(capture.warc_file), capture.warc_offset
        self.refresh()
        own = self._places.get((capture.warc_file, capture.warc_offset))
        holder = self._holder(own) if own else None
        if holder is None:
            raise ArchiveError(f"{capture.warc_file}: capture {capture.capture_id} points to the payload of "
                               f"{capture.revisit_of}, which is not in {self.folder}. Add the file that holds it.")
        return self._path(holder.warc_file), holder.places[-1].offset

    def _path(self, warc_file: str) -> Path:
        return self.folder / warc_file

    def _files(self) -> dict[str, tuple[Path, Path]]:
        """WARC files by name, each with its index file."""
        found = {}
        for warc in sorted(_within(self.folder, WARC_SUFFIX)):
            name = warc.relative_to(self.folder).as_posix()
            index = index_path(warc)
            if self._index_dir is not None:
                index = self._index_dir / (name.replace("/", "__").removesuffix(WARC_SUFFIX) + SUFFIX)
            found[name] = (warc, index)
        return found

    def _forget(self) -> None:
        self._read.clear()
        self._entries.clear()
        self._first.clear()
        self._payloads.clear()
        self._places.clear()


def _within(folder: Path, suffix: str) -> set[Path]:
    """Files of a suffix in a folder and in its folders (one a source)."""
    return {*folder.glob(f"*{suffix}"), *folder.glob(f"*/*{suffix}")}
