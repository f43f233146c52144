"""Why a statement says what it says: its texts with the deciding words marked, each finding, and the sum.

Belongs here: putting a statement's words, the rules behind them and the arithmetic side by side. Does not belong here:
reading words back from the archive (showing.py), rules and weights (``ordinance``, ``nlp``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import TYPE_CHECKING, Any, Final

from nlp.knowledge import knowledge
from nlp.model.linear import MODEL_RULE, model
from nlp.version import reader_version
from records.workspace import Workspace
from warehouse.engine import WarehouseError
from warehouse.present import tame
from warehouse.showing import SENTENCE, show

if TYPE_CHECKING:
    from rich.console import Console

_AWARDS: Final = ("award", "subaward")
_NEAR: Final = 1e-6  # keeps the log odds of a score of 0 or 1 finite
_UNIT: Final = 0.05  # bits within which a sum of rounded parts is the same


@dataclass(frozen=True)
class Passage:
    """A text with the places of its deciding words, [start, end), in order and not overlapping."""

    where: str
    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Part:
    """One finding: its words, the rule or component behind them, what that means, its bits."""

    words: str
    column: str
    rule: str
    meaning: str
    bits: float


@dataclass(frozen=True)
class Explanation:
    """A statement taken apart. ``start`` is what the sum begins with, ``rest`` what no shown word accounts for."""

    statement: dict[str, Any]
    passages: tuple[Passage, ...]
    parts: tuple[Part, ...]
    start: float
    rest: float
    notes: tuple[str, ...]

    @property
    def total(self) -> float:
        """The sum in bits (log2 odds)."""
        return self.start + sum(part.bits for part in self.parts) + self.rest


def explain(workspace: Workspace, statement_id: str) -> Explanation:
    """Takes a published statement apart. Raises WarehouseError where the id is none of a statement."""
    if not statement_id.startswith("s"):
        raise WarehouseError(f"'{statement_id}' is no statement id; `section3c evidence show` lists a candidate's")
    found = show(workspace, statement_id)
    stated = found["statement"]
    if stated is None:
        raise WarehouseError(f"statement '{statement_id}' was withdrawn; `section3c evidence show` says why")
    words = [word for word in found["words"] if word["rule"] != SENTENCE]
    parts = tuple(dict.fromkeys(Part(word["words"], word["column"], word["rule"], meaning(word["rule"]), word["bits"])
                                for word in words))
    start, rest, notes = _sum(stated, parts)
    return Explanation(stated, tuple(_passages(found["words"])), parts, start, rest, notes)


def _sum(stated: Mapping[str, Any], parts: Iterable[Part]) -> tuple[float, float, tuple[str, ...]]:
    """What the sum starts with, what no shown word accounts for, and what to know about it."""
    shown, score = sum(part.bits for part in parts), min(max(stated["score"], _NEAR), 1 - _NEAR)
    notes = []
    if stated["reader_version"] != reader_version():
        notes.append(f"read by version {stated['reader_version']}; rules and weights shown are of {reader_version()}")
    if stated["record_kind"] not in _AWARDS:
        return 0.0, log2(score / (1 - score)) - shown, tuple(notes)
    start = knowledge().law.category(stated["category"]).base_bits
    how = "model" if any(part.rule.startswith(MODEL_RULE) for part in parts) else stated["certainty"]
    calibrated = model().calibration[how].probability(start + shown)
    notes.append(f"of finds with this sum, found this way ({how}), {calibrated:.0%} were right on labelled awards")
    if abs(calibrated - stated["score"]) > _UNIT and len(notes) == 1:
        notes.append("words beyond those kept, or that could not be led back to a filed row, make up the difference")
    return start, 0.0, tuple(notes)


@lru_cache(maxsize=4096)
def meaning(rule: str) -> str:
    """What a rule of the ordinance data, the model or a component of the text reader stands for, in words."""
    if rule.startswith(MODEL_RULE):
        return "learnt from awards like it (docs/model-card.md)"
    known = _rules().get(rule)
    if known is None:
        return "component of the text reader"
    doubt = "" if known.certainty == "clear" else " (arguable)"
    asks = ", ".join((*known.all, *(f"any of {', '.join(known.any[:4])}" for _ in known.any[:1])))
    return f"{known.why or 'needs ' + asks}{doubt}"


@lru_cache(maxsize=1)
def _rules() -> dict[str, Any]:
    return {rule.id: rule for rule in knowledge().rules}


def _passages(words: Iterable[Mapping[str, Any]]) -> Iterable[Passage]:
    """Each archived text once, with the places of all its words."""
    texts: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for word in words:
        if word["found"] and word["highlight"]:
            marks = texts.setdefault((word["column"], word["text"]), [])
            if word["rule"] != SENTENCE:
                marks.append((word["highlight"][0], word["highlight"][1]))
    for (column, text), marks in texts.items():
        yield Passage(column, text, tuple(_merged(marks)))


def _merged(marks: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def draw(found: Explanation, console: Console) -> None:
    """The explanation on a terminal; whatever texts hold is shown, never acted on."""
    from rich.markup import escape
    from rich.text import Text

    stated = found.statement
    console.print(Text(tame(f"{stated['vendor']} {stated['relation']} {stated['category']} ({stated['kind']}) to "
                            f"{stated['agency_id']}; {stated['certainty']}, {stated['score']:.2f}"), style="bold"))
    for passage in found.passages:
        line, at = Text(f"  {passage.where}: "), 0
        for start, end in passage.marks:
            line.append(tame(passage.text[at:start]))
            line.append(tame(passage.text[start:end]), style="bold reverse")
            at = end
        line.append(tame(passage.text[at:]))
        console.print(line, soft_wrap=True)
    console.print()
    console.print(f"  {found.start:+7.2f}  where the sum starts", highlight=False)
    for part in found.parts:
        console.print(f"  {part.bits:+7.2f}  [bold]{escape(tame(part.words))}[/] ({escape(part.column)})  "
                      f"{escape(tame(part.rule))}: {escape(part.meaning)}", highlight=False, soft_wrap=True)
    if abs(found.rest) >= _UNIT:
        console.print(f"  {found.rest:+7.2f}  what no single word accounts for", highlight=False)
    console.print(f"  {found.total:+7.2f}  bits: score {stated['score']:.2f}, {stated['certainty']}", highlight=False)
    for note in found.notes:
        console.print(f"  {escape(note)}", highlight=False, soft_wrap=True)
