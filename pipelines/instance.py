"""Dagster's own storage in a workspace: its home folder, its settings file, an opened instance.

Belongs here: whatever only concerns where and how Dagster keeps its books. Does not belong here: assets, or anything
that a run decides.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from dagster import DagsterEventType, DagsterInstance
from dagster._core.instance import InstanceRef

from pipelines.lock import workspace_lock
from records.workspace import Workspace

_PREPARE_SECONDS = 60.0
# A run in the foreground shows its own progress; redirecting its output into files would hide it and costs 0.3 s.
_NO_COMPUTE_LOGS = {
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
        "config": {},
    }
}


def home(workspace: Workspace) -> Path:
    """Dagster's home in this workspace; writes its settings file on first use and never changes it afterwards."""
    folder = workspace.state / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        template = resources.files("pipelines").joinpath("dagster.yaml").read_text(encoding="utf-8")
        temporary = folder / f".dagster.yaml.{os.getpid()}"
        temporary.write_text(template, encoding="utf-8")
        temporary.replace(settings)
    return folder


def prepare(workspace: Workspace) -> Path:
    """Make Dagster's books once, by one process at a time: SQLite files that several processes make together end with
    a version table that none of them can read. Returns Dagster's home."""
    folder = home(workspace)
    ready = folder / ".ready"
    if not ready.exists():
        with workspace_lock(workspace, "making Dagster's books", name="dagster", wait_seconds=_PREPARE_SECONDS):
            if not ready.exists():
                with DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides=_NO_COMPUTE_LOGS)) as books:
                    books.get_runs_count()
                    books.fetch_run_status_changes(DagsterEventType.RUN_SUCCESS, limit=1)
                    books.all_instigator_state()
                ready.touch()
    return folder


@contextmanager
def opened(workspace: Workspace, *, capture_output: bool = False) -> Iterator[DagsterInstance]:
    """The workspace's instance, closed afterwards. ``capture_output`` keeps the output of steps in files."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    overrides = {} if capture_output else _NO_COMPUTE_LOGS
    with DagsterInstance.from_ref(InstanceRef.from_dir(str(prepare(workspace)), overrides=overrides)) as instance:
        yield instance


def environment(workspace: Workspace, *, schedule: str) -> dict[str, str]:
    """Environment of Dagster's own processes for this workspace; ``schedule`` is running or stopped."""
    return {
        **os.environ,
        "DAGSTER_HOME": str(prepare(workspace)),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "SECTION3C_DATA": str(workspace.root),
        "SECTION3C_SCHEDULE": schedule,
        "PYTHONUNBUFFERED": "1",
    }
