"""Dates as publishers write them, read strictly: what is no date, or cannot be one, is None.

Belongs here: RFC 822, RFC 3339, W3C and GDELT dates to UTC, and which dates are believable. Does not belong here:
which of several dates counts (``metadata``, ``article``).

A date without a zone is taken as UTC; a date without a time as midnight UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

EARLIEST: Final = date(1990, 1, 1)  # clocks that were never set say 1970
_AHEAD: Final = timedelta(days=2)  # zones, and feeds that stamp before release
_ISO: Final = re.compile(
    r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})Z?)?")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS: Final = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b"
    r"|\b(\d{1,2})(?:st|nd|rd|th)?\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?,?\s+(\d{4})\b",
    re.IGNORECASE)
_PATH: Final = re.compile(r"/(20\d{2}|199\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|-|$)")


def parse(text: str | None) -> datetime | None:
    """A moment from RFC 3339, W3C, compact, RFC 822 or English words; None when it is none of them."""
    stated = (text or "").strip()[:80]
    if not stated:
        return None
    found = _ISO.match(stated)
    if found:
        return _iso(found)
    compact = _COMPACT.fullmatch(stated)
    if compact:
        return _moment(*(int(part or 0) for part in compact.groups()))
    try:
        moment = parsedate_to_datetime(stated)
    except (TypeError, ValueError, IndexError, OverflowError):
        return in_words(stated)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else _utc(moment)


def in_words(text: str) -> datetime | None:
    """The first English date in a text (November 22, 2026; 22 Nov. 2026)."""
    found = _WORDS.search(text)
    if found is None:
        return None
    month, day, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    return _moment(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day))


def in_path(url: str) -> datetime | None:
    """The date in an article's address (/2026/11/22/)."""
    found = _PATH.search(url)
    return _moment(int(found[1]), int(found[2]), int(found[3])) if found else None


def believable(moment: datetime | None, as_of: date) -> bool:
    """False for dates before the web and dates after the capture."""
    return moment is not None and EARLIEST <= moment.date() <= as_of + _AHEAD


def _iso(found: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups()[:6])
    moment = _moment(year, month, day or 1, hour, minute, min(second, 59))
    zone = (found[7] or "").upper().replace(":", "")
    if moment is None or zone in ("", "Z", "UTC", "GMT"):
        return moment
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    try:
        return moment - shift if zone[0] == "+" else moment + shift
    except OverflowError:
        return None


def _moment(*parts: int) -> datetime | None:
    try:
        return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except (ValueError, OverflowError):
        return None


def _utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
