"""What the published warehouse says of candidates: score, evidence, and a hash over what each piece says.

Belongs here: reading (read-only) and hashing. Does not belong here: the ledger, deciding what a difference means.

A piece's ``key`` is its record, category, kind and role, not the statement's id: ids change when a company is
rekeyed, though nothing it says has changed. Amounts and dates are left out of the hash: they move every night and
decide nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ordinance.definitions import CategoryId
from ordinance.jurisdiction import Jurisdiction
from records.workspace import Workspace
from warehouse.reader import Reader, session

_MOST: Final = 5_000_000
_SECONDS: Final = 600.0
_CANDIDATES: Final = """
SELECT candidate_id, company_id, company, category, certainty, agencies, (score * 1000)::BIGINT AS score_millibits
FROM candidate ORDER BY candidate_id
"""
_EVIDENCE: Final = """
WITH said AS (
    SELECT statement_id, string_agg("column" || chr(31) || words, chr(30) ORDER BY position) AS words
    FROM statement_span GROUP BY statement_id
)
SELECT b.candidate_id, s.statement_id, s.evidence_kind, s.record_kind, s.record_key, s.relation, s.certainty,
    s.agency_id,
    sha256(concat_ws(chr(31), s.record_kind, s.record_key, s.category, s.kind, s.vendor_role, s.agency_id,
        CASE WHEN s.record_kind IN ('award', 'subaward') THEN '' ELSE s.relation END)) AS key,
    sha256(concat_ws(chr(29), s.vendor, s.category, s.kind, s.relation, s.certainty, s.agency_id,
        coalesce(s.product, ''), coalesce(s.facility, ''), coalesce(said.words, ''))) AS sha256
FROM statement_bits AS b
JOIN statement AS s USING (statement_id)
LEFT JOIN said USING (statement_id)
ORDER BY b.candidate_id, b.place, s.statement_id
"""


@dataclass(frozen=True)
class Found:
    """One candidate as published, cut to what a jurisdiction's law covers."""

    candidate_id: str
    company_id: str
    company: str
    category: str
    certainty: str
    agencies: str
    score_millibits: int
    evidence: tuple[dict[str, Any], ...]

    @property
    def sources(self) -> str:
        """Kinds of evidence, joined by ', '."""
        return ", ".join(sorted({one["evidence_kind"] for one in self.evidence}))


@dataclass(frozen=True)
class Published:
    """Everything a sync looks at, all of one version."""

    version: str
    reader_version: str
    candidates: tuple[Found, ...]
    #: Company ids that are no more -> the id that stands for them.
    rekeyed: dict[str, str]


def published(workspace: Workspace) -> Published:
    """The version published now. Raises WarehouseError when there is none."""
    with session(workspace) as reader:
        evidence: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows(reader, _EVIDENCE):
            evidence[row.pop("candidate_id")].append(row)
        found = tuple(
            Found(**row, evidence=tuple(evidence[row["candidate_id"]])) for row in _rows(reader, _CANDIDATES)
        )
        meta = next(_rows(reader, "SELECT reader_version FROM meta"))
        return Published(reader.version, meta["reader_version"], found, _rekeyed(reader))


def covered(candidates: Iterable[Found], law: Jurisdiction) -> Iterator[Found]:
    """The candidates a law covers, each with the evidence about agencies it covers."""
    for one in candidates:
        category: CategoryId = one.category  # type: ignore[assignment]
        if not law.covers_category(category):
            continue
        kept = tuple(e for e in one.evidence if law.covers_agency(e["agency_id"] or ""))
        if kept:
            yield one if len(kept) == len(one.evidence) else Found(**{**vars(one), "evidence": kept})


def _rekeyed(reader: Reader) -> dict[str, str]:
    """Chains are followed to their end; a ring (which the warehouse's checks refuse) ends where it began."""
    there = list(_rows(reader, "SELECT table_name FROM information_schema.tables WHERE table_name = 'company_rekey'"))
    if not there:
        return {}
    one = {row["old_company_id"]: row["new_company_id"]
           for row in _rows(reader, "SELECT old_company_id, new_company_id FROM company_rekey ORDER BY ALL")}
    return {old: _end(old, one) for old in one}


def _end(start: str, steps: dict[str, str]) -> str:
    seen, here = {start}, steps[start]
    while here in steps and here not in seen:
        seen.add(here)
        here = steps[here]
    return here


def _rows(reader: Reader, sql: str) -> Iterator[dict[str, Any]]:
    for batch in reader.query(sql, max_rows=_MOST, seconds=_SECONDS).table.to_batches():
        yield from batch.to_pylist()
