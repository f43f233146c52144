"""Killed at any instant, then run again: the same version, nothing lost, nothing double."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from records.workspace import Workspace
from tests.warehouse.archived import night, two_pages
from warehouse.hashes import content_hashes
from warehouse.publish import current, versions

NIGHT = """
import sys
from pathlib import Path
from records.workspace import Workspace
from tests.warehouse.archived import night
print("ready", flush=True)
night(Workspace(Path(sys.argv[1])))
print("done", flush=True)
"""


def start(workspace: Workspace) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", NIGHT, str(workspace.root)], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_night_killed_at_any_instant_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed, killed = Workspace(tmp_path / "a").ensure(), Workspace(tmp_path / "b")
    two_pages(undisturbed)
    shutil.copytree(undisturbed.root, killed.root)
    began = time.monotonic()
    expected = night(undisturbed)
    length = time.monotonic() - began
    cut = 0
    for share in (0.05, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0):
        process = start(killed)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(length * share)
        process.send_signal(signal.SIGKILL)
        cut += process.stdout.read() == ""
        process.wait()
        pointed = current(killed)
        if pointed is not None:
            assert content_hashes(pointed.path) == content_hashes(expected.file)
    assert cut >= 3, "the kills came too late to interrupt anything"
    report = night(killed)
    assert report.version == expected.version
    assert report.hashes == expected.hashes == {n: tuple(h) for n, h in content_hashes(report.file).items()}
    assert versions(killed) == [expected.version]
