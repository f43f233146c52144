"""A spider whose protocol is written as one coroutine: ask, await the answer, decide.

Belongs here: asking through the framework (all its downloader middlewares apply) and turning every failure into one
error type. Does not belong here: any source's protocol.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Request, Response

from crawlers.archive import ArchiveError
from crawlers.errors import BadCapture, CrawlFault
from crawlers.spiders.base import Json, SourceSpider

_FAILURES = (
    CrawlFault, ArchiveError, OSError, CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError,
    DownloadTimeoutError, ResponseDataLossError,
)


class Unanswered(CrawlFault):
    """A request came to nothing after all the tries that its source allows. ``status`` is None when nobody answered."""

    def __init__(self, request: Request, problem: Exception) -> None:
        self.status = problem.response.status if isinstance(problem, BadCapture) and problem.response else None
        said = ""
        if isinstance(problem, BadCapture) and problem.response is not None:
            said = f": {problem.response.body[:300].decode('utf-8', 'replace')}"
        super().__init__(f"{problem}{said}" if isinstance(problem, CrawlFault)
                         else f"{request.method} {request.url}: {type(problem).__name__}: {problem}")


async def unused(_response: Response) -> None:
    """The callback of requests that are awaited: never called."""


class InlineSpider(SourceSpider):
    """Implement ``async def work(self)``; await ``ask`` for each request."""

    #: Requests in a row that nobody answered: the service is down, or the network is.
    silence = 0

    async def start(self) -> AsyncIterator[Any]:
        """Run the protocol to its end."""
        await self.work()
        return
        yield  # an asynchronous generator, as Scrapy wants it

    async def work(self) -> None:
        """The protocol."""
        raise NotImplementedError

    def occasions(self) -> Iterator[None]:
        """For sources that are told whom to ask about: once, with this run's options; in a replay that is told nothing,
        once for each recorded run, with that run's."""
        names = tuple(self.source.asks.options) if self.source.asks else ()
        if not self.replaying or any(self.options.get(name) for name in names):
            yield
            return
        own = dict(self.options)
        for asked in self._recorded():
            self.options = {**own, **asked}
            yield
        self.options = own

    def _recorded(self) -> list[dict[str, Any]]:
        """What each replayed run was asked about, in their order, as its files' first records say."""
        run, files = self.options.get("replay_run"), self.options.get("replay_files")
        runs: dict[str, dict[str, Any]] = {}
        for name, info in self.archive.runs():
            if info.get("source") == self.source.name and run in (None, info.get("run_id")) and (
                    files is None or name in files):
                runs.setdefault(info.get("run_id", name), json.loads(info.get("asked") or "{}"))
        return list(runs.values()) or [{}]

    async def ask(self, request: Request) -> Response:
        """The good, archived answer. Raises Unanswered."""
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(request)
        except _FAILURES as problem:
            unanswered = Unanswered(request, problem)
            self.silence = self.silence + 1 if unanswered.status is None else 0
            raise unanswered from problem
        self.silence = 0
        return response

    async def post(self, path: str, body: Json, *, resumable: bool = True) -> tuple[Json, Response]:
        """POST JSON, await JSON. Raises Unanswered."""
        response = await self.ask(self.api_post(path, body, unused, resumable=resumable))
        return self.json(response), response
