"""Text of spreadsheets by calamine: sheet by sheet, row by row, each cell with its place.

Belongs here: cells as text. Does not belong here: formulas (the values stored with the file are read, nothing is
ever computed), what columns mean.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from crawlers.documents.types import DocumentLimits, Draft, Extracted, Refused, plain
from crawlers.documents.zipguard import check

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(data: bytes, limits: DocumentLimits, kind: str = "xlsx") -> Extracted:
    """The text of a workbook (xlsx, xlsm, xls, xlsb, ods): a line a row, cells divided by tabs. Raises Refused."""
    draft = Draft(limits, kind)
    if kind != "xls":
        _checked(data, limits, draft)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        with book:
            _sheets(book, draft)
    except CalamineError as problem:
        if "password" in str(problem).lower():
            raise Refused("encrypted", "needs a password to open") from None
        raise Refused("corrupt", f"no workbook that can be opened: {plain(str(problem), 160)}") from None
    return draft.done()


def _checked(data: bytes, limits: DocumentLimits, draft: Draft) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            seen = check(held, len(data), limits)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise Refused("corrupt", f"no sound zip: {plain(str(problem), 120)}") from None
    for name, (rows, columns) in seen.corner.items():
        if rows * columns > limits.cells:
            raise Refused("too_large", f"'{name}' spans {rows:,} rows by {columns:,} columns, more than "
                                       f"{limits.cells:,} cells")
    if seen.macros:
        draft.note("macro", f"holds macros ({', '.join(seen.macros[:3])}); they are never run")
    if seen.archives:
        draft.note("nested_archive", f"archives in it are not opened: {', '.join(seen.archives[:5])}")
    if seen.embedded:
        draft.note("embedded_files", f"{len(seen.embedded)} embedded files are not read")
    if seen.external:
        draft.note("external", f"{seen.external} links to the outside; none is followed")
    if seen.formulas:
        draft.note("formulas", f"{seen.formulas:,} formulas: the values saved with the file are read, none is computed")


def _sheets(book: CalamineWorkbook, draft: Draft) -> None:
    cells = 0
    for told in book.sheets_metadata:
        if str(told.typ).rpartition(".")[2] not in ("WorkSheet", "MacroSheet"):
            continue
        if told.visible != SheetVisibleEnum.Visible:
            draft.note("hidden", f"sheet '{told.name}' is hidden in office programs; it is read")
        sheet = book.get_sheet_by_name(told.name)
        cells += sheet.height * sheet.width
        if cells > draft.limits.cells:
            raise Refused("too_large", f"more than {draft.limits.cells:,} cells (in sheet '{told.name}')")
        draft.pages += 1
        if draft.length:
            draft.write("\f")
        _rows(told.name, sheet, draft)


def _rows(name: str, sheet: Any, draft: Draft) -> None:
    if sheet.start is None:
        return
    top, left = sheet.start
    for down, row in enumerate(sheet.to_python(skip_empty_area=True)):
        written = False
        for across, value in enumerate(row):
            text = _text(value)
            if not text:
                continue
            if written:
                draft.write("\t")
            draft.place(text, page=draft.pages, locator=f"xlsx:{name}!{_column(left + across)}{top + down + 1}")
            written = True
        if written:
            draft.write("\n")


def _text(value: Any) -> str:
    """A cell as one line of text. Whole numbers without '.0', dates as ISO 8601."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date().isoformat()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def _column(number: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = _LETTERS[rest] + letters
    return letters
