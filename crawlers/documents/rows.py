"""Parsers of files that are documents: attachments of notices, and what a city hands in; each into a DOCUMENT row.

Belongs here: from an archived file through the sandbox to a row of the lake. Does not belong here: reading formats
(extract), what is fetched (spiders) or handed in (crawlers.importing).

A file that cannot be read whole makes no row: half a text may say the opposite of the whole. Its verdict and reason
are reported, the bytes stay in the archive.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.documents.extract import extract
from crawlers.documents.types import DocumentLimits, Extracted, plain
from crawlers.parsing import ParseContext, ParseError
from records.ids import digest
from records.published import DOCUMENT

ATTACHMENT_PARSER: Final = "attachment"
HANDED_IN_PARSER: Final = "handed_in_document"
KINDS: Final = ("city", "report", "attachment", "filing")
_DO: Final = {
    "encrypted": "Ask the publisher for a copy without a password",
    "corrupt": "Get it again from its publisher",
    "too_many_pages": "Split it into parts",
    "too_large": "Split it into parts",
    "nested_archive": "Unpack the inner archive and hand in what is in it",
    "unsupported": "Save it as PDF, DOCX, XLSX, HTML or text",
    "no_text": "It is a scan: run text recognition (OCR) over it and hand in the result",
}


class UnreadableDocumentError(ParseError):
    """A document that is not read, with its verdict (docs/documents.md)."""


def parse_attachment(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The 'document' row of a notice's attachment; one that cannot be read is a warning with its verdict.

    Hints: ``notice`` (its id), ``filename``, ``media_type``, ``published`` (ISO), ``publisher``.
    """
    found = _read(payload, context)
    if not found.ok:
        context.report(f"attachment_{found.verdict}", f"not read: {found.reason()}. {_DO[found.verdict]}",
                       where=f"attachment '{_name(context)}' of notice {context.hints.get('notice')}")
        return
    yield from _row(found, "attachment", str(context.hints.get("notice") or context.url), context)


def parse_handed_in(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The 'document' row of a file that somebody handed in. Raises UnreadableDocumentError naming the verdict.

    Hints: ``kind`` (one of KINDS), ``filename``, ``record`` (what it belongs to: an address, a notice's id),
    ``published`` (ISO), ``publisher``, ``title``.
    """
    found = _read(payload, context)
    if not found.ok:
        raise UnreadableDocumentError(f"is {found.verdict.replace('_', ' ')}: {found.reason()}", where=_name(context),
                                      do=_DO[found.verdict])
    yield from _row(found, str(context.hints["kind"]), str(context.hints.get("record") or context.url), context)


def _read(payload: BinaryIO, context: ParseContext) -> Extracted:
    """The file's text by the sandbox, with what its readers noted reported."""
    limits = DocumentLimits()
    with tempfile.NamedTemporaryFile(dir=context.folder) as file:
        shutil.copyfileobj(payload, file, 1 << 20)
        file.flush()
        found = extract(Path(file.name), context.hints.get("media_type"), _name(context), limits)
    for note in found.notes:
        if note.kind != found.verdict:
            context.report(f"document_{note.kind}", note.message, where=_name(context), severity="note")
    return found


def _row(found: Extracted, kind: str, record: str, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    row: dict[str, Any] = dict.fromkeys(DOCUMENT.names)
    published = _moment(context.hints.get("published"))
    locator = f"file:{found.format}"
    row.update(
        document_id=digest(context.capture_id, locator, record), kind=kind, record_key=record, url=context.url,
        publisher=context.hints.get("publisher"), title=context.hints.get("title") or _name(context),
        authors_organisations=[], published_at=published, published_from="structured" if published else None,
        access="full", text=found.text, text_sha256=found.text_sha256, segments=found.segment_rows(),
        source=context.source, capture_id=context.capture_id, locator=locator,
    )
    context.read["document"] += 1
    yield "document", pa.RecordBatch.from_pylist([row], schema=DOCUMENT)


def _name(context: ParseContext) -> str:
    return plain(str(context.hints.get("filename") or context.url.partition("?")[0].rpartition("/")[2]), 200)


def _moment(said: Any) -> datetime | None:
    """An ISO day or moment; None for anything else."""
    try:
        found = datetime.fromisoformat(str(said or ""))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
