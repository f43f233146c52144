"""What a stage's input was: a hash over files, so that a stage with unchanged input is skipped.

Belongs here: hashing files with a memo by size and time, remembering a stage's last input and outcome. Does not
belong here: the stages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from records.files import read_json, sha256_of, write_json
from records.workspace import Workspace


def files_hash(workspace: Workspace, paths: Iterable[Path]) -> str:
    """One hash over the names and contents of files below the workspace; empty input has a hash too.

    Contents of a file whose size and modification time are as remembered are not read again: lake files are
    replaced whole, never written in place.
    """
    memo_path = workspace.state / "file-hashes.json"
    memo = read_json(memo_path) or {}
    known: dict[str, Any] = {}
    digest = hashlib.sha256()
    for path in sorted(paths):
        name = str(path.relative_to(workspace.root))
        status = path.stat()
        entry = memo.get(name)
        if not entry or entry[:3] != [status.st_size, status.st_mtime_ns, status.st_ino]:
            entry = [status.st_size, status.st_mtime_ns, status.st_ino, sha256_of(path)]
        known[name] = entry
        digest.update(f"{name}\0{entry[3]}\n".encode())
    if any(memo.get(name) != entry for name, entry in known.items()):
        kept = {name: entry for name, entry in memo.items() if (workspace.root / name).exists()}
        write_json(memo_path, {**kept, **known})
    return digest.hexdigest()


def text_hash(*parts: str) -> str:
    """One hash over texts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return digest.hexdigest()


def room_hash(*patterns: str) -> str:
    """Hash of this room's own files that match the patterns: changed rules are changed input."""
    folder = Path(__file__).parent
    paths = sorted(path for pattern in patterns for path in folder.glob(pattern))
    return text_hash(*(f"{path.relative_to(folder)}\n{path.read_text(encoding='utf-8')}" for path in paths))


def stage_done(workspace: Workspace, stage: str, fingerprint: str, outputs: Iterable[Path]) -> dict[str, Any] | None:
    """What the stage reported when it last ran on this very input, or None when it must run.

    Outputs that are missing make it run again.
    """
    entry = read_json(workspace.state / f"{stage}.json")
    if not isinstance(entry, dict) or entry.get("fingerprint") != fingerprint:
        return None
    if not all(path.is_dir() for path in outputs):
        return None
    report = entry.get("report")
    return report if isinstance(report, dict) else None


def remember_stage(workspace: Workspace, stage: str, fingerprint: str, report: dict[str, Any]) -> None:
    """Note a stage's input and outcome, after its outputs are in place."""
    write_json(workspace.state / f"{stage}.json", {"fingerprint": fingerprint, "report": report})
