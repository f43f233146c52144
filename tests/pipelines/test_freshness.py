"""Freshness looks at what was covered, not at when something was last made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.freshness import Mark, judge, read_mark, write_mark
from records.workspace import Workspace

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def mark(day: date, **changes: Any) -> Mark:
    values: dict[str, Any] = {
        "source": "usaspending", "day": day, "run_id": "r", "mode": "live", "covered_from": day - timedelta(days=10),
        "covered_to": day, "proven": True, "at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
    }
    return Mark(**{**values, **changes})


def test_never_crawled_live_is_no_fault(workspace: Workspace) -> None:
    write_mark(workspace, mark(date(2026, 11, 22), mode="replay"))
    found = judge(workspace, "usaspending", "nightly", NOW)
    assert not found.stale
    assert found.last_day is None


def test_last_night_proven_is_fresh(workspace: Workspace) -> None:
    write_mark(workspace, mark(date(2026, 11, 21)))
    assert not judge(workspace, "usaspending", "nightly", NOW).stale


def test_three_silent_nights_are_stale(workspace: Workspace) -> None:
    write_mark(workspace, mark(date(2026, 11, 19)))
    found = judge(workspace, "usaspending", "nightly", NOW)
    assert found.stale
    assert found.last_day == date(2026, 11, 19)
    assert "2026-11-19" in found.reason


def test_a_backfill_of_an_old_window_does_not_freshen(workspace: Workspace) -> None:
    write_mark(workspace, mark(date(2026, 11, 18)))
    write_mark(workspace, mark(date(2026, 11, 22), covered_from=date(2021, 1, 1), covered_to=date(2022, 12, 31)))
    found = judge(workspace, "usaspending", "nightly", NOW)
    assert found.stale
    assert found.last_day == date(2026, 11, 18)


def test_crawls_without_proof_do_not_count(workspace: Workspace) -> None:
    write_mark(workspace, mark(date(2026, 11, 22), proven=False))
    found = judge(workspace, "usaspending", "nightly", NOW)
    assert found.stale
    assert "never proven" in found.reason


def test_a_second_crawl_of_the_day_adds_harvests_and_keeps_the_better_coverage(workspace: Workspace) -> None:
    day = date(2026, 11, 22)
    first = {"capture_id": "c1", "parser": "p", "batch": "b1", "context": {}}
    second = {"capture_id": "c2", "parser": "p", "batch": "b2", "context": {}}
    write_mark(workspace, mark(day, harvests=[first]))
    write_mark(workspace, mark(day, mode="replay", proven=False, harvests=[second, first]))
    kept = read_mark(workspace, "usaspending", day)
    assert kept is not None
    assert kept.proven
    assert kept.mode == "live"
    assert kept.harvests == [first, second]
