"""The crawl of OpenFIGI: what the identifiers of a list of holdings are, a batch of jobs a request.

Belongs here: what is asked, how many at once. Does not belong here: formats (crawlers.openfigi).

The key comes from SECTION3C_OPENFIGI_KEY and allows 100 jobs a request; without one the service's documents say 10, one
reader of them says 5: we begin at 5 and halve on 413.
"""

from __future__ import annotations

import os
from typing import Any, Final

from scrapy.http import Request, Response

from crawlers.openfigi import MAPPING_PARSER
from crawlers.openfigi.identifiers import clean, kind_of
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

KEY_VARIABLE: Final = "SECTION3C_OPENFIGI_KEY"
MAPPING: Final = "/v3/mapping"
JOBS_WITHOUT_KEY: Final = 5
JOBS_WITH_KEY: Final = 100
_MOST_WITHOUT_KEY: Final = 10
Job = dict[str, str]


class OpenFigiSpider(InlineSpider):
    """Options: ``ids`` (CUSIP, CINS, ISIN, ticker, told apart by form and check digit), ``jobs`` (a request's most; 5
    without a key, at most 10; 100 with one)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key = "" if self.replaying else os.environ.get(KEY_VARIABLE, "").strip()

    async def work(self) -> None:
        """Batch after batch; a batch that the service finds too large is halved."""
        for _ in self.occasions():
            await self._map()

    async def _map(self) -> None:
        waiting = self._jobs()
        if not waiting:
            self.note("no identifier was asked for: give ids")
        size = self._size()
        total = len(waiting)
        while waiting:
            batch, waiting = waiting[:size], waiting[size:]
            try:
                response = await self._mapped(batch)
            except Unanswered as problem:
                if problem.status in (400, 413) and len(batch) > 1:
                    size = max(1, len(batch) // 2)
                    waiting = [*batch, *waiting]
                    self.note(f"{len(batch)} jobs were too many or one was malformed ({problem.status}); asking "
                              f"{size} at once")
                    continue
                if problem.status == 401:
                    self.problem(f"OpenFIGI does not take the key in {KEY_VARIABLE}: make a new one on openfigi.com, "
                                 f"or "
                                 "unset it; nothing more was asked")
                    return
                self.problem(self._public(f"{', '.join(job['idValue'] for job in batch[:5])}: {problem}"))
                if self.silence > 2 or problem.status == 429:
                    return
                continue
            self.harvest(response, MAPPING_PARSER, f"{self.capture(response).fetched_at:%Y-%m-%d}", jobs=batch)
            self.prove("results for jobs", len(batch), self._count(response))
            self.progress(total - len(waiting), total, "identifiers")

    def _jobs(self) -> list[Job]:
        listed = self.options.get("ids") or ()
        jobs: dict[str, Job] = {}
        bad: list[str] = []
        for said in listed if isinstance(listed, list | tuple) else [listed]:
            kind = kind_of(str(said))
            if kind is None:
                bad.append(str(said)[:20])
            else:
                value = clean(str(said))
                jobs[value] = {"idType": kind, "idValue": value, **({"exchCode": "US"} if kind == "TICKER" else {})}
        if bad:
            self.note(f"{len(bad)} identifiers are none (form or check digit) and were not asked: {', '.join(bad[:5])}")
        return list(jobs.values())

    def _size(self) -> int:
        most = JOBS_WITH_KEY if self._key else _MOST_WITHOUT_KEY
        usual = JOBS_WITH_KEY if self._key else JOBS_WITHOUT_KEY
        if self.replaying:
            most = JOBS_WITH_KEY
        return max(1, min(int(self.options.get("jobs") or usual), most))

    async def _mapped(self, batch: list[Job]) -> Response:
        request: Request = self.api_post(MAPPING, batch, unused, resumable=True)
        if self._key:
            request.headers["X-OPENFIGI-APIKEY"] = self._key
        return await self.ask(request)

    def _count(self, response: Response) -> int:
        found = self.json(response)
        return len(found) if isinstance(found, list) else -1

    def _public(self, said: str) -> str:
        return said.replace(self._key, "(key)") if self._key else said
