"""Pairs of readings of pairs of names: a name with a trade name or a bracket has several, the best pair counts.

Belongs here: that bookkeeping, as arrays. Does not belong here: comparing (features), deciding (matcher).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.matching.encoding import Names

I64 = NDArray[np.int64]


def reading_pairs(a: Names, b: Names, left: I64, right: I64) -> tuple[I64, I64, I64 | None]:
    """Reading numbers of both sides and, for each, which pair it belongs to (None: pair i is row i)."""
    first_a, first_b = a.first[left], b.first[right]
    size_a, size_b = a.first[left + 1] - first_a, b.first[right + 1] - first_b
    count = size_a * size_b
    if (count == 1).all():
        return first_a, first_b, None
    owner = np.repeat(np.arange(len(left)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return first_a[owner] + within // size_b[owner], first_b[owner] + within % size_b[owner], owner


def best_rows(bits: NDArray[np.float32], owner: I64 | None) -> I64:
    """For each pair, the row of its best reading pair (the first of equals)."""
    if owner is None:
        return np.arange(len(bits))
    order = np.lexsort((np.arange(len(bits)), -bits, owner))
    starts = np.r_[True, owner[order][1:] != owner[order][:-1]]
    chosen: I64 = order[starts]
    return chosen
