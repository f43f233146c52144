from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records.lake import files
from records.workspace import Workspace
from tests.warehouse.rows import PLATES, captures, subaward, transaction, write
from warehouse.compose import ComposeReport, compose

SEEN = captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), ("c3", "2024-03-01"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path).ensure()


def table(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    parts = [pq.read_table(path) for path in files(workspace.lake, name)]
    rows: list[dict[str, Any]] = pa.concat_tables(parts).to_pylist()
    return rows


def award(workspace: Workspace) -> dict[str, Any]:
    (row,) = table(workspace, "award")
    return row


def run(workspace: Workspace, seen: pa.Table = SEEN, **options: Any) -> ComposeReport:
    return compose(workspace, captures=seen, **options)


def test_exact_duplicates_are_one_and_equal_amounts_on_different_modifications_are_two(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1), transaction("c1", 2, modification="P00001")], "d1")
    write(workspace, [transaction("c2", 7), transaction("c2", 8, modification="P00002", obligation=Decimal("-30.10"),
                                                        action_date=dt.date(2019, 5, 1))], "d2")  # fmt: skip
    run(workspace)
    got = award(workspace)
    assert (got["actions"], got["obligated"], got["deobligated"], got["obligated_up"]) == (
        3, Decimal("169.90"), Decimal("-30.10"), Decimal("200.00"))  # fmt: skip
    assert (got["first_action"], got["last_action"]) == (dt.date(2017, 12, 22), dt.date(2019, 5, 1))
    first = next(r for r in table(workspace, "transaction_current") if r["modification"] == "0")
    assert (first["capture_id"], first["locator"]) == ("c1", "csv:A.csv#1")
    assert table(workspace, "correction") == []


def test_newest_version_of_a_key_stands_and_the_correction_is_listed(workspace: Workspace) -> None:
    new = transaction("c1", 1, obligation=Decimal("90.00"), last_modified=dt.date(2024, 9, 2))
    write(workspace, [new], "d1")
    write(workspace, [transaction("c2", 1)], "d2")  # fetched later, but modified earlier: an old file came in late
    run(workspace)
    assert award(workspace)["obligated"] == Decimal("90.00")
    (listed,) = table(workspace, "correction")
    assert (listed["reason"], listed["obligation"], listed["old_obligation"], listed["old_capture_id"]) == (
        "newer", Decimal("90.00"), Decimal("100.00"), "c2")  # fmt: skip


def test_same_modified_date_newest_fetch_stands_even_when_a_value_came_back(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1)], "d1")
    write(workspace, [transaction("c2", 1, obligation=Decimal("90.00"))], "d2")
    run(workspace)
    assert award(workspace)["obligated"] == Decimal("90.00")
    write(workspace, [transaction("c3", 1)], "d3")
    run(workspace)
    assert award(workspace)["obligated"] == Decimal("100.00")


def test_a_version_that_no_longer_verifies_gives_way_to_one_that_does(workspace: Workspace) -> None:
    write(workspace, [transaction("c1", 1)], "d1")
    write(workspace, [transaction("c2", 1, obligation=Decimal("90.00"))], "d2")
    run(workspace)
    report = run(workspace, captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), bad=["c2"]))
    assert not report.skipped
    assert award(workspace)["obligated"] == Decimal("100.00")


def derived(capture: str, row: int, **values: Any) -> dict[str, Any]:
    modification = values.get("modification", "0")
    return transaction(capture, row, transaction_key=f"D_{PLATES}_{modification}", key_origin="derived",
                       last_modified=None, **values)  # fmt: skip


def test_filed_row_stands_for_the_derived_row_of_the_same_action(workspace: Workspace) -> None:
    write(workspace, [derived("c2", 1, psc_code="D317", description="ACCESS TO DATABASE")], "api")
    write(workspace, [transaction("c1", 1)], "bulk")
    run(workspace)
    got = award(workspace)
    assert (got["actions"], got["obligated"], got["psc_code"]) == (1, Decimal("100.00"), "D317")
    assert [r["key_origin"] for r in table(workspace, "transaction_current")] == ["filed"]
    assert [r["reason"] for r in table(workspace, "correction")] == ["filed"]


def test_derived_keys_stand_apart_only_for_different_actions(workspace: Workspace) -> None:
    two = [derived("c1", 1), derived("c1", 2, obligation=Decimal("5.00"))]
    write(workspace, two, "d1")  # one listing shows both: two actions
    run(workspace)
    assert award(workspace)["obligated"] == Decimal("105.00")
    assert len({r["transaction_key"] for r in table(workspace, "transaction_current")}) == 2
    write(workspace, [derived("c2", 1, obligation=Decimal("7.00"), modification="P1"),
                      derived("c2", 2, obligation=Decimal("8.00"), modification="P2")], "d2")  # fmt: skip
    write(workspace, [derived("c3", 1, obligation=Decimal("9.00"), modification="P1"),
                      derived("c3", 2, obligation=Decimal("8.00"), modification="P2",
                              action_date=dt.date(2020, 1, 1))], "d3")  # fmt: skip
    run(workspace)
    # P1: same day in another listing, so corrected to 9; P2: another day, so another action
    assert award(workspace)["obligated"] == Decimal("105.00") + 9 + 8 + 8


