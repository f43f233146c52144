"""Leads the characters of an extracted text back to the bytes of the page it was extracted from.

Belongs here: matching text with page, segments, and checking them. Does not belong here: extraction.

A segment is a run of the text whose words stand in one text node of the page in this order with nothing but white
space between: its bytes, decoded, with character references resolved and white space folded, are its characters.
What extraction itself wrote (list marks, table bars) has no segment.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from crawlers.news.decoded import Decoded, slice_text
from crawlers.news.nodes import Stream, fold, stream

_SEED: Final = 16  # characters that must agree before a stretch is looked for anywhere on the page
_NEAR: Final = 400  # characters ahead in which single words are looked for
_FAR: Final = 8000
_GLOBAL_SEARCHES: Final = 4000  # a hostile page shall not make the search quadratic
_WORD: Final = re.compile(r"\S+")


class Segment(NamedTuple):
    """``start`` to ``end`` of the text stand in the page's bytes ``byte_start`` to ``byte_end``."""

    start: int
    end: int
    byte_start: int
    byte_end: int


class _Match(NamedTuple):
    """``length`` characters of the squeezed text from ``here`` stand in the stream from ``there``."""

    here: int
    there: int
    length: int


def align(text: str, page: Decoded) -> list[Segment]:
    """The segments of a text on its page, in the text's order, without overlap."""
    found = stream(page.text)
    squeezed, places = _squeeze(text)
    offsets = page.offsets
    return [
        Segment(start, end, int(offsets[first]), int(offsets[last]))
        for match in _Matcher(squeezed, found.text).matches(_lines(text, places))
        for start, end, first, last in _runs(match, text, places, found)
    ]


def says(data: bytes, encoding: str, text: str) -> bool:
    """True when a segment's bytes say the segment's text: as HTML, or within a JSON string (JSON-LD)."""
    written = slice_text(data, encoding)
    wanted = " ".join(text.split())
    try:
        if _spaced(html.unescape(written)) == wanted:
            return True
        return _spaced(json.loads(f'"{written}"', strict=False)) == wanted
    except ValueError:
        return False


def _spaced(text: str) -> str:
    """White space folded to single spaces, unprintable characters left out, composed."""
    return " ".join(word for word in map(fold, text.split()) if word)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The text's characters that can be compared, and the place of each in the text."""
    places = [at for at, c in enumerate(text) if c.isprintable() and not c.isspace()]
    return "".join(text[at] for at in places), places


def _lines(text: str, places: list[int]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """For each line: where it ends in the squeezed text, and the (start, end) of its words there."""
    at = 0
    for line in re.finditer(r"[^\n]+", text):
        words = []
        for word in _WORD.finditer(text, line.start(), line.end()):
            first = at
            while at < len(places) and places[at] < word.end():
                at += 1
            if at > first:
                words.append((first, at))
        if words:
            yield at, words


class _Matcher:
    def __init__(self, here: str, there: str) -> None:
        self._here, self._there = here, there
        self._at = 0  # the page's reading position: texts follow the page's order but for exceptions
        self._left = _GLOBAL_SEARCHES

    def matches(self, lines: Iterator[tuple[int, list[tuple[int, int]]]]) -> Iterator[_Match]:
        for end, words in lines:
            start = words[0][0]
            place = self._find(start, end)
            if place >= 0:
                yield self._take(start, place, end - start)
            else:
                yield from self._parts(words, end)

    def _parts(self, words: list[tuple[int, int]], end: int) -> Iterator[_Match]:
        """A line that does not stand on the page as a whole: the longest stretches that do."""
        done = words[0][0]
        for first, last in words:
            if first < done:
                continue
            stop = min(end, first + _SEED)
            place = self._find(first, stop) if stop - first == _SEED else -1
            if place < 0:
                place = self._there.find(self._here[first:last], self._at, self._at + _NEAR)
                stop = last
            if place < 0:
                continue
            length = stop - first
            while (first + length < end and place + length < len(self._there)
                   and self._here[first + length] == self._there[place + length]):
                length += 1
            yield self._take(first, place, length)
            done = first + length

    def _find(self, start: int, end: int) -> int:
        """The place of a stretch: ahead and near, ahead, then anywhere; -1 when it is not on the page."""
        wanted = self._here[start:end]
        place = self._there.find(wanted, self._at, self._at + _FAR + len(wanted))
        if place < 0 and self._left > 0:
            self._left -= 1
            place = self._there.find(wanted, self._at)
            if place < 0:
                place = self._there.find(wanted)
        return place

    def _take(self, here: int, there: int, length: int) -> _Match:
        near = self._at <= there <= self._at + _FAR
        if near or length >= 2 * _SEED:  # a short line found far off does not move the reading position
            self._at = there + length
        return _Match(here, there, length)


def _runs(match: _Match, text: str, places: list[int], found: Stream) -> Iterator[tuple[int, int, int, int]]:
    """Cut a match where the page's nodes or its white space differ: (start, end, first, last character)."""
    here, there, left = match
    run: tuple[int, int, int, int] | None = None
    node = -1
    number = found.at(there)
    while left > 0:
        piece = found.pieces[number]
        skip = there - found.starts[number]
        size = min(len(piece.text) - skip, left)
        start, end = places[here], places[here + size - 1] + 1
        if run is not None and not (piece.node == node and piece.spaced == _gap(text, run[1], start)):
            yield run
            run = None
        if piece.exact:
            first, last = piece.start + skip, piece.start + skip + size
            run = (run[0], end, run[2], last) if run is not None else (start, end, first, last)
        elif skip == 0 and size == len(piece.text):
            run = (run[0], end, run[2], piece.end) if run is not None else (start, end, piece.start, piece.end)
        elif run is not None:  # half of what a reference stands for
            yield run
            run = None
        node = piece.node
        here, there, left, number = here + size, there + size, left - size, number + 1
    if run is not None:
        yield run


def _gap(text: str, end: int, start: int) -> bool:
    """Does white space stand between the two places of the text?"""
    return any(c.isspace() for c in text[end:start])
