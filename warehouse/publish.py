"""Publication: a version is a file of its own, and the pointer ``current`` names the one that readers open.

Belongs here: moving the pointer, reading it, dropping old versions. Does not belong here: whether a version may be
published (checks.py), how it is made (build.py).

A crash leaves the old pointer or the new one; the file it names is on the disk before it is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from records.files import read_json, sync, write_json
from records.workspace import Workspace
from warehouse.engine import WarehouseError

KEEP: Final = 7
_FILE: Final = re.compile(r"wh-([0-9a-z]{6,64})\.duckdb")


@dataclass(frozen=True)
class Published:
    """A published version: ``hashes`` are table -> [facts hash, full hash], as build.content_hashes gives them."""

    version: str
    path: Path
    hashes: dict[str, list[str]]
    published_at: str


def version_path(workspace: Workspace, version: str) -> Path:
    """Where a version's database lies."""
    return workspace.warehouse / f"wh-{version}.duckdb"


def current(workspace: Workspace) -> Published | None:
    """The published version, or None when nothing was published yet.

    Raises WarehouseError when the pointer cannot be read or names a file that is gone: a reader must not fall back
    on another version in silence.
    """
    pointer = workspace.warehouse / "current"
    if not pointer.exists():
        return None
    body: Any = read_json(pointer)
    if not isinstance(body, dict) or not _FILE.fullmatch(str(body.get("file", ""))):
        raise WarehouseError(f"{pointer} is damaged; run `section3c run` to publish again (versions are beside it)")
    path = workspace.warehouse / str(body["file"])
    if not path.exists():
        raise WarehouseError(f"{pointer} names {path.name}, which is gone; restore it or run `section3c run`")
    return Published(str(body["version"]), path, dict(body.get("hashes") or {}), str(body.get("published_at", "")))


def current_or_moving(workspace: Workspace) -> Published | None:
    """``current``, or None also where the pointer's file is just being replaced."""
    return _standing(workspace)


def versions(workspace: Workspace) -> list[str]:
    """Versions on the disk, newest file first."""
    found = [(path.stat().st_mtime_ns, match[1]) for path in workspace.warehouse.glob("wh-*.duckdb")
             if (match := _FILE.fullmatch(path.name))]
    return [version for _, version in sorted(found, reverse=True)]


def publish(workspace: Workspace, version: str, hashes: dict[str, list[str]], *, keep: int = KEEP) -> Published:
    """Move the pointer to a version that passed its checks, then drop all but the newest ``keep`` versions.

    Publishing the version that is current changes nothing. Raises WarehouseError when its file is not there.
    """
    path = version_path(workspace, version)
    if not path.exists():
        raise WarehouseError(f"version {version} cannot be published: {path} is not there; build it first")
    standing = _standing(workspace)
    if standing is None or standing.version != version:
        sync(path)
        write_json(workspace.warehouse / "current", {
            "version": version, "file": path.name, "hashes": hashes,
            "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        })
        path.touch()  # newest published, newest kept
    prune(workspace, keep=keep)
    found = current(workspace)
    if found is None:
        raise WarehouseError(f"the pointer in {workspace.warehouse} vanished while publishing; is another run at work?")
    return found


def prune(workspace: Workspace, *, keep: int = KEEP) -> list[str]:
    """Delete all but the newest ``keep`` versions, never the published one; returns what was deleted.

    On POSIX a reader that still has a deleted file open goes on reading it.
    """
    standing = _standing(workspace)
    dropped = []
    for version in versions(workspace)[max(keep, 1):]:
        if standing is not None and version == standing.version:
            continue
        path = version_path(workspace, version)
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)  # build's report of it
        dropped.append(version)
    return dropped


def _standing(workspace: Workspace) -> Published | None:
    """The published version where the pointer is sound; a damaged pointer is what publishing mends."""
    try:
        return current(workspace)
    except WarehouseError:
        return None
