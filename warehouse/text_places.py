"""Leads words of a document's text to their places in the captured file: bytes, or a place the format has.

Belongs here: from (start, end) in a text and the text's segments to the places that a span keeps, and their spelling.
Does not belong here: reading a place back (text_readback.py), words of award rows (spans.py).

A place is spelled ``[MEMBER!/]LOCATOR[@S-E]``: LOCATOR is ``bytes:B-E`` (those bytes say the words), ``within:B-E``
(they stand within what those bytes say) or a format's own (``pdf:page=3;chars=120-180``, ``docx:PART#p=12``,
``xlsx:SHEET!B3``); S-E are the characters of the words that stand there, where it is not all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

BYTES: Final = "bytes"
WITHIN: Final = "within"
#: Locators of documents whose runs are, byte for byte, the text's characters (crawlers.sam.mapped).
_EXACT: Final = ("csv:", "json:", "html:pre")
_MEMBER: Final = "!/"
_PLACE: Final = re.compile(r"(?:(?P<member>.*)!/)?(?P<locator>.*?)(?:@(?P<start>\d+)-(?P<end>\d+))?", re.DOTALL)
_RANGE: Final = re.compile(r"(bytes|within):(\d+)-(\d+)")
#: What stands in a text for what was taken out of it, or undone in it, and so has no bytes of its own.
_MARKS: Final = re.compile(r"\[(?:e-mail|phone|name|contact)\]")
_LIGHT: Final = 2


class Place(NamedTuple):
    """A place taken apart. ``start`` and ``end`` count in the words; ``span`` are bytes, None for a format's own."""

    member: str | None
    locator: str
    start: int
    end: int
    span: tuple[int, int] | None
    exact: bool


def spell(place: Place, length: int) -> str:
    """The place as a span keeps it; ``length`` is that of the words."""
    share = "" if (place.start, place.end) == (0, length) else f"@{place.start}-{place.end}"
    return f"{place.member}{_MEMBER}" * bool(place.member) + place.locator + share


def read(text: str, length: int) -> Place:
    """A place from its spelling. Raises ValueError for what is none."""
    found = _PLACE.fullmatch(text)
    locator = found["locator"] if found else ""
    if found is None or ":" not in locator:
        raise ValueError(f"'{text}' is no place in a document")
    start, end = (int(found["start"]), int(found["end"])) if found["start"] else (0, length)
    numbers = _RANGE.fullmatch(locator)
    span = (int(numbers[2]), int(numbers[3])) if numbers else None
    if not 0 <= start < end <= length or (span is not None and span[0] >= span[1]):
        raise ValueError(f"'{text}' is no place of {length} characters")
    return Place(found["member"], locator, start, end, span, locator.startswith(f"{BYTES}:"))


def light(gap: str) -> bool:
    """True for characters that need no bytes of their own: blanks, marks, one escape's worth of letters."""
    return sum(map(str.isalnum, _MARKS.sub("", gap))) <= _LIGHT


def places(text: str, segments: Sequence[Mapping[str, Any]], start: int, end: int, locator: str) -> list[str] | None:
    """Where characters ``start`` to ``end`` stand; None when they do not stand in the file as they are.

    ``locator`` is the document's. Extraction writes some characters itself (list marks, table bars), and a page may
    say a word where alignment did not find it: words like that are no evidence in place.
    """
    found: list[str] = []
    at = start
    first = max(0, bisect_right(segments, start, key=lambda s: int(s["start"])) - 1)
    for segment in segments[first:]:
        if segment["start"] >= end:
            break
        low, high = max(segment["start"], start), min(segment["end"], end)
        if low >= high:
            continue
        if not light(text[at:low]):
            return None
        if not text[low:high].isspace():
            place = _place(text, segment, low, high, exact=locator.startswith(_EXACT))
            found.append(spell(place._replace(start=low - start, end=high - start), end - start))
        at = high
    return found if found and light(text[at:end]) else None


def _place(text: str, segment: Mapping[str, Any], low: int, high: int, *, exact: bool) -> Place:
    member = segment.get("member")
    begin, stop = segment["byte_start"], segment["byte_end"]
    if begin is None:
        return Place(member, str(segment["locator"]), low, high, None, False)
    if member is None:
        if (low, high) == (segment["start"], segment["end"]):
            return _range(BYTES, begin, stop, low, high)
        size = _size(text[segment["start"] : segment["end"]], stop - begin, exact=exact)
        if size is not None:
            begin += size(text[segment["start"] : low])
            return _range(BYTES, begin, begin + size(text[low:high]), low, high)
    return _range(WITHIN, begin, stop, low, high)._replace(member=member)


def _range(how: str, begin: int, stop: int, low: int, high: int) -> Place:
    return Place(None, f"{how}:{begin}-{stop}", low, high, (begin, stop), how == BYTES)


def _size(run: str, size: int, *, exact: bool) -> Any:
    """How to count a run's bytes: None where escapes, folded blanks or an unknown coding leave it open."""
    if size == len(run) and (exact or run.isascii()):
        return len
    if exact and size == len(run.encode("utf-8", "surrogatepass")):
        return lambda part: len(part.encode("utf-8", "surrogatepass"))
    return None
