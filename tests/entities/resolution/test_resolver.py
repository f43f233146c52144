"""No merge on a name alone: what joins ids, what opens a review, what a name in a text tells."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from entities.resolution.gather import (
    Known,
    add_listed,
    add_pairs,
    add_records,
    add_register_edges,
    add_register_names,
)
from entities.resolution.journal import in_effect
from entities.resolution.resolver import Resolution, resolve
from ordinance.families import families
from tests.entities.resolution.test_clusters import lines

U1, U2, U3 = "ABCDEF123456", "GHJKLM123457", "NPQRST123458"


def filed(name: str, **more: Any) -> dict[str, Any]:
    base = {"recipient": name, "recipient_dba": None, "recipient_uei": None, "recipient_duns": None,
            "parent": None, "parent_uei": None, "parent_duns": None, "state": None, "entity": "company",
            "first_action": date(2020, 1, 1), "last_action": date(2021, 1, 1), "records": 1,
            "record_key": name}  # fmt: skip
    return base | more


def who(*rows: dict[str, Any], listed: bool = False, said: Any = (), pairs: Any = ()) -> Resolution:
    known = Known()
    add_records(known, rows)
    add_pairs(known, pairs)
    if listed:
        add_listed(known, families())
    return resolve(known, in_effect(lines(list(said))))


def test_a_name_alone_opens_a_review_and_joins_nothing() -> None:
    made = who(filed("Bluestem Data Works LLC", recipient_uei=U1), filed("BLUESTEM DATA WORKS, L.L.C."))
    assert made.of("name:BLUESTEM DATA WORKS LLC") == "name:BLUESTEM DATA WORKS LLC"
    assert [(r.a, r.b, r.rule) for r in made.reviews] == [
        ("name:BLUESTEM DATA WORKS LLC", f"uei:{U1}", "same name")]


@pytest.mark.parametrize(
    ("one", "two", "says"),
    [
        ({"state": "VA"}, {"state": "VA"}, "same state (VA)"),
        ({"parent": "Bluestem Holdings Inc", "parent_uei": U3}, {"parent": "BLUESTEM HOLDINGS INC"}, "BLUESTEM HOLD"),
    ],
)
def test_a_name_with_a_second_fact_joins_and_says_which(one: dict[str, Any], two: dict[str, Any], says: str) -> None:
    made = who(filed("Bluestem Data LLC", recipient_uei=U1, **one), filed("BLUESTEM DATA LLC", **two))
    assert made.of("name:BLUESTEM DATA LLC") == f"uei:{U1}"
    assert any(says in link.reason for link in made.clusters.joined)


def test_the_state_decides_nothing_where_two_companies_have_the_name_or_the_name_is_ordinary() -> None:
    twice = who(filed("Bluestem Data LLC", recipient_uei=U1, state="VA"), filed("BLUESTEM DATA LLC", state="VA"),
                filed("Bluestem Data LLC", recipient_uei=U2, state="TX"))  # fmt: skip
    assert twice.of("name:BLUESTEM DATA LLC") == "name:BLUESTEM DATA LLC"
    plain = who(filed("General Services Inc", recipient_uei=U1, state="VA"), filed("GENERAL SERVICES INC", state="VA"))
    assert plain.of("name:GENERAL SERVICES INC") == "name:GENERAL SERVICES INC" and plain.reviews


def test_two_registrations_of_one_name_stay_two_until_a_person_says_so() -> None:
    rows = [filed("Bluestem Data LLC", recipient_uei=uei, state="VA") for uei in (U1, U2)]
    assert who(*rows).of(f"uei:{U2}") == f"uei:{U2}"
    said = [((f"uei:{U1}", f"uei:{U2}"), "same")]
    assert who(*rows, said=said).of(f"uei:{U2}") == f"uei:{U1}"
    assert who(*rows, said=[*said, ((f"uei:{U1}", f"uei:{U2}"), "different")]).reviews == []


def test_a_duns_is_the_uei_it_was_filed_with_unless_filed_with_two() -> None:
    one = who(filed("A B C LLC", recipient_duns="123456780"), pairs=[(U1, "123456780")])
    assert one.of("duns:123456780") == f"uei:{U1}"
    two = who(filed("A B C LLC", recipient_duns="123456780"), pairs=[(U1, "123456780"), (U2, "123456780")])
    assert two.of("duns:123456780") == "duns:123456780"
    assert any(review.rule == "one DUNS number" for review in two.reviews)
    dummy = who(filed("A B C LLC"), pairs=[(U1, "123456789")])
    assert not dummy.clusters.joined


def test_a_subsidiary_known_by_name_is_another_company_until_its_parent_agrees() -> None:
    edge = {"child_key": "name:HARROW FIELD SERVICES LLC", "child": "Harrow Field Services, LLC", "parent_key": "cik:1",
            "parent": "Harrow Group Inc", "control": "subsidiary", "ownership_percent": None, "note": None,
            "valid_from": None, "valid_to": None, "as_of": date(2021, 2, 1), "source": "sec", "capture_id": "c1",
            "locator": "bytes:1-2"}  # fmt: skip
    for parent, joined in ((None, False), ("HARROW GROUP INC.", True)):
        known = Known()
        add_records(known, [filed("HARROW FIELD SERVICES LLC", recipient_uei=U1, parent=parent,
                                  parent_uei=U2 if parent else None)])  # fmt: skip
        add_register_edges(known, [edge])
        made = resolve(known)
        assert (made.of("sub:cik:1/HARROW FIELD SERVICES LLC") == f"uei:{U1}") is joined


def test_registers_say_which_identifiers_are_one_company() -> None:
    known = Known()
    row = {"company_key": "lei:5493001KJTIIGC8Y1R12", "name": "Harrow Group Inc", "kind": "legal", "valid_from": None,
           "valid_to": None, "same_as": ["cik:0000000077", "ocid:us/1"], "source": "gleif", "capture_id": "c",
           "locator": "json:/x"}  # fmt: skip
    add_register_names(known, [row])
    assert resolve(known).of("lei:5493001KJTIIGC8Y1R12") == "cik:0000000077"


def test_names_in_texts_tell_the_one_company_that_has_them() -> None:
    made = who(filed("PALANTIR TECHNOLOGIES INC.", recipient_uei=U1), filed("GEO GROUP INC, THE", recipient_uei=U2),
               filed("Harrowgate Analytics LLC", recipient_uei=U3), listed=True)  # fmt: skip
    assert made.of_name("Palantir").company_id == f"uei:{U1}"
    assert "press name" in str(made.of_name("Palantir").reason)
    assert made.of_name("Wackenhut Corrections Corporation").company_id == f"uei:{U2}"
    assert made.of_name("Harrowgate Analytics").company_id == f"uei:{U3}"
    assert made.of_name("Harrowgate Analytics Inc").company_id == "name:HARROWGATE ANALYTICS INC"


@pytest.mark.parametrize("name", ["GEO", "CLEAR", "BI", "SAS", "West", "MTC", "Magnet"])
def test_short_and_ordinary_names_never_tell_a_company(name: str) -> None:
    made = who(filed("CLEAR INC", recipient_uei=U1), filed("WEST LLC", recipient_uei=U2), listed=True)
    found = made.of_name(name)
    assert found.company_id == f"name:{name.upper()}" and found.reason is None


def test_an_ambiguous_name_is_its_own_company_and_asks_a_person() -> None:
    made = who(filed("Harrowgate Analytics LLC", recipient_uei=U1), filed("Harrowgate Analytics Inc", recipient_uei=U2))
    assert made.of_name("Harrowgate Analytics").company_id == "name:HARROWGATE ANALYTICS"
    asked = [review for review in made.reviews if review.rule == "name in a text"]
    assert {review.b for review in asked} == {f"uei:{U1}", f"uei:{U2}"}


def test_a_persons_judgement_on_a_name_stands_before_aliases() -> None:
    said = [(("name:PALANTIR", f"uei:{U1}"), "different")]
    made = who(filed("PALANTIR TECHNOLOGIES INC.", recipient_uei=U1), listed=True, said=said)
    assert made.of_name("Palantir").company_id == "name:PALANTIR"


def test_a_maker_is_the_company_that_files_its_name_with_a_legal_form() -> None:
    made = who(filed("WHOOSTER INC", recipient_uei=U1), filed("SKOPENOW LLC"), filed("SKOPENOW INC"), listed=True)
    assert made.of_maker("whooster", "Whooster").company_id == f"uei:{U1}"
    assert made.of_maker("skopenow", "Skopenow").company_id == "listed:skopenow"  # two file it: a person decides
