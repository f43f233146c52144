"""`section3c match` on files as people save them, and hostile cells."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entities.matching.files import match_file
from records.delimited import DelimitedError, read_delimited
from section3c import app


@pytest.mark.parametrize(("encoding", "delimiter"), [
    ("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ";"), ("utf-8", "|"),
])
def test_any_usual_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = [["id", " Name_A ", "NAME_B", "note"], ["1", "Société Générale S.A.", "SOCIETE GENERALE SA", "=1+1"],
            ["2", "CAFÉ DÉTENTION INC", "Thor Industries"]]
    source.write_text("\n".join(delimiter.join(row) for row in rows) + "\n", encoding=encoding)
    counts = match_file(source, target)
    assert counts == {"same": 1, "different": 1}
    with target.open(encoding="utf-8", newline="") as file:
        out = list(csv.DictReader(file))
    assert [(row["id"], row["same"], row["outcome"]) for row in out] == [("1", "1", "same"), ("2", "0", "different")]
    assert out[0]["Name_A"] == "Société Générale S.A."
    assert out[0]["note"] == "'=1+1"  # a spreadsheet must not run it
    assert float(out[0]["score"]) > float(out[1]["score"])
    assert "both say SOCIETE GENERALE" in out[0]["reason"]


def test_an_own_column_called_same_is_kept_under_another_name(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("name_a,name_b,same\nACME INC,Acme Inc.,0\n")
    match_file(source, target)
    row = next(csv.DictReader(target.open()))
    assert (row["given_same"], row["same"]) == ("0", "1")


@pytest.mark.parametrize(("body", "says"), [
    (b"", "is empty"), (b"name_a,other\nx,y\n", "no column 'name_b'"), (b"PK\x03\x04\0\0", "is no text file"),
    (b'name_a,name_b\n"open,x\n' + b"y" * 1_100_000, "quotation mark"),
])
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, body: bytes, says: str) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(body)
    ran = CliRunner().invoke(app, ["match", str(source), str(tmp_path / "out.csv")])
    assert ran.exit_code == 1
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(DelimitedError, match="is the file read"):
        match_file(source, source)


def test_ragged_rows_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("\n\na,b,c\n1,2\n\n1,2,3,4\n")
    table = read_delimited(path)
    assert table.rows == [["1", "2", ""], ["1", "2", "3"]]
    assert (table.column("B"), table.position("d")) == (["2", "2"], None)
