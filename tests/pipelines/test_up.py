"""`section3c up`: loopback only, the schedule running, children that end with their parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines import up
from records.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.org", ""])
def test_only_loopback(workspace: Workspace, host: str) -> None:
    with pytest.raises(up.UpError, match="no login"):
        up.up(workspace, free_port(), host)


def test_a_port_in_use_is_named(workspace: Workspace) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(up.UpError, match=f"port {port}.*--port"):
            up.up(workspace, port)


def test_a_second_up_in_the_workspace_is_refused(workspace: Workspace) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pipelines.lock import workspace_lock;"
        "from records.workspace import Workspace;\n"
        "with workspace_lock(Workspace(Path(sys.argv[1])), 'section3c up', name='up'):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    first = subprocess.Popen([sys.executable, "-c", code, str(workspace.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(up.UpError, match=f"run already.*process {first.pid}"):
            up.up(workspace, free_port())
    finally:
        first.kill()
        first.wait()


def test_a_guarded_child_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\nprint('up', flush=True)\ntime.sleep(60)\n", encoding="utf-8")
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'pipelines.guarded', 'sleeper'], stdin=subprocess.PIPE,"
        " stdout=subprocess.PIPE, start_new_session=True)\n"
        "child.stdout.readline(); print(child.pid, flush=True)\n"
        "import time; time.sleep(60)"
    )
    path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), str(tmp_path)])
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": path})
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child outlived its parent")


def test_a_dead_child_is_started_again_later_each_time(workspace: Workspace, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "BACKOFF_SECONDS", (0.2, 0.4))
    (tmp_path / "dies.py").write_text("raise SystemExit(7)\n", encoding="utf-8")
    path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), str(tmp_path)])
    running = up.Services("http://127.0.0.1:1")
    child = up._Child("daemon", ["dies"], {**os.environ, "PYTHONPATH": path}, tmp_path / "daemon.log")
    running.children.append(child)
    child.start()
    said: list[str] = []
    deadline = time.monotonic() + 20
    while len(said) < 3 and time.monotonic() < deadline:
        running.tend(said.append)
        time.sleep(0.05)
    running.stop()
    assert [s.split("again in ")[1].split(" s")[0] for s in said] == ["0.2", "0.4", "0.4"]
    assert all("exit code 7" in s for s in said)


@pytest.mark.slow
def test_up_answers_with_the_schedule_running_and_ends_its_children(workspace: Workspace) -> None:
    port = free_port()
    with up.services(workspace, port, say=lambda _line: None) as running:
        found = up.state(running.url)
        pids = running.pids()
        assert set(pids) == {"webserver", "daemon"}
    assert "night" in found.jobs
    assert found.schedules["nightly"] == "RUNNING"
    assert found.sensors["freshness"] == "RUNNING"
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

