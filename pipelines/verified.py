"""What of the evidence was verified as it now stands, so that a night recomputes only what is new or touched.

Belongs here: the memo state/verified.json (size, time of change and inode of each WARC file, a hash over each capture's
spans, as of their last verification). Does not belong here: verification itself (warehouse.evidence). Bytes that rot
without touching a file's times are found by the full verification (`run --verify`, `evidence verify`), not by this.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field

from pipelines.journal import read_json, write_json
from records.lake import files
from records.workspace import Workspace

_FILE = "verified.json"
_SPANS = """
SELECT capture_id, bit_xor(hash(statement_id, locator, "column", start, "end", words))::VARCHAR
FROM read_parquet({paths}) GROUP BY capture_id
"""


@dataclass
class Standing:
    """How the evidence stands: size, time (ns) and inode of each WARC and span file; a hash of spans per capture."""

    warcs: dict[str, list[int]] = field(default_factory=dict)
    span_files: dict[str, list[int]] = field(default_factory=dict)
    spans: dict[str, str] = field(default_factory=dict)


def standing(workspace: Workspace) -> Standing:
    """How the evidence stands now; spans are hashed only when their files are not as they were."""
    now = Standing()
    for path in sorted(workspace.evidence.rglob("*.warc.gz")):
        now.warcs[path.relative_to(workspace.evidence).as_posix()] = _stat(path.stat())
    for path in files(workspace.lake, "statement_span"):
        now.span_files[path.relative_to(workspace.lake).as_posix()] = _stat(path.stat())
    before = _known(workspace)
    now.spans = before.spans if before.span_files == now.span_files else _span_hashes(workspace)
    return now


def touched(workspace: Workspace, now: Standing) -> set[str]:
    """WARC files to verify: new, changed or gone, or holding a capture whose spans are not those verified."""
    before = _known(workspace)
    found = {name for name in now.warcs.keys() | before.warcs.keys() if now.warcs.get(name) != before.warcs.get(name)}
    other = {capture for capture, mark in now.spans.items() if before.spans.get(capture) != mark}
    if other:
        from crawlers.archive import EvidenceArchive

        archive = EvidenceArchive(workspace.evidence, read_only=True)
        found |= {capture.warc_file for capture in archive.captures() if capture.capture_id in other}
    return found


def remember(workspace: Workspace, now: Standing, faulty: Collection[str]) -> None:
    """Keep what verified, as it stood before the verification began; files with findings are looked at again."""
    warcs = {name: stat for name, stat in now.warcs.items() if name not in faulty}
    write_json(workspace.state / _FILE, {"warcs": warcs, "span_files": now.span_files, "spans": now.spans})


def _known(workspace: Workspace) -> Standing:
    body = read_json(workspace.state / _FILE)
    return Standing(body["warcs"], body["span_files"], body["spans"]) if body else Standing()


def _span_hashes(workspace: Workspace) -> dict[str, str]:
    from warehouse.engine import connection, parquet_list

    paths = files(workspace.lake, "statement_span")
    if not paths:
        return {}
    with connection(workspace.state / "spill") as con:
        return dict(con.execute(_SPANS.format(paths=parquet_list(paths))).fetchall())


def _stat(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ino]
