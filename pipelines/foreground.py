"""`section3c run`: the nightly job once, in this process, so that its run stands on Dagster's page like any other.

Belongs here: holding the lock, executing the job, turning its end into a summary, the calls the command line makes.
Does not belong here: what a stage does (stages.py), how a summary looks (render.py). Dagster is imported only when
there is something to do: a replay of an archive that is already published as it stands ends before that.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import sys
import uuid
import warnings
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from pipelines import night as nights
from pipelines import settled, summary
from pipelines.journal import plain
from pipelines.options import OptionsError, RunError, RunOptions, parse_base_urls
from pipelines.progress import Progress, listening
from pipelines.render import Bars, render, render_import
from pipelines.settings import settings
from pipelines.summary import RunSummary
from records.workspace import Workspace

__all__ = ["OptionsError", "RunError", "RunOptions", "RunSummary", "parse_base_urls", "run", "run_with_progress",
           "show", "show_import"]

# Dagster's page groups runs by the code location they came from; without the tag a foreground run has none.
_LOCATION_TAG = {".dagster/repository": "__repository__@pipelines.definitions"}


def run(options: RunOptions, progress: Progress | None = None) -> RunSummary:
    """Run the night once and say what came of it; ``RunSummary.exit_code`` is the shell's.

    A stage that fails ends the run: the last published version stays, the summary says what failed and why.
    Raises OptionsError for options that contradict each other, BusyError when another run is at work here.
    """
    run_id = str(uuid.uuid4())
    day = settings().today()
    with nights.locked(options.workspace, run_id, options.mode) as left_behind, listening(progress):
        done = settled.nothing_to_do(options)
        if done is not None:
            return summary.unchanged(options, run_id, done, left_behind)
        checked = options.checked()
        with nights.opened(checked, run_id, day, left_behind=left_behind) as night:
            _execute(checked, run_id, day)
            found = summary.finished(night)
        if found.ok and found.complete:
            settled.remember(options, found)
        return found


def run_with_progress(workspace: Workspace, options: RunOptions) -> RunSummary:
    """``run`` in that workspace with progress bars on the error stream, where that is a terminal."""
    chosen = dataclasses.replace(options, workspace=workspace)
    console = Console(stderr=True)
    if not console.is_terminal:
        return run(chosen)
    with Bars(console) as bars:
        return run(chosen, bars)


def show(found: RunSummary, output: str = "table") -> None:
    """Print the summary to standard output: readable, or with ``output`` 'json' as one JSON object."""
    if output == "json":
        sys.stdout.write(json.dumps(plain(found) | {"ok": found.ok}, ensure_ascii=False, indent=1) + "\n")
    else:
        render(found, Console(highlight=False))


def show_import(file: Path, report: Any) -> None:
    """Print what an import of one file did."""
    render_import(file, report, Console(highlight=False))


def _execute(options: RunOptions, run_id: str, day: date) -> None:
    """The job in this process. Failures of stages are in the journal; anything else is raised."""
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    with warnings.catch_warnings():
        # Dagster's own warnings and log lines would tear the progress bars; its events are in its books.
        warnings.simplefilter("ignore")
        logging.getLogger("dagster").setLevel(logging.CRITICAL)
        from pipelines import definitions, instance

        job, selection = definitions.job_over(options.sources)
        with instance.opened(options.workspace) as books:
            job.execute_in_process(
                instance=books,
                run_id=run_id,
                partition_key=day.isoformat(),
                run_config={
                    "resources": {"night": {"config": options.to_config()}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                tags={**definitions.WRITES_TAG, **_LOCATION_TAG, "section3c/sources": ",".join(options.sources),
                      "section3c/foreground": str(os.getpid())},
                asset_selection=selection,
                raise_on_error=False,
            )
