"""Dagster's code location (`-m pipelines.definitions`): assets, jobs, schedules, sensor, resources put together.

Belongs here: which assets exist and when they run. Does not belong here: what an asset does (assets.py, stages.py)
or housekeeping (upkeep.py). Sources come from crawlers/sources/*.yaml: a new one adds its assets by itself.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from crawlers.sources import Source, all_sources
from pipelines import assets, upkeep
from pipelines.settings import schedule_runs, settings

#: Cadence of the sources, the job that runs them, what it says of itself. Each has a schedule of its own (night.yaml).
CADENCES = (
    ("nightly", "night", "One night: crawl, read, check, publish."),
    ("weekly", "weekly", "Sources that change slowly: registries, company lists, facility lists."),
    ("monthly", "monthly", "Full files: history and what went missing; what a city's holdings are."),
    ("yearly", "yearly", "Sources that are published once a year."),
)
SOURCES_TAG = "section3c/sources"
WRITES_TAG = {"section3c/writes": "workspace"}
STATUS = dg.DefaultScheduleStatus.RUNNING if schedule_runs() else dg.DefaultScheduleStatus.STOPPED
SENSOR_STATUS = dg.DefaultSensorStatus.RUNNING if schedule_runs() else dg.DefaultSensorStatus.STOPPED


def pool(source: Source) -> str:
    """The pool of a source: its host, so that sources of one host are never crawled by two runs at once."""
    return re.sub(r"[^a-z0-9]+", "_", source.base_url.split("://", 1)[1].lower()).strip("_")


def job_for(name: str, sources: list[str], description: str) -> dg.UnresolvedAssetJobDefinition:
    """A job over some sources' assets and all layers they share."""
    return dg.define_asset_job(
        name, selection=dg.AssetSelection.assets(*assets.night_assets(sources)), description=description,
        tags={**WRITES_TAG, SOURCES_TAG: ",".join(sources)},
    )


def daily(name: str, cron: str, job: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """A schedule whose run is the partition of the day it falls on, once a day however often it is evaluated."""

    @dg.schedule(name=name, cron_schedule=cron, execution_timezone=settings().timezone, job=job, default_status=STATUS)
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        when: datetime = context.scheduled_execution_time.astimezone(ZoneInfo(settings().timezone))
        return dg.RunRequest(run_key=f"{name}-{when:%Y-%m-%d}", partition_key=f"{when:%Y-%m-%d}")

    return _schedule


def job_over(sources: tuple[str, ...]) -> tuple[dg.JobDefinition, list[dg.AssetKey] | None]:
    """The job for these sources, and the assets to select in it (None for all): a job of its own where there is one."""
    wanted = assets.night_assets(sources)
    for job in defs.resolve_all_job_defs():
        if job.tags.get(SOURCES_TAG) == ",".join(sources):
            return job, None
    return defs.resolve_implicit_global_asset_job_def(), [dg.AssetKey(name) for name in wanted]


def build() -> dg.Definitions:
    """All definitions. Raises SettingsError, SourceError, OrdinanceError for faults in the YAML files."""
    sources = all_sources()
    crawled = [a for s in sources.values() for a in assets.source_assets(s.name, pool(s))]
    jobs, schedules = [], []
    for cadence, name, description in CADENCES:
        due = [s.name for s in sources.values() if s.cadence == cadence]
        cron = settings().cron(cadence)
        if due and cron:
            jobs.append(job_for(name, due, description))
            schedules.append(daily(cadence, cron, jobs[-1]))
    for source in sources.values():
        if settings().cron(source.cadence) is None:
            jobs.append(job_for(f"{source.name}_run", [source.name], f"{source.title}: by hand only."))
    return dg.Definitions(
        assets=[*crawled, *assets.shared_assets(list(sources))],
        asset_checks=[upkeep.fresh_check(s.name) for s in sources.values()],
        jobs=[*jobs, upkeep.purge_events],
        schedules=[*schedules, upkeep.purge_schedule(STATUS)],
        sensors=[upkeep.freshness_sensor(SENSOR_STATUS)],
        resources={"night": assets.NightResource()},
        executor=dg.in_process_executor,
    )


defs = build()
