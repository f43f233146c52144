"""Composition against a model in plain Python: whatever the captures and their order, the newest stands, once."""

from __future__ import annotations

import datetime as dt
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from records.lake import files
from records.workspace import Workspace
from tests.warehouse.rows import captures, transaction, write
from warehouse.compose import compose

DAYS = [f"2024-01-{day:02d}" for day in range(1, 6)]
SEEN = captures(*((f"c{n}", day) for n, day in enumerate(DAYS)))
#: (capture, award, modification, last modified day, cents)
ROW = st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 2), st.integers(1, 3), st.integers(-300, 300))


def record(number: int, row: tuple[int, int, int, int, int]) -> dict[str, Any]:
    capture, award, mod, day, cents = row
    return transaction(f"c{capture}", number, award_key=f"CONT_AWD_A{award}_7012_-NONE-_-NONE-", modification=str(mod),
                       last_modified=dt.date(2024, 1, day), obligation=Decimal(cents).scaleb(-2))  # fmt: skip


def model(rows: list[tuple[int, int, int, int, int]]) -> dict[str, tuple[int, Decimal]]:
    """Award -> (actions, obligated): per key the latest modified, then last shown, then by the facts' hash."""
    best: dict[tuple[int, int], tuple[Any, int]] = {}
    for row in rows:
        _, award, mod, day, cents = row
        shown = max(c for c, *rest in rows if tuple(rest) == (award, mod, day, cents))
        fact = str(record(0, row)["fact_sha256"])
        rank = (day, shown, tuple(-ord(c) for c in fact))
        if (award, mod) not in best or rank > best[award, mod][0]:
            best[award, mod] = (rank, cents)
    found: dict[str, tuple[int, Decimal]] = {}
    for (award, _), (_, cents) in best.items():
        key = f"CONT_AWD_A{award}_7012_-NONE-_-NONE-"
        count, total = found.get(key, (0, Decimal(0)))
        found[key] = (count + 1, total + Decimal(cents).scaleb(-2))
    return found


@settings(max_examples=8, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=25), st.booleans(), st.integers(1, 30))
def test_composition_agrees_with_the_model(
    rows: list[tuple[int, int, int, int, int]], backwards: bool, bucket: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).ensure()
        for capture in range(5):
            some = [record(n, row) for n, row in enumerate(rows) if row[0] == capture]
            name = f"d{4 - capture if backwards else capture}"
            write(workspace, [*some, *some[:1]], name)
        compose(workspace, captures=SEEN, bucket_rows=bucket)
        awards = pa.concat_tables([pq.read_table(path) for path in files(workspace.lake, "award")]).to_pylist()
    assert {a["award_key"]: (a["actions"], a["obligated"]) for a in awards} == model(rows)
