"""The USAspending backfill: monthly full files by department, funding-side jobs by fiscal year, deltas where published.

Belongs here: finding and fetching those files. Does not belong here: filtering their rows (the parser keeps listed
sub-tiers), what absence from a full file means (warehouse.compose).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from crawlers.archive import Capture
from crawlers.parsing import BadPageError
from crawlers.spiders.inline import Unanswered
from crawlers.spiders.usaspending_base import CSV_PARSER, UsaspendingBase
from crawlers.spiders.usaspending_bulk import Contents, JobFailed
from crawlers.spiders.usaspending_slices import Slicer
from crawlers.usaspending import asking
from crawlers.usaspending.asking import Side, Slice
from crawlers.usaspending.windows import FIRST_SEARCH_DAY, OptionError, Window, fiscal_year
from ordinance.agencies import CrawlTarget

LISTED_PARSER: Final = "usaspending_csv_listed"
FIRST_YEAR: Final = 2008
KINDS: Final = ("contracts", "assistance")
#: A backfill takes days; what it had archived stays good as long as the month's files are up.
_JOURNAL_SECONDS: Final = 14 * 24 * 3600.0
# A full file is up to a month old and the count is of today: far fewer rows than counted means a broken file.
_LEAST_SHARE: Final = 0.9
_PLAN: Final = re.compile(r"FY(\d{4})-FY(\d{4})")
_STAMP: Final = re.compile(r"_(\d{8})\.zip$")


@dataclass(frozen=True)
class Department:
    """A department of the listed sub-tiers: ``code`` is its CGAC code, ``number`` its id in the download service."""

    name: str
    code: str
    number: int


class UsaspendingBackfillSpider(UsaspendingBase):
    """Options: ``date_from``, ``date_to`` (whole fiscal years are fetched) or ``fiscal_years`` ('2021-2024'),
    ``funding`` (False leaves the funding side out), and those of the base."""

    async def work(self) -> None:
        """The fiscal years of each plan, newest first."""
        try:
            plans = self.recorded_plans() if self.replaying else [self._plan()]
            spans = [_years(plan) for plan in plans]
        except OptionError as problem:
            self.problem(str(problem))
            return
        if not plans:
            self.problem("the archive holds no USAspending backfill (no request that records its plan); crawl live")
        for plan, (first, last) in zip(plans, spans, strict=True):
            await self._run(plan, range(last, first - 1, -1))

    def _plan(self) -> str:
        given = self.options.get("fiscal_years")
        if given:
            years = [part.strip() for part in str(given).split("-")]
            return f"FY{years[0]}-FY{years[-1]}"
        try:
            start, end = (date.fromisoformat(str(self.options[name])) if self.options.get(name) else None
                          for name in ("date_from", "date_to"))
        except ValueError as problem:
            raise OptionError(f"date_from and date_to are written as 2024-09-30 ({problem})") from None
        return f"FY{fiscal_year(start) if start else FIRST_YEAR}-FY{fiscal_year(end or self.today())}"

    async def _run(self, plan: str, years: range) -> None:
        if await self.last_updated(plan) is None:
            return
        journal = self.open_journal(f"backfill {plan}", _JOURNAL_SECONDS)
        departments = await self._departments()
        self.steps = len(years) * (len(departments) * len(KINDS) + 1)
        deltas: dict[str, tuple[Department, str]] = {}
        for year in years:
            missing: list[Department] = []
            for department in departments:
                for kind in KINDS:
                    if not await self._full_file(department, year, kind, deltas):
                        missing.append(department)
                    self.step(f"FY{year} {department.code} {kind}")
            await self._instead(missing, year)
            if self.options.get("funding", True):
                await self._job("funding", self.targets, year, f"FY{year}-funding")
            self.step(f"FY{year} funding")
        for url, (department, kind) in deltas.items():
            await self._file(url, f"delta-{department.code}-{kind}-{_stamp(url)}")
        if journal is not None and not self.context.problems and not self.context.failed_proofs:
            journal.finish()

    async def _departments(self) -> list[Department]:
        """The download service's ids of our departments: found anew each time, they are in no other list."""
        try:
            answer, _ = await self.post(asking.AGENCIES, {"type": "award_agencies"})
            listed = [a for group in answer["agencies"].values() for a in group]
            by_name = {a["name"]: Department(a["name"], str(a["toptier_code"]), int(a["toptier_agency_id"]))
                       for a in listed}
        except Unanswered as problem:
            self.problem(f"the list of agencies cannot be had, so no file can be found: {problem}")
            return []
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            self.problem(f"the list of agencies has another shape than its contract ({problem!r}); see its capture")
            return []
        wanted = list(dict.fromkeys(target.toptier for target in self.targets))
        for name in wanted:
            if name not in by_name:
                self.problem(f"the service lists no department '{name}': correct ordinance/agencies.yaml")
        return [by_name[name] for name in wanted if name in by_name]

    async def _full_file(
        self, department: Department, year: int, kind: str, deltas: dict[str, tuple[Department, str]]
    ) -> bool:
        """Fetch one full file; False when there is none. Delta files met on the way are noted."""
        try:
            body = {"agency": department.number, "fiscal_year": year, "type": kind}
            answer, _ = await self.post(asking.MONTHLY, body)
        except Unanswered as problem:
            self.note(f"FY{year} {department.code} {kind}: no list of files: {problem}")
            return False
        full: str | None = None
        for entry in answer.get("monthly_files") or []:
            name, url = str(entry.get("file_name")), str(entry.get("url"))
            if "_Delta_" in name:
                deltas[url] = (department, kind)
            elif "_Full_" in name and entry.get("fiscal_year") == year:
                full = url
        if full is None:
            return False
        contents = await self._file(full, f"FY{year}-{department.code}-{kind}")
        if contents is None:
            return False
        if kind == KINDS[0]:
            await self._plausible(department, year, contents)
        return True

    async def _file(self, url: str, batch: str) -> Contents | None:
        """A file of the archive, taken from our own when an earlier crawl has archived it: its name bears its date."""
        known = None if self.replaying else self._archived(url)
        if known is not None:
            self.take(known, LISTED_PARSER, batch)
            return Contents()
        try:
            response, contents = await self.jobs.download(self.url(url))
        except (JobFailed, Unanswered) as problem:
            self.note(f"{batch}: the file cannot be had: {problem}")
            return None
        self.take(response, LISTED_PARSER, batch)
        return contents

    def _archived(self, url: str) -> Capture | None:
        path = urlsplit(url).path
        broken = self.archive.failed()
        return next((c for c in self.archive.captures(self.source.name)
                     if urlsplit(c.uri).path == path and c.verdict == "ok" and c.capture_id not in broken), None)

    async def _plausible(self, department: Department, year: int, contents: Contents) -> None:
        """Compare a full file with today's count of contracts: no proof, since the file is older."""
        window = _window(year, self.today())
        if not contents.rows or window.end < FIRST_SEARCH_DAY:
            return
        slicer = Slicer(self, lambda response: None)
        types = asking.GROUPS["contracts"] + asking.GROUPS["idvs"]
        for target in (t for t in self.targets if t.toptier == department.name):
            name = f"FY{year} {target.code} contracts"
            try:
                counted = sum((await slicer.count(Slice("awarding", target, window, types))).values())
            except (Unanswered, BadPageError) as problem:
                self.note(f"{name}: cannot be counted: {problem}")
                continue
            got = contents.by_side["awarding"][target.code]
            if got < _LEAST_SHARE * counted and year < fiscal_year(self.today()):
                self.problem(f"{name}: the full file has {got} rows where {counted} are counted: it is broken or far "
                             "out of date. Run the nightly source over this year: --from and --to with path bulk")
            elif got != counted:
                self.note(f"{name}: the full file has {got} rows, today's count is {counted}")

    async def _instead(self, missing: list[Department], year: int) -> None:
        """Where no full file is to be had, a job for the awarding side."""
        names = {department.name for department in missing}
        targets = [target for target in self.targets if target.toptier in names]
        if targets:
            codes = "+".join(sorted({department.code for department in missing}))
            self.note(f"FY{year} {codes}: no full file is published for some types; asking for a bulk download")
            await self._job("awarding", targets, year, f"FY{year}-awarding")

    async def _job(self, side: Side, targets: list[CrawlTarget], year: int, batch: str) -> None:
        """A bulk download for one side of one year, proved by counts."""
        window = _window(year, self.today())
        if window.end < window.start:
            return
        try:
            response, contents = await self.jobs.fetch(side, targets, window, subawards=False)
        except (JobFailed, Unanswered) as problem:
            self.problem(f"{batch}: {problem}. Run the backfill again: it goes on from here")
            return
        self.take(response, CSV_PARSER, batch)
        slicer = Slicer(self, lambda response: None)
        for target in targets:
            name = f"{side} {target.code} {window}"
            try:
                expected = sum((await slicer.count(Slice(side, target, window))).values())
            except (Unanswered, BadPageError) as problem:
                self.problem(f"{name}: cannot be counted, so it is not proved complete: {problem}")
                continue
            self.prove(name, expected, contents.by_side[side][target.code], by="bulk")


def _years(plan: str) -> tuple[int, int]:
    found = _PLAN.fullmatch(plan)
    if found is None:
        raise OptionError(f"'{plan[:80]}' names no fiscal years: write fiscal_years as 2021-2024")
    first, last = int(found[1]), int(found[2])
    if not FIRST_YEAR <= first <= last:
        raise OptionError(f"fiscal years {first} to {last}: the archive begins with {FIRST_YEAR}, and the first year "
                          "must not lie after the last")
    return first, last


def _window(year: int, today: date) -> Window:
    return Window(date(year - 1, 10, 1), min(date(year, 9, 30), today), "action_date")


def _stamp(url: str) -> str:
    found = _STAMP.search(url)
    return found[1] if found else "undated"


