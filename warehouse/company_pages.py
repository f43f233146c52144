"""A company's page from the published version, as plain data: names, identifiers, family, statements, doubts.

Belongs here: finding a company by name or id, its profile, chains between two, the picture. Does not belong here: how
it looks on a screen (company_showing.py), judgements (company_judging.py), rules about families (entities).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from entities.families.edges import Edge, said_days
from entities.families.graph import Family, Step
from entities.families.picture import Box, Line, svg
from entities.names import normalise
from entities.resolution.spelling import core
from records.workspace import Workspace
from warehouse import reader
from warehouse.engine import WarehouseError
from warehouse.family_rows import family_of

_MOST_CHOICES: Final = 25
_MOST_DRAWN: Final = 24
_MOST_STATEMENTS: Final = 200
#: What an edge says of child and parent, for the words of a chain.
_WORDS: Final = {
    "ultimate_parent": "files as its ultimate parent", "parent": "has as its parent",
    "subsidiary": "is a subsidiary of", "division": "is a division of",
    "joint_venture": "is a joint venture of", "acquired": "was acquired by",
    "affiliate": "is an affiliate of", "spun_off": "was spun off from",
}  # fmt: skip
_BY_ID: Final = """
SELECT company_id, name FROM company WHERE company_id = $text
UNION ALL SELECT company_id, name FROM company
WHERE company_id IN (SELECT new_company_id FROM company_rekey WHERE old_company_id = $text)
LIMIT 1
"""
_BY_NAME: Final = """
WITH found AS (
    SELECT company_id, name, kind, source FROM company_alias WHERE list_contains($keys, name_key)
    UNION ALL SELECT m.new_company_id, m.name, m.origin, 'id' FROM company_rekey AS m
    WHERE list_contains($ids, m.old_company_id)
    UNION ALL SELECT company_id, name, 'name', 'id' FROM company WHERE list_contains($ids, company_id)
)
SELECT f.company_id, coalesce(any_value(c.name), any_value(f.name)) AS name,
    any_value(f.kind || ' name: ' || f.name ORDER BY f.kind, f.name) AS why,
    count(DISTINCT c.company_id) AS in_company, coalesce(any_value(c.awards + c.subawards), 0) AS records
FROM found AS f LEFT JOIN company AS c USING (company_id)
GROUP BY f.company_id ORDER BY records DESC, f.company_id LIMIT $most
"""
_BY_PART: Final = """
SELECT a.company_id, any_value(c.name) AS name, any_value(a.kind || ' name: ' || a.name ORDER BY a.name) AS why,
    1 AS in_company, any_value(c.awards + c.subawards) AS records
