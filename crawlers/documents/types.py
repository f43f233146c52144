"""What reading a document gives: its text, the place of every run of it, a verdict, notes; and the limits it has.

Belongs here: plain data classes. Does not belong here: reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, NamedTuple, cast, get_args

Verdict = Literal["ok", "encrypted", "corrupt", "too_many_pages", "too_large", "nested_archive", "unsupported",
                  "no_text"]
VERDICTS: Final = frozenset(get_args(Verdict))

#: Unpaired surrogates stand for undecodable bytes while reading; no text that leaves has them.
_UNFIT: Final = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class Note(NamedTuple):
    """Something a reader met that a person should know, though the text could be read.

    ``kind``: macro, mislabelled, polyglot, partial, image_pages, javascript, form, embedded_files, nested_archive,
    member, charset, formulas, hidden, tracked_changes, comments, external, empty_password, limit, locked_down.
    """

    kind: str
    message: str


class Segment(NamedTuple):
    """``start`` to ``end`` of the text stand at this place of the file; segments are in order and do not overlap.

    Either ``byte_start`` to ``byte_end`` of the payload (HTML, text), or ``locator``: 'pdf:page=3;chars=120-180'
    (PDFium's characters of the page, from 0), 'docx:MEMBER#p=12' (12th w:p of that part, from 1),
    'xlsx:SHEET!B3'. ``page`` counts from 1. ``member`` names the file within a zip of documents. ``box`` is left,
    bottom, right, top in points on the PDF page.
    """

    start: int
    end: int
    page: int | None = None
    byte_start: int | None = None
    byte_end: int | None = None
    locator: str | None = None
    member: str | None = None
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentLimits:
    """What one document may use. Beyond any of these it is refused with a verdict, never read in silence by half.

    ``ratio`` (unpacked to packed bytes) counts only beyond ``ratio_floor`` unpacked bytes.
    """

    file_bytes: int = 128 << 20
    pages: int = 2000
    text_chars: int = 20_000_000
    cells: int = 2_000_000
    unpacked_bytes: int = 512 << 20
    ratio: float = 200.0
    ratio_floor: int = 16 << 20
    members: int = 5000
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    memory_bytes: int = 2 << 30


@dataclass(frozen=True, kw_only=True)
class Extracted:
    """A document's text and what is to be known of it.

    Only verdict ``ok`` is a document read whole. With ``corrupt`` and ``nested_archive`` the text holds what could be
    read, for a person to look at. ``format`` is what the bytes are (pdf, docx, xlsx, xls, html, text, zip, ...),
    whatever name or media type said. ``pages`` counts pages (PDF), sheets (XLSX) or 0.
    """

    verdict: Verdict
    format: str
    text: str = ""
    segments: tuple[Segment, ...] = ()
    pages: int = 0
    notes: tuple[Note, ...] = ()
    encoding: str | None = None

    @property
    def ok(self) -> bool:
        """True for a document that was read whole."""
        return self.verdict == "ok"

    @property
    def text_sha256(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def noted(self, kind: str) -> str | None:
        """The message of the first note of a kind, None when there is none."""
        return next((note.message for note in self.notes if note.kind == kind), None)

    def reason(self) -> str:
        """Why the verdict is not ok, in one line; '' when it is."""
        return "" if self.ok else self.noted(self.verdict) or self.verdict

    def segment_rows(self) -> list[dict[str, int | str | None]]:
        """The segments as ``records.published.DOCUMENT.segments`` has them."""
        return [{"start": s.start, "end": s.end, "byte_start": s.byte_start, "byte_end": s.byte_end, "page": s.page,
                 "locator": s.locator, "member": s.member} for s in self.segments]

    def place_of(self, start: int, end: int) -> tuple[Segment, ...]:
        """The segments that characters ``start`` to ``end`` of the text touch."""
        return tuple(s for s in self.segments if s.start < end and s.end > start)


@dataclass
class Draft:
    """A text being put together by a reader, checked against the limits as it grows."""

    limits: DocumentLimits
    format: str
    parts: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    pages: int = 0
    encoding: str | None = None
    length: int = 0

    def write(self, text: str) -> tuple[int, int]:
        """Append text that stands nowhere in the file (separators); its start and end. Raises Refused."""
        if self.length + len(text) > self.limits.text_chars:
            raise Refused("too_large", f"its text is longer than {self.limits.text_chars:,} characters")
        start = self.length
        self.parts.append(text.translate(_UNFIT) if not text.isascii() or "\0" in text else text)
        self.length += len(text)
        return start, self.length

    def place(self, text: str, **place: Any) -> None:
        """Append text with its place (fields of Segment)."""
        start, end = self.write(text)
        if end > start:
            self.segments.append(Segment(start, end, **place))

    def note(self, kind: str, message: str) -> None:
        """Note something, once a kind and message."""
        found = Note(kind, plain(message))
        if found not in self.notes:
            self.notes.append(found)

    def done(self, verdict: Verdict = "ok") -> Extracted:
        """The finished document; one that says nothing is ``no_text``."""
        text = "".join(self.parts)
        if verdict == "ok" and not text.strip():
            verdict = "no_text"
            if not any(note.kind == "no_text" for note in self.notes):
                self.note("no_text", "there are no words in it")
        return Extracted(verdict=verdict, format=self.format, text=text, segments=tuple(self.segments),
                         pages=self.pages, notes=tuple(self.notes), encoding=self.encoding)


class Refused(Exception):
    """A document that is not read (further): verdict and reason."""

    def __init__(self, verdict: Verdict, why: str) -> None:
        super().__init__(why)
        self.verdict: Verdict = verdict
        self.why = why


def refusal(verdict: Verdict, why: str, kind: str, notes: Iterable[Note] = (), draft: Draft | None = None) -> Extracted:
    """A document that was not read, or not to the end; what was read before stays with it."""
    noted = (Note(verdict, plain(why)), *notes)
    if draft is None:
        return Extracted(verdict=verdict, format=kind, notes=noted)
    return Extracted(verdict=verdict, format=draft.format, text="".join(draft.parts), segments=tuple(draft.segments),
                     pages=draft.pages, notes=(*noted, *(n for n in draft.notes if n not in noted)),
                     encoding=draft.encoding)


def plain(text: str, length: int = 300) -> str:
    """One line without control characters: names and messages come from hostile files."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= length else line[: length - 3] + "..."


def to_json(found: Extracted) -> dict[str, Any]:
    """As the child process sends it."""
    return asdict(found) | {"segments": [list(s) for s in found.segments], "notes": [list(n) for n in found.notes]}


def from_json(data: Any, limits: DocumentLimits) -> Extracted:
    """What the child sent, believed in nothing: types, order and bounds are checked. Raises ValueError."""
    if not isinstance(data, dict) or data.get("verdict") not in VERDICTS or not isinstance(data.get("text"), str):
        raise ValueError("no document")
    text = data["text"]
    if len(text) > limits.text_chars or any("\ud800" <= c <= "\udfff" for c in text if not c.isascii()):
        raise ValueError("text beyond its limits")
    segments, at = [], 0
    for row in data["segments"]:
        segment = _segment(row)
        if not at <= segment.start < segment.end <= len(text):
            raise ValueError("segments out of order")
        at = segment.end
        segments.append(segment)
    notes = tuple(Note(plain(str(kind), 40), plain(str(message))) for kind, message in data["notes"])
    encoding = data.get("encoding")
    return Extracted(verdict=cast(Verdict, data["verdict"]), format=plain(str(data["format"]), 20), text=text,
                     segments=tuple(segments), pages=int(data["pages"]), notes=notes,
                     encoding=plain(str(encoding), 40) if encoding else None)


def _segment(row: Any) -> Segment:
    start, end, page, byte_start, byte_end, locator, member, box = row
    numbers = (start, end, *(n for n in (page, byte_start, byte_end) if n is not None))
    if not all(type(n) is int and n >= 0 for n in numbers):
        raise ValueError("a segment without numbers")
    if not all(t is None or isinstance(t, str) for t in (locator, member)):
        raise ValueError("a segment without a place")
    rect = None if box is None else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return Segment(start, end, page, byte_start, byte_end, locator, member, rect)
