"""Checks a zip before any library opens it: bombs, encryption, repeated names, hostile XML.

Belongs here: what must hold of every zip-based document. Does not belong here: what the parts mean (docx, xlsx).

Sizes in a zip's directory are claims, so parts are unpacked here, counted as they come out, and never kept.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from crawlers.documents.types import DocumentLimits, Refused, plain

_CHUNK: Final = 1 << 16
_XML: Final = (".xml", ".rels", ".vml")
# A cell with something in it: empty ones that only have a format are not held by readers.
_CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_ARCHIVE: Final = re.compile(r"\.(?:zip|7z|rar|gz|tar|tgz|bz2|xz)$", re.IGNORECASE)
_EMBEDDED: Final = re.compile(r"(?:^|/)embeddings/", re.IGNORECASE)
_MACRO: Final = re.compile(r"(?:^|/)vbaproject(?:signature)?\.bin$|(?:^|/)macrosheets/", re.IGNORECASE)
_EXTERNAL: Final = b'TargetMode="External"'


@dataclass
class Zip:
    """What the check saw of a zip that passed it."""

    names: list[str] = field(default_factory=list)
    macros: list[str] = field(default_factory=list)
    archives: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    external: int = 0
    formulas: int = 0
    corner: dict[str, tuple[int, int]] = field(default_factory=dict)


class _Budget:
    """Unpacked bytes so far, of all parts; Raises Refused when they pass the limits."""

    def __init__(self, limits: DocumentLimits, packed: int) -> None:
        self._limits, self._packed, self._spent = limits, max(packed, 1), 0

    def spend(self, size: int, name: str) -> None:
        self._spent += size
        if self._spent > self._limits.unpacked_bytes:
            raise Refused("too_large", f"unpacks to more than {self._limits.unpacked_bytes:,} bytes (at '{name}')")
        if self._spent > self._limits.ratio_floor and self._spent / self._packed > self._limits.ratio:
            raise Refused("too_large", f"a zip bomb: more than {self._limits.ratio:g} times its size (at '{name}')")


def check(held: zipfile.ZipFile, size: int, limits: DocumentLimits, *, xml: bool = True) -> Zip:
    """Unpack every part once and look at it. ``size`` is the zip's; ``xml`` False for a zip of documents.

    Raises Refused: encrypted, corrupt (damaged, repeated names, XML that is not well-formed or declares a document
    type or entities), too_large (bombs, more members than the limit).
    """
    infos = held.infolist()
    if len(infos) > limits.members:
        raise Refused("too_large", f"{len(infos):,} members, more than {limits.members:,}")
    seen = Zip()
    folded: set[str] = set()
    budget = _Budget(limits, size)
    for info in infos:
        name = info.filename
        if name.lower() in folded:
            raise Refused("corrupt", f"two members are named '{name}': programs would read different ones")
        folded.add(name.lower())
        if info.flag_bits & 1:
            raise Refused("encrypted", f"member '{name}' needs a password")
        if info.is_dir():
            continue
        seen.names.append(name)
        _sort(seen, name)
        _part(held, info, budget, seen, parse=xml and name.lower().endswith(_XML))
    return seen


def unpack(held: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in pieces. Raises Refused corrupt where it is damaged."""
    try:
        with held.open(info) as part:
            while piece := part.read(_CHUNK):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as problem:
        raise Refused("corrupt", f"member '{info.filename}' is damaged: {plain(str(problem), 120)}") from None


def _sort(seen: Zip, name: str) -> None:
    if _MACRO.search(name):
        seen.macros.append(name)
    elif _ARCHIVE.search(name):
        seen.archives.append(name)
    elif _EMBEDDED.search(name):
        seen.embedded.append(name)


def _part(held: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget, seen: Zip, *, parse: bool) -> None:
    name = info.filename
    parser = DefusedXMLParser(target=_Nothing(), forbid_dtd=True) if parse else None
    sheet = name.startswith("xl/worksheets/")
    tail = b""
    for piece in unpack(held, info):
        budget.spend(len(piece), name)
        if parser is None:
            continue
        try:
            parser.feed(piece)
        except DefusedXmlException:
            raise Refused("corrupt", f"'{name}' declares a document type or entities (XXE, billion laughs); "
                                     "no office program writes that") from None
        except ParseError as problem:
            raise Refused("corrupt", f"'{name}' is not well-formed XML: {problem}") from None
        window = tail + piece
        if sheet:
            _cells(seen, name, window)
            seen.formulas += window.count(b"<f>") + window.count(b"<f ") - tail.count(b"<f>") - tail.count(b"<f ")
        seen.external += window.count(_EXTERNAL) - tail.count(_EXTERNAL)
        tail = window[-200:]
    if parser is not None:
        try:
            parser.close()
        except (ParseError, DefusedXmlException) as problem:
            raise Refused("corrupt", f"'{name}' is not well-formed XML: {problem}") from None


def _cells(seen: Zip, name: str, window: bytes) -> None:
    """The farthest row and column a sheet names: a reader holds all cells up to there."""
    row, column = seen.corner.get(name, (0, 0))
    for letters, number in _CELL.findall(window):  # a cell on the border of two pieces may come twice
        at = 0
        for letter in letters:
            at = at * 26 + letter - 64
        row, column = max(row, int(number)), max(column, at)
    seen.corner[name] = (row, column)


class _Nothing:
    """Builds no tree: the parser only has to find out whether the XML is sound."""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, data: str) -> None:
        """Characters."""

    def close(self) -> None:
        """The document ends."""
