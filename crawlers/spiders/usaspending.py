"""The nightly USAspending crawl: freshness gate, bulk jobs, exact counts as proof, the search as the other way.

Belongs here: the order of things. Does not belong here: jobs (usaspending_bulk), slices (usaspending_slices), dates
and request bodies (crawlers.usaspending). See docs/usaspending.md.
"""

from __future__ import annotations

import asyncio
from typing import Any

from crawlers.journal import MAX_AGE_SECONDS
from crawlers.parsing import BadPageError
from crawlers.spiders.inline import Unanswered
from crawlers.spiders.usaspending_base import CSV_PARSER, UsaspendingBase
from crawlers.spiders.usaspending_bulk import Contents, JobFailed
from crawlers.spiders.usaspending_slices import PARSER as SEARCH_PARSER
from crawlers.spiders.usaspending_slices import Slicer
from crawlers.usaspending.asking import SIDES, Side, Slice
from crawlers.usaspending.covered import Covered, CoveredLog
from crawlers.usaspending.windows import OptionError, Plan, Window, choose
from records.workspace import Workspace


class UsaspendingSpider(UsaspendingBase):
    """Options: ``date_from``, ``date_to`` (with ``by``), ``path`` auto|bulk|search, ``subawards``, ``window_days``,
    ``force`` (no freshness gate), and those of the base."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._log = CoveredLog(self.context.state / self.source.name, (t.code for t in self.targets))

    async def work(self) -> None:
        """Each plan in turn: one when live, those of the archive when replaying."""
        try:
            plans = [Plan.parse(text) for text in self.recorded_plans()] if self.replaying else [self._plan()]
        except OptionError as problem:
            self.problem(str(problem))
            return
        if not plans:
            self.problem("the archive holds no USAspending crawl (no request that records its plan); crawl live")
        for plan in plans:
            await self._run(plan)

    def _plan(self) -> Plan:
        return choose(self.options, today=self.today(), covered_to=self._log.covered_to())

    async def _run(self, plan: Plan) -> None:
        updated = await self.last_updated()
        if updated is None:
            return
        earlier = None if self.replaying or self.options.get("force") else self._log.unchanged(plan, updated)
        if earlier is not None:
            self._nothing_new(earlier)
            return
        if await self.last_updated(str(plan)) is None:
            return
        journal = self.open_journal(f"{plan} {updated}", MAX_AGE_SECONDS)
        before = self.context.problems, self.context.failed_proofs
        self.steps = len(plan.windows) * len(SIDES) * (len(self.targets) + 1)
        for window in plan.windows:
            await asyncio.gather(*(self._side(side, window, plan) for side in SIDES))
        good = before == (self.context.problems, self.context.failed_proofs)
        if good and not self.replaying:
            self._log.add(plan, updated, [
                {"capture_id": h.capture_id, "parser": h.parser, "batch": h.batch} for h in self.harvests.values()
            ], self.proofs)
        if journal is not None and (good or not self.silence):  # killed or cut off: it resumes; else it asks afresh
            journal.finish()

    def _nothing_new(self, earlier: Covered) -> None:
        for one in earlier.proofs:
            self.prove(one["name"], one["expected"], one["got"], by=one["by"], proved_at=earlier.finished_at)
        lake = Workspace(self.context.state.parent.parent).lake
        if earlier.loaded(lake, self.source.name):
            self.note(f"nothing fetched: the service's data are those of {earlier.last_updated}, which the crawl "
                      f"finished at {earlier.finished_at[:16]} UTC covers")
            return
        for one in earlier.harvests:
            self.harvest(self.archive.get(one["capture_id"]), one["parser"], one["batch"])
        self.note(f"nothing fetched, but what the crawl finished at {earlier.finished_at[:16]} UTC brought is not yet "
                  "loaded: its harvests are handed on again")

    async def _side(self, side: Side, window: Window, plan: Plan) -> None:
        """One side of one window: the bulk file with its proof, or the search sub-tier by sub-tier."""
        contents: Contents | None = None
        if plan.path != "search":
            try:
                response, contents = await self.jobs.fetch(side, self.targets, window, subawards=plan.subawards)
                self.take(response, CSV_PARSER, window.batch)
            except (JobFailed, Unanswered) as problem:
                if plan.path == "bulk":
                    self.problem(f"{problem}; nothing of this side and window was collected. Run again, or with path "
                                 "auto to fall back on the search")
                    return
                self.note(f"{problem}; falling back on the search")
        self.step(f"{side} {window.start} to {window.end}")
        for target in self.targets:
            await self._target(Slice(side, target, window), contents, plan)
            self.step(f"{side} {target.code}")

    async def _target(self, question: Slice, contents: Contents | None, plan: Plan) -> None:
        """Prove one sub-tier complete; where the file does not match the count, search it."""
        slicer = Slicer(self, lambda response: self.take(response, SEARCH_PARSER, question.window.batch))
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
