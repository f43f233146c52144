"""Verification: every archived byte hashed again, every statement's words read back in place.

Belongs here: the check of archive and spans, the journal of what failed, the report. Does not belong here: withdrawing
statements (the next build does, by the captures' verdicts), reading the archive (crawlers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import pyarrow.dataset as ds

from crawlers.archive import Capture, EvidenceArchive, Finding
from records.lake import files
from records.workspace import Workspace
from warehouse.places import PlaceError, read_back
from warehouse.showing import show

__all__ = ["Finding", "VerifyReport", "show", "verify"]

_COLUMNS = ("statement_id", "capture_id", "locator", "column", "start", "end", "words", "places")


@dataclass
class VerifyReport:
    """What verification found: captures and spans recomputed, what differs, and what it means for publication.

    ``failed`` are captures journalled as damaged; their statements (``withdrawn``) leave the next version.
    ``restored`` are captures that had failed and are sound again.
    """

    captures: int = 0
    spans: int = 0
    statements: int = 0
    findings: list[Finding] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when everything is as it was written."""
        return not self.findings


def verify(
    workspace: Workspace,
    *,
    warc_files: Collection[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> VerifyReport:
    """Recompute every hash of the archive and every span of the lake's statements; journal captures that fail.

    ``warc_files`` (names relative to the evidence folder) limits the check to captures that lie there. The journal
    makes the next compose and build take other evidence, or withdraw the statements.
    """
    say = progress or (lambda _: None)
    archive = EvidenceArchive(workspace.evidence)
    captures = [c for c in archive.captures() if warc_files is None or c.warc_file in warc_files]
    report = VerifyReport(captures=len({c.capture_id for c in captures}))
    say(f"hashing {report.captures} captures")
    report.findings = list(archive.verify(None if warc_files is None else captures))
    bad = {finding.capture_id for finding in report.findings if finding.capture_id}
    spans = _spans(workspace, None if warc_files is None else {c.capture_id for c in captures})
    first = {c.capture_id: c for c in reversed(captures)}
    for number, (capture_id, wanted) in enumerate(sorted(spans.items()), 1):
        say(f"reading words back: {number} of {len(spans)} captures")
        if capture_id not in bad:
            report.findings += _check(archive, workspace, first.get(capture_id), capture_id, wanted)
            report.spans += len(wanted)
    _journal(archive, report, {c.capture_id for c in captures})
    failed = set(report.failed)
    report.statements = len({span["statement_id"] for some in spans.values() for span in some})
    report.withdrawn = sorted({s["statement_id"] for capture, some in spans.items() if capture in failed for s in some})
    return report


def _spans(workspace: Workspace, only: set[str] | None) -> dict[str, list[dict[str, Any]]]:
    """Spans of all statements in the lake, by capture."""
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    paths = [str(path) for path in files(workspace.lake, "statement_span")]
    if paths:
        for batch in ds.dataset(paths, format="parquet").to_batches(columns=list(_COLUMNS)):
            for span in batch.to_pylist():
                if only is None or span["capture_id"] in only:
                    found[span["capture_id"]].append(span)
    return found


def _check(
    archive: EvidenceArchive,
    workspace: Workspace,
    capture: Capture | None,
    capture_id: str,
    spans: list[dict[str, Any]],
) -> list[Finding]:
    """Findings of one capture's spans."""
    if capture is None:
        what = f"{len(spans)} spans point to capture {capture_id}, which is not in the archive"
        return [Finding(warc_file="(none)", offset=0, what=what, capture_id=capture_id)]

    def finding(what: str) -> Finding:
        return Finding(warc_file=capture.warc_file, offset=capture.warc_offset, what=what, capture_id=capture_id,
                       uri=capture.uri)  # fmt: skip

    try:
        there = read_back(archive, capture, spans, workspace.state)
    except PlaceError as error:
        return [finding(str(error))]
    wrong = [span for span, shown in zip(spans, there, strict=True) if shown.start is None]
    return [
        finding(f"statement {s['statement_id']}: '{s['words']}' is not at {s['start']}-{s['end']} of {s['column']} "
                f"in {s['locator']}")
        for s in wrong
    ]  # fmt: skip


def _journal(archive: EvidenceArchive, report: VerifyReport, checked: set[str]) -> None:
    """Mark captures that fail, once each; clear those that had failed and are sound again."""
    known = archive.failed()
    for finding in report.findings:
        if finding.capture_id and finding.capture_id not in report.failed:
            report.failed.append(finding.capture_id)
            if finding.capture_id not in known:
                archive.mark_failed(finding)
    for capture_id in sorted(known.keys() & checked - set(report.failed)):
        archive.clear_failed(capture_id)
        report.restored.append(capture_id)
