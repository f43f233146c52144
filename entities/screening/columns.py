"""Which column of a city's list means what: guessed from headings and cells, overridable, always told.

Belongs here: the guess. Does not belong here: the headings themselves (``ordinance/screening.yaml``), reading cells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from entities.matching.identifiers import clean
from entities.screening.model import Kind, ScreeningError
from ordinance.screening import screening

_CHECKED: Final = ("uei", "lei", "cusip", "isin")
_SAMPLE: Final = 200
_CONTRACT: Final = frozenset({"start", "end", "amendment", "renewal", "lead_days"})
_HOLDING: Final = frozenset({"cusip", "isin", "ticker", "share_class", "fund"})


def guess(
    columns: Sequence[str], rows: Sequence[Sequence[str]], kind: Kind, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Field -> column. ``given`` (from --map) wins; an empty column name there leaves a field out.

    Raises ScreeningError for a field or column there is none of, and when no column holds names.
    """
    known = screening().headings
    mapping: dict[str, str] = {}
    for field, column in (given or {}).items():
        if field not in known:
            raise ScreeningError(f"--map {field}=...: there is no field '{field}'; fields are {', '.join(known)}")
        if column:
            mapping[field] = _named(columns, column)
    left_out = set(given or {}) - set(mapping)
    for field, headings in known.items():
        if field in mapping or field in left_out or not _fits(field, kind):
            continue
        free = [column for column in columns if column not in mapping.values()]
        best = _best(field, headings, free)
        if best is not None and (field not in _CHECKED or _holds(field, best, columns, rows)):
            mapping[field] = best
    if "name" not in mapping:
        raise ScreeningError("no column is found that holds names; the columns are "
                             f"{', '.join(column or '(blank)' for column in columns[:40])}. Say which: "
                             "--map name=COLUMN")  # fmt: skip
    return mapping


def _fits(field: str, kind: Kind) -> bool:
    if field in _CONTRACT:
        return kind is Kind.CONTRACTS
    return kind is Kind.HOLDINGS if field in _HOLDING else True


def _named(columns: Sequence[str], asked: str) -> str:
    plain = {_plain(column): column for column in reversed(columns)}
    if _plain(asked) not in plain:
        raise ScreeningError(f"--map: no column '{asked}'; the columns are {', '.join(columns[:40])}")
    return plain[_plain(asked)]


def _best(field: str, headings: Sequence[str], columns: Sequence[str]) -> str | None:
    plain = {column: _plain(column) for column in columns}
    for heading in headings:
        for column, words in plain.items():
            if words == heading:
                return column
    never = set(screening().never_name) if field == "name" else set()
    for heading in headings:
        for column, words in plain.items():
            if f" {heading} " in f" {words} " and not never & set(words.split()):
                return column
    if field != "name":
        return None
    heading_words = {one for one in headings if " " not in one}
    for column, words in plain.items():
        if not never & set(words.split()) and any(word.rstrip("s") in heading_words for word in words.split()):
            return column
    return None


def _holds(field: str, column: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """At least a quarter of the cells filled are identifiers of the kind that the heading says."""
    at = list(columns).index(column)
    cells = [row[at] for row in rows[:_SAMPLE] if at < len(row) and row[at].strip()]
    return bool(cells) and sum(clean(field, cell) is not None for cell in cells) * 4 >= len(cells)


def _plain(heading: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[\W_]+", " ", spaced).lower().split())
