"""Pairs of companies whose names the matcher finds alike: for a person to look at, never joined.

Belongs here: which names are searched, which hits are worth a person's time. Does not belong here: the comparison
(entities.matching), rules that join (linking.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from entities.matching.index import NameIndex
from entities.matching.matcher import shared_matcher
from entities.resolution.model import Review
from entities.resolution.resolver import Resolution

_HITS: Final = 4
_MOST: Final = 2_000
_KINDS: Final = frozenset({"legal", "former", "dba", "press"})


def alike(who: Resolution, companies: Iterable[str]) -> list[Review]:
    """Reviews of ``companies`` (those with a candidate at stake) against every company with records or listed.

    Not of one family (a subsidiary of a like name is no doubt), not judged, not reviewed for another reason already.
    Highest bits first, at most two thousand. Pure.
    """
    matcher = shared_matcher()
    known = sorted(_names(who))
    index = NameIndex([name for _, name in known], matcher)
    asked = set(companies)
    queries = [(company, name) for company, name in known if company in asked]
    hits = index.search_many([name for _, name in queries], _HITS)
    done = {(review.a, review.b) for review in who.reviews} | who.judged_pairs()
    best: dict[tuple[str, str], tuple[float, str, str]] = {}
    for query, position, bits in zip(hits.query.tolist(), hits.position.tolist(), hits.bits.tolist(), strict=True):
        (one, one_name), (two, two_name) = queries[query], known[position]
        pair = (one, two) if one < two else (two, one)
        if one == two or pair in done or (pair in best and best[pair][0] >= bits):
            continue
        best[pair] = (bits, one_name, two_name)
    made: list[Review] = []
    for pair, (bits, one_name, two_name) in sorted(best.items(), key=lambda item: (-item[1][0], item[0])):
        if len(made) >= _MOST:
            break
        if who.family.chain(*pair) is None:
            match = matcher.score(one_name, two_name)
            said = f"{one_name} and {two_name}: {match.reason} (matcher {match.version})"
            made.append(Review(*pair, "matcher", said, round(bits, 3)))
    return made


def _names(who: Resolution) -> Iterator[tuple[str, str]]:
    """(company, name) of every company with records or listed; public bodies left out."""
    counted = {who.of(n.id) for n in who.nodes.values() if (n.on_record or n.kind == "listed") and not n.government}
    seen: set[tuple[str, str]] = set()
    for alias in who.aliases:
        if alias.kind in _KINDS and alias.company_id in counted and (alias.company_id, alias.name) not in seen:
            seen.add((alias.company_id, alias.name))
            yield alias.company_id, alias.name
    for own, told in who.told.items():
        if told.company_id == own and told.how == "new":
            yield own, own.partition(":")[2]
