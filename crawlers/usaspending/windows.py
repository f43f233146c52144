"""Which days to ask for: nightly windows with overlap, fiscal years, and the plan of one crawl as a line of text.

Belongs here: dates. Does not belong here: requests, or what was fetched before (covered.py).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, cast, get_args

By = Literal["last_modified_date", "action_date"]
Path = Literal["auto", "bulk", "search"]

#: Earliest day of bulk downloads and of the search (usaspending.md 3 and 6.1).
FIRST_BULK_DAY: Final = date(2000, 10, 1)
FIRST_SEARCH_DAY: Final = date(2007, 10, 1)
#: A bulk download's range must not pass 366 days.
MAX_DAYS: Final = 366
#: Source systems change rows late: median 2 to 14 days after the action, so a nightly window reaches back two weeks.
OVERLAP_DAYS: Final = 14
_SHORT: Final[dict[By, str]] = {"last_modified_date": "mod", "action_date": "act"}


class OptionError(ValueError):
    """An option of the crawl cannot be used; the message says which and what to give."""


@dataclass(frozen=True, order=True)
class Window:
    """Days from ``start`` to ``end``, both included, of one kind of date."""

    start: date
    end: date
    by: By = "last_modified_date"

    @property
    def batch(self) -> str:
        """Name of its lake partition."""
        return f"{_SHORT[self.by]}-{self.start:%Y%m%d}-{self.end:%Y%m%d}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def __str__(self) -> str:
        """As in addresses and messages: last_modified_date:2026-11-08:2026-11-22."""
        return f"{self.by}:{self.start}:{self.end}"

    def split(self, parts: int) -> list[Window]:
        """Up to ``parts`` windows of nearly equal length that together are this one."""
        parts = max(1, min(parts, self.days))
        edges = [self.start + timedelta(days=math.floor(self.days * n / parts)) for n in range(parts + 1)]
        return [Window(a, b - timedelta(days=1), self.by) for a, b in itertools.pairwise(edges)]


@dataclass(frozen=True)
class Plan:
    """What one crawl asks for. Its text stands in the address of the first request, so that an archive can be
    replayed without being told what it holds."""

    windows: tuple[Window, ...]
    path: Path = "auto"
    subawards: bool = True

    def __str__(self) -> str:
        """One line: windows, path, subawards."""
        return f"{','.join(map(str, self.windows))};{self.path};{'subawards' if self.subawards else 'prime'}"

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Inverse of ``str``. Raises OptionError."""
        try:
            listed, path, subawards = text.split(";")
            windows = []
            for one in listed.split(","):
                by, start, end = one.split(":")
                if by not in get_args(By) or path not in get_args(Path):
                    raise ValueError(one)
                windows.append(Window(date.fromisoformat(start), date.fromisoformat(end), cast(By, by)))
        except ValueError as problem:
            raise OptionError(f"'{text[:200]}' is no plan of a USAspending crawl ({problem})") from None
        return cls(tuple(windows), cast(Path, path), subawards == "subawards")


def fiscal_year(day: date) -> int:
    """The federal fiscal year of a day: it begins on 1 October of the year before."""
    return day.year + (day.month >= 10)


def fiscal_windows(start: date, end: date, by: By = "action_date") -> list[Window]:
    """The days split at fiscal years, so that each window fits a bulk download."""
    found = []
    while start <= end:
        last = min(end, date(fiscal_year(start), 9, 30))
        found.append(Window(start, last, by))
        start = last + timedelta(days=1)
    return found


def nightly(today: date, covered_to: date | None, overlap: int = OVERLAP_DAYS) -> list[Window]:
    """Last-modified days of a night: ``overlap`` days back from today, and from where the last good night ended."""
    since = min(today, covered_to or today) - timedelta(days=overlap)
    first = max(since, FIRST_BULK_DAY)
    if (today - first).days < MAX_DAYS:
        return [Window(first, today)]
    return fiscal_windows(first, today, "last_modified_date")


def choose(options: Mapping[str, Any], *, today: date, covered_to: date | None) -> Plan:
    """The plan of a crawl from its options. Raises OptionError naming the option.

    ``date_from``, ``date_to`` (ISO, action dates unless ``by`` says otherwise), else the nightly window;
    ``window_days`` is its overlap (60 for the weekly sweep); ``path``; ``subawards``.
    """
    path = str(options.get("path") or "auto")
    if path not in get_args(Path):
        raise OptionError(f"path '{path}' is unknown: use auto, bulk or search")
    subawards = bool(options.get("subawards", True)) and path != "search"
    start, end = _day(options, "date_from", "from"), _day(options, "date_to", "to")
    if start is None and end is None:
        overlap = _number(options, "window_days", OVERLAP_DAYS)
        return Plan(tuple(nightly(today, covered_to, overlap)), cast(Path, path), subawards)
    by = str(options.get("by") or "action_date")
    if by not in get_args(By):
        raise OptionError(f"by '{by}' is unknown: use action_date or last_modified_date")
    start, end = start or date(fiscal_year(end or today) - 1, 10, 1), end or today
    if start > end:
        raise OptionError(f"date_from {start} lies after date_to {end}: swap them")
    earliest = FIRST_SEARCH_DAY if path == "search" else FIRST_BULK_DAY
    if start < earliest:
        raise OptionError(f"date_from {start} is before {earliest}, the first day USAspending answers for")
    return Plan(tuple(fiscal_windows(start, end, cast(By, by))), cast(Path, path), subawards)


def _day(options: Mapping[str, Any], *names: str) -> date | None:
    for name in names:
        value = options.get(name)
        if value in (None, ""):
            continue
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise OptionError(f"{name} '{value}' is no day: write it as 2024-09-30") from None
    return None


def _number(options: Mapping[str, Any], name: str, default: int) -> int:
    value = options.get(name) or default
    try:
        found = int(value)
    except (TypeError, ValueError):
        raise OptionError(f"{name} '{value}' is no number of days") from None
    if not 1 <= found <= MAX_DAYS:
        raise OptionError(f"{name} must lie between 1 and {MAX_DAYS}, got {found}")
    return found
