"""Candidates, or a register of determinations, as FollowTheMoney entities: the shape that investigators' tools load.

Belongs here: a watch to entities (https://followthemoney.tech, schemas Company, PublicBody, Ownership, UnknownLink).
Does not belong here: which companies (``warehouse.screening``, ``entities.screening.watching``), writing CSV (present).

A candidate is no sanction: nothing here gives a company a topic of risk. The link to the agency says 'candidate'.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from entities.screening.model import Target, Watch
from records.ids import digest

_ID_OF: Final = {"uei": "uniqueEntityId", "duns": "dunsCode", "lei": "leiCode", "cik": "cikCode", "ticker": "ticker",
                 "isin": "isinCode", "cage": "cageCode"}  # fmt: skip
_NAME_OF: Final = {"legal": "alias", "dba": "alias", "former": "previousName", "press": "weakAlias"}
_AGENCIES: Final = "Federal immigration agencies of the United States"


def ftm_lines(watch: Watch) -> Iterator[str]:
    """One JSON entity a line: companies and their owners, who owns whom, what each is a candidate for."""
    for entity in ftm_entities(watch):
        yield json.dumps(entity, ensure_ascii=False, sort_keys=True)


def ftm_entities(watch: Watch) -> Iterator[dict[str, Any]]:
    """Entities of the watched companies and of those that hang together with them by a standing edge."""
    own = {target.company_id for target in watch.targets}
    edges = [e for e in watch.edges if e.upward and e.valid_to is None and own & {e.child, e.parent}]
    shown = own | {end for e in edges for end in (e.child, e.parent)}
    names: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for target in watch.targets:
        names[target.company_id].append((target.company, "name"))
    for edge in edges:
        names[edge.child].append((edge.child_name, "name"))
        names[edge.parent].append((edge.parent_name, "name"))
    for known in watch.names:
        if known.company_id in shown:
            names[known.company_id].append((known.name, _NAME_OF.get(known.kind, "alias")))
    ids: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for (kind, value), company in watch.ids.items():
        if kind in _ID_OF:
            ids[company].append((value, _ID_OF[kind]))
    for company in sorted(shown):
        yield _entity(company, "Company", [*names[company], *ids[company]])
    agency = _id("agencies")
    yield {"id": agency, "schema": "PublicBody", "properties": {"name": [_AGENCIES], "country": ["us"]}}
    for target in watch.targets:
        yield _link(target, agency, watch.version)
    for edge in edges:
        yield _plain(_id("own", edge.child, edge.parent, edge.control, edge.source, edge.evidence), "Ownership", {
            "owner": _id(edge.parent), "asset": _id(edge.child), "role": edge.control.replace("_", " "),
            "startDate": edge.valid_from.isoformat() if edge.valid_from else "", "summary": edge.reason,
            "recordId": edge.evidence,
        })  # fmt: skip


def register_table(watch: Watch) -> pa.Table:
    """The same companies as rows: one a company and category."""
    return pa.Table.from_pylist([
        {"company_id": t.company_id, "company": t.company, "state": t.state, "category": t.category,
         "certainty": t.certainty, "band": t.band, "score": t.score, "candidate_id": t.candidate_id,
         "evidence_id": t.evidence_id, "version": watch.version} for t in watch.targets
    ])  # fmt: skip


def _link(target: Target, agency: str, version: str) -> dict[str, Any]:
    said = ", ".join(part for part in (target.certainty, target.band) if part)
    return _plain(_id("link", target.company_id, target.category, target.state), "UnknownLink", {
        "subject": _id(target.company_id), "object": agency, "role": f"{target.state}: {target.category}".strip(": "),
        "status": target.state, "recordId": target.evidence_id,
        "summary": f"{target.category or 'service'} {said}; version {version}".strip(),
    })  # fmt: skip


def _entity(company: str, schema: str, said: list[tuple[str, str]]) -> dict[str, Any]:
    """``said``: (value, property); the first value is the entity's name, other names are aliases."""
    caption = said[0][0] if said and said[0][0] else company
    properties: dict[str, set[str]] = {"name": {caption}}
    for value, kind in said:
        if value and value != caption:
            properties.setdefault("alias" if kind == "name" else kind, set()).add(value)
    return {"id": _id(company), "schema": schema,
            "properties": {name: sorted(values) for name, values in properties.items()}}  # fmt: skip


def _plain(number: str, schema: str, cells: dict[str, str]) -> dict[str, Any]:
    return {"id": number, "schema": schema, "properties": {name: [value] for name, value in cells.items() if value}}


def _id(*parts: str) -> str:
    return "s3c-" + digest(*parts)
