"""`section3c classify` with the files people really have: marks, gaps, odd numbers, hostile text, wrong names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nlp.cli import ClassifyError, classify_file
from section3c import app

ICE = "U.S. Immigration and Customs Enforcement"
BEDS: dict[str, Any] = {"id": "x", "agency": ICE, "recipient": "THE GEO GROUP, INC.",
                        "descriptions": "DETENTION SERVICES AT ADELANTO"}


def classified(folder: Path, body: bytes | str) -> list[dict[str, Any]]:
    source = folder / "in.jsonl"
    source.write_bytes(body.encode() if isinstance(body, str) else body)
    classify_file(source, folder / "out.jsonl")
    return [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def one(folder: Path, **fields: Any) -> dict[str, Any]:
    return classified(folder, json.dumps(BEDS | fields))[0]


@pytest.mark.parametrize("body", ["", "\n \r\n\n", "\ufeff", "\n\ufeff\n"])
def test_a_file_without_awards_gives_an_empty_one(tmp_path: Path, body: str) -> None:
    assert classified(tmp_path, body) == []
    assert classify_file(tmp_path / "in.jsonl", tmp_path / "out.jsonl") == {"awards": 0}


def test_byte_order_marks_line_ends_of_windows_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    line = json.dumps(BEDS)
    rows = classified(tmp_path, f"\ufeff{line}\r\n\r\n\ufeff{line}\r\n{line}")
    assert len(rows) == 3 and rows[0] == rows[1] == rows[2]
    assert rows[0]["services"][0]["category"] == "detention"


def test_a_repeated_id_is_answered_each_time_in_its_place(tmp_path: Path) -> None:
    rows = classified(tmp_path, "\n".join(json.dumps(BEDS | {"descriptions": text}) for text in
                                          ("DETENTION SERVICES", "LAPTOPS", "DETENTION SERVICES")))
    assert [row["id"] for row in rows] == ["x"] * 3
    assert rows[0] == rows[2]


@pytest.mark.parametrize("descriptions", [None, "", [], [None, ""], "  ||  "])
def test_an_award_without_words_is_still_answered(tmp_path: Path, descriptions: object) -> None:
    row = one(tmp_path, descriptions=descriptions, recipient=None, agency=None)
    assert row == {"id": "x", "entity": row["entity"], "services": []}


def test_text_and_list_of_descriptions_read_alike(tmp_path: Path) -> None:
    text = one(tmp_path, descriptions="GUARDS || DETENTION BEDS")
    assert text == one(tmp_path, descriptions=["GUARDS", None, "DETENTION BEDS"])


@pytest.mark.parametrize("fields", [
    {"naics": 561612}, {"naics": 561612.0}, {"naics": " 561612 "}, {"psc": "s206", "naics": "561612"}])
def test_codes_are_codes_in_every_form_a_table_writes_them(tmp_path: Path, fields: dict[str, Any]) -> None:
    plain = {"psc": "S206"} if "psc" in fields else {}
    assert one(tmp_path, **fields) == one(tmp_path, **plain, naics="561612")


@pytest.mark.parametrize(("line", "says"), [
    ('{"id": "1", "naics": 1.5}', "'naics' must be a code"), ('{"id": "1", "psc": true}', "'psc' must be a code"),
    ('{"id": ["1"]}', "'id' must be text or a number, not list"), ('{"id": false}', "not bool"),
    ('{"id": NaN}', "has no 'id'"), ('{"id": ' + "9" * 5000 + "}", "a number too long"),
])
def test_values_that_cannot_be_meant_are_named(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ClassifyError, match=says):
        classified(tmp_path, line)


def test_nan_is_an_empty_value(tmp_path: Path) -> None:
    row = classified(tmp_path, '{"id": "1", "psc": NaN, "naics": NaN, "recipient": NaN, "descriptions": NaN}')
    assert row[0]["services"] == []


HOSTILE = ('\x1b[31mRED\x1b[0m =HYPERLINK("http://x") <script>alert(1)</script> \u202egnp.exe \x00 DETENTION BEDS '
           "\ud800")


def test_hostile_text_is_read_like_any_and_lone_surrogates_go_out_as_they_came(tmp_path: Path) -> None:
    row = one(tmp_path, id="\ud800=1+1", recipient="\udfffEVIL \x1b]0;t\x07 LLC", psc="\ud800", descriptions=HOSTILE)
    assert row["id"] == "\ud800=1+1", "the id comes back character by character"
    assert [s["category"] for s in row["services"]] == ["detention"]
    assert b"\\ud800" in (tmp_path / "out.jsonl").read_bytes()
    assert not any(character in (tmp_path / "out.jsonl").read_text(encoding="utf-8") for character in "\x1b\x00")


@pytest.mark.parametrize("text", ["A" * 1_000_000, "DETENTION BEDS " * 30_000, "\u0301" * 300_000, "( " * 300_000])
def test_a_description_of_endless_length_is_read_within_seconds(tmp_path: Path, text: str) -> None:
    row = one(tmp_path, recipient="ANY LLC", descriptions=text)
    assert bool(row["services"]) == text.startswith("DETENTION")
    assert len(json.dumps(row)) < 5_000, "an answer quotes the words that decided, not the text"


def test_other_alphabets_and_full_width_letters(tmp_path: Path) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in "DETENTION BEDS")
    row = one(tmp_path, recipient="ÑANDÚ 株式会社 😀", descriptions=wide)
    assert [s["category"] for s in row["services"]] == ["detention"]


def test_wrong_names_are_said_in_one_line_and_the_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(json.dumps(BEDS))
    runner = CliRunner()
    for arguments, says in (
        ([tmp_path / "gone.jsonl", tmp_path / "o"], "No such file"), ([tmp_path, tmp_path / "o"], "Is a directory"),
        ([source, tmp_path / "no" / "o"], "No such file"), ([source, tmp_path], "is a folder"),
        ([source, source], "is the input itself"),
    ):
        result = runner.invoke(app, ["classify", *map(str, arguments)])
        assert result.exit_code == 1 and says in result.output, result.output
        assert isinstance(result.exception, SystemExit), result.exception
    assert json.loads(source.read_text()) == BEDS
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl"]
