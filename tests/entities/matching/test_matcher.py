"""The matcher's promises: symmetry, reasons that add up, caution with short and ordinary names, identifiers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entities.matching.index import NameIndex
from entities.matching.matcher import Matcher, Outcome, Party, match

_WORDS = st.sampled_from(["GEO", "Group", "Inc.", "LLC", "Palantir", "Technologies", "of", "&", "West", "(DE)", "dba",
                          "I.T.T.", "U S", "Wave", "Band", "Waveband", "Société", "/DE/", "CL A", "Solutio", "2"])
NAMES = st.one_of(st.text(max_size=40), st.lists(_WORDS, max_size=7).map(" ".join))
MATCHER = Matcher()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES, NAMES)
def test_the_order_of_two_names_never_matters_and_reasons_add_up(a: str, b: str) -> None:
    one, two = MATCHER.score(a, b), MATCHER.score(b, a)
    assert one == two
    assert sum(reason.bits for reason in one.reasons) == pytest.approx(one.bits, abs=0.02)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=6))
def test_many_pairs_at_once_score_as_one_by_one(pairs: list[tuple[str, str]]) -> None:
    scores = MATCHER.score_many([a for a, _ in pairs], [b for _, b in pairs])
    single = [MATCHER.score(a, b) for a, b in pairs]
    assert np.allclose(scores.bits, [one.bits for one in single], atol=0.01)
    assert scores.outcomes() == [one.outcome for one in single]


@pytest.mark.parametrize(("a", "b"), [
    ("The GEO Group, Inc.", "GEO GROUP INC, THE"), ("WAVE BAND CORP", "WaveBand Corporation"),
    ("SYSTEMS RESEARCH AND APPLICATI", "Systems Research and Applications Corporation"),
    ("Booz Allen Hamilton Inc. (3626)", "BOOZ ALLEN HAMILTON INCORPORATED"),
    ("STEWART INFO SERVICES CORP", "Stewart Information Services Corp."),
    ("PENSKE AUTOMOTIVE GROUP VOTING INC", "Penske Automotive Group, Inc. Class A"),
])
def test_one_company_as_its_sources_write_it(a: str, b: str) -> None:
    assert match(a, b).outcome is Outcome.SAME, match(a, b).reason


@pytest.mark.parametrize("name", ["Газпром нефть", "中国石油", "a\ud800bc\x00 guard llc", "A" * 5_000])
def test_names_of_any_script_and_length_are_read(name: str) -> None:
    assert match(name, name).same, match(name, name).reason
    assert not match(name, "Thor Industries").same


@pytest.mark.parametrize(("a", "b"), [
    ("Kodiak Sciences Inc.", "Kodiak Gas Services, Inc."), ("Summit Therapeutics Inc", "Summit Hotel Properties Inc"),
    ("National Presto Industries", "Thor Industries"), ("Vigilant Solutions", "eVigilant.com"), ("", ""),
])
def test_names_that_share_a_word_or_nothing_are_not_confirmed(a: str, b: str) -> None:
    assert not match(a, b).same, match(a, b).reason


@pytest.mark.parametrize("name", ["CLEAR", "GEO", "BI", "SAS", "West"])
@pytest.mark.parametrize("ending", ["", " INC", " GROUP INC", " PUBLISHING CORP", " SECURE INC"])
def test_short_and_dictionary_names_never_confirm_but_open_a_review(name: str, ending: str) -> None:
    found = match(name, name + ending)
    assert found.outcome is Outcome.REVIEW, found.reason


def test_identifiers_come_first_and_dummies_join_nobody() -> None:
    uei = {"uei": "TJCDPVN6RNP7"}
    same = MATCHER.score_parties(Party("DELL FEDERAL SYSTEMS LP", uei), Party("Dell Technologies Inc.", uei))
    assert same.outcome is Outcome.SAME
    assert "UEI" in same.reasons[0].words
    unrelated = MATCHER.score_parties(Party("AKAL SECURITY INC", uei), Party("ROWE BAKERY", uei))
    assert unrelated.outcome is Outcome.REVIEW
    assert "unrelated names" in unrelated.reason
    dummy = {"duns": "123456789", "cusip": "000000000"}
    plain = MATCHER.score_parties(Party("AKAL SECURITY INC", dummy), Party("ROWE BAKERY", dummy))
    assert plain.outcome is Outcome.DIFFERENT
    # two papers of one issuer; the ISIN holds the CUSIP
    paper = MATCHER.score_parties(Party("GEO GROUP INC NEW", {"cusip": "36162J106"}),
                                  Party("The GEO Group", {"isin": "US36162J1060"}))
    assert "CUSIP" in paper.reasons[0].words


def test_address_and_state_stand_beside_the_score() -> None:
    a = Party("Acme Guard LLC", state="TX", address="1 Main St.")
    b = Party("ACME GUARD", state="NM", address="1 MAIN ST")
    found = MATCHER.score_parties(a, b)
    assert found.bits == MATCHER.score(a.name, b.name).bits
    assert found.corroboration > 0 < found.contradiction
    assert found == MATCHER.score_parties(b, a)


def test_an_index_finds_misspelt_cut_off_and_repeated_names() -> None:
    names = ["PALANTIR USG, INC.", "Acme Guard LLC", "PALENTIR TECHNOLOGIES INC", "SYSTEMS RESEARCH AND APPLICATI",
             None, "PALANTIR USG, INC.", "Palatine Dental"]
    index = NameIndex(names)
    found = index.search("Palantir Technologies")
    assert {one.name for one in found} == {"PALANTIR USG, INC.", "PALENTIR TECHNOLOGIES INC"}
    assert index.positions(found[[one.name for one in found].index("PALANTIR USG, INC.")].position) == [0, 5]
    assert [one.position for one in index.search("Systems Research & Applications Corp")] == [3]
    assert index.search("") == index.search(None) == []
    assert NameIndex([]).search("Palantir") == []
    hits = index.search_many(["Acme Guard", "nobody at all", "Acme Guard"])
    assert hits.query.tolist() == [0, 2]
    assert hits.position.tolist() == [1, 1]
