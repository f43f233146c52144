"""Asks robots.txt before anything else of a host, by RFC 9309, and keeps the decision as evidence.

Belongs here: fetching and caching robots.txt. Does not belong here: what its outcome means (``crawlers.robots``).
Scrapy's own middleware allows everything when robots.txt cannot be fetched; the RFC demands the opposite.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawlers.errors import CrawlFault, Refused
from crawlers.middlewares import context_of
from crawlers.robots import CACHE_SECONDS, MAX_BYTES, Rules, rules

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RobotsMiddleware:
    """One robots.txt a scheme, host and port, kept a day. ``api_documented`` sources are not asked for it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._context = context_of(crawler)
        self._known: dict[str, tuple[float, Rules]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Note the decision on the request; raise Refused where robots.txt forbids or cannot be had."""
        if request.meta.get("role") == "robots" or self._context.mode == "replay":
            return
        policy = self._context.source.robots
        if policy.policy == "api_documented":
            request.meta["robots"] = f"not asked: {policy.reason}"
            self._context.counts["robots_not_asked"] += 1
            return
        parts = urlsplit(request.url)
        found = await self._rules(f"{parts.scheme}://{parts.netloc}")
        request.meta["robots"] = found.reason
        if found.crawl_delay is not None:
            request.meta["crawl_delay"] = found.crawl_delay
        if not found.allows(request.url):
            self._context.counts["robots_refused"] += 1
            raise Refused(f"{request.method} {request.url} was not asked: robots.txt of {parts.netloc} "
                          f"({found.reason}). Leave the address out, or ask the publisher for permission.")
        self._context.counts["robots_allowed"] += 1

    async def _rules(self, origin: str) -> Rules:
        async with self._locks.setdefault(origin, asyncio.Lock()):
            fetched, found = self._known.get(origin, (0.0, None))
            if found is not None and time.monotonic() - fetched < CACHE_SECONDS:
                return found
            found = await self._fetch(origin)
            self._known[origin] = (time.monotonic(), found)
            self._context.event("note", text=f"robots.txt of {origin}: {found.reason}")
            return found

    async def _fetch(self, origin: str) -> Rules:
        request = Request(f"{origin}/robots.txt", dont_filter=True, priority=1000,
                          meta={"role": "robots", "download_maxsize": 16 * MAX_BYTES})
        try:
            response: Response = await self._crawler.engine.download_async(request)
        except (CrawlFault, OSError) as problem:
            return Rules(f"unreachable: {problem} (RFC 9309 §2.3.1.4), nothing may be fetched", allow_all=False)
        return rules(response.status, response.body)
