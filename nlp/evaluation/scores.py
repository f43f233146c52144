"""The figures every evaluation shares: counts with precision, recall and F1, and the reliability of probabilities.

Belongs here: arithmetic and its plain-text tables. Does not belong here: what counts as found or missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

BINS: Final = 10
_WIDTH: Final = 20  # characters of a bar of the reliability diagram


@dataclass
class Score:
    """Counts of one slice; precision, recall and F1 are 1 where nothing could be found or missed."""

    true: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Share of finds that are right."""
        return self.true / (self.true + self.false) if self.true + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.true / (self.true + self.missed) if self.true + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.true + self.false + self.missed
        return 2 * self.true / total if total else 1.0

    def to_dict(self) -> dict[str, float]:
        """Counts and shares as plain values."""
        return {"true": self.true, "false": self.false, "missed": self.missed, "precision": self.precision,
                "recall": self.recall, "f1": self.f1}


def table(title: str, scores: Mapping[str, Score]) -> list[str]:
    """Lines of a table of scores, one a slice."""
    lines = [title, f"  {'':<16} {'P':>6} {'R':>6} {'F1':>6} {'found':>6} {'false':>6} {'missed':>7}"]
    lines += [f"  {name:<16} {s.precision:6.3f} {s.recall:6.3f} {s.f1:6.3f} {s.true:6d} {s.false:6d} {s.missed:7d}"
              for name, s in scores.items()]
    return [*lines, ""]


def share(part: int, whole: int) -> str:
    """A share in words, or that there is nothing to judge."""
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none to judge"


@dataclass(frozen=True)
class Reliability:
    """How often finds of a score are right; ``error`` is the expected calibration error, weighted by finds."""

    finds: int = 0
    mean: float = 0.0
    right: float = 0.0
    error: float = 0.0
    bins: list[dict[str, float]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"finds": self.finds, "mean": self.mean, "right": self.right, "error": self.error, "bins": self.bins}

    def diagram(self) -> list[str]:
        """Lines of a text diagram: a bin a line, the bar is the share that is right, '|' stands at the mean score."""
        lines = [f"  {'score':<10} {'finds':>6} {'mean':>6} {'right':>6}"]
        for entry in self.bins:
            filled, mark = round(entry["right"] * _WIDTH), min(int(entry["mean"] * _WIDTH), _WIDTH - 1)
            bar = "".join("|" if place == mark else "#" if place < filled else "." for place in range(_WIDTH))
            lines.append(f"  {entry['low']:.1f}-{entry['high']:.1f}    {int(entry['finds']):6d} {entry['mean']:6.3f} "
                         f"{entry['right']:6.3f}  {bar}")
        return lines


def reliability(scored: Sequence[tuple[float, float]]) -> Reliability:
    """Bins (score, right) pairs into ten; the error is the mean distance of score and truth, weighted by finds.

    ``right`` is 1 or 0 (True or False), or 0.5 where a labeller could not tell.
    """
    if not scored:
        return Reliability()
    bins: dict[int, list[tuple[float, float]]] = {}
    for score, right in scored:
        bins.setdefault(min(int(score * BINS), BINS - 1), []).append((score, right))
    error, entries = 0.0, []
    for number in sorted(bins):
        mean, right_share = _means(bins[number])
        error += abs(mean - right_share) * len(bins[number]) / len(scored)
        entries.append({"low": number / BINS, "high": (number + 1) / BINS, "finds": float(len(bins[number])),
                        "mean": mean, "right": right_share})
    mean, right_share = _means(scored)
    return Reliability(len(scored), mean, right_share, error, entries)


def _means(scored: Iterable[tuple[float, float]]) -> tuple[float, float]:
    members = list(scored)
    return sum(score for score, _ in members) / len(members), sum(right for _, right in members) / len(members)
