"""The nightly crawl of SAM.gov's list of contract opportunities: one file, checked before it is believed.

Belongs here: where the file lies, what makes it a day's list. Does not belong here: its format (crawlers.sam).

SAM.gov has published files with a header only, and cut-off ones. A file that is too small, or has far fewer rows
than the last good one, is kept as a capture and not loaded; the mirror is asked; and if that has no better one the
night fails, since an empty file is no empty day.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from scrapy.http import Response

from crawlers.archive import Capture
from crawlers.parsing import ParseError
from crawlers.sam import BULK_PARSER
from crawlers.sam.csvscan import count
from crawlers.spiders.inline import InlineSpider, Unanswered, unused
from records.files import write_json

MIRROR: Final = "https://falextracts.s3.amazonaws.com"
_EXTRACTS: Final = "/api/prod/fileextractservices/v1/api/download"
_ACTIVE: Final = "/Contract%20Opportunities/datagov/ContractOpportunitiesFullCSV.csv"
_ARCHIVED: Final = "/Contract%20Opportunities/Archived%20Data/FY{year}_archived_opportunities.csv"
_PUBLIC: Final = "?privacy=Public"
MINIMUM_BYTES: Final = 50_000_000
LARGEST_DROP: Final = 0.30


class Wanted(NamedTuple):
    """A file: its batch in the lake (None: the day it was fetched) and the addresses that have it."""

    name: str
    batch: str | None
    addresses: tuple[str, ...]


class SamSpider(InlineSpider):
    """Options: ``archived`` (fiscal years whose archives to fetch as well), ``active`` (False: only those),
    ``minimum_bytes``, ``accept_drop`` (take a file with far fewer rows than the last)."""

    async def work(self) -> None:
        """Each file from the first address that has a good one."""
        wanted = self._wanted()
        for number, one in enumerate(wanted):
            self.progress(number, len(wanted), one.name)
            if self.replaying:
                self._replay(one)
            else:
                await self._fetch(one)
        self.progress(len(wanted), len(wanted), "lists")

    def _wanted(self) -> list[Wanted]:
        years = [int(year) for year in self.options.get("archived") or ()]
        files = [Wanted("active", None, self._addresses(_ACTIVE))] if self.options.get("active", True) else []
        files += [Wanted(f"FY{year}", f"FY{year}", self._addresses(_ARCHIVED.format(year=year))) for year in years]
        return files

    def _addresses(self, path: str) -> tuple[str, ...]:
        mirror = self.source.base_url if self.source.local else MIRROR
        return self.url(_EXTRACTS + path + _PUBLIC), mirror + path

    async def _fetch(self, one: Wanted) -> None:
        faults = []
        for address in one.addresses:
            try:
                response = await self.ask(self.download(address, unused))
            except Unanswered as problem:
                faults.append(str(problem))
                continue
            fault = self._fault(response, one)
            if fault is None:
                self._take(self.capture(response), one)
                for text in faults:
                    self.note(f"{text}; the mirror had a good file")
                return
            faults.append(f"{address}: {fault} (kept as capture {self.capture(response).capture_id}, not loaded)")
        self.problem(f"no good list '{one.name}': {'; '.join(faults)}. Nothing was loaded, yesterday's stands; try "
                     "again later, or with accept_drop if SAM.gov really publishes so few")

    def _replay(self, one: Wanted) -> None:
        """Every recorded list, each into the batch of its day."""
        run, names = self.options.get("replay_run"), self.options.get("replay_files")
        found = [c for c in self.archive.captures(self.source.name)
                 if c.uri in one.addresses and c.verdict == "ok" and run in (None, c.run_id)
                 and (names is None or c.warc_file in names)]
        good = 0
        for capture in sorted(found, key=lambda c: c.fetched_at):
            with self.archive.payload_seekable(capture) as payload:
                rows, _ = _rows(payload)
            if rows:
                self._take(capture, one)
                good += 1
        if not good:
            self.problem(f"the archive holds no good list '{one.name}'; crawl live")

    def _take(self, capture: Capture, one: Wanted) -> None:
        self.harvest(capture, BULK_PARSER, one.batch or f"{capture.fetched_at:%Y-%m-%d}")

    def _fault(self, response: Response, one: Wanted) -> str | None:
        """Why a downloaded list is none, None when it is good. The count of a good one is kept for the next night."""
        size = self.capture(response).payload_bytes
        least = int(self.options.get("minimum_bytes") or (0 if self.source.local or one.batch else MINIMUM_BYTES))
        if size < least:
            return f"has {size:,} bytes where at least {least:,} are expected"
        with self.payload(response) as payload:
            rows, fault = _rows(payload)
        if rows == 0:
            return fault or "has a header and no row: a failed extract, no empty day"
        floor = next((v.minimum for v in self.source.assertions.volume if v.table == "notice" and v.per == "file"), 0)
        if rows < floor and not self.source.local and not one.batch:
            return f"has {rows:,} rows where at least {floor:,} are expected"
        known = self._known()
        before = known.get(one.name, 0)
        if rows < before * (1 - LARGEST_DROP) and not self.options.get("accept_drop"):
            return f"has {rows:,} rows where the last good one had {before:,}: more than {LARGEST_DROP:.0%} fewer"
        self._remember({**known, one.name: rows})
        self.prove(f"list {one.name} has rows", True, rows > 0, rows=rows, before=before)
        return None

    def _known(self) -> dict[str, int]:
        path = self.context.state / self.source.name / "rows.json"
        if not path.exists():
            return {}
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {name: int(rows) for name, rows in found["rows"].items()}

    def _remember(self, rows: dict[str, int]) -> None:
        path = self.context.state / self.source.name / "rows.json"
        write_json(path, {"rows": rows, "at": datetime.now(UTC).isoformat()})


def _rows(payload: Any) -> tuple[int, str | None]:
    """Data rows of a list; 0 with the reason for what is none."""
    try:
        return count(payload), None
    except ParseError as problem:
        return 0, str(problem)
