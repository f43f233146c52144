"""The text of a page's nodes as one stream without white space, every piece of which knows its characters.

Belongs here: a small HTML scanner (WHATWG §13.2.5, as far as text is concerned) and character references. Does not
belong here: bytes (``decoded``), what text is an article (``extract``), alignment (``align``).

White space, soft hyphens and other unprintable characters are left out, for they are what extraction changes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Possessive throughout: a page of half-open tags costs one pass.
_TAG: Final = re.compile(r"""</?([a-zA-Z][^\s/>]*)((?:=\s*+(?:"[^"]*"|'[^']*')|[^>])*+)>""")
_REFERENCE: Final = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[A-Za-z][A-Za-z0-9]{1,31};?)")
_WORD: Final = re.compile(r"\S+")
_MARKED: Final = re.compile(r"[^\u0300-\u036f\u1dc0-\u1dff\u20d0-\u20ff][\u0300-\u036f\u1dc0-\u1dff\u20d0-\u20ff]*")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.""")
_JSON_TYPE: Final = re.compile(r"""type\s*=\s*["']?application/ld\+json""", re.IGNORECASE)
_RAW: Final = frozenset({"script", "style", "iframe", "xmp", "noembed", "noframes", "template", "svg", "select"})
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Piece(NamedTuple):
    """Characters without white space from ``start`` to ``end`` of the page; ``node`` numbers its text node.

    ``exact``: one character of the page is one of the piece; else (a reference, an escape) they only belong together.
    ``spaced``: in its node, white space stands between it and the piece before.
    """

    text: str
    start: int
    end: int
    node: int
    exact: bool
    spaced: bool


@dataclass
class Stream:
    """Pieces in order, their texts joined, and where each begins in the joined text."""

    pieces: list[Piece] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    text: str = ""

    def at(self, position: int) -> int:
        """Number of the piece that holds a position of the joined text."""
        return bisect_right(self.starts, position) - 1


def stream(page: str) -> Stream:
    """Text nodes in the page's order, then the strings of its JSON-LD (which some pages have their text in only)."""
    made = Stream()
    node = 0
    scripts: list[tuple[int, int]] = []
    for kind, start, end in _scan(page):
        node += 1
        if kind == "json":
            scripts.append((start, end))
        else:
            made.pieces += _pieces(page, start, end, node, _REFERENCE)
    for start, end in scripts:
        for string in _STRING.finditer(page, start, end):
            node += 1
            made.pieces += _pieces(page, string.start(1), string.end(1), node, _ESCAPE)
    made.text = "".join(piece.text for piece in made.pieces)
    place = 0
    for piece in made.pieces:
        made.starts.append(place)
        place += len(piece.text)
    return made


def _scan(page: str) -> Iterator[tuple[str, int, int]]:
    """('text' or 'json', start, end) of every stretch between tags."""
    at = start = 0
    while (tag := page.find("<", at)) >= 0:
        following = page[tag + 1: tag + 2]
        if following in ("!", "?"):
            stop = _declaration_end(page, tag)
            kind = "text"
        elif following == "/" or (following.isascii() and following.isalpha()):
            found = _TAG.match(page, tag)
            if found is None and following == "/":
                closing = page.find(">", tag)
                stop = closing + 1 if closing >= 0 else len(page)
                kind = "text"
            elif found is None:  # a tag that never ends swallows the rest
                break
            else:
                stop, kind = found.end(), "text"
                name = found[1].lower()
                if name in _RAW and following != "/" and not found[2].endswith("/"):
                    if start < tag:
                        yield "text", start, tag
                    content, stop = stop, _raw_end(page, name, stop)
                    if name == "script" and _JSON_TYPE.search(found[2]):
                        yield "json", content, stop
                    at = start = stop
                    continue
        else:  # a less-than sign in the text
            at = tag + 1
            continue
        if start < tag:
            yield kind, start, tag
        at = start = stop
    else:
        if start < len(page):
            yield "text", start, len(page)


def _declaration_end(page: str, tag: int) -> int:
    comment = page.startswith("<!--", tag)
    end = page.find("-->", tag + 2) if comment else page.find(">", tag)
    return len(page) if end < 0 else end + (3 if comment else 1)


def _raw_end(page: str, name: str, content: int) -> int:
    """Where the element's end tag begins."""
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(page, content)
    return len(page) if found is None else found.start()


def _pieces(page: str, start: int, end: int, node: int, special: re.Pattern[str]) -> Iterator[Piece]:
    at, spaced = start, False
    for found in special.finditer(page, start, end):
        yield from _words(page, at, found.start(), node, spaced)
        if found.start() > at:
            spaced = page[found.start() - 1].isspace()
        meaning = _meaning(found[0])
        written = fold(meaning)
        if written:
            yield Piece(written, found.start(), found.end(), node, False, spaced or meaning[:1].isspace())
            spaced = False
        spaced = spaced or meaning[-1:].isspace()
        at = found.end()
    yield from _words(page, at, end, node, spaced)


def _meaning(reference: str) -> str:
    if reference.startswith("&"):
        return html.unescape(reference) if len(reference) < 40 else "\ufffd"
    if reference.startswith("\\u"):
        units = bytes.fromhex(reference.replace("\\u", ""))
        return units.decode("utf-16-be", "replace")
    return _ESCAPES.get(reference[1], reference[1])


def _words(page: str, start: int, end: int, node: int, spaced: bool) -> Iterator[Piece]:
    """Words of a stretch without references. ``spaced``: white space stands before the stretch."""
    for word in _WORD.finditer(page, start, end):
        text, place = word[0], word.start()
        space = spaced or place > start
        if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
            yield Piece(text, place, word.end(), node, True, space)
        else:
            for part in _MARKED.finditer(text):
                written = fold(part[0])
                if written:
                    yield Piece(written, place + part.start(), place + part.end(), node, written == part[0], space)
                    space = False
        spaced = False


def fold(text: str) -> str:
    """Without white space and unprintable characters, composed (NFC): what alignment compares."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(c for c in composed if c.isprintable() and not c.isspace())
