"""Which lake partitions hold what their harvests say, so that the same captures are not parsed twice.

Belongs here: the memo state/loaded/SOURCE.json (a fingerprint per batch). Does not belong here: parsing or writing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.journal import read_json, write_json
from records.workspace import Workspace

_READS = ("crawlers", "ordinance", "records")
_CODE = frozenset({".py", ".yaml", ".txt", ".csv"})

Harvest = dict[str, Any]


def pending(workspace: Workspace, source: str, harvests: Iterable[Harvest]) -> dict[str, list[Harvest]]:
    """Harvests by batch, for batches whose partition is missing, was touched, or was read from other captures or by
    other code."""
    batches: dict[str, list[Harvest]] = {}
    for harvest in harvests:
        batches.setdefault(harvest["batch"], []).append(harvest)
    known = read_json(_path(workspace, source)) or {}
    return {
        batch: found for batch, found in batches.items()
        if known.get(batch) != {"from": _origin(found), "stands": _stands(workspace, source, batch)}
    }


def remember(workspace: Workspace, source: str, batches: dict[str, list[Harvest]]) -> None:
    """Note batches that were read whole and written."""
    known = read_json(_path(workspace, source)) or {}
    for batch, found in batches.items():
        known[batch] = {"from": _origin(found), "stands": _stands(workspace, source, batch)}
    write_json(_path(workspace, source), known)


@contextmanager
def rewriting(workspace: Workspace) -> Iterator[None]:
    """Around work that rewrites partitions without reading captures: batches that were as noted are so afterwards."""
    notes = {path.stem: read_json(path) or {} for path in sorted(_path(workspace, "any").parent.glob("*.json"))}
    held = {(source, batch) for source, known in notes.items() for batch, note in known.items()
            if note["stands"] == _stands(workspace, source, batch)}
    yield
    for source, known in notes.items():
        after = {batch: note | {"stands": _stands(workspace, source, batch)} if (source, batch) in held else note
                 for batch, note in known.items()}
        if after != known:
            write_json(_path(workspace, source), after)


def _origin(harvests: list[Harvest]) -> str:
    parts = sorted(f"{h['capture_id']} {h['parser']}" for h in harvests)
    return hashlib.sha256("\n".join([_parsers(), *parts]).encode()).hexdigest()


def _stands(workspace: Workspace, source: str, batch: str) -> list[list[Any]]:
    """Name, size and time of the batch's files in whatever table; nothing there never equals a memo."""
    found = []
    for path in sorted(workspace.lake.glob(f"*/source={source}/batch={batch}/*.parquet")):
        status = path.stat()
        found.append([path.relative_to(workspace.lake).as_posix(), status.st_size, status.st_mtime_ns])
    return found or [["missing", 0, time.time_ns()]]


@cache
def _parsers() -> str:
    """Hash over all code and data that decides what a parser makes of a capture."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for room in _READS:
        for path in sorted(p for p in (root / room).rglob("*") if p.suffix in _CODE):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _path(workspace: Workspace, source: str) -> Path:
    return workspace.state / "loaded" / f"{source}.json"
