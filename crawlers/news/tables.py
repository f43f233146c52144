"""The parsers of what announces articles: feeds, sitemaps and GDELT answers as rows of ``lead``.

Belongs here: items to rows. Does not belong here: the formats (``feeds``, ``sitemaps``, ``gdelt``). Apart from them so
that a crawl, which reads items only, starts without pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

import pyarrow as pa

from crawlers.news import feeds, gate, gdelt, sitemaps
from crawlers.news.items import Item
from crawlers.parsing import ParseContext
from records.ids import digest
from records.published import LEAD

Rows = Iterator[tuple[str, pa.RecordBatch]]


def feed(payload: BinaryIO, context: ParseContext) -> Rows:
    """An RSS or Atom feed. Raises ParseError for what is no feed or a hostile one."""
    yield from _rows(feeds.items(payload, context), context, "feed")


def sitemap(payload: BinaryIO, context: ParseContext) -> Rows:
    """A news sitemap; an index has no rows. Raises ParseError for what is no sitemap or a hostile one."""
    yield from _rows(sitemaps.read(payload, context).news, context, "sitemap")


def gdelt_articles(payload: BinaryIO, context: ParseContext) -> Rows:
    """An answer of GDELT. Raises GdeltRefusal for an error in words, BadPageError for what is no answer."""
    yield from _rows(gdelt.items(payload, context), context, "gdelt", query=gdelt.query_of(context.url), told=True)


def _rows(
    items: Iterable[Item], context: ParseContext, found_by: str, *, query: str | None = None, told: bool = False
) -> Rows:
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
