"""Parsers of the Opportunities API: result pages (``opportunitiesData``) and descriptions (``noticedesc``).

Belongs here: those two shapes. Does not belong here: asking (crawlers.spiders.sam_api), what a row means (rows).
Source: GSA's documentation of Get Opportunities v2 and recorded answers (docs/sam.md).

A page's ``description`` is an address, so its notices have no text; the text comes as a capture of its own and is
joined by notice id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa

from crawlers.parsing import BadPageError, ParseContext, printable
from crawlers.sam.jsontext import Places, page
from crawlers.sam.rows import Batches, Raw, document, row_of
from crawlers.sam.texts import readable
from records.ids import digest

MAX_PAGE_BYTES: Final = 64 << 20
_AGAIN: Final = "The service answered with something else than documented; ask again later"
_READ: Final = frozenset({
    "noticeId", "title", "solicitationNumber", "fullParentPathName", "fullParentPathCode", "department", "subTier",
    "office", "postedDate", "type", "baseType", "typeOfSetAside", "typeOfSetAsideDescription", "responseDeadLine",
    "naicsCode", "classificationCode", "active", "award", "pointOfContact", "description", "placeOfPerformance",
    "uiLink",
})
# When it leaves the list, the office's own address, and links that the spider follows by itself.
_IGNORED: Final = frozenset({
    "archiveType", "archiveDate", "naicsCodes", "organizationType", "officeAddress", "additionalInfoLink", "links",
    "resourceLinks",
})


def parse_page(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'notice' rows of one result page. Raises BadPageError."""
    found = page(_bytes(payload), "page")
    items = found.get("opportunitiesData")
    if items is None and found.get("totalRecords") in (0, "0"):
        return
    if isinstance(items, dict):  # single-element lists have come as the element itself
        items = [items]
    if not isinstance(items, list):
        raise BadPageError(f"has no list opportunitiesData, but {printable(', '.join(found), 80)}", where="page",
                           do=_AGAIN)
    batches = Batches()
    for number, item in enumerate(items):
        try:
            if not isinstance(item, dict):
                raise ValueError(f"is a {type(item).__name__}, not an object")
            notice, _ = row_of(_raw(item, number, context), context, "page", number + 1)
        except ValueError as problem:
            context.report("row", f"is no notice and was not read: {problem}", where="page", rows=(number + 1,),
                           severity="error")
            continue
        batches.add(notice, None)
    context.read["notice"] += len(items)
    yield from batches.take()


def parse_text(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The 'document' row of a description. The notice's id stands in the address only. Raises BadPageError."""
    raw = _bytes(payload)
    found = page(raw, "noticedesc")
    text = found.get("description")
    ids = parse_qs(urlsplit(context.url).query).get("noticeid", [])
    if len(ids) != 1 or not re.fullmatch(r"[0-9a-fA-F]{32}", ids[0]):
        raise BadPageError(f"was not asked for one notice: {printable(context.url, 120)}", where="noticedesc",
                           do="Archive it with its address (.../noticedesc?noticeid=ID)")
    if not isinstance(text, str):
        raise BadPageError(f"has no description, but {printable(', '.join(found), 80)}", where="noticedesc", do=_AGAIN)
    kept = readable(Places(raw, ("description",)).value("description", text))
    if not kept.text:
        return
    locator = "json:$.description"
    notice = {"notice_id": ids[0].lower(), "link": context.url, "office": None, "subtier": None,
              "department": "SAM.gov", "title": None, "posted_at": None, "locator": locator}
    batches = Batches()
    row = document(digest(context.capture_id, locator), notice, kept, context)
    row["published_from"] = None
    batches.add(None, row)
    yield from batches.take()


class Poster(NamedTuple):
    """Who posted a notice."""

    department: str | None
    department_code: str | None
    subtier: str | None
    subtier_code: str | None
    office: str | None
    office_code: str | None


def organisation(item: dict[str, Any]) -> Poster:
    """Department, sub-tier and office with their codes, from the parent path ("070.7012.70CDCR") or older fields."""
    codes = str(item.get("fullParentPathCode") or "").split(".")
    names = str(item.get("fullParentPathName") or "").split(".", max(0, len(codes) - 1))
    code, name = (codes + [""] * 3)[:3], (names + [""] * 3)[:3]
    return Poster(
        department=name[0] or _text(item.get("department")), department_code=code[0] or None,
        subtier=name[1] or _text(item.get("subTier")), subtier_code=code[1] or None,
        office=name[2].strip("_ ") or _text(item.get("office")), office_code=code[2] or None,
    )


def _raw(item: dict[str, Any], number: int, context: ParseContext) -> Raw:
    for name in item:
        if name not in _READ and name not in _IGNORED:
            context.report("unknown_field", "is not a documented field; it was not read", where="page",
                           column=printable(name), rows=(number + 1,))
    place, award = _object(item.get("placeOfPerformance")), _object(item.get("award"))
    contacts, poster = _list(item.get("pointOfContact")), organisation(item)
    return Raw(
        notice_id=str(item.get("noticeId") or "").strip(), locator=f"json:$.opportunitiesData[{number}]",
        title=_text(item.get("title")), solicitation=_text(item.get("solicitationNumber")),
        posted=_text(item.get("postedDate")), type=_text(item.get("type")), base_type=_text(item.get("baseType")),
        set_aside=_text(item.get("typeOfSetAsideDescription")) or _text(item.get("typeOfSetAside")),
        response_due=_text(item.get("responseDeadLine")), naics=_text(item.get("naicsCode")),
        psc=_text(item.get("classificationCode")), active=_text(item.get("active")), link=_text(item.get("uiLink")),
        state=_code(place.get("state")), city=_name(place.get("city")), country=_code(place.get("country")),
        award_number=_text(award.get("number")), award_date=_text(award.get("date")),
        award_amount=_text(award.get("amount")), awardee=_text(_object(award.get("awardee")).get("name")),
        contacts=[_text(one.get("fullName") or one.get("fullname")) or "" for one in contacts],
        mails=[_text(one.get("email")) or "" for one in contacts],
        department=poster.department, department_code=poster.department_code, subtier=poster.subtier,
        subtier_code=poster.subtier_code, office=poster.office, office_code=poster.office_code,
    )


def _bytes(payload: BinaryIO) -> bytes:
    raw = payload.read(MAX_PAGE_BYTES + 1)
    if len(raw) > MAX_PAGE_BYTES:
        raise BadPageError(f"is larger than {MAX_PAGE_BYTES >> 20} MB", where="page", do="Ask for fewer records a page")
    return raw


def _text(found: Any) -> str | None:
    """A value as text; the API writes the word 'null' now and then."""
    text = str(found).strip() if isinstance(found, str | int | float) else ""
    return text if text and text.lower() != "null" else None


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _list(found: Any) -> list[dict[str, Any]]:
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, dict)]


def _code(found: Any) -> str | None:
    return _text(_object(found).get("code")) or _text(found)


def _name(found: Any) -> str | None:
    return _text(_object(found).get("name")) or _text(found)
