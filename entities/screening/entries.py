"""Rows of a city's list to parties: one a name and its identifiers (of contracts, one a row).

Belongs here: cells to identifiers, dates, amounts. Does not belong here: comparing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from entities.matching.identifiers import KINDS, clean
from entities.screening.intake import Sheet
from entities.screening.model import Entry, Kind

_DATES: Final = ("start", "end", "amendment", "renewal")
_FORMATS: Final = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y",
                   "%Y%m%d", "%m-%d-%Y")  # fmt: skip
_LONGEST_NAME: Final = 300


@dataclass
class Read:
    """Parties of a list, and what could not be read of it, in words."""

    entries: list[Entry]
    notes: list[str] = field(default_factory=list)
    rows: int = 0


def entries(sheet: Sheet, mapping: Mapping[str, str], kind: Kind) -> Read:
    """All parties. Rows without a name are counted in a note; so are dates and identifiers that cannot be right."""
    at = {name: sheet.columns.index(column) for name, column in mapping.items()}
    groups: dict[tuple[object, ...], list[tuple[int, dict[str, str]]]] = {}
    nameless = 0
    for number, row in enumerate(sheet.rows, 1):
        cells = {name: row[place].strip() for name, place in at.items() if place < len(row)}
        shown = " ".join(cells.get("name", "").split())[:_LONGEST_NAME]
        if not shown:
            nameless += 1
            continue
        cells["name"] = shown
        ids = tuple(cells.get(one, "") for one in KINDS)
        key: tuple[object, ...] = (number,) if kind is Kind.CONTRACTS else (shown, *ids, cells.get("fund", ""))
        groups.setdefault(key, []).append((number, cells))
    faults: dict[str, int] = {}
    made = [_entry(rows, faults) for rows in groups.values()]
    notes = [f"{nameless:,} rows have no name and were passed over"] if nameless else []
    notes += [f"{count:,} cells of {what}" for what, count in faults.items()]
    return Read(made, notes, len(sheet.rows))


def _entry(rows: list[tuple[int, dict[str, str]]], faults: dict[str, int]) -> Entry:
    cells = rows[0][1]
    ids: dict[str, str] = {}
    bad: list[str] = []
    for kind in KINDS:
        written = cells.get(kind, "")
        good = clean(kind, written)
        if good:
            ids[kind] = good
        elif written:
            bad.append(f"{kind.upper()} {written}")
            _count(faults, f"{kind.upper()} hold no valid one (check digit or shape) and were not used")
    amounts = [value for _, one in rows if (value := _amount(one.get("amount", ""))) is not None]
    dates = {what: day for what in _DATES if (day := _day(cells.get(what, ""), what, faults))}
    lead = re.search(r"\d{1,4}", cells.get("lead_days", ""))
    classes = sorted({one.get("share_class", "") for _, one in rows} - {""})
    return Entry(
        cells["name"], tuple(number for number, _ in rows), ids, tuple(bad),
        round(sum(amounts), 2) if amounts else None,
        cells.get("contract", ""), cells.get("fund", ""), ", ".join(classes), dates, int(lead[0]) if lead else None,
    )  # fmt: skip


def _day(text: str, what: str, faults: dict[str, int]) -> date | None:
    if not text:
        return None
    whole = text.strip()
    plain = re.split(r"[T ]", whole)[0] if re.match(r"\d{1,4}[-/]\d", whole) else whole
    for shape in _FORMATS:
        try:
            return datetime.strptime(plain, shape).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    _count(faults, f"{what} hold no date that can be read (write 2027-06-30 or 6/30/2027)")
    return None


def _amount(text: str) -> float | None:
    plain = re.sub(r"[$,\s]", "", text)
    negative = plain.startswith("(") and plain.endswith(")")
    try:
        value = float(plain.strip("()"))
    except ValueError:
        return None
    return -value if negative else value


def _count(faults: dict[str, int], what: str) -> None:
    faults[what] = faults.get(what, 0) + 1
