"""Verification of the ledger: finds any event changed, removed, added aside or cut off, and names it.

Belongs here: the check of chain, rules, rows derived from it, triggers, and heads written down before. Does not belong
here: appending (ledger.py), files' hashes (files.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils import timezone

from casework import ledger, rules, triggers
from casework.cases import act
from casework.cases.fold import fold
from casework.models import Case, Event
from records.files import sync
from records.workspace import Workspace

_HEADS: Final = "ledger-heads.jsonl"
#: What a tampered event may make of the code that reads it.
_UNREADABLE: Final = (KeyError, ValueError, TypeError, AttributeError)


@dataclass
class LedgerReport:
    """What verification found; ``head`` is what to keep elsewhere to prove later that nothing was cut off."""

    events: int = 0
    cases: int = 0
    head: str = ledger.FIRST
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when everything is as it was written."""
        return not self.findings


def verify(workspace: Workspace, expected: str | None = None) -> LedgerReport:
    """Check everything; ``expected``: a head (hash) noted earlier that must be in the chain.

    A clean ledger's head is appended to casework/ledger-heads.jsonl, against which later checks look for cut-off ends.
    """
    report = LedgerReport()
    hashes = _chain(report)
    for head in [*noted(workspace), *([expected] if expected else [])]:
        if head != ledger.FIRST and head not in hashes:
            report.findings.append(f"the head {head} that was noted before is not in the ledger: its end was cut off "
                                   "or rewritten")
    report.findings += _triggers()
    report.findings += _cases(report)
    if report.ok:
        note(workspace)
    return report


def note(workspace: Workspace) -> None:
    """Write the ledger's head down outside the database."""
    seq, head = ledger.head()
    path = workspace.casework / _HEADS
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"at": timezone.now().isoformat(), "seq": seq, "head": head}) + "\n")
    sync(path)


def noted(workspace: Workspace) -> Iterator[str]:
    """Heads written down before; a line that a crash cut short is passed over."""
    path = Path(workspace.casework / _HEADS)
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield str(json.loads(line)["head"])
        except (ValueError, KeyError, TypeError):
            continue


def _chain(report: LedgerReport) -> set[str]:
    previous, expected, hashes = ledger.FIRST, 1, set()
    for event in Event.objects.order_by("seq").iterator(chunk_size=2000):
        name = f"event {event.seq} ({event.kind} on {event.stream}, {event.at:%Y-%m-%d %H:%M} UTC)"
        if event.seq != expected:
            gone = f"event {expected}" if event.seq == expected + 1 else f"events {expected} to {event.seq - 1}"
            report.findings.append(f"{gone} missing before {name}")
        elif event.previous != previous:
            report.findings.append(f"{name}: does not continue the event before it")
        report.findings += [f"{name}: {what}" for what in _wrong(event)]
        previous, expected = event.sha256, event.seq + 1
        hashes.add(event.sha256)
        report.events += 1
    report.head = previous
    return hashes


def _wrong(event: Event) -> Iterator[str]:
    try:
        if ledger.digest(event) != event.sha256:
            yield "was changed after it was written (its hash does not fit)"
        rules.check(event.stream, event.kind, event.data, event.evidence)
    except rules.RuleError as error:
        yield f"breaks a rule: {error}"
    except _UNREADABLE as error:
        yield f"cannot be read ({type(error).__name__}: {error})"


def _cases(report: LedgerReport) -> Iterator[str]:
    """Rows are derived: what differs from the events was written past the ledger."""
    known = set(Event.objects.filter(stream__startswith="case:", kind="opened").values_list("stream", flat=True))
    for case in Case.objects.iterator(chunk_size=500):
        report.cases += 1
        known.discard(case.stream)
        try:
            state = fold(ledger.events(case.stream))
        except _UNREADABLE as error:
            yield f"case {case.pk} ({case.company}): its events cannot be read ({type(error).__name__}: {error})"
            continue
        wrong = [name for name in act.CACHED if getattr(case, name) != getattr(state, name)]
        wrong += ["pending_seq"] if case.pending_seq != state.pending else []
        if wrong:
            yield f"case {case.pk} ({case.company}): {', '.join(wrong)} differ from what its events say"
    for stream in sorted(known):
        yield f"{stream}: has events, but its row is gone"


def _triggers() -> Iterator[str]:
    for table in triggers.APPEND_ONLY:
        wanted = {f"{table}_no_update", f"{table}_no_delete"}
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            else:
                cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'",
                               [table])
            there = {str(row[0]) for row in cursor.fetchall()}
        for name in sorted(wanted - there):
            yield f"trigger {name} is missing or off: the database no longer refuses changes to {table}"
