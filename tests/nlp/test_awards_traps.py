"""The traps of the labelling standard, each with the text of an award as such awards are written."""

from __future__ import annotations

import pytest

from tests.nlp.helpers import found, read, service

GUARD = "HOUSEKEEPING- GUARD"
JANITOR = "HOUSEKEEPING- CUSTODIAL JANITORIAL"
FURNITURE = "OFFICE FURNITURE"


@pytest.mark.clause("§2.2")
def test_clear_trash_bags_are_no_clear_subscription() -> None:
    assert "data_broker" not in found("CLEAR TRASH BAGS, 33 GALLON, FOR FIELD OFFICE", psc="BAGS AND SACKS")
    assert found("CLEAR TRASH BAGS NEEDED AT DETENTION FACILITY", psc="BAGS AND SACKS") == {"detention": "clear"}


@pytest.mark.clause("§2.2")
def test_clear_the_product_is_found_with_its_maker_behind_a_reseller() -> None:
    answer = service(
        "data_broker",
        "CLEAR LICENSES FOR LAW ENFORCEMENT USERS",
        recipient="THUNDERCAT TECHNOLOGY, LLC",
        psc="INFORMATION TECHNOLOGY SOFTWARE",
    )
    assert (answer["certainty"], answer["maker"], answer["kind"][:2]) == ("clear", "Thomson Reuters", "a.")


@pytest.mark.clause("§2.3")
def test_furniture_for_raven_is_furniture() -> None:
    assert found("PURCHASE FURNITURE FOR THE RAVEN PROGRAM", psc=FURNITURE) == {}
    assert found(
        "DEVSECOPS SERVICES FOR THE HSI REPOSITORY FOR ANALYTICS IN VIRTUALIZED ENVIRONMENT (RAVEN)",
        psc="IT AND TELECOM - SERVICE DELIVERY SUPPORT SERVICES",
    ) == {"extreme_vetting": "clear"}


@pytest.mark.clause("§2.3")
def test_janitors_in_falcon_heights_clean_an_office() -> None:
    assert found("JANITORIAL SERVICES, FALCON HEIGHTS MN OFFICE", agency="CBP", psc=JANITOR) == {}


@pytest.mark.clause("§2.4")
def test_custodial_cleaning_is_no_custody() -> None:
    for agency in ("ICE", "CBP"):
        services = found("CUSTODIAL SERVICES FOR HEADQUARTERS BUILDING", agency=agency, psc=JANITOR)
        assert services == {}
    assert found("CUSTODY OFFICERS", psc=GUARD) == {"detention": "clear"}


@pytest.mark.clause("§2.4")
@pytest.mark.parametrize(
    "words",
    [
        "SNOW AND ICE REMOVAL SERVICES",
        "SNOW REMOVAL, BORDER PATROL STATION JACKMAN ME",
        "REMOVAL OF FURNITURE AND CABLING",
    ],
)
def test_removal_of_snow_or_things_is_no_removal_of_people(words: str) -> None:
    assert found(words, agency="CBP", psc="HOUSEKEEPING- SNOW REMOVAL/SALT") == {}


@pytest.mark.clause("§2.4")
def test_transport_of_headquarters_staff_is_no_detainee_transport() -> None:
    assert (
        found(
            "TRANSPORTATION SERVICES FOR ICE HQ",
            recipient="EXAMPLE SHUTTLES LLC",
            psc="TRANSPORTATION/TRAVEL/RELOCATION- TRAVEL/LODGING/RECRUITMENT: MOTOR PASSENGER",
        )
        == {}
    )
    answer = service("detention", "GROUND TRANSPORTATION OF DETAINEES, HARLINGEN AREA OF RESPONSIBILITY", psc=GUARD)
    assert (answer["certainty"], answer["kind"]) == ("clear", "transport")


@pytest.mark.clause("§2.4")
def test_a_law_library_for_detainees_is_detention_and_no_data_broker() -> None:
    assert found(
        "ELECTRONIC LAW LIBRARY FOR DETAINEES", recipient="LEXISNEXIS", psc="IT AND TELECOM- WEB-BASED SUBSCRIPTION"
    ) == {"detention": "clear"}


