"""The crawl of SEC EDGAR: the list of companies, submissions of those asked for, Exhibit 21 of their annual reports.

Belongs here: what is asked, in which order. Does not belong here: formats (crawlers.sec).

SEC answers 10 requests a second of those who name themselves with a mail address. Above that, or without, it answers
with a page and shuts the door for ten minutes: the crawl ends there, and what it has archived is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from scrapy.http import Response

from crawlers.corporate import comparable, item, items, text
from crawlers.errors import BadCapture
from crawlers.parsing import BadPageError
from crawlers.sec import EXHIBIT_PARSER, SUBMISSIONS_PARSER, TICKERS_PARSER
from crawlers.sec.index import documents, exhibits
from crawlers.sec.lists import ANNUAL, Filing, annual_reports, cik_key, is_person
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

TICKERS: Final = "/files/company_tickers.json"
DATA: Final = "https://data.sec.gov"
_PAGES: Final = ("text/html", "text/plain", "application/xhtml+xml")
_REPORTS_TRIED: Final = 3
_SHARDS: Final = 20


class Shut(Exception):
    """SEC shut the door; the message says why and what to do."""


class SecSpider(InlineSpider):
    """Options: ``cik`` (numbers or text), ``names`` (companies looked up in SEC's list), ``exhibits`` (how many annual
    reports back, 1 by default, 0 for none)."""

    async def work(self) -> None:
        """The list first, for names; then company by company."""
        if not self.replaying and not self.source.local and "@" not in (self.context.contact or ""):
            self.problem("nothing asked: SEC answers only those who name themselves with a mail address. Set "
                         "SECTION3C_CONTACT to 'Your organisation you@example.org'")
            return
        try:
            for _ in self.occasions():
                wanted = self._wanted(await self._list())
                for number, key in enumerate(wanted):
                    await self._company(key)
                    self.progress(number + 1, len(wanted), "companies")
        except Shut as problem:
            self.problem(str(problem))

    # ---- who is asked for ----------------------------------------------------------------------------------------

    async def _list(self) -> dict[str, set[str]]:
        """Keys of companies by comparable name. A list that does not come is a problem, and the crawl goes on."""
        try:
            response = await self._get(TICKERS)
            listed = self.json(response)
        except (Unanswered, BadCapture) as problem:
            self.problem(f"the list of companies did not come: {problem}. Names could not be looked up")
            return {}
        self.harvest(response, TICKERS_PARSER, self._day(response))
        titles: dict[str, set[str]] = {}
        for one in items(list(item(listed).values())):
            key = cik_key(one.get("cik_str"))
            if key:
                titles.setdefault(comparable(str(one.get("title") or "")), set()).add(key)
        return titles

    def _wanted(self, titles: dict[str, set[str]]) -> list[str]:
        wanted: list[str] = []
        for cik in _listed(self.options.get("cik")):
            key = cik_key(str(cik).lower().removeprefix("cik").lstrip(":"))
            if key is None:
                self.problem(f"'{str(cik)[:40]}' is no CIK: give its digits")
            else:
                wanted.append(key)
        names = [str(name) for name in _listed(self.options.get("names"))]
        found = {name: sorted(titles.get(comparable(name), ())) for name in names}
        unknown = [name for name, keys in found.items() if not keys]
        if unknown:
            self.note(f"{len(unknown)} of {len(names)} names are in SEC's list of companies under no such name "
                      f"(private "
                      f"companies file nothing): {', '.join(unknown[:5])}{', ...' if len(unknown) > 5 else ''}")
        return list(dict.fromkeys([*wanted, *(key for keys in found.values() for key in keys)]))

    # ---- one company ---------------------------------------------------------------------------------------------

    async def _company(self, key: str) -> None:
        cik = key.removeprefix("cik:")
        try:
            response = await self._get(self._data(f"/submissions/CIK{cik}.json"))
            found = item(self.json(response))
        except (Unanswered, BadCapture) as problem:
            if isinstance(problem, Unanswered) and problem.status == 404:
                self.note(f"SEC has no company with CIK {cik}")
            else:
                self.problem(f"submissions of CIK {cik}: {problem}")
            return
        self.harvest(response, SUBMISSIONS_PARSER, self._day(response))
        count = int(self.options.get("exhibits", 1))
        if is_person(found) or count <= 0:
            return
        reports = await self._reports(found, count)
        taken = 0
        for report in reports[: count + _REPORTS_TRIED - 1]:
            taken += await self._exhibits(cik, text(found.get("name")) or key, report)
            if taken >= count:
                return
        if not taken:
            self.note(f"{text(found.get('name'), 80)} (CIK {cik}): no annual report with a list of subsidiaries among "
                      f"the newest {len(reports[: count + _REPORTS_TRIED - 1])}")

    async def _reports(self, found: dict[str, Any], count: int) -> list[Filing]:
        """Annual reports, newest first; older shards are asked for only where the newest thousand filings hold none."""
        filings = item(found.get("filings"))
        reports = annual_reports(item(filings.get("recent")))
        for shard in items(filings.get("files"))[:_SHARDS]:
            if len(reports) >= count:
                break
            name = str(shard.get("name") or "")
            if not name.startswith("CIK") or "/" in name:
                self.problem(f"a shard is called '{name[:60]}', which is no name of SEC's; not asked for")
                continue
            try:
                response = await self._get(self._data(f"/submissions/{name}"))
                reports += annual_reports(item(self.json(response)))
            except (Unanswered, BadCapture) as problem:
                self.problem(f"older filings {name}: {problem}")
        return reports

    async def _exhibits(self, cik: str, registrant: str, report: Filing) -> int:
        """Fetch the exhibits of one report; 1 when it has any, else 0."""
        folder = f"/Archives/edgar/data/{int(cik)}/{report.accession.replace('-', '')}"
        try:
            index = await self._get(f"{folder}/{report.accession}-index.htm", _PAGES)
            found = exhibits(documents(index.body, index.url), ANNUAL[report.form])
        except (Unanswered, BadPageError) as problem:
            self.problem(f"index of {report.form} {report.accession} of {registrant}: {problem}")
            return 0
        taken = 0
        for path in found:
            if not path.startswith(folder + "/"):
                self.problem(f"exhibit of {report.accession} lies at '{path[:120]}', outside its filing; not fetched")
                continue
            try:
                response = await self._get(path, _PAGES)
            except Unanswered as problem:
                self.problem(f"exhibit {path}: {problem}")
                continue
            self.harvest(response, EXHIBIT_PARSER, self._day(response), cik=cik, registrant=registrant,
                         accession=report.accession, form=report.form,
                         report_date=report.report.isoformat() if report.report else None,
                         filed=report.filed.isoformat() if report.filed else None)
            taken = 1
        return taken

    # ---- asking --------------------------------------------------------------------------------------------------

    async def _get(self, path: str, expect: tuple[str, ...] = ("application/json",)) -> Response:
        """The good answer. Raises Shut when SEC refuses us, Unanswered for anything else that is no answer."""
        try:
            return await self.ask(self.api_get(path, unused, expect=expect, resumable=True))
        except Unanswered as problem:
            cause = problem.__cause__
            if isinstance(cause, BadCapture) and cause.verdict == "block_page":
                raise Shut(f"SEC refused ({cause.reason}): {cause.capture.uri}. It shuts the door for ten minutes, "
                           f"longer "
                           "for those who go on asking. Check that SECTION3C_CONTACT names you with a mail address, "
                           "wait, and run again: what was archived is not fetched again") from None
            raise

    def _data(self, path: str) -> str:
        return self.url(path) if self.source.local else DATA + path

    def _day(self, response: Response) -> str:
        """The batch: each day's crawl is a partition of its own, so nothing is overwritten."""
        return f"{self.capture(response).fetched_at:%Y-%m-%d}"


def _listed(found: Any) -> Iterable[Any]:
    return found if isinstance(found, list | tuple) else [found] if found else []
