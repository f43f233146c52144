"""Passages of this project's own: every statement found with its relation, no candidate where there is none.

The passages also teach the weights (nlp/prose/train.py), so they are no measure of quality: they guard constructions.
"""

from __future__ import annotations

from typing import Any

import pytest

from nlp.prose.reader import Text, read_text
from nlp.prose.statements import Statement
from nlp.prose.train import Example, akin, passages

_EXAMPLES = passages()


def _found(statements: list[Statement], told: dict[str, Any]) -> Statement | None:
    return next(
        (
            s
            for s in statements
            if akin(s.vendor, told["vendor"]) and s.category == told["category"] and s.relation == told["relation"]
        ),
        None,
    )


@pytest.mark.clause("§3.3.a")
@pytest.mark.parametrize("example", _EXAMPLES, ids=[" ".join(e.text.split()[:6]) for e in _EXAMPLES])
def test_passage_is_read_as_an_analyst_would(example: Example) -> None:
    _, statements = read_text(Text(example.text))
    for statement in statements:
        assert statement.sentence == example.text[statement.start : statement.end]
    for told in example.right:
        found = _found(statements, told)
        assert found is not None, f"{told} not among {[(s.vendor, s.category, s.relation) for s in statements]}"
        if told["relation"] == "provides":
            assert found.certainty == told.get("certainty", "clear")
        for name in ("amount", "amount_kind", "kind"):
            assert name not in told or getattr(found, name) == told[name]
        assert "date" not in told or found.date == str(told["date"])
        assert "agency" not in told or found.agency.startswith(told["agency"])
    named = [*example.right, *example.allowed]
    extra = [
        (s.vendor, s.category)
        for s in statements
        if s.relation in ("provides", "ended") and not any(akin(s.vendor, told["vendor"]) for told in named)
    ]
    assert extra == []
