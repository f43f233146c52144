"""Issue 2's acceptance: everything collected through the traps, proved; the next night only the window; kill -9."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from records.schemas import STATEMENT, TRANSACTION
from tests.acceptance.harness import Installation, Ran, expected_facts, proofs, visible
from tests.replica.fixtures import SAMPLE, Replica
from warehouse.shapes import AWARD, AWARD_TEXT

Start = Callable[..., Replica]
YEARS = ("2020-10-01", "2024-09-30")
SAMPLE_YEARS = ("2022-10-01", "2024-09-30")
_POSTPONED = 5
_TABLES = {"award": AWARD, "award_text": AWARD_TEXT, "statement": STATEMENT, "transaction": TRANSACTION}


def _today() -> date:
    return datetime.now(UTC).date()


def _arguments(years: tuple[str, str]) -> tuple[str, ...]:
    return "--from", years[0], "--to", years[1]


def _complete(ran: Ran, home: Installation, years: tuple[str, str]) -> None:
    """The run is well, proves completeness (a crawl that a killed run had finished shows that one's proofs), and the
    lake holds exactly the service's rows."""
    assert ran.code == 0, f"{ran.out[-3000:]}\n{ran.err[-3000:]}"
    assert proofs(ran) and all(proof["ok"] for proof in proofs(ran)), proofs(ran)
    expected = expected_facts(visible(home.replica, *years))
    facts = home.facts()
    assert facts - expected == set(), "rows the service does not have"
    assert expected - facts == set(), "rows of the service that were not collected"


def _contents(ran: Ran) -> dict[str, str]:
    """Content hashes of the published tables, as the summary prints them."""
    hashes: dict[str, str] = ran.summary["table_hashes"]
    assert len(hashes) > 10
    return hashes


def _windows(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """(date type, start) of every time window asked for."""
    found: set[tuple[str, str]] = set()
    for entry in entries:
        filters = (entry["body"] or {}).get("filters", {}) if isinstance(entry["body"], dict) else {}
        if "date_range" in filters:
            found.add((filters["date_type"], filters["date_range"]["start_date"]))
        found |= {(p.get("date_type", "action_date"), p["start_date"]) for p in filters.get("time_period", [])}
    return found


def _two_nights(home: Installation, years: tuple[str, str]) -> None:
    store = home.replica.service.store
    tonight = _today()
    keys = sorted(home.replica.transaction_keys())[:: max(1, len(store.rows) // (2 * _POSTPONED))]
    late, corrected = keys[:_POSTPONED], keys[_POSTPONED : 2 * _POSTPONED]
    for key in late:
        store.correct(key, {"last_modified_date": tonight.isoformat()})
    assert store.today < tonight and not set(late) & home.replica.transaction_keys()

    _complete(home.run(*_arguments(years)), home, years)
    first = len(home.replica.requests())

    home.replica.move_today(tonight)
    for key in corrected:
        store.correct(key, {"transaction_description": "CORRECTED DESCRIPTION"})
    before = home.facts()
    second = home.run()
    assert second.code == 0, f"{second.out[-3000:]}\n{second.err[-3000:]}"
    asked = _windows(home.replica.requests()[first:])
    earliest = (tonight - timedelta(days=31)).isoformat()
    assert asked and all(kind == "last_modified_date" and start >= earliest for kind, start in asked), asked
    expected = expected_facts(visible(home.replica, *years))
    gained = home.facts() - before
    assert expected - home.facts() == set()
    assert gained == expected - before and len(gained) == len(late) + len(corrected)


def _killed_again_and_again(
    home: Installation, undisturbed: Installation, years: tuple[str, str], kills: int, seed: int
) -> None:
    calm = undisturbed.run(*_arguments(years))
    _complete(calm, undisturbed, years)
    draw = random.Random(seed)
    killed = 0
    while killed < kills:
        after = draw.uniform(0.5, 0.95 * calm.seconds)
        ran = home.run_and_kill(after, *_arguments(years), whole_group=killed % 3 != 2)
        if ran.code is None:
            killed += 1
            continue
        _same_content(ran, calm, home, undisturbed, years)
        shutil.rmtree(home.folder)  # what follows is to be killed at work, not at finding everything done
    _same_content(home.run(*_arguments(years)), calm, home, undisturbed, years)


def _same_content(ran: Ran, calm: Ran, home: Installation, undisturbed: Installation, years: tuple[str, str]) -> None:
    _complete(ran, home, years)
    assert home.reader_versions() == undisturbed.reader_versions(), "the reader's code changed during the test"
    for table, schema in _TABLES.items():
        mine, theirs = home.table_facts(table, schema), undisturbed.table_facts(table, schema)
        assert mine == theirs, f"{table}: only here {sorted(mine - theirs)[:3]}, only there {sorted(theirs - mine)[:3]}"
    assert _contents(ran) == _contents(calm)


@pytest.mark.timeout(600)
@pytest.mark.clause("§3.3.b")
def test_the_sample_is_collected_through_all_traps_and_the_next_night_fetches_the_window(
    usaspending_replica: Start, tmp_path: Path
) -> None:
    replica = usaspending_replica(SAMPLE / "transactions", traps="all", seed=4, today=_today() - timedelta(days=1))
    _two_nights(Installation(tmp_path / "data", replica), SAMPLE_YEARS)


@pytest.mark.timeout(600)
def test_killed_runs_of_the_sample_end_in_the_same_content(usaspending_replica: Start, tmp_path: Path) -> None:
    calm = usaspending_replica(SAMPLE / "transactions", traps="none")
    replica = usaspending_replica(SAMPLE / "transactions", traps="none")
    _killed_again_and_again(
        Installation(tmp_path / "data", replica), Installation(tmp_path / "calm", calm), SAMPLE_YEARS, kills=2, seed=1
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.clause("§3.3.b")
def test_the_backfill_through_the_command_line_brings_the_years_asked_for(
    usaspending_replica: Start, tmp_path: Path
) -> None:
    replica = usaspending_replica(SAMPLE / "transactions", funding="same", traps="none")
    home = Installation(tmp_path / "data", replica, source="usaspending_backfill")
    ran = home.run("--from", "2023-10-01", "--to", "2024-09-30")
    assert ran.code == 0, f"{ran.out[-3000:]}\n{ran.err[-3000:]}"
    assert proofs(ran) and all(proof["ok"] for proof in proofs(ran)), proofs(ran)
    assert ran.summary["candidate_count"] > 0
    expected = expected_facts(visible(replica, "2023-10-01", "2024-09-30"))
    assert expected and expected - home.facts() == set()


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(3600)
@pytest.mark.clause("§3.3.b")
def test_four_years_are_collected_through_all_traps_and_the_next_night_fetches_the_window(
    usaspending_replica: Start, tmp_path: Path, shared: Path
) -> None:
    folder = shared / "data" / "awards" / "transactions"
    replica = usaspending_replica(
        folder, traps="all", today=_today() - timedelta(days=1), job_seconds=0.5, job_limit=20.0
    )
    assert replica.count() == 39_296
    _two_nights(Installation(tmp_path / "data", replica), YEARS)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(7200)
def test_ten_kills_at_random_instants_lose_nothing_and_double_nothing(
    usaspending_replica: Start, tmp_path: Path, shared: Path
) -> None:
    folder = shared / "data" / "awards" / "transactions"
    calm = usaspending_replica(folder, traps="all", job_seconds=0.5, job_limit=20.0)
    replica = usaspending_replica(folder, traps="all", seed=7, job_seconds=0.5, job_limit=20.0)
    _killed_again_and_again(
        Installation(tmp_path / "data", replica), Installation(tmp_path / "calm", calm), YEARS, kills=10, seed=2
    )
