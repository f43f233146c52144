"""The nightly crawl of the Federal Register: result pages by slices of days, then full texts.

Belongs here: what is asked and how it is proven. Does not belong here: formats (crawlers.federal_register).

The service ignores what it does not understand and answers with its newest 10,000 documents, and its counts stop at
10,000. So slugs are looked up in its own list first, the ``description`` it builds from the filters it accepted is
checked, every result is checked against the question, and slices are halved until they are small.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Response

from crawlers.federal_register import PAGE_PARSER, TEXT_PARSER
from crawlers.federal_register.agencies import Resolved, resolve
from crawlers.federal_register.api import FIELDS, NUMBER
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

CAP: Final = 10_000
PAGE_SIZE: Final = 1000
LAST_PAGE: Final = 50  # beyond it the service goes back to its first page in silence
GOVINFO: Final = "https://www.govinfo.gov"
OVERLAP_DAYS: Final = 14
_LATE_DAYS: Final = 3
_DOCUMENTS: Final = "/api/v1/documents.json"
_AGENCIES: Final = "/api/v1/agencies.json"
Params = list[tuple[str, str]]
Item = dict[str, Any]


class NotFiltered(Exception):
    """The service did not apply what was asked; the message says what, and nothing of the slice was taken."""


class FederalRegisterSpider(InlineSpider):
    """Options: ``date_from``, ``date_to`` (days of publication, the last 14 by default), ``types`` (NOTICE, PRORULE),
    ``texts`` (True), ``cap`` (documents a slice may have, below what the service counts to)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cap = min(CAP, int(self.options.get("cap") or CAP))

    async def work(self) -> None:
        """Look up slugs, take the slices, fetch the texts."""
        try:
            asked = await self._slugs()
            if asked is None:
                return
            found: dict[str, Item] = {}
            for window in self._windows():
                for start, end in await self._slices(*window, asked):
                    found |= await self._slice(start, end, asked)
        except Unanswered as problem:
            self.problem(f"{problem}. What was taken before is kept; run again")
            return
        except NotFiltered as problem:
            self.problem(str(problem))
            return
        if self.options.get("texts", True):
            await self._texts(found)

    def _window(self) -> tuple[date, date]:
        end = date.fromisoformat(str(self.options.get("date_to") or datetime.now(UTC).date()))
        start = date.fromisoformat(str(self.options.get("date_from") or end - timedelta(days=OVERLAP_DAYS)))
        return start, end

    def _windows(self) -> list[tuple[date, date]]:
        """The window asked for; in a replay that is told none, the window that each recorded run began with."""
        if not self.replaying or self.options.get("date_from") or self.options.get("date_to"):
            return [self._window()]
        run, names = self.options.get("replay_run"), self.options.get("replay_files")
        first: dict[str, tuple[date, date]] = {}
        captures = (c for c in self.archive.captures(self.source.name) if "metadata_only=1" in c.uri
                    and c.verdict == "ok" and run in (None, c.run_id) and (names is None or c.warc_file in names))
        for capture in sorted(captures, key=lambda c: (c.fetched_at, c.warc_offset)):
            asked = parse_qs(urlsplit(capture.uri).query)
            edges = [asked.get(f"conditions[publication_date][{edge}]", [""])[0] for edge in ("gte", "lte")]
            if all(edges):
                first.setdefault(capture.run_id, (date.fromisoformat(edges[0]), date.fromisoformat(edges[1])))
        return list(dict.fromkeys(first.values())) or [self._window()]

    async def _slugs(self) -> Resolved | None:
        response = await self.ask(self.api_get(_AGENCIES, unused))
        listed = self.json(response)
        asked = resolve(listed if isinstance(listed, list) else [])
        for name in asked.missing:
            self.note(f"agency {name} is not in the service's list of agencies: not asked for. If it was renamed, "
                      "correct crawlers/federal_register/agencies.yaml")
        if not asked.names:
            self.problem("none of our agencies is in the service's list of agencies; nothing was asked")
            return None
        return asked

    # ---- slices --------------------------------------------------------------------------------------------------

    async def _slices(self, start: date, end: date, asked: Resolved) -> list[tuple[date, date]]:
        """Spans of days with fewer documents than the service counts to."""
        count, _ = await self._count(start, end, asked)
        if count < self._cap:
            return [(start, end)]
        if start == end:
            raise NotFiltered(f"{start} alone has {count} documents or more; the service ignored a filter")
        middle = start + (end - start) // 2
        return [*await self._slices(start, middle, asked),
                *await self._slices(middle + timedelta(days=1), end, asked)]

    async def _count(self, start: date, end: date, asked: Resolved) -> tuple[int, Response]:
        response = await self.ask(self.api_get(self._address(start, end, asked, [("metadata_only", "1")]), unused))
        page = self.json(response)
        if not isinstance(page, dict) or not isinstance(page.get("count"), int):
            raise NotFiltered(f"{response.url}: no count in the answer")
        self._told(page, start, end, asked)
        return int(page["count"]), response

    async def _slice(self, start: date, end: date, asked: Resolved) -> dict[str, Item]:
        found: dict[str, Item] = {}
        expected, number = 0, 1
        while number == 1 or (len(found) < expected and number <= LAST_PAGE):
            more = [("per_page", str(PAGE_SIZE)), ("page", str(number)), ("order", "oldest")]
            more += [("fields[]", name) for name in FIELDS]
            response = await self.ask(self.api_get(self._address(start, end, asked, more), unused, resumable=True))
            page = self.json(response)
            self._told(page, start, end, asked)
            items = [one for one in page.get("results") or () if isinstance(one, dict)]
            self._fits(items, start, end, asked)
            fresh = {str(one.get("document_number")): one for one in items
                     if str(one.get("document_number")) not in found}
            expected = int(page.get("count") or 0)
            if items:
                self.harvest(response, PAGE_PARSER, f"{start}_{end}")
            found |= fresh
            self.progress(len(found), expected, f"documents {start} to {end}")
            if not fresh:  # the service went back to its first page
                break
            number += 1
        self.prove(f"documents {start} to {end}", expected, len(found))
        return found

    def _address(self, start: date, end: date, asked: Resolved, more: Params) -> str:
        types = [str(name) for name in self.options.get("types") or ("NOTICE", "PRORULE")]
        params: Params = [("conditions[agencies][]", slug) for slug in asked.names]
        params += [("conditions[type][]", name) for name in types]
        params += [("conditions[publication_date][gte]", start.isoformat()),
                   ("conditions[publication_date][lte]", end.isoformat()), *more]
        return f"{_DOCUMENTS}?{urlencode(params)}"

    @staticmethod
    def _told(page: Item, start: date, end: date, asked: Resolved) -> None:
        """The sentence the service builds from the filters it accepted names our agencies and days."""
        said = str(page.get("description") or "") if isinstance(page, dict) else ""
        lower = said.casefold()
        named = sum(name.casefold() in lower for name in asked.names.values())
        dated = any(all(re.search(rf"\b0?{part}\b", said) for part in (day.day, day.year)) for day in (start, end))
        if not named or not dated:
            raise NotFiltered(f"the service says it answered '{said[:200]}': it ignored "
                              f"{'the agencies' if not named else 'the dates'}; the answer was not taken")

    @staticmethod
    def _fits(items: list[Item], start: date, end: date, asked: Resolved) -> None:
        """Every result is of an agency and a day that were asked for."""
        for one in items:
            day = str(one.get("publication_date"))
            if not start.isoformat() <= day <= end.isoformat():
                raise NotFiltered(f"document {one.get('document_number')} of {day} is outside {start} to {end}: the "
                                  "service ignored the dates; the page was not taken")
            agencies = [a for a in one.get("agencies") or () if isinstance(a, dict)]
            slugs = {str(a.get("slug")) for a in agencies if a.get("slug")}
            if slugs and not slugs & set(asked.names) and all(a.get("slug") for a in agencies):
                raise NotFiltered(f"document {one.get('document_number')} is of {', '.join(sorted(slugs))}, which were "
                                  "not asked for: the service ignored the agencies; the page was not taken")

    # ---- texts ---------------------------------------------------------------------------------------------------

    async def _texts(self, found: dict[str, Item]) -> None:
        have = {} if self.replaying else {c.uri: c for c in self.archive.captures(self.source.name)
                                          if c.verdict == "ok" and "/html/" in c.uri}
        for number, (key, item) in enumerate(sorted(found.items())):
            day = str(item.get("publication_date"))
            if not NUMBER.fullmatch(key):
                continue  # the page's parser reports it
            path = f"/content/pkg/FR-{day}/html/{key}.htm"
            address = self.url(path) if self.source.local else GOVINFO + path
            if address in have:
                continue
            try:
                response = await self.ask(self.download(address, unused, expect=("text/html",)))
            except Unanswered as problem:
                self._late(key, day, str(problem))
                continue
            self.harvest(response, TEXT_PARSER, f"text-{day}")
            self.progress(number + 1, len(found), "full texts")

    def _late(self, key: str, day: str, why: str) -> None:
        """govinfo is a little behind the Register: the text is asked for again with the next night's overlap."""
        told = f"no full text of {key} ({day}) yet: {why}"
        if not self.replaying and date.fromisoformat(day) < datetime.now(UTC).date() - timedelta(days=_LATE_DAYS):
            self.problem(f"{told}. It was due; look whether govinfo.gov has it under another number")
        else:
            self.note(told)
