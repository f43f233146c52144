"""Judgements of persons on companies, from what the published version shows them: same, different, unsure; undo.

Belongs here: checking the ids, the hash over what a person saw, pairs to review, judgements whose evidence changed.
Does not belong here: the journal itself (entities.resolution.journal), who may judge (casework).

A judgement takes effect with the next run (`section3c run --stored` publishes it at once).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from entities.matching.matcher import match
from entities.resolution import journal
from entities.resolution.model import Judgement
from records.ids import digest
from records.workspace import Workspace
from warehouse import reader
from warehouse.companies import judgements
from warehouse.engine import WarehouseError

#: What two companies are known by, together: the same whether they are shown as one or as two.
_FACTS: Final = (
    "SELECT DISTINCT name_key, kind, source FROM company_alias WHERE list_contains($ids, company_id) ORDER BY ALL",
    "SELECT DISTINCT company, parent, control, source, ended_by FROM company_edge "
    "WHERE list_contains($ids, company_id) ORDER BY ALL",
    "SELECT old_company_id FROM company_rekey WHERE list_contains($ids, new_company_id) AND origin NOT IN ('text', "
    "'judgement') UNION SELECT company_id FROM company WHERE list_contains($ids, company_id) ORDER BY ALL",
)


@dataclass(frozen=True)
class Standing:
    """A judgement in effect, the names of its two sides today, and whether what the person saw has changed since."""

    judgement: Judgement
    a_name: str
    b_name: str
    stale: bool


def judge(workspace: Workspace, a: str, b: str, verdict: str, *, reason: str, by: str) -> Judgement:
    """Write a person's judgement on two companies into the journal, with a hash over what the version shows of them.

    Raises WarehouseError when an id is not known, both are one company already (and ``same`` is said), or the journal
    refuses.
    """
    with reader.connect(workspace) as session:
        sides = [_known(session, one.strip()) for one in (a, b)]
        if sides[0][1] == sides[1][1] and sides[0][0] == sides[1][0]:
            raise WarehouseError(f"'{a}' and '{b}' are one id: a judgement is about two")
        likeness = match(*(_today(session, side[0])[1] for side in sides))
        seen = journal.Seen(evidence_hash(session, sides[0][1], sides[1][1]), likeness.version, likeness.bits)
    _not_said_already(workspace, sides[0][0], sides[1][0], verdict)
    try:
        return journal.judge(journal.journal_path(workspace), sides[0][0], sides[1][0], verdict, reason=reason, by=by,
                             seen=seen)  # fmt: skip
    except journal.JournalError as error:
        raise WarehouseError(str(error)) from error


def undo(workspace: Workspace, number: int, *, reason: str, by: str) -> None:
    """Take back line ``number`` of the journal; the next run has the companies as they were. Raises WarehouseError."""
    try:
        journal.undo(journal.journal_path(workspace), number, reason=reason, by=by)
    except journal.JournalError as error:
        raise WarehouseError(str(error)) from error


def reviews(workspace: Workspace, *, limit: int = 200) -> reader.Answer:
    """Pairs that a person should look at, those with candidates first."""
    return reader.query(
        workspace, "SELECT a, a_name, b, b_name, rule, reason, score_bits, candidates FROM company_review "
        "ORDER BY candidates DESC, score_bits DESC NULLS LAST, a, b", max_rows=limit,
    )  # fmt: skip


def standing(workspace: Workspace) -> list[Standing]:
    """Judgements in effect, each with its names and whether its evidence has changed since. Raises WarehouseError."""
    made = []
    with reader.connect(workspace) as session:
        for one in judgements(workspace):
            sides = [_today(session, end) for end in (one.a, one.b)]
            now = evidence_hash(session, sides[0][0], sides[1][0])
            made.append(Standing(one, sides[0][1], sides[1][1],
                                 one.evidence_sha256 is not None and one.evidence_sha256 != now))  # fmt: skip
    return made


def evidence_hash(session: reader.Reader, a: str, b: str) -> str:
    """Hash over what a version shows of two companies: names, owners, identifiers. The same facts, the same hash."""
    shown = [session.query(sql, {"ids": sorted({a, b})}).table.to_pylist() for sql in _FACTS]
    told = [sorted(json.dumps(list(row.values()), default=str) for row in rows) for rows in shown]
    return digest(json.dumps(told), length=64)


def _not_said_already(workspace: Workspace, a: str, b: str, verdict: str) -> None:
    for one in judgements(workspace):
        if {one.a, one.b} == {a, b} and one.verdict == verdict:
            raise WarehouseError(f"line {one.number} of the journal says so already ({one.by}, {one.at[:10]})")


def _known(session: reader.Reader, one: str) -> tuple[str, str]:
    """(id as given, company today). An id that only this version's aliases tell is taken too."""
    company, name = _today(session, one)
    if not name:
        raise WarehouseError(f"no company has the id '{one}': `section3c company NAME` finds ids by name")
    return one, company


def _today(session: reader.Reader, one: str) -> tuple[str, str]:
    rows: list[dict[str, Any]] = session.query(
        "SELECT company_id, name FROM company WHERE company_id = $id UNION ALL "
        "SELECT new_company_id, name FROM company_rekey WHERE old_company_id = $id LIMIT 1", {"id": one}
    ).table.to_pylist()  # fmt: skip
    return (rows[0]["company_id"], rows[0]["name"]) if rows else (one, "")
