"""Every fault of a data file is named with file, line, field and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

from ordinance import loader
from ordinance.loader import DATA, Data, OrdinanceError, data_hash, load_yaml


class Part(Data):
    id: str
    code: str = Field(pattern=r"^[0-9]{4}$")
    sort: Literal["a", "b"] = "a"
    numbers: tuple[int, ...] = ()


class Whole(Data):
    parts: tuple[Part, ...]
    named: dict[str, Part] = Field(default_factory=dict)
    either: int | Part = 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "law.yaml"


def faults(file: Path, text: str | bytes, model: type[BaseModel] = Whole) -> list[tuple[int, str, str]]:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OrdinanceError) as caught:
        load_yaml(file, model)
    assert all(f"{file}:{f.line}:" in str(caught.value) for f in caught.value.faults)
    return [(f.line, f.field, f.sentence) for f in caught.value.faults]


GOOD = "parts:\n- id: x\n  code: '7012'\n"


def test_good_file_is_read_and_remembered_until_it_changes(file: Path) -> None:
    file.write_text(GOOD)
    first = load_yaml(file, Whole)
    assert first.parts[0].code == "7012"
    assert load_yaml(file, Whole) is first
    file.write_text(GOOD + "- {id: y, code: '0001'}\n")
    assert len(load_yaml(file, Whole).parts) == 2


def test_all_faults_come_at_once_in_the_order_of_lines(file: Path) -> None:
    text = "parts:\n- id: x\n  code: 7012\n  sort: c\n- id: y\n  numbers: [1, q]\n  idd: 3\n- 4\nextra: 1\n"
    found = faults(file, text)
    assert [(line, field) for line, field, _ in found] == [
        (3, "parts[0].code"), (4, "parts[0].sort"), (5, "parts[1].code"), (6, "parts[1].numbers[1]"),
        (7, "parts[1].idd"), (8, "parts[2]"), (9, "extra"),
    ]
    sentences = [sentence for _, _, sentence in found]
    assert "put it in quotes" in sentences[0]
    assert "must be one of 'a' or 'b'" in sentences[1]
    assert sentences[2] == "is missing; add it."
    assert "did you mean 'id'?" in sentences[4]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("parts:\n- id: x\n  code: '7012'\n  id: y\n", 4, "stands twice (first in line 2)"),
        ("parts:\n- id: x\n  code: '7012\n", 4, "not valid YAML"),
        ("parts:\n\t- id: x\n", 2, "never tabs"),
        ("", 1, "is empty"),
        ("# only a comment\n", 1, "is empty"),
        ("- a\n- b\n", 1, "must have named fields"),
        ("parts: &p []\nnamed: *p\n", 1, "write the value out"),
        ("parts: []\n---\nparts: []\n", 2, "not valid YAML"),
        ("parts:\n- id: 2019-02-30\n  code: '7012'\n", 2, "day is out of range"),
        ("parts: []\nno: 1\n", 2, "put it in quotes"),
        ("parts: []\n1: 1\n", 2, "put it in quotes"),
        ("parts: []\n? [a]\n: 1\n", 2, "put it in quotes"),
        ("parts: !!python/object/apply:os.getcwd []\n", 1, "has the tag"),
        ("parts: []\neither: !!python/name:os.getcwd\n", 2, "not valid YAML"),
        ("parts: 7\n", 1, "must be a list"),
        ("parts: []\nnamed:\n  a:\n    id: x\n", 3, "is missing"),
        ("parts: []\neither: [1]\n", 2, "must be"),
        ("parts:\n- {id: taken away, or lost, code: '7012'}\n", 2, "in quotes"),
        (b"parts:\n- id: \xff\n", 2, "not UTF-8"),
        ("parts: " + "[" * 500 + "]" * 500, 1, "nested too deeply"),
        ("parts: " + "[" * 200_000, 1, "nested too deeply"),
    ],
)
def test_each_fault_has_its_line_and_sentence(file: Path, text: str | bytes, line: int, words: str) -> None:
    found = faults(file, text)
    assert any(at == line and words in sentence for at, _, sentence in found), found


def test_a_file_that_is_missing_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(OrdinanceError, match=r"cannot be read .No such file"):
        load_yaml(tmp_path / "none.yaml", Whole)


def test_a_file_beyond_all_reason_is_refused_unread(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "_LARGEST_BYTES", 10)
    assert "larger than 10 bytes" in faults(file, GOOD)[0][2]


def test_unknown_fields_are_refused_even_where_the_model_would_ignore_them(file: Path) -> None:
    class Loose(BaseModel):
        parts: list[str]

    assert faults(file, "parts: []\nother: 1\n", Loose)[0][:2] == (2, "other")


def test_models_are_frozen(file: Path) -> None:
    file.write_text(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        load_yaml(file, Whole).parts = ()  # type: ignore[misc]


def test_hash_covers_all_data_files_and_only_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "presets").mkdir()
    for name in ("a.yaml", "b.csv", "code.py", "presets/c.yaml"):
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(loader, "DATA", tmp_path)
    hashes = [data_hash()]
    for name in ("a.yaml", "b.csv", "presets/c.yaml"):
        (tmp_path / name).write_text("2")
        hashes.append(data_hash())
    assert len(set(hashes)) == 4
    (tmp_path / "code.py").write_text("2")
    assert data_hash() == hashes[-1]
    (tmp_path / "a.yaml").rename(tmp_path / "z.yaml")
    assert data_hash() != hashes[-1]
    assert data_hash("z.yaml") != data_hash("b.csv")
    with pytest.raises(ValueError, match=r"matches 'a\.yaml'"):
        data_hash("a.yaml")


def test_hash_of_the_law_is_stable() -> None:
    assert data_hash() == data_hash()
    assert len(data_hash("agencies.yaml")) == 64
    assert (DATA / "agencies.yaml").is_file()
