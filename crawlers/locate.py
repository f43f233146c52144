"""Reads values back in place: the original text of cells, straight from archived bytes.

Belongs here: finding a locator's cell by a path of its own (csv and json modules), so that evidence can be checked
against what the parsers wrote. Does not belong here: parsing records, checking spans (warehouse.evidence).
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from crawlers import gleif, openfigi, sec
from crawlers.corporate import json_cells
from crawlers.facilities import LIST_PARSER
from crawlers.facilities.lists import cells as facility_cells
from crawlers.parsing import Limits, ParseError
from crawlers.sam import BULK_PARSER, PAGE_PARSER
from crawlers.sam import cells as sam_cells
from crawlers.sec.exhibit21 import name_at
from crawlers.usaspending import csvfile, search
from crawlers.usaspending.layouts import Layout, recognise
from crawlers.usaspending.unpack import members, workplace

Cell = tuple[str, str]
_CSV: Final = re.compile(r"csv:(.*)#([1-9]\d*)", re.DOTALL)
_JSON: Final = re.compile(r"json:\$\.results\[(\d+)\]")


class LocateError(ParseError):
    """A locator that this parser's captures cannot have."""


def cells(
    payload: BinaryIO, parser: str, wanted: set[Cell], *, folder: Path | None = None
) -> dict[Cell, str]:
    """The text of each (locator, lake column) that the payload has; cells that are absent or empty are left out.

    One pass over the payload, whatever is wanted. Raises LocateError for an unknown parser or a malformed locator,
    ParseError for a payload that cannot be opened.
    """
    reader = READERS.get(parser)
    if reader is None:
        raise LocateError(f"no reader for parser '{parser}'", where="locate", do=f"Known: {', '.join(sorted(READERS))}")
    return dict(reader(payload, wanted, folder))


def csv_cells(payload: BinaryIO, wanted: set[Cell], folder: Path | None = None) -> Iterator[tuple[Cell, str]]:
    """Cells of official CSV files (locator 'csv:MEMBER#ROW')."""
    by_member: defaultdict[str, defaultdict[int, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for locator, column in wanted:
        found = _CSV.fullmatch(locator)
        if found is None:
            raise LocateError(f"'{locator}' is no place in a CSV", where="locate", do="Use csv:MEMBER#ROW")
        by_member[found[1]][int(found[2])].append((locator, column))
    with workplace(folder) as place:
        for member in members(payload, folder=place, limits=Limits()):
            if member.name in by_member:
                yield from _rows(member.path, by_member.pop(member.name), csvfile.member_place(member))
            if not by_member:
                return


def _rows(path: Path, wanted: Mapping[int, list[Cell]], where: str) -> Iterator[tuple[Cell, str]]:
    last = max(wanted)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = [name.strip() for name in next(rows)]
        layout = recognise(header, where)
        place = {name: at for at, name in enumerate(header)}
        for number, row in enumerate(rows, start=1):
            for cell in wanted.get(number, ()):
                text = _first(layout, place, row, cell[1])
                if text is not None:
                    yield cell, text
            if number >= last:
                return


def _first(layout: Layout, place: Mapping[str, int], row: list[str], column: str) -> str | None:
    """The first filled official column of a lake column; a name the layout does not map is taken as official."""
    for name in layout.columns.get(column, (column,)):
        if name in place and place[name] < len(row) and row[place[name]] != "":
            return row[place[name]]
    return None


def page_cells(payload: BinaryIO, wanted: set[Cell], folder: Path | None = None) -> Iterator[tuple[Cell, str]]:
    """Cells of a transaction search page (locator 'json:$.results[N]')."""
    del folder
    rows = json.loads(payload.read())["results"]
    for locator, column in wanted:
        found = _JSON.fullmatch(locator)
        if found is None:
            raise LocateError(f"'{locator}' is no place in a page", where="locate", do="Use json:$.results[N]")
        number = int(found[1])
        text = search.cell(rows[number], column) if number < len(rows) else None
        if text is not None:
            yield (locator, column), text


READERS: Final[Mapping[str, Callable[[BinaryIO, set[Cell], Path | None], Iterator[tuple[Cell, str]]]]] = {
    "usaspending_csv": csv_cells,
    "usaspending_csv_listed": csv_cells,
    "usaspending_search": page_cells,
    BULK_PARSER: sam_cells.list_cells,
    PAGE_PARSER: sam_cells.page_cells,
    LIST_PARSER: facility_cells,
    sec.EXHIBIT_PARSER: name_at,
    **dict.fromkeys((sec.TICKERS_PARSER, sec.SUBMISSIONS_PARSER, gleif.RECORDS_PARSER, gleif.RELATIONS_PARSER,
                     gleif.EXCEPTION_PARSER, gleif.ISINS_PARSER, openfigi.MAPPING_PARSER), json_cells),
}
