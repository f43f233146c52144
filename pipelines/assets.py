"""Dagster assets, one a stage and source: each calls its stage and reports what it did. No business logic.

Coarse on purpose: a step costs some 50 ms in process and two seconds in a process of its own. Asset graph:
SOURCE_captures -> SOURCE_lake (daily partitions: the crawl day) -> awards -> statements -> evidence_check ->
warehouse_version (built, checks blocking) -> warehouse (published).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field, PrivateAttr

from pipelines import night as nights
from pipelines import stages, summary
from pipelines.journal import plain
from pipelines.options import RunOptions
from pipelines.settings import settings

DAYS = dg.DailyPartitionsDefinition(
    start_date=settings().first_day.isoformat(), timezone=settings().timezone, end_offset=1
)
SHARED_LAYERS = ("awards", "statements", "evidence_check", "warehouse_version", "warehouse")


def night_assets(sources: Iterable[str]) -> list[str]:
    """Names of all assets of a night over these sources."""
    return [f"{s}_{layer}" for s in sources for layer in ("captures", "lake")] + list(SHARED_LAYERS)


class NightResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The options of a run, and the workspace's lock and journal for as long as it lasts.

    ``data`` empty means SECTION3C_DATA. Dates are YYYY-MM-DD or empty.
    """

    data: str = ""
    mode: str = "live"
    replay: str = ""
    base_urls: dict[str, str] = Field(default_factory=dict)
    date_from: str = ""
    date_to: str = ""
    path: str = "auto"
    workers: int = 0
    full_verify: bool = False
    accept_drift: bool = False
    _night: nights.Night | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[NightResource]:
        """Hold the lock and the journal around the run's steps; close the journal with a summary, however it ends."""
        run = context.run
        if run is None:
            raise dg.DagsterInvariantViolationError("a night needs a run: materialise its assets in a job")
        key = run.tags.get("dagster/partition")
        day = date.fromisoformat(key) if key else settings().today()
        sources = tuple(s for s in run.tags.get("section3c/sources", "").split(",") if s)
        options = RunOptions.from_config(self.model_dump(), sources) if sources else RunOptions.from_config(
            self.model_dump())
        wait = settings().lock_wait_minutes * 60.0
        with nights.opened(options, run.run_id, day, wait_seconds=wait) as night:
            self._night = night
            try:
                yield self
            finally:
                summary.close(night)

    def run(self, name: str, label: str, work: Callable[[nights.Night], Any]) -> Any:
        """Run one stage in the night."""
        if self._night is None:
            raise dg.DagsterInvariantViolationError("the night is not open")
        return self._night.run(name, label, work)


def source_assets(source: str, pool: str) -> list[dg.AssetsDefinition]:
    """Captures and lake partitions of one source."""
    captures = f"{source}_captures"

    @dg.asset(
        name=captures, group_name=source, partitions_def=DAYS, pool=pool, kinds={"warc"},
        description=f"Archived requests and responses of {source}: one partition a crawl day.",
        check_specs=[dg.AssetCheckSpec("complete", asset=captures,
                                       description="The source's own counts agree with the rows collected.")],
    )
    def _captures(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        report = night.run(captures, f"Crawling {source}", lambda n: stages.crawl_source(n, source))
        told = _metadata({"proofs": report.proofs, "problems": report.problems})
        check = dg.AssetCheckResult(check_name="complete", passed=report.proven, severity=dg.AssetCheckSeverity.WARN,
                                    description=report.headline(), metadata=told)
        return dg.MaterializeResult(metadata=_metadata(report), check_results=[check])

    @dg.asset(
        name=f"{source}_lake", group_name=source, partitions_def=DAYS, deps=[_captures], kinds={"parquet"},
        description=f"Rows read from {source}'s captures, as Parquet partitions replaced whole.",
    )
    def _lake(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        report = night.run(f"{source}_lake", f"Reading {source}'s captures", lambda n: stages.load_source(n, source))
        return dg.MaterializeResult(metadata=_metadata(report))

    return [_captures, _lake]


def shared_assets(sources: list[str]) -> list[dg.AssetsDefinition]:
    """The layers that all sources share, in their order."""

    @dg.asset(group_name="awards", deps=[f"{s}_lake" for s in sources], kinds={"parquet"},
              description="Awards that stand: duplicates, corrections and deletions settled.")
    def awards(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=_metadata(night.run("awards", "Composing awards", stages.compose)))

    @dg.asset(group_name="awards", deps=[awards], kinds={"parquet"},
              description="Who supplies what to whom, by which words.")
    def statements(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=_metadata(night.run("statements", "Reading awards", stages.read)))

    @dg.asset(group_name="warehouse", deps=[statements], kinds={"warc"},
              description="Hashes and spans recomputed; what does not verify is withdrawn.")
    def evidence_check(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(
            metadata=_metadata(night.run("evidence_check", "Verifying evidence", stages.verify)))

    @dg.asset(group_name="warehouse", deps=[evidence_check], kinds={"duckdb"},
              check_specs=[dg.AssetCheckSpec("publishable", asset="warehouse_version", blocking=True,
                                             description="Every blocking check of the new version passed.")],
              description="The next version, built and checked, not yet published.")
    def warehouse_version(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        built = night.run("warehouse_version", "Building the warehouse", stages.build)
        checked = night.run("checks", "Checking the new version", stages.check)
        verdict = dg.AssetCheckResult(check_name="publishable", passed=checked.passed,
                                      severity=dg.AssetCheckSeverity.ERROR, description=checked.headline(),
                                      metadata=_metadata(checked))
        return dg.MaterializeResult(metadata=_metadata(built), check_results=[verdict])

    @dg.asset(group_name="warehouse", deps=[warehouse_version], kinds={"duckdb"},
              description="The version readers see: the pointer moves here and nowhere else.")
    def warehouse(night: NightResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(metadata=_metadata(night.run("warehouse", "Publishing", stages.publish)))

    return [awards, statements, evidence_check, warehouse_version, warehouse]


def _metadata(report: Any) -> dict[str, Any]:
    """A report's fields as Dagster metadata: numbers and texts as they are, anything deeper as JSON."""
    body = plain(report) if dataclasses.is_dataclass(report) else dict(report)
    shown: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, (dict, list)):
            shown[key] = dg.MetadataValue.json(value)
        elif value is not None:
            shown[key] = value
    return shown
