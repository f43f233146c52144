"""Rows of the lake for tests: real public award records, rewritten as the parsers would."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from records import schemas
from records.ids import digest
from records.lake import write_partition
from records.workspace import Workspace

DAY = dt.date(2024, 9, 1)
ICE = {
    "awarding_toptier_code": "070", "awarding_toptier": "Department of Homeland Security",
    "awarding_subtier_code": "7012", "awarding_subtier": "U.S. Immigration and Customs Enforcement",
    "awarding_office_code": "70CMSD", "awarding_office": "MISSION SUPPORT DALLAS",
    "funding_toptier_code": "070", "funding_toptier": "Department of Homeland Security",
    "funding_subtier_code": "7012", "funding_subtier": "U.S. Immigration and Customs Enforcement",
}  # fmt: skip
#: A real award: licence-plate reader database for ICE, by West Publishing (Thomson Reuters).
PLATES = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"


def transaction(capture: str, row: int, **values: Any) -> dict[str, Any]:
    """One TRANSACTION row; unspecified columns are null, the fact hash is over all but where it was seen."""
    base: dict[str, Any] = dict.fromkeys(schemas.TRANSACTION.names)
    base |= {
        "key_origin": "filed", "award_key": PLATES, "award_kind": "contract", "modification": "0",
        "action_date": dt.date(2017, 12, 22), "last_modified": DAY, "obligation": Decimal("100.00"),
        "recipient": "WEST PUBLISHING CORPORATION", "business_flags": [], "deleted": False,
        "description": "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE", **ICE,
    }  # fmt: skip
    base |= values
    if base["transaction_key"] is None:
        base["transaction_key"] = f"7012_-NONE-_{base['award_key'].split('_')[2]}_{base['modification']}_-NONE-_0"
    return finish(base, schemas.TRANSACTION, capture, row)


def subaward(capture: str, row: int, **values: Any) -> dict[str, Any]:
    """One SUBAWARD row."""
    base: dict[str, Any] = dict.fromkeys(schemas.SUBAWARD.names)
    base |= {
        "subaward_key": "A7AF25C8-FCB8-11EF-8E2A-E7034F2D18CD#0000000877",
        "prime_award_key": "CONT_AWD_70CDCR22FR0000048_7012_47QRAD20D1155_4732",
        "prime_recipient": "LUKOS, LLC", "subaward_number": "0000000877", "amount": Decimal("532929.52"),
        "action_date": dt.date(2023, 9, 12), "recipient": "FEDS UNITED, LLC", "recipient_uei": "RTPKR5UA2GF8",
        "awarding_subtier_code": "7012", "awarding_subtier": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT",
        "funding_subtier_code": "7012", "funding_subtier": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT",
        "business_flags": [], "description": "DETENTION CUSTODY OFFICERS",
        "prime_description": "CUSTODY AND RESOURCE COORDINATORS",
    }  # fmt: skip
    base |= values
    return finish(base, schemas.SUBAWARD, capture, row)


def finish(base: dict[str, Any], schema: pa.Schema, capture: str, row: int) -> dict[str, Any]:
    facts = [f.name for f in schema if not schemas.is_provenance(f) and f.name != "fact_sha256"]
    base["fact_sha256"] = hashlib.sha256(repr([base[name] for name in facts]).encode()).hexdigest()
    return base | {"source": "usaspending", "capture_id": capture, "locator": f"csv:A.csv#{row}"}


def write(
    workspace: Workspace, rows: Iterable[dict[str, Any]], batch: str, *, source: str = "usaspending",
    table: str = "transaction",
) -> None:  # fmt: skip
    schema = schemas.TRANSACTION if table == "transaction" else schemas.SUBAWARD
    batches = pa.Table.from_pylist(list(rows), schema=schema).to_batches()
    write_partition(workspace.lake, table, source, batch, schema, batches)


def captures(*seen: tuple[str, str], bad: Sequence[str] = ()) -> pa.Table:
    """The archive's table: (capture id, day fetched) each, ok unless named bad."""
    rows = [
        {
            "capture_id": capture, "source": "usaspending", "run_id": "r1", "uri": f"https://example.gov/{capture}",
            "method": "GET", "status": 200, "media_type": "application/zip",
            "fetched_at": dt.datetime.fromisoformat(day + "T03:00:00+00:00"), "payload_sha256": digest(capture),
            "payload_bytes": 10, "warc_file": "usaspending/a.warc.gz", "warc_offset": 0, "warc_length": 10,
            "verdict": "damaged" if capture in bad else "ok",
        }
        for capture, day in seen
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schemas.CAPTURE)


def shared_transactions(folder: Path, capture: str) -> list[dict[str, Any]]:
    """The development data's transactions, keys derived as its layout has none."""
    rows: list[dict[str, Any]] = []
    for file in sorted((folder / "data" / "awards" / "transactions").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream, strict=True), 1):
                code, name = ("7012", ICE["awarding_subtier"]) if row["Agency"] == "ICE" else (
                    "7014", "U.S. Customs and Border Protection")  # fmt: skip
                record = transaction(
                    capture, len(rows) + 1, transaction_key="DERIVED_" + row["Generated Award ID"] + "_"
                    + row["Modification"], key_origin="derived", award_key=row["Generated Award ID"],
                    modification=row["Modification"], piid=row["Award ID"], recipient=row["Recipient Name"],
                    action_date=dt.date.fromisoformat(row["Action Date"]), last_modified=None,
                    obligation=Decimal(row["Federal Action Obligation"]).quantize(Decimal("0.01")),
                    psc=row["Product/Service Description"], naics=row["NAICS Description"],
                    description=row["Transaction Description"], awarding_subtier_code=code, awarding_subtier=name,
                    funding_subtier_code=code, funding_subtier=name,
                )  # fmt: skip
                rows.append(record | {"locator": f"csv:{file.name}#{number}"})
    return rows
