"""An exhibit's page as lines of cells: table rows, text lines, lines of preformatted text, in the page's order.

Belongs here: HTML and plain text into lines, with indents, footnote marks and what is hidden left out. Does not
belong here: what a line means (exhibit21), bytes (crawlers.news.align).

EDGAR pages are written by a hundred programs: spacer columns, hidden rows, tables within tables, names and marks in
runs of their own, hard spaces as indents and as columns. A cell keeps its lines and its runs, for both tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import lxml.html

from crawlers.parsing import BombError, NotDataError

MAX_BYTES: Final = 24 << 20
_BLOCKS: Final = frozenset({
    "p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "center", "blockquote", "tr", "td",
    "th", "table", "dd", "dt", "dl", "address", "section", "body", "caption",
})
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "noscript", "template"})
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INDENT: Final = re.compile(r"(?:padding-left|margin-left|text-indent)\s*:\s*(-?[\d.]+)\s*(pt|px|em|in|%)?",
                            re.IGNORECASE)
_PADDING: Final = re.compile(r"padding\s*:\s*[\d.]+\w*\s+[\d.]+\w*\s+[\d.]+\w*\s+([\d.]+)\s*(pt|px|em|in)?",
                             re.IGNORECASE)
_POINTS: Final = {"pt": 1.0, "px": 0.75, "em": 10.0, "in": 72.0, "%": 5.0, "": 1.0}
_HTML: Final = re.compile(r"<(?:tr|p|div|pre|br|body|li|font)\b", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]{0,300}>")
_SPACE: Final = re.compile(r"[ \t\r\n\f\u200b]+")
_WIDE: Final = re.compile(r"[ \xa0\u2000-\u200a\u3000]{3,}|\t+|\.{4,}|(?:\s\.){3,}|[_\u2026]{3,}")
_PLAIN_GAP: Final = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)|\s*\.{3,}\s*|(?:\s\.){3,}\s*|\s*_{3,}\s*")
_ZERO: Final = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_MARK: Final = re.compile(r"(?:\s|,|\(\s*(?:\d{1,2}|[a-z])\s*\)|\[\d{1,2}\]|[*†‡§¹²³⁴⁵⁶⁷⁸⁹]+|^\d{1,2}$)+")


@dataclass
class Cell:
    """A cell: its lines, the column it starts in and one past its last, its indent in points, its runs' own marks."""

    lines: list[str]
    start: int = 0
    end: int = 1
    indent: float = 0.0
    marks: tuple[str, ...] = ()
    bold: bool = False

    @property
    def text(self) -> str:
        """All lines in one."""
        return " ".join(self.lines)


@dataclass
class Line:
    """A row of a table (``table`` counts tables from 1) or a line of text (``table`` 0)."""

    cells: list[Cell] = field(default_factory=list)
    table: int = 0
    preformatted: bool = False

    @property
    def text(self) -> str:
        """The cells in one."""
        return " ".join(cell.text for cell in self.cells)


def lines(text: str) -> list[Line]:
    """The lines of a decoded page; of plain text when it has no tags. Raises NotDataError for what holds no text."""
    if len(text) > MAX_BYTES:
        raise BombError(f"is longer than {MAX_BYTES:,} characters", where="exhibit",
                        do="It is not read; look at it by hand")
    if not _HTML.search(text):  # EDGAR's own <TABLE> <S> <C> of plain text is no HTML table
        return list(_plain(_TAG.sub("", text)))
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, ValueError) as problem:
        raise NotDataError(f"holds no page ({problem})", where="exhibit", do="Look at the capture") from None
    return _Reader().read(root)


def _plain(text: str) -> Iterator[Line]:
    """Lines of preformatted text: columns stand two spaces or more, tabs or leaders apart."""
    for raw in text.expandtabs(8).splitlines():
        said = _ZERO.sub("", raw).replace("\xa0", " ").rstrip()
        if not said.strip() or not re.search(r"\w", said):
            continue
        lead = len(said) - len(said.lstrip())
        cells: list[Cell] = []
        at = 0
        body = said.strip()
        for gap in [*_PLAIN_GAP.finditer(body), None]:
            part = body[at: gap.start() if gap else len(body)].strip()
            if part:
                place = lead + at
                cells.append(Cell([_SPACE.sub(" ", part)], place, place + len(part), lead * 5.0 if not cells else 0.0))
            at = gap.end() if gap else at
        yield Line(cells, preformatted=True)


class _Reader:
    """Walks the tree once, without recursion deeper than tables within tables."""

    def __init__(self) -> None:
        self._tables = 0

    def read(self, root: Any) -> list[Line]:
        return list(self._walk(root))

    def _walk(self, element: Any) -> Iterator[Line]:
        """Lines under an element; text between blocks is gathered into lines."""
        gathered = _Text()
        for kind, what in _events(element):
            if kind == "text":
                gathered.add(*what)
            elif kind == "break":
                yield from gathered.flush(what)
            elif kind == "pre":
                yield from gathered.flush(None)
                yield from _plain("".join(what.itertext()))
            else:
                yield from gathered.flush(None)
                yield from self._table(what)
        yield from gathered.flush(None)

    def _table(self, table: Any) -> Iterator[Line]:
        self._tables += 1
        number = self._tables
        above: dict[int, int] = {}  # columns that a cell above still covers, and for how many rows
        for row in _own_rows(table):
            if _hidden(row):
                continue
            cells: list[Cell] = []
            nested: list[Any] = []
            column = 0
            for td in row:
                if td.tag not in ("td", "th"):
                    continue
                while above.get(column, 0) > 0:
                    above[column] -= 1
                    column += 1
                span, down = _number(td.get("colspan")), _number(td.get("rowspan"))
                if down > 1:
                    above |= dict.fromkeys(range(column, column + span), down - 1)
                inner = list(td.iter("table"))
                nested += [one for one in inner if not any(one in other.iterdescendants("table") for other in inner)]
                cell = _cell(td, column, span) if not inner else None
                if cell is not None and not _hidden(td):
                    cells.append(cell)
                column += span
            if cells:
                yield Line(cells, table=number)
            for one in nested:
                yield from self._table(one)


