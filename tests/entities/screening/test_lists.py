"""Whole real lists, where the shared data are there: all true companies, no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from entities.screening.evaluate import evaluate
from entities.screening.model import Kind
from entities.screening.watching import listed_watch

DATA = Path(__file__).parent / "data"
CITY = Path(__file__).resolve().parents[4] / "shared" / "data" / "city"


@pytest.mark.shared
@pytest.mark.skipif(not CITY.exists(), reason="the shared city lists are not here")
@pytest.mark.parametrize(("name", "truth", "kind"), [
    ("san_francisco_vendor_payments.csv", "san_francisco_truth.csv", Kind.VENDORS),
    ("holdings_13F.xml", "holdings_13f_truth.csv", Kind.HOLDINGS),
])  # fmt: skip
def test_a_real_list(name: str, truth: str, kind: Kind) -> None:
    report = evaluate(CITY / name, DATA / truth, kind, listed_watch())
    assert not report.missed, report.render()
    assert not report.false_alarms, report.render()
    assert len(report.to_review) <= 2, report.render()
