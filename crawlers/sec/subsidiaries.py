"""Reads the lines of an Exhibit 21 as subsidiaries: which line is one, under whom, where, with which share and notes.

Belongs here: rows from lines. Does not belong here: HTML (page), columns, one name's text (names), lake rows
(exhibit21). Nothing is dropped in silence: a line that is read as neither row, heading nor note is handed back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from crawlers.corporate import comparable
from crawlers.sec.columns import Layout, Role, heading, layout, line_roles, text_layout
from crawlers.sec.names import LONGEST, Named, cut_marks, footnote, read_name, share
from crawlers.sec.page import Cell, Line
from crawlers.sec.places import at_end, is_place, looks_like_company, without_form

_STEP: Final = 20.0
_LEAST_STEP: Final = 3.0  # points; less is the program's rounding, no step down the family
_OMITTED: Final = re.compile(
    r"\bomitted\b|\bno (?:significant )?subsidiar|\bdoes not have any subsidiar|\bnot applicable\b|^none\.?$"
    r"|\bexcluded from the list\b"
    r"|incorporated (?:herein )?by reference", re.IGNORECASE)
_TITLE: Final = re.compile(r"^(?:exhibit|ex)[\s.-]*(?:21|8)\b|^\W*(?:\w+\s+){0,4}subsidiaries\b(?!.*\b(?:inc|llc|corp"
                           r"|ltd)\b\.?\s*$)|^page\b|^\d{1,4}$"
                           r"|^notes?\W*$|^table of contents", re.IGNORECASE)
_UNDER: Final = re.compile(r"^(?:(?:the\s+)?(?:direct|indirect|wholly[- ]owned|significant|other|principal|active"
                           r"|domestic|foreign)\s+)*"
                           r"subsidiar(?:y|ies)\s+of\s+(?:the\s+)?(?P<who>.+?)\W*$", re.IGNORECASE)
_JOINS: Final = re.compile(r"(?:\b(?:of|and|the|de|for|in)|[&,–—-])$", re.IGNORECASE)
_SECTIONS: Final = ((re.compile(r"joint\s+ventures?", re.IGNORECASE), "joint_venture"),
                    (re.compile(r"\baffiliate", re.IGNORECASE), "affiliate"),
                    (re.compile(r"\bdivisions?\b", re.IGNORECASE), "division"),
                    (re.compile(r"\bsubsidiar", re.IGNORECASE), "subsidiary"))
_TAIL_OF_NAME: Final = re.compile(r"^(?:[a-z&(,]|(?:inc|llc|l\.l\.c|ltd|limited|corp|corporation|company|co|lp|l\.p"
                                  r"|plc|gmbh)\b\.?)", re.IGNORECASE)
_SMALL: Final = re.compile(r"^[a-z]")


@dataclass
class Entry:
    """One subsidiary as listed. ``written`` is the name's text as it stands on the page, ``under`` the entry it is
    indented below or the heading that names a parent."""

    written: str
    named: Named
    place: str | None = None
    percent: float | None = None
    trade: str | None = None
    control: str = "subsidiary"
    under: str | None = None
    marks: tuple[str, ...] = ()
    indent: float = 0.0
    table: int = 0


@dataclass
class Listing:
    """What a page lists. ``notes`` are footnotes by mark, ``statements`` say that subsidiaries are left out,
    ``unread`` are lines of neither kind."""

    entries: list[Entry] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read(lines: Sequence[Line], registrant: str | None) -> Listing:
    """The listing of a page. ``registrant``: its name, so that its own line is no subsidiary."""
    in_tables = _Walk(registrant, strict_text=True)
    in_tables.walk(lines)
    if any(entry.table for entry in in_tables.listing.entries):
        return in_tables.listing
    everything = _Walk(registrant, strict_text=False)
    everything.walk(lines)
    return everything.listing


class _Walk:
    """One pass over the lines. With ``strict_text`` lines of text outside tables are headings and notes only."""

    def __init__(self, registrant: str | None, *, strict_text: bool) -> None:
        self.listing = Listing()
        self._self = comparable(registrant) if registrant else None
        self._strict = strict_text
        self._place: str | None = None  # a heading that is a place holds for the lines below it
        self._control = "subsidiary"
        self._under: str | None = None
        self._parents: list[Entry] = []
        self._held: Line | None = None
        self._of = False  # the line before ended in "Subsidiaries of"
        self._started = False

    def walk(self, lines: Sequence[Line]) -> None:
        before: Layout | None = None
        for table, grouped in groupby(lines, key=lambda line: line.table):
            rows = list(grouped)
            made = layout(rows, before) if table else text_layout(rows)
            before = made if table else before
            self._parents = []
            for row in rows:
                self._line(row, made)
            self._drop_held()

    def _line(self, line: Line, made: Layout) -> None:
        said = line.text
        if heading(line) is not None:
            self._drop_held()
            self._place, self._started = None, True
            return
        if self._note(said):
            self._drop_held()
            return
        if any(len(cell.text) > LONGEST and len(cell.lines) == 1 for cell in line.cells):
            self._drop_held()
            self.listing.unread.append(said)
            return
        if line.table == 0 and self._strict:
            self._heading(said)
            return
        cells = [(role, cell) for role, cell in line_roles(line, made) if role != "marks"]
        if len(cells) == 1:
            self._single(line, cells[0][1], made)
            return
        line = self._joined(line, cells)
        for group in _groups(line_roles(line, made)):
            self._group(group, line, made)

    # ---- lines with one cell -----------------------------------------------------------------------------------

    def _single(self, line: Line, cell: Cell, made: Layout) -> None:
        said = cell.text
        bare, _ = cut_marks(said)
        if is_place(bare) and not made.has_place:
            self._drop_held()
            self._place = without_form(bare.strip(" :"))
            return
        if self._of or _TITLE.match(said) or bare.endswith(":") or self._is_self(bare):
            self._drop_held()
            self._heading(said)
            return
        if (not line.table or not made.has_place) and (ending := at_end(bare)):
            self._add(line, cell, Named(ending.name), ending.name, made, place=ending.place)
            return
        last = self.listing.entries[-1] if self.listing.entries else None
        if last is not None and last.table == line.table and made.has_place and self._continues(last, cell):
            joined = f"{last.named.name} {read_name(said, cell.marks).name}"
            last.named = last.named._replace(name=joined)
            last.marks += read_name(said, cell.marks).marks
            return
        if made.has_place and len(bare.split()) > 1 and (not looks_like_company(bare) or _JOINS.search(bare)):
            self._drop_held()
            self._held = line
            return
        if looks_like_company(bare) and (line.table or self._started or not self._strict):
            self._lines_of(line, cell, made)
        else:
            self._drop_held()
            self._heading(said)

    def _lines_of(self, line: Line, cell: Cell, made: Layout) -> None:
        """A cell that lists several companies, a line each, or one company."""
        each = [text for text in cell.lines if looks_like_company(text)]
        if len(each) == len(cell.lines) and len(each) > 1 and line.table:
            for text in each:
                self._add(line, cell, read_name(text), text, made, place=self._place)
        else:
            self._add(line, cell, read_name(cell.text, cell.marks), cell.text, made, place=self._place)

    def _continues(self, last: Entry, cell: Cell) -> bool:
        """Is the cell the rest of the name on the line before ('Holdings' / 'Company, LLC')?"""
        said = cell.text
        if looks_like_company(last.named.name) and not _JOINS.search(last.named.name):
            return bool(_SMALL.match(said)) and not looks_like_company(said)
        return bool(_TAIL_OF_NAME.match(said) or cell.indent > last.indent) and len(said.split()) <= 6

    def _joined(self, line: Line, cells: Sequence[tuple[Role, Cell]]) -> Line:
        """The line with the held one before it, where that was the beginning of its name."""
        held, self._held = self._held, None
        if held is None:
            return line
        first = next((cell for role, cell in cells if role == "name"), None)
        start = held.cells[0]
        goes_on = first is not None and (
            _JOINS.search(start.text) is not None or _SMALL.match(first.text) is not None
            or (first.indent > start.indent and len(start.text) >= 25)
            or (_TAIL_OF_NAME.match(first.text) is not None and len(first.text.split()) <= 3))
        if first is None or not goes_on:
            self._heading(held.text)
            return line
        whole = replace(first, lines=[*start.lines, *first.lines], indent=start.indent)
        return replace(line, cells=[whole if cell is first else cell for cell in line.cells])

    def _drop_held(self) -> None:
        if self._held is not None:
            self._heading(self._held.text)
            self._held = None

    # ---- headings and notes ------------------------------------------------------------------------------------

    def _heading(self, said: str) -> None:
        bare = cut_marks(" ".join(said.split()))[0]
        if self._of:
            self._of = False
            self._under = None if self._is_self(bare) else bare
            return
        self._of = bool(re.search(r"subsidiar(?:y|ies)\s+of(?:\s+the)?$", bare, re.IGNORECASE))
        control = next((name for pattern, name in _SECTIONS if pattern.search(bare)), None)
        self._started = self._started or control is not None
        if control is not None:
            self._control = control
        found = _UNDER.match(bare)
        if found:
            who = found["who"].strip()
            self._under = None if self._is_self(who) or "registrant" in who.lower() else who
        elif control is None and not _TITLE.match(bare) and not self._is_self(bare):
            self.listing.unread.append(said)

    def _note(self, said: str) -> bool:
        told = footnote(said)
        if told is not None and not is_place(told[1]) and not looks_like_company(told[1]):
            self.listing.notes.setdefault(told[0], told[1])
        if _OMITTED.search(said) and not looks_like_company(said):
            self.listing.statements.append(said)
            return True
        return told is not None and told[0] in self.listing.notes and self.listing.notes[told[0]] == told[1]

    def _is_self(self, name: str) -> bool:
        return self._self is not None and comparable(re.sub(r"\s*\(.*$", "", name)) == self._self

    # ---- rows --------------------------------------------------------------------------------------------------

    def _group(self, group: list[tuple[Role, Cell]], line: Line, made: Layout) -> None:
        named = [cell for role, cell in group if role == "name"]
        places = [cell for role, cell in group if role == "place"]
        if not named:
            said = " ".join(cell.text for _, cell in group)
            if said.strip():
                self.listing.unread.append(said)
            return
        cell = named[0]
        if _TITLE.match(cell.text) and not looks_like_company(cell.text):
            self._heading(cell.text)
            return
        place = places[0] if places else None
        other = {role: found.text for role, found in group if role not in ("name", "place")}
        pairs = self._stacked(cell, place)
        for text, where in pairs:
            marks = cell.marks if text == cell.text else ()
            self._add(line, cell, read_name(text, marks), text, made, place=where or self._place, other=other)

    @staticmethod
    def _stacked(cell: Cell, place: Cell | None) -> list[tuple[str, str | None]]:
        """A row whose cells hold a whole list, a line each; else the row as one."""
        if place is None:
            return [(cell.text, None)]
        same = len(cell.lines) == len(place.lines) > 1 and all(is_place(cut_marks(one)[0]) for one in place.lines)
        if same and (len(cell.lines) > 2 or all(map(looks_like_company, cell.lines))):
            return list(zip(cell.lines, place.lines, strict=True))
        return [(cell.text, place.text)]

    def _add(
        self, line: Line, cell: Cell, named: Named, written: str, made: Layout, *, place: str | None,
        other: Mapping[Role, str] | None = None,
    ) -> None:
        """One entry. ``other``: texts of the row's further cells by role."""
        beside = other or {}
        if not re.search(r"[^\W\d_]", named.name):
            self.listing.unread.append(line.text)
            return
        if self._is_self(named.name):
            self._under = None
            return
        where, marks = cut_marks(" ".join((place or "").split()))
        indent = cell.indent + _STEP * made.steps.get(cell.start, 0)
        percent = share(beside.get("percent", ""))
        entry = Entry(written=written, named=named, place=without_form(where) if where else None,
                      percent=named.percent if percent is None else percent, control=self._control,
                      trade=_filled(beside.get("trade")) or named.trade, marks=(*named.marks, *marks), indent=indent,
                      table=line.table)
        self._started = True
        while self._parents and self._parents[-1].indent > indent - _LEAST_STEP:
            self._parents.pop()
        above = self._parents[-1].named.name if self._parents else None
        entry.under = _filled(beside.get("parent")) or above or self._under
        self._parents.append(entry)
        self.listing.entries.append(entry)


def _groups(cells: list[tuple[Role, Cell]]) -> list[list[tuple[Role, Cell]]]:
    """One group a listed company: a new one begins where a role comes again."""
    groups: list[list[tuple[Role, Cell]]] = [[]]
    for role, cell in cells:
        if role == "marks":
            continue
        if role in ("name", "place") and any(known == role for known, _ in groups[-1]):
            groups.append([])
        groups[-1].append((role, cell))
    return [group for group in groups if group]


def _filled(said: str | None) -> str | None:
    bare = cut_marks(" ".join((said or "").split()))[0].strip(" -–—")
    return bare if bare and bare.lower() not in ("n/a", "none", "same") else None
