"""RSS (0.9 to 2.0), RDF and Atom feeds to items, by feedparser behind the XML guard.

Belongs here: what a feed's fields mean. Does not belong here: which feeds there are (``outlets``), fetching.

Feeds lie: guids that are no addresses, http links of https-only hosts, dates of 1970 or of tomorrow. An item without
an address is counted and left out; a date that cannot be is left out, the item stays.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO, Final
from urllib.parse import urljoin

import feedparser

from crawlers.news import dates
from crawlers.news.items import MAX_SUMMARY, MAX_TITLE, Item, web_address
from crawlers.news.xmlguard import guarded
from crawlers.parsing import NotDataError, ParseContext, printable

MAX_ITEMS: Final = 5000
_MARKUP: Final = re.compile(r"<[^>]*+>")
# Fields of a feed that say nothing of an article, or name persons (author, contributor): read by nobody.
_HREF: Final = ("link", "id")


def items(payload: BinaryIO, context: ParseContext) -> list[Item]:
    """The feed's items, in its order, each address once. Raises ParseError."""
    where = context.url or "feed"
    data = guarded(payload, where, context.hints.get("charset"))
    read = feedparser.parse(io.BytesIO(data), response_headers={"content-type": "application/xml; charset=utf-8"},
                            resolve_relative_uris=False)
    if not read.get("version") and not read.entries:
        reason = str(read.get("bozo_exception", "no feed element"))
        raise NotDataError(f"no RSS or Atom feed ({printable(reason, 120)})", where=where,
                           do="Look at the capture; correct the address in outlets.yaml")
    if read.get("bozo"):
        context.report("not_well_formed", f"not well-formed, read as far as it goes: "
                       f"{printable(str(read.get('bozo_exception')), 120)}", where=where, severity="note")
    if len(read.entries) > MAX_ITEMS:
        context.report("many_items", f"{len(read.entries):,} items; those after {MAX_ITEMS:,} are not read",
                       where=where)
    language = _language(read.feed.get("language"))
    found: dict[str, Item] = {}
    for number, entry in enumerate(read.entries[:MAX_ITEMS], start=1):
        item = _item(entry, number, language, context)
        if item is not None and item.published_at is None and not read.get("version", "").startswith("atom"):
            item = replace(item, published_at=item.updated_at)  # dc:date, which RSS uses for the publication
        if item is None:
            context.report("no_address", "items without a web address are left out", where=where, rows=(number,))
        else:
            found.setdefault(item.url, item)
    return list(found.values())


def _item(entry: Any, number: int, language: str | None, context: ParseContext) -> Item | None:
    url = next((made for name in _HREF if web_address(made := _address(entry.get(name), context.url))), None)
    if url is None:
        return None
    return Item(
        url=url, title=_plain(entry.get("title"), MAX_TITLE, "title", context), place=f"xml:item[{number}]",
        summary=_plain(entry.get("summary"), MAX_SUMMARY, "summary", None),
        keywords=tuple(_plain(tag.get("term"), 100, "", None) for tag in entry.get("tags", [])[:30] if tag.get("term")),
        published_at=_date(entry, ("published", "created", "issued"), context),
        updated_at=_date(entry, ("updated",), context), language=language,
    )


def _address(value: object, base: str) -> str:
    text = str(value or "").strip()
    if not text or text.startswith(("urn:", "tag:")):
        return ""
    try:
        return urljoin(base, text) if text.startswith(("/", "http://", "https://")) else text
    except ValueError:
        return ""


def _date(entry: Any, names: tuple[str, ...], context: ParseContext) -> datetime | None:
    for name in names:
        if name not in entry:  # feedparser would give another date for it
            continue
        stated = entry.get(name)
        moment = dates.parse(stated)
        if moment is None and entry.get(f"{name}_parsed"):
            moment = dates.parse("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*entry[f"{name}_parsed"][:6]))
        if moment is None:
            continue
        if dates.believable(moment, context.as_of):
            return moment
        context.report("impossible_date", f"dates before 1990 or after the capture are left out ({stated})",
                       where=context.url, column=name, severity="note")
    return None


def _plain(value: object, limit: int, column: str, context: ParseContext | None) -> str:
    """Without mark-up and needless space. A title beyond the limit is cut, which is reported."""
    text = " ".join(html.unescape(_MARKUP.sub(" ", str(value or "")[: 50 * limit])).split())
    if len(text) > limit and context is not None:
        context.report("cut", f"longer than {limit:,} characters: cut", where=context.url, column=column)
    return text[:limit]


def _language(stated: object) -> str | None:
    text = str(stated or "").strip().lower()[:2]
    return text if len(text) == 2 and text.isalpha() else None
