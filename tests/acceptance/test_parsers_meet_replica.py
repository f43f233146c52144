"""The parsers read what the service's stand-in really sends: every row, its own values, its own keys."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pytest

from crawlers.parsers import PARSERS
from crawlers.parsing import ParseContext, ParseError
from crawlers.usaspending.search import ASKED
from records.schemas import SUBAWARD, TRANSACTION
from tests.acceptance.harness import Fact, expected_facts
from tests.replica.fixtures import Replica
from tests.replica.test_downloads import AGENCIES, TYPES, wait

Start = Callable[..., Replica]
_SCHEMAS = {"transaction": TRANSACTION, "subaward": SUBAWARD}


def _parse(parser: str, payload: bytes, **more: Any) -> tuple[dict[str, pa.Table], ParseContext]:
    context = ParseContext(capture_id="c1", source="usaspending", as_of=date(2026, 11, 22), **more)
    found: dict[str, list[pa.RecordBatch]] = {"transaction": [], "subaward": []}
    source: BinaryIO = io.BytesIO(payload)
    for table, batch in PARSERS[parser](source, context):
        found[table].append(batch)
    return {name: pa.Table.from_batches(rows, _SCHEMAS[name]) for name, rows in found.items()}, context


def _facts(table: pa.Table) -> set[Fact]:
    return {
        (row["award_key"], row["modification"] or "", row["action_date"].isoformat(),
         row["obligation"] or Decimal("0.00"), row["description"] or "")
        for row in table.to_pylist()
    }  # fmt: skip


def _years(replica: Replica) -> Iterator[bytes]:
    years = sorted({int(row["action_date_fiscal_year"]) for row in replica.service.store.rows})
    for year in years:
        filters = {
            "prime_award_types": TYPES, "date_type": "action_date", "agencies": AGENCIES,
            "date_range": {"start_date": f"{year - 1}-10-01", "end_date": f"{year}-09-30"},
        }  # fmt: skip
        accepted = replica.post("bulk_download/awards/", {"filters": filters, "file_format": "csv"}).json
        assert wait(replica, accepted, 60.0)["status"] == "finished"
        yield replica.ask("GET", accepted["file_url"].removeprefix(replica.base)).body


def _all_years(replica: Replica) -> pa.Table:
    read = []
    for payload in _years(replica):
        tables, context = _parse("usaspending_csv", payload)
        assert [problem for problem in context.problems if problem.severity == "error"] == []
        assert not [p for p in context.problems if "unknown" in p.kind or "missing" in p.kind], context.problems
        read.append(tables["transaction"])
    return pa.concat_tables(read)


def _agrees(table: pa.Table, replica: Replica) -> None:
    rows = replica.service.store.rows
    assert _facts(table) == expected_facts(rows)
    assert set(table.column("key_origin").to_pylist()) == {"filed"}
    assert sorted(table.column("transaction_key").to_pylist()) == sorted(replica.transaction_keys())
    by_key = {row["contract_transaction_unique_key"]: row for row in rows}
    for mine in table.to_pylist():
        theirs = by_key[mine["transaction_key"]]
        assert mine["last_modified"].isoformat() == theirs["last_modified_date"]
        assert (mine["recipient"] or "") == theirs.get("recipient_name", "")
        assert (mine["recipient_uei"] or "") == theirs.get("recipient_uei", "")
        assert (mine["awarding_subtier_code"] or "") == theirs["awarding_sub_agency_code"]
        assert (mine["psc_code"] or "") == theirs.get("product_or_service_code", "")
        assert mine["award_kind"] == ("idv" if theirs["award_or_idv_flag"] == "IDV" else "contract")


def test_bulk_downloads_are_read_row_by_row(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="headeronly", rows_per_file=3)
    _agrees(_all_years(replica), replica)


def test_a_search_page_says_the_same_facts(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    body = {"filters": {"award_type_codes": TYPES}, "fields": ASKED, "sort": "Award ID", "limit": 100}
    answer = replica.post("search/spending_by_transaction/", body)
    assert answer.status == 200, answer.body
    tables, context = _parse("usaspending_search", answer.body)
    assert [str(problem) for problem in context.problems if problem.severity == "error"] == []
    assert _facts(tables["transaction"]) == expected_facts(replica.service.store.rows)


def test_a_search_page_that_ignored_a_filter_is_refused(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="ignored")
    filters = {"award_type_codes": TYPES, "agencys": []}
    body = {"filters": filters, "fields": ASKED, "sort": "Award ID", "limit": 100}
    answer = replica.post("search/spending_by_transaction/", body)
    assert answer.status == 200
    with pytest.raises(ParseError, match="agencys"):
        _parse("usaspending_search", answer.body)


def test_delta_files_give_deletions_and_corrections(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="deltad", today=date(2024, 3, 20))
    gone, changed = sorted(replica.transaction_keys())[:2]
    replica.service.store.delete(gone)
    replica.service.store.correct(changed, {"recipient_name": "CORRECTED INC"})
    replica.move_today(date(2024, 4, 8))
    payload = replica.ask("GET", "/award_data_archive/FY(All)_070_Contracts_Delta_20240406.zip")
    assert payload.status == 200
    tables, _ = _parse("usaspending_csv", payload.body)
    found = {row["transaction_key"]: row for row in tables["transaction"].to_pylist()}
    assert found[gone]["deleted"] is True
    assert found[changed]["deleted"] is False and found[changed]["recipient"] == "CORRECTED INC"


def test_full_files_and_subawards(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    payload = replica.ask("GET", "/award_data_archive/FY2023_070_Contracts_Full_20261106.zip")
    tables, _ = _parse("usaspending_csv", payload.body)
    assert _facts(tables["transaction"]) == expected_facts(
        [row for row in replica.service.store.rows if row["action_date_fiscal_year"] == "2023"]
    )
    filters = {
        "sub_award_types": ["procurement"], "date_type": "action_date", "agencies": AGENCIES,
        "date_range": {"start_date": "2024-01-01", "end_date": "2024-12-31"},
    }  # fmt: skip
    accepted = replica.post("bulk_download/awards/", {"filters": filters, "file_format": "csv"}).json
    wait(replica, accepted)
    payload = replica.ask("GET", accepted["file_url"].removeprefix(replica.base))
    tables, _ = _parse("usaspending_csv", payload.body)
    expected = [r for r in replica.service.store.subawards if r["subaward_action_date"].startswith("2024")]
    assert sorted(tables["subaward"].column("amount").to_pylist()) == sorted(
        Decimal(row["subaward_amount"]) for row in expected
    )


@pytest.mark.shared
@pytest.mark.slow
def test_every_row_of_the_development_data_is_read(usaspending_replica: Start, shared: Path) -> None:
    replica = usaspending_replica(shared / "data" / "awards", job_limit=60.0)
    _agrees(_all_years(replica), replica)
