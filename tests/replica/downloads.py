"""Bulk download jobs (usaspending.md §§6.1, 6.2): accepted, queued, run, finished or failed, and their zips."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.replica.agencies import TOPTIERS
from tests.replica.csvzip import Part, write_zip
from tests.replica.errors import ApiError, missing, refuse, wrong_enum, wrong_type
from tests.replica.filters import Where, where
from tests.replica.ingest import Row
from tests.replica.layouts import columns
from tests.replica.store import GROUP_OF, Store
from tests.replica.traps import Traps

_TRACE = """An exception was raised while attempting to process the DownloadJob
Traceback (most recent call last):
  File "/dockermount/usaspending_api/download/filestreaming/download_generation.py", line 142, in generate_download
    parse_source(source, columns, download_job, working_dir, piid, assistance_id, zip_file_path, limit, file_format)
  File "/dockermount/usaspending_api/download/filestreaming/download_generation.py", line 388, in parse_source
    wait_for_process(psql_process, start_time, download_job)
Exception: Process timed out after 6 hours: psql: error: server closed the connection unexpectedly
"""
_DATE_COLUMN = {"action_date": "action_date", "last_modified_date": "last_modified"}


@dataclass
class Timing:
    """How long jobs take here, in seconds; the server's own limit is six hours upstream."""

    job: float = 0.5
    limit: float = 20.0


@dataclass
class Job:
    """One download job; its state is a function of the time since it was accepted."""

    file_name: str
    request: dict[str, Any]
    generation: int
    fate: str
    started: float = field(default_factory=time.monotonic)
    columns: int | None = None
    rows: int | None = None
    size: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    error: str | None = None
    ended: float | None = None


