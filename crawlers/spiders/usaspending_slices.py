"""The transaction search, sliced until each answer fits one page, every slice proved by an exact count.

Belongs here: narrowing, paging, and what to do when pages repeat and miss rows (usaspending.md 3.3). Does not belong
here: the shape of questions (crawlers.usaspending.asking) and of pages (crawlers.usaspending.search).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from scrapy.http import Response

from crawlers.spiders.inline import Unanswered
from crawlers.usaspending import asking, search
from crawlers.usaspending.asking import Slice

if TYPE_CHECKING:
    from crawlers.spiders.inline import InlineSpider

Rows = Counter[tuple[str, ...]]
_TRIES: Final = 3
_SILENCE: Final = 3  # requests in a row without any answer, each tried as often as the source allows
_DEEPEST: Final = 400  # pages; the service refuses rows beyond 50,000
PARSER: Final = "usaspending_search"


class Incomplete(Exception):
    """A slice of the search that did not come together; the message says by how much."""

    def __init__(self, message: str, got: int, expected: int) -> None:
        super().__init__(message)
        self.got, self.expected = got, expected


class Slicer:
    """Searches of one crawl. ``harvest`` is told of every page that holds rows of a slice."""

    def __init__(self, spider: InlineSpider, harvest: Callable[[Response], object]) -> None:
        self._spider, self._harvest = spider, harvest

    async def count(self, question: Slice, *, fresh: bool = False) -> dict[str, int]:
        """Rows by group, exactly. Raises Unanswered, BadPageError."""
        answer, _ = await self._spider.post(asking.COUNT, question.count_body(), resumable=not fresh)
        return asking.counts(answer)

    async def fetch(self, question: Slice, counts: dict[str, int] | None = None) -> tuple[int, int, list[str]]:
        """All rows of a slice: (expected, got, what went wrong). Raises BadPageError where a filter was ignored."""
        expected = got = 0
        wrong: list[str] = []
        waiting = [(question, counts)]
        while waiting:
            if self._spider.silence >= _SILENCE:
                wrong.append(f"{question}: given up with {len(waiting)} parts left, the service does not answer")
                return expected + 1, got, wrong
            one, known = waiting.pop()
            try:
                known = known if known is not None else await self.count(one)
                total = sum(known.values())
                parts = one.narrower(known) if total > search.PAGE_ROWS else []
                if parts:
                    waiting += [(part, None) for part in reversed(parts)]
                    continue
                found, total = await self._whole(one, total)
            except Incomplete as problem:
                wrong.append(str(problem))
                found, total = problem.got, problem.expected
            except Unanswered as problem:
                wrong.append(f"{one}: {problem}")
                found, total = 0, max(1, sum((known or {}).values()))
            expected, got = expected + total, got + found
        return expected, got, wrong

    async def _whole(self, one: Slice, total: int) -> tuple[int, int]:
        """(got, expected) of a slice that cannot or need not be narrowed. Raises Incomplete, Unanswered."""
        if total == 0:
            return 0, 0
        if total > search.PAGE_ROWS:
            return await self._paged(one, total)
        got = -1
        for attempt in range(_TRIES):
            response, page = await self._page(one, 1, fresh=attempt > 0)
            got = len(page["results"])
            if got == total and not page["page_metadata"]["hasNext"]:
                self._harvest(response)  # one page cannot overlap itself: as many rows as counted are the rows
                return got, total
            total = sum((await self.count(one, fresh=True)).values())
            if total > search.PAGE_ROWS:
                return await self._paged(one, total)
        raise Incomplete(f"{one}: a page of {got} rows where {total} are counted", max(got, 0), total)

    async def _paged(self, one: Slice, total: int) -> tuple[int, int]:
        """Several pages, in one order after the other until as many different rows are seen as are counted."""
        union: Rows = Counter()
        for sort, order in asking.PASSES:
            seen = await self._pass(one, sort, order)
            # a row twice on one page is there twice; a row on two pages may be one that changed places
            union |= seen
            if union.total() == total:
                return total, total
            total = sum((await self.count(one, fresh=True)).values())  # it may have changed under our hands
            if union.total() == total:
                return total, total
        raise Incomplete(f"{one}: {union.total()} different rows after {len(asking.PASSES)} readings, {total} counted",
                         union.total(), total)

    async def _pass(self, one: Slice, sort: str, order: str) -> Rows:
        seen: Rows = Counter()
        for number in range(1, _DEEPEST + 1):
            try:
                response, page = await self._page(one, number, sort=sort, order=order)
            except Unanswered as problem:
                if problem.status != 422:  # 422: too deep; what was read stands, the count tells what is missing
                    raise
                return seen
            seen |= Counter(search.identity(row) for row in page["results"])
            if page["results"]:
                self._harvest(response)
            if not page["page_metadata"]["hasNext"]:
                return seen
        return seen

    async def _page(
        self, one: Slice, number: int, *, sort: str = "Award ID", order: str = "asc", fresh: bool = False
    ) -> tuple[Response, dict[str, Any]]:
        body = one.page_body(number, sort, order)
        _, response = await self._spider.post(asking.SEARCH, body, resumable=not fresh)
        return response, search.page(response.body, str(one))
