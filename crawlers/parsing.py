"""What every parser shares: its context, the problems it reports, the errors that refuse a file.

Belongs here: ParseContext, Problem, Limits and the ParseError family. Does not belong here: any source's format.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE_ROWS: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")

Severity = Literal["note", "warning", "error"]


class ParseError(Exception):
    """A payload that cannot be read: what is wrong, where, and what to do about it."""

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{where}: {what}. {do}")
        self.what, self.where, self.do = what, where, do


class TruncatedFileError(ParseError):
    """The file ends before it should: an interrupted download."""


class BombError(ParseError):
    """Unpacking would pass the limits on size or ratio."""


class UnsafeArchiveError(ParseError):
    """A zip member with a folder, an absolute or a repeated name, a zip within a zip."""


class EncryptedArchiveError(ParseError):
    """A zip member that needs a password."""


class NotDataError(ParseError):
    """HTML, JSON or another format stands where data should: usually an error page saved as the file."""


class BadEncodingError(ParseError):
    """Bytes that are neither UTF-8 nor Windows-1252."""


class BadCsvError(ParseError):
    """A CSV whose rows do not fit its header, or whose quoting never ends."""


class MissingColumnError(ParseError):
    """A column the product cannot do without is absent."""


class UnknownLayoutError(ParseError):
    """No known layout has this header."""


class BadPageError(ParseError):
    """A JSON answer without the shape its contract promises."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What unpacking may use. The ratio counts only beyond ``ratio_floor`` bytes: small files compress well."""

    unpacked_bytes: int = 64 << 30
    ratio: float = 200.0
    ratio_floor: int = 256 << 20
    members: int = 1000


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something a parser met and survived. ``rows`` are the first few data rows (from 1), ``count`` is all of them."""

    kind: str
    message: str
    severity: Severity = "warning"
    capture_id: str = ""
    where: str = ""
    column: str | None = None
    count: int = 1
    rows: tuple[int, ...] = ()

    def __str__(self) -> str:
        """One line for a person."""
        rows = f" (rows {', '.join(map(str, self.rows))}{', ...' if self.count > len(self.rows) else ''})"
        place = f"{self.where} {self.column}" if self.column else self.where
        return f"{self.severity}: {place}: {self.message}{rows if self.rows else ''}"


@dataclass(kw_only=True)
class ParseContext:
    """One capture's reading: who it is, what to keep, where to unpack; collects what the parser reports.

    ``as_of`` is the day of the capture (dates beyond it are impossible), so that parsing again changes nothing.
    ``url`` is the address the capture answers, for formats that do not name their own record. ``hints`` is what the
    spider knew when it asked for it (``harvest(..., name=value)``): the outlet, a date stated in a feed.
    ``keep`` are sub-tier codes: with it, rows neither awarded nor funded by one of them are counted and left out.
    """

    capture_id: str
    source: str
    as_of: date
    keep: frozenset[str] | None = None
    folder: Path | None = None
    url: str = ""
    hints: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    problems: list[Problem] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    left_out: int = 0

    def report(
        self, kind: str, message: str, *, where: str = "", column: str | None = None, count: int = 1,
        rows: tuple[int, ...] = (), severity: Severity = "warning",
    ) -> None:
        """Note a problem; the same kind, place and column adds up."""
        for at, known in enumerate(self.problems):
            if (known.kind, known.where, known.column) == (kind, where, column):
                self.problems[at] = Problem(
                    kind=kind, message=known.message, severity=severity, capture_id=self.capture_id, where=where,
                    column=column, count=known.count + count, rows=(known.rows + rows)[:SAMPLE_ROWS],
                )
                return
        self.problems.append(Problem(kind=kind, message=message, severity=severity, capture_id=self.capture_id,
                                     where=where, column=column, count=count, rows=rows[:SAMPLE_ROWS]))


class Parser(Protocol):
    """Payload in, (table, batch) pairs out; memory does not grow with the payload. Raises ParseError."""

    def __call__(self, payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Read the payload; report through the context."""


def printable(text: str, length: int = 200) -> str:
    """Crawled text for an error message: control and direction characters out, cut to length."""
    clean = _CONTROL.sub(" ", text).strip()
    return clean if len(clean) <= length else clean[: length - 3] + "..."
