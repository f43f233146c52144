"""Clusters of ids: links join, persons' judgements join first and hold apart whatever links say.

Belongs here: one pure function from ids, links and judgements to clusters. Does not belong here: where links come from
(linking.py), the journal (journal.py).

A pure function of what is in effect now, so an undone judgement leaves no trace: the former clusters come back exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from entities.resolution.model import Conflict, Judgement, Link, id_order


@dataclass
class Clusters:
    """``company_of`` maps every id to its company's id.

    ``joined`` are links that stand, ``held`` links refused because a person said different.
    """

    company_of: dict[str, str] = field(default_factory=dict)
    joined: list[Link] = field(default_factory=list)
    held: list[Link] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass
class _Forest:
    """Union and find, with the ids each tree must not meet (``apart``, by root) and what persons said (``said``)."""

    above: dict[str, str] = field(default_factory=dict)
    apart: dict[str, set[str]] = field(default_factory=dict)
    said: dict[str, set[str]] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)

    def top(self, one: str) -> str:
        """The root of an id, path halved on the way."""
        above = self.above
        above.setdefault(one, one)
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def enemy(self, a: str, b: str) -> tuple[str, str] | None:
        """A pair said to be different that joining the clusters of a and b would put together."""
        x, y = self.top(a), self.top(b)
        for mine, other in ((x, y), (y, x)):
            for foe in sorted(self.apart.get(mine, ())):
                if self.top(foe) == other:
                    return mine, foe
        return None

    def join(self, a: str, b: str) -> None:
        x, y = self.top(a), self.top(b)
        if x == y:
            return
        if self.size.get(x, 1) < self.size.get(y, 1):
            x, y = y, x
        self.above[y] = x
        self.size[x] = self.size.get(x, 1) + self.size.get(y, 1)
        if foes := self.apart.pop(y, None):
            self.apart.setdefault(x, set()).update(foes)


def clusters(
    ids: Mapping[str, date | None], links: Iterable[Link], judgements: Iterable[Judgement]
) -> Clusters:
    """Clusters of ``ids`` (id -> first day seen). Ids that only judgements or links name are taken in.

    ``different`` holds apart even through others: a link that would bring the two together is refused and told as a
    conflict. ``same`` and ``different`` of persons that cannot both hold are told too; ``different`` stands, for a
    wrong match harms a company. ``unsure`` keeps rules from joining the pair directly. The order of links does not
    matter beyond their rank; that of judgements is the journal's.
    """
    made = Clusters()
    forest = _Forest()
    said = list(judgements)
    unsure = {one.pair for one in said if one.verdict == "unsure"}
    for one in said:
        if one.verdict == "different":
            for mine, other in (one.pair, one.pair[::-1]):
                forest.apart.setdefault(mine, set()).add(other)
                forest.said.setdefault(mine, set()).add(other)
    for one in said:
        if one.verdict == "same":
            reason = f"{one.by} judged them the same ({one.at[:10]}): {one.reason}"
            _join(made, forest, Link(-1, *one.pair, f"judgement {one.number}", reason), by_person=True)
    for link in sorted(set(links)):
        pair = (link.a, link.b) if link.a < link.b else (link.b, link.a)
        if pair in unsure:
            made.held.append(link)
        else:
            _join(made, forest, link, by_person=False)
    everyone = {**dict.fromkeys(forest.above), **dict.fromkeys(end for one in said for end in one.pair), **ids}
    groups: dict[str, list[str]] = {}
    for each in everyone:
        groups.setdefault(forest.top(each), []).append(each)
    for members in groups.values():
        company = min(members, key=lambda member: id_order(member, ids.get(member)))
        made.company_of.update(dict.fromkeys(members, company))
    made.conflicts = sorted({_named(conflict, made.company_of) for conflict in made.conflicts})
    return made


def _join(made: Clusters, forest: _Forest, link: Link, *, by_person: bool) -> None:
    if link.a == link.b:
        return
    foe = forest.enemy(link.a, link.b)
    if foe is None:
        if forest.top(link.a) != forest.top(link.b) or by_person:
            made.joined.append(link)
        forest.join(link.a, link.b)
        return
    made.held.append(link)
    if not by_person and link.b in forest.said.get(link.a, ()):
        return  # the person spoke of these two
    kind = "judgements_disagree" if by_person else "held_apart"
    told = (f"{link.a} and {link.b} stay apart, for a person judged companies behind them different, although: "
            f"{link.reason}")
    made.conflicts.append(Conflict(link.a, kind, told, (link.b,)))


def _named(conflict: Conflict, company_of: Mapping[str, str]) -> Conflict:
    """The conflict under its company's id of today."""
    return Conflict(company_of[conflict.company_id], conflict.kind, conflict.explanation, conflict.others)
