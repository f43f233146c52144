"""One run at a time, and a dead holder never blocks the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from pipelines.lock import BusyError, holder, workspace_lock
from records.workspace import Workspace

HOLD = """
import sys, time
from pathlib import Path
from pipelines.lock import workspace_lock
from records.workspace import Workspace
with workspace_lock(Workspace(Path(sys.argv[1])), "a test's run"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def hold(workspace: Workspace) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(workspace.root)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


def test_a_second_run_is_refused_and_told_who_is_at_work(workspace: Workspace) -> None:
    process = hold(workspace)
    try:
        with pytest.raises(BusyError) as refused, workspace_lock(workspace, "another"):
            pass
        assert f"process {process.pid}" in str(refused.value)
        assert "a test's run" in str(refused.value)
        found = holder(workspace)
        assert found is not None
        assert found["pid"] == process.pid
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_leaves_no_lock_but_is_remembered(workspace: Workspace) -> None:
    process = hold(workspace)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert holder(workspace) is None
    with workspace_lock(workspace, "the next") as left_behind:
        assert left_behind is not None
        assert str(process.pid) in left_behind
    with workspace_lock(workspace, "the one after") as left_behind:
        assert left_behind is None


def test_the_same_thread_may_take_it_again_another_may_not(workspace: Workspace) -> None:
    refused: list[BaseException] = []

    def try_it() -> None:
        try:
            with workspace_lock(workspace, "thread"):
                pass
        except BusyError as error:
            refused.append(error)

    with workspace_lock(workspace, "outer"):
        with workspace_lock(workspace, "inner"):
            pass
        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert holder(workspace) is not None, "the inner block must not let go of the outer lock"
    assert len(refused) == 1
    assert f"process {os.getpid()}" in str(refused[0])


def test_a_scheduled_run_waits_its_turn(workspace: Workspace) -> None:
    process = hold(workspace)
    threading.Timer(1.0, process.kill).start()
    began = time.monotonic()
    with workspace_lock(workspace, "patient", wait_seconds=20):
        assert time.monotonic() - began > 0.5
    process.wait()
