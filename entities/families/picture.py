"""A family as a picture: boxes in layers, owners above, companies owned below, as SVG with every text escaped.

Belongs here: layout and drawing. Does not belong here: which edges (graph.py), where they come from.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_BOX: Final = (230, 62)
_GAP: Final = (26, 74)
_MARGIN: Final = 24
_A_ROW: Final = 4
_LINE: Final = 30
_HEAD: Final = 46
#: What XML 1.0 cannot hold, and marks that turn the direction of text.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_STYLE: Final = (
    "text{font-family:sans-serif;font-size:12px;fill:#1a1a1a}.id{font-size:10px;fill:#555}.edge{font-size:10px;fill:#333}"
    ".head{font-size:15px;font-weight:bold}.box{fill:#fff;stroke:#445;stroke-width:1}.own{fill:#fdf3d0;stroke-width:2}"
    ".line{stroke:#667;fill:none}.past{stroke-dasharray:4 3}"
)


@dataclass(frozen=True)
class Box:
    """A company in its layer: 0 the one asked for, below 0 its owners, above 0 what it owns."""

    id: str
    name: str
    layer: int


@dataclass(frozen=True)
class Line:
    """An edge from owner to owned, with its words; ``past`` where it is over."""

    owner: str
    owned: str
    label: str
    past: bool = False


def svg(title: str, note: str, boxes: Sequence[Box], lines: Sequence[Line]) -> str:
    """The picture. ``note`` stands below the title (day, version) and is part of the description read aloud."""
    places, width, height = _layout(boxes)
    drawn = [_line(places, line) for line in lines if line.owner in places and line.owned in places]
    drawn += [_box(places[box.id], box) for box in boxes]
    said = "; ".join(f"{_name(boxes, line.owner)} - {line.label} - {_name(boxes, line.owned)}" for line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-labelledby="t d"><title id="t">{_text(title)}</title><desc id="d">{_text(note)}. '
        f'{_text(said)}</desc><style>{_STYLE}</style>'
        f'<text class="head" x="{_MARGIN}" y="{_MARGIN}">{_text(title)}</text>'
        f'<text class="id" x="{_MARGIN}" y="{_MARGIN + 16}">{_text(note)}</text>{"".join(drawn)}</svg>\n'
    )


def _layout(boxes: Sequence[Box]) -> tuple[dict[str, tuple[int, int]], int, int]:
    """Upper left corner of each box, and the picture's size: layers from above, at most four boxes a row."""
    rows: list[list[Box]] = []
    for layer in sorted({box.layer for box in boxes}):
        inside = [box for box in boxes if box.layer == layer]
        rows += [inside[at : at + _A_ROW] for at in range(0, len(inside), _A_ROW)]
    widest = max((len(row) for row in rows), default=1)
    width = max(2 * _MARGIN + widest * _BOX[0] + (widest - 1) * _GAP[0], 420)
    places: dict[str, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        used = len(row) * _BOX[0] + (len(row) - 1) * _GAP[0]
        for at, box in enumerate(row):
            left = (width - used) // 2 + at * (_BOX[0] + _GAP[0])
            places[box.id] = (left, _MARGIN + _HEAD + number * (_BOX[1] + _GAP[1]))
    height = 2 * _MARGIN + _HEAD + len(rows) * _BOX[1] + max(len(rows) - 1, 0) * _GAP[1]
    return places, width, height


def _box(place: tuple[int, int], box: Box) -> str:
    x, y = place
    own = " own" if box.layer == 0 else ""
    words = textwrap.wrap(_fit(box.name), _LINE, max_lines=2, placeholder="…") or [""]
    middle = x + _BOX[0] // 2
    told = "".join(
        f'<text x="{middle}" y="{y + 20 + 15 * n}" text-anchor="middle">{escape(line)}</text>'
        for n, line in enumerate(words)
    )
    shown = box.id if len(box.id) <= 38 else box.id[:37] + "…"
    return (
        f'<g><title>{_text(box.name)} ({_text(box.id)})</title>'
        f'<rect class="box{own}" x="{x}" y="{y}" width="{_BOX[0]}" height="{_BOX[1]}" rx="5"/>{told}'
        f'<text class="id" x="{middle}" y="{y + 54}" text-anchor="middle">{_text(shown)}</text></g>'
    )


def _line(places: Mapping[str, tuple[int, int]], line: Line) -> str:
    (x1, y1), (x2, y2) = places[line.owner], places[line.owned]
    start, end = (x1 + _BOX[0] // 2, y1 + _BOX[1]), (x2 + _BOX[0] // 2, y2)
    bend = end[1] - _GAP[1] // 2
    past = " past" if line.past else ""
    label = line.label if len(line.label) <= 44 else line.label[:43] + "…"
    return (
        f'<path class="line{past}" d="M{start[0]} {start[1]} V{bend} H{end[0]} V{end[1]}"/>'
        f'<text class="edge" x="{end[0] + 5}" y="{end[1] - 8}">{_text(label)}</text>'
    )


def _name(boxes: Sequence[Box], one: str) -> str:
    return next((box.name for box in boxes if box.id == one), one)


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)


def _text(text: str) -> str:
    return escape(_fit(text), {'"': "&quot;"})
