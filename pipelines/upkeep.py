"""Housekeeping around the nights: whether sources are fresh, and keeping Dagster's own books small.

Belongs here: the freshness checks and their sensor, the purge of old runs and events. Does not belong here: evidence,
lake and published versions; nothing here ever deletes those.
No postponed annotations: Dagster looks at those of an op.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.freshness import Freshness, freshness
from pipelines.settings import settings
from records.workspace import Workspace

_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def fresh_check(source: str) -> dg.AssetChecksDefinition:
    """The check `fresh` on a source's captures, for the page and for hand; the sensor evaluates it by itself."""

    @dg.asset_check(asset=f"{source}_captures", name="fresh", blocking=False,
                    description="Whether the newest proven crawl day is recent enough for the source's cadence.")
    def _fresh() -> dg.AssetCheckResult:
        mark = next(m for m in freshness(Workspace.default()) if m.source == source)
        return dg.AssetCheckResult(passed=not mark.stale, severity=dg.AssetCheckSeverity.WARN,
                                   description=mark.reason, metadata=_shown(mark))

    return _fresh


def freshness_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """Evaluates every source's freshness by the clock, whether or not a night ran: silence is not health."""

    @dg.sensor(name="freshness", minimum_interval_seconds=settings().freshness_minutes * 60, default_status=status)
    def _sensor() -> dg.SensorResult:
        found = freshness(Workspace.default())
        events = [
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(f"{mark.source}_captures"), check_name="fresh", passed=not mark.stale,
                severity=dg.AssetCheckSeverity.WARN, description=mark.reason, metadata=_shown(mark),
            )
            for mark in found
        ]
        stale = [mark.source for mark in found if mark.stale]
        return dg.SensorResult(asset_events=events,
                               skip_reason=f"stale: {', '.join(stale)}" if stale else "all sources fresh")

    return _sensor


@dataclass
class PurgeReport:
    """What a purge removed, and the size of SQLite's files before and after, in bytes."""

    runs: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


def purge(instance: dg.DagsterInstance, keep_days: int, now: datetime | None = None) -> PurgeReport:
    """Delete Dagster's runs and events older than ``keep_days``; each asset's newest materialisation stays.

    Only finished runs go. SQLite's index file is compacted afterwards where nothing holds it; that is retried by
    the next purge.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=keep_days)
    folder = Path(instance.root_directory)
    report = PurgeReport(bytes_before=_size(folder))
    newest = _newest_materialisations(instance)
    filters = dg.RunsFilter(statuses=_FINISHED, created_before=before)
    old = [r.dagster_run.run_id for r in instance.get_run_records(filters=filters)]
    for run_id in old:
        if run_id not in newest:
            instance.delete_run(run_id)
            _remove_files(folder, run_id)
            report.runs += 1
    if report.runs:
        _compact(folder)
    report.bytes_after = _size(folder)
    return report


@dg.op
def purge_old_events(context: dg.OpExecutionContext) -> None:
    """Delete runs older than keep_runs_days."""
    report = purge(context.instance, settings().keep_runs_days)
    context.log.info(f"{report.runs} runs removed, {report.bytes_before} -> {report.bytes_after} bytes")
    context.add_output_metadata({"runs": report.runs, "bytes_before": report.bytes_before,
                                 "bytes_after": report.bytes_after})


@dg.job(name="purge_events", description="Keeps Dagster's SQLite event log small; touches no evidence and no data.",
        executor_def=dg.in_process_executor)
def purge_events() -> None:
    """One op."""
    purge_old_events()


def purge_schedule(status: dg.DefaultScheduleStatus) -> dg.ScheduleDefinition:
    """Weekly purge."""
    return dg.ScheduleDefinition(name="purge", job=purge_events, cron_schedule=settings().purge,
                                 execution_timezone=settings().timezone, default_status=status)


def _newest_materialisations(instance: dg.DagsterInstance) -> set[str]:
    """Runs that hold the newest materialisation of an asset: the page would show the asset as never made."""
    found = set()
    for record in instance.get_asset_records():
        if record.asset_entry.last_run_id:
            found.add(record.asset_entry.last_run_id)
    return found


def _remove_files(folder: Path, run_id: str) -> None:
    """What delete_run leaves behind: the run's own event file and its captured output."""
    for file in (folder / "history" / "runs").glob(f"{run_id}.db*"):
        file.unlink(missing_ok=True)
    shutil.rmtree(folder / "storage" / run_id, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*.db*") if p.is_file())


def _compact(folder: Path) -> None:
    """Give freed pages back; SQLite keeps them otherwise. A database in use is left for the next time."""
    for file in (folder / "history" / "runs" / "index.db", folder / "history" / "runs.db"):
        if not file.exists():
            continue
        with closing(sqlite3.connect(file, timeout=5)) as connection:
            try:
                connection.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise


def _shown(mark: Freshness) -> dict[str, Any]:
    return {"last_day": str(mark.last_day), "hours": mark.hours if mark.hours is not None else -1.0,
            "allowed_hours": mark.allowed_hours}
