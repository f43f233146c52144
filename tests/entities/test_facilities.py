"""Facilities named in awards and notices: by name and state, whatever the spelling, and never by chance."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.facilities import FacilityNames, Mention, Place

LISTED = [
    Place("ADELANTO ICE PROCESSING CENTER", "CA", "ADELANTO"), Place("Northwest ICE Processing Center (Tacoma)", "WA",
                                                                     "Tacoma"),
    Place("BAKER COUNTY SHERIFF DEPT.", "FL", "MACCLENNY"), Place("Baker County Jail", "FL", "Macclenny"),
    Place("Baker County Jail", "OR", "Baker City"), Place("COUNTY JAIL", "TX", "Alice"), Place("FLORENCE SPC", "AZ",
                                                                                               "Florence"),
    Place("Elizabeth Contract Detention Facility", "NJ", "Elizabeth"), Place("Stewart Detention Center", "GA",
                                                                             "Lumpkin"),
    Place("Karnes County Immigration Processing Center", "TX", "Karnes City"), Place("Dilley", "TX", "Dilley"),
]
NAMES = FacilityNames(LISTED)


def keys(text: str, **place: str) -> list[str]:
    return [mention.key for mention in NAMES.find(text, **place)]


@pytest.mark.clause("§2.4")
@pytest.mark.parametrize(("text", "key"), [
    ("Guard services at the Adelanto ICE Processing Center.", "ADELANTO ICE PROCESSING CENTER | CA"),
    ("DETENTION SERVICES: ADELANTO ICE PROC. CTR", "ADELANTO ICE PROCESSING CENTER | CA"),
    ("MEALS FOR FLORENCE SERVICE PROCESSING CENTER, AZ", "FLORENCE SPC | AZ"),
    ("guard svcs, Elizabeth CDF", "ELIZABETH CONTRACT DETENTION FACILITY | NJ"),
    ("Elizabeth Detention Facility, Elizabeth, NJ 07201", "ELIZABETH CONTRACT DETENTION FACILITY | NJ"),
    ("the Northwest ICE Processing Center", "NORTHWEST ICE PROCESSING CENTER TACOMA | WA"),
    ("Stewart Det. Ctr. bed space", "STEWART DETENTION CENTER | GA"),
    ("KARNES COUNTY PROCESSING CENTER", "KARNES COUNTY IMMIGRATION PROCESSING CENTER | TX"),
])
def test_a_name_in_any_spelling(text: str, key: str) -> None:
    assert keys(text) == [key]


def test_the_words_are_the_texts_own() -> None:
    text = "Food at Adelanto ICE  Processing-Center (CA)."
    (mention,) = NAMES.find(text)
    assert text[mention.start:mention.end] == mention.words == "Adelanto ICE  Processing-Center"


def test_a_name_in_two_states_needs_the_state() -> None:
    assert keys("Baker County Jail beds") == []
    assert keys("Baker County Jail beds", state="FL") == ["BAKER COUNTY JAIL | FL"]
    assert keys("Baker County Jail, OR") == ["BAKER COUNTY JAIL | OR"]
    assert keys("Baker County Jail in Oregon") == ["BAKER COUNTY JAIL | OR"]


def test_an_ordinary_name_needs_its_state_or_city() -> None:
    assert keys("services at the county jail") == []
    assert keys("services at the county jail", state="TX") == ["COUNTY JAIL | TX"]
    assert keys("services at the county jail of Alice") == ["COUNTY JAIL | TX"]
    assert keys("Dilley was pleased") == []
    assert keys("Family residential center, Dilley, TX") == ["DILLEY | TX"]


def test_a_given_state_that_contradicts_leaves_the_name_out() -> None:
    assert keys("Stewart Detention Center", state="NY") == []
    assert keys("Stewart Detention Center, Lumpkin, Georgia", state="DC") == ["STEWART DETENTION CENTER | GA"]


@pytest.mark.parametrize("text", ["", "   ", "Stewart Hall", "processing center", "Adelanto",
                                  "ICE Processing Centers of Florence",
                                  "restewart detention center", "detention center stewart"])
def test_what_names_no_facility(text: str) -> None:
    assert keys(text) == []


def test_several_are_found_in_order_and_the_longest_wins() -> None:
    names = FacilityNames([Place("Stewart Detention Center", "GA"), Place("Stewart Detention Center Annex", "GA")])
    found = names.find("Stewart Detention Center Annex and Stewart Detention Center")
    assert [mention.key for mention in found] == ["STEWART DETENTION CENTER ANNEX | GA",
                                                  "STEWART DETENTION CENTER | GA"]


def test_no_names_find_nothing() -> None:
    assert FacilityNames([]).find("Adelanto ICE Processing Center") == []


@given(st.text(max_size=300))
def test_any_text_is_taken_and_every_mention_is_its_words(text: str) -> None:
    for mention in NAMES.find(text + " Stewart Detention Center "):
        assert isinstance(mention, Mention)
        assert (text + " Stewart Detention Center ")[mention.start:mention.end] == mention.words


def test_many_names_and_long_texts_take_little_time() -> None:
    rng = random.Random(3)
    words = ["Pine", "Oak", "River", "Lake", "Stone", "Hill", "Falls", "Cedar", "Maple", "North"]
    names = FacilityNames(Place(f"{rng.choice(words)} {rng.choice(words)} {n} Detention Center",
                                "TX") for n in range(2000))
    text = "Guards at Pine Oak Detention Center and " * 20_000
    started = time.monotonic()
    names.find(text)
    assert time.monotonic() - started < 5


@pytest.mark.shared
def test_real_award_texts_name_real_facilities(shared: Path) -> None:
    """Counted by searching the same column for each name's spellings."""
    import csv

    names = FacilityNames([
        Place("South Texas ICE Processing Center", "TX", "Pearsall"), Place("Port Isabel SPC", "TX", "Los Fresnos"),
        Place("El Paso Service Processing Center", "TX", "El Paso"), Place("Otay Mesa Detention Center", "CA",
                                                                           "San Diego"),
        Place("Houston Contract Detention Facility", "TX", "Houston"),
    ])
    csv.field_size_limit(1 << 24)
    found: Counter[str] = Counter()
    with (shared / "data" / "awards" / "transactions" / "CBP_ICE_FY2024.csv").open(encoding="utf-8-sig",
                                                                                   newline="") as file:
        for row in csv.DictReader(file):
            text = " ".join(value for name, value in row.items() if value and "escription" in (name or ""))
            found.update(mention.key.partition(" | ")[0] for mention in names.find(text))
    assert found == {"EL PASO SERVICE PROCESSING CENTER": 26, "PORT ISABEL SPC": 26,
                     "SOUTH TEXAS ICE PROCESSING CENTER": 12,
                     "HOUSTON CONTRACT DETENTION FACILITY": 12, "OTAY MESA DETENTION CENTER": 3}
