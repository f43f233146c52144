"""The command line says what is wrong in one line: no traceback, no option that is taken and ignored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from section3c import app

ROOT = Path(__file__).resolve().parents[1]


def said(*arguments: str) -> tuple[int, str]:
    """Exit code and all that was printed; what is raised is a typed exit, never a fault."""
    result = CliRunner(env={"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}).invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(("arguments", "says"), [
    (("run", "--from", "2024-01-01"), "add --live"),
    (("run", "--live", "--replay", "x.warc.gz"), "exclude each other"),
    (("run", "--format", "parquet"), "not one of 'table', 'json'"),
    (("candidate", "k1", "--format", "csv"), "not one of 'table', 'json'"),
    (("evidence", "show", "s1", "--format", "csv"), "not one of 'table', 'json'"),
    (("evidence", "verify", "--format", "csv"), "not one of 'table', 'json'"),
    (("source", "new", "x12"), "--url"),
])
def test_an_option_that_cannot_be_followed_is_refused(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    code, text = said(*arguments, *(() if arguments[0] == "source" else ("--data", str(tmp_path / "data"))))
    assert code == 2 and says in text, text
    assert not (tmp_path / "data").exists(), "nothing was begun"


@pytest.mark.parametrize(("body", "says"), [
    (None, "No such file"), ("", "no labelled award"), ("x", "line 1: is not JSON"),
    ('{"id": "7"}', "award 7: 'categories' must be"),
])
def test_labels_that_cannot_be_measured_against_are_named(tmp_path: Path, body: str | None, says: str) -> None:
    path = tmp_path / "labels.jsonl"
    if body is not None:
        path.write_text(body)
    code, text = said("evaluate", "awards", str(path))
    assert code == 1 and says in text, text


def test_evaluation_as_json(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps({"id": "1", "agency": "ICE", "descriptions": "DETENTION BEDS", "certainty": "clear",
                                "categories": ["detention"], "entity": "company"}))
    code, text = said("evaluate", "awards", str(path), "--format", "json")
    assert code == 0 and json.loads(text)["rows"] == 1


def test_every_document_that_help_names_is_there() -> None:
    verbs = ["", "run", "candidates", "candidate", "sql", "classify", "bench", "doctor", "dictionary", "up", "import",
             "evidence", "evidence show", "evidence verify", "evaluate awards", "evaluate relations",
             "evaluate calibration", "train", "explain", "source list", "source new"]
    named = {word.strip("().,:;") for verb in verbs for word in said(*verb.split(), "--help")[1].split()
             if "docs/" in word}
    assert named
    assert not [name for name in named if not (ROOT / name).is_file()]
