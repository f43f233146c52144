"""Every source has golden pages, and every parser reads them as it did: a page that changed its shape is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.sources import all_sources
from tests.crawlers.golden import cases, compare, missing

SOURCES = sorted(all_sources())


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_a_golden_page(source: str) -> None:
    assert missing(source) is None, missing(source)


@pytest.mark.parametrize("case", [case for source in SOURCES for case in cases(source)],
                         ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_golden_page_gives_its_rows(case: Path) -> None:
    assert compare(case) is None
