"""Bulk download jobs and their zips: post, poll, download, look inside.

Belongs here: the job protocol and its give-up rules. Does not belong here: which windows (the spider), what to do
instead (the spider), parsing into records (crawlers.usaspending).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from scrapy.http import Response

from crawlers.parsing import ParseContext, ParseError
from crawlers.spiders.inline import Unanswered, unused
from crawlers.usaspending import asking, csvfile
from crawlers.usaspending.windows import Window
from ordinance.agencies import CrawlTarget

if TYPE_CHECKING:
    from crawlers.spiders.inline import InlineSpider

ZIP_TYPES: Final = ("application/zip", "application/x-zip-compressed", "application/octet-stream",
                    "binary/octet-stream")
_JOBS: Final = 3
_DOWNLOADS: Final = 3
_ENDED: Final = frozenset({"finished", "failed"})


@dataclass(frozen=True)
class Manners:
    """How a job is waited for. Polls are counted, not timed, so that a replay gives up where the crawl did."""

    first_wait: float
    longest_wait: float
    polls: int

    @classmethod
    def of(cls, *, local: bool, polls: int | None = None) -> Manners:
        """Live: 5 to 15 seconds between polls, two hours at most. A stand-in on this machine: quick."""
        return cls(0.1, 0.5, polls or 100) if local else cls(5.0, 15.0, polls or 500)

    def wait(self, poll: int) -> float:
        """Seconds before the poll of that number."""
        return min(self.longest_wait, self.first_wait * (1 + poll / 4))


class JobFailed(Exception):
    """A bulk job brought no usable file; the message says why."""


@dataclass
class Contents:
    """What is in a downloaded zip: rows by awarding and by funding sub-tier code, subawards, all transactions."""

    rows: int = 0
    subawards: int = 0
    by_side: dict[str, Counter[str]] = field(default_factory=lambda: {"awarding": Counter(), "funding": Counter()})


class BulkJobs:
    """Bulk downloads of one crawl."""

    def __init__(self, spider: InlineSpider, manners: Manners) -> None:
        self._spider, self._manners = spider, manners

    async def fetch(
        self, side: asking.Side, targets: Sequence[CrawlTarget], window: Window, *, subawards: bool
    ) -> tuple[Response, Contents]:
        """The zip of one job, archived and looked into. Raises JobFailed."""
        body = asking.bulk_body(side, targets, window, subawards=subawards)
        reasons: list[str] = []
        for attempt in range(_JOBS):
            try:
                url = await self._job(body, resumable=attempt == 0)
                return await self.download(url)
            except (JobFailed, Unanswered) as problem:
                reasons.append(str(problem))
                if isinstance(problem, _Stuck):  # the same question gives the same stuck job
                    break
        raise JobFailed(f"bulk download of {side} {window}: {'; then '.join(reasons)}")

    async def download(self, url: str) -> tuple[Response, Contents]:
        """A zip that can be read to its end. Raises JobFailed, Unanswered."""
        problem: ParseError | None = None
        for attempt in range(_DOWNLOADS):
            response = await self._spider.ask(
                self._spider.download(url, unused, resumable=attempt == 0, expect=ZIP_TYPES))
            try:
                return response, await asyncio.to_thread(self._look, response)
            except ParseError as found:
                problem = found
        raise JobFailed(f"{url}: {problem}")

    async def _job(self, body: dict[str, object], *, resumable: bool) -> str:
        """Post the job and wait for it; the address of its file. Raises JobFailed, Unanswered."""
        answer, _ = await self._spider.post(asking.BULK, body, resumable=resumable)
        name, url = answer.get("file_name"), answer.get("file_url")
        if not isinstance(name, str) or not isinstance(url, str):
            raise JobFailed(f"the service accepted the job but names no file: {str(answer)[:200]}")
        for poll in range(self._manners.polls):
            state = await self._status(name, self._manners.wait(poll))
            if state.get("status") == "finished":
                return self._spider.url(str(state.get("file_url") or url))
            if state.get("status") == "failed":
                lines = str(state.get("message") or "no reason given").strip().splitlines()
                raise JobFailed(f"the service's job {name} failed: {lines[-1][:200]}")
        raise _Stuck(f"the service's job {name} was not finished after {self._manners.polls} polls")

    async def _status(self, name: str, wait: float) -> dict[str, object]:
        response = await self._spider.ask(
            self._spider.api_get(asking.STATUS, unused, params={"file_name": name}, wait=wait))
        found = self._spider.json(response)
        return found if isinstance(found, dict) else {}

    def _look(self, response: Response) -> Contents:
        """Read the whole zip once (in a thread): it must be sound, and its rows are counted for the proof."""
        contents = Contents()
        capture = self._spider.capture(response)
        context = ParseContext(capture_id=capture.capture_id, source=self._spider.name,
                               as_of=datetime.now(UTC).date())
        with self._spider.payload(response) as payload:
            for table, batch in csvfile.parse(cast(BinaryIO, payload), context):
                if table == "subaward":
                    contents.subawards += batch.num_rows
                    continue
                contents.rows += batch.num_rows
                for side in asking.SIDES:
                    contents.by_side[side].update(batch.column(f"{side}_subtier_code").to_pylist())
        return contents


class _Stuck(JobFailed):
    """The job never ended."""
