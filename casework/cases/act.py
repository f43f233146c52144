"""Acting on a case: every step of the procedure, checked and appended to the ledger.

Belongs here: perform, propose and confirm (two persons), undo. Does not belong here: what the steps are
(ordinance/procedure.yaml), what they add up to (fold.py), the evidence rules (casework/rules.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction

from casework import access, clock, ledger, rules
from casework.cases.fold import DROPPED, PROPOSED, UNDONE, State, fold
from casework.models import Case, Event, User
from ordinance.procedure import Action, procedure

#: A company's steps, and the clocks within any of which they are in time (§3.4). A late one is recorded as late.
_TIMED: Final = {
    "request_review": ("review_request", "review_request_solicitation", "review_request_pending"),
    "appeal": ("council_appeal",),
}


class StepRefused(ValueError):
    """The step is not possible; the message says why and what to do."""


class Changed(StepRefused):
    """The case or its evidence changed between looking and acting: look again."""


@dataclass(frozen=True)
class Step:
    """What a person wants to do with a case.

    ``relied``: keys of the evidence it relies on (empty: all there is); ``token``: from `token()` when the page was
    shown, so that nobody decides on what they have not seen.
    """

    action: str
    reason: str = ""
    outcome: str = ""
    relied: Collection[str] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    token: str | None = None


def token(case: Case) -> str:
    """What a page shows of a case, as one word to hand back when acting."""
    return hashlib.sha256(ledger.canonical([case.last_seq, case.evidence, case.score_millibits])).hexdigest()[:24]


def possible(case: Case, user: User) -> list[str]:
    """Actions this person may take now, in the procedure's order; 'undo' and 'confirm' where they apply."""
    law, held = procedure(), access.permissions(user, case.jurisdiction)
    found = [name for name in law.possible(case.state) if law.actions[name].may in held]
    state = current(case)
    if state.undoable is not None and _undo_permission(state) in held:
        found.append("undo")
    if state.pending is not None and "decide" in held:
        found.append("confirm")
    return found


def current(case: Case) -> State:
    """The case's state, computed from its events."""
    return fold(ledger.events(case.stream))


def perform(case: Case, user: User, step: Step) -> Event:
    """Take one step. Under the two-person rule a determination is only proposed; `confirm` completes it.

    Raises Forbidden, StepRefused (not possible from this state, no reason, no evidence), Changed, RuleError.
    """
    with transaction.atomic():
        ledger.lock()
        case = Case.objects.select_related("jurisdiction").get(pk=case.pk)
        action = _action(case, user, step)
        data, seen = _told(case, step, action)
        kind = step.action
        if action.two_person and case.jurisdiction.two_person:
            kind = PROPOSED + step.action
        event = ledger.append(ledger.Entry(case.stream, kind, case.jurisdiction, user, step.reason.strip(), data, seen))
        refresh(case)
    return event


def confirm(case: Case, user: User, proposal: int, reason: str = "") -> Event:
    """The second person's yes: the proposed step becomes real, with the evidence the first one named.

    Raises StepRefused when nothing is proposed, the proposer confirms, or the evidence changed since.
    """
    with transaction.atomic():
        ledger.lock()
        case = Case.objects.select_related("jurisdiction").get(pk=case.pk)
        proposed = _pending(case, proposal)
        name = proposed.kind.removeprefix(PROPOSED)
        access.require(user, case.jurisdiction, procedure().actions[name].may)
        if proposed.actor_id == user.pk:
            raise StepRefused("another person than the one who proposed it must confirm (two-person rule)")
        if {e["key"]: e["sha256"] for e in proposed.evidence} != {e["key"]: e["sha256"] for e in case.evidence}:
            raise Changed("the evidence changed since it was proposed: propose it again on what there is now")
        data = dict(proposed.data) | {
            "proposal": proposal, "proposed_by": proposed.actor_name, "confirmation": reason.strip(),
            "day": clock.today(case.jurisdiction).isoformat(),
        }
        seen = ledger.Seen(tuple(proposed.evidence), case.score_millibits, proposed.reader_version,
                           proposed.warehouse_version)
        event = ledger.append(ledger.Entry(case.stream, name, case.jurisdiction, user, proposed.reason, data, seen))
        refresh(case)
    return event


def drop(case: Case, user: User, proposal: int, reason: str) -> Event:
    """Withdraw or refuse a proposal. Raises Forbidden, StepRefused."""
    with transaction.atomic():
        ledger.lock()
        case = Case.objects.select_related("jurisdiction").get(pk=case.pk)
        _pending(case, proposal)
        access.require(user, case.jurisdiction, "decide")
        data = {"proposal": proposal}
        event = ledger.append(ledger.Entry(case.stream, DROPPED, case.jurisdiction, user, _needed(reason), data))
        refresh(case)
    return event


