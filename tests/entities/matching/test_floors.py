"""The matcher never falls below these figures on public names it was not fitted to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from entities.matching.evaluate import evaluate_pairs, evaluate_watch
from entities.matching.fit import Labelled, cross_validated, labelled
from entities.matching.measure import curve
from records.delimited import DelimitedError, read_delimited
from section3c import app

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "matching" / "pairs.csv"


def test_pairs_not_fitted_to() -> None:
    report = evaluate_pairs(DATA / "pairs.csv")
    lines = {line.name: line for line in report.lines}
    ours, cosine = lines["ours"], lines["TF-IDF cosine of words"]
    assert ours.precision >= 0.94
    assert ours.f1 >= 0.80
    assert ours.recall_at_95 is not None and cosine.recall_at_95 is not None
    assert ours.recall_at_95 >= 0.78
    assert ours.recall_at_95 >= cosine.recall_at_95 + 0.08
    assert lines["RapidFuzz token_sort_ratio"].f1 < ours.f1
    assert sum(one.pairs for name, one in report.groups if name.startswith("kind ")) == report.pairs


@pytest.mark.clause("§2.6")
def test_watch_names_among_other_names() -> None:
    report = evaluate_watch(DATA / "watch_pairs.csv", DATA / "watch_names.csv")
    lines = {line.name: line for line in report.lines}
    assert lines["ours"].f1 >= 0.87
    assert lines["ours"].precision >= 0.93
    assert lines["ours, reviews too"].recall >= 0.97  # §8: a doubt is shown, not dropped
    assert lines["TF-IDF cosine of words"].f1 < lines["ours"].f1


@pytest.mark.shared
@pytest.mark.slow
def test_unseen_folds_of_the_development_pairs() -> None:
    if not SHARED.exists():
        pytest.skip("the development data is not beside the checkout")
    table = read_delimited(SHARED)
    data: Labelled = labelled(table.column("name_a"), table.column("name_b"),
                              [value == "1" for value in table.column("same")])
    found = curve(cross_validated(data, folds=5), data.same)
    assert found.best_f1 >= 0.90
    assert found.recall_at(0.95) >= 0.82


def test_the_report_as_text_and_json_and_its_errors(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("name_a,name_b,same,kind\nAcme Guard LLC,ACME GUARD,1,dba\nAcme Guard LLC,Thor Inc,0,other\n"
                    "Kodiak Sciences Inc.,Alcoa Corp,1,renamed\n")
    shown = CliRunner().invoke(app, ["evaluate", "matching", str(file)]).stdout
    assert "missed" in shown and "Kodiak Sciences Inc. | Alcoa Corp" in shown
    totals = CliRunner().invoke(app, ["evaluate", "matching", str(file), "--totals", "--format", "json"]).stdout
    assert json.loads(totals)["pairs"] == 3
    assert "Kodiak" not in totals
    file.write_text("name_a,name_b,same\nAcme,Acme,perhaps\n")
    ran = CliRunner().invoke(app, ["evaluate", "matching", str(file)])
    assert ran.exit_code == 1
    assert "row 2: same is 'perhaps'" in ran.stderr
    names = tmp_path / "names.csv"
    names.write_text("name\nOther Inc\n")
    with pytest.raises(DelimitedError, match="do not stand in"):
        evaluate_watch(DATA / "watch_pairs.csv", names)
