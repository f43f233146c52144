"""Text that knows where its characters stand in the captured bytes, whatever was cut out or unescaped on the way.

Belongs here: runs of characters and bytes, and edits that keep them true. Does not belong here: any format's own
escapes (csvscan, api, federal_register).

A run is a stretch of text whose bytes, decoded, are that very text. An edit replaces a stretch: the replacement
has no bytes of its own, so the runs around it end and begin there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

UTF8: Final = "utf-8"
SINGLE: Final = "windows-1252"
# Windows-1252 as browsers read it: the five bytes it leaves undefined are the control characters of that number.
_WEB_1252: Final = "".join(
    chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in range(256)
)
_TABLE: Final = str.maketrans({chr(byte): char for byte, char in enumerate(_WEB_1252)})


class Run(NamedTuple):
    """Characters ``start`` to ``end`` of the text are the bytes ``byte_start`` to ``byte_end``."""

    start: int
    end: int
    byte_start: int
    byte_end: int


class Edit(NamedTuple):
    """Replace characters ``start`` to ``end`` by ``text``."""

    start: int
    end: int
    text: str


class Mapped(NamedTuple):
    """A text, its runs in order, and the coding of its bytes (UTF8 or SINGLE)."""

    text: str
    runs: tuple[Run, ...]
    coding: str = UTF8

    def edited(self, edits: Iterable[Edit]) -> Mapped:
        """The text after edits that do not overlap; one that begins within an earlier one is left out."""
        pieces: list[str] = []
        runs: list[Run] = []
        at = length = 0
        for edit in sorted(edits):
            if edit.start < at or edit.end <= edit.start:
                continue
            length = self._keep(at, edit.start, length, pieces, runs)
            pieces.append(edit.text)
            length += len(edit.text)
            at = edit.end
        if at == 0:
            return self
        self._keep(at, len(self.text), length, pieces, runs)
        return Mapped("".join(pieces), tuple(runs), self.coding)

    def stripped(self) -> Mapped:
        """Without white space at both ends."""
        text = self.text
        lead, tail = len(text) - len(text.lstrip()), len(text.rstrip())
        if lead >= tail:
            return Mapped("", (), self.coding) if text else self
        return self.edited([Edit(0, lead, ""), Edit(tail, len(text), "")])

    def segments(self, page: int | None = None) -> list[dict[str, Any]]:
        """The runs as lake segments (records.published.DOCUMENT)."""
        return [{**run._asdict(), "page": page} for run in self.runs]

    def _keep(self, start: int, end: int, length: int, pieces: list[str], runs: list[Run]) -> int:
        """Copy a stretch with the parts of runs that lie in it; returns the new length."""
        if end <= start:
            return length
        pieces.append(self.text[start:end])
        first = max(0, bisect_right(self.runs, start, key=lambda run: run.start) - 1)
        for run in self.runs[first:]:
            if run.start >= end:
                break
            low, high = max(run.start, start), min(run.end, end)
            if low < high:
                begin = run.byte_start + self._bytes(run.start, low)
                runs.append(Run(length + low - start, length + high - start, begin, begin + self._bytes(low, high)))
        return length + end - start

    def _bytes(self, start: int, end: int) -> int:
        return end - start if self.coding == SINGLE else len(self.text[start:end].encode(UTF8))


def decode(raw: bytes) -> tuple[str, str]:
    """Bytes as text, and the coding: UTF-8 where they are that, else Windows-1252 (every byte has a character)."""
    try:
        return raw.decode(UTF8), UTF8
    except UnicodeDecodeError:
        return raw.decode("latin-1").translate(_TABLE), SINGLE


def whole(text: str, byte_start: int, coding: str = UTF8) -> Mapped:
    """One run: the text stands in the bytes as it is."""
    length = len(text) if coding == SINGLE else len(text.encode(UTF8))
    runs = (Run(0, len(text), byte_start, byte_start + length),) if text else ()
    return Mapped(text, runs, coding)


def joined(parts: Sequence[tuple[bytes, int]]) -> Mapped:
    """Pieces of bytes with their places, as one text in one coding."""
    text, coding = decode(b"".join(piece for piece, _ in parts))
    runs, at = [], 0
    for piece, place in parts:
        length = len(piece) if coding == SINGLE else len(piece.decode(UTF8))
        if length:
            runs.append(Run(at, at + length, place, place + len(piece)))
        at += length
    return Mapped(text, tuple(runs), coding)