FROM company_alias AS a JOIN company AS c USING (company_id)
WHERE contains(a.name_key, $part) GROUP BY a.company_id ORDER BY records DESC, a.company_id LIMIT $most
"""


@dataclass(frozen=True)
class Choice:
    """A company that a name may mean, and which of its names it was."""

    company_id: str
    name: str
    why: str
    records: int


@dataclass(frozen=True)
class Link:
    """One link of a chain, in words, with its source and days. ``known``: dated, observed, or assumed."""

    from_id: str
    from_name: str
    to_id: str
    to_name: str
    words: str
    control: str
    source: str
    reason: str
    evidence: str
    known: str
    standing: str
    why: str
    valid_from: date | None
    valid_to: date | None
    first_seen: date | None
    last_seen: date | None


@dataclass(frozen=True)
class Profile:
    """Everything known of one company in one version; tables are lists of rows. ``rekeyed_from``: the id asked for."""

    version: str
    company_id: str
    name: str
    on: date | None
    company: dict[str, Any]
    rekeyed_from: str | None = None
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    owners: list[list[Link]] = field(default_factory=list)
    owned: list[Link] = field(default_factory=list)
    past: list[Link] = field(default_factory=list)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    family_candidates: list[dict[str, Any]] = field(default_factory=list)
    statements: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)


def find(workspace: Workspace, text: str) -> list[Choice]:
    """Companies that an id or a name means, those with most records first; one when it is certain, none when unknown.

    Raises WarehouseError when nothing is published.
    """
    with reader.connect(workspace) as session:
        return _find(session, text.strip())


def _find(session: reader.Reader, text: str) -> list[Choice]:
    found = session.query(_BY_ID, {"text": text}).table.to_pylist()
    if found:
        return [Choice(found[0]["company_id"], found[0]["name"], "id", 0)]
    key = normalise(text)
    if not key:
        return []
    rows = _named(session, [key])
    exact = [row for row in rows if row["in_company"]]
    if len(exact) != 1:
        more = session.query(_BY_PART, {"part": core(text), "most": _MOST_CHOICES}).table.to_pylist()
        rows = list({row["company_id"]: row for row in (*exact, *(rows if not exact else ()), *more)}.values())
    else:
        rows = exact
    return [Choice(row["company_id"], row["name"], row["why"], row["records"]) for row in rows[:_MOST_CHOICES]]


def _named(session: reader.Reader, keys: list[str]) -> list[dict[str, Any]]:
    asked = {"keys": keys, "ids": [f"name:{key}" for key in keys], "most": _MOST_CHOICES}
    rows: list[dict[str, Any]] = session.query(_BY_NAME, asked).table.to_pylist()
    return rows


def profile(workspace: Workspace, company_id: str, on: date | None = None) -> Profile:
    """The page of one company by its id, today's or an older one; the family on a day (None: now).

    Raises WarehouseError when the id is not known or nothing is published.
    """
    with reader.connect(workspace) as session:
        asked = company_id.strip()
        found = session.query(_BY_ID, {"text": asked}).table.to_pylist()
        if not found:
            raise WarehouseError(f"no company has the id '{asked}': `section3c company NAME` finds ids by name")
        own = str(found[0]["company_id"])

        def rows(sql: str, most: int = 10_000) -> list[dict[str, Any]]:
            listed: list[dict[str, Any]] = session.query(sql, {"id": own}, max_rows=most).table.to_pylist()
            return listed

        family = family_of(session, [own])
        names = _display_names(session, family)
        ways = [[_link(Step(e, True), names, on) for e in way] for way in family.ancestors(own, on)]
        row = rows("SELECT * FROM company WHERE company_id = $id")[0]
        relatives = sorted(_relatives(family, own, on) - {own})
        kin = session.query("SELECT * FROM candidate WHERE list_contains($ids, company_id) ORDER BY score DESC",
                            {"ids": relatives}).table.to_pylist() if relatives else []  # fmt: skip
        return Profile(
            session.version, own, row["name"], on, row, asked if asked != own else None,
            identifiers=rows("SELECT * FROM company_rekey WHERE new_company_id = $id ORDER BY old_company_id"),
            names=rows("SELECT * FROM company_alias WHERE company_id = $id ORDER BY kind, valid_from, name, source"),
            owners=ways, owned=[_link(Step(e, False), names, on) for e in family.children(own, on)],
            past=[_link(Step(e, e.child == own), names, on) for e in family.stated(own) if not e.on(on)],
            candidates=rows("SELECT * FROM candidate WHERE company_id = $id ORDER BY score DESC"),
            family_candidates=kin,
            statements=rows("SELECT * FROM statement WHERE company_id = $id OR via_company_id = $id "
                            "ORDER BY score DESC, statement_id", _MOST_STATEMENTS),
            conflicts=rows("SELECT * FROM company_conflict WHERE company_id = $id ORDER BY ALL"),
            reviews=rows("SELECT * FROM company_review WHERE a = $id OR b = $id ORDER BY ALL"),
            links=rows("SELECT l.* FROM company_link AS l WHERE l.a = $id OR l.b = $id OR l.a IN "
                       "(SELECT old_company_id FROM company_rekey WHERE new_company_id = $id) ORDER BY ALL"),
        )  # fmt: skip


def family_chain(
    workspace: Workspace, from_id: str, to_id: str, on: date | None = None
) -> list[Link] | None:
    """The chain of control from one company (the city's vendor) to another (the federal recipient) on a day.

    Up to a common owner and down again, each link with its source and days; empty where both are one company, None
    where nothing known joins them on that day. Raises WarehouseError for an unknown id.
    """
    with reader.connect(workspace) as session:
        start, goal = (_today(session, one) for one in (from_id, to_id))
        family = family_of(session, [start, goal])
        steps = family.chain(start, goal, on)
        if steps is None:
            return None
        names = _display_names(session, family)
        return [_link(step, names, on) for step in steps]


def family_svg(workspace: Workspace, company_id: str, on: date | None = None) -> str:
    """The company's family as a picture (SVG): owners above, companies owned below; every text is escaped."""
    with reader.connect(workspace) as session:
        own = _today(session, company_id)
        family = family_of(session, [own])
        names = _display_names(session, family)
        names.setdefault(own, str(session.query("SELECT name FROM company WHERE company_id = ?", [own])
                                  .table.to_pylist()[0]["name"]))  # fmt: skip
        version = session.version
    boxes, lines, hidden = _drawing(family, own, names, on)
    day = f"on {on}" if on else "today"
    note = f"Family of {names[own]} ({own}) {day}, version {version}"
    note += f"; {hidden} more companies are not drawn" if hidden else ""
    return svg(f"{names[own]}: family {day}", note, boxes, lines)


def _drawing(
    family: Family, own: str, names: dict[str, str], on: date | None
) -> tuple[list[Box], list[Line], int]:
    boxes = {own: Box(own, names.get(own, own), 0)}
    lines: dict[tuple[str, str], Line] = {}
    for way in family.ancestors(own, on):
        for height, edge in enumerate(way, 1):
            boxes.setdefault(edge.parent, Box(edge.parent, names[edge.parent], -height))
            lines[edge.parent, edge.child] = _line(edge)
    below, layer, hidden = [own], 1, 0
    while below:
        following = []
        for parent in below:
            for edge in family.children(parent, on):
                if edge.child in boxes:
                    continue
                if len(boxes) >= _MOST_DRAWN:
                    hidden += 1
                    continue
                boxes[edge.child] = Box(edge.child, names[edge.child], layer)
                lines[parent, edge.child] = _line(edge)
                following.append(edge.child)
        below, layer = following, layer + 1
    return list(boxes.values()), list(lines.values()), hidden


def _line(edge: Edge) -> Line:
    return Line(edge.parent, edge.child, f"{edge.control.replace('_', ' ')}{_days(edge)} ({edge.source})",
                edge.standing != "stands")  # fmt: skip


def _days(edge: Edge) -> str:
    told = edge.days.strip() or said_days(edge.valid_from, edge.valid_to).strip()
    if edge.days and edge.valid_to and "until" not in edge.days:
        told += f" until {edge.valid_to}"
    return f" {told}" if told else ""


def _relatives(family: Family, own: str, on: date | None) -> set[str]:
    """Companies under common control with it on a day (§2.6): its owners and everything they own, and what it owns."""
    seen: set[str] = set()
    ask = {own, *family.above(own, on)}
    while ask - seen:
        one = min(ask - seen)
        seen.add(one)
        ask |= {edge.child for edge in family.children(one, on)}
    return seen


def _today(session: reader.Reader, company_id: str) -> str:
    found = session.query(_BY_ID, {"text": company_id.strip()}).table.to_pylist()
    if not found:
        raise WarehouseError(f"no company has the id '{company_id}': `section3c company NAME` finds ids by name")
    return str(found[0]["company_id"])


def _display_names(session: reader.Reader, family: Family) -> dict[str, str]:
    """The name of every company of the family, as table company has it."""
    ids = sorted(family.companies())
    found = session.query("SELECT company_id, name FROM company WHERE list_contains($ids, company_id)", {"ids": ids})
    return {row["company_id"]: row["name"] for row in found.table.to_pylist()}


def _link(step: Step, names: dict[str, str], on: date | None) -> Link:
    edge = step.edge
    child, parent = names.get(edge.child, edge.child_name), names.get(edge.parent, edge.parent_name)
    words = f"{child} {_WORDS.get(edge.control, edge.control)} {parent}{_days(edge)}"
    ends = ((edge.child, child), (edge.parent, parent))
    (from_id, from_name), (to_id, to_name) = ends if step.up else ends[::-1]
    return Link(from_id, from_name, to_id, to_name, words, edge.control, edge.source, edge.reason, edge.evidence,
                edge.known(on), edge.standing, edge.why, edge.valid_from, edge.valid_to, edge.first_seen,
                edge.last_seen)  # fmt: skip
