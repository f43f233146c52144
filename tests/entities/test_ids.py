"""Company ids: genuine identifiers first, placeholders never one company, columns as single values."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.ids import clean_duns, clean_uei, company_id, company_ids, identity_note

UEI = "FXFKPJKNZKE8"  # a public registration, as filed in a real ICE award


@pytest.mark.clause("§2.6")
@pytest.mark.parametrize(
    ("uei", "duns", "name", "expected"),
    [
        (UEI, "013274878", "REGIONAL TRAINING CENTER", "uei:" + UEI),
        (f" {UEI.lower()} ", None, None, "uei:" + UEI),
        (None, "013274878", "REGIONAL TRAINING CENTER", "duns:013274878"),
        ("", "13274878", "REGIONAL TRAINING CENTER", "duns:013274878"),
        ("", "013274878.0", "x", "duns:013274878"),
        ("", "0132748780000", "x", "duns:013274878"),
        ("", "01-327-4878", "x", "duns:013274878"),
        ("NAN", "nan", "Regional Training Center, Inc.", "name:REGIONAL TRAINING CENTER INC"),
        ("AAAAAAAAAAAA", "000000000", "Acme", "name:ACME"),
        ("123456789012", "111111111", "Acme", "uei:123456789012"),
        ("OOOOIIII0000", "123456789", "Acme", "name:ACME"),
        (UEI, "123456787", "MISCELLANEOUS FOREIGN AWARDEES", "unidentified:miscellaneous-foreign-awardees"),
        (UEI, None, "FOREIGN AWARDEES (UNDISCLOSED)", "unidentified:undisclosed-foreign"),
        (None, None, "REDACTED DUE TO PII - 12", "unidentified:redacted-due-to-pii"),
        (None, None, "multiple recipients", "unidentified:multiple-recipients"),
        (None, None, None, "unidentified:not-named"),
        (None, None, "N/A", "unidentified:not-named"),
        (UEI, None, "", "uei:" + UEI),
        (UEI, None, "Unknown", "uei:" + UEI),
    ],
)
def test_the_best_genuine_identifier_makes_the_id(
    uei: str | None, duns: str | None, name: str | None, expected: str
) -> None:
    assert company_id(uei, duns, name) == expected


@pytest.mark.clause("§2.6")
def test_placeholders_say_why_they_are_no_company() -> None:
    note = identity_note(company_id(None, None, "REDACTED DUE TO PII"))
    assert note == "name withheld because it is a private person's"
    assert identity_note("unidentified:something-new") == "recipient not named"
    assert identity_note("name:ACME") is None
    assert identity_note("uei:" + UEI) is None


@pytest.mark.parametrize("value", [None, "", "12345", "12345678901", "ABC", "٠١٢٣٤٥٦٧٨", "790238638", "999999999"])
def test_what_is_no_duns_is_refused(value: str | None) -> None:
    assert clean_duns(value) is None


@pytest.mark.parametrize(
    "value", [None, "", "FXFKPJKNZKE", "0XFKPJKNZKE8", "FXFKPJKNZKO8", "ABABABABABAB", "no UEI!!!!!!"]
)
def test_what_is_no_uei_is_refused(value: str | None) -> None:
    assert clean_uei(value) is None


SOME = st.sampled_from([None, "", UEI, "AAAAAAAAAAAA", "13274878", "013274878", "000000000", "Acme Inc", "ACME, INC.",
                        "REDACTED DUE TO PII", "UNKNOWN", "MULTIPLE RECIPIENTS"])


@given(st.lists(st.tuples(SOME, SOME, SOME), max_size=30), st.booleans())
def test_columns_agree_with_single_values(rows: list[tuple[str | None, str | None, str | None]], chunked: bool) -> None:
    columns: list[pa.Array | pa.ChunkedArray] = [pa.array([r[i] for r in rows], pa.string()) for i in range(3)]
    if chunked:
        half = len(rows) // 2
        columns = [pa.chunked_array([c.slice(0, half), c.slice(half)], pa.string()) for c in columns]
    assert company_ids(*columns).to_pylist() == [company_id(*row) for row in rows]


def test_columns_of_no_chunks_nulls_and_dictionaries_are_taken() -> None:
    none = pa.chunked_array([], pa.string())
    assert company_ids(none, none, none).to_pylist() == []
    names = pa.array(["Acme", "Acme"]).dictionary_encode()
    assert company_ids(pa.nulls(2), pa.nulls(2), names).to_pylist() == ["name:ACME"] * 2
    with pytest.raises(ValueError, match="differ in length: 1, 2, 2"):
        company_ids(pa.nulls(1), pa.nulls(2), names)


def test_a_million_rows_are_named_once_each() -> None:
    names = pa.array([f"Acme Number {n % 5000}, Incorporated" for n in range(1_000_000)])
    empty = pa.nulls(1_000_000, pa.string())
    start = time.perf_counter()
    made = company_ids(empty, empty, names)
    assert time.perf_counter() - start < 5.0  # measured 0.3 s on one core
    assert made[4999].as_py() == "name:ACME NUMBER 4999 INC"
    assert len(made.unique()) == 5000
