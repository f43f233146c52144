"""Companies of a night: what the lake knows of each id goes to entities.resolution, what follows into six lake tables.

Belongs here: gathering rows, the journal's judgements, writing the tables. Does not belong here: rules about names and
families (entities), the pages of a company (company_pages.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from entities.names import normalise
from entities.resolution.gather import (
    Known,
    add_listed,
    add_pairs,
    add_records,
    add_register_edges,
    add_register_names,
)
from entities.resolution.journal import JournalError, in_effect, journal_path, read
from entities.resolution.likeness import alike
from entities.resolution.model import Judgement
from entities.resolution.resolver import Resolution, resolve
from ordinance.families import families
from records.lake import files, replacing
from records.published import COMPANY_ALIAS, FAMILY_EDGE
from records.workspace import Workspace
from warehouse import fingerprint
from warehouse.company_shapes import COMPANY_TABLES
from warehouse.compose import composed_path
from warehouse.engine import WarehouseError, lake_view, sql_text

#: What registers wrote into the lake.
_REGISTERS: Final = {"company_alias": COMPANY_ALIAS, "family_edge": FAMILY_EDGE}
_ORIGIN: Final = {"listed": "list", "cik": "register", "lei": "register", "sub": "register"}


def inputs_hash(workspace: Workspace) -> str:
    """Hash over what resolution stands on beside award records: registers' rows and judgements in effect."""
    paths = [path for name in _REGISTERS for path in files(workspace.lake, name)]
    return fingerprint.text_hash(fingerprint.files_hash(workspace, paths), repr(judgements(workspace)))


def judgements(workspace: Workspace) -> list[Judgement]:
    """Judgements of persons in effect. Raises WarehouseError when the journal is not as it was written."""
    try:
        return in_effect(read(journal_path(workspace)))
    except JournalError as error:
        raise WarehouseError(f"the journal of judgements cannot be used: {error}") from error


def identify(con: duckdb.DuckDBPyConnection, workspace: Workspace) -> Resolution:
    """Every company that the lake knows. Needs tables ``records`` and ``readings``; natural persons are left out."""
    known = Known()
    con.execute(sql_text("statement_sql", "identities"))
    add_records(known, _rows(con, "SELECT * FROM identities ORDER BY ALL"))
    pairs = con.execute("SELECT DISTINCT uei, duns FROM filed_together ORDER BY ALL").fetchall()
    add_pairs(known, pairs)
    for name, schema in _REGISTERS.items():
        lake_view(con, workspace.lake, name, schema)
    newest = "QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY as_of DESC NULLS LAST, capture_id DESC) = 1"
    add_register_names(known, _rows(con, "SELECT DISTINCT ON (company_key, name, kind, valid_from, valid_to) * "
                                    "FROM lake_company_alias ORDER BY ALL"))  # fmt: skip
    edges = newest.format(key="child_key, child, parent_key, control, valid_from, valid_to, source")
    add_register_edges(known, _rows(con, f"SELECT * FROM (SELECT * FROM lake_family_edge {edges}) ORDER BY ALL"))  # noqa: S608
    add_listed(known, families())
    return resolve(known, judgements(workspace))


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    for batch in con.sql(query).to_arrow_reader(10_000):
        yield from batch.to_pylist()


def write(workspace: Workspace, who: Resolution) -> dict[str, int]:
    """Write the six tables, each replaced whole; rows of each. Needs the statements written: whoever may be a candidate
    is searched for companies of like names."""
    who.reviews += alike(who, _supplying(workspace))
    made = {
        "company_member": _members(who), "company_link": _links(who), "company_known_name": _names(who),
        "company_control": _edges(who), "company_review": _reviews(who),
        "company_conflict": [{"company_id": c.company_id, "kind": c.kind, "explanation": c.explanation,
                              "others": list(c.others)} for c in who.conflicts()],
    }  # fmt: skip
    with ExitStack() as stack:
        for name, schema in COMPANY_TABLES.items():
            folder = stack.enter_context(replacing(composed_path(workspace, name)))
            pq.write_table(pa.Table.from_pylist(made[name], schema=schema), folder / "part-0.parquet",
                           compression="zstd")  # fmt: skip
    return {name: len(rows) for name, rows in made.items()}


