"""The base of every spider: requests with the framework's manners, harvests, proofs, problems, progress.

Belongs here: helpers that any source needs. Does not belong here: any source's addresses or formats.

A response reaches a callback only when its capture is archived and its verdict is ok; every other outcome goes to
the errback (default: ``on_error``, which reports a problem) as ``BadCapture``, ``Refused`` or a download error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlencode, urljoin

import scrapy
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawlers.archive import Capture
from crawlers.context import CrawlContext
from crawlers.errors import BadCapture
from crawlers.journal import Journal
from crawlers.run import Harvest

Callback = Callable[..., Any]
Json = Any


class SourceSpider(scrapy.Spider):
    """Subclass it, implement ``async def start(self)`` yielding requests made by the helpers below."""

    name = "source"

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        super().__init__(name=context.source.name, **kwargs)
        self.context = context
        self.source = context.source
        self.options = context.options
        self.archive = context.archive

    @property
    def replaying(self) -> bool:
        """True when answers come from an archive: no waiting between polls, no new captures."""
        return self.context.mode == "replay"

    @property
    def journal(self) -> Journal | None:
        """Notes of this window that survive a crash; None in replay or without a resume key."""
        return self.context.journal

    def url(self, path: str, params: dict[str, Any] | None = None) -> str:
        """An address under the source's base address; an absolute one is left as it is."""
        address = urljoin(self.source.base_url + "/", path)
        return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}" if params else address

    def api_get(
        self, path: str, callback: Callback, *, params: dict[str, Any] | None = None,
        errback: Callback | None = None, resumable: bool = False, wait: float = 0.0,
        expect: tuple[str, ...] = ("application/json",), cb_kwargs: dict[str, Any] | None = None,
    ) -> Request:
        """A GET of JSON. ``wait`` seconds pass before it is sent (polling); ``resumable`` lets a run that was
        killed take the answer from what it had archived."""
        return self._request("GET", self.url(path, params), None, callback, errback, expect, cb_kwargs,
                             {"resumable": resumable, "wait": wait})

    def api_post(
        self, path: str, body: Json, callback: Callback, *, errback: Callback | None = None,
        resumable: bool = False, wait: float = 0.0, expect: tuple[str, ...] = ("application/json",),
        cb_kwargs: dict[str, Any] | None = None,
    ) -> Request:
        """A POST of a JSON body (keys sorted, so that the same question has the same bytes)."""
        return self._request("POST", self.url(path), body, callback, errback, expect, cb_kwargs,
                             {"resumable": resumable, "wait": wait})

    def download(
        self, url: str, callback: Callback, *, errback: Callback | None = None, resumable: bool = True,
        expect: tuple[str, ...] | None = None, cb_kwargs: dict[str, Any] | None = None,
    ) -> Request:
        """A GET of a file, large ones included: they go to disk, never whole into memory (see ``payload``).

        ``expect`` are media types, the source's own by default.
        """
        long = {"download_timeout": self.source.limits.download_timeout_seconds}
        return self._request("GET", self.url(url), None, callback, errback, expect or self.source.media_types,
                             cb_kwargs, {"resumable": resumable, "wait": 0.0, **long})

    def _request(
        self, method: str, url: str, body: Json, callback: Callback, errback: Callback | None,
        expect: tuple[str, ...], cb_kwargs: dict[str, Any] | None, meta: dict[str, Any],
    ) -> Request:
        headers = {"Accept": ", ".join(expect) if "application/json" in expect else "*/*"}
        content = b""
        if method == "POST":
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return Request(url, method=method, body=content, headers=headers, callback=callback,
                       errback=errback or self.on_error, cb_kwargs=cb_kwargs, dont_filter=True,
                       meta={"expect": expect, **meta})

    @staticmethod
    def capture(response: Response) -> Capture:
        """The capture a response was archived as."""
        capture = response.meta["capture"]
        assert isinstance(capture, Capture)
        return capture

    def json(self, response: Response) -> Json:
        """The body as JSON. Raises BadCapture when it is none, so that the request's outcome is reported."""
        try:
            return json.loads(response.body)
        except ValueError as problem:
            raise BadCapture(self.capture(response), "wrong_type", f"body is not JSON: {problem}", response) from None

    def payload(self, response: Response) -> IO[bytes]:
        """The decoded entity body as a seekable binary file, read from the archive (small ones are in memory)."""
        return self.archive.payload_seekable(self.capture(response))

    def harvest(self, response: Response | Capture, parser: str, batch: str, **context: Any) -> Harvest:
        """Report that ``parser`` shall read this capture into lake partition ``batch``. Raises BadCapture when the
        verdict is not ok."""
        capture = response if isinstance(response, Capture) else self.capture(response)
        if capture.verdict != "ok":
            raise BadCapture(capture, capture.verdict, capture.verdict_reason or "", None)
        found = Harvest(capture.capture_id, parser, batch, context)
        self.context.event("harvest", capture_id=found.capture_id, parser=parser, batch=batch, context=context)
        return found

    def prove(self, name: str, expected: object, got: object, **where: Any) -> bool:
        """Report a proof of completeness; one that does not hold makes the report not ok. Returns whether it holds."""
        holds = expected == got
        self.context.event("proof", name=name, expected=expected, got=got, ok=holds, **where)
        return holds

    def problem(self, text: str) -> None:
        """Report what went wrong (what, where, what to do); the crawl's report is not ok."""
        self.context.problem(f"{self.source.name}: {text}")

    def note(self, text: str) -> None:
        """Report something worth knowing that is no fault."""
        self.context.event("note", text=f"{self.source.name}: {text}")

    def progress(self, done: float, total: float | None = None, label: str = "") -> None:
        """Report progress for the progress bar, in whatever unit ``label`` says."""
        self.context.event("progress", done=done, total=total, label=label)

    def on_error(self, failure: Failure) -> None:
        """The default errback: nothing is lost in silence."""
        request = getattr(failure, "request", None)
        where = f" ({request.method} {request.url})" if isinstance(request, Request) else ""
        self.problem(f"{failure.getErrorMessage()}{where}")
