from __future__ import annotations

from pathlib import Path

import pytest

from records.workspace import Workspace
from tests.warehouse.archived import night, two_pages
from warehouse import dictionary
from warehouse.engine import WarehouseError

DOC = Path(__file__).resolve().parents[2] / "docs" / "data-dictionary.md"


def test_the_document_is_current_and_the_published_version_says_the_same(tmp_path: Path) -> None:
    made = dictionary.of_empty_version()
    assert DOC.read_text(encoding="utf-8") == made, "run: python -m warehouse.dictionary > docs/data-dictionary.md"
    workspace = Workspace(tmp_path).ensure()
    two_pages(workspace)
    night(workspace)
    assert dictionary.markdown(workspace) == made


def test_every_column_is_described() -> None:
    rows = [line for line in dictionary.of_empty_version().splitlines() if line.startswith("| `")]
    assert len(rows) > 200
    assert [row for row in rows if row.endswith("|  |")] == []


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="section3c run"):
        dictionary.markdown(Workspace(tmp_path))
