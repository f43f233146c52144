"""Notices with their chains, facilities with their links, securities: tables of lists that come again and again."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from records.ids import facility_key
from records.lake import write_partition
from records.published import FACILITY, LEAD, NOTICE, SECURITY
from records.workspace import Workspace
from tests.warehouse.built import SEEN, night
from tests.warehouse.rows import transaction, write
from warehouse import checks, publish, reader

TABLES = {"notice": NOTICE, "facility": FACILITY, "security": SECURITY, "lead": LEAD}


def put(workspace: Workspace, table: str, rows: list[dict[str, Any]], batch: str = "b1") -> None:
    schema = TABLES[table]
    whole = [dict.fromkeys(schema.names) | {"source": "s", "capture_id": "c1", "locator": f"csv:-#{n}"} | row
             for n, row in enumerate(rows, 1)]  # fmt: skip
    write_partition(workspace.lake, table, "s", batch, schema, pa.Table.from_pylist(whole, schema=schema).to_batches())


def notice(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"notice_id": f"{number:032x}", "version_sha256": f"{number:064x}", "procurement_key": "070:70CDCR26R1",
            "amendment": number, "type": kind, "request_for_information": kind == "sources_sought",
            "posted_at": dt.datetime(2024, 1, number + 1, tzinfo=dt.UTC), "title": f"Beds {number}", "agency_id": "ice",
            "agency_certain": True, **more}  # fmt: skip


def place(name: str, year: int, **more: Any) -> dict[str, Any]:
    return {"facility_key": facility_key(name, "NM"), "name": name, "state": "NM", "as_of": dt.date(year, 1, 1), **more}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("tables")).ensure()
    put(workspace, "notice", [
        notice(0, "sources_sought"), notice(1, "solicitation"), notice(2, "solicitation"),
        notice(3, "award", awardee="Grimhold Guards LLC", award_amount=None),
        notice(7, "special_notice", procurement_key="notice:7"),
    ])  # fmt: skip
    again = notice(3, "award", awardee="Grimhold Guards LLC", capture_id="c2")
    put(workspace, "notice", [again], "b2")  # a list that nobody settled yet
    put(workspace, "facility", [
        place("Marsh County Detention Facility", 2017, operator="Old Keepers Inc", agreement="IGSA"),
        place("Marsh County Detention Facility", 2023, average_daily_population=212.5),
        place("Elsewhere Hold Room", 2023),
    ])  # fmt: skip
    asked = {"id_type": "CUSIP", "id_value": "1"}
    put(workspace, "security", [{**asked, "outcome": "none"}])
    put(workspace, "security", [{**asked, "outcome": "found", "figi": "F", "capture_id": "c2"}], "b2")
    put(workspace, "lead", [{"lead_id": "l1", "url": "https://a.example", "title": "T", "domain": "a.example",
                             "found_by": "feed", "passed": True, "words": ["ICE"]}] * 2)  # fmt: skip
    guards = "GUARDS AT THE MARSH COUNTY DETENTION FAC, NM"
    write(workspace, [transaction("c1", 1, description=guards, place_state="NM"),
                      transaction("c2", 2, award_key="CONT_AWD_Z_7012_-NONE-_-NONE-", description="CHAIRS")], "d1")
    report = night(workspace)
    assert not checks.run(workspace, report).failures
    publish.publish(workspace, report.version, {name: list(pair) for name, pair in report.hashes.items()})
    return workspace


def rows(workspace: Workspace, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.query(workspace, sql).table.to_pylist()
    return found


def test_a_procurement_is_its_chain_of_notices(published: Workspace) -> None:
    (chain, lone) = rows(published, "SELECT * FROM procurement ORDER BY procurement_key")
    assert chain["chain"] == "sources_sought > solicitation > award" and chain["notices"] == 4
    assert (chain["type"], chain["title"], chain["awardee"]) == ("award", "Beds 3", "Grimhold Guards LLC")
    assert chain["request_for_information"] and chain["agency_id"] == "ice"
    assert (lone["chain"], lone["notices"]) == ("special_notice", 1)
    assert [row["amendment"] for row in rows(published, "SELECT * FROM notice WHERE current ORDER BY 1")] == [3, 7]


def test_a_facility_keeps_what_the_newest_list_that_says_it_says(published: Workspace) -> None:
    (other, marsh) = rows(published, "SELECT * FROM facility ORDER BY name")
    assert (marsh["operator"], marsh["average_daily_population"], marsh["listings"]) == ("Old Keepers Inc", 212.5, 2)
    assert (str(marsh["first_listed"]), str(marsh["last_listed"])) == ("2017-01-01", "2023-01-01")
    assert (marsh["awards"], other["awards"]) == (1, 0)
    (link,) = rows(published, "SELECT * FROM facility_link")
    assert link["words"] == "MARSH COUNTY DETENTION FAC" and link["how"] == "name_and_state"


def test_the_last_answer_about_a_security_stands_and_a_lead_is_kept_once(published: Workspace) -> None:
    assert [row["outcome"] for row in rows(published, "SELECT * FROM security")] == ["found"]
    assert len(rows(published, "SELECT * FROM lead")) == 1


def test_checks_find_a_chain_without_end_and_a_link_to_nowhere(published: Workspace, tmp_path: Path) -> None:
    copy = Workspace(tmp_path / "copy")
    shutil.copytree(published.root, copy.root)
    report = night(copy, SEEN)
    with duckdb.connect(str(report.file)) as con:
        con.execute("UPDATE notice SET current = false WHERE procurement_key LIKE '070%'")
        con.execute("UPDATE facility_link SET facility_key = 'nowhere'")
    failed = {failure.check for failure in checks.run(copy, report).failures}
    assert {"notice_chain", "facility_link_known"} <= failed
