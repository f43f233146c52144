"""Names in one spelling: real variants meet, differently worded companies never do."""

from __future__ import annotations

import csv
import gzip
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from entities.names import normalise, split_dba

FORMS = ["INC", "INCORPORATED", "LIMITED", "LIABILITY", "COMPANY", "CO", "CORPORATION", "THE", "L L C", "L.P.", "JOINT",
         "VENTURE", "PROFESSIONAL", "PARTNERSHIP", "ACME", "A", "(2075)", "/DE/", "/NEW/", "&", "U.S.A.", "'S", "-",
         "(", ")"]


@pytest.mark.parametrize(
    "variants",
    [
        ["THE GEO GROUP, INC.", "GEO GROUP, INC., THE", "The Geo Group Incorporated", "GEO GROUP INC THE"],
        ["WECSYS LLC", "WECSYS LIMITED LIABILITY COMPANY (6769)", "Wecsys, L.L.C.", "WECSYS L L C",
         "WECSYS LTD LIABILITY CO"],
        ["BEST BUY CO., INC.", "BEST BUY COMPANY INCORPORATED", "Best Buy Co Inc"],
        ["STREICHER'S, INC.", "STREICHERS INC", "STREICHER’S INC"],
        ["V.H. BLACKINTON & CO., INC.", "VH BLACKINTON AND CO INC", "V. H. BLACKINTON & COMPANY INC"],
        ["UNITED PARCEL SERVICE INCORPORATED (OH) (2075)", "UNITED PARCEL SERVICE, INC. (OH)"],
        ["Scilex Holding Company/DE", "SCILEX HOLDING CO /DE/", "Scilex Holding Co"],
        ["JACK IN THE BOX INC /NEW/", "Jack in the Box Inc."],
        ["KONICA MINOLTA BUSINESS SOLUTIONS U.S.A., INC.", "KONICA MINOLTA BUSINESS SOLUTIONS USA INC"],
        ["CITY OF BROWNSVILLE (0422) 1471279", "City of Brownsville"],
        ["NESTLÉ S.A.", "Nestle SA"],
        ["A+ GOVERNMENT SOLUTIONS", "A PLUS GOVERNMENT SOLUTIONS"],
        ["ＡＣＭＥ　ＬＬＣ", "acme llc", "ACME\u200b LLC\x00"],
        ["DOYON / AKAL JV", "DOYON AKAL JOINT VENTURE"],
    ],
)
def test_ways_of_writing_one_name_meet(variants: list[str]) -> None:
    assert len({normalise(v) for v in variants}) == 1
    assert normalise(variants[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PARAGON SYSTEMS, INC.", "PARAGON SYSTEMS LLC"),
        ("PARAGON SOLUTIONS (US) INC", "PARAGON SOLUTIONS INC"),
        ("LASALLE CORRECTIONS LLC", "LASALLE AB-EXPRESS LLC"),
        ("IDENTIX", "IDENTIX INC"),
        ("COMPANY WRENCH LTD", "WRENCH LTD"),
        ("G4S SECURE SOLUTIONS (USA) INC.", "G4S SECURE SOLUTIONS INC."),
        ("A AND B CO", "A B CO"),
        ("VIGILANT SOLUTIONS", "VIGILANT"),
        ("CLUB 1893", "CLUB"),
        ("LIMITED BRANDS INC", "BRANDS INC"),
        ("AM/PM RESTORATION", "AM RESTORATION"),
        ("FIRST DATA", "FIRST DATA THE NEXT"),
    ],
)
def test_differently_worded_companies_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize("name", [None, "", "  ", "...", "\u200b", "&"])
def test_nothing_stays_nothing(name: str | None) -> None:
    assert normalise(name) == ("AND" if name == "&" else "")


@given(st.text(max_size=60))
@example("ß/DE/")
@example("THE THE")
@example("ŉ. L L C")
def test_normalising_twice_changes_nothing_in_any_text(name: str) -> None:
    once = normalise(name)
    assert normalise(once) == once
    assert once == unicodedata.normalize("NFKC", once)
    assert "  " not in once
    assert once == once.strip()


@given(st.lists(st.sampled_from(FORMS), max_size=8).map(" ".join))
def test_normalising_twice_changes_nothing_in_legal_forms(name: str) -> None:
    assert normalise(normalise(name)) == normalise(name)


