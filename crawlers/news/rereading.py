"""What a capture of the news source is, told from the archive alone: for replay, and for an archive handed over.

Belongs here: parser and hints of a capture. Does not belong here: the live crawl's own knowledge (``store``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from scrapy.http import Response

from crawlers.archive import Capture, EvidenceArchive
from crawlers.news import feeds, sitemaps
from crawlers.news.items import Item, merged
from crawlers.news.outlets import outlets
from crawlers.news.sourcing import tidied
from crawlers.parsing import ParseContext, ParseError
from crawlers.verdicts import looks_html

PAGES: Final = "news_article"
FEEDS: Final = "news_feed"
SITEMAPS: Final = "news_sitemap"
PAGE_TYPES: Final = ("text/html", "application/xhtml+xml")
FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml",
                     "text/xml", "text/plain", "application/gzip", "application/x-gzip", "application/octet-stream",
                     "binary/octet-stream", "application/xhtml+xml")
_HEAD: Final = 4096


def charset_of(response: Response) -> str | None:
    """The charset that the Content-Type header states."""
    told = response.headers.get("Content-Type")
    return charset(told.decode("latin-1")) if told else None


def charset(content_type: str) -> str | None:
    """The charset parameter of a Content-Type."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'")[:40]
    return None


def reread(archive: EvidenceArchive, captures: Iterable[Capture]) -> Iterator[tuple[Capture, str, dict[str, Any]]]:
    """Every good capture with its parser and hints: first what announces, then articles with what was announced."""
    announced: dict[str, tuple[Item, str]] = {}
    pages: list[tuple[Capture, dict[str, Any]]] = []
    for capture in captures:
        if capture.verdict != "ok" or capture.uri.endswith("/robots.txt"):
            continue
        hints = _hints(archive, capture)
        with archive.payload(capture) as payload:
            head = payload.read(_HEAD)
        if looks_html(head) or capture.media_type in PAGE_TYPES:
            pages.append((capture, hints))
            continue
        parser, items = _announcing(archive, capture, hints)
        if parser is not None:
            by = "feed" if parser == FEEDS else "sitemap"
            for item in items:
                url = tidied(item.url)
                announced[url] = merged(announced.get(url), (item, by))
            yield capture, parser, hints
    for capture, hints in pages:
        yield capture, PAGES, hints | _told(announced.get(tidied(capture.uri)))


def _hints(archive: EvidenceArchive, capture: Capture) -> dict[str, Any]:
    _, headers = archive.response(capture)
    stated = {name.lower(): value for name, value in headers}
    outlet = outlets().of(capture.uri)
    found = {"outlet": outlet.id if outlet else None, "charset": charset(stated.get("content-type", "")),
             "last_modified": stated.get("last-modified")}
    return {name: value for name, value in found.items() if value}


def _announcing(archive: EvidenceArchive, capture: Capture, hints: dict[str, Any]) -> tuple[str | None, list[Item]]:
    with archive.payload(capture) as payload:
        data = payload.read(sitemaps.MAX_BYTES)
    for parser in (SITEMAPS, FEEDS):
        context = ParseContext(capture_id=capture.capture_id, source=capture.source, url=capture.uri, hints=hints,
                               as_of=capture.fetched_at.date())
        try:
            if parser == SITEMAPS:
                found = sitemaps.read(io.BytesIO(data), context).news
                return (parser if found else None), found
            return parser, feeds.items(io.BytesIO(data), context)
        except ParseError:  # the other format, or neither: then it announced nothing
            continue
    return None, []


def _told(announced: tuple[Item, str] | None) -> dict[str, Any]:
    if announced is None:
        return {}
    item, by = announced
    found = {"found_by": by, "title": item.title, "language": item.language,
             "published": item.published_at.isoformat() if item.published_at else None,
             "updated": item.updated_at.isoformat() if item.updated_at else None}
    return {name: value for name, value in found.items() if value}
