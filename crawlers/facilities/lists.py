"""The parser of facility lists, and what tells one from another file.

Belongs here: rows of facilities. Does not belong here: files (workbook), headings (layout), fetching
(crawlers.spiders.facilities), finding facilities in texts (entities.facilities).

A statistics workbook has a sheet of facilities among many of other figures; a sheet per year may stand side by side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.corporate import Rows, text
from crawlers.facilities.layout import Table, columns, find, spelled
from crawlers.facilities.workbook import sheets
from crawlers.parsing import ParseContext, ParseError, UnknownLayoutError, printable
from records.ids import facility_key
from records.places import STATES
from records.published import FACILITY

_AS_OF: Final = re.compile(r"(?:as of|through|updated|current as of|effective"
                           r"|data (?:as )?of)\W{0,3}(\d{1,2})[/-](\d{1,2})[/-]((?:20)?\d\d)\b", re.IGNORECASE)
_AS_OF_WORDS: Final = re.compile(
    r"(?:as of|through|updated|effective)\W{0,3}(January|February|March|April|May|June|July|August|September|October"
    r"|November|December)"
    r"\s+(\d{1,2}),?\s+(20\d\d)", re.IGNORECASE)
_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                  "november", "december")
_IN_NAME: Final = re.compile(r"(?<!\d)(\d{2})[-_]?(\d{2})[-_]?(20\d{2})(?!\d)")
_HEAD_BYTES: Final = 1 << 18
_STATE: Final = re.compile(r"[A-Z]{2}")
_BY_NAME: Final = {name: code for code, name in STATES.items()}
_NOT_FACILITIES: Final = re.compile(r"^(?:total|grand total|sub-?total|note|source|average|\*|\d+\s+facilit)",
                                    re.IGNORECASE)


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'facility' rows of every sheet that has a table of facilities. Hint ``filename`` may date the list.

    Raises UnknownLayoutError when no sheet has one, and what ``workbook.sheets`` raises.
    """
    tables: list[Table] = []
    texts: list[str] = []
    seen: list[str] = []
    for sheet in sheets(payload, "facility list"):
        seen.append(sheet.name or "CSV")
        table = find(sheet)
        if table is not None:
            tables.append(table)
        else:
            texts += [str(cell) for _, row in sheet.rows[:400] for cell in row if isinstance(cell, str) and cell]
    if not tables:
        raise UnknownLayoutError(f"no sheet has a table of facilities (sheets: {printable(', '.join(seen), 200)})",
                                 where="facility list", do="Look whether ICE changed its headings, and name the new "
                                                           "ones "
                                 "in crawlers/facilities/columns.yaml")
    rows = Rows("facility", FACILITY, context)
    for table in tables:
        for heading in table.unknown:
            context.report("unknown_column", "is no known heading; it was not read", where=table.sheet or "CSV",
                           column=printable(heading, 60))
        day = dated(table, texts, context)
        for number, row in table.rows:
            _row(table, number, row, day, rows, context)
    yield from rows.take()


def dated(table: Table, texts: list[str], context: ParseContext) -> date | None:
    """The list's day: from words above the table, from the file's name, from the notes on other sheets, in this
    order. Reports when there is none, or only one after the capture."""
    name = str(context.hints.get("filename") or context.url.rsplit("/", 1)[-1])
    for said in (" | ".join(table.above), name, " | ".join(texts)):
        found = [day for day in _days(said, name=said is name) if day <= context.as_of]
        if found:
            return max(found)
    context.report("undated", "nothing says of which day the list is", where=table.sheet or "CSV")
    return None


def _days(said: str, *, name: bool) -> Iterator[date]:
    if name:
        numbers = [(m[1], m[2], m[3]) for m in _IN_NAME.finditer(said)]
    else:
        numbers = [(m[1], m[2], m[3] if len(m[3]) == 4 else f"20{m[3]}") for m in _AS_OF.finditer(said)]
        numbers += [(str(_MONTHS.index(m[1].lower()) + 1), m[2], m[3]) for m in _AS_OF_WORDS.finditer(said)]
    for month, day, year in numbers:
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def _row(table: Table, number: int, row: list[Any], day: date | None, rows: Rows, context: ParseContext) -> None:
    def cell(column: str) -> str | None:
        place = table.at.get(column)
        return _text(row[place]) if place is not None and place < len(row) else None

    name = cell("name")
    if name is None or not re.search(r"[^\W\d_]", name) or _NOT_FACILITIES.match(name):
        if name is None and sum(_text(one) is not None for one in row) > 3:
            context.report("row", "has no name; it was not read", where=table.sheet or "CSV", rows=(number,))
        return
    state = _state(cell("state"))
    if state is None and cell("city") is None and cell("address") is None:
        return  # a note below the table
    if state is None:
        context.report("state", "has no known state", where=table.sheet or "CSV", rows=(number,))
    agreement = cell("agreement")
    if agreement and agreement.upper() not in columns().agreements:
        context.report("agreement", f"is of type '{printable(agreement, 40)}', which is not known; kept as published",
                       where=table.sheet or "CSV", rows=(number,), severity="note")
    rows.add(f"xlsx:{table.sheet}#{number}" if table.sheet else f"csv:#{number}", facility_key=facility_key(name,
                                                                                                            state),
             name=name, operator=_organisation(cell("operator")), owner=_organisation(cell("owner")),
             agreement=agreement, address=cell("address"), city=cell("city"), state=state, zip=_zip(cell("zip")),
             field_office=cell("field_office"), average_daily_population=_population(table, row, cell),
             as_of=day, guaranteed_minimum=_beds(cell("guaranteed_minimum")))


