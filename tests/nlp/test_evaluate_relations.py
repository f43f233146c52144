"""Judging relations in texts: what counts as found, missed, false, open; and the two baselines beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.cli import ClassifyError
from nlp.evaluation import labelled_texts
from nlp.evaluation.relations import HEADLINE, KEYWORD_TABLE, STOCK_TABLE, judge
from nlp.evaluation.scores import reliability
from nlp.evaluation.vendor_names import same_vendor

TEXT = "ICE buys skip tracing from Oak Data Group, Inc. Elm Corrections planned a detention center for ICE."
NOTHING = "Palantir held a dinner. Immigration and Customs Enforcement was not there to speak of detention."


def _label(**row: Any) -> dict[str, Any]:
    return {"doc": "a.txt", "vendor": "Oak Data", "agency": "ICE", "category": "data_broker", "relation": "provides",
            "certainty": "clear", "evidence": "ICE buys skip tracing from Oak Data Group", **row}


def _folder(tmp_path: Path, labels: list[dict[str, Any]]) -> Path:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "text" / "b.txt").write_text(NOTHING, encoding="utf-8")
    (tmp_path / "manifest.csv").write_text(
        "doc,title,date,kind,label,annotated\na.txt,A,2025-01-02,news,pos,True\nb.txt,B,,news,hard_neg,False\n"
        "c.txt,C,,news,pos,False\n", encoding="utf-8")
    file = tmp_path / "relations.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in labels), encoding="utf-8")
    return file


def _statement(text: str, sentence: str, **more: Any) -> dict[str, Any]:
    start = text.index(sentence)
    return {"vendor": "Oak Data Group, Inc.", "category": "data_broker", "relation": "provides", "certainty": "clear",
            "score": 0.9, "sentence": sentence, "start": start, "end": start + len(sentence), **more}


def test_finds_misses_and_open_labels_are_counted(tmp_path: Path) -> None:
    labels = [
        _label(),
        _label(vendor="Elm Corrections", category="detention", relation="proposed", evidence="planned a detention"),
        _label(vendor="Ash Maps", category="extreme_vetting", evidence="nowhere"),
        _label(vendor="Fir Phones", category="extreme_vetting", certainty="arguable", evidence="nowhere"),
    ]
    documents = labelled_texts.load(_folder(tmp_path, labels))
    assert [(d.document, d.negative) for d in documents] == [("a.txt", False), ("b.txt", True)]  # c is not annotated
    first = TEXT[: TEXT.index(" Elm")]
    said = {
        "a.txt": [
            _statement(TEXT, first),
            _statement(TEXT, first, vendor="Fir Phones", category="extreme_vetting", score=0.4),
            _statement(TEXT, "Elm Corrections", vendor="Elm", category="detention", score=0.7),
        ],
        "b.txt": [_statement(NOTHING, "Palantir", vendor="Palantir", relation="mentioned_only"),
                  _statement(NOTHING, "Palantir", vendor="Palantir", category="detention", start=3)],
    }
    report = judge(documents, said)
    micro = report.tables[HEADLINE]["micro"]
    assert (micro.true, micro.false, micro.missed) == (1, 2, 1)  # Elm is only proposed; Palantir is not there
    assert (report.arguable, report.arguable_surfaced) == (1, 1)
    assert (report.negatives, report.negatives_with_candidates) == (1, 1)
    assert (report.sentences, report.sentences_exact) == (5, 4)
    assert (report.evidence_judged, report.evidence_met) == (2, 1)
    assert report.calibration.finds == 4
    shown = report.render()
    assert "missed: a.txt | Ash Maps" in shown and "Ash Maps" not in report.render(totals=True)
    assert "mistakes" not in report.to_dict(totals=True)


def test_the_baselines_run_beside_it(tmp_path: Path) -> None:
    report = judge(labelled_texts.load(_folder(tmp_path, [_label()])), {})
    assert report.tables[KEYWORD_TABLE]["micro"].false  # a maker, an agency and a keyword anywhere in b.txt
    assert report.tables[HEADLINE]["micro"].recall == 0 and STOCK_TABLE in report.tables


@pytest.mark.parametrize("bad", [{"doc": "../a.txt"}, {"relation": "sells"}, {"category": "prison"}])
def test_a_label_that_cannot_be_measured_is_named(tmp_path: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(ClassifyError, match=r"relations\.jsonl, line 2"):
        labelled_texts.load(_folder(tmp_path, [_label(), _label(**bad)]))


@pytest.mark.parametrize(("one", "other", "same"), [
    ("GEO", "The GEO Group, Inc.", True),
    ("Pen-Link", "PenLink, Ltd.", True),
    ("MTC", "Management & Training Corporation", True),
    ("Vigilant", "Vigilant Solutions", True),
    ("Vigilant", "eVigilant", False),
    ("Paragon Solutions", "Paragon Systems", False),
    ("LaSalle Corrections", "LaSalle AB-Express", False),
    ("Emerald City Moving", "Emerald Correctional", False),
])
def test_names_are_compared_sensibly(one: str, other: str, same: bool) -> None:
    assert same_vendor(one, other) is same is same_vendor(other, one)


def test_reliability_measures_the_distance_of_score_and_truth() -> None:
    found = reliability([(0.95, True)] * 19 + [(0.95, False)] + [(0.15, True)] * 20)
    assert found.error == pytest.approx((20 * 0.0 + 20 * 0.85) / 40)
    assert found.finds == 40 and len(found.diagram()) == 3
