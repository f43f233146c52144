"""Cells of old and analyst-made files put back into the form the service gives them: dates, codes, blanks, names."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from tests.replica.agencies import official_names

_MONEY = re.compile(r"(^|_)(amount|obligation|obligated|value|outlays?|outlayed)(_|$)")
_SHORT_YEAR = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})(?: (\d{1,2}:\d{2})(?::\d{2})?)?")


class DataError(Exception):
    """A file cannot be served; the message names the file, the row and what to do."""


def day_of(text: str, *, day_first: bool) -> date:
    """The date in ISO, month/day/year or (``day_first``) day/month/year form. Raises DataError."""
    found = _SHORT_YEAR.fullmatch(text)
    try:
        if not found:
            return datetime.fromisoformat(text[:10]).date()
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if year < 100:
            year += 2000 if year < 69 else 1900
        return date(year, two, one) if day_first else date(year, one, two)
    except ValueError as error:
        raise DataError(f"'{text}' is no date in a form the replica knows") from error


def money(text: str) -> str:
    """An amount with two decimals as the downloads print it; blank stays blank. Raises DataError."""
    if not text:
        return ""
    try:
        return f"{Decimal(text):.2f}"
    except InvalidOperation as error:
        raise DataError(f"'{text}' is no amount") from error


def is_money(column: str) -> bool:
    """True for columns that hold dollars."""
    return bool(_MONEY.search(column)) and not column.endswith(("_code", "_key", "_name", "_date", "_type", "_id"))


def clean(row: dict[str, str], *, day_first: bool = False) -> dict[str, str]:
    """The row without blanks, with ISO dates, padded codes and official agency names."""
    tidy = {name: value for name, value in row.items() if value and value != "NAN"}
    for name, value in tidy.items():
        if name.endswith("_date"):
            iso = day_of(value, day_first=day_first).isoformat()
            # The one column the service prints with a time part (usaspending.md §6.4).
            tidy[name] = iso + " 00:00:00" if name == "period_of_performance_potential_end_date" else iso
        elif name.endswith("_duns"):
            tidy[name] = value.zfill(9)
        elif name.endswith("ing_agency_code"):
            tidy[name] = value.zfill(3)
    official_names(tidy)
    return tidy