class Downloads:
    """Accepts, runs and reports download jobs; zips lie in ``folder``."""

    def __init__(self, store: Store, traps: Traps, folder: Path, timing: Timing, *, rows_per_file: int) -> None:
        self.store, self.traps, self.folder, self.timing = store, traps, folder, timing
        self.rows_per_file = rows_per_file
        self.jobs: dict[str, Job] = {}
        self._latest: dict[str, Job] = {}
        self._attempts: dict[str, int] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def accept(self, body: dict[str, Any], base: str) -> dict[str, Any]:
        """POST bulk_download/awards/: the same unfailed job for an identical request until the next load."""
        request, chosen = self._request(body)
        fingerprint = json.dumps(request, sort_keys=True)
        with self._lock:
            job = self._latest.get(fingerprint)
            reuse = job and job.generation == self.store.generation and self._status(job) != "failed"
            if job is None or not reuse or not self.traps.on("samejob"):
                attempt = self._attempts.get(fingerprint, 0)
                self._attempts[fingerprint] = attempt + 1
                job = Job(self._name(request), request, self.store.generation, self._fate(fingerprint, attempt))
                self.jobs[job.file_name] = self._latest[fingerprint] = job
                threading.Thread(target=self._work, args=(job, chosen), daemon=True).start()
        return {
            "status_url": f"{base}/api/v2/download/status?file_name={job.file_name}",
            "file_name": job.file_name,
            "file_url": f"{base}/generated_downloads/{job.file_name}",
            "download_request": request,
        }

    def status(self, file_name: str | None, base: str) -> dict[str, Any]:
        """GET download/status/: keys as recorded; ``seconds_elapsed`` is a string or null."""
        if not file_name:
            raise refuse(400, "Missing one or more required query parameters: file_name")
        job = self.jobs.get(file_name)
        if job is None:
            raise refuse(404, f"Download job with filename {file_name} does not exist.")
        status = self._status(job)
        elapsed = (job.ended or time.monotonic()) - job.started
        finished = status == "finished"
        return {
            "status": status,
            "message": (job.error or _TRACE) if status == "failed" else None,
            "file_name": file_name,
            "file_url": f"{base}/generated_downloads/{file_name}",
            "total_size": round(job.size / 1000, 3) if finished else None,
            "total_columns": job.columns if finished else None,
            "total_rows": job.rows if finished else None,
            "seconds_elapsed": None if status in {"ready", "queued"} else f"{elapsed:.6f}",
        }

    def file(self, name: str) -> Path | None:
        """The zip of a finished job, else None (the file host answers 403/404 until then)."""
        job = self.jobs.get(name)
        return self.folder / name if job and self._status(job) == "finished" else None

    def reset(self) -> None:
        """Forget all jobs."""
        with self._lock:
            self.jobs.clear()
            self._latest.clear()
            self._attempts.clear()

    def _status(self, job: Job) -> str:
        elapsed, unit = time.monotonic() - job.started, self.timing.job
        if job.error:
            return "failed"
        slow = 6.0 if job.fate == "slow" else 1.0
        if elapsed < unit * 0.2 * slow:
            return "ready"
        if elapsed < unit * 0.5 * slow:
            return "queued"
        if elapsed < unit * slow:
            return "running"
        if job.fate == "failed" or (job.fate == "stuck" and elapsed > self.timing.limit):
            return "failed"
        return "finished" if job.done.is_set() and job.fate != "stuck" else "running"

    def _fate(self, fingerprint: str, attempt: int) -> str:
        """What becomes of a job; only the first of identical requests goes wrong, so asking again helps."""
        if attempt == 0:
            for trap, fate in (("stuckjobs", "stuck"), ("failedjobs", "failed"), ("slowjobs", "slow")):
                if self.traps.springs(trap, fingerprint):
                    return fate
        return "well"

    def _work(self, job: Job, chosen: _Chosen) -> None:
        if job.fate in {"well", "slow"}:
            try:
                path = self.folder / job.file_name
                job.columns, job.rows = write_zip(
                    path, chosen.parts(self.store, job.file_name, headers=self.traps.on("headeronly")),
                    rows_per_file=self.rows_per_file, file_format=job.request["file_format"],
                )  # fmt: skip
                job.size = path.stat().st_size
            except (OSError, ValueError, KeyError) as error:
                job.error = f"{_TRACE}{type(error).__name__}: {error}"
        job.ended = time.monotonic()
        job.done.set()

    def _name(self, request: dict[str, Any]) -> str:
        kinds = request["filters"]["prime_and_sub_award_types"]
        prime, sub = bool(kinds["prime_awards"]), bool(kinds["sub_awards"])
        what = "PrimeTransactionsAndSubawards" if prime and sub else "PrimeTransactions" if prime else "Subawards"
        now = datetime.now(UTC)
        while (name := f"All_{what}_{now:%Y-%m-%d_H%HM%MS%S%f}.zip") in self.jobs:
            now = now.replace(microsecond=(now.microsecond + 1) % 1_000_000)
        return name

    def _request(self, body: dict[str, Any]) -> tuple[dict[str, Any], _Chosen]:
        filters = body.get("filters")
        if not isinstance(filters, dict) or not filters:
            raise refuse(400, "Missing one or more required body parameters: filters")
        prime, sub = filters.get("prime_award_types") or [], filters.get("sub_award_types") or []
        if not prime and not sub:
            raise refuse(400, "Missing one or more required body parameters: prime_award_types or sub_award_types")
        for kind in prime:
            if kind not in GROUP_OF:
                raise wrong_enum("filters|prime_award_types", sorted(GROUP_OF))
        for kind in sub:
            if kind not in {"grant", "procurement"}:
                raise wrong_enum("filters|sub_award_types", ["grant", "procurement"])
        file_format = body.get("file_format") or "csv"
        if file_format not in {"csv", "tsv", "pstxt"}:
            raise wrong_enum("file_format", ["csv", "tsv", "pstxt"])
        kind, start, end = _range(filters)
        agencies = _agencies(filters)
        request: dict[str, Any] = {
            "columns": body.get("columns") or [],
            "download_types": (["prime_awards"] if prime else []) + (["sub_awards"] if sub else []),
            "file_format": file_format,
            "filters": {
                "agencies": agencies,
                "prime_and_sub_award_types": {"prime_awards": sorted(prime), "sub_awards": sorted(sub)},
                "time_period": [{"date_type": kind, "end_date": end, "start_date": start}],
            },
            "request_type": "award",
        }
        found = where({"agencies": agencies} if agencies else {}, strict_types=False)
        if prime:
            found.parts += where({"award_type_codes": prime}, strict_types=True).parts
            found.values += where({"award_type_codes": prime}, strict_types=True).values
        found.add(f"{_DATE_COLUMN[kind]} BETWEEN ? AND ?", start, end)
        if filters.get("keyword"):
            request["filters"]["keyword"] = filters["keyword"]
            found.add("instr(words, ?) > 0", str(filters["keyword"]).upper())
        return request, _Chosen(found, prime, sub, agencies, start, end)


