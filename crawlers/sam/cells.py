"""Cells of notices read back in place: title and awardee, straight from the list's row or the API's page.

Belongs here: finding a locator's notice and the words of its column as the lake keeps them (blanks and control
characters out). Does not belong here: texts, which lead back by their bytes (warehouse.text_readback).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from crawlers.parsing import Limits
from crawlers.sam.csvscan import opened, records
from crawlers.sam.texts import private

#: Lake column -> column of the bulk list, path in the API's item.
COLUMNS: Final = {"title": ("Title", ("title",)), "awardee": ("Awardee", ("award", "awardee", "name"))}
Cell = tuple[str, str]
_CSV: Final = re.compile(r"csv:(.*)#([1-9]\d*)", re.DOTALL)
_JSON: Final = re.compile(r"json:\$\.opportunitiesData\[(\d+)\]")


def list_cells(payload: BinaryIO, wanted: set[Cell], folder: Path | None = None) -> Iterator[tuple[Cell, str]]:
    """Cells at 'csv:MEMBER#ROW' of the bulk list."""
    by_row: defaultdict[int, list[Cell]] = defaultdict(list)
    for cell in wanted:
        if found := _CSV.fullmatch(cell[0]):
            by_row[int(found[2])].append(cell)
    with opened(payload, Limits(), folder) as (member, stream):
        lines = records(stream, member)
        header = next(lines, None)
        names = [header.text(at).strip() for at in range(len(header.fields))] if header and by_row else []
        for number, record in enumerate(lines, start=1) if names else ():
            for cell in by_row.pop(number, ()):
                at = names.index(COLUMNS[cell[1]][0])
                if at < len(record.fields) and (text := _kept(record.text(at))):
                    yield cell, text
            if not by_row:
                return


def page_cells(payload: BinaryIO, wanted: set[Cell], folder: Path | None = None) -> Iterator[tuple[Cell, str]]:
    """Cells at 'json:$.opportunitiesData[N]' of a result page."""
    del folder
    items = json.loads(payload.read()).get("opportunitiesData") or []
    items = [items] if isinstance(items, dict) else items
    for cell in wanted:
        found = _JSON.fullmatch(cell[0])
        value = items[int(found[1])] if found and int(found[1]) < len(items) else None
        for name in COLUMNS[cell[1]][1]:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, str) and (text := _kept(value)):
            yield cell, text


def plain(text: str) -> bool:
    """True where the lake keeps a title as it was posted: nothing of a person was taken out of it."""
    return not private(text) and "[" not in text


def _kept(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+", "", text).split())
