"""What must be found: services, kinds, makers, the exact words, and the sum that adds up."""

from __future__ import annotations

import itertools

import pytest

from nlp.knowledge import knowledge
from nlp.model.linear import model
from tests.nlp.helpers import found, read, service

GUARD = "HOUSEKEEPING- GUARD"


@pytest.mark.clause("§2.2")
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("SKIP TRACING SERVICES NATIONWIDE", "a.skip_tracing"),
        ("LAW ENFORCEMENT INVESTIGATIVE DATABASE SUBSCRIPTION (LEIDS)", "a.people_search"),
        ("ACCURINT SUBSCRIPTION", "a.people_search"),
        ("ACCESS TO LICENSE PLATE READER DATABASE", "b.licence_plate"),
        ("COMMERCIAL LOCATION DATA SUBSCRIPTION", "b.location"),
        ("JAIL BOOKING DATA FEED", "b.records_feed"),
    ],
)
def test_data_brokers_name_prong_and_kind(words: str, kind: str) -> None:
    answer = service("data_broker", words)
    assert (answer["certainty"], answer["kind"]) == ("clear", kind)


@pytest.mark.clause("§2.3")
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("INVESTIGATIVE CASE MANAGEMENT (ICM) OPERATIONS AND MAINTENANCE", "case_management"),
        ("VISA LIFECYCLE VETTING INITIATIVE (VLVI) SUPPORT", "vetting_support"),
        ("SOCIAL MEDIA MONITORING FOR HSI", "social_media_monitoring"),
        ("OPEN SOURCE INTELLIGENCE PLATFORM", "osint"),
        ("FACIAL RECOGNITION LICENSES", "face_recognition"),
        ("MOBILE BIOMETRIC COLLECTION DEVICES", "biometrics"),
        ("NATIONAL CRIMINAL ANALYSIS AND TARGETING CENTER SUPPORT", "risk_scoring"),
        ("LINK ANALYSIS SOFTWARE", "link_analysis"),
    ],
)
def test_vetting_names_its_kind(words: str, kind: str) -> None:
    answer = service("extreme_vetting", words)
    assert (answer["certainty"], answer["kind"]) == ("clear", kind)


@pytest.mark.clause("§2.4")
@pytest.mark.parametrize(
    ("words", "psc", "kind"),
    [
        ("DETENTION SERVICES AT BROWARD TRANSITIONAL CENTER", GUARD, "security"),
        (
            "DAILY CHARTER FLIGHT SERVICES FOR REMOVAL OF ALIENS",
            "TRANSPORTATION/TRAVEL/RELOCATION- TRANSPORTATION: AIR CHARTER",
            "transport",
        ),
        (
            "OPERATIONS AND MAINTENANCE AT KROME SERVICE PROCESSING CENTER",
            "MAINTENANCE OF OTHER ADMINISTRATIVE FACILITIES AND SERVICE BUILDINGS",
            "maintenance",
        ),
        ("DETAINEE MEALS", "SPECIAL DIETARY FOODS AND FOOD SPECIALTY PREPARATIONS", "other"),
        ("MEDICAL STAFFING FOR ICE HEALTH SERVICE CORPS", "MEDICAL- MANAGED HEALTHCARE", "other"),
    ],
)
def test_detention_names_its_support(words: str, psc: str, kind: str) -> None:
    answer = service("detention", words, psc=psc)
    assert (answer["certainty"], answer["kind"]) == ("clear", kind)


@pytest.mark.parametrize("words", ["ADD FUNDING", "DE-OBLIGATION AND CLOSEOUT", "INCREMENTAL FUNDING MODIFICATION"])
def test_words_that_say_little_are_read_with_code_vendor_and_buyer(words: str) -> None:
    assert found(words, recipient="CORECIVIC, INC.", psc=GUARD) == {"detention": "clear"}
    assert found(words, recipient="CSI AVIATION, INC.") == {"detention": "clear"}
    assert found(words, recipient="EXAMPLE GUARDS LLC", psc=GUARD) == {"detention": "arguable"}
    assert found(words, recipient="EXAMPLE GUARDS LLC", psc=GUARD, office="DETENTION COMPLIANCE AND REMOVALS") == {
        "detention": "clear"
    }
    assert found(words, recipient="EXAMPLE SOFTWARE LLC", psc="INFORMATION TECHNOLOGY SOFTWARE") == {}


def test_codes_read_like_their_descriptions() -> None:
    assert found("ADD FUNDING", recipient="EXAMPLE GUARDS LLC", psc_code="S206") == {"detention": "arguable"}
    assert found("ADD FUNDING", psc_code="Y1FF") == {"detention": "clear"}
    assert found("ADD FUNDING", naics_code="922140") == {"detention": "clear"}


def test_full_agency_names_read_like_short_ones() -> None:
    long = "Immigration and Customs Enforcement | U.S. Immigration and Customs Enforcement"
    assert found("ADD FUNDING", agency=long, recipient="EXAMPLE GUARDS LLC", psc=GUARD) == {"detention": "arguable"}


@pytest.mark.parametrize(
    "slip", ["DENTENTION SERVICES AT KROM SPC", "DETENTON CENTER SUPPORT", "DETAINE MEALS", "DETIANEE CLOTHING"]
)
def test_slips_of_the_keyboard_are_read(slip: str) -> None:
    answer = service("detention", slip)
    assert answer["certainty"] == "clear"
    assert all(w["text"] in slip for w in answer["words"] if w["field"] == "descriptions")


