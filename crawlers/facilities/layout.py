"""Finds the table of facilities on a sheet: which row holds the headings, and which column is what.

Belongs here: headings. Does not belong here: files (workbook), rows (lists). The names are data (columns.yaml).

ICE moves the heading row from year to year (rows 2 to 10), puts group headings above it and notes around it: the row is
found by what stands in it, never by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from crawlers.facilities.workbook import Sheet
from ordinance.loader import Data, load_yaml

_FILE: Final = Path(__file__).resolve().parent / "columns.yaml"
_SEARCHED_ROWS: Final = 60
_YEAR: Final = re.compile(r"\b(?:(?:eoy\s*)?fy\s?(?:20)?\d\d|fiscal year 20\d\d)(?:\s*ytd)?\b|\bytd\b")


class Columns(Data):
    """columns.yaml."""

    columns: dict[str, tuple[str, ...]]
    population_parts: tuple[tuple[str, ...], ...]
    ignored: tuple[str, ...]
    persons: tuple[str, ...]
    agreements: tuple[str, ...]


@lru_cache(maxsize=1)
def columns() -> Columns:
    """The known headings."""
    return load_yaml(_FILE, Columns)


@dataclass
class Table:
    """A table of facilities: where each lake column stands, the columns that add up to the population, headings that
    nobody knows, and the rows below the headings."""

    sheet: str
    header_row: int
    at: dict[str, int] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    above: list[str] = field(default_factory=list)


def spelled(heading: Any) -> str:
    """A heading in one spelling: 'FY26 ALOS' and 'FY 2026 ALOS' are '(fy) alos'."""
    words = " ".join(re.sub(r"[\W_]+", " ", str(heading or "").lower()).split())
    return " ".join(_YEAR.sub(" (fy) ", words).split())


def find(sheet: Sheet) -> Table | None:
    """The table of facilities on a sheet, None where no row has a facility's name and its state, or its city and one
    more column, as headings."""
    best: tuple[int, int, dict[str, int]] | None = None
    for number, (_, row) in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        at = _match(row)
        if "name" in at and ("state" in at or "city" in at) and len(at) >= 3 and (best is None or len(at) > best[0]):
            best = (len(at), number, at)
    if best is None:
        return None
    _, number, at = best
    header = [spelled(cell) for cell in sheet.rows[number][1]]
    parts = next((tuple(header.index(name) for name in group) for group in columns().population_parts
                  if all(name in header for name in group)), ())
    taken = set(at.values())
    known = {*columns().ignored, *columns().persons, *(name for names in columns().columns.values() for name in names)}
    unknown = tuple(str(sheet.rows[number][1][place]) for place, name in enumerate(header)
                    if name and place not in taken and name not in known)
    above = [str(cell) for _, row in sheet.rows[:number] for cell in row if str(cell or "").strip()]
    return Table(sheet.name, sheet.rows[number][0], at, parts, unknown, sheet.rows[number + 1:], above)


def _match(row: Sequence[Any]) -> dict[str, int]:
    header = [spelled(cell) for cell in row]
    found: dict[str, int] = {}
    for column, names in columns().columns.items():
        place = _first(header, names)
        if place is not None:
            found[column] = place
    return found


def _first(header: Sequence[str], names: Iterable[str]) -> int | None:
    """The place of the first of the names that is a heading: the list's order is the preference."""
    return next((header.index(name) for name in names if name in header), None)
