"""The identifiers in a city's holdings file: a CSV or workbook as its custodian exports it, or a 13F table (XML).

Belongs here: finding CUSIP, CINS and ISIN in such files. Does not belong here: amounts, issuers, or which holding is
covered; and no CUSIP is kept beyond the run that asks what it is (crawlers.openfigi.identifiers says why).

An identifier counts by its check digit where its column says what it is (CUSIP, ISIN, security id ...); without such a
heading only ISINs count, since one number in ten of nine digits has a CUSIP's check digit by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError as XmlError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawlers.facilities.workbook import MAX_BYTES, sheets
from crawlers.openfigi.identifiers import clean, is_cusip, is_isin
from crawlers.parsing import BombError, NotDataError

_HEADING: Final = re.compile(r"\b(?:cusip|cins|isin|security\s*(?:id|identifier|number|no))\b", re.IGNORECASE)


def identifiers(path: Path) -> list[str]:
    """CUSIP, CINS and ISIN of a holdings file, each once, in its order.

    Raises ParseError (NotDataError, BombError ...) saying what is wrong with the file, OSError when it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(0)
        if start.startswith(b"<") and b"<html" not in start.lower():
            raw = file.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                raise BombError(f"is larger than {MAX_BYTES >> 20} MB", where=path.name, do="Split the file")
            return list(dict.fromkeys(_of_xml(raw, path.name)))
        found = [name for sheet in sheets(file, path.name) for name in _of_rows(row for _, row in sheet.rows)]
    if not found:
        raise NotDataError("holds no CUSIP and no ISIN with a right check digit", where=path.name,
                           do="Give a file with a column headed CUSIP or ISIN, or a 13F information table")
    return list(dict.fromkeys(found))


def _of_xml(raw: bytes, where: str) -> Iterator[str]:
    try:
        root = fromstring(raw, forbid_dtd=True)
    except (XmlError, DefusedXmlException, ValueError) as problem:
        raise NotDataError(f"is no XML that can be read ({type(problem).__name__}: {str(problem)[:120]})", where=where,
                           do="Give the information table of a 13F filing, or a CSV") from None
    for node in root.iter():
        if isinstance(node.tag, str) and node.tag.rpartition("}")[2].lower() in ("cusip", "isin"):
            said = clean(node.text or "")
            if is_cusip(said) or is_isin(said):
                yield said


def _of_rows(rows: Iterable[list[Any]]) -> Iterator[str]:
    headed: frozenset[int] = frozenset()
    for row in rows:
        texts = [_said(cell) for cell in row]
        heads = frozenset(place for place, text in enumerate(texts) if len(text) < 60 and _HEADING.search(text))
        if heads:
            headed = heads
            continue
        for place, text in enumerate(texts):
            said = clean(text)
            if is_isin(said) or (place in headed and is_cusip(said.zfill(9) if said.isdigit() else said)):
                yield said.zfill(9) if said.isdigit() else said


def _said(cell: Any) -> str:
    """A cell as text; a spreadsheet keeps a CUSIP of digits as a number (and drops its leading zeros)."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)
