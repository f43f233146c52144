"""The nightly complement through SAM.gov's API: whole descriptions and attachments of immigration agencies' notices.

Belongs here: what is asked, in which order, within the day's quota. Does not belong here: formats (crawlers.sam).

The key comes from SECTION3C_SAM_KEY. It is a secret parameter of the source, so no archive holds it, and it is taken
out of every message here. SAM.gov ignores parameters it does not know, so what comes back is checked.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawlers.archive import Capture
from crawlers.documents.naming import filename_of
from crawlers.documents.rows import ATTACHMENT_PARSER
from crawlers.errors import BadCapture
from crawlers.sam import PAGE_PARSER, TEXT_PARSER
from crawlers.sam.agency import Notice, resolve
from crawlers.sam.api import organisation
from crawlers.sam.quota import DEFAULT_QUOTA, Quota, next_access
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

KEY_VARIABLE: Final = "SECTION3C_SAM_KEY"
SEARCH: Final = "/opportunities/v2/search"
TEXT: Final = "/prod/opportunities/v1/noticedesc"
FILES: Final = "/opportunities/resources/files/"
PAGE_SIZE: Final = 1000
_LONGEST_DAYS: Final = 364
_DAY: Final = "%m/%d/%Y"
Item = dict[str, Any]


class Closed(Exception):
    """SAM.gov answers no more today, or takes the key for none; the message says which and what to do."""


class SamApiSpider(InlineSpider):
    """Options: ``date_from``, ``date_to`` (ISO days of posting, the last two by default), ``quota`` (10), ``notices``
    (ids whose descriptions are wanted first), ``attachments`` (True), ``attachment_limit`` (40)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key = "" if self.replaying else os.environ.get(KEY_VARIABLE, "").strip()
        self._quota = Quota(self.context.state / self.source.name / "quota.json",
                            int(self.options.get("quota") or DEFAULT_QUOTA))

    async def work(self) -> None:
        """Pages first (half of the quota at most), then descriptions, then attachments."""
        if not self.replaying and not self._key:
            self.note(f"nothing asked: {KEY_VARIABLE} is not set. The daily list (sam_notices) needs no key; a key "
                      "from SAM.gov's account page adds whole texts and attachments")
            return
        if self._left() <= 0:
            until = self._quota.closed_until
            self.note(f"nothing asked: the day's quota of {self._quota.limit} requests is used up"
                      f"{f' until {until:%Y-%m-%d %H:%M} UTC' if until else ''}")
            return
        items: list[Item] = []
        try:
            items = await self._pages()
            await self._texts(items)
        except Closed as problem:
            self.note(str(problem))
        except Unanswered as problem:
            self.problem(self._public(str(problem)))
        if items and self.options.get("attachments", True):  # they cost no quota
            await self._attachments(items)

    # ---- pages ---------------------------------------------------------------------------------------------------

    async def _pages(self) -> list[Item]:
        start, end = self._window()
        budget = max(1, self._left() // 2)
        found: list[Item] = []
        total = PAGE_SIZE
        number = 0
        while number * PAGE_SIZE < total and number < budget:
            response = await self._asked(SEARCH, {"postedFrom": start.strftime(_DAY), "postedTo": end.strftime(_DAY),
                                                  "limit": PAGE_SIZE, "offset": number}, missing=(404,))
            if response is None:  # "No Data found"
                total = 0
                break
            page = self.json(response)
            items = page.get("opportunitiesData") if isinstance(page, dict) else None
            items = [items] if isinstance(items, dict) else items or []
            total = int(page.get("totalRecords") or 0)
            outside = [item for item in items if not _within(item, start, end)]
            if outside:
                self.problem(f"page {number} has {len(outside)} notices posted outside {start} to {end}: SAM.gov "
                             "ignored the dates; the page was not loaded")
                break
            self.harvest(response, PAGE_PARSER, f"{start}_{end}")
            found += items
            number += 1
            self.progress(number, max(1, -(-total // PAGE_SIZE)), "pages")
        if len(found) < total:
            self.note(f"{len(found)} of {total} notices of {start} to {end} were asked for within the quota; the daily "
                      "list has them all")
        return [item for item in found if self._is_ours(item)]

    def _window(self) -> tuple[date, date]:
        today = datetime.now(UTC).date()
        end = date.fromisoformat(str(self.options.get("date_to") or today))
        start = date.fromisoformat(str(self.options.get("date_from") or end - timedelta(days=1)))
        return max(start, end - timedelta(days=_LONGEST_DAYS)), end

    @staticmethod
    def _is_ours(item: Item) -> bool:
        found = Notice(**organisation(item)._asdict(), solicitation=str(item.get("solicitationNumber") or ""),
                       title=str(item.get("title") or ""))
        return resolve(found).agency_id is not None

    # ---- descriptions --------------------------------------------------------------------------------------------

    async def _texts(self, items: list[Item]) -> None:
        wanted = [str(name) for name in self.options.get("notices") or ()]
        wanted += [str(item.get("noticeId")) for item in items if "noticedesc" in str(item.get("description") or "")]
        have = set() if self.replaying else self._have_texts()
        todo = [name for name in dict.fromkeys(wanted) if name not in have]
        for number, name in enumerate(todo):
            if self._left() <= 0:
                self.note(f"{len(todo) - number} descriptions wait for tomorrow's quota")
                return
            response = await self._asked(TEXT, {"noticeid": name}, missing=(404,))
            if response is not None:
                self.harvest(response, TEXT_PARSER, f"{self.capture(response).fetched_at:%Y-%m-%d}")
            self.progress(number + 1, len(todo), "descriptions")

    def _have_texts(self) -> set[str]:
        known = set()
        for capture in self.archive.captures(self.source.name):
            if capture.verdict == "ok" and TEXT in capture.uri:
                query = dict(part.split("=", 1) for part in urlsplit(capture.uri).query.split("&") if "=" in part)
                known.add(query.get("noticeid", ""))
        return known

    # ---- attachments ---------------------------------------------------------------------------------------------

    async def _attachments(self, items: list[Item]) -> None:
        """Files of our notices, each fetched once; their addresses are public and cost no quota.

        All files of a notice are handed on together, those archived by earlier runs too: a batch is replaced whole.
        """
        have = {} if self.replaying else self._have_files()
        wanted = [(item, link) for item in items for link in dict.fromkeys(item.get("resourceLinks") or ())]
        left = int(self.options.get("attachment_limit") or 40)
        waiting = 0
        for number, (item, link) in enumerate(wanted):
            address = self.url(urlsplit(str(link)).path) if self.source.local else str(link)
            path = urlsplit(address).path
            if path not in have and left <= 0:
                waiting += 1
                continue
            if path not in have:
                left -= 1
                try:
                    have[path] = self.capture(await self.ask(self.download(address, unused)))
                except Unanswered as problem:
                    self.note(f"attachment not fetched: {self._public(str(problem))}")
                    continue
            self._file(have[path], item)
            self.progress(number + 1, len(wanted), "attachments")
        if waiting:
            self.note(f"{waiting} attachments wait for the next run")

    def _file(self, capture: Capture, item: Item) -> None:
        """Hand an attachment on, with what its answer calls it and what its notice says."""
        _, headers = self.archive.response(capture)
        said = next((value for name, value in headers if name.lower() == "content-disposition"), None)
        poster, notice = organisation(item), str(item.get("noticeId") or "").lower()
        self.harvest(capture, ATTACHMENT_PARSER, f"files-{re.sub('[^0-9a-z]', '', notice)[:40]}", notice=notice,
                     published=str(item.get("postedDate") or "")[:10] or None, media_type=capture.media_type,
                     publisher=poster.office or poster.subtier or poster.department, filename=filename_of(said))

    def _have_files(self) -> dict[str, Capture]:
        """Archived files by the path of their address."""
        return {urlsplit(one.uri).path: one for one in self.archive.captures(self.source.name)
                if one.verdict == "ok" and FILES in one.uri}

    # ---- asking --------------------------------------------------------------------------------------------------

    def _left(self) -> int:
        return self._quota.limit if self.replaying else self._quota.left(datetime.now(UTC))

    async def _asked(self, path: str, params: dict[str, Any], *, missing: tuple[int, ...]) -> Response | None:
        """The answer, None for a status that means there is none. Raises Closed, Unanswered."""
        if self._left() <= 0:
            raise Closed(f"the day's quota of {self._quota.limit} requests is used up; the rest waits for tomorrow")
        if not self.replaying:
            self._quota.use(datetime.now(UTC))
        request: Request = self.api_get(path, unused, params={**params, "api_key": self._key or "replayed"})
        try:
            return await self.ask(request)
        except Unanswered as problem:
            body = _body(problem)
            if problem.status in missing and (b"No Data found" in body or b"escription" in body):
                return None
            if problem.status == 429:
                until = next_access(body) or _tomorrow()
                self._quota.close(until)
                raise Closed(f"SAM.gov's quota is used up; ask again after {until:%Y-%m-%d %H:%M} UTC") from None
            if problem.status in (401, 403) or b"api_key" in body:
                self.problem(f"SAM.gov does not take the key in {KEY_VARIABLE}: keys expire after 90 days, and one of "
                             "api.data.gov is not SAM.gov's own. Make a new one on SAM.gov's account page")
                raise Closed("nothing more was asked") from None
            raise

    def _public(self, text: str) -> str:
        """A message without the key."""
        return text.replace(self._key, "(key)") if self._key else text


def _within(item: Item, start: date, end: date) -> bool:
    try:
        posted = date.fromisoformat(str(item.get("postedDate") or "")[:10])
    except ValueError:
        return True  # no date to judge by; the parser reports it
    return start - timedelta(days=1) <= posted <= end + timedelta(days=1)


def _body(problem: Unanswered) -> bytes:
    cause = problem.__cause__
    return cause.response.body if isinstance(cause, BadCapture) and cause.response is not None else b""


def _tomorrow() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
