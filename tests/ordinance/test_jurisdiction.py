"""One law, many cities: presets, what they switch off, and what was not found about them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ordinance.agencies import match_award
from ordinance.jurisdiction import Jurisdiction, load_jurisdiction, presets
from ordinance.loader import DATA, OrdinanceError


def edited(tmp_path: Path, old: str, new: str, preset: str = "model") -> Path:
    text = (DATA / "presets" / f"{preset}.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "jurisdiction.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_the_five_presets_load() -> None:
    assert presets() == ("ab1332", "berkeley", "model", "oakland", "richmond")
    assert [load_jurisdiction(p).id for p in presets()] == list(presets())


@pytest.mark.clause("§3.4")
@pytest.mark.clause("§5.3")
def test_the_model_has_the_models_numbers() -> None:
    model = load_jurisdiction("model")
    assert {k: (a.days, a.unit) for k, a in model.deadlines.items()} == {
        "review_request": (30, "calendar_days"), "review_request_solicitation": (7, "calendar_days"),
        "review_request_pending": (7, "calendar_days"), "council_appeal": (15, "calendar_days"),
        "violation_report": (30, "calendar_days"),
    }
    assert (model.annual.department_certification, model.annual.public_report) == ("04-01", "05-01")
    assert len(model.waiver.considerations) == 3
    assert model.investments
    assert model.due("council_appeal", date(2026, 3, 1)) == date(2026, 3, 16)
    assert not model.assumed("deadlines")


@pytest.mark.clause("R")
def test_richmond_covers_brokers_and_vetting_for_ice_only() -> None:
    richmond = load_jurisdiction("richmond")
    assert [richmond.covers_category(c) for c in ("data_broker", "extreme_vetting", "detention")] == [True, True, False]
    assert richmond.covers_agency("ice")
    assert not richmond.covers_agency("cbp")
    assert richmond.enactment.adopted == date(2018, 6, 5)
    assert richmond.assumed("deadlines.council_appeal")
    assert not richmond.assumed("categories.detention")


@pytest.mark.clause("§2.5")
def test_an_award_of_cbp_that_ice_funds_counts_in_a_city_that_covers_ice() -> None:
    found = match_award("7014", "U.S. Customs and Border Protection", None,
                        "7012", "U.S. Immigration and Customs Enforcement", None)
    assert found is not None
    assert found.id == "cbp"
    assert load_jurisdiction("berkeley").covers_agency(found)
    alone = match_award("7014", "U.S. Customs and Border Protection")
    assert alone is not None
    assert not load_jurisdiction("berkeley").covers_agency(alone)
    assert load_jurisdiction("model").covers_agency(alone)


@pytest.mark.clause("§3.3.a")
@pytest.mark.clause("§3.3.b")
def test_berkeley_admits_federal_records_and_counts_business_days() -> None:
    berkeley, model = load_jurisdiction("berkeley"), load_jurisdiction("model")
    assert berkeley.admits("federal_award")
    assert not berkeley.admits("reliable_source")
    assert model.admits("reliable_source")
    assert berkeley.admits("federal_register")
    assert not berkeley.admits("federal_register", others=["federal_award"])
    friday = date(2026, 11, 20)
    thanksgiving = {date(2026, 11, 26)}
    assert berkeley.due("review_request_solicitation", friday, thanksgiving) == date(2026, 12, 2)
    assert model.due("review_request_solicitation", friday, thanksgiving) == date(2026, 11, 27)


def test_oakland_screens_bidders_under_its_border_wall_law_only() -> None:
    oakland = load_jurisdiction("oakland")
    assert not oakland.bidding_is_enough
    assert [c.bidding_is_enough for c in oakland.companions] == [True]
    assert {a for a in ("ice", "cbp", "orr", "uscis") if oakland.covers_agency(a)} == {"ice", "cbp", "orr"}


@pytest.mark.clause("B")
def test_the_state_wide_law_is_investigated_by_the_department_of_justice() -> None:
    state = load_jurisdiction("ab1332")
    assert state.titles.administrator == "California Department of Justice"
    assert state.enactment.status == "not_enacted"
    assert state.waiver.standard == "no practical alternative"


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("mode: all ", "mode: listed ", "agencies", "give ids with mode: listed"),
        ("mode: all ", "ids: [kgb]\n  mode: listed ", "agencies", "no agency kgb"),
        ("[federal_award, ", "[federal_awards, ", "evidence", "no kind of evidence federal_awards"),
        ("  council_appeal: {days: 15, unit: calendar_days}\n", "", "deadlines", "council_appeal"),
        ("unit: calendar_days}              #", "unit: workdays} #", "deadlines.review_request.unit",
         "'calendar_days' or 'business_days'"),
        ("days: 30, unit: calendar_days}              #", "days: 0, unit: calendar_days} #",
         "deadlines.review_request.days", "greater than or equal to 1"),
        ("purpose_test: {required: false}", "purpose_test: {required: true}", "purpose_test", "needs the law's words"),
        ("public_report: 05-01", "public_report: 13-01", "annual.public_report", "match pattern"),
        ("{field: languages,", "{field: language,", "", "'language', which is no field"),
        ("detention: true", "detentions: true", "categories.detentions", "did you mean 'detention'?"),
        ("adopted: null", "adopted: yesterday", "enactment.adopted", "valid date"),
    ],
)
def test_a_citys_mistake_is_named(tmp_path: Path, old: str, new: str, field: str, words: str) -> None:
    file = edited(tmp_path, old, new)
    with pytest.raises(OrdinanceError) as caught:
        load_jurisdiction(file)
    assert any(f.field == field and words in f.sentence for f in caught.value.faults), str(caught.value)


def test_a_citys_own_file_is_read(tmp_path: Path) -> None:
    own = load_jurisdiction(edited(tmp_path, "name: Model ordinance", "name: City of Alameda"))
    assert isinstance(own, Jurisdiction)
    assert own.name == "City of Alameda"


def test_an_unknown_preset_lists_the_known_ones() -> None:
    with pytest.raises(OrdinanceError, match="choose ab1332, berkeley, model, oakland, richmond"):
        load_jurisdiction("paris")
