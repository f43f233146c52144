"""One notice's values, whatever the source, into a NOTICE row and its DOCUMENT row.

Belongs here: what a row means (type, request, procurement, agency, version). Does not belong here: any source's
format (bulk, api), the order of versions across files (settle).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pyarrow as pa

from crawlers.parsing import ParseContext, printable
from crawlers.sam import values
from crawlers.sam.agency import Notice, Told, resolve
from crawlers.sam.columns import OTHER, notice_type
from crawlers.sam.departments import department_code
from crawlers.sam.mapped import Mapped
from crawlers.sam.procurement import procurement_key
from crawlers.sam.rfi import request_words
from crawlers.sam.texts import readable, without_contacts
from records.ids import digest
from records.published import DOCUMENT, NOTICE

BATCH_ROWS: Final = 2_000
MAX_TITLE: Final = 2_000
CUT_CHARS: Final = 32_000  # the bulk file cuts descriptions there
_ID: Final = re.compile(r"[0-9a-fA-F]{32}")
_FACTS: Final = (
    "type", "base_type", "title", "solicitation_id", "department_code", "subtier_code", "office", "psc_code",
    "naics_code", "set_aside", "response_due", "award_number", "award_date", "award_amount", "awardee",
)
T = TypeVar("T")


@dataclass(kw_only=True)
class Raw:
    """A notice as a source gives it: text of every value, None where the source has no such column.

    ``contacts`` are names of persons (taken out of the text), ``mails`` their addresses (only the domain is read).
    """

    notice_id: str
    locator: str
    title: str | None = None
    solicitation: str | None = None
    department: str | None = None
    department_code: str | None = None
    subtier: str | None = None
    subtier_code: str | None = None
    office: str | None = None
    office_code: str | None = None
    posted: str | None = None
    type: str | None = None
    base_type: str | None = None
    set_aside: str | None = None
    response_due: str | None = None
    naics: str | None = None
    psc: str | None = None
    state: str | None = None
    city: str | None = None
    country: str | None = None
    active: str | None = None
    award_number: str | None = None
    award_date: str | None = None
    award_amount: str | None = None
    awardee: str | None = None
    link: str | None = None
    text: Mapped | None = None
    contacts: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


def row_of(raw: Raw, context: ParseContext, where: str, number: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The NOTICE row and, where there is a text, the DOCUMENT row. Faulty values are reported and left empty.

    Raises ValueError for a notice id that is none: such a row is no notice.
    """
    if not _ID.fullmatch(raw.notice_id):
        raise ValueError(f"notice id '{printable(raw.notice_id, 40)}' is not 32 hexadecimal digits")
    reader = _Reader(context, where, number)
    kind = _kind(raw, reader)
    contacts = [name for name in raw.contacts if name]
    title = _title(raw.title, contacts, reader)
    text = readable(raw.text, contacts) if raw.text is not None else None
    body = text.text if text else None
    told = _agency(raw, title)
    words = request_words(kind, title, raw.solicitation, body)
    document_id = digest(context.capture_id, raw.locator) if body else None
    notice: dict[str, Any] = {
        "notice_id": raw.notice_id.lower(), "type": kind, "base_type": _base(raw.base_type),
        "procurement_key": procurement_key(raw.notice_id.lower(), raw.solicitation, raw.department, raw.department_code,
                                           naics=raw.naics, title=title),
        "amendment": None, "request_for_information": words is not None, "request_words": words, "title": title,
        "solicitation_id": _clean(raw.solicitation), "department": _clean(raw.department),
        "department_code": _code(raw), "subtier_code": _clean(raw.subtier_code), "subtier": _clean(raw.subtier),
        "office": _clean(raw.office), "agency_id": told.agency_id, "agency_how": told.how if told.agency_id else None,
        "agency_words": told.words if told.agency_id else None,
        "agency_certain": told.certain if told.agency_id else None,
        "posted_at": reader.read("PostedDate", raw.posted, values.moment),
        "response_due": reader.read("ResponseDeadLine", raw.response_due, lambda t: values.moment(t, due=True)),
        "psc_code": _clean(raw.psc), "naics_code": _clean(raw.naics), "set_aside": _clean(raw.set_aside),
        "place_state": _clean(raw.state), "place_city": _clean(raw.city), "place_country": _clean(raw.country),
        "active": reader.read("Active", raw.active, values.flag), "award_number": _clean(raw.award_number),
        "award_date": reader.read("AwardDate", raw.award_date, values.day),
        "award_amount": reader.read("Award$", raw.award_amount, values.amount), "awardee": _clean(raw.awardee),
        "link": _clean(raw.link), "document_id": document_id, "source": context.source,
        "capture_id": context.capture_id, "locator": raw.locator,
    }
    if values.lacks_zone(raw.response_due):
        context.report("no_zone", "has no time zone; read as Eastern", where=where, column="ResponseDeadLine",
                       rows=(number,), severity="note")
    notice["version_sha256"] = version(notice, body)
    if text is None or not body or document_id is None:
        return notice, None
    return notice, document(document_id, notice, text, context)


