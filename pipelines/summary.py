"""What a run came to, gathered from its journal and from the published warehouse. Plain data, JSON-able.

Belongs here: RunSummary and how it is gathered. Does not belong here: any judgement of the data (warehouse.checks),
or how a summary looks (render.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pipelines import freshness, published
from pipelines.journal import Journal
from pipelines.night import Night, journal_options, took_over
from pipelines.options import RunOptions
from records.workspace import Workspace

TOP_OF_EACH_CATEGORY = 5


@dataclass(frozen=True)
class Proof:
    """One proof of completeness: the source's own count beside what was collected."""

    name: str
    expected: str
    got: str
    ok: bool


@dataclass(frozen=True)
class SourceIntake:
    """What one source brought."""

    source: str
    requests: int
    verdicts: dict[str, int]
    proofs: list[Proof]
    resumed: int
    proven: bool


@dataclass(frozen=True)
class StageTime:
    """One stage's time in seconds, and whether it found nothing to do."""

    name: str
    seconds: float
    skipped: bool
    headline: str
    error: str | None


@dataclass
class RunSummary:
    """One run's outcome. ``version`` is the version that stands published after it, whoever made it.

    ``why_not`` is empty when this run published or confirmed that version; ``unchanged`` says why there was nothing
    to do; ``rows`` counts rows fetched, new and changed; ``statements`` counts by category and certainty,
    ``by_record`` by kind of record and what they are good for.
    """

    run_id: str
    mode: str
    archive: str
    started: str
    seconds: float
    window_from: str | None = None
    window_to: str | None = None
    unchanged: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    sources: list[SourceIntake] = field(default_factory=list)
    evidence: str = ""
    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    by_record: dict[str, dict[str, int]] = field(default_factory=dict)
    excluded: int = 0
    excluded_examples: list[published.Exclusion] = field(default_factory=list)
    withdrawn: int = 0
    candidate_count: int = 0
    candidates: list[published.TopCandidate] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    version: str | None = None
    why_not: str = ""
    table_hashes: dict[str, str] = field(default_factory=dict)
    stages: list[StageTime] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """False when a source's own counts did not agree with what was collected."""
        return all(source.proven for source in self.sources)

    @property
    def ok(self) -> bool:
        """True when a version stands that this run published or confirmed."""
        return bool(self.version) and not self.why_not

    @property
    def exit_code(self) -> int:
        """For the shell: 0 published and complete, 1 not published, 3 published though a crawl is not proved."""
        if not self.ok:
            return 1
        return 0 if self.complete else 3


def close(night: Night) -> RunSummary:
    """Gather the summary from the run's journal and close the journal with it."""
    body = night.journal.body
    summary = _begin(night)
    summary.stages = [
        StageTime(s["name"], s["seconds"], bool(s.get("skipped")), s.get("headline") or "", s["error"])
        for s in body["stages"]
    ]
    _intake(summary, body["stages"])
    summary.problems = list(body["problems"]) + summary.problems
    summary.version = published.version(night.workspace)
    summary.why_not = _why_not(night, summary)
    _tell_published(night, summary)
    night.journal.close(summary, summary.ok)
    return summary


def finished(night: Night) -> RunSummary:
    """The summary of a run whose job has ended and closed its journal (the resource does); closes it where the job
    never began."""
    reread = Night(night.options, night.run_id, night.day,
                   Journal.open(night.workspace, night.run_id, night.options.to_config()))
    return close(reread)


def unchanged(options: RunOptions, run_id: str, done: dict[str, Any], left_behind: str | None) -> RunSummary:
    """The summary of a run that found everything as an earlier one left it: what that one found, at this hour.

    Takes the earlier summary as the journal keeps it, so that neither warehouse nor model is opened.
    """
    journal = Journal.open(options.workspace, run_id, journal_options(options))
    summary = RunSummary(
        run_id=run_id, mode=options.mode, archive=done["archive"], started=str(journal.body["started"]), seconds=0.0,
        unchanged=f"archive, evidence, lake and rules are as run {done['run_id'][:8]} left them; "
                  f"version {done['version']} stands",
        statements=done["statements"], by_record=done.get("by_record") or {}, excluded=done["excluded"],
        withdrawn=done["withdrawn"],
        excluded_examples=[published.Exclusion(**one) for one in done["excluded_examples"]],
        candidate_count=done["candidate_count"],
        candidates=[published.TopCandidate(**one) for one in done["candidates"]],
        version=done["version"], table_hashes=done["table_hashes"], stale=_stale(options.workspace),
        problems=[took_over(left_behind)] if left_behind else [],
    )
    summary.seconds = _seconds_since(summary.started)
    journal.close(summary, summary.ok)
    return summary


def _begin(night: Night) -> RunSummary:
    started = str(night.journal.body["started"])
    return RunSummary(
        run_id=night.run_id,
        mode=night.options.mode,
        archive=night.options.replay.name if night.options.replay else "",
        started=started,
        seconds=_seconds_since(started),
    )


def _seconds_since(started: str) -> float:
    return round((datetime.now(UTC) - datetime.fromisoformat(started)).total_seconds(), 2)


def _stale(workspace: Workspace) -> list[str]:
    return [f"{f.source}: {f.reason}" for f in freshness.freshness(workspace) if f.stale]


def _why_not(night: Night, summary: RunSummary) -> str:
    failed = [s for s in summary.stages if s.error]
    if failed:
        return f"{failed[0].name} failed: {failed[0].error}"
    checks = night.journal.report("checks")
    if checks is not None:
        summary.problems += checks["warnings"]
    if checks is not None and not checks["passed"]:
        return f"the new version did not pass its checks: {'; '.join(checks['failures'])}"
    report = night.journal.report("warehouse")
    if report is None:
        return "the run ended before publication"
    return ""


def _intake(summary: RunSummary, stages: list[dict[str, Any]]) -> None:
    for stage in stages:
        report = stage["report"]
        if report is None:
            continue
        if stage["name"].endswith("_captures"):
            summary.sources.append(SourceIntake(
                report["source"], report["requests"], report["verdicts"],
                [Proof(p["name"], str(p["expected"]), str(p["got"]), bool(p["ok"])) for p in report["proofs"]],
                report["resumed"], bool(report["proven"]),
            ))
            summary.problems += report["problems"]
            summary.window_from = summary.window_from or report["window_from"]
            summary.window_to = summary.window_to or report["window_to"]
        elif stage["name"].endswith("_lake"):
            summary.rows["fetched"] = summary.rows.get("fetched", 0) + sum(report["tables"].values())
            summary.problems += report["problems"]
            if report["failed"]:
                summary.sources = [replace(one, proven=False) if one.source == report["source"] else one
                                   for one in summary.sources]
        elif stage["name"] == "awards":
            summary.rows |= {"new": report["new"], "changed": report["changed"]}
            if report["gone"]:
                summary.rows["gone"] = report["gone"]
        elif stage["name"] == "evidence_check":
            summary.evidence = stage["headline"]
            summary.problems += report["problems"]


def _tell_published(night: Night, summary: RunSummary) -> None:
    """What the published version says, and how fresh the sources are."""
    summary.stale = _stale(night.workspace)
    if summary.version is None:
        return
    view = published.view(night.workspace, TOP_OF_EACH_CATEGORY)
    summary.statements, summary.by_record = view.statements, view.evidence
    summary.excluded, summary.excluded_examples = view.excluded, view.excluded_examples
    summary.withdrawn = view.withdrawn
    summary.candidate_count, summary.candidates = view.candidate_count, view.candidates
    summary.table_hashes = view.table_hashes
