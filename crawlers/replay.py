"""Replay: answers requests from an evidence archive instead of the network.

Belongs here: which capture answers which request, in which order. Does not belong here: archiving (replay writes
no captures; a spider sees the original ones), or the archive's format.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Request, Response
from w3lib.url import canonicalize_url

from crawlers.archive import Capture, EvidenceArchive
from crawlers.errors import ReplayMiss
from crawlers.middlewares import ARCHIVED, context_of
from crawlers.middlewares.evidence import IN_MEMORY, build, public_uri

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def fingerprint(request: Request, secret: frozenset[str] = frozenset()) -> str:
    """What makes two requests the same: method, canonical address without secrets, body."""
    body = hashlib.sha256(request.body).hexdigest() if request.body else None
    return key(request.method, public_uri(request.url, secret), body)


def key(method: str, uri: str, request_sha256: str | None) -> str:
    """The fingerprint from its parts, as a capture has them."""
    return hashlib.sha256(f"{method} {canonicalize_url(uri)} {request_sha256 or ''}".encode()).hexdigest()


class ReplayStore:
    """Captures by fingerprint, in the order they were recorded; the last answer of a request repeats."""

    def __init__(self, captures: Iterable[Capture]) -> None:
        self._answers: dict[str, list[Capture]] = defaultdict(list)
        for capture in sorted(captures, key=lambda c: (c.fetched_at, c.warc_file, c.warc_offset)):
            if capture.status is not None:
                self._answers[key(capture.method, capture.uri, capture.request_sha256)].append(capture)
        self._asked: dict[str, int] = defaultdict(int)

    def answer(self, wanted: str) -> Capture | None:
        """The next recorded answer to a fingerprint, None when it was never asked."""
        found = self._answers.get(wanted)
        if not found:
            return None
        turn = self._asked[wanted]
        self._asked[wanted] += 1
        return found[min(turn, len(found) - 1)]


def archived_response(archive: EvidenceArchive, capture: Capture, request: Request) -> Response:
    """A response as it was received, stamped with its capture. Raises ArchiveError when the bytes are damaged."""
    _, headers = archive.response(capture)
    payload = None
    if capture.payload_bytes <= IN_MEMORY:
        with archive.payload(capture) as stream:
            payload = stream.read()
    request.meta["capture"] = capture
    return build(request, capture.status or 0, headers, payload, [ARCHIVED])


class ReplayHandler(BaseDownloadHandler):
    """The download handler of replay; ``options['replay_run']`` restricts it to one run's captures."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._context = context_of(crawler)
        self._secret = frozenset(self._context.source.secret_parameters)
        run = self._context.options.get("replay_run")
        files = self._context.options.get("replay_files")
        self._store = ReplayStore(
            c for c in self._context.archive.captures(self._context.source.name)
            if run in (None, c.run_id) and (files is None or c.warc_file in files)
        )

    async def download_request(self, request: Request) -> Response:
        """The recorded answer. Raises ReplayMiss naming the request, ArchiveError for damaged bytes."""
        capture = self._store.answer(fingerprint(request, self._secret))
        if capture is None:
            body = f" with body {request.body[:500].decode('utf-8', 'replace')}" if request.body else ""
            raise ReplayMiss(f"the archive holds no answer to {request.method} {request.url}{body}. It was recorded "
                             "with other options or by another version; crawl live, or replay with those options.")
        return archived_response(self._context.archive, capture, request)
