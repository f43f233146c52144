"""Which column of a table holds names, which places, which shares: by heading where there is one, else by content.

Belongs here: roles of columns and of cells. Does not belong here: the page (page), what becomes of a row (exhibit21).

A list may stand in one pair of columns or in several side by side; names may step to the right column by column as they
go down the family; headings may be missing on a table that goes on after a page break.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from crawlers.sec.names import cut_marks, is_marks, share
from crawlers.sec.page import Cell, Line
from crawlers.sec.places import is_place, looks_like_company

Role = Literal["name", "place", "percent", "trade", "parent", "marks", "other"]

_PLACE_HEAD: Final = re.compile(
    r"^(?:(?:percent\w*|%).*)?\b(?:jurisdiction|domicile|(?:state|country|province|place|jurisdiction|nation"
    r"|territory)[\w\s,/()&]*"
    r"\b(?:incorporat\w*|organi[sz]\w*|formation|formed|domicile|registration|organized)|(?:incorporated|organi[sz]ed"
    r"|formed|registered)"
    r"(?:\s+(?:in|under)\b.*)?|(?:under\s+)?(?:the\s+)?laws?\s+of(?:\s+which\b.*)?|state/country"
    r"|state\s+or(?:\s+other)?\s+(?:country|jurisdiction)|"
    r"state|country|incorporation|where\s+(?:incorporated|organi[sz]ed))\b.{0,80}$", re.IGNORECASE | re.DOTALL)
_NAME_HEAD: Final = re.compile(
    r"^(?:.{0,30}\b)?(?:(?:legal|corporate|full|entity|company|subsidiary|registered)\s+)*(?:name|names|entity"
    r"|entities|subsidiary|subsidiaries|"
    r"company|companies|corporation|organization)(?:\s+(?:of|and|under|which|name|names|or|each|the|all|our"
    r"|significant|subsidiary|subsidiaries|company|companies|"
    r"entity|entities|registrant|corporation|organization|state|active|consolidated|legal|direct|indirect"
    r"|wholly.owned)|[\s/()*\d,:.])*$", re.IGNORECASE)
_PERCENT_HEAD: Final = re.compile(r"\bpercent|%|\b(?:ownership|owned|voting|equity interest|share ?holding)\b",
                                  re.IGNORECASE)
_TRADE_HEAD: Final = re.compile(r"doing business|d/?b/?a\b|trade names?|assumed names?|other names?|names? under which",
                                re.IGNORECASE)
_PARENT_HEAD: Final = re.compile(r"^(?:immediate\s+|direct\s+)?(?:parent|owner|owned by|held by|shareholder|member)\b",
                                 re.IGNORECASE)


@dataclass
class Layout:
    """Roles of a table's columns, by first column; ``steps`` orders the columns that names step through."""

    roles: dict[int, Role] = field(default_factory=dict)
    steps: dict[int, int] = field(default_factory=dict)
    second_is_place: bool = False

    @property
    def has_place(self) -> bool:
        """True when a column holds places."""
        return "place" in self.roles.values() or self.second_is_place


def heading(line: Line) -> dict[tuple[int, int], Role] | None:
    """Roles by the columns that a row of headings covers, None for a row that is none."""
    found: dict[tuple[int, int], Role] = {}
    for cell in line.cells:
        said, _ = cut_marks(cell.text)
        role = _head_role(said)
        if role is None:
            return None if not is_marks(said) else found or None
        found[cell.start, cell.end] = role
    roles = set(found.values())
    return found if found and (roles != {"name"} or len(line.cells) > 1 or _alone(line.cells[0])) else None


def _alone(cell: Cell) -> bool:
    return bool(re.match(r"(?i)^(?:legal |company |entity |subsidiary )*(?:name|entity|subsidiary|subsidiaries"
                         r"|company)s?(?: name)?$", cell.text.strip(" :*")))


def _head_role(said: str) -> Role | None:
    words = " ".join(said.split()).strip(" :")
    if len(words) > 160 or (is_place(words) and words.lower() not in ("federal",)):
        return None
    if _TRADE_HEAD.search(words):
        return "trade"
    if _PLACE_HEAD.match(words) and not _proper_name(words):
        return "place"
    if _PERCENT_HEAD.search(words) and not _proper_name(words) and not re.search(r"\d\s?%", words):
        return "percent"
    if _PARENT_HEAD.match(words) and len(words.split()) <= 5:
        return "parent"
    return "name" if _NAME_HEAD.match(words) and len(words.split()) <= 12 else None


def _proper_name(words: str) -> bool:
    """'State Street Bank and Trust Company' begins like a heading."""
    return looks_like_company(words) and not re.search(
        r"(?i)\b(?:incorporat|organi[sz]|formation|percent|jurisdiction|owned|laws)", words)


