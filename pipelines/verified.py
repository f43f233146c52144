"""Which WARC files were verified as they now stand, so that a night recomputes only what is new or touched.

Belongs here: the memo state/verified.json (size, time of change and inode of each file when it last verified). Does not
belong here: verification itself (warehouse.evidence, crawlers.archive). Bytes that rot without touching the file's
times are found by the full verification (`run --verify`, `evidence verify`), not by this memo.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.journal import read_json, write_json
from records.workspace import Workspace


def standing(workspace: Workspace) -> dict[str, list[int]]:
    """Size, modification time (ns) and inode of each WARC file, by name relative to the evidence folder."""
    found = {}
    for path in sorted(workspace.evidence.rglob("*.warc.gz")):
        status = path.stat()
        found[path.relative_to(workspace.evidence).as_posix()] = [status.st_size, status.st_mtime_ns, status.st_ino]
    return found


def touched(workspace: Workspace, now: dict[str, list[int]]) -> set[str]:
    """Files that are new, changed or gone since they last verified."""
    known = read_json(_path(workspace)) or {}
    return {name for name in now.keys() | known.keys() if now.get(name) != known.get(name)}


def remember(workspace: Workspace, verified: dict[str, list[int]]) -> None:
    """Keep the files that verified without a finding, as they stood BEFORE their verification began."""
    write_json(_path(workspace), verified)


def _path(workspace: Workspace) -> Path:
    return workspace.state / "verified.json"
