"""How fast official rows are loaded, as a ratio to DuckDB reading the same CSV to Parquet in the same run.

Belongs here: made rows in the official 297 columns and the measurement. Does not belong here: the command line.
"""

from __future__ import annotations

import csv
import multiprocessing
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

from crawlers.archive import EvidenceArchive, ImportedFile
from crawlers.load import load
from crawlers.run import Harvest
from crawlers.usaspending import select
from crawlers.usaspending.layouts import official_header
from records.workspace import Workspace

LAYOUT: Final = "contract_transaction"
_POOL: Final = 2000
_FLAGS_TRUE: Final = ("for_profit_organization", "limited_liability_corporation", "small_disadvantaged_business",
                      "woman_owned_business", "manufacturer_of_goods", "receives_contracts")
_WORDS: Final = ("support", "services", "detention", "transportation", "data", "license", "subscription", "guard",
                 "maintenance", "renewal", "system", "analysis", "facility", "option year", "modification", "records")
_GIB: Final = 1 << 30


def make_csv(rows: int, path: Path, *, seed: int = 1) -> Path:
    """A CSV of ``rows`` made transactions with the 297 official columns, about 1.9 kB a row; the same for a seed."""
    draw = random.Random(seed)
    header = official_header(LAYOUT)
    place = {name: at for at, name in enumerate(header)}
    pool = [_row(header, draw) for _ in range(min(rows, _POOL))]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        for number in range(rows):
            row = pool[number % len(pool)]
            piid = f"70CDCR{20 + number % 7:02d}F{number // 5:08d}"
            row[place["contract_transaction_unique_key"]] = f"7012_-NONE-_{piid}_P{number % 5:05d}_-NONE-_0"
            row[place["contract_award_unique_key"]] = f"CONT_AWD_{piid}_7012_-NONE-_-NONE-"
            row[place["award_id_piid"]] = piid
            row[place["modification_number"]] = f"P{number % 5:05d}" if number % 5 else "0"
            row[place["federal_action_obligation"]] = f"{(number * 7919 % 9_000_000) / 100 - 9_000:.2f}"
            row[place["action_date"]] = str(date(2015, 10, 1) + timedelta(days=number % 3600))
            out.writerow(row)
    return path


def measure(rows: int, *, folder: Path | None = None) -> dict[str, Any]:
    """Load ``rows`` made rows as the product does, and read the same file with DuckDB to Parquet, all text.

    Returns ``rows_per_second``, ``baseline_rows_per_second``, ``ratio`` (of rates; 0.5 is asked for) and
    ``peak_gib``, the load's memory (2 asked for). The load includes archive decompression, decoding, checks, keys,
    hashes and quality measures; archiving the file is left out, as fetching is. Each side runs in a process of its own,
    the baseline with all the memory it likes. Needs about 6 GB of disk for two million rows.
    """
    place = Path(tempfile.mkdtemp(prefix="section3c-bench-", dir=folder))
    try:
        path = make_csv(rows, place / "rows.csv")
        workspace = Workspace(place / "data").ensure()
        with EvidenceArchive(workspace.evidence).writer("bench", "bench") as writer:
            capture = writer.write_import(ImportedFile(path=path, filename=path.name, media_type="text/csv",
                                                       fetched_at=datetime.now(UTC)))
        read = _apart(_baseline, path, place / "baseline.parquet")
        loaded = _apart(_load, workspace.root, capture.capture_id)
        size = path.stat().st_size
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return {
        "rows": rows, "columns": len(official_header(LAYOUT)), "bytes": size,
        "seconds": round(loaded["seconds"], 2), "baseline_seconds": round(read["seconds"], 2),
        "rows_per_second": round(rows / loaded["seconds"]),
        "baseline_rows_per_second": round(rows / read["seconds"]),
        "ratio": round(read["seconds"] / loaded["seconds"], 2), "peak_gib": round(loaded["peak"] / _GIB, 2),
        "loaded_rows": loaded["rows"],
    }


def _row(header: tuple[str, ...], draw: random.Random) -> list[str]:
    """A row filled about as real ones are: codes and names set, most descriptions of codes, flags t or f."""
    flags = set(select.known_flags())
    city = draw.choice(("WASHINGTON", "DALLAS", "EL PASO", "TACOMA"))
    given = {
        "awarding_agency_code": "070", "awarding_agency_name": "Department of Homeland Security",
        "awarding_sub_agency_code": "7012", "funding_sub_agency_code": draw.choice(("7012", "7055", "7014")),
        "awarding_sub_agency_name": "U.S. Immigration and Customs Enforcement",
        "funding_sub_agency_name": "U.S. Immigration and Customs Enforcement",
        "recipient_name": f"MADE COMPANY {draw.randrange(900)}, LLC",
        "recipient_uei": f"MADE{draw.randrange(10**8):08d}",
        "transaction_description": " ".join(draw.choices(_WORDS, k=draw.randrange(4, 30))).upper(),
        "prime_award_base_transaction_description": " ".join(draw.choices(_WORDS, k=12)).upper(),
        "product_or_service_code": draw.choice(("S206", "D317", "R408")), "naics_code": "561612",
        "last_modified_date": "2024-05-06", "period_of_performance_start_date": "2020-01-01",
        "period_of_performance_current_end_date": "2025-12-31 00:00:00", "potential_total_value_of_award": "1250000.50",
        "award_type_code": "C", "award_or_idv_flag": "AWARD", "recipient_city_name": city,
    }
    letters = {name: "t" if name in _FLAGS_TRUE else "f" for name in flags}
    return [given.get(name) or letters.get(name) or _filler(name, draw) for name in header]


def _filler(name: str, draw: random.Random) -> str:
    if name.startswith("highly_compensated") or "fax" in name or "phone" in name:
        return ""
    if draw.random() < 0.35:
        return ""
    return "N" if name.endswith("_code") else draw.choice(("NOT APPLICABLE", "NO", "NOT A BUNDLED REQUIREMENT"))


def _apart(work: Callable[..., dict[str, float]], *arguments: object) -> dict[str, float]:
    """Run in a fresh process, so that each side's memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _baseline(path: Path, target: Path) -> dict[str, float]:
    with duckdb.connect(config={"threads": 2}) as con:
        started = time.perf_counter()
        con.execute(f"COPY (SELECT * FROM read_csv('{path}', all_varchar=true)) TO '{target}' "  # noqa: S608
                    "(FORMAT parquet, COMPRESSION zstd)").fetchall()
        return {"seconds": time.perf_counter() - started}


def _load(root: Path, capture_id: str) -> dict[str, float]:
    workspace = Workspace(root)
    started = time.perf_counter()
    report = load([Harvest(capture_id, "usaspending_csv", "bench", {})], EvidenceArchive(workspace.evidence),
                  workspace.lake, source="bench")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "peak": peak, "rows": sum(report.rows.values())}
