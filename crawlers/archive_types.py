"""What the evidence archive takes in and gives out: exchanges, captures, findings, errors.

Belongs here: the archive's plain data classes. Does not belong here: reading or writing of WARC files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

Headers = tuple[tuple[str, str], ...]

OK: Final = "ok"
IMPORT_METHOD: Final = "IMPORT"


class ArchiveError(Exception):
    """The archive cannot be written or read as asked; the message says which file, where and what to do."""


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One archived payload and where it lies: the fields of ``records.schemas.CAPTURE``, in its order.

    A capture whose ``verdict`` is not ``ok`` is kept and never parsed as evidence.
    """

    capture_id: str
    source: str
    run_id: str
    uri: str
    method: str
    request_sha256: str | None
    status: int | None
    media_type: str | None
    fetched_at: datetime
    payload_sha256: str
    payload_bytes: int
    warc_file: str
    warc_offset: int
    warc_length: int
    verdict: str = OK
    verdict_reason: str | None = None
    revisit_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One HTTP request and its response, about to be archived.

    ``body`` is the entity as received: transfer coding removed, content coding (gzip) kept; a path for a large
    one. ``decodable`` False says that undoing the content coding failed or passed the size limit: the payload
    is then the stored bytes themselves.
    """

    uri: str
    status: int
    fetched_at: datetime
    method: str = "GET"
    request_headers: Headers = ()
    request_body: bytes = b""
    reason: str = ""
    headers: Headers = ()
    body: bytes | Path = b""
    decodable: bool = True
    ip: str | None = None
    verdict: str = OK
    verdict_reason: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ImportedFile:
    """A file an analyst hands in (an official download); archived as a WARC ``resource`` record."""

    path: Path
    filename: str
    media_type: str | None
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something in the archive that is not as it was written.

    ``capture_id`` is None for damage that touches no capture (a warcinfo record, bytes no index line covers).
    """

    warc_file: str
    offset: int
    what: str
    capture_id: str | None = None
    uri: str | None = None

    def __str__(self) -> str:
        """One line for a person: file, offset, capture, address, what is wrong."""
        who = f" capture {self.capture_id} ({self.uri})" if self.capture_id else ""
        return f"{self.warc_file} at byte {self.offset}:{who} {self.what}"
