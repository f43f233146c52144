"""The one place that says which company an id or a written name is: rules and judgements put together.

Belongs here: resolving everything known, once a night, and answering for ids and names. Does not belong here: the rules
themselves, reading or writing the lake (warehouse).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from entities.aliases import Alias, AliasIndex, doubted, merged
from entities.families.edges import Edge, judged
from entities.families.graph import Family
from entities.ids import company_id
from entities.names import normalise
from entities.resolution.clusters import Clusters, clusters
from entities.resolution.gather import Known
from entities.resolution.linking import link
from entities.resolution.model import Conflict, Judgement, Link, Node, Review
from ordinance.families import listed_ids


class Resolved(NamedTuple):
    """The company of a written name, and the reason where it is not the name's own id.

    ``how``: 'name' where a known company is told by it, 'new' where only texts name it.
    """

    company_id: str
    reason: str | None
    how: str = "name"


@dataclass
class Resolution:
    """Companies of a night: ``clusters.company_of`` for every id known, aliases and edges by company."""

    nodes: Mapping[str, Node]
    clusters: Clusters
    aliases: list[Alias]
    edges: list[Edge]
    reviews: list[Review]
    judgements: tuple[Judgement, ...] = ()
    told: dict[str, Resolved] = field(default_factory=dict)

    def of(self, id_as_filed: str) -> str:
        """The company of an id as filed: its own where nothing joins it."""
        return self.clusters.company_of.get(id_as_filed, id_as_filed)

    def judged_pairs(self) -> set[tuple[str, str]]:
        """Pairs of companies that persons said are the same or different."""
        return {_pair(self.clusters.company_of, *one.pair) for one in self.judgements if one.verdict != "unsure"}

    def of_name(self, name: str | None) -> Resolved:
        """The company that a name written in a text tells, else the name's own id ('name:...').

        A person's judgement on the name's id comes first, then ids of award records under the name, then an exact alias
        that one company has. What could not be told, and why, becomes a review.
        """
        own = company_id(None, None, name)
        if own.startswith("unidentified:"):
            return Resolved(own, None)
        if own in self.told:
            return self.told[own]
        company = self.of(own)
        judged_alone = any(own in one.pair for one in self.judgements)
        if company != own or judged_alone:
            found = Resolved(company, self._why(own) if company != own else None)
        else:
            told = self._index.tell(name or "")
            if told.company_id:
                found = Resolved(told.company_id, told.reason)
            else:
                found = Resolved(own, None, "name" if own in self.nodes else "new")
            for choice in told.choices if told.company_id is None else ():
                if choice != own:
                    self.reviews.append(Review(min(own, choice), max(own, choice), "name in a text", told.reason))
        self.told[own] = found
        return found

    def of_maker(self, maker: str, name: str) -> Resolved:
        """The company of a maker of ordinance/products.yaml: its listed id, else as ``of_name``."""
        listed = listed_ids().get(maker)
        if listed is None:
            return self.of_name(name)
        company = self.of(f"listed:{listed}")
        own = company_id(None, None, name)
        found = Resolved(company, f"maker {listed} of the ordinance's list")
        self.told.setdefault(own, found)
        return found

    @cached_property
    def family(self) -> Family:
        """All edges, to be asked."""
        return Family(self.edges)

    @cached_property
    def _index(self) -> AliasIndex:
        known = frozenset(
            self.of(node.id) for node in self.nodes.values() if node.on_record or node.kind == "listed"
        )
        return AliasIndex(self.aliases, self.clusters.company_of, known)

    def _why(self, own: str) -> str:
        return "; ".join(one.reason for one in self.clusters.joined if own in (one.a, one.b)) or "joined by others"

    def conflicts(self) -> list[Conflict]:
        """What contradicts itself, in clusters and in families today."""
        found = list(self.clusters.conflicts)
        for company in sorted({edge.child for edge in self.edges}):
            found += self.family.conflicts(company)
        return sorted(set(found))


def resolve(known: Known, judgements: Iterable[Judgement] = ()) -> Resolution:
    """Resolve everything known. Pure: the same facts and judgements give the same companies."""
    said = tuple(judgements)
    linked = link(known.nodes, filed_together=known.filed_together, stated=known.stated, listed=known.listed)
    days = {node.id: node.first_seen for node in known.nodes.values()}
    made = clusters(days, linked.links, said)
    named = _by_known_name(known, made.company_of)
    if named:
        made = clusters(days, [*linked.links, *named], said)
    company_of = made.company_of
    by_company = (replace(a, company_id=company_of.get(a.company_id, a.company_id)) for a in known.aliases)
    aliases = doubted(merged(by_company))
    edges = [replace(e, child=company_of.get(e.child, e.child), parent=company_of.get(e.parent, e.parent))
             for e in known.edges]  # fmt: skip
    frozen = _spellings(aliases)
    public = frozenset(company_of[node.id] for node in known.nodes.values() if node.government)
    return Resolution(known.nodes, made, aliases, judged(edges, frozen, public),
                      _open(linked.reviews, company_of, said), said)  # fmt: skip


def _spellings(aliases: Iterable[Alias]) -> dict[str, frozenset[str]]:
    """Each company's full names in one spelling."""
    names: dict[str, set[str]] = {}
    for alias in aliases:
        if alias.kind in ("legal", "former", "dba"):
            names.setdefault(alias.company_id, set()).add(normalise(alias.name))
    return {company: frozenset(own) for company, own in names.items()}


def _by_known_name(known: Known, company_of: Mapping[str, str]) -> list[Link]:
    """Listed companies without a record, by the name they are known by: the one company that files that name.

    The list writes names as the press does ('Whooster'), filings with a legal form ('WHOOSTER INC').
    """
    filed = {company_of[node.id] for node in known.nodes.values() if node.on_record and not node.government}
    own = doubted(alias for alias in known.aliases if company_of.get(alias.company_id) in filed)
    index = AliasIndex(own, company_of, frozenset(filed))
    links = []
    for alias in known.aliases:
        listed = alias.company_id.startswith("listed:") and alias.kind == "press"
        if listed and company_of[alias.company_id] not in filed:
            told = index.tell(alias.name)
            if told.company_id is not None:
                links.append(Link(3, min(alias.company_id, told.company_id), max(alias.company_id, told.company_id),
                                  "known name", told.reason))
    return links


def _open(reviews: Iterable[Review], company_of: Mapping[str, str], said: Iterable[Judgement]) -> list[Review]:
    """Reviews still to be made, by company: not of one company, not judged (unsure stays, told so)."""
    closed = {_pair(company_of, *one.pair) for one in said if one.verdict != "unsure"}
    unsure = {_pair(company_of, *one.pair): one for one in said if one.verdict == "unsure"}
    made: dict[tuple[str, str], Review] = {}
    for review in sorted(reviews):
        pair = _pair(company_of, review.a, review.b)
        if pair[0] == pair[1] or pair in closed or pair in made:
            continue
        doubt = unsure.get(pair)
        reason = f"{review.reason}; {doubt.by} was unsure: {doubt.reason}" if doubt else review.reason
        made[pair] = Review(*pair, review.rule, reason, review.score_bits)
    return list(made.values())


def _pair(company_of: Mapping[str, str], a: str, b: str) -> tuple[str, str]:
    one, two = company_of.get(a, a), company_of.get(b, b)
    return (one, two) if one < two else (two, one)
