"""A case's way through the procedure, who may walk it, and what its evidence must be."""

from __future__ import annotations

import pytest

from casework import access, ledger, rules
from casework.cases import act, bulk
from casework.models import Case, Event, Jurisdiction, Membership, User
from tests.casework.conftest import People
from tests.casework.making import a_case, found, piece, run, told


def walk(case: Case, user: User, *steps: str) -> Case:
    for name in steps:
        action, _, outcome = name.partition("=")
        act.perform(case, user, act.Step(action, reason=f"because {action}", outcome=outcome))
        case.refresh_from_db()
    return case


@pytest.mark.clause("§3.4")
def test_the_whole_way_to_the_council(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, "take", "ask_information", "receive_information", "verify", "determine")
    assert (case.state, case.outcome, case.determined_on is not None) == ("determined", "provider", True)
    walk(case, boss, "notify", "request_review", "decide_review=upheld", "appeal", "decide_appeal=reversed")
    assert (case.state, case.outcome) == ("final", "not_provider")
    kinds = [e.kind for e in ledger.events(case.stream)]
    assert kinds[0] == "opened" and kinds[-1] == "decide_appeal" and len(kinds) == 11
    decided = ledger.events(case.stream).get(kind="determine")
    assert decided.actor_name == "Administrator" and decided.score_millibits == 4200
    assert (decided.reader_version, decided.warehouse_version) == ("reader-1", "v1")
    assert [(e["sha256"], e["relied"]) for e in decided.evidence] == [("sha-supplies data", True)]


@pytest.mark.parametrize(("steps", "wrong", "says"), [
    (("take",), "determine", "not possible while the case is 'Under review'"),
    (("take", "verify"), "explode", "no step 'explode'"),
    (("take", "verify", "determine", "notify", "request_review"), "decide_review", "choose an outcome"),
])
def test_steps_follow_the_procedure(
    city: Jurisdiction, person: People, steps: tuple[str, ...], wrong: str, says: str
) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, *steps)
    before = Event.objects.count()
    with pytest.raises(act.StepRefused, match=says):
        act.perform(case, boss, act.Step(wrong, reason="x"))
    with pytest.raises(act.StepRefused, match="say why"):
        act.perform(case, boss, act.Step("note", reason=" "))
    assert Event.objects.count() == before


def test_roles_hold_in_their_own_jurisdiction_only(city: Jurisdiction, person: People) -> None:
    case = a_case(city)
    with pytest.raises(access.Forbidden):
        act.perform(case, person("auditor"), act.Step("take"))
    walk(case, person("reviewer"), "take", "verify")
    with pytest.raises(access.Forbidden, match="decide"):
        act.perform(case, person("reviewer"), act.Step("determine", reason="x"))
    stranger = User.objects.create(username="other", email="o@x.example")
    elsewhere = Jurisdiction.objects.create(slug="elsewhere", profile="berkeley")
    Membership.objects.create(user=stranger, jurisdiction=elsewhere, role="administrator")
    with pytest.raises(access.Forbidden):
        act.perform(case, stranger, act.Step("determine", reason="x"))
    assert list(access.jurisdictions(stranger)) == [elsewhere]
    assert act.possible(case, stranger) == [] and "verify" not in act.possible(case, person("auditor"))
    boss = person("administrator")
    boss.is_active = False
    assert access.permissions(boss, city) == frozenset()


@pytest.mark.clause("§3.3.d")
def test_a_tip_alone_never_determines_not_even_past_the_services(city: Jurisdiction, person: People) -> None:
    tip = piece("T1", "public_submission") | {"own": True, "verified_by": "Ann"}
    law = rules.law_of(city.law)
    relied = [tip | {"relied": True}]
    with pytest.raises(rules.RuleError, match="a tip alone"):
        ledger.append(ledger.Entry("case:1", "determine", city, data={"law": law, "outcome": "provider"},
                                   seen=ledger.Seen(tuple(relied))))
    unverified = [piece("A1") | {"relied": True}, piece("T1", "public_submission") | {"relied": True}]
    with pytest.raises(rules.RuleError, match="duly verified"):
        rules.check("case:1", "determine", {"law": law}, unverified)
    rules.check("case:1", "determine", {"law": law}, [piece("A1") | {"relied": True}, *relied])
    assert Event.objects.count() == 0


