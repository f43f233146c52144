"""What feeds, sitemaps and GDELT tell of an article before it is fetched, and the lake rows of it.

Belongs here: the Item and its row in table ``lead``. Does not belong here: any format, the gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import pyarrow as pa

from crawlers.news import gate
from crawlers.parsing import ParseContext
from records.ids import digest
from records.published import LEAD

MAX_TITLE: Final = 1000
MAX_SUMMARY: Final = 4000
MAX_URL: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article as it is announced. ``place`` is the locator within the capture."""

    url: str
    title: str
    place: str
    summary: str = ""
    keywords: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    country: str | None = None
    seen_at: datetime | None = None

    @property
    def said(self) -> str:
        """Everything the gate may look at."""
        return " \n ".join((self.title, self.summary, *self.keywords))


def web_address(url: str) -> bool:
    """True for an address that a news item may have; feeds also carry file:, javascript: and ids."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MAX_URL
    except ValueError:
        return False


def rows(
    items: Iterable[Item], context: ParseContext, found_by: str, *, query: str | None = None, told: bool = False
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The items as rows of ``lead``. ``told``: the question that found them is gate enough. ``hints``: outlet."""
    outlet = context.hints.get("outlet")
    made = []
    for item in items:
        passed = gate.passes(item.said, outlet)
        made.append({
            "lead_id": "l" + digest(context.capture_id, item.place), "url": item.url, "title": item.title,
            "summary": item.summary or None, "keywords": list(item.keywords), "published_at": item.published_at,
            "updated_at": item.updated_at, "seen_at": item.seen_at, "language": item.language,
            "country": item.country, "domain": (urlsplit(item.url).hostname or "").removeprefix("www."),
            "found_by": found_by, "outlet_id": outlet, "query_id": query, "passed": told or passed is not None,
            "words": list(passed or ()), "source": context.source, "capture_id": context.capture_id,
            "locator": item.place,
        })
    context.read["lead"] += len(made)
    if made:
        yield "lead", pa.RecordBatch.from_pylist(made, schema=LEAD)
