"""What the published version says, for summaries. Read-only, through the warehouse's own reader.

Belongs here: the few questions a summary asks. Does not belong here: listings for users (section3c.py), any rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from records.workspace import Workspace

if TYPE_CHECKING:
    from warehouse.reader import Reader

EXAMPLES = 5
_TOP = """
SELECT candidate_id, company, category, certainty, score, best_statement_id, words FROM candidate
QUALIFY row_number() OVER (PARTITION BY category ORDER BY score DESC, candidate_id) <= $top
ORDER BY category, score DESC, candidate_id
"""


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
    """What a summary shows of a version. ``table_hashes`` are over facts: two undisturbed runs agree on them.

    ``evidence`` counts statements by kind of record: those that may make a candidate, that only support one, and
    those kept as context.
    """

    statements: dict[str, dict[str, int]] = field(default_factory=dict)
    evidence: dict[str, dict[str, int]] = field(default_factory=dict)
    excluded: int = 0
    excluded_examples: list[Exclusion] = field(default_factory=list)
    withdrawn: int = 0
    candidate_count: int = 0
    candidates: list[TopCandidate] = field(default_factory=list)
    table_hashes: dict[str, str] = field(default_factory=dict)


def version(workspace: Workspace) -> str | None:
    """The published version; None when there is none, or its pointer or file is damaged (`fault` says how)."""
    from warehouse.publish import current_or_moving

    found = current_or_moving(workspace)
    return found.version if found else None


def fault(workspace: Workspace) -> str | None:
    """What is wrong with the pointer or the file it names, None when nothing is."""
    from warehouse.engine import WarehouseError
    from warehouse.publish import current

    try:
        current(workspace)
    except WarehouseError as error:
        return str(error)
    return None


def view(workspace: Workspace, top: int) -> View:
    """The published version's counts, and the ``top`` strongest candidates of each category.

    Raises WarehouseError when nothing is published.
    """
    from warehouse import publish, reader

    found = View()
    with reader.connect(workspace) as session:
        for row in _rows(session, "SELECT category, certainty, count(*) AS number FROM statement "
                                  "WHERE excluded IS NULL GROUP BY ALL ORDER BY ALL"):
            found.statements.setdefault(row["category"], {})[row["certainty"]] = row["number"]
        found.evidence = {
            row.pop("record_kind"): row for row in _rows(session, (
                "SELECT record_kind, count(*) FILTER (WHERE excluded IS NULL AND alone) AS makes, "
                "count(*) FILTER (WHERE excluded IS NULL AND NOT alone) AS supports, "
                "count(*) FILTER (WHERE excluded IS NOT NULL) AS context FROM statement GROUP BY ALL ORDER BY ALL"))
        }
        excluded = _rows(session, "SELECT vendor, any_value(reason) AS reason, count(*) AS number "
                                  "FROM excluded_statement WHERE entity = 'government' GROUP BY vendor "
                                  "ORDER BY number DESC, vendor")
        found.excluded = sum(row["number"] for row in excluded)
        found.excluded_examples = [Exclusion(row["vendor"], row["reason"]) for row in excluded[:EXAMPLES]]
        found.withdrawn = _rows(session, "SELECT count(*) AS number FROM withdrawn_statement")[0]["number"]
        found.candidate_count = _rows(session, "SELECT count(*) AS number FROM candidate")[0]["number"]
        found.candidates = [
            TopCandidate(r["candidate_id"], r["company"] or "(not named)", r["category"], r["certainty"],
                         float(r["score"]), r["best_statement_id"], r["words"])
            for r in _rows(session, _TOP, {"top": top})
        ]
        standing = publish.current_or_moving(workspace)
        if standing is not None and standing.version == session.version:
            found.table_hashes = {table: hashes[0] for table, hashes in sorted(standing.hashes.items())}
    return found


def _rows(session: Reader, sql: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.query(sql, parameters or ()).table.to_pylist()
    return rows