@pytest.mark.clause("§3.3.c")
def test_what_the_law_does_not_admit_does_not_determine(city: Jurisdiction) -> None:
    berkeley = rules.law_of(Jurisdiction(slug="b", profile="berkeley").law)
    news = [piece("N1", "reliable_source") | {"relied": True}]
    with pytest.raises(rules.RuleError, match="admits none"):
        rules.check("case:1", "determine", {"law": berkeley}, news)
    rules.check("case:1", "determine", {"law": rules.law_of(city.law)}, news)
    own = [piece("D1", "declaration") | {"relied": True}]
    with pytest.raises(rules.RuleError, match="admits none"):
        rules.check("case:1", "determine", {"law": {"admitted": ["federal_award"]}}, own)
    bid = [piece("A1", relation="bid_or_attended") | {"relied": True}]
    with pytest.raises(rules.RuleError, match="bidding"):
        rules.check("case:1", "determine", {"law": rules.law_of(city.law)}, bid)
    with pytest.raises(rules.RuleError, match="does not carry a determination alone"):
        rules.check("case:1", "determine", {"law": berkeley}, [piece("F", "federal_notice") | {"relied": True}])


def test_two_persons_where_the_city_asks_for_them(city: Jurisdiction, person: People) -> None:
    city.two_person = True
    city.save()
    boss, second = person("administrator"), person("designee")
    case = walk(a_case(city), boss, "take", "verify", "determine")
    assert (case.state, case.outcome) == ("verified", "") and case.pending_seq is not None
    with pytest.raises(act.StepRefused, match="waits for a second person"):
        act.perform(case, second, act.Step("ask_information", reason="x"))
    with pytest.raises(act.StepRefused, match="another person"):
        act.confirm(case, boss, case.pending_seq)
    event = act.confirm(case, second, case.pending_seq, "I agree")
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("determined", "provider")
    assert not act.current(case).pending
    assert event.data["proposed_by"] == "Administrator" and event.actor_name == "Designee"


def test_a_proposal_is_dropped_or_outdated(city: Jurisdiction, person: People) -> None:
    city.two_person = True
    city.save()
    boss, second = person("administrator"), person("designee")
    case = walk(a_case(city), boss, "take", "verify", "determine")
    run(told(found("Acme Data", piece("A1"), piece("A2"))))
    assert case.pending_seq is not None
    with pytest.raises(act.Changed, match="propose it again"):
        act.confirm(case, second, case.pending_seq)
    act.drop(case, second, case.pending_seq, "more has come")
    case.refresh_from_db()
    assert case.pending_seq is None and "determine" in act.possible(case, boss)


def test_undo_is_a_new_event_and_a_sent_letter_cannot_be_unsent(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, "take", "verify", "determine")
    act.undo(case, boss, "wrong button")
    case.refresh_from_db()
    assert (case.state, case.outcome, case.determined_on) == ("verified", "", None)
    assert [e.kind for e in ledger.events(case.stream)][-2:] == ["determine", "undone"]
    walk(case, boss, "determine", "notify")
    with pytest.raises(act.StepRefused, match="letter was sent"):
        act.undo(case, boss, "no")


def test_nobody_decides_on_what_they_have_not_seen(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    case = walk(a_case(city), boss, "take", "verify")
    shown = act.token(case)
    run(told(found("Acme Data", piece("A1"), piece("A2"))))
    with pytest.raises(act.Changed, match="look at it again"):
        act.perform(case, boss, act.Step("determine", reason="x", token=shown))
    with pytest.raises(act.Changed, match="not \\(or no longer\\) part"):
        act.perform(case, boss, act.Step("determine", reason="x", relied=["key-A9"]))
    case.refresh_from_db()
    event = act.perform(case, boss, act.Step("determine", reason="x", relied=["key-A2"], token=act.token(case)))
    assert {e["key"]: e["relied"] for e in event.evidence} == {"key-A1": False, "key-A2": True}


def test_bulk_shows_first_and_refuses_what_changed_since(city: Jurisdiction, person: People) -> None:
    boss = person("administrator")
    run(told(found("Acme Data"), found("Beta Cells"), found("Gamma Jets")))
    cases = list(Case.objects.order_by("company"))
    walk(cases[2], boss, "take")
    step = act.Step("take")
    before = Event.objects.count()
    lines = bulk.preview(cases, boss, step)
    assert [bool(line.refused) for line in lines] == [False, False, True] and Event.objects.count() == before
    run(told(found("Acme Data"), found("Beta Cells", piece("B9")), found("Gamma Jets")))
    done, refused = bulk.run(lines, boss, step)
    assert [e.stream for e in done] == [cases[0].stream]
    assert [line.company for line in refused] == ["Beta Cells"]
