"""The parser of Exhibit 21: a page of subsidiaries as dated edges to the registrant, with places and shares.

Belongs here: rows of the lake from a listing, and where each name stands in the captured bytes. Does not belong here:
reading the page (page, columns, subsidiaries). Source: Regulation S-K Item 601(b)(21); its form is free.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.corporate import Rows, day, text
from crawlers.news.align import Segment, align
from crawlers.news.decoded import Decoded, decode
from crawlers.parsing import BombError, NotDataError, ParseContext, printable
from crawlers.sec.lists import cik_key
from crawlers.sec.page import MAX_BYTES, lines
from crawlers.sec.subsidiaries import Entry, Listing, read
from records.ids import words_key
from records.published import COMPANY_ALIAS, FAMILY_EDGE

_CIK: Final = re.compile(r"/data/(\d{1,10})/")
_NOTE_LENGTH: Final = 500
_UNREAD_SHOWN: Final = 20
_REFUSALS: Final = ("Request Rate Threshold Exceeded", "Undeclared Automated Tool")
_SAID_DAY: Final = re.compile(
    r"\b(?:as\s+of|at|as\s+at|ended)\s+(?:the\s+)?(January|February|March|April|May|June|July|August|September|October"
    r"|November|December)"
    r"\s+(\d{1,2}),?\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                  "november", "december")


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'family_edge' rows (child to registrant), and 'company_alias' rows of trade and former names.

    Hints: ``cik``, ``registrant``, ``report_date``, ``accession``, ``form``; without them the CIK comes from the
    address and the day from the page. Raises NotDataError for no exhibit, BombError beyond MAX_BYTES.
    """
    raw = payload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise BombError(f"is larger than {MAX_BYTES >> 20} MB", where="exhibit",
                        do="It is not read; look at it by hand")
    page = decode(raw)
    if any(mark in page.text[:5000] for mark in _REFUSALS):
        raise NotDataError("is a page of SEC's that refuses", where="exhibit", do="Fetch it again after ten minutes")
    parent_key, parent = _registrant(context)
    listing = read(lines(page.clean), parent)
    _report(listing, context)
    places = _places(page, listing)
    edges, aliases = Rows("family_edge", FAMILY_EDGE, context), Rows("company_alias", COMPANY_ALIAS, context)
    as_of = day(context.hints.get("report_date")) or _said_day(page.text, context.as_of)
    for number, entry in enumerate(listing.entries):
        child = text(entry.named.name) or entry.named.name
        key = f"name:{words_key(child)}"
        locator = places[number]
        edges.add(locator, child_key=key, child=child, parent_key=parent_key, parent=parent, control=entry.control,
                  jurisdiction=text(entry.place), ownership_percent=entry.percent, as_of=as_of,
                  note=_note(entry, listing))
        for name, kind in ((entry.trade, "dba"), (entry.named.former, "former")):
            if name and (said := text(name)):
                aliases.add(locator, company_key=key, name=said, kind=kind)
    yield from edges.take()
    yield from aliases.take()


def _registrant(context: ParseContext) -> tuple[str, str]:
    told = _CIK.search(context.url)
    key = cik_key(context.hints.get("cik")) or cik_key(told[1] if told else None)
    if key is None:
        raise NotDataError("does not say whose subsidiaries it lists", where="exhibit",
                           do="Archive it with its address (.../edgar/data/CIK/...) or give the CIK")
    return key, text(context.hints.get("registrant")) or key


def _note(entry: Entry, listing: Listing) -> str | None:
    """What the page says beside the row: the company it is listed under, the texts of its footnotes."""
    said = [f"listed under {entry.under}"] if entry.under else []
    said += [f"({mark}) {listing.notes[mark]}" for mark in dict.fromkeys(entry.marks) if mark in listing.notes]
    return text("; ".join(said), _NOTE_LENGTH)


def _report(listing: Listing, context: ParseContext) -> None:
    for said in list(dict.fromkeys(listing.statements))[:_UNREAD_SHOWN]:
        context.report("omitted", f"says: {printable(said, 300)}", where="exhibit", severity="note")
    unread = list(dict.fromkeys(listing.unread))
    for number, said in enumerate(unread[:_UNREAD_SHOWN]):
        context.report("unread", f"was read as no row: {printable(said, 120)}", where=f"exhibit, line {number + 1} of "
                       "those left", severity="note")
    if len(unread) > _UNREAD_SHOWN:
        context.report("unread", "more lines were read as no row", where="exhibit", severity="note",
                       count=len(unread) - _UNREAD_SHOWN)
    if not listing.entries and not listing.statements:
        context.report("no_rows", "no subsidiary could be read and nothing says that there is none; look at the page",
                       where="exhibit")
    repeated = [name for name, count in Counter(e.named.name for e in listing.entries).items() if count > 1]
    if repeated:
        context.report("repeated", f"is listed more than once: {printable(repeated[0], 80)}", where="exhibit",
                       count=len(repeated), severity="note")


def _places(page: Decoded, listing: Listing) -> list[str]:
    """'bytes:START-END' of each entry's name in the payload; 'entry:N' where it does not stand there as one."""
    starts: list[int] = []
    joined, at = [], 0
    for entry in listing.entries:
        starts.append(at)
        written = " ".join(entry.written.split())
        joined.append(entry.named.name if entry.named.name in written else written)
        at += len(joined[-1]) + 1
    segments = align("\n".join(joined), page)
    found: list[str] = []
    number = 0
    for order, (start, said) in enumerate(zip(starts, joined, strict=True), start=1):
        own: list[Segment] = []
        while number < len(segments) and segments[number].start < start + len(said):
            if segments[number].start >= start:
                own.append(segments[number])
            number += 1
        found.append(f"bytes:{min(s.byte_start for s in own)}-{max(s.byte_end for s in own)}" if own
                     else f"entry:{order}")
    return found


def _said_day(said: str, latest: date) -> date | None:
    found = _SAID_DAY.search(re.sub(r"<[^>]*>|&nbsp;|&#160;|\s+", " ", said[:200_000]))
    if found is None:
        return None
    try:
        made = date(int(found[3]), _MONTHS.index(found[1].lower()) + 1, int(found[2]))
    except ValueError:
        return None
    return made if made <= latest else None


def name_at(
    payload: BinaryIO, wanted: set[tuple[str, str]], folder: Any = None
) -> Iterator[tuple[tuple[str, str], str]]:
    """The words at 'bytes:START-END', mark-up off, for reading evidence back in place."""
    del folder
    raw = payload.read(MAX_BYTES)
    encoding = decode(raw).encoding
    for locator, column in wanted:
        found = re.fullmatch(r"bytes:(\d+)-(\d+)", locator)
        if found and int(found[1]) < int(found[2]) <= len(raw):
            said = raw[int(found[1]): int(found[2])].decode(encoding, "replace")
            yield (locator, column), " ".join(html.unescape(re.sub(r"<[^>]*>", "", said)).split())
