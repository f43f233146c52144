"""Fits the award model: n-gram weights by logistic regression, thresholds and calibration out of fold; seed fixed.

Belongs here: fitting and its out-of-fold figures. Does not belong here: where examples come from (``examples``),
whether a model is adopted (``adopt``), using it (``linear``).

Folds are drawn by vendor: what is said of a vendor's award is never learnt from that vendor's other awards.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from nlp.evaluation.scores import Reliability, reliability
from nlp.model.examples import Example
from nlp.model.linear import BLANK, Calibration, Model
from nlp.reader import award_reader
from ordinance.services import CATEGORIES

FOLDS: Final = 5
_LEAST_SEEN: Final = 3  # awards a feature must stand in
_LEAST_WEIGHT: Final = 0.35  # bits below which a weight is not kept
_REGULAR: Final = 20.0  # inverse strength of regularisation
# Share of the awards in which rules find nothing that the model may surface: as few as still bring finds (model card).
SURFACED_SHARE: Final = {"data_broker": 0.002, "extreme_vetting": 0.001, "detention": 0.0005}
_MOST_BITS: Final = 10.0  # sums above it are as sure as it
_BITS: Final = 1.0 / math.log(2.0)
_HOW: Final = ("clear", "arguable", "model")


@dataclass(frozen=True)
class Trained:
    """A model with what was measured out of fold while fitting it."""

    model: Model
    recovered: dict[str, float]  # share of rules' finds that the model shows with the deciding words taken out
    calibration: Reliability  # of finds on people's labels, by cross-validation
    finds: list[tuple[float, float, dict[str, str]]]


def train(examples: Sequence[Example], *, seed: int, about: Mapping[str, Any]) -> Trained:
    """The model of these examples; same examples and seed, same model. Raises ValueError without labelled finds."""
    counts = Counter(key for example in examples for key in example.keys)
    vocabulary = {key: number for number, key in enumerate(sorted(k for k, n in counts.items() if n >= _LEAST_SEEN))}
    whole, masked = _matrix((e.keys for e in examples), vocabulary), _matrix((e.masked for e in examples), vocabulary)
    folds = np.array([zlib.crc32(f"{seed} {e.vendor}".encode()) % FOLDS for e in examples])
    held, recovered, surface, columns, fold_columns = {}, {}, [], [], []
    for position, category in enumerate(CATEGORIES):
        fits = [_fit(whole, masked, examples, position, folds != fold, seed) for fold in range(FOLDS)]
        bits, hidden = _out_of_fold(whole, fits, folds), _out_of_fold(masked, fits, folds)
        ruled = np.array([e.ruled[position] for e in examples])
        limit = float(np.quantile(bits[~ruled], 1.0 - SURFACED_SHARE[category]))
        doubtful = ~ruled & (bits >= limit)  # what the model would surface is no sure negative
        columns.append(_fit(whole, masked, examples, position, ~doubtful, seed))
        fold_columns.append(fits)
        surface.append(round(limit, 3))
        held[category] = bits
        recovered[category] = float((hidden[ruled] >= limit).mean()) if ruled.any() else 0.0
    finds = _finds(examples, vocabulary, fold_columns, folds, surface)
    calibration = _calibrate([(how, bits, right) for how, bits, right, _, _ in finds])
    model = _model(vocabulary, columns, surface, calibration, dict(about) | {"seed": seed, "examples": len(examples)})
    checked = _cross_checked(finds)
    return Trained(model, recovered, reliability([(s, right) for s, right, _ in checked]), checked)


@dataclass(frozen=True)
class _Column:
    """Weights and intercept of one category in bits."""

    weights: np.ndarray[Any, np.dtype[np.float64]]
    intercept: float


def _matrix(keys: Iterable[frozenset[str]], vocabulary: Mapping[str, int]) -> csr_matrix:
    """A row an award; its features share the length one, as ``linear`` scales them."""
    ends, numbers, values = [0], [], []
    for row in keys:
        known = sorted(vocabulary[key] for key in row if key in vocabulary)
        numbers += known
        values += [1.0 / math.sqrt(len(known))] * len(known)
        ends.append(len(numbers))
    return csr_matrix((values, numbers, ends), shape=(len(ends) - 1, len(vocabulary)))


def _fit(
    whole: csr_matrix, masked: csr_matrix, examples: Sequence[Example], position: int,
    chosen: np.ndarray[Any, np.dtype[np.bool_]], seed: int,
) -> _Column:
    """Learns from chosen awards, finds also without their deciding words."""
    known = np.array([e.targets[position] is not None for e in examples]) & chosen
    target = np.array([e.targets[position] or 0.0 for e in examples])
    weight = np.array([e.weights[position] for e in examples])
    again = known & (target == 1.0)
    fit = LogisticRegression(C=_REGULAR, solver="liblinear", max_iter=400, random_state=seed).fit(
        vstack([whole[known], masked[again]]), np.concatenate([target[known], target[again]]),
        sample_weight=np.concatenate([weight[known], weight[again]]))
    return _Column(fit.coef_[0] * _BITS, float(fit.intercept_[0]) * _BITS)


def _out_of_fold(
    rows: csr_matrix, fits: Sequence[_Column], folds: np.ndarray[Any, np.dtype[np.int64]]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    bits = np.zeros(rows.shape[0])
    for fold, column in enumerate(fits):
        here = folds == fold
        bits[here] = rows[here] @ column.weights + column.intercept
    return bits


def _finds(
    examples: Sequence[Example], vocabulary: Mapping[str, int], columns: Sequence[Sequence[_Column]],
    folds: np.ndarray[Any, np.dtype[np.int64]], surface: Sequence[float],
) -> list[tuple[str, float, float, int, dict[str, str]]]:
    """(how found, bits, right, fold, slices) of every find on people's labels, each read without its own vendor."""
    found = []
    for fold in range(FOLDS):
        columns_here = [column[fold] for column in columns]
        reader = award_reader().using(_model(vocabulary, columns_here, surface, BLANK.calibration, {}))
        for example in (e for e, place in zip(examples, folds, strict=True) if place == fold and e.gold is not None):
            for service in reader.read(example.award, with_model=True).services:
                if example.gold is None or service.category not in example.gold:
                    continue
                how = "model" if service.by_model else service.certainty
                slices = {"category": service.category, "certainty": how, "agency": example.award.agency or "-"}
                found.append((how, service.bits, example.gold[service.category], fold, slices))
    return found