def test_award_summary_counts_only_without_transactions(workspace: Workspace) -> None:
    summary = transaction("c1", 1, transaction_key=f"SUMMARY:{PLATES}", key_origin="derived", modification=None,
                          obligation=Decimal("7391976.00"), psc_code="D317", recipient_uei="L997DB4PEJL8")  # fmt: skip
    write(workspace, [summary], "import", source="import")
    run(workspace)
    assert (award(workspace)["obligated"], award(workspace)["from_summary"]) == (Decimal("7391976.00"), True)
    write(workspace, [transaction("c2", 1)], "d1")
    run(workspace)
    got = award(workspace)
    assert (got["obligated"], got["from_summary"], got["recipient_uei"]) == (Decimal("100.00"), False, "L997DB4PEJL8")


def test_deletion_removes_and_leaves_a_tombstone_and_a_later_change_brings_back(workspace: Workspace) -> None:
    kept = transaction("c1", 1, modification="P00001")
    write(workspace, [transaction("c1", 2), kept], "d1")
    gone = transaction("c2", 1, deleted=True, last_modified=dt.date(2024, 9, 5), award_key=PLATES,
                       obligation=None, description=None, recipient=None, action_date=None)  # fmt: skip
    write(workspace, [gone], "delta")
    run(workspace)
    assert (award(workspace)["actions"], award(workspace)["obligated"]) == (1, Decimal("100.00"))
    (stone,) = table(workspace, "tombstone")
    assert (stone["removed"], stone["obligation"]) == (True, Decimal("100.00"))
    write(workspace, [transaction("c3", 1, last_modified=dt.date(2024, 9, 6))], "d3")
    run(workspace)
    assert award(workspace)["actions"] == 2
    assert [s["removed"] for s in table(workspace, "tombstone")] == [False]


def test_award_takes_latest_filed_values_and_ends_with_a_termination(workspace: Workspace) -> None:
    rows = [
        transaction("c1", 1, recipient_duns="148508286", psc_code="D317", business_flags=["for_profit_organization"]),
        transaction("c1", 2, modification="P00002", action_date=dt.date(2020, 1, 1), obligation=Decimal("-40"),
                    recipient="WEST PUBLISHING CORP", recipient_uei="L997DB4PEJL8", action_type_code="F",
                    business_flags=["us_owned_business"], description="TERMINATE FOR CONVENIENCE"),
        transaction("c1", 3, modification="P00001", action_date=dt.date(2019, 1, 1), obligation=Decimal("1")),
    ]  # fmt: skip
    write(workspace, rows, "d1")
    run(workspace)
    got = award(workspace)
    assert (got["recipient"], got["recipient_uei"], got["recipient_duns"], got["psc_code"]) == (
        "WEST PUBLISHING CORP", "L997DB4PEJL8", "148508286", "D317")  # fmt: skip
    assert got["business_flags"] == ["for_profit_organization", "us_owned_business"]
    assert (got["terminated"], got["terminated_on"]) == (True, dt.date(2020, 1, 1))
    assert [(t["text_index"], t["description"], t["locator"]) for t in table(workspace, "award_text")] == [
        (0, "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE", "csv:A.csv#1"),
        (1, "TERMINATE FOR CONVENIENCE", "csv:A.csv#2"),
    ]
    more = transaction("c2", 4, modification="P00003", action_date=dt.date(2021, 1, 1), action_type_code="C")
    write(workspace, [more], "d2")
    run(workspace)
    assert award(workspace)["terminated"] is False


def test_unchanged_input_is_skipped_and_buckets_do_not_change_the_outcome(workspace: Workspace) -> None:
    rows = [transaction("c1", n, award_key=f"CONT_AWD_X{n % 40}_7012_-NONE-_-NONE-", modification=str(n))
            for n in range(400)]  # fmt: skip
    write(workspace, rows, "d1")
    first = run(workspace)
    one = sorted(table(workspace, "award"), key=lambda r: str(r["award_key"]))
    assert first.rows["award"] == 40
    again = run(workspace)
    assert again.skipped and again.rows == first.rows
    assert not run(workspace, bucket_rows=50).skipped
    assert sorted(table(workspace, "award"), key=lambda r: str(r["award_key"])) == one


def test_empty_lake_composes_to_empty_tables(workspace: Workspace) -> None:
    assert set(run(workspace).rows.values()) == {0}
    assert table(workspace, "award") == []


def test_subawards_keep_the_newest_version_once(workspace: Workspace) -> None:
    write(workspace, [subaward("c1", 1), subaward("c1", 2)], "s1", table="subaward")
    write(workspace, [subaward("c2", 9, amount=Decimal("600000.00"))], "s2", table="subaward")
    run(workspace)
    (row,) = table(workspace, "subaward_current")
    assert (row["amount"], row["locator"]) == (Decimal("600000.00"), "csv:A.csv#9")
