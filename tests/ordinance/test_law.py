"""The quoted law, the kinds of evidence, and the weights with their arithmetic."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordinance import evidence, weights
from ordinance.definitions import CATEGORY_IDS, Definitions, definition, definitions
from ordinance.evidence import EvidenceKinds
from ordinance.weights import Weights

NOW = date(2026, 11, 22)


@pytest.mark.clause("§2.2")
@pytest.mark.clause("§2.3")
@pytest.mark.clause("§2.4")
def test_the_three_categories_are_defined() -> None:
    assert tuple(d.id for d in definitions() if d.category) == CATEGORY_IDS
    assert [p.id for p in definition("data_broker").prongs] == ["a", "b"]
    with pytest.raises(KeyError, match="known: data_broker"):
        definition("broker")
    with pytest.raises(ValueError, match="software knows these three"):
        Definitions.model_validate({"source": {"title": "x", "publisher": "y"}, "definitions": []})


@pytest.mark.shared
def test_quotes_stand_in_the_model_letter_by_letter(shared: Path) -> None:
    text = " ".join(next((shared / "seeds").glob("000_*.txt")).read_text(encoding="utf-8").split())
    for one in definitions():
        for quote in (one.text, *(p.text for p in one.prongs)):
            assert quote in text, one.id


@pytest.mark.clause("§3.3.a")
@pytest.mark.clause("§3.3.b")
@pytest.mark.clause("§3.3.c")
@pytest.mark.clause("§3.3.d")
def test_each_letter_of_the_law_has_its_evidence() -> None:
    assert evidence.kind_of_record("award").clause == "§3.3.b"
    assert evidence.kind_of_record("article").clause == "§3.3.a"
    tip = evidence.kind("public_submission")
    assert tip.needs_verification
    assert not tip.alone_enough
    with pytest.raises(KeyError, match="records of kind 'rumour'"):
        evidence.kind_of_record("rumour")
    with pytest.raises(KeyError, match="known: federal_award"):
        evidence.kind("rumour")
    made = [k.model_dump() for k in evidence.kinds()]
    tiers = [t.model_dump() for t in evidence.tiers()]
    rest = {"reliability": tiers, "context": {}}
    with pytest.raises(ValueError, match=r"no kind of evidence for §3\.3\.a"):
        EvidenceKinds.model_validate({"kinds": [k for k in made if k["id"] != "reliable_source"], **rest})
    with pytest.raises(ValueError, match="record kind may stand once"):
        EvidenceKinds.model_validate({"kinds": [*made, {**made[0], "id": "twin"}], **rest})
    with pytest.raises(ValueError, match="tier may stand once"):
        EvidenceKinds.model_validate({"kinds": made, "context": {}, "reliability": tiers * 2})


@pytest.mark.clause("§3.3.a")
def test_only_outlets_held_reliable_stand_alone() -> None:
    assert [t.tier for t in evidence.tiers() if not t.alone] == ["partisan", "unrated"]
    assert "supplies" not in (evidence.context("denied") or "") and evidence.context("provides") is None
    with pytest.raises(KeyError, match="no reliability tier 'gossip'"):
        evidence.reliability("gossip")
    tiers = [t.tier for t in evidence.tiers()]
    assert sorted(r.key for r in weights.rows() if r.bar == "reliability") == sorted(tiers)


def test_every_kind_of_record_has_a_weight() -> None:
    roles = {"award": ("recipient", "maker"), "subaward": ("subrecipient", "maker")}
    for kind in evidence.kinds():
        for record in kind.record_kinds:
            for role in roles.get(record, ("vendor",)):
                assert weights.source_bits(record, role) > 0
    with pytest.raises(KeyError, match="no weight for a rumour"):
        weights.source_bits("rumour", "recipient")
    assert weights.source_bits("award", "recipient") > weights.source_bits("award", "maker")


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_surer_reading_never_weighs_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    rule = weights.weights().reading
    assert rule.floor <= weights.reading_bits(low) <= weights.reading_bits(high) <= rule.cap


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_older_never_weighs_more(one: date, other: date) -> None:
    old, new = sorted((one, other))
    assert weights.weights().recency.floor <= weights.recency_bits(old, NOW) <= weights.recency_bits(new, NOW) <= 0


@given(st.floats(-1e9, 1e12), st.floats(-1e9, 1e12))
def test_more_money_never_weighs_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert weights.amount_bits(low) <= weights.amount_bits(high)


def test_bars_by_hand() -> None:
    assert weights.reading_bits(0.5) == 0.0
    assert weights.reading_bits(0.8) == pytest.approx(1.0)  # odds of four are two bits, halved
    assert (weights.reading_bits(0.0), weights.reading_bits(1.0)) == (-3.0, 3.0)
    assert weights.recency_bits(date(2026, 5, 1), NOW) == 0.0
    assert weights.recency_bits(date(2027, 5, 1), NOW) == 0.0  # dated in the future
    assert weights.recency_bits(date(2022, 11, 22), NOW) == pytest.approx(-1.0, abs=0.01)
    assert weights.recency_bits(date(1999, 1, 1), NOW) == -4.0
    assert weights.recency_bits(None, NOW) == -1.0
    assert [weights.amount_bits(x) for x in (-5, 0, 0.01, 24_999, 25_000, 41e6, 1e9)] == [-1, -1, 0, 0, 0.5, 2, 2.5]
    assert weights.corroboration_bits(1, 1, 1) == 0.0
    assert weights.corroboration_bits(8, 2, 1) == pytest.approx(0.5 * math.log2(8) + 0.5)
    assert weights.corroboration_bits(10**6, 5, 4) == 3.0
    assert [weights.band(x) for x in (-0.1, 0, 3.9, 4)] == ["doubtful", "likely", "likely", "strong"]
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="probability"):
            weights.reading_bits(wrong)
    with pytest.raises(ValueError, match="at least one record"):
        weights.corroboration_bits(0, 1, 1)


@pytest.mark.clause("§8")
def test_a_clear_award_stands_out_and_a_doubtful_one_is_still_shown() -> None:
    w = weights.weights()
    base = w.prior.bits + weights.source_bits("award", "recipient") + weights.amount_bits(2e6)
    assert weights.band(base + weights.reading_bits(0.95)) == "strong"
    arguable = base + weights.reading_bits(0.6) + w.certainty.arguable.bits + w.agency.doubtful.bits
    assert weights.band(arguable) == "doubtful"


def test_rows_hold_every_number_of_the_file() -> None:
    rows = weights.rows()
    assert len({(r.bar, r.key) for r in rows}) == len(rows)
    numbers = {(r.bar, r.key): r.value for r in rows}
    assert numbers["certainty", "arguable"] == weights.weights().certainty.arguable.bits
    assert numbers["source", "award/maker"] == weights.source_bits("award", "maker")
    assert numbers["recency", "half_life_years"] == weights.weights().recency.half_life_years
    assert numbers["amount", "-inf"] == weights.amount_bits(-1)

    def count(value: Any) -> int:
        if isinstance(value, dict):
            return sum(count(v) for key, v in value.items() if key not in ("at_least", "bands"))
        if isinstance(value, list | tuple):
            return sum(count(v) for v in value)
        return int(isinstance(value, float | int))

    assert len(rows) == count(weights.weights().model_dump())
    assert {r.grouping for r in rows} == {"service", "identity", "corroboration", "contradiction"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prior": {"bits": 0.0, "says": "nothing"}}, "must be below 0"),
        ({"amount": [{"at_least": 5.0, "bits": 0.0, "says": "money"}]}, "first step has at_least: null"),
        ({"bands": [{"at_least": None, "name": "a", "says": "b"}, {"at_least": 2.0, "name": "a", "says": "b"},
                    {"at_least": 1.0, "name": "a", "says": "b"}]}, "the others rise"),
        ({"certainty": {"clear": {"bits": 0, "says": "clear"}, "arguable": {"bits": 1, "says": "arguable"}}},
         "arguable must not weigh more"),
        ({"agency": {"certain": {"bits": -2, "says": "certain"}, "doubtful": {"bits": 0, "says": "doubtful"}}},
         "doubtful must not weigh more"),
        ({"source": [{"record_kind": "award", "vendor_role": "*", "bits": 1, "says": "twice"}] * 2}, "given twice"),
    ],
)
def test_weights_that_make_no_sense_are_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Weights.model_validate({**weights.weights().model_dump(), **change})
