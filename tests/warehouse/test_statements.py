from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from records.lake import read_table
from records.schemas import STATEMENT, STATEMENT_SPAN
from records.workspace import Workspace
from tests.warehouse.readers import RuleReader
from tests.warehouse.rows import captures, subaward, transaction, write
from warehouse.compose import compose
from warehouse.engine import WarehouseError
from warehouse.statements import StatementReport, make

SEEN = captures(("c1", "2024-01-01"), ("c2", "2024-02-01"))
COUNTY = "CONT_AWD_70CDCR20DIG000001_7012_-NONE-_-NONE-"
RESOLD = "CONT_AWD_70CTD018FR0000001_7012_-NONE-_-NONE-"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path).ensure()


def run(workspace: Workspace, reader: RuleReader | None = None, seen: pa.Table = SEEN) -> StatementReport:
    compose(workspace, captures=seen)
    return make(workspace, reader or RuleReader(), reader_version=RuleReader.version, captures=seen)


def statements(workspace: Workspace) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_table(workspace.lake, "statement", STATEMENT).to_pylist()
    return rows


def spans(workspace: Workspace) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_table(workspace.lake, "statement_span", STATEMENT_SPAN).to_pylist()
    return rows


@pytest.mark.clause("§3.3.b")
def test_statement_leads_to_the_row_and_column_its_words_stand_in(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1, modification="P1", description="ADD FUNDS"), transaction("c1", 2)], "d1")
    run(workspace)
    (one,) = statements(workspace)
    assert (one["category"], one["vendor_role"], one["agency_id"], one["agency_role"], one["relation"]) == (
        "data_broker", "recipient", "ice", "both", "provides")  # fmt: skip
    assert (one["obligated"], one["company_id"]) == (Decimal("200.00"), "listed:west")
    (span,) = spans(workspace)
    text = "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE"
    assert text[span["start"]:span["end"]] == span["words"] == "LICENSE PLATE READER"
    assert (span["column"], span["locator"], span["capture_id"]) == ("description", "csv:A.csv#2", "c1")


def test_words_of_a_joined_field_are_placed_in_their_own_column(workspace: Workspace) -> None:
    rows = [transaction("c1", 1, description="SUPPORT", awarding_office="MISSION SUPPORT DALLAS",
                        funding_office="DETENTION COMPLIANCE AND REMOVALS")]  # fmt: skip
    write(workspace, rows, "d1")
    run(workspace)
    (span,) = spans(workspace)
    assert (span["column"], span["start"], span["words"]) == ("funding_office", 0, "DETENTION")


@pytest.mark.clause("§2.6")
def test_government_is_excluded_with_its_reason_and_the_maker_behind_a_reseller_is_not(workspace: Workspace) -> None:
    write(workspace, [
        transaction("c1", 1, award_key=COUNTY, description="DETENTION BEDS", recipient="COUNTY OF ESSEX",
                    business_flags=["us_local_government"]),
        transaction("c1", 2, award_key=RESOLD, description="ACCURINT SEATS", recipient="CARAHSOFT TECHNOLOGY CORP"),
    ], "d1")  # fmt: skip
    report = run(workspace)
    found = {(s["record_key"], s["vendor_role"]): s for s in statements(workspace)}
    assert "§2.6" in found[COUNTY, "recipient"]["excluded"] and found[COUNTY, "recipient"]["entity"] == "government"
    maker = found[RESOLD, "maker"]
    assert maker["via_company_id"] == found[RESOLD, "recipient"]["company_id"] != maker["company_id"]
    assert maker["excluded"] is None
    assert report.counts == {"excluded": 2, "clear": 2} or report.counts["excluded"] >= 1


def test_the_maker_itself_is_one_vendor(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1, description="ACCURINT SEATS",
                                  recipient="LEXISNEXIS RISK SOLUTIONS FL INC.")], "d1")  # fmt: skip
    run(workspace)
    assert [s["vendor_role"] for s in statements(workspace)] == ["recipient"]


@pytest.mark.clause("E.6")
def test_a_natural_person_is_not_named(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1, recipient="DOE, JANE", business_flags=["sole_proprietorship"])], "d1")
    run(workspace)
    (one,) = statements(workspace)
    assert "DOE" not in one["vendor"] and "natural person" in one["excluded"]


def test_ended_is_terminated_or_past_its_period_on_the_day_of_the_data(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1, period_end=dt.date(2024, 1, 1))], "d1")
    run(workspace)
    assert [s["relation"] for s in statements(workspace)] == ["provides"]
    write(workspace, [transaction("c2", 1, period_end=dt.date(2024, 1, 1))], "d2")
    run(workspace)
    assert [s["relation"] for s in statements(workspace)] == ["ended"]


def test_subawards_make_statements_of_subrecipients_arguable_where_only_the_prime_tells(workspace: Workspace) -> None:
    write(workspace, [subaward("c1", 1), subaward("c1", 2, subaward_key="b", description="JANITORIAL",
                      prime_description="DETENTION OFFICERS")], "s1", table="subaward")  # fmt: skip
    run(workspace)
    found = {s["record_key"]: s for s in statements(workspace)}
    assert {s["vendor_role"] for s in found.values()} == {"subrecipient"}
    assert found["b"]["certainty"] == "arguable"
    assert {s["column"] for s in spans(workspace)} == {"description", "prime_description"}


def test_an_award_of_another_agency_makes_no_statement(workspace: Workspace) -> None:
    other = {"awarding_subtier_code": "1549", "awarding_subtier": "Federal Bureau of Investigation",
             "funding_subtier_code": "1549", "funding_subtier": "Federal Bureau of Investigation",
             "awarding_office": None}  # fmt: skip
    write(workspace, [transaction("c1", 1, **other)], "d1")
    assert run(workspace).counts == {"no immigration agency": 1}
    assert statements(workspace) == []


def test_only_content_not_read_before_is_read(workspace: Workspace) -> None:
    same = [transaction("c1", n, award_key=f"CONT_AWD_X{n}_7012_-NONE-_-NONE-") for n in range(3)]
    write(workspace, same, "d1")
    reader = RuleReader()
    assert run(workspace, reader).read == 1
    assert len(statements(workspace)) == 3
    assert run(workspace, reader).skipped
    write(workspace, [transaction("c2", 1, award_key="CONT_AWD_Y_7012_-NONE-_-NONE-", description="DETENTION")], "d2")
    assert run(workspace, reader).read == 1
    assert [r["descriptions"] for r in reader.given] == [[same[0]["description"]], ["DETENTION"]]


def test_a_reader_that_misplaces_words_or_drops_records_is_refused(workspace: Workspace) -> None:
    class Misplacing(RuleReader):
        def _words(self, row: dict[str, Any], words: str) -> Iterator[dict[str, Any]]:
            for word in super()._words(row, words):
                yield word | {"start": word["start"] + 1, "end": word["end"] + 1}

    class Dropping(RuleReader):
        def __call__(self, batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
            for batch in super().__call__(batches):
                yield batch.slice(1)

    write(workspace, [transaction("c1", 1)], "d1")
    with pytest.raises(WarehouseError, match="LICENSE PLATE READER"):
        run(workspace, Misplacing())
    write(workspace, [transaction("c2", 1, description="DETENTION")], "d1")
    with pytest.raises(WarehouseError, match="answered 0 of 1"):
        run(workspace, Dropping())
    run(workspace)
    assert len(statements(workspace)) == 1
