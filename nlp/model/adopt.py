"""Trains a model, compares it with the one in use on the frozen set, and adopts it only if it is not worse.

Belongs here: the run of `section3c train` from files to verdict. Does not belong here: fitting (``train``), examples.

The frozen set is labelled awards that are never trained on: their ids and PIIDs are left out of every input.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nlp.cli import ClassifyError, read_awards
from nlp.evaluate import Report, evaluate_awards
from nlp.model import examples
from nlp.model.examples import Example
from nlp.model.linear import BLANK, MODEL_FILE, Model, ModelError, load, save
from nlp.model.train import Trained, train
from nlp.reader import award_reader

SEED: Final = 20260301
MOST_ERROR: Final = 0.05  # a calibration error up to this is no reason to refuse
_EXACT: Final = 1e-9


@dataclass(frozen=True)
class Inputs:
    """What a training run reads: weakly labelled awards, people's labels, decisions, and the frozen set."""

    awards: Sequence[Mapping[str, Any]]
    labels: Path
    frozen: Path
    decisions: Path | None = None
    seed: int = SEED


@dataclass(frozen=True)
class Outcome:
    """A trained model beside the one in use, on the frozen set; ``worse`` says where it loses."""

    trained: Trained
    before: Report | None
    after: Report
    worse: tuple[str, ...]
    decisions: Counter[str]
    examples: int

    @property
    def adopted(self) -> bool:
        """True where nothing got worse."""
        return not self.worse

    def render(self) -> str:
        """Figures before and after, and the verdict, as plain text; totals of the frozen set only."""
        lines = [f"{self.examples:,} awards learnt from, {len(self.trained.finds)} finds on people's labels",
                 "Rules' finds the model shows without the deciding words, by vendor: "
                 + ", ".join(f"{name} {value:.0%}" for name, value in self.trained.recovered.items()),
                 f"Calibration error on people's labels, by vendor folds: {self.trained.calibration.error:.3f}",
                 *self.trained.calibration.diagram(), "", f"  {'frozen set':<34} {'in use':>8} {'new':>8}"]
        old = figures(self.before) if self.before else {}
        lines += [f"  {name:<34} {old.get(name, float('nan')):8.3f} {value:8.3f}"
                  for name, value in figures(self.after).items()]
        if self.decisions:
            lines.append("Decisions: " + ", ".join(f"{count} {name}" for name, count in sorted(self.decisions.items())))
        verdict = "adopted: nothing got worse" if self.adopted else "refused, worse in " + "; ".join(self.worse)
        return "\n".join([*lines, "", verdict]) + "\n"


def run(inputs: Inputs, out: Path = MODEL_FILE) -> Outcome:
    """Trains, compares and, where nothing got worse, writes the model to ``out`` (the one in use, by default).

    Raises ClassifyError for inputs that cannot be learnt from.
    """
    learnt, counts = build(inputs)
    people = sum(1 for example in learnt if example.gold is not None)
    about = {"people": people, "weak": len(learnt) - people, "decisions": dict(sorted(counts.items()))}
    try:
        trained = train(learnt, seed=inputs.seed, about=about)
    except ValueError as problem:
        raise ClassifyError(f"cannot train on this: {problem}") from problem
    before = _judge(_current(out), inputs.frozen)
    after = evaluate_awards(inputs.frozen, reader=award_reader().using(trained.model))
    outcome = Outcome(trained, before, after, worse(before, after), counts, len(learnt))
    if outcome.adopted:
        save(trained.model, out)
    return outcome


def build(inputs: Inputs) -> tuple[list[Example], Counter[str]]:
    """The training data, people's labels first, and the decisions counted. Raises ClassifyError for faulty inputs.

    An award a person judged is not learnt from a rule as well; one of the frozen set is not learnt from at all.
    """
    reader = award_reader().using(BLANK)
    frozen = frozenset(str(row[name]) for row in _rows(inputs.frozen) for name in ("id", "piid") if row.get(name))
    try:
        gold = list(examples.labelled(inputs.labels))
    except OSError as problem:
        raise ClassifyError(f"{inputs.labels}: {problem.strerror}. Name the labels with --labels") from problem
    decided, counts = examples.decided(inputs.decisions) if inputs.decisions else ([], Counter[str]())
    people = [row for row in (*gold, *decided) if not _ids(row) & frozen]
    judged = frozenset(str(row["id"]) for row in people)
    return [*examples.gold(people, reader), *examples.weak(inputs.awards, reader, judged | frozen)], counts


def figures(report: Report) -> dict[str, float]:
    """The figures a model is held to; of errors the smaller, of all others the larger is better."""
    return {
        "micro F1, clear rows, any find": report.any["micro"].f1,
        "lowest category's F1, any find": min(s.f1 for name, s in report.any.items() if name != "micro"),
        "micro F1, clear rows, clear finds": report.clear["micro"].f1,
        "arguable rows surfaced": report.arguable_surfaced / report.arguable_rows if report.arguable_rows else 1.0,
        "calibration error": report.expected_calibration_error,
    }


def worse(before: Report | None, after: Report) -> tuple[str, ...]:
    """Where a new model loses against the one in use; a calibration error up to MOST_ERROR is no loss."""
    if before is None:
        return ()
    old, new = figures(before), figures(after)
    found = [f"{name}: {new[name]:.3f}, in use {old[name]:.3f}" for name in old
             if name != "calibration error" and new[name] < old[name] - _EXACT]
    error = "calibration error"
    if new[error] > max(old[error], MOST_ERROR) + _EXACT:
        found.append(f"{error}: {new[error]:.3f}, in use {old[error]:.3f}")
    return tuple(found)


def _current(path: Path) -> Model | None:
    """The model in use, None where there is none or it is of another version."""
    try:
        return load(path)
    except ModelError:
        return None


def _judge(model: Model | None, frozen: Path) -> Report | None:
    return None if model is None else evaluate_awards(frozen, reader=award_reader().using(model))


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        return list(read_awards(path))
    except OSError as problem:
        raise ClassifyError(f"{path}: {problem.strerror}. Name the frozen set with --frozen") from problem


def _ids(row: Mapping[str, Any]) -> set[str]:
    return {str(row[name]) for name in ("id", "piid") if row.get(name)}