@given(st.lists(st.from_regex(r"[A-Z]{4,9}", fullmatch=True), min_size=1, max_size=5))
def test_ordinary_words_are_never_dropped_or_moved(words: list[str]) -> None:
    special = {"COMPANY", "LIMITED", "CORPORATION", "INCORPORATED"}
    if not special & set(words):
        assert normalise(", ".join(words).title()) == " ".join(words)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ACME SERVICES LLC DBA JOE'S", ("ACME SERVICES LLC", "JOE'S")),
        ("ACME D/B/A JOE'S SHOP, INC", ("ACME", "JOE'S SHOP, INC")),
        ("ACME, INC. (DBA ZED)", ("ACME, INC.", "ZED")),
        ("Acme Corp  doing business as   Zed Ltd.", ("Acme Corp", "Zed Ltd.")),
        ("ACME INC d.b.a. ZED (US)", ("ACME INC", "ZED (US)")),
        ("ACME LTD T/A ZED", ("ACME LTD", "ZED")),
        ("REMOTE DBA EXPERTS", ("REMOTE DBA EXPERTS", None)),
        ("DBA SOFTWARE INC", ("DBA SOFTWARE INC", None)),
        ("ACME LLC DBA", ("ACME LLC DBA", None)),
        ("RT/ANALYTICS LLC", ("RT/ANALYTICS LLC", None)),
        ("", ("", None)),
        (None, ("", None)),
    ],
)
def test_trade_names_are_split_off(name: str | None, expected: tuple[str, str | None]) -> None:
    assert split_dba(name) == expected


def _filed(shared: Path) -> Iterator[tuple[str, str]]:
    archive = shared / "data/awards/archive"
    for file, uei, names in (
        ("Contracts_PrimeAwardSummaries_2025-03-21_H19M57S23_1.csv", "recipient_uei", ["recipient_name"]),
        ("us-local-gov-ice-contracts.csv", "recipient_uei", ["recipient_name"]),
        ("Contracts_Subawards_2025-03-28_H03M23S17_1.csv", "subawardee_uei", ["subawardee_name"]),
    ):
        with (archive / file).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                for name in names:
                    if row[uei] and row[name]:
                        yield row[uei], row[name]


def _letters(name: str) -> str:
    """An independent, cruder key: letters and digits only, forms spelled one way."""
    crude = "".join(c if c.isalnum() else " " for c in name.upper().replace("&", " AND ").replace("'", ""))
    crude = crude.replace("LIMITED LIABILITY COMPANY", "LLC").replace("L L C", "LLC")
    words = [{"INCORPORATED": "INC", "CORPORATION": "CORP", "COMPANY": "CO"}.get(w, w) for w in crude.split()]
    return "".join(w for w in words if w != "THE" and not (len(w) == 4 and w.isdigit()))


@pytest.mark.shared
def test_real_ueis_with_different_words_never_collide(shared: Path) -> None:
    named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for uei, name in _filed(shared):
        named[normalise(name)][uei].add(name)
    assert len(named) > 400
    for ueis in named.values():
        if len(ueis) > 1:  # the same words filed for two registrations (a city and its police)
            assert len({_letters(n) for names in ueis.values() for n in names}) == 1, dict(ueis)


@pytest.mark.shared
def test_real_spelling_variants_of_one_recipient_meet(shared: Path) -> None:
    raw: dict[str, set[str]] = defaultdict(set)
    with (shared / "data/awards/archive/Contracts_PrimeAwardSummaries_2025-03-21_H19M57S23_1.csv").open() as lines:
        for row in csv.DictReader(lines):
            raw[row["recipient_uei"]].update({row["recipient_name"], row["recipient_name_raw"]} - {""})
    variants = [names for names in raw.values() if len(names) > 1 and len({_letters(n) for n in names}) == 1]
    assert len(variants) > 30
    met = [names for names in variants if len({normalise(n) for n in names}) == 1]
    assert len(met) / len(variants) > 0.97


@pytest.mark.shared
def test_no_pair_labelled_different_meets_and_sec_names_do_not_collide(shared: Path) -> None:
    with (shared / "data/matching/pairs.csv").open(encoding="utf-8") as lines:
        pairs = list(csv.DictReader(lines))
    assert not [p for p in pairs if p["same"] == "0" and normalise(p["name_a"]) == normalise(p["name_b"])]
    assert sum(p["same"] == "1" and normalise(p["name_a"]) == normalise(p["name_b"]) for p in pairs) >= 140
    companies: dict[str, set[str]] = defaultdict(set)
    with gzip.open(shared / "data/matching/sec_former_names.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            companies[normalise(row["name"])].add(row["cik"])
    assert sum(len(ciks) > 1 for ciks in companies.values()) <= 6  # all six are one name filed under two numbers
