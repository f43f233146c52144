"""The stream of news that `section3c bench` reads: its proportions, and that the gate loses nothing of it."""

from __future__ import annotations

from nlp.evaluation.news import RELEVANT, measure, stream


def test_the_stream_is_the_same_twice_and_holds_its_share() -> None:
    texts = stream(500)
    assert texts == stream(500) and texts != stream(500, seed=8)
    assert sum(relevant for _, relevant in texts) == 500 * RELEVANT
    assert len({text for text, _ in texts}) == 500


def test_the_gate_keeps_every_statement_and_most_texts_out() -> None:
    found = measure(100, stock_count=2)
    assert (found.relevant, found.lost) == (2, 0) and found.statements >= 2
    assert found.passed < 20  # of 100; the stock pipeline reads them all
    assert found.ratio > 1
