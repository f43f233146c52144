"""The USAspending spiders against the replica: fall-backs, resumption, replay, what is handed on, the backfill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.load import LoadReport, load
from crawlers.run import CrawlReport, crawl
from records.lake import read_table
from records.schemas import SUBAWARD, TRANSACTION
from records.workspace import Workspace
from tests.replica.fixtures import SAMPLE, Replica, usaspending_replica

Start = Callable[..., Replica]
YEAR: dict[str, Any] = {"date_from": "2023-10-01", "date_to": "2024-09-30"}
DUMPS = SAMPLE / "transactions"
ROOT = Path(__file__).resolve().parents[2]
__all__ = ["usaspending_replica"]


def ask(folder: Path, replica: Replica | None, source: str = "usaspending", replay: Path | None = None,
        **options: Any) -> CrawlReport:
    return crawl(source, workspace=Workspace(folder), run_id=f"r{time.monotonic_ns()}",
                 mode="live" if replica else "replay", base_url=replica.base if replica else None, replay=replay,
                 options={"today": "2026-11-22", **options})


def into_lake(folder: Path, report: CrawlReport) -> LoadReport:
    home = Workspace(folder)
    return load(report.harvests, EvidenceArchive(home.evidence), home.lake, source=report.source)


def keys(folder: Path) -> set[str]:
    table = read_table(Workspace(folder).lake, "transaction", TRANSACTION)
    return set(table["transaction_key"].to_pylist())


def wanted(replica: Replica) -> set[str]:
    rows = replica.service.store.select("key, action_date", "tx", "", [])
    return {key for key, day in rows if YEAR["date_from"] <= day <= YEAR["date_to"]}


@pytest.mark.clause("§3.3.b")
def test_a_stuck_job_is_given_up_and_the_search_collects_the_same(usaspending_replica: Start, tmp_path: Path) -> None:
    replica = usaspending_replica(DUMPS, job_seconds=600)
    report = ask(tmp_path, replica, job_polls=2, **YEAR)
    assert report.ok, report.problems
    assert {h.parser for h in report.harvests} == {"usaspending_search"}
    assert any("falling back on the search" in note for note in report.notes)
    assert into_lake(tmp_path, report).ok and keys(tmp_path) == wanted(replica)


def test_a_stuck_job_without_the_search_is_a_problem_and_not_covered(
    usaspending_replica: Start, tmp_path: Path
) -> None:
    replica = usaspending_replica(DUMPS, job_seconds=600)
    report = ask(tmp_path, replica, job_polls=2, path="bulk", **YEAR)
    assert not report.ok and report.harvests == []
    assert any("was not finished after 2 polls" in problem for problem in report.problems)
    assert not (Workspace(tmp_path).state / "crawl" / "usaspending" / "covered.json").exists()


def test_what_was_crawled_but_not_loaded_is_handed_on_again(usaspending_replica: Start, tmp_path: Path) -> None:
    replica = usaspending_replica(DUMPS)
    first = ask(tmp_path, replica, **YEAR)
    again = ask(tmp_path, replica, **YEAR)
    assert again.ok and again.stats["requests"] == 1
    assert sorted(again.harvests) == sorted(first.harvests) and again.harvests
    assert into_lake(tmp_path, again).ok and keys(tmp_path) == wanted(replica)
    third = ask(tmp_path, replica, **YEAR)
    assert third.ok and third.harvests == [] and third.stats["requests"] == 1
    assert any("nothing fetched" in note for note in third.notes)
    assert third.proofs and all(proof["ok"] and proof["proved_at"] for proof in third.proofs), "the earlier crawl's"


@pytest.mark.parametrize("path", ["auto", pytest.param("search", marks=pytest.mark.slow)])
def test_an_archive_replays_to_the_same_rows_without_being_told_its_window(
    usaspending_replica: Start, tmp_path: Path, path: str
) -> None:
    replica = usaspending_replica(DUMPS, traps="drops,html500,truncated,failedjobs,ties,lastupdated", seed=3)
    live, copy = tmp_path / "live", tmp_path / "copy"
    first = ask(live, replica, path=path, **YEAR)
    assert first.ok, first.problems
    ask(live, replica, path=path, **YEAR)  # a night without news leaves no plan behind that could not be replayed
    report = ask(copy, None, replay=Workspace(live).evidence / "usaspending")
    assert report.ok, report.problems
    assert [p["got"] for p in report.proofs] and sorted(map(str, report.proofs)) == sorted(map(str, first.proofs))
    into_lake(copy, report)
    assert keys(copy) == wanted(replica)


def test_a_killed_crawl_goes_on_from_what_it_had(usaspending_replica: Start, tmp_path: Path) -> None:
    replica = usaspending_replica(DUMPS)
    options: dict[str, Any] = {"path": "search", "today": "2026-11-22", **YEAR}
    script = ("import json, sys; from pathlib import Path; from crawlers.run import crawl; "
              "from records.workspace import Workspace; "
              "crawl('usaspending', workspace=Workspace(Path(sys.argv[1])), run_id='r0', base_url=sys.argv[2], "
              "options=json.loads(sys.argv[3]))")
    for asked in (10, 10):
        seen = len(replica.requests())
        process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), replica.base, json.dumps(options)],
                                   cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 40
        while len(replica.requests()) - seen < asked and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
        assert process.poll() is None, "it was to be killed, not to finish"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.3)  # its child ends with the pipe
    report = ask(tmp_path, replica, **options)
    assert report.ok, report.problems
    assert report.stats["resumed"] >= 5
    assert into_lake(tmp_path, report).ok and keys(tmp_path) == wanted(replica)
    assert list(EvidenceArchive(Workspace(tmp_path).evidence).verify()) == []


def test_bad_options_are_a_problem_not_a_crash(usaspending_replica: Start, tmp_path: Path) -> None:
    report = ask(tmp_path, usaspending_replica(DUMPS), path="fast")
    assert not report.ok and "path 'fast' is unknown" in report.problems[0]
    assert "names no fiscal years" in ask(tmp_path, usaspending_replica(DUMPS), "usaspending_backfill",
                                          fiscal_years="all").problems[0]


def test_a_silent_service_is_named_and_nothing_is_covered(tmp_path: Path, usaspending_replica: Start) -> None:
    replica = usaspending_replica(DUMPS)
    gone = Replica("http://127.0.0.1:9", replica.service)
    report = ask(tmp_path, gone, source_folder=str(_impatient(tmp_path)), **YEAR)
    assert not report.ok and "the service does not answer, nothing was fetched" in report.problems[0]


def _impatient(folder: Path) -> Path:
    """The source with one try only."""
    text = (ROOT / "crawlers" / "sources" / "usaspending.yaml").read_text(encoding="utf-8")
    place = folder / "sources"
    place.mkdir()
    (place / "usaspending.yaml").write_text(text.replace("tries: 8", "tries: 1"), encoding="utf-8")
    return place


def test_the_backfill_takes_full_files_and_the_funding_side(usaspending_replica: Start, tmp_path: Path) -> None:
    replica = usaspending_replica(DUMPS, funding="same", traps="deltad,truncated,drops", seed=2)
    report = ask(tmp_path, replica, "usaspending_backfill", fiscal_years="2024-2024")
    assert report.ok, report.problems
    batches = {h.batch for h in report.harvests}
    assert {"FY2024-070-contracts", "FY2024-funding"} <= batches
    assert into_lake(tmp_path, report).ok
    rows = read_table(Workspace(tmp_path).lake, "transaction", TRANSACTION).to_pylist()
    assert wanted(replica) <= {r["transaction_key"] for r in rows if not r["deleted"]}
    assert {r["awarding_subtier_code"] for r in rows} <= {"7012", "7014", "7001", None}
    asked = len(replica.requests("award_data_archive"))
    again = ask(tmp_path, replica, "usaspending_backfill", fiscal_years="2024-2024")
    assert again.ok and {h.batch for h in again.harvests} == batches
    assert len(replica.requests("award_data_archive")) == asked, "a file of the month is not fetched twice"


def test_subawards_come_with_the_bulk_file(usaspending_replica: Start, tmp_path: Path) -> None:
    replica = usaspending_replica(SAMPLE)
    report = ask(tmp_path, replica, date_from="2022-10-01", date_to="2025-09-30", path="bulk")
    assert report.ok, report.problems
    into_lake(tmp_path, report)
    assert read_table(Workspace(tmp_path).lake, "subaward", SUBAWARD).num_rows > 0
