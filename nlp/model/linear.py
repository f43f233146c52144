"""The trained model at work: bits for or against each category from an award's words, and which words gave them.

Belongs here: loading the model file, scoring, the probability a sum of bits stands for. Does not belong here: training
(``train``), what is shown as a finding (``nlp.evidence``).

The file is JSON, compressed: readable with zcat, loaded without running any code in it.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from nlp.model.features import Feature
from ordinance.services import CATEGORIES

MODEL_FILE: Final = Path(__file__).with_name("award_model.json.gz")
MODEL_RULE: Final = "model."  # rule ids of words the model contributed: model.detention
_SHOWN: Final = 4  # words an opinion is put down to
_FORMAT: Final = 1
_MOST_BYTES: Final = 20_000_000
_MOST_BITS: Final = 60.0


class ModelError(ValueError):
    """The model file cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the model says of a category: bits (negative: against), the features that speak for it, strongest first."""

    bits: float
    features: tuple[tuple[Feature, float], ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """log2 odds = slope * bits + shift, bits cut at ``most``: fitted on labelled awards (docs/model-card.md)."""

    slope: float
    shift: float
    most: float

    def probability(self, bits: float) -> float:
        """The share of finds with such a sum that are right, 0 to 1."""
        odds = min(max(self.slope * min(bits, self.most) + self.shift, -_MOST_BITS), _MOST_BITS)
        return float(1.0 / (1.0 + 2.0**-odds))


@dataclass(frozen=True)
class Model:
    """Weights in bits a feature and category; ``surface``: bits from which the model alone shows a category."""

    weights: dict[str, tuple[float, ...]]
    intercept: tuple[float, ...]
    surface: tuple[float, ...]
    calibration: dict[str, Calibration]  # by certainty, and 'model' for what only the model surfaced
    about: dict[str, Any]

    def opinions(self, found: Iterable[Feature]) -> dict[str, Opinion]:
        """The model's bits a category over distinct features; each weighs less the more there are."""
        known: dict[str, Feature] = {}
        for feature in found:
            if feature.key in self.weights and feature.key not in known:
                known[feature.key] = feature
        if not known:
            return {}
        scale = 1.0 / math.sqrt(len(known))
        sums = list(self.intercept)
        for key in known:
            for position, weight in enumerate(self.weights[key]):
                sums[position] += weight * scale
        return {category: Opinion(sums[i], self._telling(known, i, scale) if sums[i] >= self.surface[i] else ())
                for i, category in enumerate(CATEGORIES)}

    def _telling(self, known: Mapping[str, Feature], position: int, scale: float) -> tuple[tuple[Feature, float], ...]:
        for_it = sorted(((self.weights[key][position] * scale, key) for key in known
                         if self.weights[key][position] > 0), key=lambda item: (-item[0], item[1]))[:_SHOWN]
        return tuple((known[key], bits) for bits, key in for_it)


def load(path: Path = MODEL_FILE) -> Model:
    """The model in a file. Raises ModelError naming the file where it is none of this version's."""
    try:
        with gzip.open(path, "rb") as packed:
            raw = packed.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise ModelError(f"{path.name}: unpacks to more than {_MOST_BYTES:,} bytes; no model of this reader does")
        plain = json.loads(raw)
        if plain["format"] != _FORMAT or plain["categories"] != list(CATEGORIES):
            raise ModelError(f"{path.name}: was made for another version of the reader; train it again")
        weights = {key: tuple(map(float, row)) for key, row in plain["weights"].items()}
        calibration = {name: Calibration(**entry) for name, entry in plain["calibration"].items()}
        return Model(weights, tuple(plain["intercept"]), tuple(plain["surface"]), calibration, plain["about"])
    except (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError) as problem:
        if isinstance(problem, ModelError):
            raise
        raise ModelError(f"{path.name}: is no model file ({type(problem).__name__}: {problem})") from problem


def save(model: Model, path: Path) -> None:
    """Writes the model so that the same model gives the same bytes."""
    plain = {
        "format": _FORMAT, "categories": list(CATEGORIES), "about": model.about,
        "intercept": list(model.intercept), "surface": list(model.surface),
        "calibration": {name: {"slope": c.slope, "shift": c.shift, "most": c.most}
                        for name, c in sorted(model.calibration.items())},
        "weights": {key: list(model.weights[key]) for key in sorted(model.weights)},
    }
    body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    path.write_bytes(gzip.compress(body, compresslevel=9, mtime=0))


@lru_cache(maxsize=1)
def model() -> Model:
    """The model this installation reads with. Raises ModelError."""
    return load()


# What training starts from: no opinion, bits as log2 odds.
BLANK: Final = Model({}, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), dict.fromkeys(("clear", "arguable", "model"),
                                                                        Calibration(1.0, 0.0, 20.0)), {})
