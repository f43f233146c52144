"""Dates: nightly windows with overlap, fiscal years, plans as text, what counts as covered."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.usaspending.covered import CoveredLog
from crawlers.usaspending.windows import MAX_DAYS, OptionError, Plan, Window, choose, fiscal_windows, nightly

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2000, 10, 1), date(2030, 1, 1))


@given(DAYS, DAYS)
def test_fiscal_windows_cover_the_days_once_and_fit_a_bulk_job(one: date, other: date) -> None:
    start, end = min(one, other), max(one, other)
    windows = fiscal_windows(start, end)
    assert sum(w.days for w in windows) == (end - start).days + 1
    assert windows[0].start == start and windows[-1].end == end
    assert all(w.days <= MAX_DAYS for w in windows)
    assert all(b.start - a.end == timedelta(days=1) for a, b in itertools.pairwise(windows))


@given(DAYS, st.integers(0, 800), st.integers(1, 900))
def test_split_windows_are_the_window(start: date, length: int, parts: int) -> None:
    window = Window(start, start + timedelta(days=length))
    found = window.split(parts)
    assert len(found) == min(parts, window.days)
    assert [d for w in found for d in range(w.start.toordinal(), w.end.toordinal() + 1)] == list(
        range(window.start.toordinal(), window.end.toordinal() + 1))


def test_a_night_reaches_back_two_weeks_and_to_the_last_good_night() -> None:
    assert nightly(TODAY, None) == [Window(date(2026, 11, 8), TODAY)]
    assert nightly(TODAY, date(2026, 11, 1)) == [Window(date(2026, 10, 18), TODAY)]
    assert nightly(TODAY, date(2027, 5, 1)) == [Window(date(2026, 11, 8), TODAY)], "a clock that ran ahead"
    long = nightly(TODAY, date(2024, 11, 1))
    assert long[0].start == date(2024, 10, 18) and long[-1].end == TODAY and all(w.days <= MAX_DAYS for w in long)


@pytest.mark.parametrize(("options", "said"), [
    ({"path": "fast"}, "path 'fast'"), ({"date_from": "yesterday"}, "is no day"),
    ({"window_days": "many"}, "no number"),
    ({"date_from": "2024-02-01", "date_to": "2024-01-01"}, "swap them"), ({"window_days": 900}, "between 1 and 366"),
    ({"date_from": "1999-01-01", "date_to": "2024-01-01"}, "before 2000-10-01"), ({"date_to": "2024-01-01", "by": "x"},
                                                                                   "by 'x'"),
])
def test_options_that_cannot_be_used_are_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        choose(options, today=TODAY, covered_to=None)


@pytest.mark.parametrize("options", [
    {}, {"date_from": "2020-10-01", "date_to": "2024-09-30"}, {"path": "search"}, {"window_days": 60},
    {"date_to": "2024-03-01", "by": "last_modified_date", "subawards": False},
])
def test_a_plan_survives_its_text(options: dict[str, Any]) -> None:
    plan = choose(options, today=TODAY, covered_to=None)
    assert Plan.parse(str(plan)) == plan


@pytest.mark.parametrize("text", ["", "x;auto;prime", "action_date:2024-01-01:soon;auto;prime", "a:b;c"])
def test_a_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is no plan"):
        Plan.parse(text)


def test_an_unchanged_night_is_known_by_the_data_version(tmp_path: Path) -> None:
    log = CoveredLog(tmp_path)
    night = choose({}, today=TODAY, covered_to=None)
    year = choose({"date_from": "2023-10-01", "date_to": "2024-09-30"}, today=TODAY, covered_to=None)
    assert log.unchanged(night, "11/21/2026") is None
    log.add(night, "11/21/2026", [])
    log = CoveredLog(tmp_path)
    tomorrow = choose({}, today=TODAY + timedelta(days=1), covered_to=log.covered_to())
    assert log.covered_to() == TODAY
    assert log.unchanged(night, "11/21/2026") is not None
    assert log.unchanged(night, "11/22/2026") is None, "new data"
    assert log.unchanged(night, "") is None, "the service did not say"
    assert log.unchanged(year, "11/21/2026") is None, "other days"
    assert log.unchanged(choose({"window_days": 60}, today=TODAY, covered_to=None), "11/21/2026") is None
    assert tomorrow.windows[0].start == TODAY - timedelta(days=14)


def test_a_new_agency_is_not_covered_by_earlier_nights(tmp_path: Path) -> None:
    plan = choose({}, today=TODAY, covered_to=None)
    CoveredLog(tmp_path, ["7012", "7014"]).add(plan, "11/21/2026", [])
    assert CoveredLog(tmp_path, ["7012"]).unchanged(plan, "11/21/2026") is not None
    assert CoveredLog(tmp_path, ["7012", "7003"]).unchanged(plan, "11/21/2026") is None


def test_a_crawl_counts_as_loaded_when_its_partition_is_younger(tmp_path: Path) -> None:
    log, lake = CoveredLog(tmp_path / "state"), tmp_path / "lake"
    plan = choose({}, today=TODAY, covered_to=None)
    part = lake / "transaction" / "source=usaspending" / f"batch={plan.windows[0].batch}"
    part.mkdir(parents=True)
    os.utime(part, (1, 1))
    log.add(plan, "11/21/2026", [{"capture_id": "c", "parser": "p", "batch": plan.windows[0].batch}])
    assert not log.records[0].loaded(lake, "usaspending"), "the partition is of an earlier load"
    later = datetime.now(UTC).timestamp() + 1  # the file system's clock ticks in steps of some milliseconds
    os.utime(part, (later, later))
    assert log.records[0].loaded(lake, "usaspending")


def test_a_damaged_state_file_costs_a_crawl_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "covered.json").write_text('[{"plan": ', encoding="utf-8")
    assert CoveredLog(tmp_path).records == []
