"""`section3c sources`: what each source did, what is expected of it, and when it runs next."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crawlers.sources import all_sources
from pipelines.freshness import Mark, note_rows, read_mark, write_mark
from pipelines.overview import SourceLine, sources
from records.workspace import Workspace
from section3c import app

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def crawled(workspace: Workspace, source: str, days_ago: int, rows: dict[str, int], *, proven: bool = True,
            **verdicts: int) -> None:
    at = NOW - timedelta(days=days_ago)
    write_mark(workspace, Mark(source, at.date(), "r", "live", None, None, proven, at, verdicts=verdicts))
    note_rows(workspace, source, at.date(), rows)


def line(workspace: Workspace, source: str) -> SourceLine:
    return next(one for one in sources(workspace, NOW) if one.source == source)


def test_every_source_is_listed_even_when_it_was_never_crawled(workspace: Workspace) -> None:
    found = sources(workspace, NOW)
    assert [one.source for one in found] == list(all_sources())
    assert {one.state for one in found} == {"never crawled"}
    assert all(one.last_success is None and one.blocked is None for one in found)


def test_last_success_refusals_and_staleness(workspace: Workspace) -> None:
    crawled(workspace, "news", 4, {"document": 40}, ok=60, block_page=20, not_modified=20)
    crawled(workspace, "news", 3, {"document": 4}, proven=False, ok=50, captcha=30, error=20)
    news = line(workspace, "news")
    assert (news.state, news.last_success) == ("STALE", NOW - timedelta(days=4)), "the run of yesterday was not proven"
    assert news.reaches == date(2026, 5, 16)
    assert (news.answers, news.blocked, news.failed) == (200, 0.25, 0.1)
    crawled(workspace, "news", 0, {"document": 44}, ok=10)
    assert line(workspace, "news").state == "fresh"


@pytest.mark.parametrize(("rows", "low"), [(20_000, False), (14_999, True)])
def test_volume_is_held_against_what_the_yaml_asserts(workspace: Workspace, rows: int, low: bool) -> None:
    crawled(workspace, "sam_notices", 0, {"notice": rows, "document": 9})
    found = line(workspace, "sam_notices")
    assert (found.expected, found.volume_low) == ("at least 15,000 notice", low)
    assert f"{rows:,} notice" in found.volume


def test_without_an_assertion_volume_is_held_against_what_is_usual(workspace: Workspace) -> None:
    for ago in (4, 3, 2):
        crawled(workspace, "gdelt", ago, {"lead": 100 + ago})
    assert line(workspace, "gdelt").volume_low is None, "three days do not make a custom"
    crawled(workspace, "gdelt", 1, {"lead": 90})
    assert (line(workspace, "gdelt").expected, line(workspace, "gdelt").volume_low) == ("usually 103 rows", False)
    crawled(workspace, "gdelt", 0, {"lead": 12})
    assert line(workspace, "gdelt").volume_low is True


def test_the_next_run_is_the_schedules_own(workspace: Workspace) -> None:
    # 20 May 2026 is a Wednesday; the night is half past three in New York, in summer half past seven UTC
    expected = {"nightly": datetime(2026, 5, 21, 7, 30, tzinfo=UTC), "weekly": datetime(2026, 5, 23, 11, tzinfo=UTC),
                "monthly": datetime(2026, 6, 10, 13, tzinfo=UTC)}
    for one in sources(workspace, NOW):
        assert one.next_run == expected[one.cadence]


def test_a_second_crawl_of_a_day_adds_its_answers(workspace: Workspace) -> None:
    for _ in range(2):
        crawled(workspace, "news", 0, {"document": 3}, ok=5)
    mark = read_mark(workspace, "news", NOW.date())
    assert mark is not None and (mark.verdicts, mark.rows) == ({"ok": 10}, {"document": 3})


@pytest.mark.parametrize("verb", [["sources"], ["source", "list"]])
def test_the_verb_shows_them(workspace: Workspace, verb: list[str]) -> None:
    crawled(workspace, "news", 400, {"document": 3}, ok=5)
    told = CliRunner().invoke(app, [*verb, "--data", str(workspace.root)])
    assert told.exit_code == 0, told.output
    assert "STALE" in told.output and "stale: news: proven complete up to" in told.output
    listed = CliRunner().invoke(app, [*verb, "--data", str(workspace.root), "--format", "json"])
    assert {one["source"] for one in json.loads(listed.stdout)} == set(all_sources())
