"""A statement taken apart: words marked in place, findings with meanings and bits, a sum; hostile text stays text."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from nlp.knowledge import knowledge
from records.workspace import Workspace
from tests.warehouse.archived import night, two_pages
from warehouse.engine import WarehouseError
from warehouse.explain import Explanation, Part, Passage, draw, explain, meaning


def test_an_award_statement_is_taken_apart(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).ensure()
    two_pages(workspace)
    built = night(workspace)
    with duckdb.connect(str(built.file), read_only=True) as con:
        key, candidate = con.execute("SELECT statement_id, (SELECT min(candidate_id) FROM candidate) FROM statement "
                                     "ORDER BY vendor DESC LIMIT 1").fetchall()[0]
    found = explain(workspace, key)
    (passage,) = found.passages
    assert [passage.text[start:end] for start, end in passage.marks] == ["LICENSE PLATE READER"]
    assert [part.words for part in found.parts] == ["LICENSE PLATE READER"]
    base = knowledge().law.category(found.statement["category"]).base_bits
    assert found.total == pytest.approx(base + sum(part.bits for part in found.parts))
    assert any("read by version" in note for note in found.notes)  # these rows were made by a reader of the tests
    for wrong in (candidate, "s000"):
        with pytest.raises(WarehouseError):
            explain(workspace, wrong)


def test_rules_have_a_meaning() -> None:
    assert meaning("db.r.skip") == "skip tracing is finding persons in compiled data"
    assert meaning("det.r.guard_ice").endswith("(arguable)")
    assert "model-card" in meaning("model.detention") and "text reader" in meaning("link.verb")


def test_hostile_words_are_shown_and_not_acted_on() -> None:
    evil = "\x1b[2J[bold red]MEALS[/] \u202eDETAINEE"
    stated = {"vendor": evil, "relation": "provides", "category": "detention", "kind": "other", "agency_id": "ice",
              "certainty": "clear", "score": 0.97}
    out = StringIO()
    part = Part(evil, "description", "r", "m [/x]", 9.0)
    made = Explanation(stated, (Passage("description", evil, ((4, 9),)),), (part,), -6.0, 0.5, ("[/y]",))
    draw(made, Console(file=out, width=200, force_terminal=False))
    shown = out.getvalue()
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "[bold red]MEALS[/]" in shown and "m [/x]" in shown and "[/y]" in shown
    assert "+3.50  bits: score 0.97" in shown
