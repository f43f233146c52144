"""Keeps every request within the source's hosts, redirects included.

Belongs here: which address may be asked. Does not belong here: robots.txt, waiting, archiving.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from scrapy.http import Request, Response
from w3lib.url import safe_url_string

from crawlers.errors import Refused
from crawlers.middlewares import context_of
from crawlers.robots import MAX_REDIRECTS
from crawlers.sources import is_private

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class _Confined:
    def __init__(self, crawler: Crawler) -> None:
        self._context = context_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Confined:
        """Scrapy's constructor."""
        return cls(crawler)

    def _refuses(self, request: Request, url: str) -> str | None:
        """robots.txt may be redirected to another public host (RFC 9309 §2.3.1.2), nothing else may."""
        refusal = self._context.source.refuses(url)
        if refusal and request.meta.get("role") == "robots" and request.meta.get("hops"):
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and not is_private(parts.hostname or "") and "@" not in parts.netloc:
                return None
        return refusal


class ConfineMiddleware(_Confined):
    """First to see a request: an address that is not the source's is never asked."""

    def process_request(self, request: Request) -> None:
        """Raise Refused for a foreign, private or non-HTTP address."""
        refusal = self._refuses(request, request.url)
        if refusal:
            raise Refused(f"{request.method} {request.url} was not asked: {refusal}. "
                          "If the source moved, correct its YAML (hosts, base_url).")


class RedirectMiddleware(_Confined):
    """Follows redirects hop by hop within the source's hosts; each hop is archived like any response."""

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The next request, or the response when it is no redirect. Raises Refused."""
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or location is None:
            return response
        url = urljoin(request.url, safe_url_string(location))
        where = f"{request.method} {request.url} is redirected ({response.status}) to {url[:300]}"
        hops = request.meta.get("hops", 0) + 1
        robots = request.meta.get("role") == "robots"
        if hops > (MAX_REDIRECTS if robots else self._context.source.limits.max_redirects):
            if robots:
                return response
            raise Refused(f"{where}: more redirects than limits.max_redirects allows")
        if request.method not in ("GET", "HEAD") and response.status in (301, 302, 303):
            raise Refused(f"{where}: following it would turn {request.method} into GET and ask something else. "
                          "Correct the address (https, trailing slash).")
        hop = request.replace(url=url, dont_filter=True, meta={**request.meta, "hops": hops, "wait": 0.0})
        refusal = self._refuses(hop, url)
        if refusal:
            raise Refused(f"{where}, which is not followed: {refusal}")
        self._context.counts["redirects"] += 1
        return hop
