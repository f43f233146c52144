"""The questions the product's own pages and verbs ask of the published version.

Belongs here: candidates, one candidate with all that stands behind it, exclusions, sources. Does not belong here:
free SQL (reader.py), how a listing looks (present.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import pyarrow as pa

from ordinance.agencies import agencies
from ordinance.services import CATEGORIES, Certainty
from records.workspace import Workspace
from warehouse import reader
from warehouse.engine import WarehouseError

_CANDIDATES: Final = """
SELECT candidate_id, company, category, certainty, relation, band, score, agencies, evidence, records, obligated,
    last_action,
    best_statement_id AS evidence_id, words
FROM candidate
WHERE ($category IS NULL OR category = $category)
    AND ($certainty IS NULL OR certainty = $certainty)
    AND ($agency IS NULL OR list_contains(string_split(agencies, ', '), $agency))
    AND ($company IS NULL OR contains(lower(company), lower($company)) OR contains(lower(company_id), lower($company)))
    AND score >= $least
ORDER BY score DESC, candidate_id
"""
_STATEMENTS: Final = """
SELECT s.statement_id, s.record_kind, s.record_key, s.vendor, s.vendor_role, s.kind, s.relation, s.certainty,
    round(s.score, 3) AS score, s.agency_id AS agency, s.obligated, s.first_action, s.last_action, s.product,
    s.facility, s.excluded, s.alone, d.title, d.publisher, coalesce(d.canonical_url, d.url) AS page, s.reliability,
    s.stated_on, s.amount, s.amount_kind, s.date_said, s.via, s.sentence
FROM statement AS s JOIN candidate AS c USING (company_id, category)
LEFT JOIN document AS d ON s.record_kind = d.kind AND s.record_key = d.document_id
WHERE c.candidate_id = ? ORDER BY s.certainty DESC, s.score DESC, s.statement_id
"""
_SPANS: Final = """
SELECT p.statement_id, p."column", p.words, p.rule, round(p.bits, 2) AS bits, p.capture_id, p.locator, p.start, p."end"
FROM statement_span AS p JOIN statement AS s USING (statement_id) JOIN candidate AS c USING (company_id, category)
WHERE c.candidate_id = ? ORDER BY p.statement_id, p.position
"""


@dataclass(frozen=True)
class CandidatePage:
    """One candidate and everything behind it, all from the same version."""

    version: str
    candidate: pa.Table
    waterfall: pa.Table
    statements: pa.Table
    words: pa.Table
    names: pa.Table
    parents: pa.Table


def candidates(
    workspace: Workspace, *, category: str | None = None, certainty: str | None = None, agency: str | None = None,
    company: str | None = None, least: float = -1000.0, limit: int = 1000,
) -> reader.Answer:
    """Candidates, highest score first; ``least`` is a score in bits, ``company`` part of a name or id.

    Raises WarehouseError when nothing is published, and for a category, certainty or agency that there is none of.
    """
    _known("category", category, CATEGORIES)
    _known("certainty", certainty, get_args(Certainty))
    _known("agency", agency, [one.id for one in agencies()])
    asked = {"category": category, "certainty": certainty, "agency": agency, "company": company, "least": least}
    with reader.connect(workspace) as session:
        return session.query(_CANDIDATES, asked, max_rows=limit)


def _known(what: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        raise WarehouseError(f"there is no {what} '{given}': use one of {', '.join(known)}")


def candidate(workspace: Workspace, candidate_id: str) -> CandidatePage:
    """One candidate by its id, or by the beginning of it. Raises WarehouseError when none or several fit."""
    with reader.connect(workspace) as session:
        found = session.query("SELECT candidate_id FROM candidate WHERE starts_with(candidate_id, ?) LIMIT 5",
                              [candidate_id]).table.column(0).to_pylist()
        if len(found) != 1:
            which = f"{', '.join(found)} ..." if found else "none; `section3c candidates` lists them"
            raise WarehouseError(f"'{candidate_id}' is the beginning of {len(found)} candidates: {which}")
        chosen = found[0]

        def rows(sql: str) -> pa.Table:
            return session.query(sql, [chosen]).table

        return CandidatePage(
            version=session.version,
            candidate=rows("SELECT * FROM candidate WHERE candidate_id = ?"),
            waterfall=rows("SELECT position, grouping, bar, label, bits, statement_id, words FROM candidate_weight "
                           "WHERE candidate_id = ? ORDER BY position"),
            statements=rows(_STATEMENTS),
            words=rows(_SPANS),
            names=rows("SELECT n.* FROM company_name AS n JOIN candidate AS c USING (company_id) "
                       "WHERE c.candidate_id = ? ORDER BY ALL"),
            parents=rows("SELECT p.* FROM company_parent AS p JOIN candidate AS c USING (company_id) "
                         "WHERE c.candidate_id = ? ORDER BY ALL"),
        )


def exclusions(workspace: Workspace, *, limit: int = 1000) -> reader.Answer:
    """Statements that make no candidate, each with its reason (§2.6)."""
    return reader.query(workspace, "SELECT * FROM excluded_statement ORDER BY reason, vendor, statement_id",
                        max_rows=limit)
