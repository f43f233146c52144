"""boilerplate.yaml: lines that are not the article, and the marks of paywalls, consent pages and teasers.

Belongs here: the model of that file, compiled. Does not belong here: what follows from a mark (``extract``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import field_validator

from ordinance.loader import Data, load_yaml

FILE: Final = Path(__file__).resolve().parent / "boilerplate.yaml"


class Boilerplate(Data):
    """The whole file; every entry must be a regular expression."""

    about: str
    labels: tuple[str, ...]
    notices: tuple[str, ...]
    paywall: tuple[str, ...]
    consent: tuple[str, ...]
    more: tuple[str, ...]

    @field_validator("labels", "notices", "paywall", "consent", "more")
    @classmethod
    def _compile(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                re.compile(pattern)
            except re.error as problem:
                raise ValueError(f"'{pattern}' is no regular expression ({problem})") from None
        return value


class Marks(NamedTuple):
    """Compiled: ``labels`` and ``notices`` match whole lines, the others are searched for."""

    labels: re.Pattern[str]
    notices: re.Pattern[str]
    paywall: re.Pattern[str]
    consent: re.Pattern[str]
    more: re.Pattern[str]


@lru_cache(maxsize=1)
def marks() -> Marks:
    """The file's marks. Raises OrdinanceError when the file is wrong."""
    given = load_yaml(FILE, Boilerplate)

    def joined(patterns: tuple[str, ...]) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)

    return Marks(*(joined(getattr(given, name)) for name in Marks._fields))
