"""Deadlines against an independent count, and the model's own numbers (§3.4, §5.1)."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinance.deadlines import Allowance, due_date, is_business_day, step, steps

DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
NEW_YEAR = date(2027, 1, 1)


def calendar(days: int) -> Allowance:
    return Allowance(days=days, unit="calendar_days")


def business(days: int) -> Allowance:
    return Allowance(days=days, unit="business_days")


@given(start=DAYS, days=st.integers(1, 400), offsets=st.sets(st.integers(0, 700), max_size=40))
def test_business_days_agree_with_numpys_calendar(start: date, days: int, offsets: set[int]) -> None:
    holidays = {start + timedelta(days=n) for n in offsets}
    due = due_date(start, business(days), holidays)
    frame = np.busdaycalendar(holidays=[np.datetime64(d) for d in sorted(holidays)])
    first, end = np.datetime64(start) + 1, np.datetime64(due) + 1
    assert np.busday_count(first, end, busdaycal=frame) == days
    assert bool(np.is_busday(np.datetime64(due), busdaycal=frame))


@given(start=DAYS, days=st.integers(1, 400), offsets=st.sets(st.integers(0, 450), max_size=40))
def test_calendar_days_move_on_only_over_closed_days(start: date, days: int, offsets: set[int]) -> None:
    holidays = {start + timedelta(days=n) for n in offsets}
    plain = due_date(start, calendar(days), holidays)
    assert (plain - start).days == days
    moved = due_date(start, calendar(days), holidays, "moves_on")
    assert is_business_day(moved, holidays)
    assert all(not is_business_day(plain + timedelta(days=n), holidays) for n in range((moved - plain).days))


@given(start=DAYS, days=st.integers(1, 200), holiday=st.integers(1, 300))
def test_one_more_holiday_never_shortens_a_deadline(start: date, days: int, holiday: int) -> None:
    closed = {start + timedelta(days=holiday)}
    assert due_date(start, business(days), closed) >= due_date(start, business(days))


@pytest.mark.clause("§3.4")
@pytest.mark.parametrize(
    ("start", "allowance", "holidays", "last_day", "due"),
    [
        (date(2026, 11, 20), calendar(30), (), "stays", date(2026, 12, 20)),  # a Sunday
        (date(2026, 11, 20), calendar(30), (), "moves_on", date(2026, 12, 21)),
        (date(2026, 12, 2), calendar(30), (NEW_YEAR,), "moves_on", date(2027, 1, 4)),  # Friday holiday, weekend
        (date(2026, 11, 20), business(7), (date(2026, 11, 26), date(2026, 11, 27)), "stays", date(2026, 12, 3)),
        (date(2028, 2, 28), calendar(1), (), "stays", date(2028, 2, 29)),
        (date(2026, 11, 21), business(1), (), "stays", date(2026, 11, 23)),  # event on a Saturday
    ],
)
def test_days_by_hand(start: date, allowance: Allowance, holidays: tuple[date, ...], last_day: str, due: date) -> None:
    assert due_date(start, allowance, holidays, last_day) == due  # type: ignore[arg-type]


def test_endless_holidays_are_said_so() -> None:
    class Always(list[date]):
        def __contains__(self, _: object) -> bool:
            return True

    with pytest.raises(ValueError, match="check the holidays"):
        due_date(date(2026, 1, 1), business(1), Always())


def test_an_allowance_is_at_least_a_day() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        calendar(0)


@pytest.mark.clause("§3.4")
@pytest.mark.clause("§5.1")
def test_every_step_of_the_law_is_there() -> None:
    assert [s.id for s in steps()] == [
        "review_request", "review_request_solicitation", "review_request_pending", "council_appeal", "violation_report"]
    assert step("council_appeal").starts == "determination"
    with pytest.raises(KeyError, match="known: review_request"):
        step("coffee")
