"""The journal of judgements: append-only JSON lines, each chained to the one before by its hash.

Belongs here: writing, reading and checking the file, and which judgements are in effect. Does not belong here: what
follows from them (clusters.py), who may judge (casework).

A line is never changed or removed: an undo is a line of its own. A judgement in effect is the latest of its pair that
is not undone, so undoing it brings back what stood before it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

from entities.resolution.model import Judgement, Verdict
from records.files import sync
from records.workspace import Workspace

_FIRST: Final = "0" * 64
_LONGEST_REASON: Final = 4_000
_KINDS: Final = ("uei:", "duns:", "listed:", "cik:", "lei:", "name:")


class JournalError(ValueError):
    """The journal cannot be read or written as asked; the message says which line and what to do."""


@dataclass(frozen=True)
class Seen:
    """What a person had before them when they judged: a hash over it, and the matcher's score with its version."""

    evidence_sha256: str | None = None
    matcher_version: str | None = None
    score_bits: float | None = None


def journal_path(workspace: Workspace) -> Path:
    """Where an installation keeps its judgements on companies. Back it up: it cannot be made again."""
    return workspace.root / "judgements" / "companies.jsonl"


def judge(
    path: Path, a: str, b: str, verdict: str, *, reason: str, by: str, seen: Seen | None = None
) -> Judgement:
    """Append what a person says of two ids (company ids or ids as filed). On the disk when this returns.

    ``seen`` is what the person had before them.

    Raises JournalError for an unknown verdict, one id twice, no reason, no name, or an id of no company.
    """
    if verdict not in get_args(Verdict):
        raise JournalError(f"'{verdict}' is no verdict: say {', '.join(get_args(Verdict))}")
    for one in (a, b):
        if not one.startswith(_KINDS) or not one.partition(":")[2].strip():
            raise JournalError(f"'{one}' is no company id (uei:..., duns:..., listed:..., cik:..., lei:..., name:...)")
    if a == b:
        raise JournalError(f"'{a}' is given twice: a judgement is about two ids")
    _signed(reason, by)
    line = _append(path, {
        "event": "judgement", "a": a, "b": b, "verdict": verdict, "reason": reason.strip(), "by": by.strip(),
        **asdict(seen or Seen()),
    })
    return _judgement(line)


def undo(path: Path, number: int, *, reason: str, by: str) -> None:
    """Append that line ``number`` no longer holds. An undo can be undone.

    Raises JournalError where there is no such line, or it is undone already.
    """
    _signed(reason, by)
    lines = read(path)
    if not any(line["number"] == number for line in lines):
        raise JournalError(f"there is no line {number}: the journal has {len(lines)}")
    if number in _undone(lines):
        raise JournalError(f"line {number} is undone already")
    _append(path, {"event": "undo", "undoes": number, "reason": reason.strip(), "by": by.strip()})


def read(path: Path) -> list[dict[str, Any]]:
    """All lines, checked against their hashes; none where there is no journal yet.

    A last line that a crash cut short is left out: it was confirmed to nobody. Raises JournalError naming the line when
    one was changed or removed. (A journal cut at its end is found only beside a copy, or the version built with it.)
    """
    if not path.exists():
        return []
    with path.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH)
        return list(_checked(stream.read().split(b"\n"), path))


def in_effect(lines: Iterable[Mapping[str, Any]]) -> list[Judgement]:
    """The latest judgement of each pair that is not undone, in the journal's order. Pure."""
    known = list(lines)
    undone = _undone(known)
    latest: dict[tuple[str, str], Judgement] = {}
    for line in known:
        if line["event"] == "judgement" and line["number"] not in undone:
            judgement = _judgement(line)
            latest.pop(judgement.pair, None)
            latest[judgement.pair] = judgement
    return list(latest.values())


def judgements(workspace: Workspace) -> list[Judgement]:
    """Judgements in effect in an installation. Raises JournalError when the journal was tampered with."""
    return in_effect(read(journal_path(workspace)))


def _undone(lines: Iterable[Mapping[str, Any]]) -> set[int]:
    """Numbers of lines that are undone; from the end, for an undo that is undone itself undoes nothing."""
    gone: set[int] = set()
    for line in sorted(lines, key=lambda one: -int(one["number"])):
        if line["event"] == "undo" and line["number"] not in gone:
            gone.add(int(line["undoes"]))
    return gone


def _signed(reason: str, by: str) -> None:
    if not reason.strip():
        raise JournalError("a judgement needs its reason: what did you see that decides it?")
    if len(reason) > _LONGEST_REASON:
        raise JournalError(f"the reason has {len(reason)} characters, at most {_LONGEST_REASON} are kept")
    if not by.strip():
        raise JournalError("a judgement needs the name of who made it")


def _append(path: Path, event: dict[str, Any]) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with _exclusive(path) as stream:
        raw = stream.read()
        lines = list(_checked(raw.split(b"\n"), path))
        stream.truncate(raw.rfind(b"\n") + 1)  # a line that a crash cut short was confirmed to nobody
        line = {"number": len(lines) + 1, "at": datetime.now(UTC).isoformat(timespec="seconds"), **event,
                "previous": lines[-1]["sha256"] if lines else _FIRST}  # fmt: skip
        line["sha256"] = _hash(line)
        stream.write(json.dumps(line, sort_keys=True).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if new:
        sync(path.parent)
    return line


@contextmanager
def _exclusive(path: Path) -> Iterator[Any]:
    """The file open for reading from its start and appending, one writer at a time."""
    with path.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        yield stream


def _checked(raw: list[bytes], path: Path) -> Iterator[dict[str, Any]]:
    previous = _FIRST
    for number, text in enumerate(raw[:-1], 1):
        try:
            line = json.loads(text)
            whole = line["number"] == number and line["previous"] == previous and line["sha256"] == _hash(line)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError):
            whole = False
        if not whole:
            raise JournalError(f"{path.name}:{number}: this line, or one before it, is not as it was written; restore "
                               "the file from a copy")
        previous = line["sha256"]
        yield line


def _hash(line: Mapping[str, Any]) -> str:
    told = {key: value for key, value in line.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _judgement(line: Mapping[str, Any]) -> Judgement:
    return Judgement(**{name: line[name] for name in Judgement.__dataclass_fields__})
