"""Whole runs as a user starts them: `section3c run --live` as a process, against a replica, killed or not.

Belongs here: starting, killing, and reading back what a run left (lake, summary, published tables). Does not belong
here: what is expected of it (the tests).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from records import lake as lakes
from records.schemas import TRANSACTION, is_provenance
from records.workspace import Workspace
from tests.replica.fixtures import Replica
from tests.replica.ingest import Row

ROOT = Path(__file__).resolve().parents[2]
Fact = tuple[str, str, str, Decimal, str]


@dataclass
class Ran:
    """One process: exit code (None when killed), its output, the summary it printed, seconds."""

    code: int | None
    out: str
    err: str
    seconds: float

    @property
    def summary(self) -> dict[str, Any]:
        """The closing summary. Raises AssertionError with the run's own words when there is none."""
        try:
            parsed = json.loads(self.out[self.out.index("{") :])
        except ValueError as error:
            raise AssertionError(f"no summary (exit {self.code}).\n{self.out[-3000:]}\n{self.err[-3000:]}") from error
        assert isinstance(parsed, dict)
        return parsed


@dataclass
class Installation:
    """An installation's folder and the replica it crawls."""

    folder: Path
    replica: Replica
    source: str = "usaspending"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `section3c run --live` in a process group of its own."""
        command = [
            sys.executable, "-m", "section3c", "run", "--live", "--format", "json", "--data", str(self.folder),
            "--source", self.source, "--base-url", f"{self.source}={self.replica.base}", *arguments,
        ]  # fmt: skip
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "SECTION3C_CONTACT": "tests@example.org",
                       "NO_COLOR": "1"}  # fmt: skip
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, limit: float = 900.0) -> Ran:
        """Run to the end. Raises subprocess.TimeoutExpired after ``limit`` seconds, with the group killed."""
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=limit)
        except BaseException:  # a test that is given up must leave nobody at work
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Ran(process.returncode, out, err, time.monotonic() - started)

    def run_and_kill(self, after: float, *arguments: str, whole_group: bool) -> Ran:
        """Start a run and kill -9 it after some seconds: with its children, or alone (they must then end themselves
        or stay out of the next run's way). A run that ends before is left in peace."""
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            if whole_group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            out, err = _rest(process)
            return Ran(None, out, err, time.monotonic() - started)
        return Ran(process.returncode, out, err, time.monotonic() - started)

    def transactions(self) -> pa.Table:
        """All rows of lake/transaction, as parsed from every capture."""
        return lakes.read_table(self.workspace.lake, "transaction", TRANSACTION)

    def facts(self) -> set[Fact]:
        """The distinct transactions that stand in the lake, by what they say."""
        names = ["award_key", "modification", "action_date", "obligation", "description", "deleted"]
        return {
            (row["award_key"], row["modification"] or "", row["action_date"].isoformat(),
             row["obligation"] or Decimal("0.00"), row["description"] or "")
            for row in self.transactions().select(names).to_pylist()
            if not row["deleted"]
        }  # fmt: skip

    def table_facts(self, table: str, schema: pa.Schema) -> set[str]:
        """A lake table's distinct rows without provenance, as text; independent of the product's own hashes."""
        kept = [column.name for column in schema if not is_provenance(column)]
        seen: set[str] = set()
        for path in lakes.files(self.workspace.lake, table):
            for row in pq.ParquetFile(path).read(columns=kept).to_pylist():
                seen.add(json.dumps(row, sort_keys=True, default=str))
        assert seen, f"lake/{table} is empty"
        return seen

    def reader_versions(self) -> set[str]:
        """Versions of the award reader that stand in the lake: the code may be edited while a long test runs."""
        found: set[str] = set()
        for path in lakes.files(self.workspace.lake, "statement"):
            found |= set(pq.ParquetFile(path).read(columns=["reader_version"]).column(0).to_pylist())
        return found


def expected_facts(rows: list[Row]) -> set[Fact]:
    """What the lake must hold for the service's rows."""
    return {
        (row["contract_award_unique_key"], row.get("modification_number", ""), row["action_date"],
         Decimal(row.get("federal_action_obligation") or "0.00"), row.get("transaction_description", ""))
        for row in rows
    }  # fmt: skip


def visible(replica: Replica, start: str = "", end: str = "9999") -> list[Row]:
    """The service's rows of today, by action date."""
    ids = replica.service.store.select("id", "tx", "action_date BETWEEN ? AND ?", [start, end])
    return [replica.service.store.rows[number] for (number,) in ids]


def proofs(ran: Ran) -> list[dict[str, Any]]:
    """All proofs of completeness of a run's summary."""
    return [proof for source in ran.summary["sources"] for proof in source["proofs"]]


def distinct(table: pa.Table, column: str) -> int:
    """Number of distinct values."""
    found: int = pc.count_distinct(table.column(column)).as_py()
    return found


def _rest(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a killed process had still written; an orphan may hold the pipes open, so not for long."""
    try:
        return process.communicate(timeout=1.0)
    except subprocess.TimeoutExpired:
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()
        return "", ""