def _population(table: Table, row: list[Any], cell: Any) -> float | None:
    """The average daily population: its own column, else the sum of the classes that make it up."""
    whole = _number(cell("average_daily_population"))
    if whole is not None or not table.parts:
        return whole
    parts = [_number(_text(row[place])) for place in table.parts if place < len(row)]
    known = [part for part in parts if part is not None]
    return round(sum(known), 6) if known else None


def _text(value: Any) -> str | None:
    """A cell as text: 76574.0 is '76574', a moment its day."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date):
        value = value.isoformat()[:10]
    said = text(value, 500)
    return None if said is None or said.lower() in ("n/a", "na", "none", "-", "null") else said


def _number(said: str | None) -> float | None:
    try:
        value = float((said or "").replace(",", ""))
    except ValueError:
        return None
    return value if 0 <= value < 1e7 else None


def _beds(said: str | None) -> int | None:
    value = _number(said)
    return None if value is None else round(value)


def _state(said: str | None) -> str | None:
    upper = " ".join((said or "").upper().replace(".", "").split())
    if _STATE.fullmatch(upper) and upper in STATES:
        return upper
    return _BY_NAME.get(upper)


def _zip(said: str | None) -> str | None:
    """A ZIP code; spreadsheets have dropped leading zeros."""
    if said is None:
        return None
    first = said.split("-")[0].strip()
    return first.zfill(5) + said[len(first):] if first.isdigit() and 3 <= len(first) <= 5 else said


def _organisation(said: str | None) -> str | None:
    """An operator or owner as published; mail addresses and telephone numbers beside it are taken out."""
    if said is None:
        return None
    clean = re.sub(r"\S+@\S+|\+?1?[ .(-]*\d{3}[ .)-]+\d{3}[ .-]+\d{4}", " ", said)
    return text(clean.strip(" ,;-/")) or None


def detect(path: Path) -> str | None:
    """The parser's name when the file is a facility list, for ``section3c import``; None when it is none."""
    from crawlers.facilities import LIST_PARSER

    kind = path.suffix.lower()
    if kind not in (".xlsx", ".xls", ".xlsm", ".csv"):
        return None
    try:
        with path.open("rb") if kind != ".csv" else _head(path) as file:
            return LIST_PARSER if any(find(sheet) is not None and _is_facilities(sheet.rows, sheet.name)
                                      for sheet in sheets(file, path.name)) else None
    except (ParseError, OSError):
        return None


def _head(path: Path) -> BinaryIO:
    """The first whole lines of a CSV: enough for its headings, whatever its size."""
    with path.open("rb") as file:
        return io.BytesIO(file.read(_HEAD_BYTES).rpartition(b"\n")[0])


def _is_facilities(rows: list[tuple[int, list[Any]]], name: str) -> bool:
    """A list of places has more than a name, city and state: a heading that only detention lists have."""
    said = {spelled(cell) for _, row in rows[:60] for cell in row if cell}
    ours = {"aor", "type detailed", "guaranteed minimum", "facility operator", "field office", "area of responsibility",
            "detention facility", "ero field office"}
    return bool(said & ours) or "facilit" in name.lower()


def cells(payload: BinaryIO, wanted: set[tuple[str, str]], folder: Any = None) -> Iterator[tuple[tuple[str, str], str]]:
    """Cells at 'xlsx:SHEET#ROW' and 'csv:#ROW', for reading evidence back in place."""
    del folder
    for sheet in sheets(payload, "facility list"):
        table = find(sheet)
        if table is None:
            continue
        by_number = dict(sheet.rows)
        for locator, column in wanted:
            form, _, rest = locator.partition(":")
            named, _, number = rest.rpartition("#")
            if named != sheet.name or form not in ("xlsx", "csv") or not number.isdigit():
                continue
            row, place = by_number.get(int(number)), table.at.get(column)
            if row is not None and place is not None and place < len(row) and (said := _text(row[place])):
                yield (locator, column), said
