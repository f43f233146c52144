"""The weights that turn a pair's features into bits: loading, and adding up.

Belongs here: data/scorecard.json as an object. Does not belong here: making it (fit), the features themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from entities.matching.features import FEATURES
from entities.matching.words import DATA
from records.files import read_json

SCORECARD: Final = DATA / "scorecard.json"


@dataclass(frozen=True)
class Scorecard:
    """Bits = ``start`` + sum of feature x ``weights``. From ``same`` bits on two names are one company's; from
    ``review`` bits on a person should look. ``made`` says from what and how it was fitted."""

    version: str
    start: float
    weights: NDArray[np.float32]
    same: float
    review: float
    made: dict[str, Any]

    def bits(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bits of each row of a (pairs, features) table."""
        total: NDArray[np.float32] = table @ self.weights + np.float32(self.start)
        return total


def read_scorecard(path: Path) -> Scorecard:
    """The scorecard of a file. Raises ValueError when its features are not those of this code, saying which."""
    value = read_json(path)
    weights = value["weights"]
    unknown, missing = sorted(set(weights) - set(FEATURES)), sorted(set(FEATURES) - set(weights))
    if unknown or missing:
        raise ValueError(f"{path.name}: made for other features (unknown: {', '.join(unknown) or 'none'}; missing: "
                         f"{', '.join(missing) or 'none'}); fit it again with `python -m entities.matching.fit`")
    return Scorecard(version=value["version"], start=float(value["start"]),
                     weights=np.array([weights[name] for name in FEATURES], np.float32),
                     same=float(value["same"]), review=float(value["review"]), made=value["made"])


@lru_cache(maxsize=1)
def shipped() -> Scorecard:
    """The scorecard that comes with the project."""
    return read_scorecard(SCORECARD)
