"""Products, makers, vendors and facilities as data."""

from __future__ import annotations

from ordinance.priors import entity_words, priors
from ordinance.products import Products, check, products


def test_the_products_the_ordinance_was_written_about_are_known() -> None:
    makers = {m.id: m.name for m in products().makers}
    known = {p.name: makers[p.maker] for p in products().products}
    assert known["CLEAR"] == "Thomson Reuters"
    assert known["Accurint"] == "LexisNexis (RELX)"
    assert known["Investigative Case Management (ICM)"] == known["FALCON"] == "Palantir Technologies"
    assert known["Vigilant LEARN / PlateSearch"].startswith("Vigilant")
    assert known["Locate X"] == "Babel Street"


def test_faults_are_listed() -> None:
    data = products()
    broken = Products(about="x", makers=data.makers[:1], products=data.products[:3])
    faults = check(broken, set(), {"data_broker": set(), "extreme_vetting": set(), "detention": set()})
    assert (
        any("no maker" in f for f in faults)
        and any("is no kind" in f for f in faults)
        and any("no signal" in f for f in faults)
    )


def test_arguable_products_are_marked_so() -> None:
    certainty = {p.id: p.certainty for p in products().products}
    assert {certainty[i] for i in ("cellebrite_p", "reactor", "graykey", "isap", "sayari_p")} == {"arguable"}


def test_facilities_have_operators_and_distinct_ids() -> None:
    places = priors().facilities
    assert len({p.id for p in places}) == len(places) > 60
    operators = {p.id: p.operator for p in places}
    assert operators["jena"] == "GEO" and operators["stewart"] == "CoreCivic"


def test_given_names_and_business_words_do_not_overlap() -> None:
    words = entity_words()
    assert words.given_names & words.company_words == frozenset()
