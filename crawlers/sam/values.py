"""Dates, moments, amounts and flags as SAM.gov writes them, into typed values.

Belongs here: formats of single values. Does not belong here: rows. Every function returns None for an empty value and
raises ValueError for one it cannot read; parsers report it and leave the column empty.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Final
from zoneinfo import ZoneInfo

# Dates without a time and times without a zone are Eastern: SAM.gov's own.
EASTERN: Final = ZoneInfo("America/New_York")
_END_OF_DAY: Final = time(23, 59, 59)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHORT_OFFSET: Final = re.compile(r"([+-]\d{2})$")
_FRACTION: Final = re.compile(r"\.(\d{1,9})")
_MOST: Final = Decimal(10) ** 16  # decimal(18,2) holds less than this
_EARLIEST, _LATEST = 1900, 2200


def moment(text: str | None, *, due: bool = False) -> datetime | None:
    """A moment in UTC: '2026-04-24 23:24:04.649-04', '2026-05-15T13:00:00-04:00', a day alone.

    A day alone is its start, or (``due``) its end; without a zone it is Eastern.
    """
    value = (text or "").strip()
    if not value:
        return None
    if _DAY.fullmatch(value):
        found = datetime.combine(date.fromisoformat(value), _END_OF_DAY if due else time.min, EASTERN)
    else:
        value = _FRACTION.sub(lambda part: "." + part[1][:6].ljust(6, "0"), value)
        found = datetime.fromisoformat(_SHORT_OFFSET.sub(r"\1:00", value) if len(value) > 16 else value)
        if found.tzinfo is None:
            found = found.replace(tzinfo=EASTERN)
    if not _EARLIEST <= found.year <= _LATEST:
        raise ValueError(f"year {found.year}")
    return found.astimezone(UTC)


def lacks_zone(text: str | None) -> bool:
    """True for a time of day without a zone: read as Eastern, and worth saying."""
    value = (text or "").strip()
    return len(value) > 10 and re.search(r"(?:[+-]\d{2}(?::?\d{2})?|Z)$", value[10:]) is None


def day(text: str | None) -> date | None:
    """A calendar day: ISO, or the month first with slashes; a time after it is left out."""
    value = (text or "").strip()
    if not value:
        return None
    slashed = "/" in value
    found = datetime.strptime(value, "%m/%d/%Y").date() if slashed else date.fromisoformat(value[:10])  # noqa: DTZ007
    if not _EARLIEST <= found.year <= _LATEST:
        raise ValueError(f"year {found.year}")
    return found


def amount(text: str | None) -> Decimal | None:
    """US dollars, two places: '326855.12', '$1,234', '33133'."""
    value = (text or "").strip().replace(",", "").removeprefix("$").strip()
    if not value:
        return None
    try:
        found = Decimal(value).quantize(Decimal("0.01"))
    except InvalidOperation as problem:
        raise ValueError("no amount") from problem
    if not found.is_finite() or abs(found) >= _MOST:
        raise ValueError("beyond any award")
    return found


def flag(text: str | None) -> bool | None:
    """Yes or No."""
    value = (text or "").strip().lower()
    if not value:
        return None
    if value not in ("yes", "no", "true", "false"):
        raise ValueError("neither Yes nor No")
    return value in ("yes", "true")
