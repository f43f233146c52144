"""Lets a crawl that was killed go on: what it had archived is not fetched again.

Belongs here: answering marked requests from this window's earlier captures, and noting new ones. Does not belong
here: the journal's files (``crawlers.journal``), or replay of a whole archive (``crawlers.replay``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import Request, Response

from crawlers.archive import ArchiveError, Capture
from crawlers.middlewares import ARCHIVED, context_of
from crawlers.replay import archived_response, fingerprint

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class ResumeMiddleware:
    """Only requests marked ``meta['resumable']``, only captures with verdict ok, only within one resume key."""

    def __init__(self, crawler: Crawler) -> None:
        self._context = context_of(crawler)
        self._secret = frozenset(self._context.source.secret_parameters)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ResumeMiddleware:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """The archived answer, None when there is none (or when it is damaged: then it is fetched again)."""
        journal = self._context.journal
        if journal is None or not request.meta.get("resumable"):
            return None
        known = journal.answer(fingerprint(request, self._secret))
        if known is None:
            return None
        try:
            capture = self._context.archive.get(known)
            response = archived_response(self._context.archive, capture, request)
        except (KeyError, ArchiveError):
            return None
        self._context.counts["resumed"] += 1
        return response

    def process_response(self, request: Request, response: Response) -> Response:
        """Note a good answer under the resume key."""
        journal, capture = self._context.journal, request.meta.get("capture")
        resumable = journal is not None and request.meta.get("resumable") and ARCHIVED not in response.flags
        if journal is not None and resumable and isinstance(capture, Capture) and capture.verdict == "ok":
            journal.record(fingerprint(request, self._secret), capture.capture_id)
        return response
