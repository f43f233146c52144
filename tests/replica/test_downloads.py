"""Bulk jobs and the monthly archive behave as api/usaspending.md §6 says."""

from __future__ import annotations

import csv
import http.client
import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.replica.fixtures import SAMPLE, Replica
from tests.replica.layouts import columns
from tests.replica.monthly import publications

Start = Callable[..., Replica]
AGENCIES = [
    {"type": "awarding", "tier": "subtier", "name": name, "toptier_name": "Department of Homeland Security"}
    for name in ("U.S. Immigration and Customs Enforcement", "U.S. Customs and Border Protection")
]
TYPES = ["A", "B", "C", "D", "IDV_A", "IDV_B", "IDV_B_A", "IDV_B_B", "IDV_B_C", "IDV_C", "IDV_D", "IDV_E", "02", "05"]


def job(start: str = "2022-10-01", end: str = "2023-09-30", **more: Any) -> dict[str, Any]:
    span = {"start_date": start, "end_date": end}
    filters = {"prime_award_types": TYPES, "date_type": "action_date", "date_range": span, "agencies": AGENCIES, **more}
    return {"filters": filters, "file_format": "csv"}


def wait(replica: Replica, accepted: dict[str, Any], seconds: float = 10.0) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found: dict[str, Any] = replica.ask("GET", accepted["status_url"].removeprefix(replica.base)).json
        if found["status"] in {"finished", "failed"}:
            return found
        time.sleep(0.01)
    raise AssertionError(f"the job is still {found['status']}")


def fetch(replica: Replica, url: str) -> zipfile.ZipFile:
    answer = replica.ask("GET", url.removeprefix(replica.base))
    assert answer.status == 200
    return zipfile.ZipFile(io.BytesIO(answer.body))


def read(archive: zipfile.ZipFile, member: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(member).decode("utf-8"), newline=""), strict=True))


