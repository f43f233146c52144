"""The index beside each WARC file: one JSON line an exchange, each with a checksum of its own.

Belongs here: the lines' format, appending, incremental reading. Does not belong here: what is in the WARC file;
the index can always be made again from it (``warc_scan``).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from crawlers.archive_types import ArchiveError, Capture
from records.files import sync

SUFFIX: Final = ".idx.jsonl"
WARC_SUFFIX: Final = ".warc.gz"


@dataclass(frozen=True)
class Place:
    """Where one WARC record lies: its gzip member's offset, length and SHA-256 as compressed."""

    type: str
    record_id: str
    offset: int
    length: int
    sha256: str

    @property
    def end(self) -> int:
        """One past the member's last byte."""
        return self.offset + self.length


@dataclass(frozen=True)
class Entry:
    """One index line: the records of one exchange (or a lone record) and the capture they hold, if any.

    ``stored_sha256`` is the payload's digest as stored, content coding kept; ``run`` is the warcinfo's fields.
    """

    warc_file: str
    places: tuple[Place, ...]
    capture: Capture | None = None
    stored_sha256: str | None = None
    run: dict[str, str] | None = None

    @property
    def end(self) -> int:
        """One past the last byte of the entry's records."""
        return self.places[-1].end

    @property
    def holds_payload(self) -> bool:
        """True when the bytes are here, False for a revisit that points to them."""
        return self.capture is not None and self.places[-1].type != "revisit"


def index_path(warc: Path) -> Path:
    """The index file of a WARC file."""
    return warc.with_name(warc.name.removesuffix(WARC_SUFFIX) + SUFFIX)


def warc_path(index: Path) -> Path:
    """The WARC file of an index file."""
    return index.with_name(index.name.removesuffix(SUFFIX) + WARC_SUFFIX)


def to_line(entry: Entry) -> bytes:
    """The entry as one line, its checksum last."""
    data: dict[str, Any] = {"v": 1, "warc_file": entry.warc_file, "places": [vars(p) for p in entry.places]}
    if entry.capture is not None:
        capture = {**vars(entry.capture), "fetched_at": entry.capture.fetched_at.isoformat()}
        data["capture"] = capture
    if entry.stored_sha256 is not None:
        data["stored_sha256"] = entry.stored_sha256
    if entry.run is not None:
        data["run"] = entry.run
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"%08x %s\n" % (zlib.crc32(body), body)


def from_line(line: bytes) -> Entry | None:
    """The entry of a line, None when the line is torn or altered (its checksum does not match)."""
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % zlib.crc32(body):
        return None
    data = json.loads(body.decode("utf-8", "surrogatepass"))
    capture = None
    if "capture" in data:
        fields = data["capture"]
        fields["fetched_at"] = datetime.fromisoformat(fields["fetched_at"])
        capture = Capture(**fields)
    places = tuple(Place(**place) for place in data["places"])
    return Entry(data["warc_file"], places, capture, data.get("stored_sha256"), data.get("run"))


def read_lines(path: Path, start: int = 0) -> Iterator[tuple[int, Entry | None]]:
    """``(offset after the line, entry)`` for each whole line from ``start``; None for a line that is damaged."""
    with path.open("rb") as file:
        file.seek(start)
        offset = start
        for line in file:
            if not line.endswith(b"\n"):
                return  # another process may be writing it, or it is torn: recover() decides
            offset += len(line)
            yield offset, from_line(line)


class IndexWriter:
    """Appends lines to one index file; each is on the disk when ``add`` returns."""

    def __init__(self, path: Path) -> None:
        try:
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as problem:
            raise ArchiveError(f"{path}: cannot open the index for writing ({problem.strerror})") from problem

    def add(self, *entries: Entry) -> None:
        """Append a line an entry and wait until the disk has them."""
        data = b"".join(map(to_line, entries))
        while data:
            data = data[os.write(self._handle, data):]
        os.fsync(self._handle)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def rewrite(path: Path, entries: list[Entry]) -> None:
    """Replace an index file by these entries, whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        for entry in entries:
            file.write(to_line(entry))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)
