"""Gathers what is known of each id: from award records, from published registers, from the ordinance's list.

Belongs here: rows in, nodes, aliases, stated pairs and edges out. Does not belong here: rules over them (linking.py,
families.edges), reading the lake (warehouse).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from entities.aliases import Alias, listed_aliases
from entities.families.edges import Edge, listed_edges, said_days
from entities.ids import clean_duns, clean_uei, company_id
from entities.names import normalise
from entities.resolution.model import Node
from ordinance.families import Families

#: Kinds of registers' edges in our words.
_CONTROL: Final = {"direct_parent": "parent"}
_REGISTER: Final = {"sec": "exhibit21", "gleif": "gleif"}
_NOWHERE: Final = ("none:", "unidentified:")
_NAME_KINDS: Final = {"other": "other", "former": "former", "legal": "legal", "dba": "dba", "brand": "brand",
                      "ticker": "ticker"}  # fmt: skip


@dataclass
class Known:
    """Everything that resolution stands on, by ids as filed."""

    nodes: dict[str, Node] = field(default_factory=dict)
    filed_together: set[tuple[str, str]] = field(default_factory=set)
    stated: set[tuple[str, str, str]] = field(default_factory=set)
    listed: dict[str, str] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def node(self, node_id: str, shown: str = "") -> Node:
        """The node of an id, made where it is new."""
        node = self.nodes.get(node_id)
        if node is None:
            node = self.nodes[node_id] = Node(node_id)
        if shown and not node.shown:
            node.shown = shown
        return node

    def name(self, node: Node, name: str | None) -> None:
        """Note a full name of a node, in one spelling."""
        plain = normalise(name)
        if plain:
            node.names.add(plain)
            if not node.shown:
                node.shown = name or plain


@dataclass
class _Filed:
    first: date | None = None
    last: date | None = None
    records: int = 0
    evidence: str = ""

    def saw(self, row: Mapping[str, Any]) -> None:
        first, last = row["first_action"], row["last_action"]
        if first and (self.first is None or first < self.first):
            self.first = first
        if last and (self.last is None or last >= self.last):
            self.last, self.evidence = last, row["record_key"]
        self.records += row["records"]
        self.evidence = self.evidence or row["record_key"]

    def also(self, other: _Filed) -> None:
        """Take in what another saw."""
        self.saw({"first_action": other.first, "last_action": other.last, "records": other.records,
                  "record_key": other.evidence})  # fmt: skip


def add_records(known: Known, rows: Iterable[Mapping[str, Any]]) -> None:
    """Award records, grouped: recipient, dba, parent, their UEI and DUNS, state, days, number of records, one key.

    Natural persons must not be among them. Names and parents become aliases and edges with their days.
    """
    names: defaultdict[tuple[str, str, str], _Filed] = defaultdict(_Filed)
    parents: defaultdict[tuple[str, str, str, str], _Filed] = defaultdict(_Filed)
    for row in rows:
        own = company_id(row["recipient_uei"], row["recipient_duns"], row["recipient"])
        if own.startswith("unidentified:"):
            continue
        node = known.node(own, row["recipient"] or "")
        node.on_record = True
        node.government = node.government or row["entity"] == "government"
        node.saw(row["first_action"], row["last_action"])
        known.name(node, row["recipient"])
        if row["state"]:
            node.states.add(row["state"])
        node.contracts.update(row.get("contracts") or ())
        for kind in ("recipient", "recipient_dba"):
            if row[kind]:
                names[own, row[kind], "legal" if kind == "recipient" else "dba"].saw(row)
        up = _parent(known, node, row)
        if up:
            parents[own, up, row["recipient"] or "", row["parent"] or ""].saw(row)
    for (_, up, _, parent_name), filed in parents.items():
        if parent_name:
            names[up, parent_name, "parent"].also(filed)
    for (own, name, role), filed in sorted(names.items()):
        kind = "legal" if role == "parent" else role
        said = f"filed {'as a parent ' if role == 'parent' else ''}on award records, last on {filed.evidence}"
        known.aliases.append(Alias(own, name, kind, "award", said, filed.first, filed.last))
    for (child, parent, child_name, parent_name), filed in sorted(parents.items()):
        reason = f"ultimate parent as filed on {filed.records} award records"
        known.edges.append(Edge(child, parent, "ultimate_parent", "award", reason, child_name, parent_name,
                                first_seen=filed.first, last_seen=filed.last, records=filed.records,
                                evidence=filed.evidence))  # fmt: skip


def _parent(known: Known, node: Node, row: Mapping[str, Any]) -> str | None:
    up = company_id(row["parent_uei"], row["parent_duns"], row["parent"])
    if up.startswith("unidentified:") or up == node.id:  # who has no parent files itself
        return None
    parent = known.node(up, row["parent"] or "")
    parent.saw(row["first_action"], row["last_action"])
    known.name(parent, row["parent"])
    node.parents.add(up)
    _family(node, parent, row["recipient"], row["parent"])
    return up


def _family(child: Node, parent: Node, child_name: str | None, parent_name: str | None) -> None:
    """Each knows the other's name: a second fact for ids of one name."""
    one, two = normalise(child_name), normalise(parent_name)
    if one and two and one != two:
        child.family.add(two)
        parent.family.add(one)