@pytest.mark.clause("§2.2")
def test_legal_research_is_no_data_broker() -> None:
    assert (
        found(
            "WESTLAW LEGAL RESEARCH AND LAW BOOKS FOR OPLA ATTORNEYS",
            recipient="WEST PUBLISHING CORPORATION",
            psc="BOOKS AND PAMPHLETS",
        )
        == {}
    )


@pytest.mark.clause("§2.2")
def test_be_vigilant_and_evigilant_are_not_vigilant() -> None:
    assert found("REMAIN VIGILANT: ACTIVE SHOOTER AWARENESS", psc="EDUCATION/TRAINING- GENERAL") == {}
    assert found("PIV LOGICAL ACCESS SUPPORT", recipient="EVIGILANT.COM, LLC", psc="TECHNICAL REPRESENTATIVE") == {}
    answer = service("data_broker", "VIGILANT LEARN LICENSES", recipient="VETTED SECURITY SOLUTIONS LLC")
    assert (answer["certainty"], answer["kind"]) == ("clear", "b.licence_plate")
    assert answer["maker"] == "Vigilant Solutions (Motorola Solutions)"


@pytest.mark.clause("§2.3")
def test_kharon_clearview_is_not_clearview_ai() -> None:
    kharon = found(
        "ACCESS TO KHARONS CLEARVIEW TOOL AND FORCED LABOR DATA EXTRACTS",
        agency="CBP",
        recipient="1NTEGER LLC",
        psc="SPECIAL STUDIES/ANALYSIS- DATA (OTHER THAN SCIENTIFIC)",
    )
    assert "extreme_vetting" not in kharon
    assert found("CLEARVIEW LICENSES", recipient="CLEARVIEW AI, INC.") == {"extreme_vetting": "clear"}


@pytest.mark.clause("§2.4")
def test_lasalle_the_place_the_operator_and_the_builder() -> None:
    place = service(
        "detention", "DETENTION SERVICES AT LASALLE ICE PROCESSING CENTER", recipient="THE GEO GROUP, INC.", psc=GUARD
    )
    assert place["facility"] == "Central Louisiana ICE Processing Center (Jena/LaSalle)"
    assert found("ADD FUNDING", recipient="LASALLE CORRECTIONS LLC", psc=GUARD) == {"detention": "clear"}
    assert (
        found(
            "PARKING LOT REPAIR, BROWNSVILLE WAREHOUSE",
            agency="CBP",
            recipient="LASALLE AB- EXPRESS CONTRACTING, LLC",
            psc="REPAIR OR ALTERATION OF OTHER WAREHOUSE BUILDINGS",
        )
        == {}
    )


@pytest.mark.clause("§2.4")
def test_three_paragons() -> None:
    assert found("ADD FUNDING", recipient="PARAGON PROFESSIONAL SERVICES LLC", psc=GUARD) == {"detention": "clear"}
    assert found(
        "PROPRIETARY SOLUTION INCLUDING LICENSE AND TRAINING",
        recipient="PARAGON SOLUTIONS (US) INC",
        psc="IT AND TELECOM - COMPUTE: SERVERS",
    ) == {"extreme_vetting": "arguable"}
    assert (
        found(
            "BACKGROUND INVESTIGATIVE SERVICES",
            recipient="PARAGON SYSTEMS INC",
            psc="SUPPORT- ADMINISTRATIVE: BACKGROUND INVESTIGATION",
        )
        == {}
    )


@pytest.mark.clause("§2.4")
def test_emerald_city_moving_and_emerald_correctional() -> None:
    assert (
        found(
            "OFFICE MOVING SERVICES",
            recipient="EMERALD CITY MOVING AND STORAGE",
            psc="TRANSPORTATION/TRAVEL/RELOCATION- RELOCATION: RELOCATION",
        )
        == {}
    )
    assert found("ADD FUNDING", recipient="EMERALD CORRECTIONAL MANAGEMENT, LLC", psc=GUARD) == {"detention": "clear"}


