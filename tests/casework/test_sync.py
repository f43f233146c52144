"""A publication never changes a decision; it says what the decision did not see, and what it saw that is gone."""

from __future__ import annotations

import pytest

from casework import ledger
from casework.cases import act
from casework.models import Case, Event, Jurisdiction
from tests.casework.conftest import People
from tests.casework.making import a_case, found, piece, run, told
from tests.casework.test_cases import walk


def test_candidates_become_cases_once_and_as_the_law_covers(city: Jurisdiction) -> None:
    Jurisdiction.objects.create(slug="berkeley", profile="berkeley")
    published = told(found("Acme Data"), found("Jail Co", category="detention"),
                     found("Border Co", piece("C1", agency="cbp")))
    report = run(published)
    assert report.opened == 4
    assert sorted(Case.objects.filter(jurisdiction=city).values_list("company", flat=True)) == [
        "Acme Data", "Border Co", "Jail Co"]
    assert [c.company for c in Case.objects.filter(jurisdiction="berkeley")] == ["Acme Data"]
    before = Event.objects.count()
    again = run(published)
    assert (again.opened, again.changed, Event.objects.count()) == (0, 0, before)


def test_scores_move_without_events(city: Jurisdiction) -> None:
    case = a_case(city)
    before = Event.objects.count()
    run(told(found("Acme Data", piece("A1"), score=9000), version="v2"))
    case.refresh_from_db()
    assert (case.score, case.warehouse_version, Event.objects.count()) == (9.0, "v2", before)


@pytest.mark.clause("§3.3")
def test_new_since_your_decision_stale_and_back(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city, piece("A1"), piece("A2")), boss, "take", "verify")
    act.perform(case, boss, act.Step("determine", reason="x", relied=["key-A1"]))
    report = run(told(found("Acme Data", piece("A1"), piece("A2"), piece("A3"))))
    case.refresh_from_db()
    assert (case.state, case.outcome, case.new_evidence, case.stale) == ("determined", "provider", True, False)
    assert report.new_evidence == [case.pk]
    act.perform(case, boss, act.Step("acknowledge", reason="more of the same", relied=["key-A1"]))
    case.refresh_from_db()
    assert not case.new_evidence
    run(told(found("Acme Data", piece("A1"), piece("A3"))))  # what was not relied on is gone
    case.refresh_from_db()
    assert not case.stale
    report = run(told(found("Acme Data", piece("A1", says="supplies chairs"), piece("A3"))))
    case.refresh_from_db()
    assert case.stale and report.stale == [case.pk] and case.outcome == "provider"
    run(told(found("Acme Data", piece("A1"), piece("A3"))))
    case.refresh_from_db()
    assert not case.stale
    run(told(version="v9"))
    case.refresh_from_db()
    assert case.stale and not case.in_warehouse
    walk(case, boss, "reopen")
    assert (case.state, case.outcome, case.stale) == ("under_review", "", False)


def test_a_case_follows_its_company(city: Jurisdiction, person: People) -> None:
    case = a_case(city)
    walk(case, person("administrator"), "take")
    renamed = found("Acme Data Holdings", piece("A1"))
    report = run(told(renamed, **{case.company_id: renamed.company_id}))
    case.refresh_from_db()
    assert (case.company_id, report.rekeyed, report.opened) == (renamed.company_id, 1, 0)
    assert case.state == "under_review" and Case.objects.count() == 1
    assert ledger.events(case.stream).get(kind="rekeyed").data["from"] == "name:acme-data"


def test_two_cases_of_one_company_both_stay(city: Jurisdiction) -> None:
    run(told(found("Acme Data"), found("Acme Data Holdings")))
    old = Case.objects.get(company="Acme Data")
    merged = told(found("Acme Data Holdings"), **{"name:acme-data": "name:acme-data-holdings"})
    assert (run(merged).rekeyed, run(merged).rekeyed) == (1, 0)
    old.refresh_from_db()
    other = Case.objects.get(company="Acme Data Holdings")
    assert ledger.events(old.stream).get(kind="rekeyed").data["see_case"] == other.pk and not old.in_warehouse
