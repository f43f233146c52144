"""Waits before asking and asks again after a failure: delays, Retry-After, backoff, all without blocking.

Belongs here: when a request may go out, and whether it goes out again. Does not belong here: whether it may at
all (``confine``, ``robots``), or what an answer is worth (``verdicts``).
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import defaultdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost

from crawlers.archive import Capture
from crawlers.errors import CrawlFault
from crawlers.middlewares import context_of
from records.files import write_json

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

RETRY_STATUS: Final = frozenset({408, 429, 500, 502, 503, 504, 520, 522, 524})
_RETRY_VERDICTS: Final = frozenset({"truncated", "empty"})
_FAILURES: Final = (
    DownloadFailedError, DownloadTimeoutError, DownloadConnectionRefusedError, CannotResolveHostError,
    ResponseDataLossError, ConnectionDone, ConnectionLost, ConnectError, OSError,
)
_ROBOTS_TRIES: Final = 2


class NoAnswer(CrawlFault):
    """The host gave no usable answer in as many tries as its source allows."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait from a Retry-After header (RFC 9110 §10.2.3: seconds or HTTP-date); None when unreadable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class Pacer:
    """When each host may be asked next. Pauses that a host asked for outlive the process (``path``)."""

    def __init__(self, delay: float, path: Path | None = None) -> None:
        self._delay: dict[str, float] = defaultdict(lambda: delay)
        self._next: dict[str, float] = defaultdict(float)
        self._paused: dict[str, float] = defaultdict(float)
        self._path = path
        self._load()

    def slow_down(self, host: str, delay: float) -> None:
        """A host's robots.txt asks for more room between requests."""
        self._delay[host] = max(self._delay[host], delay)

    def pause(self, host: str, seconds: float, *, keep: bool = False) -> None:
        """Ask a host nothing for a while; ``keep`` remembers it for the next process."""
        self._paused[host] = max(self._paused[host], time.monotonic() + seconds)
        if keep and self._path is not None:
            self._save()

    async def turn(self, host: str) -> None:
        """Return when it is this caller's turn; callers of one host get turns a delay apart."""
        while True:
            now = time.monotonic()
            if self._paused[host] > now:
                await asyncio.sleep(self._paused[host] - now)
                continue
            start = max(now, self._next[host])
            self._next[host] = start + self._delay[host]
            if start > now:
                await asyncio.sleep(start - now)
            if self._paused[host] <= time.monotonic():
                return

    def _load(self) -> None:
        if self._path is None or not self._path.exists():
            return
        ahead = time.time() - time.monotonic()
        for host, until in json.loads(self._path.read_text(encoding="utf-8")).items():
            self._paused[host] = float(until) - ahead

    def _save(self) -> None:
        assert self._path is not None
        ahead = time.time() - time.monotonic()
        now = time.monotonic()
        write_json(self._path, {host: until + ahead for host, until in self._paused.items() if until > now})


class PolitenessMiddleware:
    """Waits for a host's turn before a request; sends it again after failures that may pass."""

    def __init__(self, crawler: Crawler) -> None:
        self._context = context_of(crawler)
        self._manners = self._context.source.politeness
        path = None if self._context.source.local else self._context.state / "pauses.json"
        self.pacer = Pacer(self._manners.delay_seconds, path)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PolitenessMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait: the request's own wait (polling), then the host's turn. Replay waits for nothing."""
        if self._context.mode == "replay":
            return
        wait = request.meta.pop("wait", 0.0)
        if wait and not self._context.source.local:
            await asyncio.sleep(wait)
        elif wait:
            await asyncio.sleep(min(wait, self._manners.backoff_cap_seconds))
        await self.pacer.turn(urlsplit(request.url).netloc)
        delay = request.meta.get("crawl_delay")
        if delay and not self._context.source.local:
            self.pacer.slow_down(urlsplit(request.url).netloc, delay)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request again when the answer is a failure that may pass and tries are left, else the answer."""
        capture = request.meta.get("capture")
        bad = isinstance(capture, Capture) and capture.verdict in _RETRY_VERDICTS
        if response.status not in RETRY_STATUS and not (bad and response.status < 300):
            return response
        told = response.headers.get("Retry-After")
        asked = retry_after(told.decode("latin-1") if told else None, datetime.now(UTC))
        again = self._again(request, asked)
        return again if again is not None else response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """The request again after a connection that failed. Raises NoAnswer when no tries are left."""
        if not isinstance(exception, _FAILURES):
            return None
        again = self._again(request, None)
        if again is not None:
            return again
        raise NoAnswer(f"{request.method} {request.url}: no answer in {self._tries(request)} tries "
                       f"(last: {_in_words(exception)}). Check the network and the service, then run again: what "
                       "was archived is not fetched again.") from exception

    def _tries(self, request: Request) -> int:
        return min(_ROBOTS_TRIES, self._manners.tries) if request.meta.get("role") == "robots" else self._manners.tries

    def _again(self, request: Request, asked: float | None) -> Request | None:
        tried = request.meta.get("tried", 0) + 1
        if tried >= self._tries(request):
            return None
        self._context.counts["retries"] += 1
        if self._context.mode == "live":
            host = urlsplit(request.url).netloc
            if asked is not None:
                seconds = min(asked, self._manners.retry_after_cap_seconds)
                self._context.event("note", text=f"{host} asks to wait {asked:.0f} s; waiting {seconds:.0f} s")
            else:
                full = min(self._manners.backoff_seconds * 2 ** (tried - 1), self._manners.backoff_cap_seconds)
                seconds = full * random.uniform(0.5, 1.0)
            self.pacer.pause(host, seconds, keep=asked is not None)
        meta = {key: value for key, value in request.meta.items() if key != "capture"}
        return request.replace(dont_filter=True, meta={**meta, "tried": tried, "wait": 0.0})


def _in_words(exception: Exception) -> str:
    words = {
        DownloadTimeoutError: "time ran out", DownloadConnectionRefusedError: "connection refused",
        CannotResolveHostError: "the host's name has no address",
        DownloadFailedError: "the connection closed without a whole answer",
    }
    for kind, text in words.items():
        if isinstance(exception, kind):
            return text
    return f"{type(exception).__name__}: {exception}"
