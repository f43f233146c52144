"""Telling casework of a new version: new candidates become cases, decided ones hear what changed.

Belongs here: the call. Does not belong here: what a sync does (casework.cases.sync). A sync that fails does not undo a
publication; it is said, and the next night (or `section3c casework sync`) takes it up.
"""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys

from casework import room
from records.workspace import Workspace

_SECONDS = 1800


def tell(workspace: Workspace) -> str:
    """Run the sync in a process of its own where casework is in use; what came of it in one line, else ''."""
    if not room.in_use(workspace):
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "casework", "sync", str(workspace.root)],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
        )
    except subprocess.TimeoutExpired:
        return f"casework was not told: it took longer than {_SECONDS} s; run `section3c casework sync`"
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"casework was not told ({why}); run `section3c casework sync`"
    told = json.loads(done.stdout)
    return (f"casework: {told['opened']} new cases, {len(told['new_evidence'])} decided ones with new evidence, "
            f"{len(told['stale'])} stale")
