"""The figures: counted right on a small file, and the floors on the development labels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlp.evaluate import evaluate_awards

ROWS = [
    {
        "id": "1",
        "agency": "ICE",
        "recipient": "A LLC",
        "descriptions": "DETAINEE MEALS",
        "categories": ["detention"],
        "certainty": "clear",
        "entity": "company",
    },
    {
        "id": "2",
        "agency": "ICE",
        "recipient": "B LLC",
        "descriptions": "DETAINEE CLOTHING",
        "categories": [],
        "certainty": "clear",
        "entity": "company",
    },
    {
        "id": "3",
        "agency": "ICE",
        "recipient": "C LLC",
        "descriptions": "LAPTOPS",
        "categories": ["extreme_vetting"],
        "certainty": "clear",
        "entity": "nonprofit",
    },
    {
        "id": "4",
        "agency": "ICE",
        "recipient": "CELLEBRITE INC",
        "descriptions": "LICENSES",
        "categories": ["extreme_vetting"],
        "certainty": "arguable",
        "entity": "company",
    },
    {
        "id": "5",
        "agency": "ICE",
        "recipient": "D LLC",
        "descriptions": "TIRES",
        "categories": ["detention"],
        "certainty": "arguable",
        "entity": "company",
    },
]


def test_the_figures_are_counted_right(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    report = evaluate_awards(file)
    micro = report.any["micro"]
    assert (micro.true, micro.false, micro.missed) == (1, 1, 1)
    assert (micro.precision, micro.recall, micro.f1) == (0.5, 0.5, 0.5)
    assert (report.arguable_rows, report.arguable_surfaced) == (2, 1)
    assert (report.entity_rows, report.entity_right) == (5, 4)
    assert {m.what for m in report.mistakes} == {"false find", "missed", "entity", "not surfaced"}
    text = report.render()
    assert "keyword search" in text and "DETAINEE CLOTHING" in text
    assert report.to_dict()["any"]["micro"]["f1"] == 0.5
    assert report.calibration.finds == 3


@pytest.mark.parametrize("bad", [{"categories": None}, {"categories": ["prison"]}, {"certainty": "sure"}])
def test_a_row_without_labels_is_refused(tmp_path: Path, bad: dict[str, object]) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps({**ROWS[0], **bad}), encoding="utf-8")
    with pytest.raises(ValueError, match="award 1"):
        evaluate_awards(file)


@pytest.mark.shared
def test_floors_on_the_development_labels(shared: Path) -> None:
    report = evaluate_awards(shared / "data" / "labels" / "awards.jsonl")
    for table in (report.any, report.clear):
        assert table["micro"].f1 >= 0.97
        assert min(table["micro"].precision, table["micro"].recall) >= 0.93
    assert report.keywords["micro"].f1 < 0.8
    assert report.arguable_surfaced / report.arguable_rows >= 0.97
    assert report.expected_calibration_error <= 0.05
    assert report.entity_right / report.entity_rows >= 0.98