def _supplying(workspace: Workspace) -> set[str]:
    """Companies of statements that may make a candidate."""
    told = pq.read_table(composed_path(workspace, "statement") / "part-0.parquet", columns=["company_id", "excluded"])
    return {row["company_id"] for row in told.to_pylist() if row["excluded"] is None and row["company_id"]}


def _members(who: Resolution) -> list[dict[str, Any]]:
    why: dict[str, list[str]] = {}
    for link in who.clusters.joined:
        for end in (link.a, link.b):
            why.setdefault(end, []).append(link.reason)
    rows = []
    for member, company in sorted(who.clusters.company_of.items()):
        node = who.nodes.get(member)
        origin = _ORIGIN.get(member.partition(":")[0], "record") if node else "judgement"
        reason = None if member == company else "; ".join(dict.fromkeys(why.get(member, ["joined by others"])))
        rows.append({
            "member_id": member, "company_id": company, "name": _shown(who, member), "origin": origin, "why": reason,
            "government": bool(node and node.government), "first_seen": node.first_seen if node else None,
            "last_seen": node.last_seen if node else None,
        })  # fmt: skip
    known = who.clusters.company_of.keys()
    rows += [
        {"member_id": name_id, "company_id": told.company_id, "name": name_id.partition(":")[2], "origin": "text",
         "why": told.reason, "government": False, "first_seen": None, "last_seen": None}
        for name_id, told in sorted(who.told.items()) if name_id not in known and name_id != told.company_id
    ]  # fmt: skip
    return rows


def _shown(who: Resolution, member: str) -> str:
    node = who.nodes.get(member)
    return (node.shown if node else "") or member.partition(":")[2]


def _links(who: Resolution) -> list[dict[str, Any]]:
    told = [(link, "joined") for link in who.clusters.joined] + [(link, "held") for link in who.clusters.held]
    return [{"a": link.a, "b": link.b, "rule": link.rule, "reason": link.reason, "outcome": outcome}
            for link, outcome in sorted(told)]  # fmt: skip


def _names(who: Resolution) -> list[dict[str, Any]]:
    rows = {
        (a.company_id, a.name, a.kind, a.source, str(a.valid_from), str(a.valid_to)): {
            "company_id": a.company_id, "name": a.name, "name_key": normalise(a.name), "kind": a.kind,
            "valid_from": a.valid_from, "valid_to": a.valid_to, "source": a.source, "reason": a.reason,
            "capture_id": a.capture_id, "locator": a.locator,
        }
        for a in who.aliases
    }  # fmt: skip
    return [rows[key] for key in sorted(rows)]


def _edges(who: Resolution) -> list[dict[str, Any]]:
    return [
        {
            "company_id": e.child, "parent_company_id": e.parent, "company": e.child_name or _shown(who, e.child),
            "parent": e.parent_name or _shown(who, e.parent), "control": e.control, "source": e.source,
            "standing": e.standing, "why": e.why, "valid_from": e.valid_from, "valid_to": e.valid_to,
            "first_seen": e.first_seen, "last_seen": e.last_seen, "records": e.records, "ended_by": e.ended_by,
            "days": e.days, "reason": e.reason, "evidence": e.evidence,
        }
        for e in who.edges
    ]  # fmt: skip


def _reviews(who: Resolution) -> list[dict[str, Any]]:
    reviews = {(r.a, r.b): r for r in reversed(who.reviews)}
    return [{"a": r.a, "b": r.b, "rule": r.rule, "reason": r.reason, "score_bits": r.score_bits}
            for _, r in sorted(reviews.items())]  # fmt: skip
