"""The files become official rows: every distinct transaction once, nothing invented beyond what is documented."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import pytest

from tests.replica import derive, rows
from tests.replica.fixtures import SAMPLE, Replica
from tests.replica.ingest import load
from tests.replica.layouts import columns
from tests.replica.tidy import DataError, clean, day_of, is_money

Start = Callable[..., Replica]


def _dump_rows() -> list[dict[str, str]]:
    found = []
    for path in sorted((SAMPLE / "transactions").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += list(csv.DictReader(file, strict=True))
    return found


def test_each_distinct_row_of_the_dumps_is_one_transaction_and_repeats_fall_together() -> None:
    dump = _dump_rows()
    distinct = {tuple(row.values()) for row in dump}
    assert len(distinct) < len(dump)
    served = {
        (row["contract_award_unique_key"], row["modification_number"]): row
        for row in rows(SAMPLE)
        if row["action_date"] > "2022-09-30"
    }
    for row in dump:
        mine = served[row["Generated Award ID"], row["Modification"]]
        assert mine["recipient_name"] == row["Recipient Name"]
        assert float(mine["federal_action_obligation"]) == float(row["Federal Action Obligation"])
        assert mine["transaction_description"] == row["Transaction Description"]
        assert mine["action_date"] == row["Action Date"]
    assert load(SAMPLE).collapsed == len(dump) - len(distinct) + 1  # and one summary of an award already there


def test_rows_have_all_official_columns_and_unique_keys() -> None:
    found = list(rows(SAMPLE))
    assert all(tuple(row) == columns("transaction_contracts") and len(row) == 297 for row in found)
    assert len({row["contract_transaction_unique_key"] for row in found}) == len(found) == 62
    assert all(row["last_modified_date"] >= row["action_date"] for row in found)


def test_agencies_carry_their_official_names_whatever_the_file_says() -> None:
    names = {row["awarding_sub_agency_name"] for row in rows(SAMPLE)}
    assert names == {"U.S. Immigration and Customs Enforcement", "U.S. Customs and Border Protection"}
    assert {row["awarding_agency_name"] for row in rows(SAMPLE)} == {"Department of Homeland Security"}
    assert "Office of the Chief Procurement Officer" in {row["funding_sub_agency_name"] for row in rows(SAMPLE)}


def test_a_summary_fills_the_blanks_of_its_award_and_adds_no_second_row() -> None:
    with (SAMPLE / "archive" / "Contracts_PrimeAwardSummaries_1.csv").open(encoding="utf-8", newline="") as file:
        summaries = {row["contract_award_unique_key"]: row for row in csv.DictReader(file)}
    dumped = {row["Generated Award ID"] for row in _dump_rows()}
    both = set(summaries) & dumped
    assert both
    for row in rows(SAMPLE):
        if row["contract_award_unique_key"] in both:
            assert row["recipient_uei"] == summaries[row["contract_award_unique_key"]]["recipient_uei"] != ""
    bases = [row for row in rows(SAMPLE) if row["contract_award_unique_key"] in set(summaries) - dumped]
    assert bases
    for row in bases:
        assert float(row["federal_action_obligation"]) == float(
            summaries[row["contract_award_unique_key"]]["total_obligated_amount"]
        )


def test_the_2018_layout_is_renamed_dated_and_keyed() -> None:
    old = [row for row in rows(SAMPLE) if row["award_id_piid"] == "HSCEMS13P00036"]
    assert len(old) == 1
    row = old[0]
    assert row["action_date"] == "2013-07-25"
    assert row["recipient_duns"] == "074108176"  # the file lost the leading zero
    assert row["contract_award_unique_key"] == "CONT_AWD_HSCEMS13P00036_7012_-NONE-_-NONE-"
    assert row["contract_transaction_unique_key"] == "7012_-NONE-_HSCEMS13P00036_0_-NONE-_0"
    assert row["sam_exception_description"] == ""  # NAN in the file
    assert row["period_of_performance_potential_end_date"] == "2017-07-25 00:00:00"
    assert any(r["contract_award_unique_key"].startswith("CONT_IDV_") for r in rows(SAMPLE))


def test_transaction_key_follows_the_recorded_form() -> None:
    # Recorded: CONT_TX_8000_-NONE-_80GSFC18C0008_P00065_-NONE-_0 (api/examples/usaspending/awards_transactions.json)
    row = {"contract_award_unique_key": "CONT_AWD_80GSFC18C0008_8000_-NONE-_-NONE-", "modification_number": "P00065"}
    assert derive.transaction_key(row) == "8000_-NONE-_80GSFC18C0008_P00065_-NONE-_0"
    with pytest.raises(ValueError, match="no generated contract award id"):
        derive.split_award_key("ASST_NON_X_7012")


def test_lags_are_spread_as_measured() -> None:
    action = date(2024, 1, 1)
    lags = [(derive.modified_after(action, f"key{n}") - action).days for n in range(4000)]
    assert min(lags) == 2
    assert 2 <= median(lags) <= 14
    assert 250 < max(lags) <= 300
    assert derive.modified_after(action, "key1") == derive.modified_after(action, "key1")


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [("12/22/17", False, date(2017, 12, 22)), ("25/07/2013", True, date(2013, 7, 25)),
     ("30/03/18 10:55", True, date(2018, 3, 30)), ("2007-08-30 00:00:00", False, date(2007, 8, 30)),
     ("12/31/99", False, date(1999, 12, 31))],
)  # fmt: skip
def test_dates_of_every_file(text: str, day_first: bool, expected: date) -> None:
    assert day_of(text, day_first=day_first) == expected


def test_money_columns_are_told_by_name() -> None:
    official = [name for name in columns("transaction_contracts") if is_money(name)]
    assert "federal_action_obligation" in official and "potential_total_value_of_award" in official
    assert not {"award_id_piid", "award_type_code", "parent_award_type", "type_of_set_aside"} & set(official)


def test_faulty_files_are_refused_by_name_and_row(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.csv"):
        load(tmp_path)
    (tmp_path / "strange.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="unknown layout"):
        load(tmp_path)
    (tmp_path / "strange.csv").unlink()
    header, first = (SAMPLE / "transactions" / "CBP_ICE_FY2023.csv").read_text().splitlines()[:2]
    (tmp_path / "short.csv").write_text(f"{header}\n{first}\nICE,X\n")
    with pytest.raises(DataError, match="data row 2: 2 cells"):
        load(tmp_path)
    (tmp_path / "short.csv").write_text(f"{header}\n{first.replace('ICE,', 'MARS,', 1)}\n")
    with pytest.raises(DataError, match="agency 'MARS' is unknown"):
        load(tmp_path)
    with pytest.raises(DataError, match="no date"):
        clean({"action_date": "tomorrow"})


def test_official_layouts_are_read_back_unchanged(tmp_path: Path) -> None:
    names = columns("transaction_contracts")
    written = list(rows(SAMPLE))
    with gzip.open(tmp_path / "official.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(written)
    assert sorted(map(str, rows(tmp_path))) == sorted(map(str, written))


@pytest.mark.shared
def test_all_files_give_exactly_their_distinct_rows(shared: Path) -> None:
    folder = shared / "data" / "awards"
    loaded = load(folder)
    distinct = set()
    for path in (folder / "transactions").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            distinct |= {tuple(row) for row in list(csv.reader(file, strict=True))[1:]}
    served = [r for r in loaded.transactions if r["action_date"] >= "2020-10-01" and r["action_date"] <= "2024-09-30"]
    from_dumps = {
        (r["contract_award_unique_key"], r["modification_number"], r["action_date"])
        for r in served
    }  # fmt: skip
    assert len(distinct) == 39_296
    assert {(r[9], r[5], r[4]) for r in distinct} <= from_dumps
    assert len({r["contract_transaction_unique_key"] for r in loaded.transactions}) == len(loaded.transactions)
    assert len(loaded.subawards) == 482


@pytest.mark.shared
def test_bundled_layouts_are_the_official_ones(shared: Path) -> None:
    for ours, theirs in (
        ("transaction_contracts", "usaspending_header_transaction_search_contracts.txt"),
        ("transaction_assistance", "usaspending_header_transaction_search_assistance.txt"),
        ("subaward_contracts", "usaspending_header_subaward_search_contracts.txt"),
        ("subaward_assistance", "usaspending_header_subaward_search_assistance.txt"),
    ):
        text = (shared / "api" / "examples" / theirs).read_text()
        assert list(columns(ours)) == text.split()


def test_assistance_rows_are_served_in_their_own_layout(tmp_path: Path, usaspending_replica: Start) -> None:
    given = {
        "assistance_transaction_unique_key": "7590_90ZU0001_-NONE-_93.676_-NONE-",
        "assistance_award_unique_key": "ASST_NON_90ZU0001_7590",
        "award_id_fain": "90ZU0001",
        "modification_number": "0",
        "federal_action_obligation": "1000.00",
        "action_date": "2023-05-01",
        "awarding_sub_agency_code": "7590",
        "assistance_type_code": "05",
        "assistance_type_description": "COOPERATIVE AGREEMENT (B)",
        "cfda_number": "93.676",
    }
    with (tmp_path / "grants.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns("transaction_assistance"), restval="")
        writer.writeheader()
        writer.writerow(given)
    (row,) = rows(tmp_path)
    assert tuple(row) == columns("transaction_assistance")
    assert row["awarding_sub_agency_name"] == "Administration for Children and Families"
    replica = usaspending_replica(tmp_path)
    counted = replica.post("search/spending_by_transaction_count/", {"filters": {}}).json["results"]
    assert counted["grants"] == sum(counted.values()) == 1
    fields = ["Award ID", "Award Type", "cfda_number", "Assistance Listing"]
    body = {"filters": {"award_type_codes": ["05", "A"]}, "fields": fields, "sort": "Award ID"}
    (shown,) = replica.post("search/spending_by_transaction/", body).json["results"]
    assert shown["Award ID"] == "90ZU0001" and shown["Award Type"] == "COOPERATIVE AGREEMENT (B)"
    assert shown["generated_internal_id"] == "ASST_NON_90ZU0001_7590"
    listed = replica.post("transactions/", {"award_id": "ASST_NON_90ZU0001_7590"}).json["results"]
    assert listed[0]["id"] == f"ASST_TX_{given['assistance_transaction_unique_key']}"