def _calibrate(finds: Sequence[tuple[str, float, float]]) -> dict[str, Calibration]:
    """Platt's sigmoid over the sum of bits: one slope, a shift for each way of being found.

    Each way gets one find of either truth on top, so that a way seen seldom stays modest. A find where the labeller
    could not tell counts half for either. Raises ValueError where there is no find to learn from.
    """
    if not finds:
        raise ValueError("the rules and the model find nothing on the labels; calibration needs finds")
    rows = [*finds, *((how, _MOST_BITS / 4, 0.5) for how in _HOW for _ in range(2))]
    table = np.array([[min(bits, _MOST_BITS), *(float(how == name) for name in _HOW)] for how, bits, _ in rows])
    right = np.array([share for _, _, share in rows])
    fit = LogisticRegression(C=1.0, fit_intercept=False, max_iter=1000).fit(
        np.vstack([table, table]), np.repeat([1, 0], len(rows)), sample_weight=np.concatenate([right, 1.0 - right]))
    slope, *shifts = (float(value) * _BITS for value in fit.coef_[0])
    return {name: Calibration(round(max(slope, 0.0), 4), round(shift, 4), _MOST_BITS)
            for name, shift in zip(_HOW, shifts, strict=True)}


def _cross_checked(
    finds: Sequence[tuple[str, float, float, int, dict[str, str]]]
) -> list[tuple[float, float, dict[str, str]]]:
    """Scores of finds by a calibration that has not seen their fold."""
    checked = []
    for fold in sorted({place for _, _, _, place, _ in finds}):
        others = _calibrate([(how, bits, right) for how, bits, right, place, _ in finds if place != fold])
        checked += [(others[how].probability(bits), right, slices) for how, bits, right, place, slices in finds
                    if place == fold]
    return checked


def _model(
    vocabulary: Mapping[str, int], columns: Sequence[_Column], surface: Sequence[float],
    calibration: Mapping[str, Calibration], about: dict[str, Any],
) -> Model:
    table = np.round(np.stack([column.weights for column in columns], axis=1), 2)
    kept = np.abs(table).max(axis=1) >= _LEAST_WEIGHT
    weights = {key: tuple(map(float, table[number])) for key, number in vocabulary.items() if kept[number]}
    return replace(BLANK, weights=weights, intercept=tuple(round(c.intercept, 3) for c in columns),
                   surface=tuple(surface), calibration=dict(calibration), about=about)
