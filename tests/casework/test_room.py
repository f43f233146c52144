"""The command line's verbs over a whole small installation, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from casework.cases.sync import sync
from casework.models import Case, Event, Jurisdiction
from pipelines.casework import tell
from records.workspace import Workspace
from tests.warehouse.built import fill, night
from warehouse import listings
from warehouse.publish import publish

ROOT = Path(__file__).resolve().parents[2]


def section3c(workspace: Workspace, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    quiet = {k: v for k, v in os.environ.items() if k not in ("SECTION3C_CASEWORK_URL", "DJANGO_SETTINGS_MODULE")}
    return subprocess.run(
        [sys.executable, str(ROOT / "section3c.py"), *arguments, "--data", str(workspace.root)],
        input=given, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=quiet,
    )


@pytest.fixture
def published(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "data")
    fill(workspace)
    report = night(workspace)
    publish(workspace, report.version, {name: list(both) for name, both in report.hashes.items()})
    return workspace


def test_cases_of_a_published_warehouse(published: Workspace, city: Jurisdiction) -> None:
    report = sync(published)
    assert report.opened == Case.objects.count() > 0
    case = Case.objects.order_by("-score_millibits")[0]
    page = listings.candidate(published, case.candidate_id)
    assert case.company == page.candidate["company"][0].as_py()
    assert case.score == pytest.approx(float(page.candidate["score"][0].as_py()))
    assert {e["statement_id"] for e in case.evidence} <= set(page.statements["statement_id"].to_pylist())
    assert all(len(e["sha256"]) == 64 and e["evidence_kind"] for e in case.evidence)
    assert Event.objects.get(stream=case.stream).warehouse_version == report.version
    assert sync(published).opened == 0


@pytest.mark.slow
def test_set_up_sync_and_verify(published: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECTION3C_CASEWORK_URL", raising=False)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    monkeypatch.chdir(ROOT)
    assert tell(published) == "" and not published.casework_database.exists()
    assert "City of Berkeley is set up" in section3c(published, "jurisdiction", "add", "berkeley").stdout
    weak = section3c(published, "user", "add", "ann", "--jurisdiction", "berkeley", "--role", "administrator",
                     "--email", "ann@city.example", given="short\n")
    assert weak.returncode == 1 and "too short" in weak.stderr and "Traceback" not in weak.stderr
    made = section3c(published, "user", "add", "ann", "--jurisdiction", "berkeley", "--role", "administrator",
                     "--email", "ann@city.example", given="a long enough pass phrase\n")
    assert "ann is now administrator of berkeley" in made.stdout, made.stderr
    assert tell(published).startswith("casework: ") and not tell(published).startswith("casework: 0 new cases, 1")
    clean = section3c(published, "casework", "verify")
    assert clean.returncode == 0 and ", 0 findings" in clean.stdout, clean.stdout + clean.stderr
    assert (published.secret_key.stat().st_mode & 0o777) == 0o600
