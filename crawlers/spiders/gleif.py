"""The crawl of GLEIF: entities by LEI, name or ISIN, then what each record's relationships advertise.

Belongs here: what is asked, in which order. Does not belong here: formats (crawlers.gleif).

A record's ``data.relationships`` names exactly what exists (a parent, or the reason why there is none; children only
where there are any), so its links are followed and nothing is probed for. Batches are days: nothing is overwritten.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Response

from crawlers.corporate import comparable, item, text
from crawlers.errors import BadCapture
from crawlers.gleif import EXCEPTION_PARSER, ISINS_PARSER, RECORDS_PARSER, RELATIONS_PARSER
from crawlers.gleif.records import LEI, records_of
from crawlers.openfigi.identifiers import is_isin, isin_of
from crawlers.parsing import BadPageError
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

_API: Final = "/api/v1"
_TYPES: Final = ("application/vnd.api+json", "application/json")
PAGE_SIZE: Final = 200
_WINDOW: Final = 10_000  # the service shows no more of a list
_PARENTS: Final = ("direct-parent", "ultimate-parent")
_CHILDREN: Final = (("direct-children", "direct-child"), ("ultimate-children", "ultimate-child"))
Record = dict[str, Any]


class GleifSpider(InlineSpider):
    """Options: ``lei``, ``names``, ``isins``, ``cusips`` (lists), ``children`` (True), ``securities`` (False: lists of
    ISINs are long), ``depth`` (2: how many steps up parents' own parents are followed)."""

    async def work(self) -> None:
        """Whom the options name, then their parents, breadth first; each entity once."""
        for _ in self.occasions():
            await self._walk()

    async def _walk(self) -> None:
        self._names: dict[str, str] = {}
        self._done: set[str] = set()
        leis = await self._asked_for()
        if not leis:
            self.note("nobody was asked for: give lei, names, isins or cusips")
        queue = deque((lei, 0) for lei in leis)
        while queue:
            lei, depth = queue.popleft()
            if lei in self._done:
                continue
            self._done.add(lei)
            for parent in await self._entity(lei):
                if depth + 1 < int(self.options.get("depth", 2)):
                    queue.append((parent, depth + 1))
            self.progress(len(self._done), len(self._done) + len(queue), "entities")

    # ---- who is asked for ----------------------------------------------------------------------------------------

    async def _asked_for(self) -> list[str]:
        found: list[str] = []
        for said in self._option("lei"):
            lei = said.upper().removeprefix("LEI:").strip()
            if LEI.fullmatch(lei):
                found.append(lei)
            else:
                self.problem(f"'{said[:40]}' is no LEI: 18 letters or digits and two digits")
        for name in self._option("names"):
            found += await self._by_name(name)
        isins = [isin for isin in map(self._isin, self._option("isins")) if isin]
        for cusip in self._option("cusips"):
            isin = isin_of(cusip)
            if isin is None:
                self.note(f"CUSIP '{cusip[:20]}' makes no ISIN (its check digit is wrong, or it is a CINS number)")
            else:
                isins.append(isin)
        for isin in dict.fromkeys(isins):
            found += await self._by_isin(isin)
        return list(dict.fromkeys(found))

    def _option(self, name: str) -> list[str]:
        listed = self.options.get(name) or ()
        return [str(one) for one in (listed if isinstance(listed, list | tuple) else [listed])]

    def _isin(self, said: str) -> str | None:
        isin = said.strip().upper()
        if is_isin(isin):
            return isin
        self.problem(f"'{said[:40]}' is no ISIN: its form or check digit is wrong")
        return None

    async def _by_name(self, name: str) -> list[str]:
        """LEIs of completions that are the name but for legal form; what is only similar is nobody we asked for."""
        response = await self._get(f"{_API}/fuzzycompletions", {"field": "entity.legalName", "q": name})
        if response is None:
            return []
        wanted, found, similar = comparable(name), [], 0
        for one in self._data(response):
            lei = str(item(item(item(one.get("relationships")).get("lei-records")).get("data")).get("id") or "")
            value = text(item(one.get("attributes")).get("value")) or ""
            if LEI.fullmatch(lei) and comparable(value) == wanted:
                found.append(lei)
            else:
                similar += 1
        if not found:
            self.note(f"GLEIF has no entity named '{name[:80]}' ({similar} similar names)")
        return found

    async def _by_isin(self, isin: str) -> list[str]:
        response = await self._get(f"{_API}/lei-records", {"filter[isin]": isin, "page[size]": 15})
        if response is None:
            return []
        self.harvest(response, RECORDS_PARSER, self._batch(response), isin=isin)
        return [str(one.get("id")) for one in self._data(response) if LEI.fullmatch(str(one.get("id")))]

    # ---- one entity ----------------------------------------------------------------------------------------------

    async def _entity(self, lei: str) -> list[str]:
        """Harvest the entity and all that its record advertises; returns the parents' LEIs."""
        response = await self._get(f"{_API}/lei-records/{lei}", missing=f"LEI {lei}")
        if response is None:
            return []
        records = self._data(response)
        if not records:
            return []
        self._know(records)
        self.harvest(response, RECORDS_PARSER, self._batch(response))
        relations = item(records[0].get("relationships"))
        parents: list[str] = []
        for kind in _PARENTS:
            links = item(item(relations.get(kind)).get("links"))
            parents += await self._parent(lei, links)
        if self.options.get("children", True):
            for kind, _ in _CHILDREN:
                await self._children(lei, item(item(relations.get(kind)).get("links")))
        if self.options.get("securities"):
            link = item(item(relations.get("isins")).get("links")).get("related")
            if link:
                await self._pages(str(link), ISINS_PARSER, name=self._names.get(lei))
        return parents

    async def _parent(self, lei: str, links: dict[str, Any]) -> list[str]:
        """The parent's record (for its name) and the dated relationship; or why there is none."""
        if link := links.get("reporting-exception"):
            response = await self._follow(str(link))
            if response is not None:
                self.harvest(response, EXCEPTION_PARSER, self._batch(response), names=self._known([lei]))
        found: list[str] = []
        if link := links.get("lei-record"):
            response = await self._follow(str(link))
            if response is not None:
                records = self._data(response)
                self._know(records)
                self.harvest(response, RECORDS_PARSER, self._batch(response))
                found = [str(one.get("id")) for one in records if LEI.fullmatch(str(one.get("id")))]
        if link := links.get("relationship-record"):
            response = await self._follow(str(link))
            if response is not None:
                self.harvest(response, RELATIONS_PARSER, self._batch(response), names=self._known([lei, *found]))
        return found

    async def _children(self, lei: str, links: dict[str, Any]) -> None:
        """All pages of records first, for the names; then the dated relationships."""
        if link := links.get("related"):
            await self._pages(str(link), RECORDS_PARSER)
        if link := links.get("relationship-records"):
            await self._pages(str(link), RELATIONS_PARSER, parent=lei)

    # ---- pages ---------------------------------------------------------------------------------------------------

    async def _pages(self, link: str, parser: str, parent: str | None = None, name: str | None = None) -> None:
        """Every page of a list, proven against its total."""
        address: str | None = _sized(link)
        seen: set[int] = set()
        got = total = 0
        while address is not None:
            response = await self._follow(address)
            if response is None:
                return
            page = item(self.json(response))
            records = self._data(response)
            told = item(item(page.get("meta")).get("pagination"))
            number, total = int(told.get("currentPage") or 1), int(told.get("total") or len(records))
            if number in seen:
                self.problem(f"{link}: page {number} came twice; the list was left there")
                return
            seen.add(number)
            got += len(records)
            if parser == RECORDS_PARSER:
                self._know(records)
            if records:
                hints = {"names": self._known([parent, *map(_start, records)])} if parser == RELATIONS_PARSER else (
                    {"name": name} if name else {})
                self.harvest(response, parser, self._batch(response), **hints)
            following = item(page.get("links")).get("next")
            address = str(following) if following else None
        if total > _WINDOW:
            self.note(f"{link}: {total} entries, of which the service shows {_WINDOW}")
        self.prove(f"entries of {urlsplit(link).path}", min(total, _WINDOW), got)

    def _data(self, response: Response) -> list[Record]:
        """The answer's resources; an answer without any is a problem and an empty list."""
        try:
            return records_of(item(self.json(response)), response.url)
        except (BadPageError, BadCapture) as problem:
            self.problem(str(problem))
            return []

    def _know(self, records: list[Record]) -> None:
        for one in records:
            name = text(item(item(item(one.get("attributes")).get("entity")).get("legalName")).get("name"))
            if name:
                self._names[str(one.get("id"))] = name

    def _known(self, leis: list[str | None]) -> dict[str, str]:
        return {lei: self._names[lei] for lei in leis if lei in self._names and lei is not None}

    # ---- asking --------------------------------------------------------------------------------------------------

    async def _follow(self, link: str) -> Response | None:
        """The answer behind a link of the service's own, on whatever base address the source has."""
        parts = urlsplit(link)
        if not parts.path.startswith(f"{_API}/"):
            self.problem(f"a link leads to '{link[:120]}', which is none of the service's; not followed")
            return None
        return await self._get(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    async def _get(self, path: str, params: dict[str, Any] | None = None, missing: str | None = None
                   ) -> Response | None:
        """The answer, None when there is none; what that means is reported."""
        try:
            return await self.ask(self.api_get(path, unused, params=params, expect=_TYPES, resumable=True))
        except Unanswered as problem:
            if problem.status == 404 and missing:
                self.note(f"GLEIF does not know {missing}")
            else:
                self.problem(str(problem))
            return None

    def _batch(self, response: Response) -> str:
        return f"{self.capture(response).fetched_at:%Y-%m-%d}"


def _start(record: Record) -> str:
    relation = item(item(record.get("attributes")).get("relationship"))
    return str(item(relation.get("startNode")).get("id"))


def _sized(link: str) -> str:
    """The link with the largest page the service gives."""
    parts = urlsplit(link)
    asked = parse_qs(parts.query)
    return link if "page[size]" in asked else (
        f"{link}{'&' if parts.query else '?'}page%5Bnumber%5D=1&page%5Bsize%5D={PAGE_SIZE}")