@pytest.mark.parametrize(
    "words", ["RADIATION DETECTION EQUIPMENT", "RETENTION BONUS STUDY", "RECORDS RETENTION SCHEDULE"]
)
def test_real_words_are_no_slips(words: str) -> None:
    assert "detention" not in found(words)


def test_several_categories_may_apply() -> None:
    assert found("FACIAL RECOGNITION OF DETAINEES AT INTAKE") == {"extreme_vetting": "clear", "detention": "clear"}


def test_a_maker_selling_its_own_product_has_no_second_vendor() -> None:
    assert (
        service("extreme_vetting", "GIANT OAK SEARCH TECHNOLOGY (GOST)", recipient="GIANT OAK, INC.")["maker"] is None
    )
    assert (
        service("extreme_vetting", "GIANT OAK SEARCH TECHNOLOGY (GOST)", recipient="ANY RESELLER LLC")["maker"]
        == "Giant Oak"
    )


def test_words_are_exact_places_in_the_fields_as_given() -> None:
    descriptions = ["Add  funding", "FY24: détention — meals for DETAINEES at\tKrome SPC (boxed)"]
    columns = {
        "recipient": "The GEO Group, Inc.",
        "psc": GUARD,
        "office": "ERO | DETENTION MANAGEMENT",
        "agency": "ICE",
    }
    answer = read(*descriptions, **columns)
    words = [w for s in answer["services"] for w in s["words"]]
    assert {w["field"] for w in words} >= {"descriptions", "recipient"}
    for word in words:
        text = descriptions[word["description"]] if word["field"] == "descriptions" else columns[word["field"]]
        assert text[word["start"] : word["end"]] == word["text"]
        assert (word["description"] >= 0) == (word["field"] == "descriptions")


def test_bits_of_the_words_add_up_to_the_score() -> None:
    law = knowledge().law
    checked = 0
    for words, columns in (
        ("DETAINEE MEALS AT KROME", {}),
        ("SKIP TRACING", {}),
        ("MEALS", {"agency": "CBP", "psc_code": "8940"}),
    ):
        for answer in read(words, **columns)["services"]:
            bits = law.category(answer["category"]).base_bits + sum(w["bits"] for w in answer["words"])
            calibrated = model().calibration[answer["certainty"]]
            assert answer["score"] == pytest.approx(calibrated.probability(bits), abs=0.002)
            checked += 1
    assert checked == 3


def test_order_of_descriptions_and_repetition_do_not_change_what_is_found() -> None:
    parts = ["ADD FUNDING", "GUARD SERVICES FOR DETAINEES AT ELOY", "COR CHANGE"]
    answers = [found(*order, psc=GUARD) for order in itertools.permutations(parts)]
    assert all(answer == {"detention": "clear"} for answer in answers)
    assert found(*parts, *parts, psc=GUARD) == answers[0]


def test_nothing_is_read_from_nothing() -> None:
    answer = read(recipient="", agency="", psc="")
    assert (answer["services"], answer["entity"]) == ([], "company")


@pytest.mark.parametrize(
    "text",
    ["\x00" * 50, "A" * 50_000, "||||", "((((", "detainee" * 3000, "\ud800 meals", "😀 " * 500, "DETAINEE " * 2000],
)
def test_hostile_text_is_read_without_harm(text: str) -> None:
    answer = read(text, recipient=text)
    for word in (w for s in answer["services"] for w in s["words"] if w["field"] == "descriptions"):
        assert text[word["start"] : word["end"]] == word["text"]


@pytest.mark.parametrize(
    ("words", "columns", "category", "certainty"),
    [
        ("SOFT-SIDED FACILITY WITH WRAPAROUND SERVICES, 5,000 BEDS", {}, "detention", "clear"),
        ("LOCAL TRANSPORTATION AND GUARD SERVICES, WEST", {}, "detention", "clear"),
        ("ORBITAL INSIGHT LICENSES", {}, "extreme_vetting", "arguable"),
        ("DVR EXAMINER LICENSE RENEWAL", {}, "extreme_vetting", "arguable"),
        ("OPERATION OF THE AUTHORITATIVE ICE DATA WAREHOUSE", {}, "extreme_vetting", "arguable"),
        ("CARGO, PASSENGER ADMISSIBILITY, SCREENING & VETTING", {"agency": "CBP"}, "extreme_vetting", "arguable"),
        ("PACER COURT RECORDS ACCOUNT", {}, "data_broker", "arguable"),
        ("ACCESS TO A PARTNER DATA FEED", {}, "data_broker", "arguable"),
        ("COMMERCIALLY AVAILABLE PERSONALLY IDENTIFIABLE INFORMATION", {}, "data_broker", "clear"),
        ("WHITEPAGES PRO SUBSCRIPTION", {}, "data_broker", "clear"),
    ],
)
def test_purchases_of_the_build_up_of_2025(words: str, columns: dict[str, str], category: str, certainty: str) -> None:
    assert found(words, **columns).get(category) == certainty


@pytest.mark.parametrize(
    "words",
    ["TELEVISION ADS ON SELF DEPORTATION, AWARENESS CAMPAIGN", "VEHICLE RENTALS FOR DEPORTATION OFFICERS",
     "RECRUITMENT ADVERTISING FOR DEPORTATION OFFICERS", "VEHICLE WRAPS FOR DEPORTATION OFFICER RECRUITMENT"],
)
def test_publicity_and_officers_goods_are_no_detention(words: str) -> None:
    assert "detention" not in found(words)
