"""Deadlines against a second, independent calculation; who is told; the calendar feed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import pytz  # type: ignore[import-untyped]
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from casework import access, clock
from casework.cases import act
from casework.deadlines import closed_days, due, feed, running
from casework.deadlines.clocks import in_time, of_case
from casework.deadlines.days import annual
from casework.deadlines.remind import remind
from casework.models import Jurisdiction
from tests.casework.conftest import People
from tests.casework.making import a_case
from tests.casework.test_cases import walk

ZONES = ("America/Los_Angeles", "Pacific/Honolulu", "America/New_York", "Pacific/Kiritimati", "UTC")
STEPS = ("review_request", "review_request_solicitation", "council_appeal", "violation_report")


@settings(max_examples=120, deadline=None)
@given(
    # To 2036: pytz, the second calculation, knows no summer time from 2038 on.
    moment=st.integers(1_451_606_400, 2_114_380_800),
    zone=st.sampled_from(ZONES), profile=st.sampled_from(("model", "berkeley", "oakland")), step=st.sampled_from(STEPS),
    own=st.lists(st.dates(date(2016, 1, 1), date(2041, 6, 1)), max_size=5),
)
def test_against_a_second_calculation(
    moment: int, zone: str, profile: str, step: str, own: list[date]
) -> None:
    city = Jurisdiction(slug="x", profile=profile, timezone=zone, closed_days=[d.isoformat() for d in own])
    start = clock.today(city, datetime.fromtimestamp(moment, UTC))
    local = datetime.fromtimestamp(moment, pytz.timezone(zone)).date()
    assert start == local
    closed = np.array(sorted(closed_days(city, range(start.year, start.year + 3))), dtype="datetime64[D]")
    allowance, first = city.law.deadlines[step], np.datetime64(local)
    if allowance.unit == "business_days":
        # The day of the event does not count, whatever day it is: stand on the last business day not after it.
        expected = np.busday_offset(first, allowance.days, roll="backward", holidays=closed)
    else:
        expected = first + np.timedelta64(allowance.days, "D")
        if city.law.last_day == "moves_on":
            expected = np.busday_offset(expected, 0, roll="forward", holidays=closed)
    assert due(city, step, start) == expected.astype(date)


def test_holidays_are_the_states_and_the_citys() -> None:
    city = Jurisdiction(slug="x", profile="berkeley", closed_days=["2026-12-24"], open_holidays=["2026-10-12"])
    days = closed_days(city, (2026, 2027))
    assert {date(2026, 7, 3), date(2026, 12, 24), date(2026, 11, 26), date(2027, 12, 24)} <= set(days)  # observed days
    assert "Chavez" in days[date(2026, 3, 31)] and date(2026, 10, 12) not in days
    # New Year's Day of 2028 is a Saturday: observed on Friday, in the year before.
    assert date(2027, 12, 31) in days


@pytest.mark.clause("§5.3")
def test_the_years_dates_stay_or_move_on_as_the_law_says() -> None:
    model, berkeley = Jurisdiction(slug="m", profile="model"), Jurisdiction(slug="b", profile="berkeley")
    assert annual(model, "public_report", 2027) == date(2027, 5, 1)  # a Saturday
    assert annual(berkeley, "public_report", 2027) == date(2027, 5, 3)


@pytest.mark.clause("§3.4")
def test_the_clocks_of_a_notified_case(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, "take", "verify", "determine")
    today = clock.today(city)
    assert [(d.what, d.due) for d in of_case(case)] == [("Appeal to the Council", today + timedelta(days=15))]
    walk(case, boss, "notify", "interest=solicitation")
    assert {d.clause for d in of_case(case)} == {"§3.4"}
    assert [(d.due - today).days for d in of_case(case)] == [7, 15, 30]
    steps = ("review_request", "review_request_solicitation")
    assert in_time(case, steps, today + timedelta(days=30)) and not in_time(case, steps, today + timedelta(days=31))
    walk(case, boss, "request_review", "decide_review=upheld")
    assert [d.what for d in of_case(case)] == ["Appeal to the Council"]
    walk(case, boss, "finalise")
    assert of_case(case) == []
    assert all(d.subject != "Acme Data" for d in running(city))


def test_reminders_are_sent_once_a_mark_and_say_what_is_overdue(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    person("auditor")
    case = walk(a_case(city, company="Evil\r\nBcc: x@y"), boss, "take", "verify", "determine")
    due_on = of_case(case)[0].due
    assert remind(city, due_on - timedelta(days=7)) != [] and remind(city, due_on - timedelta(days=6)) == []
    assert mail.outbox[0].bcc == ["administrator@city.example"] and "in 7 days" in mail.outbox[0].body
    assert "\n" not in mail.outbox[0].subject
    assert any("@overdue" in mark for mark in remind(city, due_on + timedelta(days=2)))
    assert "2 days OVERDUE" in mail.outbox[1].body


def test_the_feed_is_a_calendar_and_its_address_dies_with_the_role(city: Jurisdiction, person: People) -> None:
    boss, auditor = person("administrator"), person("auditor")
    case = walk(a_case(city, company="Acme; Data, Inc\nX"), boss, "take", "verify", "determine")
    parsed = Calendar.from_ical(feed.calendar(city))
    told = {str(e["uid"]): e for e in parsed.walk("VEVENT")}
    deadline = of_case(case)[0]
    event = told[f"{deadline.uid}@oakville.section3c"]
    assert event.decoded("dtstart") == deadline.due and "Acme; Data, Inc" in str(event["summary"])
    address = feed.address(auditor, city)
    assert feed.owner(address) == (auditor, city)
    with pytest.raises(access.Forbidden):
        feed.owner(address[:-1] + ("A" if address[-1] != "A" else "B"))
    auditor.memberships.all().delete()
    with pytest.raises(access.Forbidden):
        feed.owner(address)


def test_a_late_request_is_marked_late(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, "take", "verify", "determine", "notify")
    event = act.perform(case, boss, act.Step("request_review", reason="asked by letter", data={"on": "2099-01-01"}))
    assert event.data["in_time"] is False
