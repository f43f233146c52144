"""Payload streams of captures: decoded, checked against the index as they are read.

Belongs here: reading one payload. Does not belong here: finding captures (``archive``), WARC's format (``warc_read``).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from crawlers.archive_types import ArchiveError, Capture
from crawlers.decoding import CHUNK, UndecodableError, decode
from crawlers.warc_read import DamagedRecordError, Record, open_record


def payload_stream(path: Path, offset: int, capture: Capture) -> BinaryIO:
    """The decoded payload of the record at ``offset``. Reading raises ArchiveError where it is not as written."""
    file, record = open_capture(path, offset, capture)
    return io.BufferedReader(_ChunkStream(_checked(capture, record), file), CHUNK)


def open_capture(path: Path, offset: int, capture: Capture) -> tuple[BinaryIO, Record]:
    """The open file and record; the caller closes the file. Raises ArchiveError."""
    file = _open(path, capture)
    try:
        return file, open_record(file, offset)
    except DamagedRecordError as problem:
        file.close()
        raise _damaged(capture, problem) from None


def _damaged(capture: Capture, problem: object) -> ArchiveError:
    return ArchiveError(f"{capture.warc_file}: capture {capture.capture_id} ({capture.uri}) is damaged: {problem}. "
                        "Restore the file from a copy; until then nothing is read from it.")


def _open(path: Path, capture: Capture) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        raise ArchiveError(f"{path}: cannot be opened for capture {capture.capture_id} ({problem.strerror}). "
                           "Restore the file from a copy.") from None


def _checked(capture: Capture, record: Record) -> Iterator[bytes]:
    """The decoded payload, its hash compared at the end."""
    digest = hashlib.sha256()
    try:
        for chunk in decode(record.stored(), record.coding()):
            digest.update(chunk)
            yield chunk
    except (DamagedRecordError, UndecodableError) as problem:
        raise _damaged(capture, problem) from None
    if digest.hexdigest() != capture.payload_sha256:
        raise _damaged(capture, "its payload's SHA-256 differs from the index")


class _ChunkStream(io.RawIOBase):
    """A forward-only binary stream over decoded chunks; closes the file beneath it."""

    def __init__(self, chunks: Iterator[bytes], file: IO[bytes]) -> None:
        self._chunks = chunks
        self._file = file
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