def document(document_id: str, notice: dict[str, Any], text: Mapped, context: ParseContext) -> dict[str, Any]:
    """A notice's text as a DOCUMENT row."""
    row: dict[str, Any] = dict.fromkeys(DOCUMENT.names)
    row.update(
        document_id=document_id, kind="notice", record_key=notice["notice_id"], url=notice["link"],
        publisher=notice["office"] or notice["subtier"] or notice["department"], title=notice["title"],
        authors_organisations=[], published_at=notice["posted_at"], published_from="structured", language="en",
        access="full", text=text.text, text_sha256=digest(text.text, length=64), segments=text.segments(),
        source=context.source, capture_id=context.capture_id, locator=notice["locator"],
    )
    return row


def version(notice: dict[str, Any], text: str | None) -> str:
    """SHA-256 over what the notice says: facts, day of posting, text."""
    posted = notice["posted_at"]
    parts = [None if notice[name] is None else str(notice[name]) for name in _FACTS]
    return digest(notice["notice_id"], posted.date().isoformat() if posted else None, *parts, text, length=64)


class Batches:
    """Gathers rows into record batches of bounded size, documents and notices side by side."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {"notice": [], "document": []}
        self._chars = 0

    def add(self, notice: dict[str, Any] | None, document: dict[str, Any] | None) -> None:
        """Take a row or two."""
        if notice is not None:
            self._rows["notice"].append(notice)
        if document is not None:
            self._rows["document"].append(document)
            self._chars += len(document["text"])

    def full(self) -> bool:
        """True when it is time to hand the rows on."""
        return self._chars > 8_000_000 or any(len(rows) >= BATCH_ROWS for rows in self._rows.values())

    def take(self) -> Iterable[tuple[str, pa.RecordBatch]]:
        """(table, batch) pairs of what was gathered; empties it."""
        schemas = {"notice": NOTICE, "document": DOCUMENT}
        found = [(table, pa.RecordBatch.from_pylist(rows, schema=schemas[table]))
                 for table, rows in self._rows.items() if rows]
        self._rows = {"notice": [], "document": []}
        self._chars = 0
        return found


class _Reader:
    """Reads single values and reports the faulty ones."""

    def __init__(self, context: ParseContext, where: str, number: int) -> None:
        self._context, self._where, self.number = context, where, number

    def read(self, column: str, text: str | None, how: Callable[[str | None], T | None]) -> T | None:
        """The value, None when it is empty or faulty."""
        try:
            return how(text)
        except (ValueError, OverflowError) as problem:
            self.report("value", column, f"cannot be read ({printable(str(problem), 80)}); left empty")
            return None

    def report(self, kind: str, column: str, message: str) -> None:
        """Note a fault of this row."""
        self._context.report(kind, message, where=self._where, column=column, rows=(self.number,))


def _kind(raw: Raw, reader: _Reader) -> str:
    kind = notice_type(raw.type)
    if kind == OTHER and raw.type:
        reader.report("type", "Type", f"'{printable(raw.type, 60)}' is no type this program knows; kept as 'other'")
    return kind


def _title(title: str | None, contacts: list[str], reader: _Reader) -> str | None:
    if title and len(title) > MAX_TITLE:
        reader.report("length", "Title", f"is longer than {MAX_TITLE:,} characters; cut there")
        title = title[:MAX_TITLE]
    return without_contacts(title, contacts)


def _agency(raw: Raw, title: str | None) -> Told:
    return resolve(Notice(
        department=raw.department, department_code=raw.department_code, subtier_code=raw.subtier_code,
        subtier=raw.subtier, office=raw.office, office_code=raw.office_code, solicitation=raw.solicitation,
        award_number=raw.award_number, mails=" ".join(raw.mails), title=title,
        text=raw.text.text if raw.text is not None else None,
    ))


def _base(text: str | None) -> str | None:
    return notice_type(text) if text and text.strip() else None


def _code(raw: Raw) -> str | None:
    found = department_code(raw.department_code, raw.department)
    return found if found and found.isdigit() else None


def _clean(text: str | None) -> str | None:
    value = " ".join(text.replace("\0", " ").split()) if text else ""
    return value or None
