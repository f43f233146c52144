"""How a stage says where it is, without knowing who listens: a terminal's bars, Dagster's log or nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Progress(Protocol):
    """What a listener must offer. Stages are named by their asset; labels are for people."""

    def start(self, stage: str, label: str, total: int | None = None) -> None:
        """A stage begins; ``total`` in the stage's own units where it is known."""

    def advance(self, stage: str, done: int, total: int | None = None, label: str | None = None) -> None:
        """``done`` units are done altogether (not since the last call)."""

    def finish(self, stage: str, label: str, ok: bool = True) -> None:
        """A stage ended; the label says with what."""


class Silent:
    """Listens to nothing: daemon runs, tests, scripts."""

    def start(self, stage: str, label: str, total: int | None = None) -> None:
        """Nothing to show."""

    def advance(self, stage: str, done: int, total: int | None = None, label: str | None = None) -> None:
        """Nothing to show."""

    def finish(self, stage: str, label: str, ok: bool = True) -> None:
        """Nothing to show."""


_LISTENER: ContextVar[Progress | None] = ContextVar("section3c_progress", default=None)


def listener() -> Progress:
    """The listener of this run. A context variable, because Dagster stands between the caller and the stage."""
    return _LISTENER.get() or Silent()


@contextmanager
def listening(progress: Progress | None) -> Iterator[None]:
    """Stages called inside the block report to ``progress``."""
    token = _LISTENER.set(progress)
    try:
        yield
    finally:
        _LISTENER.reset(token)