def _range(filters: dict[str, Any]) -> tuple[str, str, str]:
    kind = filters.get("date_type")
    if kind not in _DATE_COLUMN:
        if kind is None:
            raise refuse(400, "Missing one or more required body parameters: date_type")
        raise refuse(400, f"Invalid parameter for date_type: {kind}")
    span = filters.get("date_range")
    if not isinstance(span, dict) or not span.get("start_date") or not span.get("end_date"):
        raise refuse(400, "Missing one or more required body parameters: date_range")
    try:
        start, end = date.fromisoformat(span["start_date"]), date.fromisoformat(span["end_date"])
    except (TypeError, ValueError):
        raise refuse(400, "Invalid parameter: date_range contains an invalid date. Use YYYY-MM-DD") from None
    if (end - start).days > 366:
        raise refuse(400, "Invalid Parameter: date_range total days must be within a year")
    return kind, start.isoformat(), end.isoformat()


def _agencies(filters: dict[str, Any]) -> list[dict[str, Any]]:
    """The agencies asked for; the legacy ``agency`` is a database id, not a code."""
    entries = filters.get("agencies")
    if entries:
        if not isinstance(entries, list):
            raise wrong_type("filters|agencies", entries, "array")
        for entry in entries:
            if not isinstance(entry, dict) or not {"type", "tier", "name"} <= set(entry):
                raise missing("filters|agencies")
        return entries
    legacy = filters.get("agency", "all")
    if legacy == "all":
        return []
    top = next((t for t in TOPTIERS.values() if str(t.bulk_id) == str(legacy)), None)
    if top is None:
        raise refuse(400, f"Toptier ID not found: {legacy}")
    sub = filters.get("sub_agency")
    if sub:
        return [{"type": "awarding", "tier": "subtier", "name": sub, "toptier_name": top.name}]
    return [{"type": "awarding", "tier": "toptier", "name": top.name}]


@dataclass
class _Chosen:
    """Which rows a job delivers, as of the moment it was accepted."""

    found: Where
    prime: list[str]
    sub: list[str]
    agencies: list[dict[str, Any]]
    start: str
    end: str

    def parts(self, store: Store, file_name: str, *, headers: bool) -> Iterator[Part]:
        stamp = file_name.removesuffix(".zip").partition("_20")[2]
        if self.prime:
            ids = store.select("id, grp", "tx", self.found.text, self.found.values, "ORDER BY id")
            for label, layout, wanted in (
                ("Contracts", "transaction_contracts", {"contracts", "idvs"}),
                ("Assistance", "transaction_assistance", {"grants", "direct_payments", "loans", "other"}),
            ):
                rows = [store.rows[n] for n, group in ids if group in wanted]
                if rows or (headers and wanted & {GROUP_OF[kind] for kind in self.prime}):
                    yield Part(f"All_{label}_PrimeTransactions_20{stamp}", columns(layout), rows)
        if "procurement" in self.sub:
            rows = [row for row in store.subawards if self._sub_matches(row)]
            yield Part(f"All_Contracts_Subawards_20{stamp}", columns("subaward_contracts"), rows)
        if "grant" in self.sub and headers:
            yield Part(f"All_Assistance_Subawards_20{stamp}", columns("subaward_assistance"), [])

    def _sub_matches(self, row: Row) -> bool:
        if not self.start <= row.get("subaward_action_date", "") <= self.end:
            return False
        for side in ("awarding", "funding"):
            names = {entry["name"].upper() for entry in self.agencies if entry["type"] == side}
            filed = {row.get(f"prime_award_{side}_sub_agency_name", "").upper(),
                     row.get(f"prime_award_{side}_agency_name", "").removesuffix(" (DHS)").upper()}  # fmt: skip
            if names and not names & filed:
                return False
        return True


def not_there() -> ApiError:
    """What the file host says of a file it does not have."""
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return ApiError(403, body, "application/xml")
