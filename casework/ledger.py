"""The ledger: events are appended, each carrying the hash of the one before it; nothing is ever changed.

Belongs here: appending and reading. Does not belong here: verification (verify.py), what an event means for a case
(cases/).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from casework import rules
from casework.models import Event, Jurisdiction, User

FIRST: Final = "0" * 64
MACHINE: Final = "section3c"
PUBLIC: Final = "the public"
#: Number of the advisory lock under which PostgreSQL appends one event at a time; any constant of our own.
_LOCK: Final = 733_300_300


@dataclass(frozen=True)
class Seen:
    """What the person had before them: evidence with hashes, score, and the versions that made them."""

    evidence: tuple[dict[str, Any], ...] = ()
    score_millibits: int | None = None
    reader_version: str = ""
    warehouse_version: str = ""


@dataclass(frozen=True)
class Entry:
    """An event to be appended."""

    stream: str
    kind: str
    jurisdiction: Jurisdiction | None
    actor: User | None = None
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)
    actor_name: str = ""


def append(entry: Entry, *, at: datetime | None = None) -> Event:
    """Add one event at the end of the chain and return it; it counts once the surrounding transaction commits.

    One writer at a time: SQLite by its write lock (IMMEDIATE), PostgreSQL by an advisory lock held to the commit.
    Raises RuleError for a determination that its evidence cannot carry.
    """
    rules.check(entry.stream, entry.kind, entry.data, entry.seen.evidence)
    with transaction.atomic():
        lock()
        last = Event.objects.order_by("-seq").values_list("seq", "sha256").first()
        seq, previous = last if last else (0, FIRST)
        event = Event(
            seq=seq + 1, jurisdiction=entry.jurisdiction, stream=entry.stream, kind=entry.kind,
            at=(at or timezone.now()).astimezone(UTC), actor=entry.actor,
            actor_name=entry.actor_name or (entry.actor.shown if entry.actor else MACHINE),
            reason=exact(entry.reason), data=exact(entry.data), evidence=exact(list(entry.seen.evidence)),
            score_millibits=entry.seen.score_millibits,
            reader_version=entry.seen.reader_version, warehouse_version=entry.seen.warehouse_version,
            previous=previous,
        )
        event.sha256 = digest(event)
        event.save(force_insert=True)
    return event


def lock() -> None:
    """Wait for the right to append, until the surrounding transaction ends. Services that read first call it first."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def digest(event: Event) -> str:
    """SHA-256 (hex) over everything an event says and the hash of the one before it."""
    said = [
        event.previous, event.seq, event.jurisdiction_id, event.stream, event.kind,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"), event.actor_id, event.actor_name, event.reason,
        event.data, event.evidence, event.score_millibits, event.reader_version, event.warehouse_version,
    ]
    return hashlib.sha256(canonical(said)).hexdigest()


def canonical(value: Any) -> bytes:
    """One byte sequence for equal JSON values. Raises TypeError or ValueError for what JSON cannot hold exactly."""
    return json.dumps(
        value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False,
    ).encode("ascii")


def exact(value: Any) -> Any:
    """The value as every database keeps it letter by letter: NUL and lone surrogates become U+FFFD.

    Raises TypeError for a float: databases write them differently, and the hash would not hold.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "\ufffd")
    if isinstance(value, Mapping):
        return {exact(str(key)): exact(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"an event holds text, whole numbers, lists and mappings, not {type(value).__name__} ({value!r})")


def events(stream: str) -> QuerySet[Event]:
    """All events of a stream, oldest first."""
    return Event.objects.filter(stream=stream).order_by("seq")


def head() -> tuple[int, str]:
    """Number and hash of the last event: what to write down to prove later that nothing was cut off."""
    return Event.objects.order_by("-seq").values_list("seq", "sha256").first() or (0, FIRST)
