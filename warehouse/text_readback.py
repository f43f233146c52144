"""Reads words of documents back out of captured files, by bytes or by the format's own places.

Belongs here: fetching what stands at a place and comparing it with the words. Does not belong here: which place a word
has (text_places.py), cells of rows (places.py).

Bytes are read without the parser that made the text: decoded, escapes of HTML and JSON undone, blanks folded. Files
that have no such bytes (PDF, DOCX, XLSX, zips) are read again in the sandbox (crawlers.documents).
"""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple, cast

from crawlers.archive import Capture, EvidenceArchive
from crawlers.documents import extract
from crawlers.documents.types import Extracted
from crawlers.news.decoded import decode, slice_text
from crawlers.news.nodes import fold
from crawlers.news.rereading import charset
from crawlers.parsing import Limits
from crawlers.sam.csvscan import opened
from warehouse.text_places import Place, light, read

AROUND: Final = 160
_CONTEXT_BYTES: Final = 1200
_ENDLESS: Final = 1 << 26
_TAG: Final = re.compile(r"<[^<>]*>")
_HALF_BEFORE: Final = re.compile(r"\A[^<>]*>")
_HALF_AFTER: Final = re.compile(r"<[^<>]*\Z")
#: Documents in mark-up, and documents that are one field beside others.
_PAGES: Final = ("html:", "file:html")
_FIELDS: Final = ("csv:", "json:")
_EDGE: Final = re.compile(r'"(?:,|:|\s*[,:]\s*")')


class Shown(NamedTuple):
    """Archived words with what stands around them; ``start`` None where they are not there."""

    text: str | None
    start: int | None


def read_texts(
    archive: EvidenceArchive, capture: Capture, spans: Iterable[Mapping[str, Any]], scratch: Path | None = None
) -> list[Shown]:
    """What stands at each span's places, in order. Raises the archive's and the parsers' errors for the payload."""
    some = [(span, [read(place, len(span["words"])) for place in span["places"]]) for span in spans]
    found: list[Shown] = []
    with _File(archive, capture, scratch) as file:
        for span, places in some:
            found.append(_shown(file, span, places))
    return found


def _shown(file: _File, span: Mapping[str, Any], places: list[Place]) -> Shown:
    words, at = str(span["words"]), 0
    readings: list[tuple[str, str]] = []
    for place in places:
        share = words[place.start : place.end]
        reading = file.reading(place, share, span["locator"])
        if reading is None or place.start < at or not light(words[at : place.start]):
            return Shown(None, None)
        readings.append(cast(tuple[str, str], reading.split(_folded(share), 1)))
        at = place.end
    if not places or not light(words[at:]):
        return Shown(None, None)
    before = (file.before(places[0], span["locator"]) + readings[0][0])[-AROUND:]
    after = (readings[-1][1] + file.after(places[-1], span["locator"]))[:AROUND]
    return Shown(before + words + after, len(before))


