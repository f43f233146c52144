"""Each component of the text reader alone: structure, agencies, vendors, amounts, dates, companies, scoring."""

from __future__ import annotations

from itertools import pairwise
from math import log2

import pytest

from nlp.prose.agencies import find_agencies
from nlp.prose.amounts import find_amounts, find_dates
from nlp.prose.companies import Companies
from nlp.prose.mentions import Mention
from nlp.prose.pipeline import pipeline
from nlp.prose.reader import Text, read_text
from nlp.prose.scoring import bits, score
from nlp.prose.structure import sentences
from nlp.prose.vendors import find_vendors


def _vendor(name: str) -> Mention:
    return Mention("vendor", 0, len(name), name, name=name, sure=0.9)


def test_structure_keeps_exact_places_and_kinds() -> None:
    text = (
        "# A heading\n\nThe first sentence ends here. Acme Inc. sells\nwrapped lines to ICE.\n\n- an item\n- other\n\n"
        "| Operator | Place |\n|---|---|\n| Acme | Jena |\n\nRecipient: ACME\nAmount: $5\n"
    )
    parts = sentences(text)
    assert [(p.kind, p.of(text)) for p in parts[:3]] == [
        ("heading", "# A heading"),
        ("paragraph", "The first sentence ends here."),
        ("paragraph", "Acme Inc. sells\nwrapped lines to ICE."),
    ]
    assert [p.kind for p in parts[3:]] == ["list", "list", "row", "row", "field", "field"]
    assert parts[6].header == "| Operator | Place |"
    assert all(a.end <= b.start for a, b in pairwise(parts))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Immigration and Customs Enforcement (ICE) and CBP agreed.", ["ICE", "CBP"]),
        ("ICE Enforcement Removal Operations asked HSI for help.", ["ICE ERO", "ICE HSI"]),
        ("The contract covers snow and ice removal, an ice machine and ICE CREAM.", []),
        ("SNOW AND ICE REMOVAL AT HEADQUARTERS", []),
        ("The Office of Refugee Resettlement pays.", ["ORR"]),
        ("Federal immigration authorities bought it.", ["ICE"]),
        ("The police department bought it.", []),
    ],
)
@pytest.mark.clause("§2.5")
def test_agencies_and_never_ice_the_water(text: str, names: list[str]) -> None:
    assert [m.name for m in find_agencies(text) if m.role == "agency"] == names


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("ICE signed a $2.4 million contract with Acme.", 2_400_000, "contract"),
        ("It is worth up to $1.2 billion.", 1_200_000_000, "ceiling"),
        ("ICE pays them $2.8 million a month to run the jail.", 2_800_000, "per_month"),
        ("It costs about $6 million a year.", 6_000_000, "per_year"),
        ("It was acquired for $310 million.", 310_000_000, "acquisition_price"),
        ("The company reported revenue of $1.9 billion.", 1_900_000_000, "revenue"),
        ("The startup raised $90 million in funding.", 90_000_000, "funding"),
        ("It donated $500,000 to a super PAC.", 500_000, "donation"),
        ("Federal action obligation: $10,300,000.00", 10_300_000, "obligated"),
    ],
)
def test_amounts_say_what_they_are(text: str, value: float, kind: str) -> None:
    (found,) = find_amounts(text)
    assert (found.value, found.note) == (value, kind)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on January 8, 2018, ICE", "2018-01-08"),
        ("their January 2018 contract", "2018-01"),
        ("since 2014, it", "2014"),
        ("3 August 2017", "2017-08-03"),
        ("2025-08-01", "2025-08-01"),
        ("in 3018", None),
        ("99/99/2020", None),
    ],
)
def test_dates_are_as_exact_as_the_text(text: str, date: str | None) -> None:
    assert [m.note for m in find_dates(text)] == ([date] if date else [])


def test_companies_join_short_forms_abbreviations_and_former_names() -> None:
    text = (
        "Meadow Correctional Group (MCG) runs it. Target Hospitality owns a camp; Target grew. "
        "Alder Inc., formerly known as Birch Prisons, and MCG."
    )
    companies = Companies(text)
    companies.add(
        map(_vendor, ("Meadow Correctional Group", "Target Hospitality", "Target", "Alder Inc.", "Birch Prisons"))
    )
    assert companies.fullest(companies.find("MCG") or companies.all()[0]) == "Meadow Correctional Group"
    assert companies.find("Target") is companies.find("Target Hospitality")
    assert companies.find("Birch Prisons") is companies.find("Alder Inc.")


def test_pipeline_shows_its_components_and_spans() -> None:
    language = pipeline()
    assert language.pipe_names == ["ner", "prose_agencies", "prose_vocabulary", "prose_amounts", "prose_vendors"]
    doc = language("ICE paid Clearview AI $3.75 million for facial recognition in 2024.")
    shown = {
        name: [span.text for span in doc.spans[name]]
        for name in ("agencies", "vendors", "services", "amounts", "dates")
    }
    assert shown == {
        "agencies": ["ICE"],
        "vendors": ["Clearview AI"],
        "services": ["facial recognition"],
        "amounts": ["$3.75 million"],
        "dates": ["2024"],
    }


def test_words_and_bits_explain_the_score() -> None:
    text = "ICE paid Clearview AI $3.75 million for facial recognition."
    (statement,) = read_text(Text(text))[1]
    odds = log2(statement.score / (1 - statement.score))
    assert sum(word.bits for word in statement.words) == pytest.approx(odds, abs=0.05)
    assert sum(bits(statement.features).values()) == pytest.approx(odds, abs=0.05)
    assert score(statement.features) == pytest.approx(statement.score, abs=1e-4)
    assert {"relation", "vendor", "agency", "service"} <= {word.role for word in statement.words}


@pytest.mark.clause("E.6, E.9")
def test_no_person_is_a_vendor() -> None:
    text = (
        "Maria Delgado, who sells location data to ICE, spoke to reporters. Delgado provides ICE with facial "
        "recognition, according to John Smith."
    )
    assert [s.vendor for s in read_text(Text(text))[1] if s.vendor] == []


def test_hostile_text_is_read_in_bounded_time() -> None:
    for text in (
        "ICE " * 3000,
        "A, " * 4000 + "ICE contract",
        "(" * 5000 + "ICE contract",
        "Acme Inc. and " * 1500 + "ICE paid",
        "ICE contract\x00\ud800 with Acme Inc. " * 50,
        "$1 million ICE contract, " * 800,
    ):
        read, _ = read_text(Text(text))
        assert isinstance(read, bool)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ridgeway Cloud has a contract with ICE.", ["Ridgeway Cloud"]),
        ("Kestrel Ridge sells phone location data to ICE.", ["Kestrel Ridge"]),
        ("Opaline, a startup in the valley, has a $3 million contract with ICE for skip tracing.", ["Opaline"]),
        ("Protesters had a deal with the police to march.", []),
        ("Maria Gonzalez has a contract with ICE to interpret.", []),
    ],
)
def test_unknown_names_that_sell_or_hold_a_contract_are_vendors_though_ner_passes_them(
    text: str, names: list[str]
) -> None:
    assert [v.name for v in find_vendors(text, [], []) if v.role == "vendor"] == names


def test_an_asylum_seeker_plans_no_contract_and_a_former_name_is_the_same_company() -> None:
    text = (
        "Omar, an asylum seeker, is held by ICE at Pine Ridge, a private prison run by Redfern Group (formerly the "
        "infamous Halden Corrections Company), with other immigration detainees."
    )
    _, found = read_text(Text(text))
    assert [(s.vendor, s.relation) for s in found] == [("Redfern Group", "provides")]
