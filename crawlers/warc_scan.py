"""Makes index entries from a WARC file alone: after a crash, and for an archive handed over without its index.

Belongs here: pairing of request and response records, captures from WARC headers. Does not belong here: writing
the files, or judging them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crawlers.archive_types import IMPORT_METHOD, OK, Capture
from crawlers.warc_index import Entry, Place
from crawlers.warc_read import REASON_HEADER, VERDICT_HEADER, DamagedRecordError, Examined, scan
from records.ids import capture_id

METHOD_HEADER: Final = "Section3c-Method"
REFERS_HEADER: Final = "Section3c-Refers-To-Capture"
PAYLOAD_HEADER: Final = "Section3c-Payload-Sha256"
BYTES_HEADER: Final = "Section3c-Payload-Bytes"
_CAPTURING: Final = frozenset({"response", "revisit", "resource"})


def place(found: Examined) -> Place:
    """The index's note of where a record lies."""
    return Place(found.type, found.record_id, found.offset, found.length, found.sha256)


def warcinfo_fields(found: Examined) -> dict[str, str]:
    """``name: value`` lines of a warcinfo record."""
    pairs = (line.partition(":") for line in found.text.decode("utf-8", "replace").splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


class Pairing:
    """Turns records in file order into entries: a request and its response make one."""

    def __init__(self, warc_file: str, run: dict[str, str] | None = None) -> None:
        self._warc_file = warc_file
        self._run = run or {}
        self._request: Examined | None = None

    def add(self, found: Examined) -> list[Entry]:
        """Entries that are complete with this record."""
        done: list[Entry] = []
        if found.type == "request":
            done = self.flush()
            self._request = found
            return done
        if found.type == "warcinfo":
            self._run = warcinfo_fields(found)
            entry = Entry(self._warc_file, (place(found),), run=self._run)
        elif found.type in _CAPTURING:
            request = self._request
            if request is not None and not _concurrent(request, found):
                done = self.flush()
                request = None
            entry = self._captured(found, request)
        else:
            entry = Entry(self._warc_file, (place(found),))
        self._request = None if found.type in _CAPTURING else self._request
        return [*done, entry]

    def flush(self) -> list[Entry]:
        """A request record left without its response: indexed, no capture."""
        request, self._request = self._request, None
        return [Entry(self._warc_file, (place(request),))] if request else []

    def _captured(self, found: Examined, request: Examined | None) -> Entry:
        stored = found.stored_sha256
        payload, size, of = found.payload_sha256, found.payload_bytes, None
        if found.type == "revisit":  # no payload here: the writer noted what it would have been
            stored = (found.headers.get("warc-payload-digest") or "").removeprefix("sha256:")
            of = found.headers.get(REFERS_HEADER.lower())
            payload = found.headers.get(PAYLOAD_HEADER.lower()) or stored
            size = int(found.headers.get(BYTES_HEADER.lower()) or 0)
        body_sha = request.stored_sha256 if request and request.stored_bytes else None
        method = request.method if request else found.headers.get(METHOD_HEADER.lower())
        uri = found.uri or ""
        capture = Capture(
            capture_id=capture_id(uri, body_sha, payload),
            source=self._run.get("source") or "unknown",
            run_id=self._run.get("run_id") or "unknown",
            uri=uri,
            method=method or (IMPORT_METHOD if found.type == "resource" else "GET"),
            request_sha256=body_sha,
            status=found.status,
            media_type=_media_type(found),
            fetched_at=warc_date(found.date),
            payload_sha256=payload,
            payload_bytes=size,
            warc_file=self._warc_file,
            warc_offset=found.offset,
            warc_length=found.length,
            verdict=found.headers.get(VERDICT_HEADER.lower()) or OK,
            verdict_reason=found.headers.get(REASON_HEADER.lower()),
            revisit_of=of,
        )
        places = (place(request), place(found)) if request else (place(found),)
        return Entry(self._warc_file, places, capture, stored)


def entries(
    warc: Path, warc_file: str, start: int, end: int, run: dict[str, str] | None = None
) -> Iterator[Entry]:
    """Entries of the records between two offsets. Raises DamagedRecordError after yielding what is whole."""
    pairing = Pairing(warc_file, run)
    with warc.open("rb") as file:
        try:
            for found in scan(file, start, end):
                yield from pairing.add(found)
        except DamagedRecordError:
            yield from pairing.flush()
            raise
    yield from pairing.flush()


def warc_date(text: str | None) -> datetime:
    """WARC-Date as an aware datetime; the epoch when it is missing."""
    return datetime.fromisoformat(text) if text else datetime.fromtimestamp(0, UTC)


def media_type(value: str | None) -> str | None:
    """A Content-Type without parameters, lower case."""
    head = (value or "").partition(";")[0].strip().lower()
    return head or None


def _media_type(found: Examined) -> str | None:
    if found.type == "resource":
        return media_type(found.headers.get("content-type"))
    told = [value for name, value in found.http_headers if name.lower() == "content-type"]
    return media_type(told[-1]) if told else None


def _concurrent(request: Examined, found: Examined) -> bool:
    """The two records are one exchange: named by WARC-Concurrent-To on either side."""
    names = {request.headers.get("warc-concurrent-to"), found.headers.get("warc-concurrent-to")} - {None}
    return bool(names & {request.record_id, found.record_id})
