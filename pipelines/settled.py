"""Whether a replay has anything to do: known before Dagster, a crawl's process or a model is started.

Belongs here: the fingerprint of everything a replay's outcome depends on. Does not belong here: the fingerprints by
which single stages skip (the rooms keep those). A live run always crawls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipelines import published
from pipelines.journal import read_json, write_json
from pipelines.night import Night
from records.workspace import Workspace

_ROOMS = ("records", "ordinance", "crawlers", "nlp", "entities", "warehouse", "pipelines")
_CODE = frozenset({".py", ".yaml", ".sql", ".txt", ".csv", ".jsonl"})


def nothing_to_do(night: Night) -> str:
    """Why this replay needs no work, or an empty text.

    Everything must stand as the last successful run of the same replay left it: archive, code, rules, evidence and
    lake files by size and time of change, the published version by name. A full verification is always work.
    """
    options = night.options
    if options.mode != "replay" or options.full_verify or options.replay is None:
        return ""
    kept = read_json(_path(night.workspace))
    if kept is None or kept.get("plan") != _plan(night) or kept.get("version") is None:
        return ""
    if published.version(night.workspace) != kept["version"] or kept.get("standing") != _standing(night.workspace):
        return ""
    return (f"archive, evidence, lake and rules are as run {str(kept['run_id'])[:8]} left them; "
            f"version {kept['version']} stands")


def remember(night: Night, version: str | None) -> None:
    """Keep how a successful run left everything."""
    write_json(_path(night.workspace), {
        "plan": _plan(night), "version": version, "run_id": night.run_id, "standing": _standing(night.workspace),
    })


def _plan(night: Night) -> str:
    """Hash of what is asked (workers aside: they change no result) and of the code that would do it."""
    asked: dict[str, Any] = {k: v for k, v in night.options.to_config().items() if k not in ("workers", "data")}
    archive = night.options.replay
    parts = [repr(sorted(asked.items())), ",".join(night.options.sources)]
    parts += [*_stats(_warcs(archive) if archive else ()), *_code()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _standing(workspace: Workspace) -> str:
    """Hash over names, sizes and times of the evidence's and the lake's files."""
    evidence = (p for p in workspace.evidence.rglob("*") if p.is_file())
    lake = (p for p in workspace.lake.rglob("*.parquet"))
    return hashlib.sha256("\n".join([*_stats(evidence), "", *_stats(lake)]).encode()).hexdigest()


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