def test_a_job_delivers_the_official_columns_of_exactly_the_rows_asked_for(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    accepted = replica.post("bulk_download/awards/", job()).json
    assert set(accepted) == {"status_url", "file_name", "file_url", "download_request"}
    assert accepted["file_name"].startswith("All_PrimeTransactions_20") and accepted["file_url"].startswith(
        replica.base
    )
    status = wait(replica, accepted)
    archive = fetch(replica, accepted["file_url"])
    (member,) = archive.namelist()
    assert member.startswith("All_Contracts_PrimeTransactions_20") and member.endswith("_1.csv")
    found = read(archive, member)
    assert tuple(found[0]) == columns("transaction_contracts")
    wanted = {
        row["contract_transaction_unique_key"]
        for row in replica.service.store.rows
        if "2022-10-01" <= row["action_date"] <= "2023-09-30"
    }
    assert {row["contract_transaction_unique_key"] for row in found} == wanted
    assert (status["total_rows"], status["total_columns"]) == (len(wanted), 297)
    assert isinstance(status["seconds_elapsed"], str) and status["message"] is None


def test_funding_side_is_another_job_and_modification_dates_another_choice(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    closeout = [{"type": "funding", "tier": "subtier", "name": "Office of the Chief Procurement Officer"}]
    accepted = replica.post("bulk_download/awards/", job("2006-10-01", "2007-09-30", agencies=closeout)).json
    wait(replica, accepted)
    (member,) = fetch(replica, accepted["file_url"]).namelist()
    rows = read(fetch(replica, accepted["file_url"]), member)
    assert rows and {row["funding_sub_agency_code"] for row in rows} == {"7055"}
    modified = replica.post("bulk_download/awards/", job("2017-07-01", "2017-07-31", date_type="last_modified_date"))
    wait(replica, modified.json)
    archive = fetch(replica, modified.json["file_url"])
    assert all(r["last_modified_date"].startswith("2017-07") for m in archive.namelist() for r in read(archive, m))


def test_members_are_split_and_kept_in_order(usaspending_replica: Start) -> None:
    replica = usaspending_replica(rows_per_file=4)
    accepted = replica.post("bulk_download/awards/", job()).json
    status = wait(replica, accepted)
    archive = fetch(replica, accepted["file_url"])
    sizes = [len(read(archive, member)) for member in archive.namelist()]
    assert sum(sizes) == status["total_rows"] and set(sizes[:-1]) == {4} and 1 <= sizes[-1] <= 4
    assert archive.namelist()[1].endswith("_2.csv")


def test_a_type_without_rows_gives_a_header_only(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="headeronly")
    accepted = replica.post("bulk_download/awards/", job(sub_award_types=["procurement"])).json
    assert accepted["file_name"].startswith("All_PrimeTransactionsAndSubawards_")
    wait(replica, accepted)
    archive = fetch(replica, accepted["file_url"])
    member = next(name for name in archive.namelist() if "Assistance" in name)
    assert archive.read(member).decode().splitlines() == [",".join(columns("transaction_assistance"))]


def test_subawards_come_by_their_own_date(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    body = job("2024-01-01", "2024-12-31", prime_award_types=[], sub_award_types=["procurement"])
    accepted = replica.post("bulk_download/awards/", body).json
    wait(replica, accepted)
    archive = fetch(replica, accepted["file_url"])
    (member,) = archive.namelist()
    expected = [r for r in replica.service.store.subawards if r["subaward_action_date"].startswith("2024")]
    assert member.startswith("All_Contracts_Subawards_20")
    assert sorted(r["subaward_number"] for r in read(archive, member)) == sorted(r["subaward_number"] for r in expected)
    assert expected


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (job("2022-01-01", "2023-06-01"), "Invalid Parameter: date_range total days must be within a year"),
        (job(prime_award_types=[]), "prime_award_types or sub_award_types"),
        (job(agencies=None, agency=9999), "Toptier ID not found: 9999"),
        (job(date_type="load_date"), "Invalid parameter for date_type: load_date"),
        (job("yesterday"), "date_range"),
        ({}, "Missing one or more required body parameters: filters"),
    ],
)
def test_refused_jobs(usaspending_replica: Start, body: dict[str, Any], detail: str) -> None:
    answer = usaspending_replica().post("bulk_download/awards/", body)
    assert answer.status == 400 and detail in answer.json["detail"]


def test_legacy_agency_is_the_database_id(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    accepted = replica.post("bulk_download/awards/", job(agencies=None, agency=63)).json
    assert accepted["download_request"]["filters"]["agencies"][0]["name"] == "Department of Homeland Security"
    assert wait(replica, accepted)["total_rows"] > 0


def test_the_same_request_gets_the_same_job_until_the_next_load(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="samejob")
    first = replica.post("bulk_download/awards/", job()).json["file_name"]
    assert replica.post("bulk_download/awards/", job()).json["file_name"] == first
    assert replica.post("bulk_download/awards/", job("2022-10-02")).json["file_name"] != first
    replica.move_today(date(2026, 11, 23))
    assert replica.post("bulk_download/awards/", job()).json["file_name"] != first


def _fated(replica: Replica, fate: str) -> dict[str, Any]:
    for day in range(1, 29):
        accepted: dict[str, Any] = replica.post("bulk_download/awards/", job(f"2022-10-{day:02d}")).json
        if replica.service.downloads.jobs[accepted["file_name"]].fate == fate:
            return accepted
    raise AssertionError(f"no job was {fate}")


def test_a_failed_job_shows_a_stack_trace_and_asking_again_helps(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="failedjobs,samejob")
    accepted = _fated(replica, "failed")
    status = wait(replica, accepted)
    assert status["status"] == "failed" and "Traceback (most recent call last):" in status["message"]
    assert replica.ask("GET", f"/generated_downloads/{accepted['file_name']}").status == 403
    span = accepted["download_request"]["filters"]["time_period"][0]
    again = replica.post("bulk_download/awards/", job(span["start_date"])).json
    assert again["file_name"] != accepted["file_name"] and wait(replica, again)["status"] == "finished"


def test_a_stuck_job_runs_until_the_servers_own_limit(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="stuckjobs", job_limit=0.6)
    accepted = _fated(replica, "stuck")
    time.sleep(0.1)
    path = f"/api/v2/download/status/?file_name={accepted['file_name']}"
    assert replica.ask("GET", path).json["status"] == "running"
    assert replica.ask("GET", f"/api/v2/bulk_{path[8:]}").json["total_rows"] is None
    assert wait(replica, accepted)["status"] == "failed"


def test_status_of_no_job(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    answer = replica.ask("GET", "/api/v2/download/status?file_name=X.zip")
    assert (answer.status, answer.json["detail"]) == (404, "Download job with filename X.zip does not exist.")
    assert replica.ask("GET", "/api/v2/download/status/").status == 400


def test_the_first_download_breaks_off_and_a_range_or_a_repeat_completes_it(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="truncated")
    for day in range(1, 29):
        accepted = replica.post("bulk_download/awards/", job(f"2022-10-{day:02d}")).json
        wait(replica, accepted)
        path = accepted["file_url"].removeprefix(replica.base)
        try:
            whole = replica.ask("GET", path)
        except http.client.IncompleteRead as cut:
            assert cut.expected and cut.expected > 0
            rest = replica.ask("GET", path, Range=f"bytes={len(cut.partial)}-")
            assert rest.status == 206 and rest.headers["Content-Range"].startswith(f"bytes {len(cut.partial)}-")
            again = replica.ask("GET", path)
            assert cut.partial + rest.body == again.body
            assert zipfile.ZipFile(io.BytesIO(again.body)).testzip() is None
            return
        assert int(whole.headers["Content-Length"]) == len(whole.body)
    raise AssertionError("no download broke off")


def test_archive_ids_are_found_through_the_list(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    listed = replica.post("bulk_download/list_agencies/", {"type": "award_agencies"}).json
    dhs = next(a for a in listed["agencies"]["cfo_agencies"] if a["toptier_code"] == "070")
    assert dhs == {"name": "Department of Homeland Security", "toptier_agency_id": 63, "toptier_code": "070"}
    assert listed["sub_agencies"] == []
    tops = replica.ask("GET", "/api/v2/references/toptier_agencies/").json["results"]
    assert next(t["agency_id"] for t in tops if t["toptier_code"] == "070") == 766


def test_full_files_hold_the_fiscal_year_of_the_awarding_department(usaspending_replica: Start) -> None:
    replica = usaspending_replica()
    ask = {"agency": 63, "fiscal_year": 2023, "type": "contracts"}
    (entry,) = replica.post("bulk_download/list_monthly_files/", ask).json["monthly_files"]
    assert entry == {
        "fiscal_year": 2023, "agency_name": "Department of Homeland Security", "agency_acronym": "DHS",
        "type": "contracts", "updated_date": "2026-11-06", "file_name": "FY2023_070_Contracts_Full_20261106.zip",
        "url": f"{replica.base}/award_data_archive/FY2023_070_Contracts_Full_20261106.zip",
    }  # fmt: skip
    archive = fetch(replica, entry["url"])
    assert archive.namelist() == ["FY2023_070_Contracts_Full_20261106_1.csv"]
    rows = read(archive, archive.namelist()[0])
    expected = [r for r in replica.service.store.rows if r["action_date_fiscal_year"] == "2023"]
    assert len(rows) == len(expected) > 0
    assert replica.post("bulk_download/list_monthly_files/", {**ask, "agency": 766}).json == {"monthly_files": []}
    assert replica.post("bulk_download/list_monthly_files/", {**ask, "type": "assistance"}).json["monthly_files"] == []
    missing = replica.post("bulk_download/list_monthly_files/", {"fiscal_year": 2023, "type": "contracts"})
    assert missing.json["detail"] == "Missing one or more required body parameters: agency"
    assert replica.ask("GET", "/award_data_archive/FY2023_070_Contracts_Full_20200101.zip").status == 403


def test_deltas_tell_new_corrected_and_deleted_rows(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="deltad", today=date(2024, 3, 20))
    gone, changed = sorted(replica.transaction_keys())[:2]
    replica.service.store.delete(gone)
    replica.service.store.correct(changed, {"recipient_name": "CORRECTED INC"})
    replica.move_today(date(2024, 4, 8))
    listed = replica.post("bulk_download/list_monthly_files/", {"agency": 63, "fiscal_year": 2024, "type": "contracts"})
    delta = next(f for f in listed.json["monthly_files"] if "Delta" in f["file_name"])
    assert (delta["file_name"], delta["fiscal_year"]) == ("FY(All)_070_Contracts_Delta_20240406.zip", None)
    archive = fetch(replica, delta["url"])
    rows = {r["contract_transaction_unique_key"]: r for r in read(archive, archive.namelist()[0])}
    assert tuple(next(iter(rows.values())))[:3] == (
        "correction_delete_ind", "agency_id", "contract_transaction_unique_key"
    )  # fmt: skip
    assert rows[changed]["correction_delete_ind"] == "C" and rows[changed]["recipient_name"] == "CORRECTED INC"
    filled = {name for name, value in rows[gone].items() if value}
    assert rows[gone]["correction_delete_ind"] == "D"
    assert filled == {"correction_delete_ind", "agency_id", "contract_transaction_unique_key", "last_modified_date"}
    assert {r["correction_delete_ind"] for r in rows.values()} >= {"D", "C"}


def test_some_publications_have_no_delta(usaspending_replica: Start) -> None:
    replica = usaspending_replica(traps="nodelta")
    published = []
    for month in range(1, 13):
        replica.move_today(date(2024, month, 20))
        body = {"agency": 63, "fiscal_year": 2024, "type": "contracts"}
        names = [f["file_name"] for f in replica.post("bulk_download/list_monthly_files/", body).json["monthly_files"]]
        published.append(any("Delta" in name for name in names))
    assert True in published and False in published


def test_publications_fall_on_the_sixth() -> None:
    assert publications(date(2026, 1, 5)) == (date(2025, 12, 6), date(2025, 11, 6))
    assert publications(date(2026, 1, 6)) == (date(2026, 1, 6), date(2025, 12, 6))


@pytest.mark.shared
def test_answers_have_the_recorded_keys(usaspending_replica: Start, shared: Path) -> None:
    replica = usaspending_replica()
    recorded = shared / "api" / "examples" / "usaspending"
    accepted = replica.post("bulk_download/awards/", job()).json
    real = json.loads((recorded / "download_status.json").read_text())
    mine = wait(replica, accepted)
    assert {name: type(value) for name, value in mine.items()} == {name: type(value) for name, value in real.items()}
    assert set(accepted) == set(json.loads((recorded / "download_assistance.json").read_text()))


def test_the_sample_is_small_and_whole() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 120_000
