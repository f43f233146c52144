"""The days on which a jurisdiction's offices are closed, and the last day of a step.

Belongs here: holidays (library ``holidays``, by the state of the jurisdiction's profile) with the city's own
exceptions, and counting with them. Does not belong here: how days are counted (ordinance.deadlines).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import holidays

from casework.models import Jurisdiction
from ordinance.jurisdiction import Annual


def closed_days(jurisdiction: Jurisdiction, years: Iterable[int]) -> dict[date, str]:
    """Closed days beside weekends, by name: public holidays as observed, the city's own, less its exceptions."""
    days: dict[date, str] = {}
    for year in years:
        days |= _public(jurisdiction.law.state, year)
    days |= dict.fromkeys(_dates(jurisdiction.closed_days), "closed")
    for day in _dates(jurisdiction.open_holidays):
        days.pop(day, None)
    return days


def due(jurisdiction: Jurisdiction, step: str, start: date) -> date:
    """The last day for a step that something on ``start`` (the city's calendar day) set going. Raises KeyError."""
    law = jurisdiction.law
    span = 2 + law.deadlines[step].days // 180
    return law.due(step, start, closed_days(jurisdiction, range(start.year, start.year + span + 1)))


def annual(jurisdiction: Jurisdiction, which: str, year: int) -> date | None:
    """A yearly date of §5.3 ('department_certification' or 'public_report'); None where the law sets none.

    Where last days move on (jurisdiction.yaml), it moves to the next business day like any other. 02-29 is the last day
    of February in other years.
    """
    law = jurisdiction.law
    yearly: Annual = law.annual
    told: str | None = getattr(yearly, which)
    if told is None:
        return None
    month, day = int(told[:2]), int(told[3:])
    try:
        found = date(year, month, day)
    except ValueError:
        found = date(year, month, 28)
    return _moved(jurisdiction, found) if law.last_day == "moves_on" else found


def _moved(jurisdiction: Jurisdiction, day: date) -> date:
    from ordinance.deadlines import is_business_day

    closed = closed_days(jurisdiction, (day.year, day.year + 1))
    while not is_business_day(day, closed):
        day = date.fromordinal(day.toordinal() + 1)
    return day


@lru_cache(maxsize=256)
def _public(state: str | None, year: int) -> dict[date, str]:
    # The neighbouring years too: New Year's Day that falls on a Saturday is observed in the year before.
    found = holidays.country_holidays("US", subdiv=state, years=(year - 1, year, year + 1))
    return {day: name for day, name in found.items() if day.year == year}


def _dates(told: Any) -> list[date]:
    return [date.fromisoformat(str(one)) for one in told]
