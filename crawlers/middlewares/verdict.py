"""Passes good captures to the spider and raises BadCapture for every other.

Belongs here: what follows from a verdict. Does not belong here: how it is reached (``crawlers.verdicts``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from crawlers.archive import Capture
from crawlers.errors import BadCapture
from crawlers.middlewares import context_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class VerdictMiddleware:
    """Last to see a response before the spider."""

    def __init__(self, crawler: Crawler) -> None:
        self._context = context_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> VerdictMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response when its capture is good. Raises BadCapture (unhandled, the child reports it)."""
        if request.meta.get("role") == "robots":
            return response
        capture = request.meta.get("capture")
        assert isinstance(capture, Capture), "nothing reaches the spider unarchived"
        self._context.verdicts[capture.verdict] += 1
        if capture.verdict == "ok":
            return response
        raise BadCapture(capture, capture.verdict, capture.verdict_reason or "", response)
