"""Crawls the outlets: what they announce, then the articles that pass the gate, one outlet beside the other.

Belongs here: the order of things. Does not belong here: formats (news/feeds, sitemaps, article), the gate
(news/gate), memory from run to run (news/store), what the archive alone tells (news/rereading).

Each outlet is a line of its own: asked one request after the other at its pace, and its failure is its own. A batch
of the lake is the day of capture and is handed on whole, so that a run that was killed, or a second run of a day,
ends in the same rows as one undisturbed run.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, BinaryIO, Final, cast
from urllib.parse import urlsplit

from protego import Protego
from scrapy.http import Request, Response

from crawlers.archive import Capture
from crawlers.context import CrawlContext
from crawlers.errors import Refused
from crawlers.news import feeds, sitemaps
from crawlers.news.discovery import discovery
from crawlers.news.gate import passes
from crawlers.news.items import Item, merged
from crawlers.news.leads import recent_leads
from crawlers.news.outlets import Outlet, at_base, outlets
from crawlers.news.rereading import FEED_TYPES, FEEDS, PAGE_TYPES, PAGES, SITEMAPS, charset_of, reread
from crawlers.news.sourcing import source_of, tidied
from crawlers.news.store import Page, PageStore
from crawlers.parsing import ParseContext, ParseError
from crawlers.robots import MAX_BYTES
from crawlers.spiders.inline import InlineSpider, Unanswered, unused
from records.workspace import Workspace

_GAP: Final = timedelta(days=2)  # a news sitemap's window
_HANDED_ON_DAYS: Final = 30
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_RECENT: Final = timedelta(days=2)


@dataclass
class _Visit:
    """One outlet in this run: what came, and what was announced by whom."""

    outlet: Outlet
    counts: Counter[str] = field(default_factory=Counter)
    items: dict[str, tuple[Item, str]] = field(default_factory=dict)
    answered: bool = False
    why: str = ""


class NewsSpider(InlineSpider):
    """Options: ``outlets`` (ids), ``articles`` (most articles of this run)."""

    def __init__(self, context: CrawlContext, **kwargs: Any) -> None:
        self.listed = [one for one in outlets().outlets if one.crawl]
        context.source = source_of(context.source, self.listed)
        super().__init__(context, **kwargs)
        self.limits = discovery().crawl
        self.left = int(self.options.get("articles") or self.limits.articles_a_run)
        self.done = 0
        self.recent: dict[str, Capture] = {}

    async def work(self) -> None:
        """Every outlet, then GDELT's leads to outlets, then hand on the days that changed."""
        if self.replaying:
            self._replay()
            return
        wanted = self.options.get("outlets")
        chosen = [one for one in self.listed if not wanted or one.id in wanted]
        self.store = PageStore(self.context.state / self.source.name / "pages.sqlite")
        try:
            since = datetime.now(UTC) - _RECENT
            self.recent = {c.uri: c for c in self.archive.captures(self.source.name)
                           if c.verdict == "ok" and c.fetched_at >= since and c.media_type in PAGE_TYPES}
            leads = recent_leads(self._lake(), self._today(), self.limits.lead_days)
            visits = await asyncio.gather(*(self._outlet(one, leads.get(one.id, ())) for one in chosen))
            self._sum_up(visits)
            self._hand_on()
        finally:
            self.store.close()

    # --- one outlet

    async def _outlet(self, outlet: Outlet, leads: Iterable[Item]) -> _Visit:
        visit = _Visit(outlet)
        for address in outlet.feeds:
            await self._feed(visit, address)
        addresses = list(outlet.sitemaps)
        if outlet.sitemaps_from_robots:
            addresses += await self._named_in_robots(visit)
        await self._sitemaps(visit, addresses)
        for item in leads:
            url = tidied(item.url)
            visit.items[url] = merged(visit.items.get(url), (item, "gdelt"))
        chosen = self._chosen(visit)
        await asyncio.gather(*(self._line(visit, chosen) for _ in range(self.source.politeness.concurrency)))
        self._close(visit)
        return visit

    async def _feed(self, visit: _Visit, address: str) -> None:
        got = await self._fetch(visit, address, FEEDS)
        if got is None:
            return
        response, payload, context = got
        try:
            self._announced(visit, feeds.items(payload, context), "feed")
        except ParseError as problem:
            self._fault(visit, str(problem))
            return
        if response is not None:
            self._keep(address, response, FEEDS, dict(context.hints))

    async def _sitemaps(self, visit: _Visit, addresses: list[str]) -> None:
        """Sitemaps and the newest of an index, each once, to a depth and a number."""
        queue = [(address, 0) for address in addresses]
        seen = {address for address, _ in queue}
        asked = 0
        while queue and asked < self.limits.sitemaps_an_outlet:
            address, depth = queue.pop(0)
            asked += 1
            got = await self._fetch(visit, address, SITEMAPS)
            if got is None:
                continue
            response, payload, context = got
            try:
                found = sitemaps.read(payload, context)
            except ParseError as problem:
                self._fault(visit, str(problem))
                continue
            self._announced(visit, found.news, "sitemap")
            if found.news and response is not None:
                self._keep(address, response, SITEMAPS, dict(context.hints))
            newest = sorted(found.children, key=lambda child: child[1] or _NEVER, reverse=True)
            for url, changed in newest if depth < self.limits.sitemap_depth else ():
                if url not in seen and (changed is None or changed >= datetime.now(UTC) - timedelta(days=3)):
                    seen.add(url)
                    queue.append((url, depth + 1))

    async def _named_in_robots(self, visit: _Visit) -> list[str]:
        """News sitemaps that robots.txt names (it is read here as a page; the middleware decides by its own copy)."""
        home = urlsplit(visit.outlet.home)
        address = at_base(f"{home.scheme}://{home.netloc}/robots.txt", self.source.base_url)
        response = await self._asked(visit, self._get(address, ("text/plain",), visit, None), None)
        if response is None:
            return []
        named = list(Protego.parse(response.body[:MAX_BYTES].decode("utf-8", "replace")).sitemaps)
        return [url for url in named if "news" in url.lower()][:5]

    def _announced(self, visit: _Visit, found: list[Item], by: str) -> None:
        visit.answered = True
        visit.counts["announced"] += len(found)
        for item in found:
            url = tidied(item.url)
            visit.items[url] = merged(visit.items.get(url), (item, by))

    def _chosen(self, visit: _Visit) -> list[tuple[str, Item, str]]:
        """What passes the gate, newest first, within the outlet's number."""
        passed = [(url, item, by) for url, (item, by) in visit.items.items()
                  if by == "gdelt" or passes(item.said, visit.outlet.id) is not None]
        visit.counts["passed"] = len(passed)
        passed.sort(key=lambda one: one[1].published_at or one[1].seen_at or _NEVER, reverse=True)
        if len(passed) > self.limits.articles_an_outlet:
            visit.counts["put off"] = len(passed) - self.limits.articles_an_outlet
        return list(reversed(passed[: self.limits.articles_an_outlet]))

    async def _line(self, visit: _Visit, chosen: list[tuple[str, Item, str]]) -> None:
        """One of the outlet's lines: takes articles from the shared list until it is empty."""
        while chosen:
            url, item, by = chosen.pop()
            if self.left <= 0:
                visit.counts["put off"] += 1
                continue
            await self._article(visit, url, item, by)

    async def _article(self, visit: _Visit, url: str, item: Item, by: str) -> None:
        hints = {
            "outlet": visit.outlet.id, "found_by": by, "title": item.title, "language": item.language,
            "published": item.published_at.isoformat() if item.published_at else None,
            "updated": item.updated_at.isoformat() if item.updated_at else None,
        }
        address = at_base(url, self.source.base_url)
        known = self.store.latest(url)
        if known is not None and not self._changed(known, item):
            visit.counts["known"] += 1
            return
        archived = self.recent.get(address)
        if known is None and archived is not None:  # a run that was killed had it already
            self._remember(url, archived, PAGES, hints, None)
            visit.counts["resumed"] += 1
            self.context.counts["resumed"] += 1
            return
        self.left -= 1
        response = await self._asked(visit, self._get(address, PAGE_TYPES, visit, known), known)
        if response is None:
            return
        visit.counts["fetched"] += 1
        self.done += 1
        if self.done % 20 == 0:
            self.progress(self.done, None, "articles")
        modified = response.headers.get("Last-Modified")
        self._keep(url, response, PAGES, {
            **hints, "charset": charset_of(response),
            "last_modified": modified.decode("latin-1") if modified else None,
        })

    def _changed(self, known: Page, item: Item) -> bool:
        """Does the publisher say that a page was updated since it was fetched, lately and not all too often?"""
        if item.updated_at is None or item.updated_at <= known.fetched_at:
            return False
        young = known.fetched_at >= datetime.now(UTC) - timedelta(days=self.limits.refetch_days)
        return young and self.store.versions(known.url) < self.limits.refetch_versions

    # --- asking and remembering

    def _get(self, address: str, types: tuple[str, ...], visit: _Visit, known: Page | None) -> Request:
        request = self.download(address, unused, resumable=False, expect=types)
        request.meta["download_slot"] = f"{visit.outlet.id} {urlsplit(address).netloc}"
        for name, value in (known.validators if known else {}).items():
            request.headers[name] = value
        return request

    async def _fetch(
        self, visit: _Visit, address: str, parser: str
    ) -> tuple[Response | None, BinaryIO, ParseContext] | None:
        """A feed or sitemap; where it is unchanged (304) the archived one, without a response. None when it failed.

        The unchanged one is read again because what it announced may not have been fetched: a run was killed, an
        article's host was down.
        """
        known = self.store.latest(address)
        faults = visit.counts["failed"], visit.counts["not allowed"]
        response = await self._asked(visit, self._get(at_base(address, self.source.base_url), FEED_TYPES, visit,
                                                          known), known)
        if response is not None:
            capture, payload = self.capture(response), self.payload(response)
            hints = {"outlet": visit.outlet.id, "charset": charset_of(response)}
        elif known is not None and faults == (visit.counts["failed"], visit.counts["not allowed"]):
            capture = self.archive.get(known.capture_id)
            payload, hints = self.archive.payload_seekable(capture), known.hints
        else:
            return None
        return response, cast(BinaryIO, payload), ParseContext(
            capture_id=capture.capture_id, source=self.source.name, as_of=capture.fetched_at.date(), url=capture.uri,
            hints=hints)

    async def _asked(self, visit: _Visit, request: Request, known: Page | None) -> Response | None:
        """The good answer; None when it is unchanged, refused or failed, which the visit notes."""
        try:
            return await self.ask(request)
        except Unanswered as problem:
            if problem.status == 304 and known is not None:
                visit.answered = True
                visit.counts["unchanged"] += 1
            elif isinstance(problem.__cause__, Refused):
                visit.counts["not allowed"] += 1
                visit.why = visit.why or str(problem.__cause__)
            else:
                self._fault(visit, str(problem))
            return None

    def _fault(self, visit: _Visit, said: str) -> None:
        visit.counts["failed"] += 1
        visit.why = visit.why or said[:300]

    def _keep(self, url: str, response: Response, parser: str, hints: dict[str, Any]) -> None:
        self._remember(url, self.capture(response), parser, hints, response)

    def _remember(
        self, url: str, capture: Capture, parser: str, hints: dict[str, Any], response: Response | None
    ) -> None:
        def header(name: str) -> str | None:
            value = response.headers.get(name) if response is not None else None
            return value.decode("latin-1") if value else None

        self.store.add(Page(
            url=url, capture_id=capture.capture_id, day=capture.fetched_at.date().isoformat(), parser=parser,
            fetched_at=capture.fetched_at, hints={k: v for k, v in hints.items() if v is not None},
            etag=header("ETag"), last_modified=header("Last-Modified"),
        ))

    # --- what is said and handed on

    def _close(self, visit: _Visit) -> None:
        """Note how an outlet answered; warn where it was silent for so long that articles may be lost."""
        outlet, now = visit.outlet, datetime.now(UTC)
        last = self.store.last_success(outlet.id)
        if visit.answered and last is not None and now - last > _GAP:
            self.note(f"{outlet.id}: last answered {last:%Y-%m-%d %H:%M} UTC; what it announced and took off since "
                      "then may be missing")
        counts = ", ".join(f"{number} {name}" for name, number in visit.counts.items() if number)
        said = f"{outlet.id}: {counts or 'nothing announced'}{f' ({visit.why})' if visit.why else ''}"
        if outlet.feeds or outlet.sitemaps or outlet.sitemaps_from_robots:
            self.store.visited(outlet.id, now, ok=visit.answered, said=said)
        self.note(said)

    def _sum_up(self, visits: list[_Visit]) -> None:
        asked = [v for v in visits if v.outlet.feeds or v.outlet.sitemaps or v.outlet.sitemaps_from_robots]
        silent = [v.outlet.id for v in asked if not v.answered]
        if asked and len(silent) == len(asked):
            self.problem(f"none of {len(asked)} outlets answered ({asked[0].why}). Check the network, then the "
                         "addresses in crawlers/outlets.yaml")
        elif silent:
            self.note(f"{len(silent)} of {len(asked)} outlets did not answer: {', '.join(silent)}")

    def _hand_on(self) -> None:
        """Harvest whole days: today, and any of late that the lake does not have."""
        today = self._today()
        for day in self.store.days((today - timedelta(days=_HANDED_ON_DAYS)).isoformat()):
            partition = f"source={self.source.name}/batch={day}"
            missing = not any((self._lake() / table / partition).exists() for table in ("document", "lead"))
            if day >= (today - timedelta(days=1)).isoformat() or missing:
                for page in self.store.of_day(day):
                    self.harvest(self.archive.get(page.capture_id), page.parser, day, **page.hints)

    def _replay(self) -> None:
        """The archive alone: every good capture by what it is."""
        run, files = self.options.get("replay_run"), self.options.get("replay_files")
        captures = [c for c in self.archive.captures(self.source.name)
                    if run in (None, c.run_id) and (files is None or c.warc_file in files)]
        for capture, parser, hints in reread(self.archive, captures):
            self.harvest(capture, parser, capture.fetched_at.date().isoformat(), **hints)

    def _lake(self) -> Any:
        return Workspace(self.context.state.parent.parent).lake

    @staticmethod
    def _today() -> date:
        return datetime.now(UTC).date()
