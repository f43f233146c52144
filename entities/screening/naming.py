"""What a hit of the matcher means in a city's list: the same, for a person to look at, or nothing.

Belongs here: the rule over one written name and one known name. Does not belong here: bits (``entities.matching``).

A list of thousands meets thousands of names by chance. So likeness of spelling alone counts only with many bits; below
that, every word of the known name must stand in the written one. A known name of one short word counts only where the
written name adds nothing but a legal form or a place.
"""

from __future__ import annotations

from functools import lru_cache

from entities.matching.matcher import Match
from entities.names import normalise
from entities.resolution.spelling import core, distinctive
from entities.screening.model import REVIEW, SAME
from ordinance.screening import screening


def verdict(written: str, known: str, match: Match, held_back: bool, least: float | None = None) -> str | None:
    """``same``, ``review`` or None. ``held_back``: the search leaves it to a person. ``least``: bits asked instead of
    those of screening.yaml for ``same`` (a person looks at what is up to as many bits below as there)."""
    bits = screening().bits
    same = bits.same if least is None else least
    review = bits.review if least is None else min(bits.review, least)
    own, words = core(known).split(), normalise(written).split()
    added = [word for word in core(written).split() if word not in own]
    whole = set(own) <= set(words)
    if len(own) == 1 and len(own[0]) <= screening().short_name and (added or not whole):
        return None
    if whole and not added and (distinctive(known) or match.same):
        return SAME if match.same and not held_back else REVIEW
    if match.same and not held_back and match.bits >= (same if whole else max(same, bits.clear)):
        return SAME
    asked = review if whole and distinctive(known) else max(review, bits.alike)
    return REVIEW if match.bits >= asked else None


@lru_cache(maxsize=200_000)
def without_place(name: str) -> str:
    """The name of a holding without what registers put behind its legal form ('ACCENTURE PLC IRELAND')."""
    words = normalise(name).split()
    for place in sorted(screening().filing_places, key=len, reverse=True):
        tail = place.split()
        kept = words[: -len(tail)]
        if words[-len(tail) :] == tail and len(kept) > 1 and core(" ".join(kept)) != " ".join(kept):
            return " ".join(kept)
    return name
