"""Journals: every stage on disk before the next begins, whole files only."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines import journal
from pipelines.journal import Journal, plain
from records.workspace import Workspace


@dataclass
class Report:
    day: date
    amount: Decimal
    folder: Path
    names: frozenset[str]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def test_reports_become_json_without_losing_a_cent() -> None:
    report = Report(date(2026, 1, 2), Decimal("12345678901234.56"), Path("a/b"), frozenset({"b", "a"}))
    assert json.loads(json.dumps(plain(report))) == {
        "day": "2026-01-02", "amount": "12345678901234.56", "folder": "a/b", "names": ["a", "b"],
    }


def test_a_failed_stage_is_kept_with_its_reason_and_raised(workspace: Workspace) -> None:
    book = Journal.open(workspace, "r1", {"mode": "replay"})
    with book.stage("awards") as entry:
        entry["report"] = {"rows": 3}
    with pytest.raises(ValueError, match="no such column"), book.stage("statements"):
        raise ValueError("no such column")
    kept = Journal.open(workspace, "r1", {})
    assert [(s["name"], s["state"]) for s in kept.body["stages"]] == [("awards", "done"), ("statements", "failed")]
    assert kept.body["stages"][1]["error"] == "ValueError: no such column"
    assert kept.report("awards") == {"rows": 3}
    assert kept.report("statements") is None


def test_a_run_that_was_killed_shows_as_interrupted(workspace: Workspace) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from pipelines.journal import Journal;"
        "from records.workspace import Workspace;"
        "Journal.open(Workspace(Path(sys.argv[1])), 'r2', {}); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(workspace.root)], check=False)
    found = journal.last(workspace)
    assert found is not None
    assert found["state"] == "interrupted"
    assert journal.last(workspace, "succeeded") is None


def test_a_torn_journal_is_passed_over(workspace: Workspace) -> None:
    Journal.open(workspace, "r3", {}).close({"version": "1"}, ok=True)
    (journal.runs_folder(workspace) / "torn.json").write_text('{"run_id": "x", "star', encoding="utf-8")
    assert [body["run_id"] for body in journal.journals(workspace)] == ["r3"]


def test_old_journals_go(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEEP_JOURNALS", 3)
    for number in range(5):
        Journal.open(workspace, f"run{number}", {}).close(None, ok=True)
    assert {body["run_id"] for body in journal.journals(workspace)} == {"run2", "run3", "run4"}
