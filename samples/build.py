"""Builds the bundled sample: real federal award records, crawled by the product's own spider from a stand-in.

``python -m samples.build --awards FOLDER`` chooses whole awards from a folder of official records, serves them on the
loopback with the test replica (no traps) and lets the real spider archive them. So the archive holds real rows in
official shapes, in captures whose addresses honestly say 127.0.0.1.

The choice is by rule and by hash, never by hand: awards the reader finds a service in (up to a number a category and
certainty), government recipients, resellers, and ordinary awards. Vendors that are natural persons, and texts with a
telephone number or an e-mail address, are left out (privacy).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from crawlers.run import crawl
from nlp.awards import read_batches
from records.schemas import READING_INPUT
from records.workspace import Workspace
from tests.replica.ingest import layout_of, load
from tests.replica.layouts import columns

Row = dict[str, str]
FIRST, LAST = "2014-10-01", "2025-03-31"
QUOTA = {"clear": 70, "arguable": 30, "government": 60, "reseller": 25, "ordinary": 420}
MOST_ACTIONS = 12
PORT = 8917
_PERSONAL = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b|\b(COR|POC|ACOR|COTR)\s*[:;-]", re.IGNORECASE
)
_FLAG_TRUE = {"t", "true", "1"}


def main() -> None:
    """Choose, serve, crawl, copy the WARC file to ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awards", type=Path, required=True, help="folder of official award CSVs")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "federal-awards.warc.gz")
    arguments = parser.parse_args()
    transactions, subawards = _load(arguments.awards)
    chosen = _choose(transactions)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = [row for key in sorted(chosen) for row in transactions[key]]
        _write(folder / "awards" / "transactions.csv", kept)
        _write(folder / "awards" / "subawards.csv", [row for row in subawards if not _personal(row)][:120])
        archive = _crawl(folder)
        shutil.copyfile(archive, arguments.out)
    print(f"{len(chosen)} awards, {len(kept)} transactions -> {arguments.out} ({arguments.out.stat().st_size:,} bytes)")  # noqa: T201


def _load(folder: Path) -> tuple[dict[str, list[Row]], list[Row]]:
    transactions: dict[str, list[Row]] = defaultdict(list)
    loaded = load(folder)
    for part in loaded.transactions:
        if layout_of(part) == "transaction_contracts" and FIRST <= part["action_date"][:10] <= LAST:
            row = {name: part.get(name, "") for name in columns("transaction_contracts")}
            transactions[row["contract_award_unique_key"]].append(row)
    whole = {key: found for key, found in transactions.items()
             if len(found) <= MOST_ACTIONS and not any(_personal(row) for row in found)}
    subawards = [{name: row.get(name, "") for name in columns("subaward_contracts")} for row in loaded.subawards]
    return whole, subawards


def _personal(row: Row) -> bool:
    return any(_PERSONAL.search(value) for name, value in row.items() if "description" in name)


def _choose(transactions: dict[str, list[Row]]) -> set[str]:
    """Keys of the awards to keep: each quota filled in the order of a hash over the key."""
    taken: dict[str, list[str]] = defaultdict(list)
    for reading in _readings(transactions):
        if reading["entity"] == "individual":
            continue
        key = reading["award_key"]
        for label in _labels(reading):
            taken[label].append(key)
    chosen: set[str] = set()
    for label, keys in sorted(taken.items()):
        quota = QUOTA[label.split("/")[-1]]
        chosen.update(sorted(keys, key=_order)[:quota])
    return chosen


def _labels(reading: dict[str, Any]) -> Iterator[str]:
    if reading["entity"] == "government":
        yield "government"
        return
    for service in reading["services"]:
        yield f"{service['category']}/{service['certainty']}"
        if service["maker"]:
            yield f"{service['category']}/reseller"
    if not reading["services"]:
        yield "ordinary"


def _readings(transactions: dict[str, list[Row]]) -> Iterator[dict[str, Any]]:
    items = sorted(transactions.items())
    for start in range(0, len(items), 2000):
        batch = pa.RecordBatch.from_pylist([_reading_input(key, found) for key, found in items[start:start + 2000]],
                                           schema=READING_INPUT)
        for answer in read_batches([batch]):
            yield from answer.to_pylist()


def _reading_input(key: str, found: list[Row]) -> dict[str, Any]:
    last = found[-1]
    return {
        "award_key": key,
        "agency": _joined(last, "awarding_sub_agency_name", "funding_sub_agency_name"),
        "office": _joined(last, "awarding_office_name", "funding_office_name"),
        "recipient": last["recipient_name"], "parent": last["recipient_parent_name"],
        "psc_code": last["product_or_service_code"], "psc": last["product_or_service_code_description"],
        "naics_code": last["naics_code"], "naics": last["naics_description"],
        "descriptions": list(dict.fromkeys(row["transaction_description"] for row in found)),
        "business_flags": sorted(name for name, value in last.items() if value.strip().lower() in _FLAG_TRUE),
    }


def _joined(row: Row, *names: str) -> str:
    return " | ".join(value for name in names if (value := row[name]))


def _order(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _write(path: Path, found: Iterable[Row]) -> None:
    listed = list(found)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)


def _crawl(folder: Path) -> Path:
    """Serve the folder on the loopback and crawl it; returns the one WARC file."""
    base = f"http://127.0.0.1:{PORT}"
    command = [sys.executable, "-m", "tests.replica", "usaspending", "--awards", str(folder / "awards"),
               "--port", str(PORT), "--traps", "none", "--today", "2025-06-30"]
    workspace = Workspace(folder / "data").ensure()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as replica:  # noqa: S603
        try:
            if replica.stdout is None or not replica.stdout.readline():
                raise SystemExit("the replica did not start")
            time.sleep(0.5)
            options = {"date_from": FIRST, "date_to": LAST, "path": "bulk", "subawards": True}
            report = crawl("usaspending", workspace=workspace, run_id="sample", base_url=base, options=options)
        finally:
            replica.terminate()
    if not report.ok:
        raise SystemExit("the crawl was not complete:\n" + "\n".join(report.problems))
    files = sorted((workspace.evidence / "usaspending").glob("*.warc.gz"))
    if len(files) != 1:
        raise SystemExit(f"expected one WARC file, found {len(files)}: lower the quotas")
    return files[0]


if __name__ == "__main__":
    main()
