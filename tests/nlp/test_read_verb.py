"""section3c read: files and folders, formats, exact offsets in the file, bad files named."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from nlp.texts import FIELDS
from section3c import app

TEXT = "Preface.\r\n\r\nICE paid Harrow Data Inc. $2 million for license plate reader data — à jour.\r\nThe end.\r\n"


def test_reads_files_and_folders_and_names_what_it_cannot(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(TEXT.encode())
    (folder / "b.html").write_text(
        "<html><body><h1>News</h1><p>CBP bought location data from Kestrel Data LLC.</p></body></html>"
    )
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    out, texts = tmp_path / "out.jsonl", tmp_path / "texts"
    result = CliRunner().invoke(
        app, ["read", str(folder), str(tmp_path / "none"), "--out", str(out), "--texts", str(texts)]
    )
    assert result.exit_code == 1
    assert "bad.pdf" in result.output and "none: no such file" in result.output
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(r["document"], r["vendor"], r["category"], r["relation"]) for r in rows] == [
        ("a.txt", "Harrow Data Inc.", "data_broker", "provides"),
        ("b.html", "Kestrel Data LLC", "data_broker", "provides"),
    ]
    assert all(tuple(row) == FIELDS for row in rows)
    decoded = (folder / "a.txt").read_bytes().decode()
    assert rows[0]["sentence"] == decoded[rows[0]["start"] : rows[0]["end"]]
    taken = (texts / "b.html.txt").read_text(encoding="utf-8")
    assert rows[1]["sentence"] == taken[rows[1]["start"] : rows[1]["end"]]


def test_other_encodings_are_told_and_an_output_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("ICE paid “Société Harrow Data Inc.” for license plate data.".encode("cp1252"))
    out = tmp_path / "o.jsonl"
    assert CliRunner().invoke(app, ["read", str(tmp_path / "old.txt"), "--out", str(out)]).exit_code == 0
    (row,) = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert row["sentence"].startswith("ICE paid “Société")
    refused = CliRunner().invoke(app, ["read", str(tmp_path / "old.txt"), "--out", str(tmp_path)])
    assert refused.exit_code == 1 and "is a folder" in refused.output
