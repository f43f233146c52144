"""Checks WARC files against their index: every byte covered, every hash recomputed, every mismatch named.

Belongs here: comparison only. Does not belong here: healing, or what follows from a finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from crawlers.archive_types import Finding
from crawlers.warc_index import Entry, Place, read_lines
from crawlers.warc_read import DamagedRecordError, Examined, examine

Files = dict[str, tuple[Path, Path]]
_CAPTURING = ("response", "resource", "revisit")


def check(files: Files, entries: Iterable[Entry], wanted: set[tuple[str, int]] | None = None) -> Iterator[Finding]:
    """Findings for all entries, or for those whose last record is at a wanted (file, offset).

    Damage to a payload is yielded once for its own capture and once for every capture whose revisit points to it.
    """
    by_file: dict[str, list[Entry]] = defaultdict(list)
    pointing: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_file[entry.warc_file].append(entry)
        if entry.capture is not None and not entry.holds_payload and entry.stored_sha256:
            pointing[entry.stored_sha256].append(entry)
    for name in sorted(by_file.keys() | files.keys()):
        own = sorted(by_file.get(name, []), key=lambda e: e.places[0].offset)
        if wanted is not None:
            own = [e for e in own if (name, e.places[-1].offset) in wanted]
            if not own:
                continue
        if name not in files:
            for entry in own:
                yield from _named(entry, entry.places[-1].offset, "the WARC file is missing", pointing)
            continue
        warc, index = files[name]
        with warc.open("rb") as file:
            for entry in own:
                yield from _entry(file, entry, warc.stat().st_size, pointing)
        if wanted is None:
            yield from _coverage(name, own, warc.stat().st_size)
            yield from _index(name, index)


def _entry(file: BinaryIO, entry: Entry, size: int, pointing: dict[str, list[Entry]]) -> Iterator[Finding]:
    for place in entry.places:
        what = _record(file, entry, place, size)
        if what:
            dependants = pointing if place.type in _CAPTURING else {}
            yield from _named(entry, place.offset, f"{place.type} record: {what}", dependants)


def _record(file: BinaryIO, entry: Entry, place: Place, size: int) -> str | None:
    if place.end > size:
        return f"the index places it up to byte {place.end}, the file has {size}"
    try:
        found = examine(file, place.offset)
    except DamagedRecordError as problem:
        return problem.what
    if found.length != place.length or found.sha256 != place.sha256:
        return "its compressed bytes differ from what was written (SHA-256 in the index)"
    if found.problems:
        return "; ".join(found.problems)
    if place.type in _CAPTURING:
        return _capture(entry, found)
    return None


def _capture(entry: Entry, found: Examined) -> str | None:
    capture = entry.capture
    if capture is None:
        return None
    if found.type != "revisit" and found.payload_sha256 != capture.payload_sha256:
        return "payload SHA-256 differs from the index"
    if found.uri != capture.uri:
        return "address differs from the index"
    return None


def _named(entry: Entry, offset: int, what: str, pointing: dict[str, list[Entry]]) -> Iterator[Finding]:
    capture = entry.capture
    yield Finding(warc_file=entry.warc_file, offset=offset, what=what,
                  capture_id=capture.capture_id if capture else None, uri=capture.uri if capture else None)
    if capture is None or not entry.holds_payload:
        return
    for other in pointing.get(entry.stored_sha256 or "", []):
        if other.capture and other.capture.source == capture.source:
            yield Finding(warc_file=other.warc_file, offset=other.places[-1].offset, uri=other.capture.uri,
                          capture_id=other.capture.capture_id,
                          what=f"its payload is in {entry.warc_file} at byte {offset}, which is damaged: {what}")


def _coverage(name: str, own: list[Entry], size: int) -> Iterator[Finding]:
    """Bytes of the file that no index line covers (an unindexed record, or bytes slipped in)."""
    at = 0
    for entry in own:
        for place in entry.places:
            if place.offset != at:
                yield Finding(warc_file=name, offset=at, what=f"{place.offset - at} bytes are in no index line")
            at = place.end
    if at < size:
        yield Finding(warc_file=name, offset=at, what=f"{size - at} bytes at the end are in no index line; "
                                                      "run recovery, it indexes whole records and sets torn ones aside")


def _index(name: str, index: Path) -> Iterator[Finding]:
    if not index.exists():
        yield Finding(warc_file=name, offset=0, what=f"the index {index.name} is missing; run recovery to rebuild it")
        return
    whole = 0
    for number, (end, entry) in enumerate(read_lines(index), start=1):
        whole = end
        if entry is None:
            yield Finding(warc_file=name, offset=0, what=f"line {number} of the index {index.name} is damaged; "
                                                         "run recovery to rebuild it")
    if whole < index.stat().st_size:
        yield Finding(warc_file=name, offset=0, what=f"the last line of the index {index.name} is cut off; "
                                                     "run recovery to rebuild it")
