"""Fits the scorecard to labelled pairs, by regularised logistic regression whose signs are held to sense.

Belongs here: fitting, cross-validation and the choice of thresholds. Does not belong here: measuring a finished
scorecard (evaluate). Run it as

    python -m entities.matching.fit PAIRS.csv [--write]

PAIRS.csv has columns name_a, name_b, same (1 or 0). Signs are held because weights of features that go together may
come out absurd by themselves: a word left over must never speak for the same company.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from entities.matching.encoding import Vocabulary, encode
from entities.matching.features import FEATURES, features
from entities.matching.measure import curve
from entities.matching.pairs import best_rows, reading_pairs
from entities.matching.scorecard import SCORECARD
from records.files import write_json

F64 = NDArray[np.float64]
STRENGTH: Final = 5.0  # of the ridge, on standardised features
ROUNDS: Final = 3  # of choosing each pair's best readings and fitting again
FOLDS: Final = 10
REVIEW_PRECISION: Final = 0.25  # of the pairs just above the threshold: from there on a person looks
YIELD: Final = 0.002  # of F1 given up for precision: a wrong match harms a company
#: +1 may only speak for, -1 only against; others are free.
SIGNS: Final[dict[str, int]] = {
    "shared": 1, "rarest": 1, "whole": 1, "part": 1, "left_more": -1, "left_less": -1, "rarest_left": -1,
    "rarest_left_less": -1, "both_left": -1, "trade_left": -1, "trade_clash": -1, "place_left": -1, "place_both": -1,
    "structure_left": -1, "same_words": 1, "same_letters": 1, "letters": 1, "letters_low": -1, "first": 1,
    "initials": 1, "form_clash": -1, "form_same": 1, "number_clash": -1, "nothing": -1, "generic_only": -1,
    "contained_rarity": 1, "head_contained": 1, "one_word_rarity": 1, "common_first": -1,
    "lone_left": -1, "lone_left_rarity": -1, "ordinary_only": -1, "ordinary_left": -1,
}

#: Most bits of features that the way pairs were gathered flatters (cleaned and trade names have no legal form), or
#: that too few pairs show.
MOST: Final = {"form_missing": 1.0, "initials": 7.0}


@dataclass(frozen=True)
class Labelled:
    """Labelled pairs as features of every reading pair, and which pair each row belongs to."""

    table: NDArray[np.float32]
    owner: NDArray[np.int64]
    same: NDArray[np.bool_]


def labelled(a: Sequence[str], b: Sequence[str], same: Sequence[bool]) -> Labelled:
    """Features of labelled pairs, names only."""
    vocabulary = Vocabulary()
    left, right = encode(a, vocabulary), encode(b, vocabulary)
    every = np.arange(len(a))
    rows_a, rows_b, owner = reading_pairs(left, right, every, every)
    table = features(left, right, rows_a, rows_b, vocabulary)
    return Labelled(table, every if owner is None else owner, np.array(same, bool))


def fit(data: Labelled, chosen: NDArray[np.bool_] | None = None) -> tuple[float, F64]:
    """Start and weights in bits, fitted on the ``chosen`` pairs (all by default)."""
    use = np.ones(len(data.same), bool) if chosen is None else chosen
    weights, start = np.zeros(len(FEATURES)), 0.0
    weights[FEATURES.index("whole")] = 1.0  # the first choice of readings: those that agree most
    for _ in range(ROUNDS):
        rows = best_rows((data.table @ weights + start).astype(np.float32), data.owner)
        start, weights = _regression(data.table[rows[use]].astype(np.float64), data.same[use])
    return start, weights


def _regression(table: F64, same: NDArray[np.bool_]) -> tuple[float, F64]:
    mean, spread = table.mean(0), table.std(0)
    spread[spread == 0] = 1.0
    scaled = np.c_[np.ones(len(table)), (table - mean) / spread]
    target = np.where(same, 1.0, -1.0)

    def loss(weights: F64) -> tuple[float, F64]:
        margin = target * (scaled @ weights)
        value = np.logaddexp(0, -margin).sum() + STRENGTH / 2 * (weights[1:] ** 2).sum()
        slope = -(scaled.T @ (target / (1 + np.exp(np.clip(margin, -500, 500)))))
        slope[1:] += STRENGTH * weights[1:]
        return float(value), slope

    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    for name, one in zip(FEATURES, spread, strict=True):
        most = MOST[name] * one * np.log(2) if name in MOST else None
        bounds.append((0.0 if SIGNS.get(name) == 1 else None, 0.0 if SIGNS.get(name) == -1 else most))
    found = minimize(loss, np.zeros(scaled.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"maxiter": 2000})
    weights = found.x[1:] / spread / np.log(2)
    return float(found.x[0] / np.log(2) - (weights * mean).sum()), weights


def scores(data: Labelled, start: float, weights: F64) -> F64:
    """Bits of every pair, its best reading pair counting."""
    bits = data.table @ weights + start
    best = np.full(len(data.same), -np.inf)
    np.maximum.at(best, data.owner, bits)
    return best


def cross_validated(data: Labelled, *, folds: int = FOLDS, seed: int = 0) -> F64:
    """Bits of each pair by weights fitted without its fold."""
    fold = np.random.default_rng(seed).permutation(len(data.same)) % folds
    out = np.zeros(len(data.same))
    for one in range(folds):
        start, weights = fit(data, fold != one)
        out[fold == one] = scores(data, start, weights)[fold == one]
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits, prints the cross-validated figures and, with --write, replaces the shipped scorecard."""
    parser = argparse.ArgumentParser(prog="python -m entities.matching.fit", description=__doc__.split("\n")[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--write", action="store_true", help="replace data/scorecard.json")
    options = parser.parse_args(arguments)
    with options.pairs.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    data = labelled([row["name_a"] for row in rows], [row["name_b"] for row in rows],
                    [row["same"] == "1" for row in rows])
    start, weights = fit(data)
    held = np.mean([cross_validated(data, seed=seed) for seed in range(3)], axis=0)
    found = curve(held, data.same)
    same = found.highest_within(YIELD)
    review = min(found.least_at_precision(REVIEW_PRECISION), same - 2.0)
    made: dict[str, Any] = {
        "pairs": len(rows), "same": int(data.same.sum()), "folds": FOLDS, "ridge": STRENGTH,
        "pairs_sha256": hashlib.sha256(options.pairs.read_bytes()).hexdigest(),
        "cross_validated": {"f1": round(found.best_f1, 4), "recall_at_95": round(found.recall_at(0.95), 4)},
        "command": "python -m entities.matching.fit PAIRS.csv --write",
    }
    body = {"start": round(start, 4), "same": round(same, 2), "review": round(review, 2),
            "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weights, strict=True)}}
    version = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
    print(json.dumps({"version": version, **body, "made": made}, indent=1))  # noqa: T201
    if options.write:
        write_json(SCORECARD, {"version": version, **body, "made": made})


if __name__ == "__main__":
    main()
