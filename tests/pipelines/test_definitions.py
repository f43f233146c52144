"""The code location: it loads, each source has its partitioned assets, the schedule asks for the day it falls on."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from crawlers.sources import all_sources
from pipelines import definitions
from pipelines.assets import DAYS, SHARED_LAYERS, night_assets
from pipelines.freshness import Mark, write_mark
from pipelines.settings import settings
from pipelines.upkeep import purge
from records.workspace import Workspace

DEFS = definitions.defs


def test_definitions_load_and_are_valid() -> None:
    dg.Definitions.validate_loadable(DEFS)


def test_every_source_has_partitioned_captures_and_lake_behind_its_hosts_pool() -> None:
    graph = DEFS.resolve_asset_graph()
    for source in all_sources().values():
        for layer in ("captures", "lake"):
            key = dg.AssetKey(f"{source.name}_{layer}")
            assert graph.get(key).partitions_def == DAYS
        assert graph.get(dg.AssetKey(f"{source.name}_captures")).pools == {definitions.pool(source)}


def test_sources_of_one_host_share_a_pool() -> None:
    pools = {s.base_url: definitions.pool(s) for s in all_sources().values()}
    assert pools["https://api.usaspending.gov"] == "api_usaspending_gov"


def test_layers_stand_on_each_other_in_order() -> None:
    graph = DEFS.resolve_asset_graph()
    for lower, upper in itertools.pairwise(SHARED_LAYERS):
        assert dg.AssetKey(lower) in graph.get(dg.AssetKey(upper)).parent_keys
    lakes = {dg.AssetKey(f"{name}_lake") for name in all_sources()}
    assert lakes <= graph.get(dg.AssetKey("awards")).parent_keys


def test_publication_waits_for_a_blocking_check() -> None:
    graph = DEFS.resolve_asset_graph()
    checks = {key.name: graph.get_check_spec(key) for key in graph.asset_check_keys}
    assert checks["publishable"].blocking
    assert checks["publishable"].asset_key == dg.AssetKey("warehouse_version")


@pytest.mark.parametrize(("cadence", "job"), [("nightly", "night"), ("weekly", "weekly"), ("monthly", "monthly")])
def test_sources_of_a_cadence_have_their_job_and_schedule(cadence: str, job: str) -> None:
    due = [s.name for s in all_sources().values() if s.cadence == cadence]
    found = DEFS.resolve_job_def(job)
    keys = {key.to_user_string() for key in found.asset_layer.executable_asset_keys}
    assert due and keys == set(night_assets(due))
    schedule = DEFS.resolve_schedule_def(cadence)
    assert (schedule.job_name, schedule.cron_schedule) == (job, settings().cron(cadence))


def test_every_source_runs_by_itself_or_by_hand() -> None:
    jobs = [job.tags.get(definitions.SOURCES_TAG, "") for job in DEFS.resolve_all_job_defs()]
    listed = [name for tag in jobs for name in tag.split(",") if name]
    assert sorted(listed) == sorted(all_sources()), "each in one job, none in two"


def test_the_schedule_asks_for_the_day_it_falls_on_once() -> None:
    schedule = DEFS.resolve_schedule_def("nightly")
    # half past seven UTC is half past three in New York, summer time
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 7, 5, 7, 30, tzinfo=UTC), repository_def=DEFS.get_repository_def()
    )
    requests = schedule.evaluate_tick(context).run_requests
    assert requests is not None
    assert [(r.partition_key, r.run_key) for r in requests] == [("2026-07-05", "nightly-2026-07-05")]


def test_any_set_of_sources_finds_its_job() -> None:
    nightly = tuple(s.name for s in all_sources().values() if s.cadence == "nightly")
    job, selection = definitions.job_over(nightly)
    assert (job.name, selection) == ("night", None)
    everything = tuple(all_sources())
    job, selection = definitions.job_over(everything)
    assert selection is None or {k.to_user_string() for k in selection} == set(night_assets(everything))


@pytest.mark.parametrize(("variable", "expected"), [("running", "RUNNING"), ("stopped", "STOPPED"), ("", "STOPPED")])
def test_schedules_run_only_where_they_are_told_to(variable: str, expected: str) -> None:
    code = (
        "from pipelines.definitions import defs;"
        "print(*{s.default_status.value for s in defs.schedules}, *{s.default_status.value for s in defs.sensors})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={"PATH": "", "SECTION3C_SCHEDULE": variable, "PYTHONPATH": str(Path.cwd())})
    assert found.stdout.split() == [expected, expected]


def test_light_modules_import_neither_dagster_nor_scrapy_nor_spacy() -> None:
    code = (
        "import sys; import pipelines.foreground, pipelines.doctor, pipelines.up, pipelines.stages;"
        "print(*sorted({'dagster', 'scrapy', 'spacy', 'duckdb'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_the_freshness_sensor_reports_what_was_covered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "data").ensure()
    monkeypatch.setenv("SECTION3C_DATA", str(workspace.root))
    old = date(2025, 1, 2)
    write_mark(workspace, Mark("usaspending", old, "r", "live", old, old, True, datetime(2025, 1, 2, 9, tzinfo=UTC)))
    with dg.instance_for_test() as instance:
        context = dg.build_sensor_context(instance=instance, repository_def=DEFS.get_repository_def())
        result = DEFS.resolve_sensor_def("freshness").evaluate_tick(context)
    found = {e.asset_key.to_user_string(): e for e in result.asset_events if isinstance(e, dg.AssetCheckEvaluation)}
    assert not found["usaspending_captures"].passed
    assert "2025-01-02" in (found["usaspending_captures"].description or "")
    assert "usaspending" in (result.skip_message or "")


def test_purge_removes_old_runs_but_never_an_assets_newest(tmp_path: Path) -> None:
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:

        @dg.asset
        def thing() -> None: ...

        @dg.op
        def nothing() -> None: ...

        @dg.job
        def chore() -> None:
            nothing()

        made = [dg.materialize([thing], instance=instance).run_id for _ in range(2)]
        chores = [chore.execute_in_process(instance=instance).run_id for _ in range(2)]
        untouched = purge(instance, keep_days=30)
        assert untouched.runs == 0
        report = purge(instance, keep_days=30, now=datetime(2100, 1, 1, tzinfo=UTC))
        left = {r.dagster_run.run_id for r in instance.get_run_records()}
        assert report.runs == 3
        assert left == {made[1]}
        assert not left & set(chores)
        assert instance.get_latest_materialization_event(dg.AssetKey("thing")) is not None
        assert not list(tmp_path.rglob(f"{chores[0]}*"))
