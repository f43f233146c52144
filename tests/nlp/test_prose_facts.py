"""The facts table of the requirements over the seed texts: every fact found, no trap sprung. Needs the shared texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.prose.reader import Text, read_text
from nlp.prose.statements import Statement
from nlp.prose.train import akin

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not SEEDS.is_dir(), reason=f"no seed texts at {SEEDS}")]


@pytest.fixture(scope="module")
def found() -> list[Statement]:
    """All statements of seeds 000, 001 and 002, exactness checked."""
    statements = []
    for number in ("000", "001", "002"):
        text = next(SEEDS.glob(f"{number}_*.txt")).read_text(encoding="utf-8")
        for statement in read_text(Text(text))[1]:
            assert statement.sentence == text[statement.start : statement.end]
            statements.append(statement)
    return statements


FACTS = [
    ("Thomson Reuters", "data_broker", "provides", 1_600_000, None),
    ("Thomson Reuters", "data_broker", "proposed", 13_600_000, None),
    ("Palantir", "extreme_vetting", "provides", 41_000_000, None),
    ("Palantir", "data_broker", "provides", 41_000_000, None),
    ("Giant Oak", "extreme_vetting", "provides", 3_000_000, None),
    ("Vigilant", "data_broker", "provides", None, "2018-01-08"),
    ("Microsoft", "extreme_vetting", "provides", 19_400_000, None),
    (None, "data_broker", "requested", None, "2017-08-03"),
]


@pytest.mark.clause("§3.3.a")
@pytest.mark.parametrize(("vendor", "category", "relation", "amount", "date"), FACTS)
def test_fact_is_found(
    found: list[Statement], vendor: str | None, category: str, relation: str, amount: float | None, date: str | None
) -> None:
    said = [s for s in found if akin(vendor, s.vendor) and s.category == category and s.relation == relation]
    assert any(
        s.agency.startswith("ICE") and (amount is None or s.amount == amount) and (date is None or s.date == date)
        for s in said
    ), [(s.vendor, s.category, s.relation, s.amount, s.date) for s in found]


@pytest.mark.parametrize("vendor", ["IBM", "LexisNexis", "SAS", "Deloitte", "Unisys", "Booz Allen", "SAIC", "Palantir"])
def test_attendants_of_the_industry_day_attended(found: list[Statement], vendor: str) -> None:
    said = {s.relation for s in found if akin(vendor, s.vendor)}
    assert "bid_or_attended" in said
    assert vendor == "Palantir" or not {"provides", "ended"} & said


@pytest.mark.parametrize("vendor", ["IBM", "Amazon", "Salesforce"])
def test_traps_make_no_candidate(found: list[Statement], vendor: str) -> None:
    assert [s for s in found if akin(vendor, s.vendor) and s.relation in ("provides", "ended")] == []


def test_request_is_of_ero(found: list[Statement]) -> None:
    assert "ICE ERO" in {s.agency for s in found if s.relation == "requested"}
