"""The nightly USAspending crawl: freshness gate, bulk jobs, exact counts as proof, the search as the other way.

Belongs here: the order of things. Does not belong here: jobs (usaspending_bulk), slices (usaspending_slices), dates
and request bodies (crawlers.usaspending). API: ../shared notes usaspending.md, sections 3, 6 and 9.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Response

from crawlers.journal import Journal
from crawlers.parsing import BadPageError
from crawlers.run import Harvest
from crawlers.spiders.inline import InlineSpider, Unanswered, unused
from crawlers.spiders.usaspending_bulk import BulkJobs, Contents, JobFailed, Manners
from crawlers.spiders.usaspending_slices import PARSER as SEARCH_PARSER
from crawlers.spiders.usaspending_slices import Slicer
from crawlers.usaspending import asking
from crawlers.usaspending.asking import SIDES, Side, Slice
from crawlers.usaspending.covered import Covered, CoveredLog
from crawlers.usaspending.windows import OptionError, Plan, Window, choose
from ordinance.agencies import CrawlTarget, crawl_targets
from records.workspace import Workspace

CSV_PARSER: Final = "usaspending_csv"
_ASKED_AGAIN: Final = 3


class UsaspendingSpider(InlineSpider):
    """Options: ``date_from``, ``date_to`` (with ``by``), ``path`` auto|bulk|search, ``subawards``, ``window_days``,
    ``today``, ``force`` (no freshness gate), ``job_polls``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._targets: list[CrawlTarget] = crawl_targets()
        self._log = CoveredLog(self.context.state / self.source.name)
        self._harvests: dict[tuple[str, str, str], Harvest] = {}
        self._done, self._steps = 0, 1

    async def work(self) -> None:
        """Each plan in turn: one when live, those of the archive when replaying."""
        try:
            plans = self._recorded_plans() if self.replaying else [self._plan()]
        except OptionError as problem:
            self.problem(str(problem))
            return
        if not plans:
            self.problem("the archive holds no USAspending crawl (no request for awards/last_updated); crawl live")
        for plan in plans:
            await self._run(plan)

    def _plan(self) -> Plan:
        return choose(self.options, today=self._today(), covered_to=self._log.covered_to())

    def _today(self) -> date:
        given = self.options.get("today")
        return date.fromisoformat(str(given)) if given else datetime.now(UTC).date()

    def _recorded_plans(self) -> list[Plan]:
        """Plans stand in the address of each crawl's first request."""
        run, files = self.options.get("replay_run"), self.options.get("replay_files")
        found: dict[str, Plan] = {}
        for capture in self.archive.captures(self.source.name):
            address = urlsplit(capture.uri)
            wanted = run in (None, capture.run_id) and (files is None or capture.warc_file in files)
            if wanted and address.path.endswith(asking.LAST_UPDATED):
                for text in parse_qs(address.query).get("plan", ()):
                    found[text] = Plan.parse(text)
        return list(found.values())

    async def _run(self, plan: Plan) -> None:
        updated = await self._last_updated(plan)
        if updated is None:
            return
        earlier = None if self.replaying or self.options.get("force") else self._log.unchanged(plan, updated)
        if earlier is not None:
            self._nothing_new(earlier)
            return
        own_journal = self._open_journal(plan, updated)
        before, proofs = self.context.problems, self._all_held
        self._steps = len(plan.windows) * len(SIDES) * (len(self._targets) + 1)
        for window in plan.windows:
            await asyncio.gather(*(self._side(side, window, plan) for side in SIDES))
        good = self.context.problems == before and self._all_held == proofs
        if good and not self.replaying:
            self._log.add(plan, updated, [
                {"capture_id": h.capture_id, "parser": h.parser, "batch": h.batch} for h in self._harvests.values()
            ])
        if own_journal is not None:  # a crawl that ran to its end asks afresh next time; only a killed one resumes
            own_journal.finish()

    @property
    def _all_held(self) -> int:
        return self.context.failed_proofs

    async def _last_updated(self, plan: Plan) -> str | None:
        """The date of the service's data; '' when it does not say (asked a few times), None when it does not answer."""
        value = ""
        for _ in range(_ASKED_AGAIN):
            try:
                response = await self.ask(self.api_get(asking.LAST_UPDATED, unused, params={"plan": str(plan)}))
            except Unanswered as problem:
                self.problem(f"the service does not answer, nothing was fetched: {problem}")
                return None
            answer = self.json(response)
            value = str(answer.get("last_updated") or "") if isinstance(answer, dict) else ""
            if value:
                return value
        return value

    def _nothing_new(self, earlier: Covered) -> None:
        lake = Workspace(self.context.state.parent.parent).lake
        if earlier.loaded(lake, self.source.name):
            self.note(f"nothing fetched: the service's data are those of {earlier.last_updated}, which the crawl "
                      f"finished at {earlier.finished_at[:16]} UTC covers")
            return
        for one in earlier.harvests:
            self.harvest(self.archive.get(one["capture_id"]), one["parser"], one["batch"])
        self.note(f"nothing fetched, but what the crawl finished at {earlier.finished_at[:16]} UTC brought is not yet "
                  "loaded: its harvests are handed on again")

    def _open_journal(self, plan: Plan, updated: str) -> Journal | None:
        """A killed crawl of the same plan and data version goes on from what it had archived."""
        if self.replaying or self.context.journal is not None:
            return None
        self.context.journal = Journal(self.context.state / self.source.name, f"{plan} {updated}")
        return self.context.journal

    async def _side(self, side: Side, window: Window, plan: Plan) -> None:
        """One side of one window: the bulk file with its proof, or the search sub-tier by sub-tier."""
        contents: Contents | None = None
        if plan.path != "search":
            jobs = BulkJobs(self, Manners.of(local=self.source.local, polls=self.options.get("job_polls")))
            try:
                response, contents = await jobs.fetch(side, self._targets, window, subawards=plan.subawards)
                self._take(response, CSV_PARSER, window.batch)
            except (JobFailed, Unanswered) as problem:
                if plan.path == "bulk":
                    self.problem(f"{problem}; nothing of this side and window was collected. Run again, or with path "
                                 "auto to fall back on the search")
                    return
                self.note(f"{problem}; falling back on the search")
        self._step(f"{side} {window.start} to {window.end}")
        for target in self._targets:
            await self._target(Slice(side, target, window), contents, plan)
            self._step(f"{side} {target.code}")

    async def _target(self, question: Slice, contents: Contents | None, plan: Plan) -> None:
        """Prove one sub-tier complete; where the file does not match the count, search it."""
        slicer = Slicer(self, lambda response: self._take(response, SEARCH_PARSER, question.window.batch))
        name = f"{question.side} {question.target.code} {question.window}"
        try:
            counts = await slicer.count(question)
            expected = sum(counts.values())
            if contents is not None:
                got = contents.by_side[question.side][question.target.code]
                if got != expected:  # the data may have been loaded anew between the job and the count
                    counts = await slicer.count(question, fresh=True)
                    expected = sum(counts.values())
                if got == expected or plan.path == "bulk":
                    self.prove(name, expected, got, by="bulk")
                    return
                self.note(f"{name}: the bulk file has {got} rows, the count says {expected}; searching it as well")
            expected, got, wrong = await slicer.fetch(question, counts)
            for text in wrong:
                self.problem(f"incomplete: {text}. Run again; if it stays, ask with path bulk")
            self.prove(name, expected, got, by="search")
        except BadPageError as problem:
            self.problem(f"{name}: {problem}")
        except Unanswered as problem:
            self.problem(f"{name}: cannot be counted, so it is not proved complete: {problem}")

    def _take(self, response: Response, parser: str, batch: str) -> None:
        capture = self.capture(response)
        key = (capture.capture_id, parser, batch)
        if key not in self._harvests:
            self._harvests[key] = self.harvest(response, parser, batch)

    def _step(self, label: str) -> None:
        self._done += 1
        self.progress(self._done, self._steps, label)


def proved(proofs: Iterable[dict[str, Any]]) -> bool:
    """True when every proof of a report holds and there is one."""
    found = list(proofs)
    return bool(found) and all(proof.get("ok") for proof in found)
