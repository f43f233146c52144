"""An article page to a row of ``document``: text with its bytes, title, dates with where they were stated, access.

Belongs here: putting together what page, feed and outlet say. Does not belong here: the single readings (modules
beside this one), which story an article belongs to (``fingerprint.stories``, over all documents).

``hints`` (from the spider): outlet, charset, published, updated, found_by (feed or sitemap), title, last_modified.
Every page that was fetched gives a row, however little it says: a paywall is recorded, not passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa
import trafilatura
from lxml import etree

from crawlers.news import dates
from crawlers.news.align import align
from crawlers.news.decoded import Decoded, decode
from crawlers.news.extract import access, text_of
from crawlers.news.fingerprint import fingerprint
from crawlers.news.metadata import Metadata, read
from crawlers.news.outlets import Outlet, outlets
from crawlers.parsing import ParseContext
from records.ids import digest
from records.published import DOCUMENT

LOCATOR: Final = "html:text"
MAX_BYTES: Final = 16 << 20  # an article page beyond this is an attack or no article
_MAX_TEXT: Final = 2 << 20
_UNSEEN: Final = frozenset({"script", "style", "noscript", "template", "head", "svg"})
_KINDS: Final = {"oversight": "report"}


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """One row of ``document``. A page that cannot be read at all is reported and gives none."""
    data = payload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        context.report("too_large", f"a page of more than {MAX_BYTES:,} bytes is no article; not read",
                       where=context.url)
        return
    page = decode(data, context.hints.get("charset"))
    tree = _tree(page)
    if tree is None:
        context.report("no_page", "no HTML that can be read", where=context.url)
        return
    if any("\udc80" <= c <= "\udcff" for c in page.text):
        context.report("encoding", f"bytes that are not {page.encoding} are read as U+FFFD", where=context.url,
                       severity="note")
    told = read(tree, context.url)
    visible = _visible(tree)
    text = text_of(tree, told)[:_MAX_TEXT]
    context.read["document"] += 1
    yield "document", pa.RecordBatch.from_pylist([_row(text, visible, told, page, context)], schema=DOCUMENT)


def _tree(page: Decoded) -> Any:
    try:
        tree = trafilatura.load_html(page.clean)
    except (ValueError, etree.LxmlError):
        return None
    return tree if tree is not None and len(tree) else None


def _visible(tree: Any) -> str:
    """All the text a reader may see, on one line, up to 20,000 characters."""
    parts: list[str] = []
    size = 0
    skipped: set[Any] = set()
    for node in tree.iter():
        if node.tag in _UNSEEN or node.getparent() in skipped or not isinstance(node.tag, str):
            skipped.add(node)
        elif node.text:
            parts.append(node.text)
        if node.tail and node.getparent() not in skipped:
            parts.append(node.tail)
        size += len(parts[-1]) if parts else 0
        if size > 100_000:
            break
    return " ".join(" ".join(parts).split())[:20_000]


def _row(text: str, visible: str, told: Metadata, page: Decoded, context: ParseContext) -> dict[str, Any]:
    hints = context.hints
    outlet = outlets().by_id.get(str(hints.get("outlet") or "")) or outlets().of(context.url)
    published, where = _published(told, context)
    updated = next((m for m in (told.updated, dates.parse(hints.get("updated"))) if dates.believable(m, context.as_of)),
                   None)
    canonical = told.canonical or context.url
    language = told.language or hints.get("language") or (outlet.language if outlet else None)
    return {
        "document_id": "d" + digest(context.capture_id, LOCATOR), "kind": _kind(outlet), "record_key": canonical,
        "url": context.url, "canonical_url": told.canonical,
        "publisher": outlet.name if outlet else told.publisher, "outlet_id": outlet.id if outlet else None,
        "reliability": outlet.reliability if outlet else "unrated",
        "title": told.title or (str(hints["title"])[:1000] if hints.get("title") else None),
        "authors_organisations": _organisations(told), "published_at": published, "published_from": where,
        "updated_at": updated, "language": language,
        "access": access(text, visible, told), "text": text, "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "fingerprint": fingerprint(text), "story_id": None,
        "segments": [segment._asdict() | {"page": None} for segment in align(text, page)],
        "source": context.source, "capture_id": context.capture_id, "locator": LOCATOR,
    }


def _kind(outlet: Outlet | None) -> str:
    return _KINDS.get(outlet.kind, "article") if outlet else "article"


def _organisations(told: Metadata) -> list[str]:
    """Organisations named as author; where none is, none: the publisher has a column of its own."""
    return [name for name in told.organisations if name != told.publisher] or (
        [told.publisher] if told.publisher and told.publisher in told.organisations else [])


def _published(told: Metadata, context: ParseContext) -> tuple[datetime | None, str | None]:
    """The publication date that is believed, and where it was stated."""
    hints = context.hints
    announced = str(hints.get("found_by") or "feed")
    stated: list[tuple[datetime | None, str]] = [
        (told.published, "structured"),
        (dates.parse(hints.get("published")), announced if announced in ("feed", "sitemap") else "feed"),
        (told.in_text, "text"), (dates.in_path(context.url), "text"),
        (dates.parse(hints.get("last_modified")), "header"),
    ]
    for moment, where in stated:
        if dates.believable(moment, context.as_of):
            return moment, where
        if moment is not None:
            context.report("impossible_date", f"a date before 1990 or after the capture ({moment:%Y-%m-%d}, {where}) "
                           "is not believed", where=context.url, column="published_at", severity="note")
    return None, None
