"""A workspace whose evidence is real: search pages written to the archive, loaded, composed, read, built, published."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, NamedTuple

from crawlers.archive import Capture, EvidenceArchive, Exchange
from crawlers.load import load
from records.workspace import Workspace
from tests.warehouse.readers import RuleReader
from tests.warehouse.rows import PLATES
from warehouse.build import BuildReport, build
from warehouse.compose import compose
from warehouse.publish import publish
from warehouse.statements import make

URI = "https://api.usaspending.gov/api/v2/search/spending_by_transaction/"
SECOND = "CONT_AWD_70CDCR20FR0000042_7012_GS35F0001_4730"


class Harvested(NamedTuple):
    capture_id: str
    parser: str
    batch: str


def result(award: str, description: str, recipient: str, **more: Any) -> dict[str, Any]:
    """One row as the transaction search answers it."""
    row: dict[str, Any] = {
        "generated_internal_id": award, "internal_id": 1, "Award ID": award.split("_")[2], "Mod": "0",
        "Action Type": "A", "Action Date": "2023-12-22", "Transaction Amount": 1847000.5,
        "Awarding Agency": "Department of Homeland Security",
        "Awarding Sub Agency": "U.S. Immigration and Customs Enforcement",
        "Funding Agency": "Department of Homeland Security",
        "Funding Sub Agency": "U.S. Immigration and Customs Enforcement", "Recipient Name": recipient,
        "Recipient UEI": None, "recipient_location_state_code": "MN", "recipient_location_city_name": "EAGAN",
        "product_or_service_code": "D317", "product_or_service_description": "WEB-BASED SUBSCRIPTION",
        "naics_code": "519190", "naics_description": "ALL OTHER INFORMATION SERVICES",
        "Transaction Description": description, "pop_state_code": "DC", "pop_city_name": "WASHINGTON",
        "Award Type": "PURCHASE ORDER", "cfda_number": None,
    }  # fmt: skip
    return row | more


def archive_page(workspace: Workspace, rows: list[dict[str, Any]], day: int, note: str = "") -> Capture:
    body = json.dumps({"results": rows, "page_metadata": {"page": 1, "hasNext": False}, "messages": []}).encode()
    archive = EvidenceArchive(workspace.evidence)
    with archive.writer("usaspending", f"run-{day}{note}") as writer:
        return writer.write(Exchange(
            uri=URI, status=200, method="POST", request_body=f"page {day} {note}".encode(), body=body,
            headers=(("Content-Type", "application/json"),),
            fetched_at=dt.datetime(2024, 1, day, tzinfo=dt.UTC)))  # fmt: skip


def load_page(workspace: Workspace, capture: Capture, batch: str) -> None:
    report = load([Harvested(capture.capture_id, "usaspending_search", batch)], EvidenceArchive(workspace.evidence),
                  workspace.lake, source="usaspending")  # fmt: skip
    assert not report.problems, report.problems


def two_pages(workspace: Workspace) -> tuple[Capture, Capture]:
    """Plates by West (page of 1 January), detention by somebody else (2 January)."""
    plates = "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE – “RENEWAL”"
    first = archive_page(workspace, [result(PLATES, plates, "WEST PUBLISHING CORPORATION")], 1)
    second = archive_page(workspace, [
        result(SECOND, "OFFICE CHAIRS", "GUARDS LLC", Mod="P00001"),
        result(SECOND, "GUARDS FOR THE DETENTION FACILITY", "GUARDS LLC"),
    ], 2)  # fmt: skip
    load_page(workspace, first, "d1")
    load_page(workspace, second, "d2")
    return first, second


def night(workspace: Workspace) -> BuildReport:
    compose(workspace)
    make(workspace, RuleReader(), reader_version=RuleReader.version)
    report = build(workspace)
    publish(workspace, report.version, {name: list(pair) for name, pair in report.hashes.items()})
    return report


def flip(workspace: Workspace, capture: Capture, at: int | None = None) -> Path:
    """Change one byte of the capture's record."""
    path = workspace.evidence / capture.warc_file
    data = bytearray(path.read_bytes())
    data[capture.warc_offset + (capture.warc_length // 2 if at is None else at)] ^= 0x01
    path.write_bytes(bytes(data))
    return path