@pytest.mark.clause("§2.4")
def test_a_minimum_order_seat_shows_doubt() -> None:
    assert found(
        "IDIQ GUARANTEED MINIMUM", recipient="ACME HEALTHCARE STAFFING LLC", psc="MEDICAL- GENERAL HEALTH CARE"
    ) == {"detention": "arguable"}


@pytest.mark.clause("§2.3")
@pytest.mark.parametrize(
    ("words", "psc"),
    [
        (
            "BACKGROUND INVESTIGATIONS IN SUPPORT OF THE SOFT-SIDED FACILITIES (SWB/SSF)",
            "SUPPORT- ADMINISTRATIVE: BACKGROUND INVESTIGATION",
        ),
        ("POLYGRAPH EXAMINATIONS OF APPLICANTS", "SUPPORT- PROFESSIONAL: OTHER"),
        ("ANALYTICS SUPPORT FOR THE CHIEF FINANCIAL OFFICER", "SUPPORT- MANAGEMENT: FINANCIAL"),
        ("CYBER SECURITY DATA ANALYTICS, SECURITY OPERATIONS CENTER", "IT AND TELECOM - SECURITY AND COMPLIANCE"),
        ("NON-INTRUSIVE INSPECTION X-RAY SCREENING OF CARGO", "HAZARD-DETECTING INSTRUMENTS AND APPARATUS"),
        ("OFFICE OF TRADE ADVANCED TRADE ANALYTICS PLATFORM SUPPORT", "SUPPORT- ADMINISTRATIVE: OTHER"),
        ("FURNITURE-NATIONAL TARGETING CENTER", FURNITURE),
        ("SHREDDING SERVICES FOR THE NATIONAL TARGETING CENTER (NTC)", "SUPPORT- ADMINISTRATIVE: PAPER SHREDDING"),
        ("PERSONAL IDENTITY VERIFICATION CARDS (PIV) FOR ICE PERSONNEL", "SUPPORT- ADMINISTRATIVE: OTHER"),
        ("SOCIAL MEDIA CAMPAIGN FOR RECRUITMENT", "SUPPORT- MANAGEMENT: ADVERTISING"),
        ("EMOTIONAL INTELLIGENCE TRAINING", "EDUCATION/TRAINING- GENERAL"),
        ("TARGET SYSTEM FOR FIRING RANGE", "ARMAMENT TRAINING DEVICES"),
    ],
)
def test_work_for_the_agencys_own_house_is_nothing(words: str, psc: str) -> None:
    assert found(words, psc=psc) == {}


@pytest.mark.clause("§2.4")
@pytest.mark.parametrize(
    ("words", "psc"),
    [
        ("RIO GRANDE VALLEY BORDER WALL SYSTEM", "CONSTRUCTION OF OTHER NON-BUILDING FACILITIES"),
        ("SAN DIEGO SECTOR TACTICAL INFRASTRUCTURE MAINTENANCE", "MAINTENANCE OF OTHER NON-BUILDING FACILITIES"),
        ("9MM AMMUNITION FOR U.S. BORDER PATROL", "AMMUNITION, THROUGH 30MM"),
        ("DETECTOR CANINES FOR EL PASO", "LIVE ANIMALS, NOT RAISED FOR FOOD"),
        ("CANINE KENNELING", "SUPPORT- PROFESSIONAL: VETERINARY/ANIMAL CARE"),
        ("UNIFORMS FOR BORDER PATROL AGENTS", "CLOTHING, SPECIAL PURPOSE"),
        ("TRASH REMOVAL SERVICES FOR THE AIR AND MARINE BRANCH", "HOUSEKEEPING- TRASH/GARBAGE COLLECTION"),
        ("JANITORIAL SERVICES AT THE CANINE TRAINING ACADEMY", JANITOR),
        ("FITNESS FOR DUTY AND DRUG TESTING SERVICES", "MEDICAL- OTHER"),
    ],
)
def test_barriers_weapons_dogs_and_staff_are_no_detention(words: str, psc: str) -> None:
    assert found(words, agency="CBP", psc=psc) == {}


