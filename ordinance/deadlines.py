"""Deadlines: the law's clocks as data, and the day a clock runs out.

Belongs here: which step each clause gives a time for, and counting calendar or business days with holidays handed
in. Does not belong here: a city's holidays (casework has its calendar), a case's own dates.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

Unit = Literal["calendar_days", "business_days"]
LastDay = Literal["stays", "moves_on"]
Start = Literal["notification", "solicitation", "pending_contract", "determination", "finding"]
_FILE: Final = DATA / "deadlines.yaml"
_MOST_DAYS: Final = 3660
_SATURDAY: Final = 5


class Step(Data):
    """A step the law sets a time for; fields as said in deadlines.yaml."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    clause: str = Field(pattern=r"^§[0-9.]+$")
    name: str
    starts: Start
    who: str
    what: str


class Steps(Data):
    """The whole of deadlines.yaml."""

    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Steps:
        ids = [s.id for s in self.steps]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"each step's id may stand once only; given twice: {', '.join(twice)}")
        return self


class Allowance(Data):
    """How long a step may take: a count of calendar or business days after the day that starts it."""

    days: int = Field(ge=1, le=_MOST_DAYS)
    unit: Unit


def steps() -> tuple[Step, ...]:
    """All steps with a deadline. Raises OrdinanceError when the file is faulty."""
    return load_yaml(_FILE, Steps).steps


def step(step_id: str) -> Step:
    """One step. Raises KeyError naming the known ids."""
    for one in steps():
        if one.id == step_id:
            return one
    raise KeyError(f"no step '{step_id}'; known: {', '.join(s.id for s in steps())}")


def is_business_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Monday to Friday and no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def due_date(start: date, allowance: Allowance, holidays: Collection[date] = (), last_day: LastDay = "stays") -> date:
    """The last day on which the step is in time. The day of the event is not counted; the last day is.

    ``last_day`` 'moves_on' carries a calendar-day deadline that falls on a weekend or holiday to the next business
    day (as California counts, CCP §§12, 12a); 'stays' leaves it. Raises ValueError when the holidays leave no
    business day within ten years.
    """
    if allowance.unit == "calendar_days":
        due = start + timedelta(days=allowance.days)
        return due if last_day == "stays" else _next_business_day(due, holidays)
    day = start
    for _ in range(allowance.days):
        day = _next_business_day(day + timedelta(days=1), holidays)
    return day


def _next_business_day(day: date, holidays: Collection[date]) -> date:
    for _ in range(_MOST_DAYS):
        if is_business_day(day, holidays):
            return day
        day += timedelta(days=1)
    raise ValueError(f"no business day within ten years of {day - timedelta(days=_MOST_DAYS)}: check the holidays")
