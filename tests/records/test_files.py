"""Small files are replaced whole: what stands after a failure, and what is left behind."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from records import files


def test_a_value_comes_back_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    files.write_json(path, {"name": "Ñandú", "rows": [1, None]})
    assert files.read_json(path) == {"name": "Ñandú", "rows": [1, None]}
    files.write_json(path, [])
    assert files.read_json(path) == []


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    files.write_json(path, {"kept": True})
    with pytest.raises(TypeError):
        files.write_json(path, {"no json": object()})
    assert files.read_json(path) == {"kept": True}
    assert [one.name for one in tmp_path.iterdir()] == ["state.json"]


def test_missing_and_torn_files_are_nothing(tmp_path: Path) -> None:
    assert files.read_json(tmp_path / "none.json") is None
    (tmp_path / "torn.json").write_text('{"half": ')
    assert files.read_json(tmp_path / "torn.json") is None


def test_a_files_hash_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 500_000)
    assert files.sha256_of(tmp_path / "x") == hashlib.sha256(b"abc" * 500_000).hexdigest()


def test_lines_are_added_on_lines_of_their_own_and_a_torn_one_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "made" / "notes.jsonl"
    assert files.read_json_lines(path) == []
    files.append_json_line(path, {"n": 1})
    with path.open("ab") as out:
        out.write(b'{"n": 2, "cut')
    files.append_json_line(path, {"n": 3})
    assert files.read_json_lines(path) == [{"n": 1}, {"n": 3}]
