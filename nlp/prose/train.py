"""Learns the weights of the score: ``python -m nlp.prose.train [--documents DIR]``.

Data: the passages written for this project (``training/passages.yaml``) and, where given, a folder with annotated texts
(``relations.jsonl``, ``manifest.csv``, ``text/``). The weights stay near the priors in ``weights.json`` unless the data
speaks (a Gaussian prior), so few texts cannot make nonsense of them. Nothing is drawn at random: the folds of the
cross-validation are made from the vendors, documents of one vendor never on both sides.

Belongs here: learning and its own measure. Does not belong here: features (``candidates``), the evaluation users see.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize

from nlp.prose.candidates import Candidate
from nlp.prose.companies import key
from nlp.prose.reader import Text, candidates_of
from nlp.prose.scoring import WEIGHTS, score
from nlp.prose.statements import looks_public

FloatArray = npt.NDArray[np.float64]
PASSAGES: Final = Path(__file__).resolve().parent / "training" / "passages.yaml"
FOLDS: Final = 5
_TOWARDS_PRIOR: Final = 0.7  # how strongly a weight is held at its prior (1 / variance)
_COUNTED: Final = ("provides", "ended")


@dataclass
class Example:
    """A document with what is right, what may be said, and its candidates."""

    name: str
    text: str
    right: list[dict[str, Any]]
    allowed: list[dict[str, Any]] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)


def passages() -> list[Example]:
    """The passages of this project."""
    loaded = yaml.safe_load(PASSAGES.read_text(encoding="utf-8"))
    return [Example(f"passage {n}", p["text"], p.get("says", []), p.get("may", [])) for n, p in enumerate(loaded)]


def documents(folder: Path) -> list[Example]:
    """The annotated texts of a folder, and its negative ones. Raises OSError when a file is missing."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (folder / "relations.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["doc"]].append(row)
    made = []
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        for entry in csv.DictReader(file):
            annotated = entry["annotated"] == "True"
            if annotated or entry["label"] == "neg":
                text = (folder / "text" / entry["doc"]).read_text(encoding="utf-8")
                supplied = ("provides", "ended")
                named = [
                    r
                    for r in rows[entry["doc"]]
                    if r["vendor"] and (r["category"] not in ("none", None) or r["relation"] in supplied)
                ]
                for row in named:
                    row["vendor"] = row["vendor"].split(" (")[0]
                sure = [r for r in named if r["relation"] != "mentioned_only" and r["category"] != "none"]
                made.append(Example(entry["doc"], text, sure, [r for r in named if r not in sure]))
    return made


def akin(one: str | None, other: str | None) -> bool:
    """Whether two names of one document mean one company: equal, or one begins the other."""
    if one is None or other is None:
        return one is other
    a, b = key(one).replace(" ", ""), key(other).replace(" ", "")
    return a == b or a.startswith(b) or b.startswith(a)


def judged(example: Example) -> list[tuple[Candidate, bool]]:
    """The candidates that can be judged, with whether they are right."""
    made = []
    for candidate in example.candidates:
        if candidate.relation == "mentioned_only" or not candidate.features:
            continue
        category = candidate.verdict.category
        if candidate.vendor and looks_public(candidate.vendor):
            continue
        told = [r for r in example.right if akin(candidate.vendor, r["vendor"]) and r["category"] == category]
        allowed = any(akin(candidate.vendor, r["vendor"]) for r in example.allowed)
        if any(r["relation"] == candidate.relation for r in told):
            made.append((candidate, True))
        elif candidate.relation == "requested" and example.name.endswith(".txt"):
            continue  # requests are not among the annotated rows
        elif (not told and not allowed) or (told and candidate.relation in _COUNTED):
            made.append((candidate, False))
    return made


def learn(rows: Sequence[tuple[dict[str, float], bool]], prior: dict[str, float]) -> dict[str, float]:
    """Weights that minimise the logistic loss with a Gaussian prior around ``prior``."""
    names = sorted(prior)
    data = np.array([[1.0 if n == "bias" else f.get(n, 0.0) for n in names] for f, _ in rows])
    right = np.array([float(answer) for _, answer in rows])
    centre = np.array([prior[n] for n in names])

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        odds = data @ weights
        off = weights - centre
        value = np.logaddexp(0, odds).sum() - right @ odds + _TOWARDS_PRIOR / 2 * off @ off
        return float(value), data.T @ (1 / (1 + np.exp(-odds)) - right) + _TOWARDS_PRIOR * off

    weights = minimize(loss, centre, jac=True, method="L-BFGS-B").x
    return {name: round(float(value), 4) for name, value in zip(names, weights, strict=True)}


def folds(examples: Sequence[Example]) -> list[list[Example]]:
    """Documents put together by shared vendors (of the labels), then dealt to the folds, largest groups first."""
    groups: list[tuple[set[str], list[Example]]] = []
    for example in examples:
        vendors = {key(r["vendor"]).split()[0] for r in example.right if r["vendor"]}
        touching = [g for g in groups if g[0] & vendors]
        groups = [g for g in groups if not g[0] & vendors]
        merged = (set().union(vendors, *(g[0] for g in touching)), [example, *(e for g in touching for e in g[1])])
        groups.append(merged)
    dealt: list[list[Example]] = [[] for _ in range(FOLDS)]
    for _, members in sorted(groups, key=lambda g: (-len(g[1]), g[1][0].name)):
        min(dealt, key=len).extend(members)
    return dealt


def calibration(pairs: Iterable[tuple[float, bool]]) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, right in pairs:
        bins[min(9, int(chance * 10))].append((chance, right))
    total = sum(len(found) for found in bins.values()) or 1
    return sum(abs(sum(p for p, _ in found) - sum(r for _, r in found)) for found in bins.values()) / total


def main() -> None:
    """Learns, prints the cross-validated calibration, writes weights.json."""
    parser = argparse.ArgumentParser(description="Learn the weights of the text reader's score.")
    parser.add_argument(
        "--documents", type=Path, help="folder of annotated texts (relations.jsonl, manifest.csv, text/)"
    )
    parser.add_argument("--dry-run", action="store_true", help="measure only")
    arguments = parser.parse_args()
    loaded = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    examples = passages() + (documents(arguments.documents) if arguments.documents else [])
    for example in examples:
        example.candidates = list(candidates_of(Text(example.text)))
    dealt = folds(examples)
    pairs: list[tuple[float, bool]] = []
    for held in dealt:
        rows = [(c.features, r) for fold in dealt if fold is not held for e in fold for c, r in judged(e)]
        model = learn(rows, loaded["prior"])
        pairs += [(score(c.features, model), r) for e in held for c, r in judged(e)]
    rows = [(c.features, r) for e in examples for c, r in judged(e)]
    right = sum((p >= 0.5) == r for p, r in pairs)
    sys.stdout.write(
        f"{len(rows)} candidates ({sum(r for _, r in rows)} right) of {len(examples)} texts; "
        f"cross-validated: {right / len(pairs):.3f} decided right, calibration error {calibration(pairs):.3f}\n"
    )
    if not arguments.dry_run:
        loaded["weights"] = learn(rows, loaded["prior"])
        WEIGHTS.write_text(json.dumps(loaded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
