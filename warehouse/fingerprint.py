"""What a stage's input was: a hash over files, so that a stage with unchanged input is skipped.

Belongs here: hashing files with a memo by size and time, remembering a stage's last input and outcome. Does not
belong here: the stages.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from records.workspace import Workspace

_CHUNK = 1 << 20


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


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
            entry = [status.st_size, status.st_mtime_ns, status.st_ino, file_hash(path)]
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


def read_json(path: Path) -> Any:
    """The file's JSON, or None when it is missing or was cut short by a crash (then the stage runs again)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file whole, durably: a crash leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as stream:
        json.dump(value, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