def layout(rows: Sequence[Line], before: Layout | None = None) -> Layout:
    """The layout of one table's rows. ``before``: the table before it, which a table without headings may continue."""
    heads: dict[tuple[int, int], Role] = {}
    body: list[Line] = []
    for row in rows:
        told = heading(row)
        if told is not None:
            heads |= {span: role for span, role in told.items() if span not in heads}
        else:
            body.append(row)
    texts: defaultdict[int, list[str]] = defaultdict(list)
    narrow = all(len(row.cells) == 1 for row in body)
    for row in body:
        if len(row.cells) > 1 or narrow:  # a lone cell is a section's heading more often than a row
            for cell in row.cells:
                texts[cell.start].append(cell.text)
    columns = sorted(texts)
    roles = {column: _role(column, texts[column], heads) for column in columns}
    made = Layout(roles)
    _steps(made, body)
    _seconds(made, body, texts)
    if before is not None and not heads and "place" not in made.roles.values() and before.has_place \
            and len(before.roles) == len(made.roles):
        made.roles = dict(zip(sorted(made.roles), (before.roles[c] for c in sorted(before.roles)), strict=True))
    return made


def _role(column: int, said: list[str], heads: dict[tuple[int, int], Role]) -> Role:
    bare = [cut_marks(text)[0] for text in said]
    count = len(bare)
    places, companies = sum(map(is_place, bare)), sum(map(looks_like_company, bare))
    if all(is_marks(text) for text in said):
        return "marks"
    told = next((role for (start, end), role in heads.items() if start <= column < end), None)
    if told == "place" and companies * 2 > count and places * 5 < count:
        told = None
    if told is not None:
        return told
    if places * 2 > count:
        return "place"
    if sum(share(text) is not None for text in bare) * 2 > count:
        return "percent"
    return "name"


def _steps(made: Layout, body: Sequence[Line]) -> None:
    """Neighbouring name columns that are never filled together are one: names step to the right."""
    together: Counter[tuple[int, int]] = Counter()
    for row in body:
        starts = [cell.start for cell in row.cells if made.roles.get(cell.start) == "name"]
        together.update((a, b) for a in starts for b in starts if a < b)
    run: list[int] = []
    for column in sorted(made.roles):
        if made.roles[column] != "name":
            run = []
        elif all(not together[other, column] for other in run):
            run.append(column)
            made.steps[column] = len(run) - 1
        else:
            run = [column]
            made.steps[column] = 0


def _seconds(made: Layout, body: Sequence[Line], texts: dict[int, list[str]]) -> None:
    """A second text column beside names: places that no list knows, where there is no other place column."""
    first: int | None = None
    for column in sorted(made.roles):
        role = made.roles[column]
        if role == "place":
            first = None
        elif role == "name" and made.steps.get(column, 0) == 0:
            beside = first is not None and any({first, column} <= {c.start for c in row.cells} for row in body)
            if not beside:
                first = column
                continue
            short = sum(len(text.split()) <= 4 and not looks_like_company(text) for text in texts[column])
            follows = [made.roles[c] for c in sorted(made.roles) if c > column]
            made.roles[column] = "place" if short * 3 > len(texts[column]) * 2 and "place" not in follows else "other"


def line_roles(line: Line, made: Layout) -> list[tuple[Role, Cell]]:
    """The role of every cell: by column in tables, by content and order in lines of text."""
    if line.table:
        return [(made.roles.get(cell.start, _loose(cell)), cell) for cell in line.cells]
    roles: list[tuple[Role, Cell]] = []
    for number, cell in enumerate(line.cells):
        role = _loose(cell)
        if role == "name" and number and roles[-1][0] == "name":
            role = "place" if made.second_is_place else "other"
        if number == 0 and role in ("place", "percent") and len(line.cells) > 1:
            role = "name"
        roles.append((role, cell))
    return roles


def _loose(cell: Cell) -> Role:
    said, _ = cut_marks(cell.text)
    if is_marks(cell.text):
        return "marks"
    return "place" if is_place(said) else "percent" if share(said) is not None else "name"


def text_layout(rows: Sequence[Line]) -> Layout:
    """The layout of lines of text: does the second piece of most lines say a place?"""
    seconds = [row.cells[1].text for row in rows if len(row.cells) == 2]
    places = sum(is_place(cut_marks(text)[0]) for text in seconds)
    headed = any((told := heading(row)) and "place" in told.values() for row in rows)
    return Layout(second_is_place=bool(seconds) and (places * 2 > len(seconds) or headed))
