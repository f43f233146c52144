"""Archives every exchange before anything reads it, and stamps the request with its capture.

Belongs here: from Scrapy's response to the archive's exchange and back, decoded. Does not belong here: what
follows from a verdict (``verdict``), or the archive's own format.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from crawlers.archive import Capture, Exchange
from crawlers.decoding import CHUNK, UndecodableError, content_coding, decode
from crawlers.middlewares import ARCHIVED, ON_DISK, context_of
from crawlers.verdicts import HEAD_BYTES, TAIL_BYTES, Seen, judge
from crawlers.warc_scan import media_type

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

IN_MEMORY: Final = 8 << 20
_SECRET_HEADERS: Final = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-openfigi-apikey"})
_WITHHELD: Final = "withheld"


@dataclass
class _Body:
    """What reading the body through showed. ``payload`` is None when it is too large to carry."""

    head: bytes
    tail: bytes
    length: int
    payload: bytes | None
    fault: str | None


class EvidenceMiddleware:
    """Nearest to the network: nothing sees a response before it is on the disk."""

    def __init__(self, crawler: Crawler) -> None:
        self._context = context_of(crawler)
        self._appended = self._durable = 0
        self._sync: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EvidenceMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Archive, judge, decode. Raises ArchiveError when the evidence cannot be kept: then nothing is believed."""
        self._context.counts["requests"] += 1
        if ARCHIVED in response.flags:
            return response
        path = request.meta.pop("body_path", None)
        stored: bytes | Path = Path(path) if path else response.body
        try:
            if isinstance(stored, Path):  # hashing and packing a large file takes seconds: not in the event loop
                capture, body = await asyncio.to_thread(self._archive, request, response, stored)
            else:
                capture, body = self._archive(request, response, stored)
            await self._on_disk()
        finally:
            if isinstance(stored, Path):
                stored.unlink(missing_ok=True)
        request.meta["capture"] = capture
        return build(request, response.status, header_list(response.headers), body.payload, response.flags)

    async def _on_disk(self) -> None:
        """Return when what was appended so far is on the disk: one wait for all that came meanwhile.

        Waiting for the disk in a thread leaves the event loop to other downloads.
        """
        self._appended += 1
        mine = self._appended
        while self._durable < mine:
            if self._sync is None:
                self._sync = asyncio.ensure_future(self._sync_once(self._appended))
            await asyncio.shield(self._sync)

    async def _sync_once(self, appended: int) -> None:
        assert self._context.writer is not None, "a live crawl has a writer"
        try:
            await asyncio.to_thread(self._context.writer.sync)
            self._durable = appended
        finally:
            self._sync = None

    def _archive(self, request: Request, response: Response, stored: bytes | Path) -> tuple[Capture, _Body]:
        context = self._context
        headers = header_list(response.headers)
        limit = context.source.limits.max_decoded_bytes
        body = _read(stored, content_coding(headers), limit)
        size = stored.stat().st_size if isinstance(stored, Path) else len(stored)
        robots = request.meta.get("role") == "robots"
        verdict = judge(
            _seen(request, response, body, size),
            ("*/*",) if robots else request.meta.get("expect") or context.source.media_types,
            () if robots else context.source.block_markers,
        )
        assert context.writer is not None, "a live crawl has a writer"
        secret = frozenset(context.source.secret_parameters)
        notes = {"Robots": request.meta["robots"]} if "robots" in request.meta else {}
        capture = context.writer.append(Exchange(
            uri=public_uri(request.url, secret), method=request.method, request_body=request.body,
            request_headers=tuple((n, _WITHHELD if n.lower() in _SECRET_HEADERS else v)
                                  for n, v in header_list(request.headers)),
            status=response.status, reason=request.meta.pop("reason_phrase", ""), headers=headers, body=stored,
            decodable=body.fault is None, fetched_at=datetime.now(UTC), verdict=verdict.verdict,
            verdict_reason=verdict.reason, ip=str(response.ip_address) if response.ip_address else None, notes=notes,
        ))
        context.counts["bytes"] += size
        context.counts["captures"] += 1
        return capture, body


def build(
    request: Request, status: int, headers: tuple[tuple[str, str], ...], payload: bytes | None,
    flags: list[str] | None = None,
) -> Response:
    """A Scrapy response over a decoded payload; without a body and flagged ON_DISK when it is None."""
    kept = Headers([(name, value) for name, value in headers if name.lower() != "content-encoding"])
    marks = [*(flags or []), *([ON_DISK] if payload is None else [])]
    body = payload or b""
    cls = responsetypes.from_args(headers=kept, url=request.url, body=body)
    return cls(url=request.url, status=status, headers=kept, body=body, flags=marks, request=request)


def header_list(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Every header in order, repeated ones repeated, as latin-1 text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1"))
                 for name in headers for value in headers.getlist(name))


def public_uri(url: str, secret: frozenset[str]) -> str:
    """The address with the values of secret parameters (API keys) withheld and the fragment dropped."""
    parts = urlsplit(url)
    query = parts.query
    if secret:
        pairs = parse_qsl(query, keep_blank_values=True)
        if any(name in secret for name, _ in pairs):
            query = urlencode([(name, _WITHHELD if name in secret else value) for name, value in pairs])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _read(stored: bytes | Path, coding: str | None, limit: int) -> _Body:
    """Decode the body once through, in bounded memory."""
    head, kept = bytearray(), bytearray()
    tail: deque[bytes] = deque(maxlen=1 + TAIL_BYTES // CHUNK)
    length, fault = 0, None
    try:
        for chunk in decode(_chunks(stored), coding, limit):
            if len(head) < HEAD_BYTES:
                head += chunk[: HEAD_BYTES - len(head)]
            if length + len(chunk) <= IN_MEMORY:
                kept += chunk
            else:
                kept.clear()
            tail.append(chunk)
            length += len(chunk)
    except UndecodableError as problem:
        fault = str(problem)
    payload = bytes(kept) if length <= IN_MEMORY and fault is None else None
    return _Body(bytes(head), b"".join(tail)[-TAIL_BYTES:], length, payload, fault)


def _chunks(stored: bytes | Path) -> Iterator[bytes]:
    if isinstance(stored, bytes):
        for start in range(0, len(stored), CHUNK):
            yield stored[start : start + CHUNK]
        return
    with stored.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _seen(request: Request, response: Response, body: _Body, size: int) -> Seen:
    told = response.headers.get("Content-Type")
    length = response.headers.get("Content-Length")
    location = response.headers.get("Location")
    announced = int(length) if length is not None and length.isdigit() and request.method != "HEAD" else None
    return Seen(
        status=response.status, media_type=media_type(told.decode("latin-1") if told else None), head=body.head,
        tail=body.tail, length=body.length, received=size, announced=announced, cut="dataloss" in response.flags,
        open_ended="partial" in response.flags, undecodable=body.fault,
        location=location.decode("latin-1") if location else None,
        conditional="If-None-Match" in request.headers or "If-Modified-Since" in request.headers,
    )
