"""Tips: anonymous, sealed, answered by receipt, verified by a named person with independent evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from nacl import pwhash

from casework import access, files, ledger, sealing
from casework.cases import act
from casework.files.store import FileDamaged
from casework.models import Document, Event, Jurisdiction, Tip, TipMessage
from casework.rules import RuleError
from casework.tips import queue, receipts
from casework.tips.intake import Submission, TipRefused, answer, submit
from tests.casework.conftest import People
from tests.casework.making import a_case, found, piece, run, told
from tests.casework.test_cases import walk
from tests.casework.test_files import picture

PASSPHRASE = "correct horse battery"


@pytest.fixture
def sealing_city(city: Jurisdiction, settings: object, tmp_path: object) -> Jurisdiction:
    from records.workspace import Workspace

    settings.WORKSPACE = Workspace(tmp_path)  # type: ignore[attr-defined, arg-type]
    sealing.make_keys(city, PASSPHRASE, operations=pwhash.argon2id.OPSLIMIT_MIN, memory=pwhash.argon2id.MEMLIMIT_MIN)
    return city


@pytest.mark.clause("§3.3.d")
def test_contact_and_files_are_sealed_and_every_reading_is_audited(sealing_city: Jurisdiction, person: People) -> None:
    city, boss = sealing_city, person("administrator")
    code = submit(city, Submission("They sell plate data", "Acme", "jane@home.example", files=[("me.jpg", picture())]))
    tip, document = Tip.objects.get(), Document.objects.get()
    assert document.sealed and document.name == "file 1.jpg" and b"\xff\xd8\xff" not in files.read(document)[:40]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            everything = repr(cursor.fetchall())
            assert not [part for part in ("jane@home", code, code.replace("-", "")[8:]) if part in everything]
    with pytest.raises(sealing.SealError, match="not the passphrase"):
        queue.open_contact(tip, boss, "wrong passphrase", "to ask")
    with pytest.raises(access.Forbidden):
        queue.open_contact(tip, person("reviewer"), PASSPHRASE, "curious")
    assert queue.open_contact(tip, boss, PASSPHRASE, "to ask") == "jane@home.example"
    assert queue.open_file(document, boss, PASSPHRASE, "to look").startswith(b"\xff\xd8\xff")
    kinds = [e.kind for e in ledger.events(tip.stream)]
    assert kinds == ["tip_received", "sealed_refused", "sealed_opened", "sealed_opened"]
    assert {e.actor_name for e in ledger.events(tip.stream)} == {ledger.PUBLIC, "Administrator"}


def test_the_receipt_is_the_only_credential(sealing_city: Jurisdiction, person: People) -> None:
    code = submit(sealing_city, Submission("They sell plate data"))
    other = submit(sealing_city, Submission("And these too"))
    tip = receipts.find(code.lower().replace("-", " "))
    mixed = code[:9] + other[9:]
    for wrong in (mixed, code[:-1], "", "X" * 24, code[:9]):
        with pytest.raises(receipts.UnknownReceipt):
            receipts.find(wrong)
    queue.ask(tip, person("reviewer"), "Which county?")
    assert receipts.find(code).state == "asked"
    answer(code, "Alameda <script>")
    tip.refresh_from_db()
    assert tip.state == "new"
    assert [(m.by_tipster, m.text) for m in tip.messages.all()] == [
        (True, "They sell plate data"), (False, "Which county?"), (True, "Alameda <script>")]
    assert "Alameda" not in repr(list(Event.objects.values_list("data", "reason")))


@pytest.mark.clause("§3.3.d")
def test_only_a_named_person_with_independent_evidence_verifies(sealing_city: Jurisdiction, person: People) -> None:
    submit(sealing_city, Submission("They sell plate data"))
    tip, reviewer, boss = Tip.objects.get(), person("reviewer"), person("administrator")
    case = a_case(sealing_city, piece("A1"))
    with pytest.raises(TipRefused, match="stands apart"):
        queue.verify(tip, reviewer, case, [], "it fits")
    with pytest.raises(access.Forbidden):
        queue.verify(tip, person("auditor"), case, ["key-A1"], "it fits")
    queue.verify(tip, reviewer, case, ["key-A1"], "the award names the same product")
    case.refresh_from_db()
    linked = next(e for e in case.evidence if e["record_kind"] == "tip")
    assert linked["verified_by"] == "Reviewer" and Tip.objects.get().state == "verified"
    with pytest.raises(TipRefused, match="stands apart"):
        queue.verify(tip, reviewer, case, [tip.stream], "it proves itself")
    run(told(found("Acme Data", piece("A1"), piece("A2"))))  # a sync keeps what is casework's own
    case.refresh_from_db()
    walk(case, boss, "take", "verify")
    with pytest.raises(RuleError, match="a tip alone"):
        act.perform(case, boss, act.Step("determine", reason="x", relied=[tip.stream]))
    act.perform(case, boss, act.Step("determine", reason="x", relied=[tip.stream, "key-A1"]))


def test_without_a_key_nothing_that_needs_sealing_is_taken(city: Jurisdiction) -> None:
    with pytest.raises(TipRefused, match="cannot be taken safely"):
        submit(city, Submission("x", contact="me"))
    assert submit(city, Submission("anonymous")) and Tip.objects.count() == 1
    with pytest.raises(TipRefused, match="write what you know"):
        submit(city, Submission("  "))


def test_retention_shows_first_and_keeps_the_history(sealing_city: Jurisdiction, person: People) -> None:
    submit(sealing_city, Submission("old", contact="jane@home.example", files=[("a.jpg", picture())]))
    submit(sealing_city, Submission("open"))
    tip = Tip.objects.order_by("id")[0]
    queue.close(tip, person("reviewer"), "nothing in it", unfounded=True)
    assert queue.purge(sealing_city) == []
    Tip.objects.update(received_on=tip.received_on - timedelta(days=1096))
    before = Event.objects.count()
    assert queue.purge(sealing_city) == [tip.pk] and Event.objects.count() == before
    assert queue.purge(sealing_city, dry_run=False) == [tip.pk]
    tip.refresh_from_db()
    assert tip.sealed_contact == "" and [m.text for m in tip.messages.all()] == [""]
    with pytest.raises(FileDamaged, match="retention"):
        files.read(Document.objects.get())
    assert TipMessage.objects.filter(text="open").exists() and Event.objects.filter(kind="tip_purged").count() == 1
