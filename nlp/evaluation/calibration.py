"""How far scores may be trusted: a reliability diagram and the error by slice, for labelled awards or relations.

Belongs here: telling the two kinds of labels apart, slices, the report. Does not belong here: the arithmetic
(``scores``), reading.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlp.cli import ClassifyError
from nlp.evaluate import evaluate_awards
from nlp.evaluation.relations import evaluate_relations
from nlp.evaluation.scores import Reliability, reliability


@dataclass(frozen=True)
class CalibrationReport:
    """Reliability of all finds and of each slice, named 'field=value'."""

    what: str
    whole: Reliability
    slices: dict[str, Reliability]

    def to_dict(self, *, totals: bool = False) -> dict[str, Any]:
        """As plain values; there are no rows in it, so ``totals`` only leaves out the slices' bins."""
        slices = {name: found.to_dict() for name, found in self.slices.items()}
        if totals:
            slices = {name: {k: v for k, v in found.items() if k != "bins"} for name, found in slices.items()}
        return {"what": self.what, **self.whole.to_dict(), "slices": slices}

    def render(self, *, totals: bool = False) -> str:
        """The diagram and, unless ``totals``, a line a slice."""
        whole = self.whole
        lines = [f"{self.what}: {whole.finds} finds, mean score {whole.mean:.3f}, right {whole.right:.3f}",
                 f"Expected calibration error (10 bins): {self.whole.error:.3f}", *self.whole.diagram()]
        if not totals:
            lines += ["", f"  {'slice':<44} {'finds':>6} {'mean':>6} {'right':>6} {'error':>6}"]
            lines += [f"  {name:<44.44} {r.finds:6d} {r.mean:6.3f} {r.right:6.3f} {r.error:6.3f}"
                      for name, r in self.slices.items()]
        return "\n".join(lines) + "\n"


def evaluate_calibration(labels: Path, texts: Path | None = None, manifest: Path | None = None) -> CalibrationReport:
    """Judges the scores of all finds on a labels file: relations where its rows name a 'doc', else awards."""
    try:
        with labels.open(encoding="utf-8") as lines:
            first = json.loads(next((line for line in lines if line.strip()), "{}"))
    except (OSError, ValueError) as problem:
        raise ClassifyError(f"{labels}: cannot be read as JSON lines ({problem})") from problem
    if isinstance(first, dict) and "doc" in first:
        return report("relations in texts", evaluate_relations(labels, texts, manifest).scored)
    return report("awards", evaluate_awards(labels).scored)


def report(what: str, scored: Sequence[tuple[float, float, dict[str, str]]]) -> CalibrationReport:
    """The report over (score, right, slices)."""
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for score, right, slices in scored:
        for name, value in slices.items():
            groups[f"{name}={value}"].append((score, right))
    return CalibrationReport(what, reliability([(score, right) for score, right, _ in scored]),
                             {name: reliability(groups[name]) for name in sorted(groups)})
