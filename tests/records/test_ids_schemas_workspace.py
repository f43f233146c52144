"""Ids are stable and cannot collide by accident of text; every column says what it means; folders are one place."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import ids, schemas
from records.workspace import Workspace

_PARTS = st.lists(st.one_of(st.none(), st.text()), max_size=4)
_SCHEMAS = {name: value for name, value in vars(schemas).items() if isinstance(value, pa.Schema)}


@given(_PARTS, _PARTS)
def test_different_parts_have_different_ids(one: list[str | None], two: list[str | None]) -> None:
    assert (ids.digest(*one) == ids.digest(*two)) == (one == two)


def test_separators_inside_hostile_text_do_not_collide() -> None:
    assert ids.digest("a\x02\x01b") != ids.digest("a", "b")
    assert ids.digest("a\x02\x00") != ids.digest("a", None)
    assert len({ids.digest(None), ids.digest(""), ids.digest(), ids.digest("", "")}) == 4
    assert ids.digest("\ud800") != ids.digest("?")


def test_ids_are_pinned() -> None:
    """A change here is a migration of every archive in use, not a refactoring."""
    assert ids.capture_id("https://x/", None, "ab") == "c385fd31777c71af94f8e"
    assert ids.statement_id("k", "detention", "security", "recipient", "uei:X") == "sd64db02ff44b4ca7fc54"
    assert ids.candidate_id("uei:X", "detention") == "kd3e4a6e5f5ec"


def test_ids_depend_on_every_part() -> None:
    base = ["k", "detention", "security", "recipient", "uei:X"]
    made = {ids.statement_id(*base)}
    for position in range(len(base)):
        made.add(ids.statement_id(*(part + "x" if n == position else part for n, part in enumerate(base))))
    assert len(made) == 6
    assert ids.capture_id("u", None, "p") != ids.capture_id("u", "", "p")


@pytest.mark.parametrize("name", sorted(_SCHEMAS))
def test_every_column_is_described_and_named_once(name: str) -> None:
    schema = _SCHEMAS[name]
    assert len(set(schema.names)) == len(schema.names)
    for column in schema:
        described = (column.metadata or {}).get(b"description", b"")
        assert len(described) >= 3, f"{name}.{column.name}"


def test_provenance_is_marked_where_two_runs_may_differ() -> None:
    marked = {column.name for column in schemas.TRANSACTION if schemas.is_provenance(column)}
    assert marked == {"source", "capture_id", "locator"}
    assert not schemas.is_provenance(schemas.TRANSACTION.field("transaction_key"))
    assert schemas.is_provenance(schemas.CAPTURE.field("run_id"))


def test_money_is_decimal_and_keys_are_required() -> None:
    assert schemas.TRANSACTION.field("obligation").type == pa.decimal128(18, 2)
    required = {column.name for column in schemas.TRANSACTION if not column.nullable}
    assert {"transaction_key", "award_key", "award_kind", "deleted", "fact_sha256"} <= required


def test_workspace_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_DATA", str(tmp_path / "here"))
    assert Workspace.default().root == tmp_path / "here"
    monkeypatch.delenv("SECTION3C_DATA")
    monkeypatch.chdir(tmp_path)
    workspace = Workspace.default().ensure()
    assert workspace.root == tmp_path / "data"
    assert {p.name for p in workspace.root.iterdir()} >= {"evidence", "lake", "warehouse", "state"}
    assert workspace.ensure() == workspace