class _Text:
    """Text outside tables on its way to a line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._indent = 0.0

    def add(self, text: str, element: Any) -> None:
        if text and not self._parts:
            self._indent = _indent_of(element)
        self._parts.append(text)

    def flush(self, _element: Any) -> Iterator[Line]:
        said = _ZERO.sub("", _SPACE.sub(" ", "".join(self._parts))).strip(" ")
        self._parts = []
        if not said.strip("\xa0 "):
            return
        hard = len(said) - len(said.lstrip("\xa0 "))
        parts = [part.replace("\xa0", " ").strip() for part in _WIDE.split(said.strip("\xa0 "))]
        kept = [" ".join(part.split()) for part in parts if part.strip()]
        if kept:
            yield Line([Cell([part], at, at + 1, (self._indent + _hard(hard)) if at == 0 else 0.0)
                        for at, part in enumerate(kept)])


def _events(element: Any) -> Iterator[tuple[str, Any]]:
    """('text', (text, element)), ('break', element), ('pre', element), ('table', element), in the page's order."""
    stack: list[tuple[str, Any]] = [("open", element)]
    while stack:
        step, node = stack.pop()
        if step == "tail":
            if node.tail:
                yield "text", (node.tail, node.getparent())
            continue
        if step == "close":
            yield "break", node
            continue
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("table", "pre"):
            yield tag, node
            continue
        if not tag or tag in _UNSEEN or _hidden(node):
            continue
        if tag in _BLOCKS:
            yield "break", node
            stack.append(("close", node))
        if node.text:
            yield "text", (node.text, node)
        for child in reversed(node):
            stack.append(("tail", child))
            stack.append(("open", child))


def _own_rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("tbody", "thead", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _cell(td: Any, column: int, span: int) -> Cell | None:
    """The cell, None when nothing is in it."""
    gathered: list[list[tuple[str, Any]]] = [[]]
    for kind, what in _events_of(td):
        if kind == "text":
            gathered[-1].append(what)
        elif gathered[-1]:
            gathered.append([])
    made: list[str] = []
    marks: tuple[str, ...] = ()
    hard = 0
    for parts in gathered:
        said = _ZERO.sub("", _SPACE.sub(" ", "".join(part for part, _ in parts)))
        clean = " ".join(said.replace("\xa0", " ").split())
        if clean:
            if not made:
                hard = len(said) - len(said.lstrip("\xa0 "))
            made.append(clean)
            marks = _own_marks([part for part, _ in parts])
    if not made:
        return None
    first = next(owner for line in gathered for part, owner in line if part.strip("\xa0 \r\n\t"))
    return Cell(made, column, column + span, _indent_of(first) + _hard(hard), marks, _is_bold(first))


def _events_of(td: Any) -> Iterator[tuple[str, Any]]:
    """As ``_events``, of what is inside a cell."""
    if td.text:
        yield "text", (td.text, td)
    for child in td:
        yield from _events(child)
        if child.tail:
            yield "text", (child.tail, td)


def _own_marks(parts: list[str]) -> tuple[str, ...]:
    """Footnote marks at the end that are runs of their own: then marks within the name's run belong to the name."""
    kept = [part.replace("\xa0", " ").strip() for part in parts]
    kept = [part for part in kept if part]
    found: list[str] = []
    while len(kept) > 1 and _MARK.fullmatch(kept[-1]):
        found.insert(0, kept.pop())
    return tuple(found)


def _indent_of(element: Any) -> float:
    """Points by which styles of the element and what it stands in push it to the right, up to its cell or block."""
    total = 0.0
    while element is not None and element.tag not in ("tr", "body", "table"):
        style = element.get("style") or ""
        for found in (*_INDENT.finditer(style), *_PADDING.finditer(style)):
            total += float(found[1].rstrip(".") or 0) * _POINTS.get((found[2] or "").lower(), 1.0)
        if element.tag in ("ul", "ol", "blockquote", "dd"):
            total += 20.0
        element = element.getparent()
    return max(0.0, total)


def _hard(spaces: int) -> float:
    """Points that hard spaces before a name indent it by; one alone is padding."""
    return spaces * 3.0 if spaces > 1 else 0.0


def _is_bold(element: Any) -> bool:
    while element is not None and element.tag not in ("tr", "table", "body"):
        style = (element.get("style") or "").lower()
        if element.tag in ("b", "strong", "th") or re.search(r"font-weight\s*:\s*(?:bold|[6-9]00)", style):
            return True
        element = element.getparent()
    return False


def _hidden(element: Any) -> bool:
    return bool(_HIDDEN.search(element.get("style") or ""))


def _number(said: str | None) -> int:
    return min(int(said), 200) if said and said.strip().isdigit() and int(said) > 0 else 1
