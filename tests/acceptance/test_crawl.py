"""Crawl and load against the replica with all its traps: exactly the service's rows, proved, on either way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.load import LoadReport, load
from crawlers.run import CrawlReport, crawl
from tests.acceptance.harness import Installation, expected_facts, visible
from tests.replica.fixtures import SAMPLE, Replica

Start = Callable[..., Replica]
YEARS = {"date_from": "2020-10-01", "date_to": "2024-09-30", "by": "action_date"}


def gather(home: Installation, run_id: str, **options: Any) -> tuple[CrawlReport, LoadReport]:
    """One crawl, loaded."""
    workspace = home.workspace
    report = crawl("usaspending", workspace=workspace, run_id=run_id, base_url=home.replica.base, options=options)
    loaded = load(report.harvests, EvidenceArchive(workspace.evidence), workspace.lake, source="usaspending")
    return report, loaded


def complete(home: Installation, report: CrawlReport, loaded: LoadReport, start: str, end: str) -> None:
    """Proved by the service's own counts, and row for row what the service has."""
    assert report.ok and report.problems == []
    assert report.proofs and all(proof["ok"] for proof in report.proofs)
    assert sum(p["got"] for p in report.proofs if p["name"].startswith("awarding")) == len(
        visible(home.replica, start, end)
    )
    assert loaded.ok, loaded.problems
    expected, facts = expected_facts(visible(home.replica, start, end)), home.facts()
    assert facts - expected == set(), "rows the service does not have"
    assert expected - facts == set(), "rows of the service that were not collected"


@pytest.mark.clause("§3.3.b")
@pytest.mark.parametrize(("path", "seed"), [("auto", 10), ("search", 1)])
def test_the_sample_is_collected_exactly_through_all_traps(
    usaspending_replica: Start, tmp_path: Path, path: str, seed: int
) -> None:
    replica = usaspending_replica(SAMPLE / "transactions", traps="all", seed=seed, job_limit=2.0)
    home = Installation(tmp_path, replica)
    report, loaded = gather(home, "r1", path=path, date_from="2022-10-01", date_to="2024-09-30", by="action_date")
    complete(home, report, loaded, "2022-10-01", "2024-09-30")


def test_the_next_night_asks_for_the_window_only_and_an_unchanged_one_for_nothing(
    usaspending_replica: Start, tmp_path: Path
) -> None:
    tonight = date(2026, 11, 22)
    replica = usaspending_replica(SAMPLE / "transactions", today=tonight - timedelta(days=1), job_limit=2.0)
    store, home = replica.service.store, Installation(tmp_path, replica)
    late, corrected, *_ = sorted(replica.transaction_keys())
    store.correct(late, {"last_modified_date": tonight.isoformat()})
    years = {"date_from": "2022-10-01", "date_to": "2024-09-30"}
    complete(home, *gather(home, "r1", today=str(tonight - timedelta(days=1)), **years), "2022-10-01", "2024-09-30")
    before, first = home.facts(), len(replica.requests())

    replica.move_today(tonight)
    store.correct(corrected, {"transaction_description": "CORRECTED DESCRIPTION"})
    report, loaded = gather(home, "r2", today=str(tonight))
    assert report.ok and loaded.ok
    assert home.facts() - before == expected_facts(visible(replica)) - before
    assert len(home.facts() - before) == 2
    posts = [e["body"]["filters"] for e in replica.requests("bulk_download/awards")[-8:] if e["n"] >= first]
    assert posts and {post["date_type"] for post in posts} == {"last_modified_date"}
    assert min(post["date_range"]["start_date"] for post in posts) >= str(tonight - timedelta(days=30))

    second = len(replica.requests())
    report, _ = gather(home, "r3", today=str(tonight))
    assert report.ok and [e["path"] for e in replica.requests()[second:]] == ["/api/v2/awards/last_updated/"]


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("path", ["auto", "search"])
def test_four_years_are_collected_exactly_through_all_traps(
    usaspending_replica: Start, tmp_path: Path, shared: Path, path: str
) -> None:
    folder = shared / "data" / "awards" / "transactions"
    replica = usaspending_replica(folder, traps="all", seed=8, job_seconds=0.5, job_limit=20.0)
    home = Installation(tmp_path, replica)
    complete(home, *gather(home, "r1", path=path, **YEARS), YEARS["date_from"], YEARS["date_to"])
    assert len(home.facts()) == 39_296
