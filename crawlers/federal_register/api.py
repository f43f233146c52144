"""The parser of result pages of ``/api/v1/documents.json``: title and abstract of each document, with its metadata.

Belongs here: that shape. Does not belong here: full texts (fulltext), asking (crawlers.spiders.federal_register).
A page's document has access ``teaser``: the abstract is not the whole. Its key is the document number, which the full
text carries too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.federal_register.agencies import agency_of
from crawlers.federal_register.forms import form
from crawlers.parsing import BadPageError, ParseContext, printable
from crawlers.sam.api import MAX_PAGE_BYTES
from crawlers.sam.jsontext import Places, page
from crawlers.sam.mapped import Mapped, Run
from crawlers.sam.texts import readable
from records.ids import digest
from records.published import DOCUMENT

FIELDS: Final = ("document_number", "title", "type", "action", "abstract", "publication_date", "agencies", "docket_ids",
                 "html_url", "pdf_url", "raw_text_url", "comments_close_on")
NUMBER: Final = re.compile(r"[A-Z]{0,2}\d{0,4}-\d{1,6}(?:-\d{1,6})?|[A-Z]\d-\d{4}-\d{1,6}")
_READ: Final = frozenset({"document_number", "title", "type", "action", "abstract", "publication_date", "agencies",
                          "html_url"})
_IGNORED: Final = frozenset({"docket_ids", "pdf_url", "raw_text_url", "comments_close_on", "excerpts",
                             "public_inspection_pdf_url", "full_text_xml_url", "json_url"})
_AGAIN: Final = "The service answered with something else than documented; ask again later"


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'document' rows of one result page; none for zero hits. Raises BadPageError."""
    raw = payload.read(MAX_PAGE_BYTES + 1)
    if len(raw) > MAX_PAGE_BYTES:
        raise BadPageError(f"is larger than {MAX_PAGE_BYTES >> 20} MB", where="page", do="Ask for fewer a page")
    found = page(raw, "page")
    results = found.get("results")
    if results is None and found.get("count") == 0:
        return  # with zero hits the list is absent
    if not isinstance(results, list):
        raise BadPageError(f"has no list results, but {printable(', '.join(found), 80)}", where="page", do=_AGAIN)
    rows, places = [], Places(raw, ("title", "abstract"))
    for number, item in enumerate(results):
        try:
            rows.append(_row(item, number, places, context))
        except ValueError as problem:
            context.report("row", f"is no document and was not read: {problem}", where="page", rows=(number + 1,),
                           severity="error")
    context.read["document"] += len(results)
    if rows:
        yield "document", pa.RecordBatch.from_pylist(rows, schema=DOCUMENT)


def _row(item: Any, number: int, places: Places, context: ParseContext) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError(f"is a {type(item).__name__}, not an object")
    for name in item:
        if name not in _READ and name not in _IGNORED:
            context.report("unknown_field", "is not a field this program asked for; it was not read", where="page",
                           column=printable(name), rows=(number + 1,))
    key = str(item.get("document_number") or "")
    if not NUMBER.fullmatch(key):
        raise ValueError(f"document number '{printable(key, 40)}' has no known form")
    published = _day(item.get("publication_date"), number, context)
    title, abstract = _text(item.get("title")), _text(item.get("abstract"))
    text = _joined(places, item.get("title"), item.get("abstract"))
    names = [(one.get("slug"), str(one.get("name") or one.get("raw_name") or ""))
             for one in item.get("agencies") or () if isinstance(one, dict)]
    row: dict[str, Any] = dict.fromkeys(DOCUMENT.names)
    locator = f"json:$.results[{number}]"
    row.update(
        document_id=digest(context.capture_id, locator), kind="federal_register", record_key=key,
        url=_text(item.get("html_url")), canonical_url=_text(item.get("html_url")),
        publisher=names[-1][1] if names else None, title=title,
        authors_organisations=[name for _, name in names if name],
        published_at=published, published_from="structured" if published else None, language="en", access="teaser",
        text=text.text, text_sha256=digest(text.text, length=64), segments=text.segments(),
        agency_id=agency_of(names, text.text),
        form=form(_text(item.get("type")), title, _text(item.get("action")), abstract),
        source=context.source, capture_id=context.capture_id, locator=locator,
    )
    return row


def _joined(places: Places, title: Any, abstract: Any) -> Mapped:
    """Title and abstract as one text, each leading back to its own place in the page."""
    parts = [readable(places.value(name, text)) for name, text in (("title", title), ("abstract", abstract))
             if isinstance(text, str) and text.strip()]
    text, runs = "", []
    for part in parts:
        text += "\n\n" if text else ""
        runs += [Run(run.start + len(text), run.end + len(text), run.byte_start, run.byte_end) for run in part.runs]
        text += part.text
    return Mapped(text, tuple(runs))


def _day(found: Any, number: int, context: ParseContext) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(str(found)), datetime.min.time(), UTC) if found else None
    except ValueError:
        context.report("value", f"'{printable(str(found), 40)}' is no date; left empty", where="page",
                       column="publication_date", rows=(number + 1,))
        return None


def _text(found: Any) -> str | None:
    return found.strip() or None if isinstance(found, str) else None
