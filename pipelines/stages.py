"""The stages a night consists of, as plain functions: each calls its room and returns a small report. No Dagster.

Belongs here: which room is called with what, and what is passed from stage to stage (through the journal and the
crawl-day marks, so that a stage can run in another process or on another day). Does not belong here: any rule about
the data. Each stage may be repeated; each raises StageError, or its room's own error, with what to do.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines import casework, changes, freshness, loaded, published, verified, wishes
from pipelines.night import Night, StageError
from pipelines.reports import (
    SHOWN_PROBLEMS,
    BuildStage,
    CheckStage,
    ComposeStage,
    CrawlStage,
    LoadStage,
    PublishStage,
    ReadStage,
    VerifyStage,
)

_COUNTS = re.compile(r"(\d+) of (\d+)")

if TYPE_CHECKING:
    from crawlers.run import CrawlReport, Event


def crawl_source(night: Night, source: str) -> CrawlStage:
    """Crawl one source, live or from the archive to replay; its harvests go into the crawl day's mark.

    A source that fails, in whatever way, does not end the night: the others go on, its report says why and is not
    proven, and what it had archived is taken up next time. (`compose` ends a night in which every source failed.)
    """
    try:
        return _crawl(night, source)
    except Exception as error:  # noqa: BLE001 - any fault is this source's own: told in full, and the others go on
        return CrawlStage(source, failed=True, problems=[_fault(night, source, error)])


def _crawl(night: Night, source: str) -> CrawlStage:
    from crawlers.run import crawl
    from crawlers.sources import load as source_of

    options = night.options
    described = source_of(source)
    asked = wishes.wishes(night.workspace, described) if options.mode == "live" else {}
    found = crawl(
        source, workspace=night.workspace, run_id=night.run_id, mode=options.mode,
        base_url=options.base_url(source), replay=options.replay, options=_spider_options(night) | asked
        | ({"resume": f"asked {night.day}"} if asked else {}),
        progress=_crawl_progress(night, f"{source}_captures"),
    )
    report = _crawl_stage(source, found)
    if found.ok:
        wishes.remember(night.workspace, source, asked, night.day)
    freshness.write_mark(night.workspace, freshness.Mark(
        source=source, day=night.day, run_id=night.run_id, mode=options.mode,
        covered_from=options.date_from if described.windows else None,
        covered_to=options.date_to if described.windows else None, proven=report.proven, at=datetime.now(UTC),
        verdicts=report.verdicts,
        harvests=[{"capture_id": h.capture_id, "parser": h.parser, "batch": h.batch, "context": h.context}
                  for h in found.harvests],
    ))
    return report


def load_source(night: Night, source: str) -> LoadStage:
    """Read the crawl day's harvests into lake partitions; batches that are in the lake as they are, are left alone.

    A capture that cannot be read is a problem of the report, its rows are missing until it can; a load that breaks off
    is a failed report, the source's rows of before stand, and the other sources go on. Raises StageError when that day
    was not crawled.
    """
    try:
        return _load(night, source)
    except StageError:
        raise
    except Exception as error:  # noqa: BLE001 - any fault is this source's own: told in full, and the others go on
        return LoadStage(source, failed=True, problems=[_fault(night, source, error)])


def _load(night: Night, source: str) -> LoadStage:
    mark = freshness.read_mark(night.workspace, source, night.day)
    crawled = night.journal.report(f"{source}_captures")
    if mark is None and crawled is not None and crawled["failed"]:
        return LoadStage(source, skipped=True)
    if mark is None:
        raise StageError(f"{source} was not crawled on {night.day}: materialise its captures of that day first")
    batches = loaded.pending(night.workspace, source, mark.harvests)
    report = LoadStage(source, skipped=not batches, unchanged=len({h["batch"] for h in mark.harvests}) - len(batches))
    if not batches:
        return report
    from crawlers.archive import EvidenceArchive
    from crawlers.load import load
    from crawlers.run import Harvest
    from crawlers.settling import settle
    from crawlers.sources import load as source_of

    found = load(
        [Harvest(**harvest) for batch in batches.values() for harvest in batch],
        EvidenceArchive(night.workspace.evidence), night.workspace.lake, source=source,
        assertions=source_of(source).assertions, scratch=night.workspace.state,
        progress=lambda done, total: night.progress.advance(f"{source}_lake", done, total),
    )
    with loaded.rewriting(night.workspace):
        settle(night.workspace.lake, found.rows)
    whole = {b.batch for b in found.batches if b.written and not any(p.kind == "capture" for p in b.problems)}
    loaded.remember(night.workspace, source, {name: batches[name] for name in whole})
    freshness.note_rows(night.workspace, source, night.day, found.rows)
    report.tables, report.duplicates, report.left_out = found.rows, found.duplicates, found.left_out
    report.batches, report.problems = len(found.batches), found.problems
    return report


def compose(night: Night) -> ComposeStage:
    """Settle duplicates, corrections and deletions.

    Raises WarehouseError, and StageError in a night in which every source failed: nothing came in, so nothing is
    published anew.
    """
    crawls = [report for name in night.options.sources if (report := night.journal.report(f"{name}_captures"))]
    if crawls and all(report["failed"] for report in crawls):
        why = crawls[0]["problems"][0] if crawls[0]["problems"] else "it said nothing"
        others = f" (and {len(crawls) - 1} more, see the notes)" if len(crawls) > 1 else ""
        raise StageError(f"no source could be crawled: {crawls[0]['source']}{others}. {why.strip()}")
    from warehouse import compose as room

    with changes.watching(night.workspace) as watch:
        found = room.compose(night.workspace, progress=_said(night, "awards"))
        new, changed, gone = (0, 0, 0) if found.skipped else watch.compare()
    return ComposeStage(skipped=found.skipped, rows=found.rows, seen=found.seen, new=new, changed=changed, gone=gone)


def read(night: Night) -> ReadStage:
    """Read what changed. Raises WarehouseError."""
    from warehouse import statements as room

    found = room.make(night.workspace, workers=night.options.workers, progress=_said(night, "statements"))
    return ReadStage(skipped=found.skipped, read=found.read, statements=found.rows.get("statement", 0),
                     spans=found.rows.get("statement_span", 0), counts=found.counts, as_of=found.as_of,
                     reader_version=found.reader_version)


def verify(night: Night) -> VerifyStage:
    """Recompute hashes and spans of evidence that is new or touched; all of it with ``full_verify``.

    What fails is a problem of the report, not of the run: its statements leave the version built next.
    """
    full = night.options.full_verify
    standing = verified.standing(night.workspace)
    touched = verified.touched(night.workspace, standing)
    if not full and not touched:
        return VerifyStage(skipped=True)
    from warehouse import evidence as room

    found = room.verify(night.workspace, warc_files=None if full else touched, progress=_said(night, "evidence_check"))
    verified.remember(night.workspace, standing, {finding.warc_file for finding in found.findings})
    return VerifyStage(
        full=full, files=len(standing.warcs if full else touched), captures=found.captures, spans=found.spans,
        failed=found.failed, restored=found.restored, withdrawn=len(found.withdrawn),
        problems=[f"evidence: {finding}" for finding in found.findings[:SHOWN_PROBLEMS]],
    )


def build(night: Night) -> BuildStage:
    """Build the version that lake, law and SQL make; one that stands is not built again. Raises WarehouseError."""
    from warehouse import build as room

    found = room.build(night.workspace, progress=_said(night, "warehouse_version"))
    night.carried["build"] = found
    return BuildStage(version=found.version, skipped=found.skipped, tables=found.rows, as_of=found.as_of,
                      hashes={table: list(pair) for table, pair in found.hashes.items()})


def check(night: Night) -> CheckStage:
    """Run the blocking checks on the version just built; failures are in the report, and block publication.

    The version that stands published has passed them and is never changed: it is not checked again. Raises StageError
    where this run built nothing.
    """
    built = night.journal.report("warehouse_version")
    if built is None:
        raise StageError("no version was built by this run: run the night from warehouse_version on")
    if built["skipped"] and not night.options.full_verify and built["version"] == published.version(night.workspace):
        return CheckStage(passed=True, skipped=True)
    from warehouse import build as builder
    from warehouse import checks as room

    report = night.carried.get("build") or builder.build(night.workspace)
    found = room.run(night.workspace, report, accept_drift=night.options.accept_drift)
    return CheckStage(passed=found.ok, count=found.count, failures=[str(f) for f in found.failures],
                      warnings=found.warnings)


def publish(night: Night) -> PublishStage:
    """Move the pointer to the version that this run built and checked. Raises StageError where it did neither."""
    from warehouse import publish as room

    built, checked = night.journal.report("warehouse_version"), night.journal.report("checks")
    if built is None or checked is None or not checked["passed"]:
        raise StageError("no version of this run passed its checks: run the night from warehouse_version on")
    before = room.current_or_moving(night.workspace)
    found = room.publish(night.workspace, built["version"], built["hashes"])
    skipped = before is not None and before.version == found.version
    return PublishStage(version=found.version, skipped=skipped, casework=casework.tell(night.workspace))


def _fault(night: Night, source: str, error: Exception) -> str:
    """The words for a source's failure; where it is none that a room foresaw, its trace goes into the source's log."""
    from crawlers.run import CrawlError
    from records.lake import LakeError

    if isinstance(error, (CrawlError, LakeError, StageError)):
        return f"{source}: {error}"
    log = night.workspace.state / "logs" / f"{night.run_id}-{source}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as out:
        out.write("".join(traceback.format_exception(error)))
    return f"{source}: {type(error).__name__}: {error}. A fault of ours; its trace is in state/logs/{log.name}"


def _said(night: Night, stage: str) -> Callable[[str], None]:
    """A room's words as progress; 'N of M' in them moves the bar."""

    def say(text: str) -> None:
        counts = _COUNTS.search(text)
        done, total = (int(counts[1]), int(counts[2])) if counts else (0, None)
        night.progress.advance(stage, done, total, text)

    return say


def _spider_options(night: Night) -> dict[str, str]:
    options = night.options
    given = {"path": str(options.path)}
    for name, day in (("date_from", options.date_from), ("date_to", options.date_to)):
        if day is not None:
            given[name] = day.isoformat()
    return given


def _crawl_progress(night: Night, stage: str) -> Callable[[Event], None]:
    def hear(event: Event) -> None:
        if event.kind == "progress":
            data = event.data
            night.progress.advance(stage, int(data.get("done") or 0), data.get("total"), data.get("label"))

    return hear


def _crawl_stage(source: str, found: CrawlReport) -> CrawlStage:
    stats = found.stats
    return CrawlStage(
        source=source, proven=found.ok, requests=int(stats.get("requests", 0)),
        resumed=int(stats.get("resumed", 0)), captures=int(stats.get("captures", 0)),
        verdicts=dict(stats.get("verdicts", {})), proofs=found.proofs, problems=found.problems, notes=found.notes,
        harvests=len(found.harvests), log=str(found.log), failed=not found.ok and not found.harvests,
    )
