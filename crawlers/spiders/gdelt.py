"""Asks GDELT which articles answer the questions of discovery.yaml, and records what was and was not measured.

Belongs here: windows, pacing, splitting answers that are full. Does not belong here: the format (news/gdelt.py),
fetching the articles (spiders/news.py).

GDELT has no pages: an answer of 250 articles may be cut, so its window is split. It refuses most requests at busy
hours, in words and with status 200: that is 'not measured', never 'no coverage'; the window is asked again next time.
"""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from scrapy.http import Response

from crawlers.errors import BadCapture
from crawlers.news.discovery import Query, discovery
from crawlers.news.gdelt import MAX_RECORDS, GdeltRefusal, articles
from crawlers.news.measures import Measure, MeasureLog, Outcome
from crawlers.parsing import ParseError
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

PARSER: Final = "gdelt_artlist"
PATH: Final = "/api/v2/doc/doc"
_LONGEST: Final = timedelta(days=30)


class GdeltSpider(InlineSpider):
    """Options: ``date_from``, ``date_to`` (ISO days), ``queries`` (ids)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limits = discovery().gdelt
        self.measures = MeasureLog(self.context.state / self.source.name / "measures.jsonl")
        self.silent = 0  # questions in a row without an answer

    async def work(self) -> None:
        """Each question over its open window; then every answer of the day is handed on."""
        if self.replaying:
            self._hand_on(None)
            return
        wanted = self.options.get("queries")
        asked = [query for query in discovery().queries if not wanted or query.id in wanted]
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        for number, query in enumerate(asked):
            for start, end in self._open(query, now):
                await self._measure(query, start, end)
            self.progress(number + 1, len(asked), "questions")
        self._sum_up(asked, now)
        self._hand_on(now.date().isoformat())

    def _open(self, query: Query, now: datetime) -> list[tuple[datetime, datetime]]:
        """The windows to ask: those of the options, else what is not measured up to now."""
        if self.options.get("date_from"):
            start = datetime.fromisoformat(str(self.options["date_from"])).replace(tzinfo=UTC)
            stated = self.options.get("date_to")
            end = datetime.fromisoformat(str(stated)).replace(tzinfo=UTC) + timedelta(days=1) if stated else now
            return [(start, min(end, now))]
        start = now - timedelta(hours=self.limits.window_hours)
        return self.measures.unmeasured(query.id, start, now, max(start - _LONGEST, now - _LONGEST),
                                   timedelta(hours=self.limits.overlap_hours))

    async def _measure(self, query: Query, start: datetime, end: datetime) -> None:
        """Ask one window; split it while the answer is full."""
        if self.silent >= self.limits.give_up_after:
            self._note(query, start, end, "not_measured", 0, "the service did not answer the questions before")
            return
        try:
            found = await self._ask(query, start, end)
        except GdeltRefusal as problem:
            self._note(query, start, end, "refused" if problem.kind == "query" else "not_measured", 0, str(problem))
            if problem.kind == "query":
                self.problem(f"query {query.id}: {problem}")
            return
        except (Unanswered, ParseError) as problem:
            self._note(query, start, end, "not_measured", 0, str(problem))
            return
        smallest = timedelta(minutes=self.limits.smallest_window_minutes)
        if found >= MAX_RECORDS and end - start >= 2 * smallest:
            middle = start + (end - start) / 2
            await self._measure(query, start, middle.replace(second=0, microsecond=0))
            await self._measure(query, middle.replace(second=0, microsecond=0), end)
            return
        if found >= MAX_RECORDS:
            self.note(f"query {query.id}: {MAX_RECORDS} or more articles between {start:%Y-%m-%d %H:%M} and "
                      f"{end:%H:%M}; the rest cannot be had. Phrase it more tightly")
        self._note(query, start, end, "found" if found else "none", found, "")

    async def _ask(self, query: Query, start: datetime, end: datetime) -> int:
        """How many articles an answer has. Raises GdeltRefusal, ParseError, Unanswered when all tries fail."""
        request = self.api_get(PATH, unused, params={
            "query": query.query, "mode": "ArtList", "format": "json", "maxrecords": MAX_RECORDS, "sort": "DateDesc",
            "startdatetime": f"{start:%Y%m%d%H%M%S}", "enddatetime": f"{end:%Y%m%d%H%M%S}",
        })
        tries = self.limits.tries
        while True:
            tries -= 1
            try:
                found = self._count(await self._answer(request))
            except (GdeltRefusal, Unanswered, ParseError) as problem:
                final = isinstance(problem, GdeltRefusal) and problem.kind == "query"
                if final or tries <= 0:
                    self.silent += not final
                    raise
            else:
                self.silent = 0
                return found
            await asyncio.sleep(0 if self.source.local else self.limits.pause_seconds)

    async def _answer(self, request: Any) -> Response:
        """The answer, errors in words included: they too are archived, with a verdict that is not ok."""
        try:
            return await self.ask(request.replace(meta=dict(request.meta)))
        except Unanswered as problem:
            cause = problem.__cause__
            if isinstance(cause, BadCapture) and cause.response is not None and (
                    cause.response.status in (200, 429) and cause.verdict in ("wrong_type", "empty", "error")):
                return cause.response
            raise

    def _count(self, response: Response) -> int:
        return len(articles(io.BytesIO(response.body), response.url.partition("?")[0]))

    def _note(self, query: Query, start: datetime, end: datetime, outcome: Outcome, count: int, why: str) -> None:
        self.measures.add(Measure(query_id=query.id, start=start, end=end, outcome=outcome, count=count, why=why[:300],
                             run_id=self.context.run_id))

    def _sum_up(self, asked: list[Query], now: datetime) -> None:
        """Say what was not measured: silence is no coverage figure."""
        mine = [m for m in self.measures.all() if m.run_id == self.context.run_id]
        for query in asked:
            open_ones = [m for m in mine if m.query_id == query.id and m.outcome == "not_measured"]
            if open_ones:
                first, last = open_ones[0], open_ones[-1]
                self.note(f"query {query.id} ({query.category}): not measured from {first.start:%Y-%m-%d %H:%M} to "
                          f"{last.end:%Y-%m-%d %H:%M} UTC ({last.why}); asked again next time")
        if mine and all(m.outcome == "not_measured" for m in mine):
            self.note("nothing was measured in this run: no conclusion on coverage can be drawn from it")

    def _hand_on(self, day: str | None) -> None:
        """Harvest every good answer of a day (of all days in replay): a batch is replaced whole."""
        for capture in self.archive.captures(self.source.name):
            if capture.verdict != "ok" or (day is not None and capture.fetched_at.date().isoformat() != day):
                continue
            with self.archive.payload(capture) as payload:
                try:
                    articles(payload, capture.uri.partition("?")[0])
                except ParseError as problem:
                    self.note(f"capture {capture.capture_id} is no answer: {problem}")
                    continue
            self.harvest(capture, PARSER, capture.fetched_at.date().isoformat())
