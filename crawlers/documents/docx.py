"""Text of Word documents by python-docx: paragraphs and tables in order, headers, footers, notes, text boxes.

Belongs here: which parts of a .docx hold words, in what order. Does not belong here: the zip's soundness (zipguard
has checked it before), formatting.

python-docx opens the package and its parts; their paragraphs are walked here, because its own ``text`` leaves out
tracked insertions, content controls and text boxes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from docx.opc.exceptions import OpcError
from docx.opc.package import OpcPackage
from lxml import etree

from crawlers.documents.types import DocumentLimits, Draft, Extracted, Refused, plain
from crawlers.documents.zipguard import Zip, check

_MAIN: Final = ".main+xml"
_PARTS: Final = ("header+xml", _MAIN, "footnotes+xml", "endnotes+xml", "footer+xml")
_BREAKS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_SKIPPED: Final = frozenset({"Fallback", "del", "moveFrom", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr",
                             "instrText", "delText", "drawing", "pict", "object"})
_DRAWN: Final = frozenset({"drawing", "pict", "object"})
_DEEPEST: Final = 200


def read(data: bytes, limits: DocumentLimits) -> Extracted:
    """The text of a Word document (docx, docm, dotx, dotm, strict too). Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            seen = check(held, len(data), limits)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise Refused("corrupt", f"no sound zip: {plain(str(problem), 120)}") from None
    draft = Draft(limits, "docx")
    _inside(seen, draft)
    for member, root in _roots(data, draft):
        _Walk(member, root, draft).write()
    return draft.done()


def _inside(seen: Zip, draft: Draft) -> None:
    if seen.macros:
        draft.note("macro", f"holds macros ({', '.join(seen.macros[:3])}); they are never run")
    if seen.archives:
        draft.note("nested_archive", f"archives in it are not opened: {', '.join(seen.archives[:5])}")
    if seen.embedded:
        named = ", ".join(seen.embedded[:5])
        draft.note("embedded_files", f"{len(seen.embedded)} embedded files are not read: {named}")
    if seen.external:
        draft.note("external", f"{seen.external} links to the outside; none is followed")
    if "word/comments.xml" in seen.names:
        draft.note("comments", "comments are not read")


def _roots(data: bytes, draft: Draft) -> Iterator[tuple[str, Any]]:
    """Member name and root element of each part with words: headers, body, notes, footers."""
    try:
        parts = list(OpcPackage.open(io.BytesIO(data)).iter_parts())
    except (OpcError, KeyError, ValueError, AttributeError, etree.XMLSyntaxError, zipfile.BadZipFile) as problem:
        raise Refused("corrupt", f"its parts do not hang together: {type(problem).__name__}: "
                                 f"{plain(str(problem), 120)}") from None
    told = [(str(part.content_type), str(part.partname).lstrip("/"), part) for part in parts]
    if not any(kind.endswith(_MAIN) for kind, _, _ in told):
        raise Refused("corrupt", "no main document among its parts")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        names = set(held.namelist())
        for ending in _PARTS:
            for _, member, part in sorted((t for t in told if t[0].endswith(ending)), key=lambda t: t[1]):
                try:  # the part's own bytes: python-docx drops blanks
                    yield member, etree.fromstring(held.read(member) if member in names else part.blob, parser)
                except (etree.XMLSyntaxError, zipfile.BadZipFile) as problem:
                    raise Refused("corrupt", f"'{member}' cannot be read: {plain(str(problem), 120)}") from None


class _Walk:
    """One part, paragraph by paragraph. A paragraph's number is its w:p's in document order, from 1."""

    def __init__(self, member: str, root: Any, draft: Draft) -> None:
        self._member, self._root, self._draft = member, root, draft
        elements = (e for e in root.iter() if isinstance(e.tag, str))
        self._numbers = {p: n for n, p in enumerate((e for e in elements if _name(e) == "p"), 1)}
        self._later: list[Any] = []  # text boxes: their words come after the paragraph they hang on

    def write(self) -> None:
        for tag in ("ins", "del", "moveFrom", "moveTo"):
            if self._root.find(f".//{{*}}{tag}") is not None:
                self._draft.note("tracked_changes", "has tracked changes: insertions are read, deletions are not")
        self._block(self._root, 0)

    def _deep(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise Refused("corrupt", f"'{self._member}' is nested deeper than {_DEEPEST} elements")

    def _block(self, element: Any, depth: int) -> None:
        self._deep(depth)
        for child in element:
            name = _name(child)
            if name == "p":
                self._paragraph(child, depth)
                self._draft.write("\n")
            elif name == "tr":
                self._row(child, depth)
            elif name not in _SKIPPED:
                self._block(child, depth + 1)

    def _row(self, row: Any, depth: int) -> None:
        """A table's row on one line, its cells divided by tabs, a cell's paragraphs by blanks."""
        for number, cell in enumerate(_within(row, ("tc",))):
            if number:
                self._draft.write("\t")
            self._cell(cell, depth + 1)
        self._draft.write("\n")

    def _cell(self, cell: Any, depth: int) -> None:
        self._deep(depth)
        for number, block in enumerate(_within(cell, ("p", "tr"))):
            paragraph = _name(block) == "p"
            if number:
                self._draft.write(" " if paragraph else "\n")
            if paragraph:
                self._paragraph(block, depth)
            else:
                self._row(block, depth + 1)

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        text = "".join(self._runs(paragraph, depth))
        if text.strip():
            place = f"docx:{self._member}#p={self._numbers[paragraph]}"
            self._draft.place(text, member=None, locator=place)
        boxes, self._later = self._later, []
        for box in boxes:
            self._draft.write("\n")
            self._block(box, depth + 1)

    def _runs(self, element: Any, depth: int) -> Iterator[str]:
        self._deep(depth)
        for child in element:
            name = _name(child)
            if name == "t":
                yield child.text or ""
            elif name in _BREAKS:
                yield _BREAKS[name]
            elif name in _DRAWN:
                self._later += _within(child, ("txbxContent",))
            elif name not in _SKIPPED:
                yield from self._runs(child, depth + 1)


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _within(element: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """The nearest elements of these names inside, in order; not what stands inside those."""
    for child in element:
        name = _name(child)
        if name in names:
            yield child
        elif name not in _SKIPPED or name in _DRAWN:
            yield from _within(child, names)
