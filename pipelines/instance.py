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

from dagster import DagsterInstance
from dagster._core.instance import InstanceRef

from records.workspace import Workspace

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


@contextmanager
def opened(workspace: Workspace, *, capture_output: bool = False) -> Iterator[DagsterInstance]:
    """The workspace's instance, closed afterwards. ``capture_output`` keeps the output of steps in files."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    overrides = {} if capture_output else _NO_COMPUTE_LOGS
    with DagsterInstance.from_ref(InstanceRef.from_dir(str(home(workspace)), overrides=overrides)) as instance:
        yield instance


def environment(workspace: Workspace, *, schedule: str) -> dict[str, str]:
    """Environment of Dagster's own processes for this workspace; ``schedule`` is running or stopped."""
    return {
        **os.environ,
        "DAGSTER_HOME": str(home(workspace)),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "SECTION3C_DATA": str(workspace.root),
        "SECTION3C_SCHEDULE": schedule,
        "PYTHONUNBUFFERED": "1",
    }
