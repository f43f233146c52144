"""One step for many cases: shown first, then taken case by case, each its own event.

Belongs here: preview and run. Does not belong here: the step itself (act.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from casework.access import Forbidden
from casework.cases import act
from casework.models import Case, Event, User
from casework.rules import RuleError


@dataclass(frozen=True)
class Line:
    """One case of a bulk action: what would happen (or happened), or why it cannot; ``token`` as the preview saw it."""

    case_id: int
    company: str
    state: str
    token: str
    refused: str = ""


def preview(cases: Iterable[Case], user: User, step: act.Step) -> list[Line]:
    """What the step would do to each case; nothing is written."""
    lines = []
    for case in cases:
        seen, refused = act.token(case), ""
        try:
            with transaction.atomic():
                act.perform(case, user, step)
                transaction.set_rollback(True)
        except (Forbidden, act.StepRefused, RuleError) as error:
            refused = str(error)
        lines.append(Line(case.pk, case.company, case.state, seen, refused))
    return lines


def run(lines: Iterable[Line], user: User, step: act.Step) -> tuple[list[Event], list[Line]]:
    """Take the step for every case the preview let through; a case that changed since is refused, the others go on."""
    done: list[Event] = []
    refused: list[Line] = []
    for line in lines:
        if line.refused:
            continue
        case = Case.objects.get(pk=line.case_id)
        own = act.Step(step.action, step.reason, step.outcome, (), step.data, line.token)
        try:
            done.append(act.perform(case, user, own))
        except (Forbidden, act.StepRefused, RuleError) as error:
            refused.append(Line(case.pk, case.company, case.state, line.token, str(error)))
    return done, refused
