"""Reports of the stages: small, JSON-able, each with one line for people. No logic beyond wording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SHOWN_PROBLEMS = 20


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@dataclass
class CrawlStage:
    """What one source's crawl brought.

    ``proven``: finished without a problem, every proof of completeness holds. ``failed``: nothing to read came of it.
    """

    source: str
    proven: bool = False
    failed: bool = False
    skipped: bool = False
    window_from: str | None = None
    window_to: str | None = None
    requests: int = 0
    resumed: int = 0
    captures: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    harvests: int = 0
    log: str = ""

    def headline(self) -> str:
        """Harvests, requests, proofs."""
        if self.failed:
            return f"failed: {self.problems[0].splitlines()[0] if self.problems else 'nothing collected'}"
        held = sum(1 for p in self.proofs if p["ok"])
        words = [counted(self.harvests, "file or page", "files and pages") + " to read",
                 counted(self.requests, "request"), f"{held} of {counted(len(self.proofs), 'proof')} hold"]
        if self.problems:
            words.append(counted(len(self.problems), "problem"))
        return ", ".join(words)


@dataclass
class LoadStage:
    """What reading one source's captures put into the lake. ``unchanged`` batches were left alone."""

    source: str
    skipped: bool = False
    tables: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    left_out: int = 0
    batches: int = 0
    unchanged: int = 0
    failed: bool = False
    problems: list[str] = field(default_factory=list)

    def headline(self) -> str:
        """Rows by table."""
        if self.failed:
            return f"failed, what stood in the lake stands: {self.problems[0].splitlines()[0]}"
        if self.skipped:
            return f"nothing new to read ({counted(self.unchanged, 'batch', 'batches')} as before)"
        rows = ", ".join(f"{counted(n, 'row')} of {table}" for table, n in self.tables.items()) or "no rows"
        more = f", {counted(self.duplicates, 'duplicate')}" if self.duplicates else ""
        return f"{rows} in {counted(self.batches, 'batch', 'batches')}{more}"


@dataclass
class ComposeStage:
    """Rows of the composed tables; actions that are new, changed or gone against the run before."""

    skipped: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    gone: int = 0

    def headline(self) -> str:
        """Awards."""
        awards = counted(self.rows.get("award", 0), "award")
        return f"{awards} (unchanged)" if self.skipped else f"{awards}; actions: {self.new:,} new, {self.changed:,} " \
                                                            f"changed, {self.gone:,} gone"


@dataclass
class ReadStage:
    """What the reader said. ``read`` counts contents read now, the rest came from its cache."""

    skipped: bool = False
    read: int = 0
    statements: int = 0
    spans: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    as_of: str | None = None
    reader_version: str = ""

    def headline(self) -> str:
        """Statements."""
        if self.skipped:
            return f"{counted(self.statements, 'statement')} (unchanged)"
        return f"{counted(self.read, 'text')} read, {counted(self.statements, 'statement')}"


@dataclass
class VerifyStage:
    """What verification found. ``failed`` are captures whose statements are withdrawn."""

    skipped: bool = False
    full: bool = False
    files: int = 0
    captures: int = 0
    spans: int = 0
    failed: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    withdrawn: int = 0
    problems: list[str] = field(default_factory=list)

    def headline(self) -> str:
        """Captures and spans."""
        if self.skipped:
            return "no evidence changed since its last verification"
        words = f"{counted(self.captures, 'capture')} and {counted(self.spans, 'span')} recomputed"
        if self.failed:
            return f"{words}, {len(self.failed)} failed: {counted(self.withdrawn, 'statement')} withdrawn"
        return f"{words}, all as recorded"


@dataclass
class BuildStage:
    """The version built."""

    version: str = ""
    skipped: bool = False
    tables: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, list[str]] = field(default_factory=dict)
    as_of: str | None = None

    def headline(self) -> str:
        """Version and tables."""
        if self.skipped:
            return f"version {self.version} already holds this content"
        return f"version {self.version}, {counted(len(self.tables), 'table')}"


@dataclass
class CheckStage:
    """Checks of the version. ``failures`` block publication, ``warnings`` do not."""

    passed: bool = False
    skipped: bool = False
    count: int = 0
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def headline(self) -> str:
        """Outcome."""
        if self.failures:
            return f"{counted(len(self.failures), 'blocking check')} failed: {'; '.join(self.failures[:3])}"
        if self.skipped:
            return "passed before it was published"
        return f"{counted(self.count, 'check')} passed" + (f", {len(self.warnings)} warn" if self.warnings else "")


@dataclass
class PublishStage:
    """Where the pointer stands."""

    version: str = ""
    skipped: bool = False
    casework: str = ""

    def headline(self) -> str:
        """Version, and what casework was told of it."""
        stands = f"version {self.version} {'stands already' if self.skipped else 'is what readers see'}"
        return f"{stands}; {self.casework}" if self.casework else stands
