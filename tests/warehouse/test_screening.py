"""The verbs of screening on a published version: every format, the log, a dismissal, clear errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from records.workspace import Workspace
from section3c import app
from tests.warehouse.built import fill, night
from warehouse import publish

SCREEN = ["screen", "vendors"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("screening") / "data").ensure()
    fill(workspace)
    publish.publish(workspace, night(workspace).version, {})
    return workspace


def verb(workspace: Workspace, *words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [*map(str, words), "--data", str(workspace.root)])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


@pytest.mark.clause("§3.1")
def test_a_list_against_the_published_candidates(made: Workspace, tmp_path: Path) -> None:
    name = next(csv.DictReader(io.StringIO(verb(made, "candidates", "--format", "csv"))))["company"]
    file = tmp_path / "payees.csv"
    file.write_text(f'Vendor,Amount Paid\n"{name}",10\n"=HYPERLINK(1)",5\nJANE Q SAMPLE,7\n')
    rows = json.loads(verb(made, *SCREEN, file, "--format", "json"))
    assert [(row["outcome"], row["name"], row["state"]) for row in rows] == [("same", name, "candidate")]
    assert rows[0]["evidence_id"].startswith("s")
    assert rows[0]["amount"] == 10
    book, table = tmp_path / "hits.xlsx", tmp_path / "hits.parquet"
    verb(made, *SCREEN, file, "--format", "xlsx", "--out", book)
    assert CalamineWorkbook.from_path(str(book)).get_sheet_by_name("hits").to_python()[1][2] == name
    verb(made, *SCREEN, file, "--format", "parquet", "--out", table)
    assert pq.read_table(table).column("name").to_pylist() == [name]
    log = json.loads(verb(made, "screen", "log", "--format", "json"))
    assert len(log) == 3
    assert log[0]["mapping"] == {"name": "Vendor", "amount": "Amount Paid"}
    assert "SAMPLE" not in json.dumps(log)
    verb(made, "screen", "dismiss", rows[0]["hit_id"], "--reason", "looked: another company")
    assert json.loads(verb(made, *SCREEN, file, "--format", "json")) == []


def test_what_is_not_there_is_told(made: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "payees.csv"
    file.write_text("Vendor\nX\n")
    assert "casework has exported no register" in verb(made, *SCREEN, file, "--against", "determinations", code=1)
    assert "no column 'Name'" in verb(made, *SCREEN, file, "--map", "name=Name", code=1)
    assert "give a file" in verb(made, *SCREEN, file, "--format", "xlsx", code=1)


def test_candidates_leave_as_followthemoney(made: Workspace) -> None:
    lines = [json.loads(line) for line in verb(made, "export", "candidates").splitlines()]
    by_id = {line["id"]: line for line in lines}
    links = [line for line in lines if line["schema"] == "UnknownLink"]
    assert links
    for link in links:
        assert by_id[link["properties"]["subject"][0]]["schema"] == "Company"
        assert by_id[link["properties"]["object"][0]]["schema"] == "PublicBody"
        assert link["properties"]["role"][0].startswith("candidate: ")
    assert all("topics" not in line["properties"] for line in lines)
    assert all(by_id[line["properties"][end][0]] for line in lines if line["schema"] == "Ownership"
               for end in ("owner", "asset"))  # fmt: skip
    rows = json.loads(verb(made, "export", "candidates", "--format", "json"))
    assert len(rows) == len(links)
