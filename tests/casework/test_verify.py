"""Whoever tampers with the database file behind the triggers is found, and the event is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from casework import ledger, triggers
from casework.models import Case, Event, Jurisdiction
from casework.verify import verify
from records.workspace import Workspace
from tests.casework.conftest import People
from tests.casework.making import a_case
from tests.casework.test_cases import walk


@pytest.fixture
def unguarded(city: Jurisdiction, person: People) -> Iterator[Case]:
    """A decided case, with the triggers off: what a tamperer with the file can reach."""
    case = walk(a_case(city), person("administrator"), "take", "verify", "determine")
    with connection.cursor() as cursor:
        for table in triggers.APPEND_ONLY:
            for verb in ("update", "delete", "truncate"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")
    yield case


def laid(case: Case) -> None:
    with connection.cursor() as cursor:
        for statement in triggers.statements(connection.vendor):
            cursor.execute(statement.replace("%", "%%"))


def test_a_sound_ledger_is_sound_and_its_head_is_noted(city: Jurisdiction, tmp_path: Path) -> None:
    a_case(city)
    workspace = Workspace(tmp_path)
    report = verify(workspace)
    assert (report.ok, report.events, report.cases) == (True, 1, 1)
    assert report.head == ledger.head()[1]
    assert report.head in (workspace.casework / "ledger-heads.jsonl").read_text()


@pytest.mark.parametrize(("column", "value"), [
    ("reason", "other"), ("actor_name", "Somebody"), ("kind", "clear"), ("data", {"outcome": "not_provider"}),
    ("evidence", []), ("score_millibits", 1), ("stream", "case:999"), ("at", "2020-01-01T00:00:00Z"),
])
def test_every_changed_column_is_found(unguarded: Case, tmp_path: Path, column: str, value: object) -> None:
    last = Event.objects.get(kind="determine")
    Event.objects.filter(seq=last.seq).update(**{column: value})
    laid(unguarded)
    findings = verify(Workspace(tmp_path)).findings
    assert any(f"event {last.seq} (" in f and "was changed" in f for f in findings), findings


def test_a_removed_event_a_cut_end_and_a_missing_trigger_are_found(unguarded: Case, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert [f for f in verify(workspace).findings if "no longer refuses changes" in f]
    laid(unguarded)
    assert verify(workspace).ok
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER casework_event_no_delete"
                       + (" ON casework_event" if connection.vendor == "postgresql" else ""))
    Event.objects.get(kind="determine").delete()
    laid(unguarded)
    findings = verify(workspace).findings
    assert any("cut off" in f for f in findings) and any("differ from what its events say" in f for f in findings)


def test_a_hole_is_named(unguarded: Case, tmp_path: Path) -> None:
    hole = Event.objects.get(kind="take")
    hole.delete()
    laid(unguarded)
    assert any(f.startswith(f"event {hole.pk or 2} missing") for f in verify(Workspace(tmp_path)).findings)


def test_a_row_written_past_the_ledger_is_found(unguarded: Case, tmp_path: Path) -> None:
    laid(unguarded)
    Case.objects.filter(pk=unguarded.pk).update(outcome="not_provider")
    assert any("outcome" in f for f in verify(Workspace(tmp_path)).findings)
    Case.objects.filter(pk=unguarded.pk).update(outcome="provider")
    assert verify(Workspace(tmp_path)).ok
    assert not verify(Workspace(tmp_path), expected="f" * 64).ok


def test_a_forged_determination_with_fitting_hashes_breaks_a_rule(city: Jurisdiction, tmp_path: Path) -> None:
    case = a_case(city)
    first = Event.objects.get()
    forged = Event(seq=2, jurisdiction=city, stream=case.stream, kind="determine", at=first.at, actor_name="X",
                   data={"outcome": "provider", "day": "2026-01-01", "law": {"admitted": ["public_submission"]}},
                   evidence=[{"key": "t", "sha256": "x", "relied": True, "verified_by": "X",
                              "evidence_kind": "public_submission"}], previous=first.sha256)
    forged.sha256 = ledger.digest(forged)
    forged.save(force_insert=True)
    assert any("event 2" in f and "a tip alone" in f for f in verify(Workspace(tmp_path)).findings)
