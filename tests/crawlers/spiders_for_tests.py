"""Spiders the framework's tests crawl with; each does one plain thing."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response
from scrapy.resolver import dnscache
from twisted.python.failure import Failure

from crawlers.spiders.base import SourceSpider


class Pages(SourceSpider):
    """Fetches each address of options['paths'] and harvests it."""

    async def start(self) -> AsyncIterator[Request]:
        for path in self.options["paths"]:
            yield self.download(path, self.page, errback=self.failed)

    def page(self, response: Response) -> None:
        body = self.payload(response)
        self.harvest(response, "page", "b1", length=len(body.read()))
        self.progress(1, 1, "pages")

    def failed(self, failure: Failure) -> None:
        self.problem(f"{type(failure.value).__name__}: {failure.getErrorMessage()}")


class Poll(SourceSpider):
    """Posts a job, polls its status until it is finished, downloads its file: the shape of a bulk download."""

    async def start(self) -> AsyncIterator[Request]:
        yield self.api_post("/job", {"b": 1, "a": "é"}, self.posted, resumable=True)

    def posted(self, response: Response) -> Request:
        return self.api_get("/status", self.polled, params={"job": self.json(response)["job"]}, wait=0.01)

    def polled(self, response: Response) -> Any:
        answer = self.json(response)
        if answer["status"] != "finished":
            return self.api_get("/status", self.polled, params={"job": answer["job"]}, wait=0.01)
        return self.download(answer["file"], self.file)

    def file(self, response: Response) -> None:
        found = self.payload(response).read()
        self.prove("rows", self.options.get("rows", 3), found.count(b"\n"), file=response.url)
        self.harvest(response, "csv", "day")


class Broken(SourceSpider):
    """Fails in its callback, as a spider with a bug does."""

    async def start(self) -> AsyncIterator[Request]:
        yield self.download("/", self.page)

    def page(self, response: Response) -> None:
        raise RuntimeError("bug in the spider")


class BrokenStart(SourceSpider):
    """Fails before its first request."""

    async def start(self) -> AsyncIterator[Request]:
        raise RuntimeError("bug in start")
        yield Request("http://127.0.0.1/")


class Rebound(Pages):
    """Crawls while the name server points a host of the source to this machine."""

    async def start(self) -> AsyncIterator[Request]:
        dnscache["files.example.org"] = "127.0.0.1"
        async for request in super().start():
            yield request


class Dies(Pages):
    """Is killed after its first page, as by the machine running out of memory."""

    def page(self, response: Response) -> None:
        super().page(response)
        os.kill(os.getpid(), signal.SIGKILL)


class Many(Pages):
    """As Pages, one after the other, so that an interruption falls between two."""

    async def start(self) -> AsyncIterator[Request]:
        yield self.next(list(self.options["paths"]))

    def next(self, left: list[str]) -> Request:
        return self.download(left[0], self.page_of, errback=self.failed, cb_kwargs={"left": left[1:]})

    def page_of(self, response: Response, left: list[str]) -> Request | None:
        self.harvest(response, "page", "b1")
        print("a library prints to stdout")
        return self.next(left) if left else None


class Fetch(Pages):
    """As Pages, without reading what it fetched."""

    def page(self, response: Response) -> None:
        self.harvest(response, "page", "b1")
