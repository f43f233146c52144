"""Plain ways of matching names, run on the same names as ours: what a city could do without us.

Belongs here: the same spelling, TF-IDF cosine over words, RapidFuzz token_sort_ratio. Does not belong here: peers that
need an environment of their own (tests/peers).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from entities.matching.measure import curve
from entities.names import normalise

F64 = NDArray[np.float64]
Pairs = set[tuple[str, str]]


def of_pairs(a: Sequence[str], b: Sequence[str]) -> dict[str, F64]:
    """Scores of pairs a[i], b[i] by each baseline; higher is more alike."""
    one, two = [_plain(name) for name in a], [_plain(name) for name in b]
    exact = np.array([normalise(x) == normalise(y) for x, y in zip(a, b, strict=True)], np.float64)
    vectors = _vectors([*one, *two])
    cosine = np.asarray(vectors[: len(one)].multiply(vectors[len(one):]).sum(axis=1)).ravel()
    ratio = process.cpdist(one, two, scorer=fuzz.token_sort_ratio, dtype=np.float64)
    return {"the same spelling": exact, "TF-IDF cosine of words": cosine.astype(np.float64),
            "RapidFuzz token_sort_ratio": np.asarray(ratio, np.float64)}


def of_search(watch: Sequence[str], names: Sequence[str], truth: Pairs) -> dict[str, Pairs]:
    """What each baseline finds for the watch names in the list, at the threshold best for this truth."""
    spelled: dict[str, list[str]] = {}
    for name in names:
        spelled.setdefault(normalise(name), []).append(name)
    found = {"the same spelling": {(one, name) for one in watch for name in spelled.get(normalise(one), ())}}
    vectors = _vectors([*map(_plain, watch), *map(_plain, names)])
    cosine = (vectors[: len(watch)] @ vectors[len(watch):].T).tocoo()
    found["TF-IDF cosine of words"] = _best({(watch[row], names[column]): float(value) for row, column, value in zip(
        cosine.row, cosine.col, cosine.data, strict=True) if value >= 0.2}, truth)
    grid = process.cdist([_plain(one) for one in watch], [_plain(name) for name in names], scorer=fuzz.token_sort_ratio,
                         score_cutoff=50, dtype=np.uint8)
    found["RapidFuzz token_sort_ratio"] = _best({(watch[row], names[column]): float(grid[row, column])
                                                 for row, column in zip(*np.nonzero(grid), strict=True)}, truth)
    return found


def _best(scores: dict[tuple[str, str], float], truth: Pairs) -> Pairs:
    every = [*scores, *(pair for pair in truth if pair not in scores)]
    values = np.array([scores.get(pair, -1.0) for pair in every])
    cut = max(curve(values, np.array([pair in truth for pair in every], bool)).best_threshold, -0.5)
    return {pair for pair, value in scores.items() if value > cut}


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9]+", " ", name.upper()).split())


def _vectors(names: Sequence[str]) -> Any:
    return TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False).fit_transform(names)
