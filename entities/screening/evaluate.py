"""`section3c evaluate screening`: true companies found in a whole list, false alarms, and what is left to a person.

Belongs here: holding hits against a truth file. Does not belong here: screening.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from entities.names import normalise
from entities.screening.columns import guess
from entities.screening.engine import screen
from entities.screening.entries import entries
from entities.screening.intake import read_list
from entities.screening.model import FAMILY, SAME, Kind, ScreeningError, Watch
from records.delimited import DelimitedError, read_delimited

_LIST: Final = 2_500  # parties, for the figure of false alarms
_TRUE: Final = frozenset({"1", "true", "yes", "y", "same", "family"})


@dataclass(frozen=True)
class ScreeningReport:
    """``found``: true parties shown at all, ``firm``: as same or family; ``false_alarms``: others shown as same or
    family; ``to_review``: others that a person is asked about. Distinct names are counted."""

    against: str
    version: str
    parties: int
    true: int
    found: int
    firm: int
    missed: tuple[str, ...]
    false_alarms: tuple[str, ...]
    to_review: tuple[str, ...]
    seconds: float

    def render(self) -> str:
        """The report in words."""
        per = (len(self.false_alarms)) * _LIST / max(self.parties, 1)
        both = (len(self.false_alarms) + len(self.to_review)) * _LIST / max(self.parties, 1)
        lines = [
            f"against {self.against} ({self.version}), {self.parties:,} parties, {self.seconds:.1f} s",
            f"true parties found: {self.found} of {self.true} ({self.firm} as same or family, "
            f"{self.found - self.firm} as review)",
            f"false alarms (shown as same or family): {len(self.false_alarms)}, {per:.2f} a list of {_LIST:,}",
            f"others left to a person: {len(self.to_review)}; with the false alarms {both:.2f} a list of {_LIST:,}",
        ]  # fmt: skip
        for what, names in (("missed", self.missed), ("false alarm", self.false_alarms), ("review", self.to_review)):
            lines += [f"  {what}: {name}" for name in names]
        return "\n".join(lines)


def evaluate(
    file: Path, truth: Path, kind: Kind, watch: Watch, mapping: Mapping[str, str] | None = None
) -> ScreeningReport:
    """Screen a list and hold the hits against its truth.

    Raises ScreeningError for a file that cannot be read, and for a true name that the list does not have.
    """
    wanted = _truth(truth)
    sheet = read_list(file)
    read = entries(sheet, guess(sheet.columns, sheet.rows, kind, mapping), kind)
    begun = perf_counter()
    result = screen(read.entries, watch, kind)
    seconds = perf_counter() - begun
    there = {entry.key: entry.name for entry in read.entries}
    absent = [name for key, name in wanted.items() if key not in there]
    if absent:
        raise ScreeningError(f"{truth}: names that {file.name} does not have: {', '.join(absent[:10])}")
    shown = {hit.entry.key for hit in result.hits}
    firm = {hit.entry.key for hit in result.hits if hit.outcome in (SAME, FAMILY)}

    def told(keys: set[str]) -> tuple[str, ...]:
        return tuple(sorted(there[key] for key in keys))

    true = set(wanted)
    return ScreeningReport(
        result.against, result.version, len(there), len(true), len(true & shown), len(true & firm), told(true - shown),
        told(firm - true), told(shown - firm - true), seconds,
    )  # fmt: skip


def _truth(path: Path) -> dict[str, str]:
    """Name in one spelling -> as written, of the true rows."""
    try:
        table = read_delimited(path)
        names = table.column("name")
        marks = table.column("same") if table.position("same") is not None else ["1"] * len(names)
    except DelimitedError as problem:
        raise ScreeningError(str(problem)) from None
    return {normalise(n): n for n, mark in zip(names, marks, strict=True) if n and mark.strip().casefold() in _TRUE}
