"""Backup and restore of an installation: decisions, files, evidence, lake and versions, each verified by its hash.

Belongs here: copying and proving the copy. Does not belong here: PostgreSQL's own dump (pg_dump), which a backup of an
installation with SECTION3C_CASEWORK_URL asks for beside this one. No Django: a restore needs no database.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from records.files import read_json, sha256_of, sync, write_json
from records.workspace import Workspace

_MANIFEST: Final = "manifest.json"
_DATABASE: Final = "casework.sqlite"
_PIECE: Final = 1 << 20
_FOLDERS: Final = ("casework", "evidence", "lake", "warehouse")


class BackupError(RuntimeError):
    """The backup or restore cannot be made; the message says why, and nothing half-made is left behind."""


@dataclass
class BackupReport:
    """What a backup holds, or what differs from what it should hold."""

    files: int = 0
    size: int = 0
    findings: list[str] = field(default_factory=list)


def backup(workspace: Workspace, target: Path) -> BackupReport:
    """Copy everything that cannot be made again, and what is costly to make, into a new folder, then prove the copy.

    May run beside a night and the console: the database is copied by SQLite's own backup, and a file that grows is
    copied as long as it was. Raises BackupError when the folder exists or lies inside the installation.
    """
    target = target.absolute()
    if target.exists():
        raise BackupError(f"{target} exists: give a new folder")
    if target.is_relative_to(workspace.root.absolute()):
        raise BackupError(f"{target} lies inside the installation: choose another disk")
    if not workspace.root.is_dir():
        raise BackupError(f"there is no installation in {workspace.root}")
    scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    listed: dict[str, Any] = {}
    try:
        scratch.mkdir(parents=True)
        if workspace.casework_database.exists():
            listed[_DATABASE] = _database(workspace.casework_database, scratch / _DATABASE)
        for path in _files(workspace):
            name = path.relative_to(workspace.root).as_posix()
            listed[name] = _copy(path, scratch / name)
        write_json(scratch / _MANIFEST, {"made_at": datetime.now(UTC).isoformat(), "files": listed})
        report = check(scratch)
        if report.findings:
            raise BackupError("the copy is not what was copied: " + "; ".join(report.findings[:5]))
        scratch.replace(target)
        sync(target.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return report


def check(folder: Path) -> BackupReport:
    """Compare every file of a backup with its manifest. Raises BackupError where there is no manifest."""
    report = BackupReport()
    listed = _listed(folder)
    for name, told in listed.items():
        path = folder / name
        if not path.is_file():
            report.findings.append(f"{name} is missing")
        elif path.stat().st_size != told["size"] or sha256_of(path) != told["sha256"]:
            report.findings.append(f"{name} is not what was backed up")
        report.files += 1
        report.size += int(told["size"])
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {_MANIFEST}
    report.findings += [f"{name} is not in the manifest" for name in sorted(there - set(listed))]
    return report


def restore(folder: Path, workspace: Workspace) -> BackupReport:
    """Put a backup into an empty place, after proving it whole. Raises BackupError; then nothing was put there."""
    root = workspace.root.absolute()
    if root.exists() and any(root.iterdir()):
        raise BackupError(f"{root} is not empty: restore into a new folder, look at it, then move it into place")
    report = check(folder)
    if report.findings:
        raise BackupError(f"the backup is damaged, nothing was restored: {'; '.join(report.findings[:5])}")
    scratch = root.with_name(f".{root.name}.{os.getpid()}.restore")
    try:
        for name in _listed(folder):
            _copy(folder / name, scratch / name)
        if root.exists():
            root.rmdir()
        scratch.replace(root)
        sync(root.parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    workspace.ensure()
    return report


def _listed(folder: Path) -> dict[str, Any]:
    manifest = read_json(folder / _MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise BackupError(f"{folder} is no backup: it has no readable {_MANIFEST}")
    listed: dict[str, Any] = manifest["files"]
    for name in listed:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise BackupError(f"{folder} is no backup of ours: its manifest names {name}")
    return listed


def _files(workspace: Workspace) -> Iterator[Path]:
    """Files that stand; what is being written has a name with a dot in front, and counts once it is renamed."""
    pointer = workspace.warehouse / "current"
    if pointer.is_file():
        yield pointer
    for folder in _FOLDERS:
        for path in sorted((workspace.root / folder).rglob("*")):
            parts = path.relative_to(workspace.root).parts
            if path != pointer and path.is_file() and not path.is_symlink() and not any(p[0] == "." for p in parts):
                yield path


def _copy(source: Path, target: Path) -> dict[str, Any]:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as out:
        left = size = os.fstat(read.fileno()).st_size
        while left > 0 and (piece := read.read(min(_PIECE, left))):
            digest.update(piece)
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    if left:
        raise BackupError(f"{source} became shorter while it was copied: try again")
    return {"sha256": digest.hexdigest(), "size": size}


def _database(source: Path, target: Path) -> dict[str, Any]:
    """A consistent copy, whoever writes meanwhile, that SQLite itself finds sound."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise BackupError(f"the casework database is damaged: {found}")
        copy.execute("PRAGMA journal_mode=DELETE")
    return {"sha256": sha256_of(target), "size": target.stat().st_size}
