"""From features to a probability: a small logistic model whose weights are a data file.

Belongs here: the sum. Does not belong here: features (``candidates``), learning the weights (``train``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from math import exp, log
from pathlib import Path
from typing import Final

WEIGHTS: Final = Path(__file__).resolve().parent / "weights.json"


@lru_cache(maxsize=1)
def weights() -> dict[str, float]:
    """The shipped weights in natural log odds; 'bias' is the constant."""
    loaded = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in loaded["weights"].items()}


def score(features: Mapping[str, float], model: Mapping[str, float] | None = None) -> float:
    """The probability, 0 to 1, that the statement holds as read."""
    used = weights() if model is None else model
    total = used.get("bias", 0.0) + sum(used.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


def bits(features: Mapping[str, float]) -> dict[str, float]:
    """What each feature adds, in bits (log2 odds), the constant included; they sum to the score's log odds."""
    used = weights()
    made = {name: used.get(name, 0.0) * value / log(2) for name, value in features.items()}
    return {"bias": used.get("bias", 0.0) / log(2), **made}
