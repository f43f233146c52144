"""What the published version says, for summaries. Read-only, through the warehouse's own reader.

Belongs here: the few questions a summary asks. Does not belong here: listings for users (section3c.py), any rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from records.workspace import Workspace


@dataclass(frozen=True)
class TopCandidate:
    """One candidate of the summary. ``evidence_id`` is a statement that `section3c evidence show` opens."""

    candidate_id: str
    company: str
    category: str
    certainty: str
    bits: float
    evidence_id: str | None
    words: str | None


@dataclass(frozen=True)
class Exclusion:
    """A vendor that makes no candidate, and why (§2.6)."""

    vendor: str
    reason: str


@dataclass
class View:
    """What a summary shows of a version."""

    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    excluded: int = 0
    excluded_examples: list[Exclusion] = field(default_factory=list)
    candidate_count: int = 0
    candidates: list[TopCandidate] = field(default_factory=list)
    table_hashes: dict[str, str] = field(default_factory=dict)


def version(workspace: Workspace) -> str | None:
    """The published version, None when there is none or its file is gone."""
    raise NotImplementedError


def view(workspace: Workspace, top: int) -> View:
    """The published version's counts and its strongest candidates."""
    raise NotImplementedError
