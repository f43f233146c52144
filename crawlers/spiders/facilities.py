"""The crawl of ICE's facility lists: the page that names them, then the newest workbook of each kind.

Belongs here: which files are fetched. Does not belong here: formats (crawlers.facilities).

ICE renames the statistics workbook with every release (FY26_detentionStats07202026.xlsx),
so the page is read for links;
addresses of one's own can be given as well.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
from scrapy.http import Response

from crawlers.facilities import LIST_PARSER
from crawlers.spiders.inline import InlineSpider, Unanswered, unused

PAGE: Final = "/detain/detention-management"
_FILE: Final = re.compile(r"\.(?:xlsx|xls|csv)$", re.IGNORECASE)
_STATISTICS: Final = re.compile(r"fy_?(\d{2,4})[-_ ]?(?:eoy|ytd)?[-_ ]?detention[-_ ]?stats?(?:istics)?[-_ ]?(\d{8})?",
                                re.IGNORECASE)
_LISTS: Final = re.compile(r"facilit(?:y|ies)", re.IGNORECASE)


class FacilitiesSpider(InlineSpider):
    """Options: ``urls`` (files beside those the page names), ``all_years`` (False: the newest statistics only)."""

    async def work(self) -> None:
        """The page, then its files."""
        found: list[str] = []
        try:
            page = await self.ask(self.api_get(PAGE, unused, expect=("text/html",)))
            found = self._links(page)
            if not found:
                self.problem(f"{page.url} names no facility list and no detention statistics: ICE may have moved them. "
                             "Look at the page and give their addresses (urls)")
        except Unanswered as problem:
            self.problem(f"the page that names the lists did not come: {problem}")
        given = self.options.get("urls") or ()
        found += [str(url) for url in (given if isinstance(given, list | tuple) else [given])]
        for number, url in enumerate(dict.fromkeys(found)):
            await self._file(url)
            self.progress(number + 1, len(found), "files")

    async def _file(self, url: str) -> None:
        try:
            response = await self.ask(self.download(url, unused))
        except Unanswered as problem:
            self.problem(f"{url}: {problem}")
            return
        filename = unquote(urlsplit(response.url).path.rsplit("/", 1)[-1])
        self.harvest(response, LIST_PARSER, f"{self.capture(response).fetched_at:%Y-%m-%d}", filename=filename)

    def _links(self, page: Response) -> list[str]:
        """Addresses of facility lists, and of the newest statistics workbook (of every one with ``all_years``)."""
        root = lxml.html.document_fromstring(page.body, parser=lxml.html.HTMLParser(encoding="utf-8", no_network=True))
        lists: list[str] = []
        statistics: dict[tuple[int, str], str] = {}
        for link in root.iter("a"):
            href = str(link.get("href") or "").strip()
            path = urlsplit(href).path
            if not _FILE.search(path):
                continue
            name = unquote(path.rsplit("/", 1)[-1])
            address = self._here(urljoin(page.url, href))
            if told := _STATISTICS.search(name):
                stamp = told[2] or ""
                statistics[int(told[1]) % 100, stamp[4:] + stamp[:4]] = address
            elif _LISTS.search(name):
                lists.append(address)
        newest: list[Any] = sorted(statistics)
        kept = newest if self.options.get("all_years") else newest[-1:]
        return [*(statistics[key] for key in kept), *dict.fromkeys(lists)]

    def _here(self, address: str) -> str:
        """The address on the source's own base, where that is a stand-in."""
        return self.url(urlsplit(address).path) if self.source.local else address
