"""Leads the reader's words back to the row and column they stand in.

Belongs here: from (field, description, start, end) as the reader counts, to (column, start, end) of a filed value and
the row of a capture that shows it. Does not belong here: reading the value back from the archive (evidence.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: The reader's field -> columns whose value it may be; two columns under one field were joined by ' | '.
FIELDS: Final = {
    "recipient": ("recipient", "parent"),
    "psc": ("psc", "psc_code"),
    "naics": ("naics", "naics_code"),
    "parent": ("parent",),
    "psc_code": ("psc_code",),
    "naics_code": ("naics_code",),
}
JOINED: Final = {
    "agency": ("awarding_subtier", "funding_subtier"),
    "office": ("awarding_office", "funding_office"),
}
_JOIN: Final = " | "


@dataclass(frozen=True)
class Placed:
    """Words in a column's value. ``text_index`` is set for descriptions, whose row is known from award_text."""

    words: str
    column: str
    value: str
    start: int
    end: int
    rule: str
    bits: float
    text_index: int | None = None


def place(record: Mapping[str, Any], words: Iterable[Mapping[str, Any]]) -> tuple[list[Placed], list[str]]:
    """The reader's words with the value they stand in, strongest first as given; and what could not be placed."""
    placed: list[Placed] = []
    faults: list[str] = []
    for word in words:
        found = next(_candidates(record, word), None)
        if found is None:
            faults.append(f"{record['record_key']}: '{word['text']}' is not at {word['start']}-{word['end']} of "
                          f"{word['field']} {word['description']}")  # fmt: skip
        elif found not in placed:
            placed.append(found)
    return placed, faults


def _candidates(record: Mapping[str, Any], word: Mapping[str, Any]) -> Iterator[Placed]:
    text, start, end = str(word["text"] or ""), int(word["start"]), int(word["end"])
    for column, value, offset, index in _values(record, str(word["field"]), word["description"]):
        if text and value[start - offset : end - offset] == text and start >= offset:
            yield Placed(
                text, column, value, start - offset, end - offset, str(word["rule"]), float(word["bits"]), index
            )


def _values(record: Mapping[str, Any], name: str, index: int | None) -> Iterator[tuple[str, str, int, int | None]]:
    """(column, value, offset of the value in the reader's text, description index) that the field may mean."""
    if name == "descriptions":
        texts = record["descriptions"]
        if index is not None and 0 <= index < len(texts):
            yield "description", texts[index], 0, index
    elif name in JOINED:
        offset = 0
        for column in JOINED[name]:
            if record[column]:
                yield column, record[column], offset, None
                offset += len(record[column]) + len(_JOIN)
    else:
        for column in FIELDS.get(name, ()):
            if record[column]:
                yield column, record[column], 0, None
