"""Heals WARC files and their index after a crash; safe to repeat, loses no byte.

Belongs here: torn tails, index lines that are missing or point past the end. Does not belong here: damage
inside written records (``archive_verify`` names it; only a copy can restore it).
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawlers.warc_index import Entry, read_lines, rewrite
from crawlers.warc_read import DamagedRecordError
from crawlers.warc_scan import entries as scan_entries
from records.files import sync

Files = dict[str, tuple[Path, Path]]


@dataclass(frozen=True)
class Healed:
    """What was done to one WARC file."""

    warc_file: str
    torn_bytes: int
    lines_added: int
    lines_dropped: int

    def __str__(self) -> str:
        """One line for a person."""
        return (f"{self.warc_file}: {self.torn_bytes} torn bytes set aside, {self.lines_added} index lines added, "
                f"{self.lines_dropped} dropped")


def heal(files: Files) -> list[Healed]:
    """Heal each file that no process is writing; returns what was changed."""
    done = []
    for name, (warc, index) in files.items():
        with warc.open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # its writer is alive
            healed = _heal(name, warc, index, file)
            if healed is not None:
                done.append(healed)
    return done


def _heal(name: str, warc: Path, index: Path, file: BinaryIO) -> Healed | None:
    size = warc.stat().st_size
    kept, lines = _kept(index, size)
    end = kept[-1].end if kept else 0
    index_whole = lines == len(kept) and index.exists() and _ends_whole(index)
    if end == size and index_whole:
        return None
    run = next((e.run for e in reversed(kept) if e.run), None)
    added: list[Entry] = []
    torn = 0
    try:
        for entry in scan_entries(warc, name, end, size, run):
            added.append(entry)
    except DamagedRecordError as problem:
        # nobody was told that this record was written: its bytes are kept beside the file
        torn = size - problem.offset
        _set_aside(warc, file, problem.offset)
    rewrite(index, kept + added)
    return Healed(name, torn, len(added), lines - len(kept))


def _kept(index: Path, size: int) -> tuple[list[Entry], int]:
    """Entries that follow each other without a gap from the file's start, and the number of lines there were."""
    kept: list[Entry] = []
    at = lines = 0
    for _, entry in read_lines(index) if index.exists() else ():
        lines += 1
        follows = entry is not None and entry.places[0].offset == at and entry.end <= size
        if entry is not None and follows and lines == len(kept) + 1:
            kept.append(entry)
            at = entry.end
    return kept, lines


def _ends_whole(index: Path) -> bool:
    last = 0
    for end, _ in read_lines(index):
        last = end
    return last == index.stat().st_size


def _set_aside(warc: Path, file: BinaryIO, offset: int) -> None:
    with warc.with_name(f"{warc.name}.{offset}.torn").open("wb") as torn:
        file.seek(offset)
        while chunk := file.read(1 << 20):
            torn.write(chunk)
        torn.flush()
        os.fsync(torn.fileno())
    sync(warc.parent)
    file.truncate(offset)
    os.fsync(file.fileno())