def add_pairs(known: Known, pairs: Iterable[tuple[str | None, str | None]]) -> None:
    """UEI and DUNS number filed on one row."""
    for uei, duns in pairs:
        good, old = clean_uei(uei), clean_duns(duns)
        if good and old:
            known.node("uei:" + good)
            known.node("duns:" + old)
            known.filed_together.add(("uei:" + good, "duns:" + old))


def add_register_names(known: Known, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of COMPANY_ALIAS: names by CIK or LEI with their days, and identifiers that a record itself states."""
    for row in rows:
        key = row["company_key"]
        node = known.node(key)
        kind = _NAME_KINDS.get(row["kind"], "other")
        if kind == "legal":
            known.name(node, row["name"])
        reason = f"published by {row['source'].upper()}"
        known.aliases.append(Alias(key, row["name"], kind, row["source"], reason, row["valid_from"], row["valid_to"],
                                   row["capture_id"], row["locator"]))  # fmt: skip
        for other in row["same_as"] or ():
            if other.startswith(("cik:", "lei:", "uei:", "duns:")):
                known.node(other)
                known.stated.add((key, other, f"{row['source'].upper()}'s record of {key} states {other}"))


def add_register_edges(known: Known, rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows of FAMILY_EDGE. A child known by name only gets an id within its parent: a name alone joins nothing."""
    for row in rows:
        if row["control"] == "reporting_exception" or row["parent_key"].startswith(_NOWHERE):
            continue
        child_id, parent_id = (within(row[end + "_key"], row[end], row[other + "_key"])
                               for end, other in (("child", "parent"), ("parent", "child")))
        source = _REGISTER.get(row["source"], row["source"])
        share = f", {row['ownership_percent']:g} % held" if row["ownership_percent"] is not None else ""
        note = f" ({row['note']})" if row["note"] else ""
        add_family(known, Edge(
            child_id, parent_id, _CONTROL.get(row["control"], row["control"]), source,
            f"{row['control'].replace('_', ' ')} in {row['source'].upper()}'s record of {row['as_of'] or 'no day'}"
            f"{share}{note}", row["child"], row["parent"], row["valid_from"], row["valid_to"], row["as_of"],
            row["as_of"], 1, f"{row['capture_id']} {row['locator']}",
            days=said_days(row["valid_from"], row["valid_to"]),
        ))  # fmt: skip


def add_family(known: Known, edge: Edge) -> None:
    """An edge by ids as filed; both ends and their names are taken in."""
    child, parent = known.node(edge.child, edge.child_name), known.node(edge.parent, edge.parent_name)
    for node, name in ((child, edge.child_name), (parent, edge.parent_name)):
        known.name(node, name)
    child.parents.add(edge.parent)
    _family(child, parent, edge.child_name, edge.parent_name)
    known.edges.append(edge)
    capture, _, locator = edge.evidence.partition(" ")
    for own, name in ((edge.child, edge.child_name), (edge.parent, edge.parent_name)):
        if name:
            said = f"named in a statement of control: {edge.reason}"
            known.aliases.append(Alias(own, name, "legal", edge.source, said, capture_id=capture,
                                       locator=locator or None))  # fmt: skip


def within(key: str, name: str, other_key: str) -> str:
    """The id of an edge's end: an identifier as it is, a name only ('sub:') within its counterpart."""
    if not key.startswith("name:"):
        return key
    return f"sub:{other_key}/{normalise(name)}"


def add_listed(known: Known, data: Families) -> None:
    """The ordinance's list: companies, their names, identifiers and edges."""
    aliases = list(listed_aliases(data))
    for company in data.companies:
        node = known.node(f"listed:{company.id}", company.name)
        said = f"ordinance/families.yaml states it of {company.id}"
        for key in (company.cik and f"cik:{company.cik}", company.lei and f"lei:{company.lei}",
                    *(f"uei:{uei}" for uei in company.uei)):  # fmt: skip
            if key:
                known.node(key)
                known.stated.add((node.id, key, said))
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for alias in aliases:
        if alias.kind in ("legal", "former", "dba", "press"):
            holders[normalise(alias.name)].add(alias.company_id)
        if alias.kind in ("legal", "former", "dba"):
            known.name(known.nodes[alias.company_id], alias.name)
    known.listed.update({name: min(ids) for name, ids in holders.items() if len(ids) == 1})
    known.aliases += aliases
    for edge in listed_edges(data):
        child, parent = known.nodes[edge.child], known.nodes[edge.parent]
        child.parents.add(edge.parent)
        for one in child.names or {normalise(edge.child_name)}:
            for two in parent.names or {normalise(edge.parent_name)}:
                _family(child, parent, one, two)
        known.edges.append(edge)
