"""Which stated parent stands: freshness, numbers, names, public bodies, sales; point in time; chains; conflicts."""

from __future__ import annotations

from datetime import date

import pytest

from entities.families.edges import Edge, judged, listed_edges
from entities.families.graph import Family
from ordinance.families import families


def filed(child: str, parent: str, first: int, last: int, parent_name: str = "", child_name: str = "Child LLC") -> Edge:
    return Edge(child, parent, "ultimate_parent", "award", "as filed", child_name, parent_name or parent,
                first_seen=date(first, 1, 1), last_seen=date(last, 1, 1), records=2, evidence="AWARD")  # fmt: skip


def standings(*edges: Edge) -> dict[str, str]:
    return {edge.parent: edge.standing for edge in judged(edges)}


def test_a_company_filed_as_its_own_parent_under_another_number_has_no_parent() -> None:
    assert standings(filed("a", "b", 2020, 2021, "CHILD, L.L.C.")) == {"b": "self"}
    former = judged([filed("a", "b", 2020, 2021, "Old Name LLP")], {"a": frozenset({"OLD NAME LLP"})})
    assert former[0].standing == "self" and Family(former).parents("a") == []


@pytest.mark.parametrize(
    ("child", "parent", "standing"),
    [
        ("ACME SUPPLY LLC", "STATE OF OHIO", "government"),
        ("ACME SUPPLY", "ORANGE COUNTY", "government"),
        ("OHIO DEPARTMENT OF PUBLIC WORKS", "STATE OF OHIO", "stands"),
        ("OHIO WORKFORCE AGENCY", "STATE OF OHIO", "stands"),
        ("OHIO ELEVATOR INC", "STATE OF OHIO", "government"),
        ("ACME SUPPLY LLC", "STATE OF THE ART HOLDINGS INC", "stands"),
    ],
)
@pytest.mark.clause("§2.6")
def test_a_public_body_is_no_companys_parent_but_its_own_parts(child: str, parent: str, standing: str) -> None:
    assert standings(filed("a", "b", 2020, 2021, parent, child)) == {"b": standing}


def test_of_parents_filed_one_after_another_each_ends_when_the_next_begins() -> None:
    edges = judged([filed("a", "old", 2015, 2017), filed("a", "new", 2019, 2024)])
    family = Family(edges)
    assert {e.parent: e.standing for e in edges} == {"old": "superseded", "new": "stands"}
    assert [e.parent for e in family.parents("a")] == ["new"]
    assert [e.parent for e in family.parents("a", date(2016, 6, 1))] == ["old"]
    assert [e.known(date(2016, 6, 1)) for e in family.parents("a", date(2016, 6, 1))] == ["observed"]
    assert family.conflicts("a") == []


def test_a_parent_not_filed_for_a_year_gives_way_to_one_that_is() -> None:
    assert standings(filed("a", "long", 2012, 2024), filed("a", "brief", 2015, 2016)) == {
        "long": "stands", "brief": "superseded"}


def test_variants_of_one_name_are_no_conflict_and_the_latest_stands() -> None:
    one = filed("a", "n1", 2020, 2024, "THE HARROW CORPORATION")
    edges = judged([one, filed("a", "n2", 2022, 2024, "Harrow Corp")])
    assert {e.parent: e.standing for e in edges} == {"n1": "superseded", "n2": "stands"}
    assert Family(edges).conflicts("a") == []


def test_parents_filed_side_by_side_are_a_conflict_unless_one_belongs_to_the_other() -> None:
    both = [filed("a", "x", 2020, 2024, "Harrow Inc"), filed("a", "y", 2020, 2024, "Barrow Inc")]
    (conflict,) = Family(judged(both)).conflicts("a")
    assert conflict.kind == "several_parents" and {"x", "y"} == set(conflict.others)
    assert "Harrow Inc" in conflict.explanation and "Barrow Inc" in conflict.explanation
    assert Family(judged([*both, filed("x", "y", 2020, 2024, "Barrow Inc", "Harrow Inc")])).conflicts("a") == []


