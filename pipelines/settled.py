"""Whether a replay has anything to do: known before Dagster, a crawl's process or a model is started.

Belongs here: the fingerprint of everything a replay's outcome depends on. Does not belong here: the fingerprints by
which single stages skip (the rooms keep those). A live run always crawls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines.journal import read_json, write_json
from pipelines.options import RunOptions
from records.workspace import Workspace

_ROOMS = ("records", "ordinance", "crawlers", "nlp", "entities", "warehouse", "pipelines")
_CODE = frozenset({".py", ".yaml", ".sql", ".txt", ".csv", ".jsonl"})


def nothing_to_do(options: RunOptions) -> dict[str, Any] | None:
    """The summary of the run that did all this replay would do, None when there is work.

    Everything must stand as the last complete run of the same replay left it: archive, code, rules, and the files of
    evidence, lake and warehouse by size and time of change. A full verification is always work.
    """
    if options.mode != "replay" or options.full_verify or options.replay is None or not options.replay.exists():
        return None
    kept = read_json(_path(options.workspace))
    if kept is None or kept["plan"] != _plan(options) or kept["standing"] != _standing(options.workspace):
        return None
    found: dict[str, Any] = kept["summary"]
    return found


def remember(options: RunOptions, summary: Any) -> None:
    """Keep how a complete run of these options (as they were asked) left everything, and its summary."""
    if options.mode == "replay":
        write_json(_path(options.workspace), {
            "plan": _plan(options), "standing": _standing(options.workspace), "summary": summary,
        })


def _plan(options: RunOptions) -> str:
    """Hash of what is asked (workers aside: they change no result) and of the code that would do it."""
    asked: dict[str, Any] = {k: v for k, v in options.to_config().items() if k not in ("workers", "data", "replay")}
    archive = options.replay.absolute() if options.replay else None
    parts = [repr(sorted(asked.items())), ",".join(options.sources)]
    parts += [*_stats(_warcs(archive) if archive else ()), *_code()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _standing(workspace: Workspace) -> str:
    """Hash over names, sizes and times of the files of evidence, lake and warehouse, the pointer among them."""
    evidence = (p for p in workspace.evidence.rglob("*") if p.is_file())
    lake = (p for p in workspace.lake.rglob("*.parquet"))
    warehouse = (p for p in workspace.warehouse.glob("*") if p.is_file())
    parts = [*_stats(evidence), "", *_stats(lake), "", *_stats(warehouse)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _warcs(archive: Path) -> Iterator[Path]:
    yield from sorted(archive.rglob("*.warc.gz")) if archive.is_dir() else [archive]


def _stats(paths: Iterable[Path]) -> list[str]:
    found = []
    for path in paths:
        status = path.stat()
        found.append(f"{path}\t{status.st_size}\t{status.st_mtime_ns}")
    return sorted(found)


def _code() -> list[str]:
    """Name and content hash of every file of the rooms that decides a result."""
    root = Path(__file__).resolve().parents[1]
    files = sorted(p for room in _ROOMS for p in (root / room).rglob("*") if p.suffix in _CODE)
    return [f"{p.relative_to(root)}\t{hashlib.sha256(p.read_bytes()).hexdigest()}" for p in files]


def _path(workspace: Workspace) -> Path:
    return workspace.state / "settled.json"
