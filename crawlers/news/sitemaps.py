"""News sitemaps and sitemap indexes (sitemaps.org; Google's news namespace) to items and further sitemaps.

Belongs here: their XML, read by namespace whatever the prefix. Does not belong here: following an index (the spider
does, each sitemap once, so that an index that includes itself ends).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Final

from lxml import etree

from crawlers.news import dates
from crawlers.news.items import MAX_TITLE, Item, web_address
from crawlers.news.xmlguard import guarded
from crawlers.parsing import NotDataError, ParseContext, printable

MAX_BYTES: Final = 50 << 20  # the protocol's own limits: 50 MB unpacked, 50,000 addresses
MAX_ENTRIES: Final = 50_000
MAX_CHILDREN: Final = 500
_MAP: Final = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_OLD: Final = "{http://www.google.com/schemas/sitemap/0.84}"
_NEWS: Final = "{http://www.google.com/schemas/sitemap-news/0.9}"


@dataclass
class Sitemap:
    """``news`` are articles (urlset); ``children`` are (address, lastmod) of further sitemaps (sitemapindex)."""

    news: list[Item] = field(default_factory=list)
    children: list[tuple[str, datetime | None]] = field(default_factory=list)


def read(payload: BinaryIO, context: ParseContext) -> Sitemap:
    """The sitemap's articles and children, each address once. Raises ParseError."""
    where = context.url or "sitemap"
    data = guarded(payload, where, context.hints.get("charset"), MAX_BYTES)
    made, known, seen = Sitemap(), False, set[str]()
    try:
        for event, node in etree.iterparse(io.BytesIO(data), events=("start", "end"), resolve_entities=False,
                                           no_network=True, load_dtd=False, huge_tree=False, recover=False):
            name = str(node.tag).replace(_OLD, _MAP).removeprefix(_MAP)
            if event == "start":
                known = known or name in ("urlset", "sitemapindex")
                continue
            if name == "url":
                _article(node, made, seen, context)
            elif name == "sitemap":
                _child(node, made, seen, context)
            else:
                continue
            node.clear()
            if len(seen) >= MAX_ENTRIES:
                context.report("many_entries", f"more than {MAX_ENTRIES:,} entries; the rest is not read", where=where)
                break
    except etree.XMLSyntaxError as problem:
        if not made.news and not made.children:
            raise NotDataError(f"no well-formed XML ({printable(str(problem), 120)})", where=where,
                               do="Look at the capture; correct the address in outlets.yaml") from None
        context.report("not_well_formed", f"breaks off: {printable(str(problem), 120)}", where=where)
    if not known:
        raise NotDataError("no urlset and no sitemapindex", where=where, do="Correct the address in outlets.yaml")
    return made


def _article(node: Any, made: Sitemap, seen: set[str], context: ParseContext) -> None:
    url = _text(node, "loc")
    place = f"xml:url[{len(seen) + 1}]"
    if not web_address(url):
        context.report("no_address", "entries without a web address are left out", where=context.url)
        return
    if url in seen:
        return
    seen.add(url)
    news = node.find(f"{_NEWS}news")
    if news is None:  # an ordinary sitemap: no title, so only the address can speak for it
        made.news.append(Item(url=url, title=_slug(url), place=place,
                              updated_at=_date(_text(node, "lastmod"), "lastmod", context)))
        return
    title = " ".join((news.findtext(f"{_NEWS}title") or "").split())
    keywords = news.findtext(f"{_NEWS}keywords") or ""
    language = (news.findtext(f"{_NEWS}publication/{_NEWS}language") or "").strip().lower()
    if len(title) > MAX_TITLE:
        context.report("cut", f"longer than {MAX_TITLE:,} characters: cut", where=context.url, column="title")
    made.news.append(Item(
        url=url, title=title[:MAX_TITLE] or _slug(url), place=place,
        keywords=tuple(" ".join(word.split())[:100] for word in keywords.split(",")[:30] if word.strip()),
        published_at=_date(news.findtext(f"{_NEWS}publication_date"), "publication_date", context),
        updated_at=_date(_text(node, "lastmod"), "lastmod", context),
        language=language[:2] if language[:2].isalpha() and len(language) >= 2 else None,
    ))


def _child(node: Any, made: Sitemap, seen: set[str], context: ParseContext) -> None:
    url = _text(node, "loc")
    if not web_address(url) or url in seen:
        return
    if len(made.children) >= MAX_CHILDREN:
        context.report("many_children", f"more than {MAX_CHILDREN} sitemaps in an index; the newest are followed",
                       where=context.url, severity="note")
        return
    seen.add(url)
    made.children.append((url, dates.parse(_text(node, "lastmod"))))


def _text(node: Any, name: str) -> str:
    for space in (_MAP, _OLD, ""):
        found = node.findtext(f"{space}{name}")
        if found and found.strip():
            return str(found).strip()
    return ""


def _date(stated: str | None, column: str, context: ParseContext) -> datetime | None:
    moment = dates.parse(stated)
    if moment is not None and not dates.believable(moment, context.as_of):
        context.report("impossible_date", f"dates before 1990 or after the capture are left out ({stated})",
                       where=context.url, column=column, severity="note")
        return None
    return moment


def _slug(url: str) -> str:
    """The words of an address: all that an ordinary sitemap says of a page."""
    last = url.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition(".")
    return " ".join((last[0] or last[2]).replace("_", "-").split("-"))[:MAX_TITLE]
