"""One run at a time in a workspace: a lock the kernel lets go of when its holder dies, however it dies.

Belongs here: the run lock and the lock of `up`. Does not belong here: locks of single files.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

from pipelines.options import RunError
from records.workspace import Workspace

_POLL_SECONDS = 0.5
_held: dict[tuple[str, int], int] = {}


class BusyError(RunError):
    """Another run is at work in this workspace; the message names its process."""


@contextmanager
def workspace_lock(
    workspace: Workspace, what: str, *, name: str = "run", wait_seconds: float = 0.0
) -> Iterator[str | None]:
    """Hold one of the workspace's locks; yields what a dead holder left in it, None when it was let go of in order.

    Re-entrant within a thread: the foreground run holds it around the job, the job around its steps. flock, not a
    file's mere existence, so that a killed run never blocks the next one and a reused process id deceives nobody.
    Waits at most ``wait_seconds`` for its turn. Raises BusyError naming the process that holds it.
    """
    path = workspace.state / f"{name}.lock"
    key = (str(path), threading.get_ident())
    if _held.get(key):
        _held[key] += 1
        try:
            yield None
        finally:
            _held[key] -= 1
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        _take(handle, workspace, wait_seconds)
        left = _read(handle)
        _write(handle, {"pid": os.getpid(), "what": what, "since": datetime.now(UTC).isoformat(timespec="seconds")})
        _held[key] = 1
        try:
            yield f"process {left['pid']} ({left.get('what')}, since {left.get('since')})" if left else None
        finally:
            _held.pop(key, None)
            _write(handle, None)


def holder(workspace: Workspace, name: str = "run") -> dict[str, Any] | None:
    """Who holds the lock now (pid, what, since), or None. Does not take it from anybody."""
    path = workspace.state / f"{name}.lock"
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(handle) or {"pid": None, "what": "unknown", "since": "unknown"}
    return None


def _take(handle: IO[str], workspace: Workspace, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusyError(_busy(_read(handle), workspace)) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _busy(found: dict[str, Any], workspace: Workspace) -> str:
    return (
        f"{workspace.root} is in use by process {found.get('pid', 'unknown')} "
        f"({found.get('what', 'unknown')}, since {found.get('since', 'unknown')}). "
        "Wait until it ends, or end it by its process id; a process that died lets go of the lock by itself."
    )


def _read(handle: IO[str]) -> dict[str, Any]:
    handle.seek(0)
    with contextlib.suppress(json.JSONDecodeError):
        found = json.loads(handle.read() or "{}")
        if isinstance(found, dict):
            return found
    return {}


def _write(handle: IO[str], value: dict[str, Any] | None) -> None:
    handle.seek(0)
    handle.truncate()
    handle.write(json.dumps(value) if value else "")
    handle.flush()
