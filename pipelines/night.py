"""One run in progress: its options, its journal, its listener, and the lock it holds. No stage, no Dagster."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Protocol, TypeVar

from pipelines.journal import Journal, plain
from pipelines.lock import workspace_lock
from pipelines.options import RunOptions
from pipelines.progress import Progress, listener
from records.workspace import Workspace


class Headline(Protocol):
    """What every stage's report offers: one line for people, and whether the stage found nothing to do."""

    skipped: bool

    def headline(self) -> str:
        """What the stage did, in a few words."""


R = TypeVar("R", bound=Headline)


class StageError(Exception):
    """A stage could not do its work; the message says what, where, and what to do. Nothing was published."""


@dataclasses.dataclass(frozen=True)
class Night:
    """What a stage is given. ``carried`` holds objects that a later stage of the same process may use again."""

    options: RunOptions
    run_id: str
    day: date
    journal: Journal
    carried: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """Where everything lies."""
        return self.options.workspace

    @property
    def progress(self) -> Progress:
        """Who listens."""
        return listener()

    def run(self, name: str, label: str, work: Callable[[Night], R]) -> R:
        """Run one stage: timed, journalled, shown. Its error is journalled and raised again."""
        self.progress.start(name, label)
        try:
            with self.journal.stage(name) as entry:
                report = work(self)
                entry["report"] = plain(report)
                entry["headline"] = report.headline()
                entry["skipped"] = report.skipped
        except BaseException as error:
            self.progress.finish(name, f"{type(error).__name__}: {error}", ok=False)
            raise
        self.progress.finish(name, report.headline())
        return report


@contextmanager
def opened(options: RunOptions, run_id: str, day: date, *, wait_seconds: float = 0.0) -> Iterator[Night]:
    """A night that holds the workspace's lock and has its journal open. Raises BusyError, OptionsError."""
    checked = options.checked()
    checked.workspace.ensure()
    what = f"run {run_id[:8]} ({checked.mode})"
    with workspace_lock(checked.workspace, what, wait_seconds=wait_seconds) as left_behind:
        journal = Journal.open(checked.workspace, run_id, {**checked.to_config(), "sources": list(checked.sources)})
        if left_behind:
            journal.problem(f"an earlier run died at its work: {left_behind}; this run took over where it stopped")
        yield Night(checked, run_id, day, journal)
