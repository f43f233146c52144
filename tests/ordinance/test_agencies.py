"""Which awards count for a federal immigration agency (§2.5), on real agency columns."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import pytest

from ordinance.agencies import AgencyList, agencies, agency, crawl_targets, find_agency, match_award

Side = tuple[str | None, str | None, str | None]
ICE = ("7012", "U.S. Immigration and Customs Enforcement", "MISSION SUPPORT DALLAS")
CBP = ("7014", "U.S. Customs and Border Protection", "PROCUREMENT DIRECTORATE")
OCPO = ("7055", "Office of the Chief Procurement Officer", "DHS CLOSEOUT INITIATIVE")
ACF = ("7590", "Administration for Children and Families")
GSA = ("4732", "Federal Acquisition Service", "GSA/FAS AAS REGION 3")
NOBODY = ("3600", "Department of Veterans Affairs", "NETWORK CONTRACT OFFICE 22")


@pytest.mark.clause("§2.5")
@pytest.mark.parametrize(
    ("awarding", "funding", "text", "expected"),
    [
        (ICE, ICE, None, ("ice", "both", True)),
        (ICE, OCPO, None, ("ice", "awarding", True)),
        (GSA, ICE, None, ("ice", "funding", True)),
        (CBP, OCPO, "anything", ("cbp", "awarding", True)),
        (OCPO, OCPO, None, ("dhs_ocpo", "both", False)),
        (OCPO, OCPO, "closeout of ICE detention order", ("ice", "both", True)),
        ((None, "ICE", None), (None, None, None), None, ("ice", "awarding", True)),
        ((None, "CBP", None), (None, None, None), None, ("cbp", "awarding", True)),
        ((None, "U.S. IMMIGRATION & CUSTOMS ENFORCEMENT", None), (None, None, None), None, ("ice", "awarding", True)),
        ((*ACF, "X"), (*ACF, "ACF OFFICE OF REFUGEE RESETTLEMENT"), None, ("orr", "funding", True)),
        ((*ACF, "ACF OFFICE OF HEAD START"), (*ACF, "ACF OFFICE OF HEAD START"), "HEAD START", ("acf", "both", False)),
        ((*ACF, None), (*ACF, None), "SHELTER FOR UNACCOMPANIED CHILDREN", ("orr", "both", True)),
        ((*ACF, None), (*ACF, None), "INFLUX CARE FACILITY, TEXAS", ("acf", "both", True)),
        (("1501", "Offices, Boards and Divisions", "EXECUTIVE OFFICE FOR IMMIGRATION REVIEW"), (None, None, None), None,
         ("eoir", "awarding", True)),
        (("1501", "Offices, Boards and Divisions", "ANTITRUST DIVISION"), (None, None, None), "legal research",
         ("doj_obd", "awarding", False)),
        (("1544", "U.S. Marshals Service", "JPATS"), (None, None, None), "aircraft fuel", ("usms", "awarding", False)),
        (("1544", "U.S. Marshals Service", "PRISONER OPERATIONS"), (None, None, None), "BEDS FOR IMMIGRATION DETAINEES",
         ("usms", "awarding", True)),
        (("7001", "Office of Procurement Operations", "x"),
         ("7050", "Office of the Under Secretary for Management", "OFFICE OF BIOMETRIC IDENTITY MANAGEMENT"), None,
         ("obim", "funding", True)),
        (("2100", "Department of the Army", "ACC"), (None, None, None), "SOFT SIDED FACILITY FOR ICE DETAINEES",
         ("ice", "awarding", True)),
        (("1528", "Immigration and Naturalization Service", None), (None, None, None), None, ("ins", "awarding", True)),
        (NOBODY, (None, None, None), "exams for U.S. Border Patrol", ("cbp", "awarding", False)),
        (("1601", "Immediate Office of the Secretary", None), (None, None, None), None, None),
        ((None, "Immediate Office of the Secretary", None), (None, None, None), None, None),
        (("7002", "Immediate Office of the Secretary", None), (None, None, None), None, ("dhs", "awarding", False)),
        (GSA, NOBODY, None, None),
        (NOBODY, NOBODY, "SNOW AND ICE REMOVAL; POLICE SERVICE", None),
        (("2100", "Department of the Army", "ACC"), NOBODY, "ICE MACHINES FOR MESS HALL", None),
        (("7008", "U.S. Coast Guard", "SFLC"), ("7008", "U.S. Coast Guard", "SFLC"), "MAIN DIESEL ENGINE", None),
        ((None, None, None), (None, None, None), None, None),
        ((None, None, "ACF OFFICE OF REFUGEE RESETTLEMENT"), (None, None, None), None, ("orr", "awarding", True)),
        (("", "", ""), ("", "", ""), "", None),
    ],
)
def test_award_counts_by_code_name_office_or_text(
    awarding: Side, funding: Side, text: str | None, expected: tuple[Any, ...] | None
) -> None:
    found = match_award(*awarding, *funding, text=text)
    assert (found and (found.id, found.role, found.certain)) == expected
    if found:
        assert len(found.reason) > 15


@pytest.mark.clause("§2.5")
def test_award_of_two_agencies_counts_for_both() -> None:
    found = match_award(*CBP, *ICE)
    assert found is not None
    assert (found.id, found.role, found.also) == ("cbp", "awarding", ("ice",))


def test_a_foreign_code_outweighs_a_name_that_looks_right() -> None:
    assert match_award("8652", "Office of the Chief Procurement Officer") is None


@pytest.mark.clause("§2.5")
def test_the_law_names_three_agencies_and_every_entry_says_why() -> None:
    assert {a.id for a in agencies() if a.named_in_law} == {"ice", "cbp", "orr"}
    assert all(a.reason.endswith(".") for a in agencies())
    assert agency("ins").successors == ("ice", "cbp", "uscis")
    with pytest.raises(KeyError, match="known: ice, cbp"):
        agency("kgb")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ICE", "ice"), ("ice", "ice"), ("7014", "cbp"), ("Customs and Border Patrol", "cbp"),
     ("U.S. Border Patrol", "cbp"), ("Office of Refugee Settlement", "orr"), ("US-VISIT", "obim"),
     ("United States Marshals Service", "usms"),
     ("visit", None), ("Police", None), ("", None), ("NICE", None)],
)
def test_an_agency_is_found_by_any_of_its_names(name: str, expected: str | None) -> None:
    found = find_agency(name)
    assert (found.id if found else None) == expected


def test_the_list_refuses_what_would_confuse_it() -> None:
    ice = agency("ice").model_dump()
    twin = {**ice, "id": "ice2"}
    with pytest.raises(ValueError, match="sub-tier code may stand in one agency only"):
        AgencyList.model_validate({"agencies": [{**ice, "parent": None}, {**twin, "parent": None}]})
    with pytest.raises(ValueError, match="points to ids that are not in the list: dhs"):
        AgencyList.model_validate({"agencies": [ice]})
    with pytest.raises(ValueError, match="no sub-tier to ask"):
        AgencyList.model_validate({"agencies": [{**ice, "parent": None, "subtiers": ()}]})


def test_a_million_matches_take_seconds() -> None:
    rows = [(*ICE, *OCPO), (*CBP, *CBP), (*ACF, "X", *ACF, "ACF OFFICE OF REFUGEE RESETTLEMENT"), (*GSA, *NOBODY)]
    start = time.perf_counter()
    for _ in range(50_000):
        for row in rows:
            match_award(*row)
    assert time.perf_counter() - start < 2.0  # 200,000 calls; measured 0.06 s


def test_crawl_targets_ask_for_each_name_once_the_agencies_themselves_first() -> None:
    targets = crawl_targets()
    assert [t.code for t in targets[:3]] == ["7012", "7014", "7003"]
    assert len({(t.subtier, t.toptier) for t in targets}) == len(targets)
    assert {"7001", "7055", "7590", "1501", "1544"} <= {t.code for t in targets}
    subtier, toptier, code = targets[0]
    assert (subtier, toptier, code) == (ICE[1], "Department of Homeland Security", "7012")


@pytest.mark.shared
def test_codes_and_names_are_the_broker_tables(shared: Path) -> None:
    with (shared / "api/examples/broker_agency_codes_2026-06.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    names = {row["SUBTIER CODE"]: row for row in table}
    for one in agencies():
        for sub in one.subtiers:
            row = names[sub.code]
            assert row["SUBTIER NAME"].strip() == sub.name, one.id
            own = {s.code for s in one.subtiers}
            others = [r for r in table if r["SUBTIER NAME"].strip() == sub.name and r["SUBTIER CODE"] not in own]
            in_use = any(r["USER SELECTABLE ON USASPENDING.GOV"] == "TRUE" for r in others)  # else a predecessor's
            assert sub.name_shared or not in_use, (one.id, sub.name)
            assert others or not sub.name_shared, (one.id, sub.name)
            if one.id != "dod":  # one entry for the services of Defense, the Corps of Engineers among them
                assert row["AGENCY NAME"] == one.toptier
                assert row["CGAC AGENCY CODE"] == one.toptier_code
    for target in crawl_targets():
        assert names[target.code]["USER SELECTABLE ON USASPENDING.GOV"] == "TRUE"


@pytest.mark.shared
@pytest.mark.clause("§2.5")
def test_every_row_of_the_real_ice_awards_counts_for_ice(shared: Path) -> None:
    with (shared / "data/awards/archive/us-local-gov-ice-contracts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [f"{side}_{name}" for side in ("awarding", "funding")
               for name in ("sub_agency_code", "sub_agency_name", "office_name")]
    roles = []
    for row in rows:
        found = match_award(*(row[c] for c in columns))
        assert found is not None
        assert (found.id, found.certain) == ("ice", True)
        roles.append(found.role)
    assert roles.count("awarding") == 449  # 436 funded by the closeout office, 13 without funding agency
    assert roles.count("both") == 271