class _File:
    """A capture's payload, opened as its places want it."""

    def __init__(self, archive: EvidenceArchive, capture: Capture, scratch: Path | None) -> None:
        self._archive, self._capture, self._scratch = archive, capture, scratch
        self._payload: IO[bytes] | None = None
        self._inner: IO[bytes] | None = None
        self._document: Extracted | None = None
        self._by_key: dict[tuple[str | None, str], list[tuple[int, int]]] = {}
        self._encoding: str | None = None

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._inner, self._payload):
            if file is not None:
                file.close()

    def reading(self, place: Place, words: str, locator: str) -> str | None:
        """What stands at the place, blanks folded, where it says the words; None where it does not."""
        wanted = _folded(words)
        if place.span is None or place.member is not None:
            text = self.document.text
            said = (_folded(text[start:end]) for start, end in self._segments(place))
        else:
            data = self._bytes(*place.span, locator)
            said = (_folded(reading) for coding in self._codings() for reading in _readings(data, coding))
        return next((one for one in said if (one == wanted if place.exact else wanted in one)), None)

    def before(self, place: Place, locator: str) -> str:
        """What a reader of the file sees before the place."""
        if place.span is None or place.member is not None:
            start = min(start for start, _ in self._segments(place))
            return self.document.text[max(0, start - AROUND) : start]
        data = self._bytes(max(0, place.span[0] - _CONTEXT_BYTES), place.span[0], locator)
        text = data.decode(next(self._codings()), "replace")
        if locator.startswith(_PAGES):
            text = _HALF_BEFORE.sub("", text)
        return _visible(_EDGE.split(text)[-1] if locator.startswith(_FIELDS) else text)

    def after(self, place: Place, locator: str) -> str:
        """What a reader of the file sees after the place."""
        if place.span is None or place.member is not None:
            end = max(end for _, end in self._segments(place))
            return self.document.text[end : end + AROUND]
        data = self._bytes(place.span[1], place.span[1] + _CONTEXT_BYTES, locator)
        text = data.decode(next(self._codings()), "replace")
        if locator.startswith(_PAGES):
            text = _HALF_AFTER.sub("", text)
        return _visible(_EDGE.split(text)[0] if locator.startswith(_FIELDS) else text)

    @property
    def document(self) -> Extracted:
        """The file read again in the sandbox."""
        if self._document is None:
            self._file().seek(0)
            name = self._capture.uri.partition("?")[0].rpartition("/")[2]
            self._document = extract(self._file().read(), self._capture.media_type, name or None)
            by_key: defaultdict[tuple[str | None, str], list[tuple[int, int]]] = defaultdict(list)
            for segment in self._document.segments:
                key = segment.locator or f"within:{segment.byte_start}-{segment.byte_end}"
                by_key[segment.member, key].append((segment.start, segment.end))
            self._by_key = dict(by_key)
        return self._document

    def _segments(self, place: Place) -> list[tuple[int, int]]:
        return self._by_key.get((place.member, place.locator), []) if self.document else []

    def _bytes(self, begin: int, stop: int, locator: str) -> bytes:
        file = self._csv() if locator.startswith("csv:") else self._file()
        file.seek(begin)
        return file.read(min(stop - begin, _ENDLESS))

    def _file(self) -> IO[bytes]:
        if self._payload is None:
            self._payload = self._archive.payload_seekable(self._capture)
        return self._payload

    def _csv(self) -> IO[bytes]:
        """The CSV's own bytes, unpacked where the capture is a gzip or zip of it."""
        if self._inner is None:
            file = self._file()
            with opened(cast(BinaryIO, file), Limits(), self._scratch) as (_, stream):
                if stream is file:
                    self._inner = file
                else:
                    self._inner = tempfile.TemporaryFile(dir=self._scratch)  # noqa: SIM115 - closed with the file
                    while piece := stream.readline(1 << 20):
                        self._inner.write(piece)
        return self._inner

    def _codings(self) -> Iterator[str]:
        """UTF-8, Windows-1252, then what the page says of itself."""
        yield from ("utf-8", "cp1252")
        if self._encoding is None:
            _, headers = self._archive.response(self._capture)
            stated = next((value for name, value in headers if name.lower() == "content-type"), "")
            self._file().seek(0)
            self._encoding = decode(self._file().read(_ENDLESS), charset(stated)).encoding
        yield self._encoding


def _readings(data: bytes, coding: str) -> Iterator[str]:
    """What bytes may say: as they are, with HTML's references resolved, as the inside of a JSON string."""
    text = slice_text(data, coding)
    yield text
    if "&" in text:
        yield html.unescape(text)
    if "\\" in text:
        try:
            said = json.loads(f'"{text}"', strict=False)
        except ValueError:
            return
        yield said
        yield html.unescape(said)


def _folded(text: str) -> str:
    """White space as single blanks, unprintable characters out, composed: what extraction may change."""
    return " ".join(word for word in map(fold, text.split()) if word)


def _visible(text: str) -> str:
    """Archived text around words without its markup, for a reader; blanks folded but kept at the ends."""
    said = html.unescape(_TAG.sub(" ", text)).replace("\\n", " ").replace('""', '"')
    return re.sub(r"\s+", " ", said)
