"""Speed of the matcher, for `section3c bench --names N`: pairs a second, a search of lists, and how its cost grows.

Belongs here: made-up names of real words and the measurements. Does not belong here: peers (tests/peers).
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from rapidfuzz import fuzz, process, utils

from entities.matching.index import NameIndex
from entities.matching.matcher import Matcher
from entities.matching.words import words

_FORMS = ("INC", "LLC", "CORP", "CO", "LTD", "", "", "INC.", ", INC.", "LP")


@dataclass(frozen=True)
class Growth:
    """One point of the curve: as many names searched in as many names, seconds for index and search, candidates."""

    names: int
    seconds: float
    hits: int

    @property
    def per_name(self) -> float:
        """Seconds a name, over log2 of the names: falls or stays where cost grows no faster than n log n."""
        return self.seconds / (self.names * log2(self.names))


def made_names(count: int, seed: int = 1) -> list[str]:
    """Distinct names of the shape of federal recipients: coined brands and real words by their frequency."""
    rng = random.Random(seed)
    table = words()
    common, weights = list(table.counts), list(table.counts.values())
    syllables = ("BA", "CO", "DEX", "EN", "FI", "GRA", "HO", "IN", "JEL", "KA", "LU", "MO", "NEX", "OR", "PA", "QUI",
                 "RO", "SY", "TRA", "UL", "VE", "WO", "XA", "ZE", "TRO", "STA", "LIN", "MAR", "TEK", "SON")
    found: dict[str, None] = {}
    while len(found) < count:
        some = rng.choices(common, weights, k=4 * 1000)
        for at in range(0, len(some), 4):
            brand = "".join(rng.choices(syllables, k=rng.randint(2, 4))) if rng.random() < 0.7 else some[at]
            found[" ".join([brand, *some[at + 1 : at + 1 + rng.randint(1, 3)], rng.choice(_FORMS)]).strip()] = None
    return list(found)[:count]


def misspelt(names: Sequence[str], seed: int = 2) -> list[str]:
    """The names as another list writes them: another form, one letter left out of every third."""
    rng = random.Random(seed)
    out: list[str] = []
    for name in names:
        kept = " ".join(name.split()[:-1]) if name.split()[-1].strip(".,") in _FORMS else name
        if rng.random() < 0.33 and len(kept) > 8:
            at = rng.randrange(2, 6)
            kept = kept[:at] + kept[at + 1 :]
        out.append(f"{kept} {rng.choice(_FORMS)}".strip().title())
    return out


def pairs_per_second(names: Sequence[str], pairs: int = 200_000) -> tuple[float, float, float]:
    """Pairs a second with the names prepared, names prepared a second, pairs a second of RapidFuzz's token_sort_ratio
    on the same pairs; all CPU time of one core."""
    matcher = Matcher()
    began = time.process_time()
    encoded = matcher.encode(names)
    prepared = len(names) / (time.process_time() - began)
    rng = np.random.default_rng(0)
    left, right = (rng.integers(0, len(names), pairs) for _ in range(2))
    right[::2] = np.minimum(left[::2] + 1, len(names) - 1)
    matcher.score_encoded(encoded, encoded, left[:1000], right[:1000])
    began = time.process_time()
    matcher.score_encoded(encoded, encoded, left, right)
    rate = pairs / (time.process_time() - began)
    one, two = [names[at] for at in left], [names[at] for at in right]
    began = time.process_time()
    process.cpdist(one, two, scorer=fuzz.token_sort_ratio, processor=utils.default_process)
    return rate, prepared, pairs / (time.process_time() - began)


def search(count: int) -> Growth:
    """``count`` payees searched in ``count`` other names, a tenth of them the same companies."""
    names = made_names(count)
    payees = [*misspelt(names[: count // 10]), *made_names(count - count // 10, seed=3)]
    began = time.process_time()
    hits = NameIndex(names).search_many(payees, 5)
    return Growth(count, time.process_time() - began, len(hits.query))
