"""What the nightly crawl and the backfill of USAspending share: recorded plans, journals, harvests, steps.

Belongs here: a crawl's bookkeeping. Does not belong here: either protocol.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Response

from crawlers.archive import Capture
from crawlers.journal import Journal
from crawlers.run import Harvest
from crawlers.spiders.inline import InlineSpider, Unanswered, unused
from crawlers.spiders.usaspending_bulk import BulkJobs, Manners
from crawlers.usaspending import asking
from ordinance.agencies import CrawlTarget, crawl_targets

CSV_PARSER: Final = "usaspending_csv"
_ASKED_AGAIN: Final = 3


class UsaspendingBase(InlineSpider):
    """Options of both: ``today`` (ISO day), ``job_polls`` (how often a job is asked after)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets: list[CrawlTarget] = crawl_targets()
        self.jobs = BulkJobs(self, Manners.of(local=self.source.local, polls=self.options.get("job_polls")))
        self.harvests: dict[tuple[str, str, str], Harvest] = {}
        self.proofs: list[dict[str, Any]] = []
        self._done, self.steps = 0, 1

    def prove(self, name: str, expected: object, got: object, **where: Any) -> bool:
        """As every spider's; the proofs are kept for the record of a finished crawl as well."""
        self.proofs.append({"name": name, "expected": expected, "got": got, "by": where.get("by", "")})
        return super().prove(name, expected, got, **where)

    def today(self) -> date:
        """The crawl's day, UTC."""
        given = self.options.get("today")
        return date.fromisoformat(str(given)) if given else datetime.now(UTC).date()

    def recorded_plans(self) -> list[str]:
        """Plans of the crawls in the archive that is replayed: they stand in the address of a request of each."""
        run, files = self.options.get("replay_run"), self.options.get("replay_files")
        found: dict[str, None] = {}
        for capture in self.archive.captures(self.source.name):
            address = urlsplit(capture.uri)
            wanted = run in (None, capture.run_id) and (files is None or capture.warc_file in files)
            if wanted and address.path.endswith(asking.LAST_UPDATED):
                found |= dict.fromkeys(parse_qs(address.query).get("plan", ()))
        return list(found)

    async def last_updated(self, plan: str | None = None) -> str | None:
        """The date of the service's data; '' when it does not say (asked a few times), None when it does not answer.

        With ``plan`` the request also records in the archive what this crawl set out to fetch.
        """
        params = {"plan": plan} if plan else None
        for _ in range(_ASKED_AGAIN):
            try:
                response = await self.ask(self.api_get(asking.LAST_UPDATED, unused, params=params))
            except Unanswered as problem:
                self.problem(f"the service does not answer, nothing was fetched: {problem}")
                return None
            answer = self.json(response)
            value = str(answer.get("last_updated") or "") if isinstance(answer, dict) else ""
            if value:
                return value
        return ""

    def open_journal(self, key: str, max_age: float) -> Journal | None:
        """A killed crawl under the same key goes on from what it had archived. None where the framework keeps one."""
        if self.replaying or self.context.journal is not None:
            return None
        self.context.journal = Journal(self.context.state / self.source.name, key, max_age=max_age)
        return self.context.journal

    def take(self, response: Response | Capture, parser: str, batch: str) -> None:
        """Harvest a capture, once."""
        capture = response if isinstance(response, Capture) else self.capture(response)
        key = (capture.capture_id, parser, batch)
        if key not in self.harvests:
            self.harvests[key] = self.harvest(capture, parser, batch)

    def step(self, label: str) -> None:
        """One step further on the progress bar."""
        self._done += 1
        self.progress(self._done, self.steps, label)