def test_an_ultimate_parent_that_the_direct_ones_lead_to_is_no_way_of_its_own() -> None:
    direct = [Edge(f"n{i}", f"n{i + 1}", "parent", "gleif", "r", evidence="c") for i in range(10)]
    last = [Edge(f"n{i}", "n10", "ultimate_parent", "gleif", "r", evidence="c") for i in range(9)]
    family = Family(judged([*direct, *last]))
    (way,) = family.ancestors("n0")
    assert [edge.parent for edge in way] == [f"n{i}" for i in range(1, 11)]
    assert family.conflicts("n0") == []


def test_a_joint_venture_may_have_several_owners_and_a_circle_is_told() -> None:
    joint = [Edge("j", parent, "joint_venture", "exhibit21", "r", evidence="c") for parent in ("x", "y")]
    assert Family(judged(joint)).conflicts("j") == []
    round_ = [Edge(a, b, "subsidiary", "gleif", "r", evidence="c") for a, b in (("a", "b"), ("b", "c"), ("c", "a"))]
    (circle,) = Family(judged(round_)).conflicts("a")
    assert circle.kind == "circle" and circle.others == ("a", "b", "c", "a")


def test_a_listed_sale_ends_what_filings_still_say() -> None:
    sale = Edge("g", "p", "subsidiary", "ordinance", "sold in May 2018", "Guide LLP", "Price LLP", None,
                date(2018, 5, 31), evidence="line", ended_by="sold")  # fmt: skip
    edges = judged([sale, filed("g", "p", 2013, 2021, "PRICE LLP", "GUIDE LLP")])
    family = Family(edges)
    assert family.parents("g") == [] and family.parents("g", date(2019, 1, 1)) == []
    assert [e.parent for e in family.parents("g", date(2017, 1, 1))] == ["p"]
    assert any("still name the old parent" in e.why for e in edges)


def listed() -> Family:
    return Family(judged(listed_edges(families())))


@pytest.mark.clause("§2.6")
def test_who_owned_vigilant_in_2018_and_after() -> None:
    family = listed()
    assert family.ultimate("listed:vigilant", date(2018, 6, 1)) == ["listed:vaas"]
    assert family.ultimate("listed:vigilant", date(2019, 6, 1)) == ["listed:motorola"]
    assert family.ultimate("listed:guidehouse", date(2017, 1, 1)) == ["listed:pwc"]
    assert family.ultimate("listed:guidehouse", date(2020, 1, 1)) == ["listed:veritas_capital"]
    assert family.ultimate("listed:guidehouse") == ["listed:bain_capital"]
    assert family.parents("listed:saic") == []  # spun off in 2013


@pytest.mark.clause("§2.6")
def test_a_chain_goes_up_to_the_common_owner_and_down_each_link_with_source_and_day() -> None:
    steps = listed().chain("listed:avigilon", "listed:vigilant", date(2020, 1, 1))
    assert steps is not None
    assert [(step.edge.child, step.edge.parent, step.up) for step in steps] == [
        ("listed:avigilon", "listed:motorola", True), ("listed:vaas", "listed:motorola", False),
        ("listed:vigilant", "listed:vaas", False)]  # fmt: skip
    assert all(step.edge.evidence.startswith("ordinance/families.yaml") for step in steps)
    assert steps[1].edge.days.strip() == "since 2019-01" and steps[1].edge.known(date(2020, 1, 1)) == "dated"
    assert listed().chain("listed:avigilon", "listed:vigilant", date(2018, 6, 1)) is None
    assert listed().chain("listed:geo", "listed:geo") == []


def test_every_listed_row_has_its_reason_and_says_how_sure_it_is() -> None:
    data = families()
    assert "check before letters" in data.standing
    assert all("check before letters" in edge.reason or edge.reason for edge in listed_edges(data))
    assert [company for company in {e.child for e in listed_edges(data)} if listed().conflicts(company)] == []
