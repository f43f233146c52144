"""Writes small XLSX workbooks by hand, so that tests have every layout they need without another package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

Cell = str | float | int | None
Rows = Sequence[Sequence[Cell]]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"


def xlsx(sheets: Mapping[str, Rows], doctype: str = "") -> bytes:
    """A workbook with these sheets, cells as inline strings and numbers. ``doctype`` goes before each sheet's XML."""
    names = list(sheets)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        parts = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-'
                        'officedocument.spreadsheetml.worksheet+xml"/>' for n in range(1, len(names) + 1))
        _put(book, "[Content_Types].xml", f'<Types xmlns="{_PACK}/content-types"><Default Extension="rels" ContentType='
             '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
             'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
             f"{parts}</Types>")
        _put(book, "_rels/.rels", f'<Relationships xmlns="{_PACK}/relationships"><Relationship Id="rId1" Type="{_REL}/'
             'officeDocument" Target="xl/workbook.xml"/></Relationships>')
        listed = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names,
                                                                                                                 1))
        _put(book, "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" '
                                      f'xmlns:r="{_REL}"><sheets>{listed}</sheets></workbook>')
        links = "".join(f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                        for n in range(1, len(names) + 1))
        _put(book, "xl/_rels/workbook.xml.rels", f'<Relationships '
                                                 f'xmlns="{_PACK}/relationships">{links}</Relationships>')
        for number, name in enumerate(names, 1):
            _put(book, f"xl/worksheets/sheet{number}.xml", f'{doctype}<worksheet xmlns="{_MAIN}"><sheetData>'
                 f"{''.join(_row(n, row) for n, row in enumerate(sheets[name], 1))}</sheetData></worksheet>")
    return out.getvalue()


def _row(number: int, row: Sequence[Cell]) -> str:
    cells = []
    for column, cell in enumerate(row):
        at = f"{_letters(column)}{number}"
        if isinstance(cell, str):
            cells.append(f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>')
        elif cell is not None:
            cells.append(f'<c r="{at}"><v>{cell}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(column: int) -> str:
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


def _put(book: zipfile.ZipFile, name: str, xml: str) -> None:
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    book.writestr(entry, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{xml}')
