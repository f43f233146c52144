"""Builds WARC records from exchanges, with warcio: request, response or revisit, and their digests.

Belongs here: headers and blocks of records. Does not belong here: files, offsets, durability (``warc_write``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from crawlers.archive_types import ArchiveError, Capture, Exchange
from crawlers.decoding import CHUNK, UndecodableError, decode
from crawlers.warc_read import REASON_HEADER, STORED_FLAG, VERDICT_HEADER
from crawlers.warc_scan import BYTES_HEADER, PAYLOAD_HEADER, REFERS_HEADER


class _HexDigester(Digester):  # type: ignore[misc]
    """warcio's digester, in hexadecimal as our index has it (warcio's checker reads both)."""

    def __str__(self) -> str:
        return f"{self.type_}:{self.digester.hexdigest()}"


class Sha256Writer(WARCWriter):  # type: ignore[misc]
    """warcio's writer with SHA-256 for the digests it computes itself."""

    @staticmethod
    def _create_digester() -> _HexDigester:
        return _HexDigester("sha256")


@dataclass(frozen=True)
class Digests:
    """A body's hash and length as stored and as decoded; ``decoded`` False when the payload is the stored bytes."""

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


class Body:
    """A body as a stream, from bytes or from a file."""

    def __init__(self, body: bytes | Path) -> None:
        try:
            self.stream: IO[bytes] = BytesIO(body) if isinstance(body, bytes) else body.open("rb")
        except OSError as problem:
            raise ArchiveError(f"{body!s}: cannot be read to archive it ({problem.strerror})") from problem

    def __enter__(self) -> Body:
        """The body itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close."""
        self.stream.close()


class Held(Body):
    """A record and the open body it will be written from."""

    def __init__(self, record: Any, body: Body) -> None:
        self.record = record
        self.stream = body.stream


def exchange_records(
    exchange: Exchange, digests: Digests, earlier: Known | None, out: Sha256Writer
) -> tuple[Held, Held]:
    """Request and response records of an exchange; the response is a revisit when its payload is ``earlier``'s."""
    date = warc_date_text(exchange.fetched_at)
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
    body = Body(exchange.body if earlier is None else b"")
    if earlier is None:
        response = out.create_warc_record(exchange.uri, "response", payload=body.stream, length=digests.stored_bytes,
                                          http_headers=http, warc_headers_dict={**extra, "WARC-Payload-Digest": digest})
    else:
        extra |= {"WARC-Refers-To": earlier.record_id, REFERS_HEADER: earlier.capture.capture_id,
                  PAYLOAD_HEADER: digests.payload_sha256, BYTES_HEADER: str(digests.payload_bytes)}
        response = out.create_revisit_record(exchange.uri, digest, earlier.capture.uri,
                                             warc_date_text(earlier.capture.fetched_at), http_headers=http,
                                             warc_headers_dict=extra)
    parts = urlsplit(exchange.uri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [(_plain(n), _plain(v)) for n, v in exchange.request_headers]
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc))
    asked = Body(exchange.request_body)
    request = out.create_warc_record(
        exchange.uri, "request", payload=asked.stream, length=len(exchange.request_body),
        http_headers=StatusAndHeaders(f"{exchange.method} {target} HTTP/1.1", headers, is_http_request=True),
        warc_headers_dict={**common, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")},
    )
    return Held(request, asked), Held(response, body)


def digest_body(body: bytes | Path, coding: str | None, *, decodable: bool) -> Digests:
    """Hash a body as stored and decoded, in constant memory; a body that cannot be decoded is its own payload."""
    stored, size = hashlib.sha256(), 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        with Body(body) as opened:
            while chunk := opened.stream.read(CHUNK):
                stored.update(chunk)
                size += len(chunk)
                yield chunk

    if coding is None or not decodable:
        for _ in chunks():
            pass
        return Digests(stored.hexdigest(), size, stored.hexdigest(), size, decoded=coding is None)
    payload, length = hashlib.sha256(), 0
    try:
        for chunk in decode(chunks(), coding):
            payload.update(chunk)
            length += len(chunk)
    except UndecodableError:
        return digest_body(body, coding, decodable=False)
    return Digests(stored.hexdigest(), size, payload.hexdigest(), length, decoded=True)


def warc_date_text(moment: datetime) -> str:
    """WARC-Date in UTC, with microseconds (WARC 1.1)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(text: str) -> str:
    """One line without control characters: header values come from hostile servers."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


_PHRASES: Final[dict[int, str]] = {int(status): status.phrase for status in HTTPStatus}


def _phrase(status: int) -> str:
    return _PHRASES.get(status, "Unknown")