@pytest.mark.clause("§2.2")
@pytest.mark.parametrize(
    "words",
    [
        "CREDIT MONITORING SERVICES FOR 429 AFFECTED INDIVIDUALS",
        "GARTNER RESEARCH SUBSCRIPTION",
        "RS MEANS CONSTRUCTION COST DATABASE SUBSCRIPTION",
        "VESSEL AND CARGO DATABASE ACCESS",
    ],
)
def test_data_on_no_person_is_no_data_broker(words: str) -> None:
    assert found(words, agency="CBP", psc="IT AND TELECOM- WEB-BASED SUBSCRIPTION") == {}


@pytest.mark.clause("§8")
@pytest.mark.parametrize(
    ("words", "columns", "category"),
    [
        ("CELLEBRITE UFED LICENSE RENEWAL", {}, "extreme_vetting"),
        ("CHAINALYSIS REACTOR LICENSES", {}, "extreme_vetting"),
        ("SAYARI GRAPH LICENSES", {}, "data_broker"),
        ("INTENSIVE SUPERVISION APPEARANCE PROGRAM (ISAP) ANKLE MONITORS", {}, "detention"),
        ("PREA AUDITS OF FACILITIES", {}, "detention"),
        (
            "TELEPHONIC INTERPRETATION SERVICES",
            {"agency": "CBP", "psc": "SUPPORT- ADMINISTRATIVE: TRANSLATION AND INTERPRETING"},
            "detention",
        ),
        (
            "REPLACE ROOFTOP HVAC UNIT AT SONOITA BORDER PATROL STATION",
            {"agency": "CBP", "psc": "MAINT/REPAIR/REBUILD OF EQUIPMENT- REFRIGERATION"},
            "detention",
        ),
        (
            "PREPACKAGED MEALS",
            {"agency": "CBP", "psc": "SPECIAL DIETARY FOODS AND FOOD SPECIALTY PREPARATIONS"},
            "detention",
        ),
        ("GEOSPATIAL SUPPORT SERVICES", {}, "extreme_vetting"),
        (
            "SOFTWARE LICENSES FOR HQ INTELLIGENCE DIVISION",
            {"agency": "CBP", "psc": "IT AND TELECOM - BUSINESS APPLICATION SOFTWARE"},
            "extreme_vetting",
        ),
        ("LICENSE PLATE READER CAMERAS", {"psc": "CAMERAS, STILL PICTURE"}, "data_broker"),
    ],
)
def test_doubt_is_shown_as_doubt(words: str, columns: dict[str, str], category: str) -> None:
    assert found(words, **columns) == {category: "arguable"}


@pytest.mark.clause("§2.6")
def test_a_county_jail_is_read_and_known_as_government() -> None:
    answer = read("DETENTION SERVICES", recipient="COUNTY OF EXAMPLE", psc=GUARD)
    assert answer["entity"] == "government" and "COUNTY OF" in answer["entity_reason"]
    assert [s["certainty"] for s in answer["services"]] == ["clear"]


@pytest.mark.clause("§2.2")
def test_a_states_own_records_are_arguable() -> None:
    answer = read(
        "ACCESS TO DRIVER DATABASE",
        recipient="STATE OF EXAMPLE DEPARTMENT OF MOTOR VEHICLES",
        psc="IT AND TELECOM- WEB-BASED SUBSCRIPTION",
    )
    assert answer["entity"] == "government"
    assert [(s["category"], s["certainty"]) for s in answer["services"]] == [("data_broker", "arguable")]


@pytest.mark.clause("§2.5")
def test_marshals_prisoners_are_doubtful_unless_the_place_is_an_immigration_facility() -> None:
    marshals = {"agency": "U.S. Marshals Service", "recipient": "CORECIVIC LLC", "psc": GUARD}
    assert found("PRISONER HOUSING", **marshals) == {"detention": "arguable"}
    assert found("HOUSING AT NEVADA SOUTHERN DETENTION CENTER", **marshals) == {"detention": "clear"}
