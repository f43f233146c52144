"""The ledger: appended, chained, refused to change by the database itself."""

from __future__ import annotations

import os

import pytest
from django.db import DatabaseError, connection, transaction

from casework import ledger
from casework.models import Event, Jurisdiction
from tests.casework.conftest import People


def test_events_are_chained(city: Jurisdiction, person: People) -> None:
    reviewer = person("reviewer")
    one = ledger.append(ledger.Entry("case:1", "note", city, reviewer, reason="seen"))
    two = ledger.append(ledger.Entry("case:1", "note", city, data={"a": [1, "ü", None]}))
    assert (one.seq, two.seq, two.previous) == (1, 2, one.sha256)
    assert one.previous == ledger.FIRST
    assert (one.actor_name, two.actor_name) == ("Reviewer", "section3c")
    assert [ledger.digest(e) for e in ledger.events("case:1")] == [one.sha256, two.sha256]
    assert ledger.head() == (2, two.sha256)


def test_the_database_refuses_to_change_or_remove(city: Jurisdiction) -> None:
    event = ledger.append(ledger.Entry("case:1", "note", city))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(seq=event.seq).update(reason="other")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Event.objects.filter(seq=event.seq).delete()
    assert Event.objects.get().reason == ""


def test_what_databases_keep_differently_does_not_enter(city: Jurisdiction) -> None:
    with pytest.raises(TypeError, match="float"):
        ledger.append(ledger.Entry("case:1", "note", city, data={"score": 1.5}))
    event = ledger.append(ledger.Entry("case:1", "note", city, reason="a\x00b\ud800c", data={"k\x00": "\udfff"}))
    kept = Event.objects.get(seq=event.seq)
    assert (kept.reason, kept.data) == ("a\ufffdb\ufffdc", {"k\ufffd": "\ufffd"})
    assert ledger.digest(kept) == event.sha256


@pytest.mark.django_db
def test_the_database_is_the_one_that_was_asked_for() -> None:
    assert connection.vendor == ("postgresql" if os.environ.get("SECTION3C_CASEWORK_URL") else "sqlite")
