"""Precision, recall and F1 of scores against labels.

Belongs here: the arithmetic. Does not belong here: where scores and labels come from (evaluate, fit).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Curve:
    """Precision and recall at every threshold, highest first (pairs with equal scores fall together)."""

    threshold: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]

    @property
    def best_f1(self) -> float:
        """The best F1 at any threshold (0 without a true pair)."""
        return float(self._f1().max(initial=0.0))

    @property
    def best_threshold(self) -> float:
        """Halfway between the lowest score taken at the best F1 and the next one below."""
        at = int(self._f1().argmax())
        below = self.threshold[at + 1] if at + 1 < len(self.threshold) else self.threshold[at] - 1
        return float((self.threshold[at] + below) / 2)

    def highest_within(self, yielded: float) -> float:
        """The highest threshold whose F1 is at most ``yielded`` below the best: as precise as that allows."""
        at = int(np.flatnonzero(self._f1() >= self.best_f1 - yielded)[0])
        below = self.threshold[at + 1] if at + 1 < len(self.threshold) else self.threshold[at] - 1
        return float((self.threshold[at] + below) / 2)

    def recall_at(self, precision: float) -> float:
        """The best recall at a threshold whose precision is at least this."""
        return float(self.recall[self.precision >= precision].max(initial=0.0))

    def least_at_precision(self, precision: float) -> float:
        """The lowest threshold down to which the pairs gained since the last ones are right at least this often."""
        right = np.r_[self.precision * np.arange(1, len(self.precision) + 1)]
        window = max(20, len(right) // 40)
        for at in range(window, len(right)):
            if (right[at] - right[at - window]) / window < precision:
                return float(self.threshold[at])
        return float(self.threshold[-1])

    def _f1(self) -> NDArray[np.float64]:
        total = self.precision + self.recall
        return np.divide(2 * self.precision * self.recall, total, out=np.zeros_like(total), where=total > 0)


@dataclass(frozen=True)
class Score:
    """Figures at one threshold."""

    pairs: int
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Of the pairs called same, the share that are (1 when none was called)."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs that are the same, the share that were called so (1 when there are none)."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


def score(called: Sequence[bool] | NDArray[np.bool_], same: Sequence[bool] | NDArray[np.bool_]) -> Score:
    """Figures of calls against labels."""
    said, true = np.asarray(called, bool), np.asarray(same, bool)
    return Score(len(said), int((said & true).sum()), int((said & ~true).sum()), int((~said & true).sum()))


def curve(scores: NDArray[np.floating], same: NDArray[np.bool_]) -> Curve:
    """The curve of scores against labels."""
    order = np.argsort(-scores, kind="stable")
    value, true = scores[order].astype(np.float64), same[order]
    right = np.cumsum(true)
    last = np.r_[value[1:] != value[:-1], True] if len(value) else np.zeros(0, bool)
    taken = np.arange(1, len(value) + 1)[last]
    return Curve(value[last], right[last] / taken, right[last] / max(int(true.sum()), 1))
