"""What a case's events add up to: its state, outcome, dates, and whether its evidence is as its decision saw it.

Belongs here: one pure function over events. Does not belong here: the row that caches it (models.cases), new events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

from ordinance.procedure import Procedure, procedure

#: Kinds beside the procedure's actions.
OPENED: Final = "opened"
EVIDENCE: Final = "evidence_changed"
LINKED: Final = "evidence_linked"
UNLINKED: Final = "evidence_unlinked"
REKEYED: Final = "rekeyed"
UNDONE: Final = "undone"
PROPOSED: Final = "proposed:"
DROPPED: Final = "proposal_dropped"
_JUDGING: Final = frozenset({"determine", "clear", "decide_review", "decide_appeal", "acknowledge"})


class Told(Protocol):
    """What the fold needs of an event."""

    seq: int
    kind: str
    at: datetime
    data: Any
    evidence: Any
    actor_id: int | None


@dataclass
class State:
    """A case as its events have it."""

    state: str = ""
    outcome: str = ""
    company_id: str = ""
    company: str = ""
    category: str = ""
    candidate_id: str = ""
    pending: int | None = None
    assigned: int | None = None
    new_evidence: bool = False
    stale: bool = False
    determined_on: date | None = None
    notified_on: date | None = None
    opened_at: datetime | None = None
    changed_at: datetime | None = None
    last_seq: int = 0
    #: The last event that moved the state and may be taken back, and whether nothing has moved it since.
    undoable: int | None = None
    #: Evidence of the last decision: key -> (hash, relied on).
    baseline: dict[str, tuple[str, bool]] | None = None
    #: Evidence as the ledger last heard of it: key -> hash.
    known: dict[str, str] = field(default_factory=dict)


def fold(events: Iterable[Told]) -> State:
    """The state of one case after these events, oldest first."""
    told = list(events)
    undone = {int(e.data["undoes"]) for e in told if e.kind == UNDONE}
    state, law = State(), procedure()
    for event in told:
        if event.seq not in undone:
            _apply(state, event, law)
        state.last_seq, state.changed_at = event.seq, event.at
    _compare(state)
    return state


def _apply(state: State, event: Told, law: Procedure) -> None:
    if event.kind == OPENED:
        state.state, state.opened_at = "candidate", event.at
        _named(state, event.data)
        state.known = hashes(event.evidence)
    elif event.kind in (EVIDENCE, LINKED, UNLINKED):
        state.known.update({str(k): str(v) for k, v in event.data.get("now", {}).items()})
        for key in event.data.get("gone", ()):
            state.known.pop(key, None)
    elif event.kind == REKEYED:
        _named(state, event.data)
    elif event.kind.startswith(PROPOSED):
        state.pending = event.seq
    elif event.kind == DROPPED:
        state.pending = None
    elif event.kind in law.actions:
        _act(state, event, law)


def _act(state: State, event: Told, law: Procedure) -> None:
    action = law.actions[event.kind]
    if action.to is not None:
        state.state, state.pending = action.to, None
        state.undoable = event.seq if action.undo else None
    if event.kind == "assign":
        state.assigned = event.data.get("user_id")
    if event.kind in ("determine", "clear"):
        state.outcome, state.determined_on = str(event.data["outcome"]), _day(event)
    elif event.kind in ("decide_review", "decide_appeal") and event.data.get("outcome") == "reversed":
        state.outcome = "not_provider" if state.outcome == "provider" else "provider"
    elif event.kind == "notify":
        state.notified_on = _day(event)
    elif event.kind in ("withdraw", "reopen", "lapse"):
        state.outcome, state.baseline = "", None
    if event.kind in _JUDGING:
        state.baseline = {str(e["key"]): (str(e["sha256"]), bool(e.get("relied"))) for e in event.evidence}
        state.known = hashes(event.evidence)


def hashes(evidence: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Each piece of evidence and the hash over what it says."""
    return {str(one["key"]): str(one["sha256"]) for one in evidence}


def _compare(state: State) -> None:
    """New: known now, not before the last decision. Stale: relied on then, gone or different now."""
    if state.baseline is None:
        return
    state.new_evidence = any(key not in state.baseline for key in state.known)
    state.stale = any(relied and state.known.get(key) != sha for key, (sha, relied) in state.baseline.items())


def _named(state: State, data: Mapping[str, Any]) -> None:
    for name in ("company_id", "company", "category", "candidate_id"):
        if name in data:
            setattr(state, name, str(data[name]))


def _day(event: Told) -> date:
    """The day the event happened where the city is: given in the event, since only it knows the city's clock."""
    return date.fromisoformat(str(event.data["day"]))
