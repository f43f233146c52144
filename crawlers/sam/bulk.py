"""The parser of the Contract Opportunities bulk CSV: every official column read, ignored by name, or reported.

Belongs here: header, rows, the refusal of files that are no day's list. Does not belong here: what a row means
(rows), quoting and bytes (csvscan). Source: docs/sam.md, "Bulk CSV".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

import pyarrow as pa

from crawlers.parsing import (
    BadCsvError,
    MissingColumnError,
    ParseContext,
    ParseError,
    TruncatedFileError,
    UnknownLayoutError,
    printable,
)
from crawlers.sam.columns import CONTACTS, IGNORED, OFFICIAL, REQUIRED
from crawlers.sam.csvscan import PLAIN, Record, opened, records
from crawlers.sam.rows import CUT_CHARS, Batches, Raw, row_of

# Raw's attribute by official column.
_READ: Final = {
    "Title": "title", "Sol#": "solicitation", "Department/Ind.Agency": "department", "CGAC": "department_code",
    "Sub-Tier": "subtier", "FPDS Code": "subtier_code", "Office": "office", "AAC Code": "office_code",
    "PostedDate": "posted", "Type": "type", "BaseType": "base_type", "SetASide": "set_aside",
    "ResponseDeadLine": "response_due", "NaicsCode": "naics", "ClassificationCode": "psc", "PopCity": "city",
    "PopState": "state", "PopCountry": "country", "Active": "active", "AwardNumber": "award_number",
    "AwardDate": "award_date", "Award$": "award_amount", "Awardee": "awardee", "Link": "link",
}
_ALSO_READ: Final = frozenset({"NoticeId", "Description", "SetASideCode"}) | CONTACTS
_NAMES: Final = ("PrimaryContactFullname", "SecondaryContactFullname")
_MAILS: Final = ("PrimaryContactEmail", "SecondaryContactEmail")
_BAD_SHARE: Final = 0.01
_BAD_FLOOR: Final = 20


class HeaderOnlyError(ParseError):
    """The file has a header and no row: SAM.gov has published such files; they are no empty day."""


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(table, batch) pairs of 'notice' and 'document', in the order of the file. Raises ParseError.

    A row repeated exactly is left out and counted. Memory holds one batch of rows and 16 bytes a row seen.
    """
    with opened(payload, context.limits, context.folder) as (member, stream):
        where = "file" if member == PLAIN else printable(member)
        lines = records(stream, where)
        columns = _header(next(lines, None), where, context)
        batches = Batches()
        seen: set[bytes] = set()
        bad = number = repeated = 0
        for number, record in enumerate(lines, start=1):
            raw = _raw(record, columns, member, number)
            try:
                if raw is None:
                    raise ValueError(f"has {len(record.fields)} fields where the header has {len(columns.order)}")
                notice, document = row_of(raw, context, where, number)
            except ValueError as problem:
                if not record.ended:
                    raise TruncatedFileError(f"ends within row {number}: the download broke off", where=where,
                                             do="Download it again; nothing of it was loaded") from None
                bad += 1
                context.report("row", f"is no notice and was not read: {problem}", where=where, rows=(number,),
                               severity="error")
                if bad > max(_BAD_FLOOR, _BAD_SHARE * number):
                    raise BadCsvError(f"{bad} of its first {number} rows are no notices", where=where,
                                      do="The layout changed or the file was edited: nothing was loaded. Download it "
                                      "again") from None
                continue
            mark = bytes.fromhex(notice["version_sha256"])[:16]
            if mark in seen:
                repeated += 1
                continue
            seen.add(mark)
            if raw.text is not None and len(raw.text.text) >= CUT_CHARS:
                context.report("cut", "is cut at about 32,000 characters by SAM.gov; the API has the whole",
                               where=where, column="Description", rows=(number,), severity="note")
            batches.add(notice, document)
            if batches.full():
                yield from batches.take()
        if number == 0:
            raise HeaderOnlyError("holds a header and no row", where=where,
                                  do="SAM.gov publishes such files now and then; they say nothing of the day. Nothing "
                                  "was loaded; try again tomorrow")
        context.read["notice"] += number
        if repeated:
            context.report("repeated", "stands in the file more than once; kept once", where=where, count=repeated,
                           severity="note")
        yield from batches.take()


class _Columns:
    """Where each official column stands."""

    def __init__(self, order: list[str]) -> None:
        self.order = order
        self.place = {name: at for at, name in enumerate(order)}


def _header(record: Record | None, where: str, context: ParseContext) -> _Columns:
    if record is None:
        raise UnknownLayoutError("is empty", where=where, do="Download the file again")
    order = [record.text(at).strip() for at in range(len(record.fields))]
    if len(set(order)) < len(order):
        twice = sorted({name for name in order if order.count(name) > 1})
        raise BadCsvError(f"column {', '.join(map(printable, twice))} stands more than once in the header", where=where,
                          do="Download the file again without editing it")
    missing = [name for name in REQUIRED if name not in order]
    if len(missing) == len(REQUIRED):
        raise UnknownLayoutError(f"no SAM.gov file has this header: {printable(', '.join(order), 160)}", where=where,
                                 do="Give ContractOpportunitiesFullCSV.csv as SAM.gov publishes it")
    if missing:
        raise MissingColumnError(f"{', '.join(missing)} missing from what looks like SAM.gov's opportunities",
                                 where=where, do="The layout changed or the file was edited: nothing was loaded. "
                                 "Download it again")
    known = {*_READ, *_ALSO_READ, *IGNORED}
    for name in order:
        if name not in known:
            context.report("unknown_column", "is not an official column this program knows; it was not read",
                           where=where, column=printable(name))
    for name in OFFICIAL:
        if name not in order and name not in IGNORED:
            context.report("absent_column", "is absent; left empty", where=where, column=name)
    return _Columns(order)


def _raw(record: Record, columns: _Columns, member: str, number: int) -> Raw | None:
    if not record.sound or len(record.fields) != len(columns.order):
        return None
    place = columns.place

    def text(name: str) -> str | None:
        at = place.get(name)
        if at is None or not record.fields[at]:
            return None
        return record.text(at) or None

    raw = Raw(notice_id=(text("NoticeId") or "").strip(), locator=f"csv:{member}#{number}",
              **{attribute: text(name) for name, attribute in _READ.items()})  # type: ignore[arg-type]
    raw.set_aside = raw.set_aside or text("SetASideCode")
    raw.contacts = [name for column in _NAMES if (name := text(column))]
    raw.mails = [mail for column in _MAILS if (mail := text(column))]
    if record.fields[place["Description"]]:
        raw.text = record.mapped(place["Description"])
    return raw
