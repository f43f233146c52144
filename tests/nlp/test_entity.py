"""Who a recipient is (§2.6)."""

from __future__ import annotations

import pytest

from nlp.entity import EntityReader

READER = EntityReader()
pytestmark = pytest.mark.clause("§2.6")


@pytest.mark.parametrize(
    "name",
    [
        "COUNTY OF EXAMPLE",
        "SAN DIEGO, COUNTY OF",
        "ZAPATA COUNTY SHERIFFS OFFICE",
        "CITY OF PORTLAND",
        "RIO GD CNTY COMMISNR",
        "FEDERAL PRISON INDUSTRIES, INC",
        "TEXAS WORKFORCE COMMISSION",
        "STATE OF MICHIGAN DEPARTMENT OF MANAGEMENT & BUDGET",
        "UTAH COMMUNICATIONS AUTHORITY",
        "MOTOR VEHICLES, NEW YORK STATE DEPARTMENT OF",
        "UNIVERSITY OF WASHINGTON",
        "SAN DIEGO ASSOCIATION OF GOVERNMENTS",
    ],
)
def test_government_by_name(name: str) -> None:
    kind, reason = READER.read(name)
    assert kind == "government" and "name says" in reason


def test_government_by_flag_beats_the_name() -> None:
    assert READER.read("ESSEX", ["us_local_government"]) == ("government", "business type 'us_local_government'")


@pytest.mark.parametrize(
    "name",
    [
        "BEVINS, TODD",
        "ADAM BAUMAN",
        "BEAN JILL",
        "HIBLER NEIL S PHD ABBP",
        "MORRIS BRADLEY L",
        "ELLSWORTH, ERIC BRIAN",
        "JOHN R DAVIDSON JR.",
        "DIAZ UMPIERRE, JOSE A",
    ],
)
def test_a_persons_own_name(name: str) -> None:
    assert READER.read(name)[0] == "individual"


def test_a_person_stays_a_person_with_the_flag_of_a_sole_proprietor() -> None:
    assert READER.read("BEAN JILL", ["sole_proprietorship", "for_profit_organization"])[0] == "individual"


@pytest.mark.parametrize(
    "name",
    [
        "GRANT THORNTON LLP",
        "BOB BARKER COMPANY, INC.",
        "JOSE ERNESTO SALAZAR, LLC",
        "HENRY SCHEIN, INC.",
        "JASON NADEAU AND SONS, LLC",
        "PRADO FAMILY SHOOTING RANGE",
        "ROSS ELECTRIC",
        "1321 MINTERS, L.P",
    ],
)
def test_a_persons_name_in_a_business_name_is_a_company(name: str) -> None:
    assert READER.read(name)[0] == "company"


@pytest.mark.parametrize(
    "name",
    [
        "CHEROKEE NATION STRATEGIC PROGRAMS, L.L.C.",
        "AKIMA GLOBAL SERVICES, LLC",
        "KONIAG DATA SOLUTIONS LLC",
        "CHENEGA FACILITIES MANAGEMENT LLC",
    ],
)
def test_tribal_and_alaska_native_companies_are_companies(name: str) -> None:
    flags = ["alaskan_native_owned_corporation_or_firm", "tribally_owned_firm", "for_profit_organization"]
    assert READER.read(name, flags)[0] == "company"


@pytest.mark.parametrize(
    "name",
    [
        "SOUTHWEST KEY PROGRAMS",
        "FAMILY ENDEAVORS, INC.",
        "THE MITRE CORPORATION",
        "NYSARC, INC.",
        "JESUIT REFUGEE SERVICE USA",
        "SAN ANTONIO LIGHTHOUSE FOR THE BLIND",
        "NATIONAL SHERIFFS ASSOCIATION",
    ],
)
def test_nonprofits(name: str) -> None:
    assert READER.read(name)[0] == "nonprofit"


def test_nonprofit_by_flag() -> None:
    assert READER.read("EXAMPLE SHELTER PROGRAMS INC", ["nonprofit_organization"])[0] == "nonprofit"


@pytest.mark.parametrize("name", ["IMPERIAL COUNTY", "LA SALLE COUNTY", "Anoka County", "KENAI PENINSULA BOROUGH"])
def test_a_name_that_is_a_countys_is_a_government_body(name: str) -> None:
    kind, reason = READER.read(name)
    assert kind == "government"
    assert "ends with" in reason


@pytest.mark.parametrize("name", [
    "YMCA OF ORANGE COUNTY", "IMPERIAL COUNTY WORK TRAINING CENTER, INCORPORATED", "COUNTY", "PARISH & COUNTY",
    "GOODWILL INDUSTRIES OF ORANGE COUNTY", "IMPERIAL COUNTY FENCE LLC",
])
def test_a_county_in_a_name_is_not_enough(name: str) -> None:
    assert READER.read(name)[0] != "government"
