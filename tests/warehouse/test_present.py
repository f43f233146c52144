"""Listings leave the product without acting: formulas, terminal escapes, direction overrides."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.cells import safe_cell
from warehouse.present import PresentError, as_csv, as_json, as_text, present, tame

TABLE = pa.table({
    "company": ["=HYPERLINK(\"http://x\")", "@SUM(A1)", "PLAIN, INC.", "\x1b[31mRED\x1b[0m", "abc\u202egpj.exe"],
    "obligated": pa.array([Decimal("-12.50"), Decimal("3.00"), None, Decimal("0.00"), Decimal("1.10")],
                          pa.decimal128(18, 2)),
    "day": [date(2024, 2, 29)] * 5,
    "words": [["a", "=b"], [], None, ["c"], ["d"]],
})


def test_csv_disarms_formulas_and_keeps_numbers() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(TABLE))))
    assert rows[0] == ["company", "obligated", "day", "words"]
    assert rows[1][0] == "'=HYPERLINK(\"http://x\")"
    assert rows[1][1] == "-12.50"
    assert rows[2][0] == "'@SUM(A1)"
    assert rows[3][:2] == ["PLAIN, INC.", ""]


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    number = re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", cell.strip())
    assert number or not cell.lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@x", "\t=1", " =1", "\uff1d1"])
def test_known_formulas_are_quoted(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["-12.50", "+3", "1e9", "", "CLEAR", "'quoted"])
def test_plain_cells_stay(text: str) -> None:
    assert safe_cell(text) == text


def test_no_format_that_is_printed_carries_what_a_terminal_obeys() -> None:
    hostile = pa.table({"a": ["\x1b[2J", "\x9b2J", "\x07", "abc\u202egpj", "two\nlines\tand tab", "\x7f"]})
    for shown in (as_csv(hostile), as_json(hostile), as_text(hostile)):
        assert not set(shown) & set("\x1b\x9b\x07\u202e\x7f")
    assert [row["a"] for row in json.loads(as_json(hostile))] == hostile.column("a").to_pylist(), "JSON loses nothing"
    assert "\\u001b[2J" in as_csv(hostile) and "two\nlines\tand tab" in as_csv(hostile)


def test_terminal_shows_escapes_instead_of_obeying() -> None:
    shown = as_text(TABLE)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert tame("\x1b[2J") == "\\u001b[2J"
    assert "5 rows" in shown


def test_json_is_typed() -> None:
    rows = json.loads(as_json(TABLE))
    assert rows[0]["obligated"] == -12.5
    assert rows[1]["obligated"] == 3
    assert rows[0]["day"] == "2024-02-29"
    assert rows[2]["words"] is None


def test_parquet_needs_a_file(tmp_path: Path) -> None:
    with pytest.raises(PresentError, match="--out"):
        present(TABLE, "parquet")
    present(TABLE, "parquet", tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").equals(TABLE)


def test_files_are_written_as_asked(tmp_path: Path) -> None:
    present(TABLE, "csv", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes().count(b"\r\n") == 6