def undo(case: Case, user: User, reason: str) -> Event:
    """Take the last step back, by a new event: both stay in the history. Raises Forbidden, StepRefused."""
    with transaction.atomic():
        ledger.lock()
        case = Case.objects.select_related("jurisdiction").get(pk=case.pk)
        state = current(case)
        if state.undoable is None:
            raise StepRefused("the last step cannot be taken back: a letter was sent, or nothing was done yet; "
                              "withdraw or reopen instead")
        access.require(user, case.jurisdiction, _undo_permission(state))
        data = {"undoes": state.undoable}
        event = ledger.append(ledger.Entry(case.stream, UNDONE, case.jurisdiction, user, _needed(reason), data))
        refresh(case)
    return event


def refresh(case: Case) -> Case:
    """Bring the row that caches the fold up to date with the ledger, and save it."""
    state = current(case)
    for name in CACHED:
        setattr(case, name, getattr(state, name))
    case.pending_seq, case.assigned_id = state.pending, state.assigned
    if state.opened_at is not None and state.changed_at is not None:
        case.opened_at, case.changed_at = state.opened_at, state.changed_at
    case.save()
    return case


CACHED = ("state", "outcome", "company_id", "company", "category", "candidate_id", "new_evidence", "stale",
          "determined_on", "notified_on", "last_seq")


def _action(case: Case, user: User, step: Step) -> Action:
    law = procedure()
    action = law.actions.get(step.action)
    if action is None:
        raise StepRefused(f"there is no step '{step.action}'; known: {', '.join(law.actions)}")
    access.require(user, case.jurisdiction, action.may)
    if step.token is not None and step.token != token(case):
        raise Changed("the case or its evidence changed while you were looking; look at it again, then decide")
    if case.state not in action.from_:
        raise StepRefused(f"'{action.name}' is not possible while the case is '{law.states[case.state]}'; it starts "
                          f"from {', '.join(law.states[s] for s in action.from_)}")
    if case.pending_seq is not None and action.to is not None:
        raise StepRefused("a proposal waits for a second person: confirm or drop it first")
    if action.reason:
        _needed(step.reason)
    return action


def _told(case: Case, step: Step, action: Action) -> tuple[dict[str, Any], ledger.Seen]:
    data = dict(step.data) | {"day": clock.today(case.jurisdiction).isoformat()}
    if action.outcomes:
        outcome = step.outcome or (action.outcomes[0] if len(action.outcomes) == 1 else "")
        if outcome not in action.outcomes:
            raise StepRefused(f"choose an outcome: {' or '.join(action.outcomes)}")
        data["outcome"] = outcome
    if step.action in _TIMED:
        from casework.deadlines.clocks import in_time

        day = date.fromisoformat(str(data.get("on") or data["day"]))
        data["in_time"] = in_time(case, _TIMED[step.action], day)
    if step.action == "determine":
        data["law"] = rules.law_of(case.jurisdiction.law)
    evidence = tuple(_marked(case, step, action))
    return data, ledger.Seen(evidence, case.score_millibits, case.reader_version, case.warehouse_version)


def _marked(case: Case, step: Step, action: Action) -> list[dict[str, Any]]:
    """The evidence there is, each piece marked whether the step relies on it."""
    there = {one["key"] for one in case.evidence}
    unknown = sorted(set(step.relied) - there)
    if unknown:
        raise Changed(f"evidence {', '.join(k[:12] for k in unknown)} is not (or no longer) part of this case")
    chosen = set(step.relied) or (there if action.evidence else set())
    if action.evidence and not chosen:
        raise StepRefused(f"'{action.name}' needs evidence, and this case has none")
    return [dict(one) | {"relied": one["key"] in chosen} for one in case.evidence]


def _pending(case: Case, proposal: int) -> Event:
    if case.pending_seq != proposal:
        raise StepRefused("this proposal does not wait any more")
    return Event.objects.get(seq=proposal, stream=case.stream)


def _undo_permission(state: State) -> str:
    if state.undoable is None:
        raise StepRefused("nothing to take back")
    done = Event.objects.get(seq=state.undoable)
    return procedure().actions[done.kind].may


def _needed(reason: str) -> str:
    if not reason.strip():
        raise StepRefused("say why: the reason stands in the record")
    return reason.strip()
