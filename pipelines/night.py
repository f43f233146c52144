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
def locked(workspace: Workspace, run_id: str, mode: str, *, wait_seconds: float = 0.0) -> Iterator[str | None]:
    """Hold the workspace's run lock; yields what a dead run left in it. Raises BusyError."""
    with workspace_lock(workspace.ensure(), f"run {run_id[:8]} ({mode})", wait_seconds=wait_seconds) as left_behind:
        yield left_behind


@contextmanager
def opened(
    options: RunOptions, run_id: str, day: date, *, wait_seconds: float = 0.0, left_behind: str | None = None
) -> Iterator[Night]:
    """A night that holds the workspace's lock and has its journal open. Raises BusyError, OptionsError."""
    checked = options.checked()
    with locked(checked.workspace, run_id, checked.mode, wait_seconds=wait_seconds) as found:
        journal = Journal.open(checked.workspace, run_id, journal_options(checked))
        if left_behind or found:
            journal.problem(took_over(left_behind or found or ""))
        yield Night(checked, run_id, day, journal)


def journal_options(options: RunOptions) -> dict[str, Any]:
    """The options as a journal keeps them."""
    return {**options.to_config(), "sources": list(options.sources)}


def took_over(left_behind: str) -> str:
    """The words for a run that follows one that died."""
    return f"an earlier run died at its work: {left_behind}; this run took over where it stopped"
