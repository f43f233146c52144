"""Reminders by e-mail: one digest a jurisdiction, each deadline at its marks and once it is overdue.

Belongs here: choosing what is due to be told, sending, noting it in the ledger so that nothing is told twice. Does not
belong here: which mail server (settings).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.core.mail import EmailMessage
from django.db import transaction

from casework import clock, ledger
from casework.deadlines.clocks import Deadline, running
from casework.models import Event, Jurisdiction, Membership
from ordinance.procedure import procedure

#: Days before the last day at which one is told.
MARKS: Final = (14, 7, 3, 1, 0)
_KIND: Final = "reminded"


def remind(jurisdiction: Jurisdiction, today: date | None = None) -> list[str]:
    """Send what is due; returns the marks told ('uid@7', 'uid@overdue'). Mail goes out once the ledger has it.

    Whoever may send for the city is told, and the city's own address. Raises what the mail server answers: then nothing
    is noted, and the next run tells it again.
    """
    day = today or clock.today(jurisdiction)
    told = _told(jurisdiction)
    marks = {f"{one.uid}@{mark}": one for one in running(jurisdiction, day)
             for mark in [_mark(one, day)] if mark and f"{one.uid}@{mark}" not in told}
    to = _addresses(jurisdiction)
    if not marks or not to:
        return []
    with transaction.atomic():
        ledger.append(ledger.Entry(f"jurisdiction:{jurisdiction.slug}", _KIND, jurisdiction,
                                   data={"marks": sorted(marks), "to": to}))
        EmailMessage(f"[section3c] {len(marks)} deadlines", _text(marks.values(), day), to=[], bcc=to).send()
    return sorted(marks)


def _mark(one: Deadline, today: date) -> str:
    """The nearest mark already reached: a run that was missed tells the next one, not all of them."""
    left = (one.due - today).days
    if left < 0:
        return "overdue"
    reached = [mark for mark in MARKS if left <= mark]
    return str(min(reached)) if reached else ""


def _told(jurisdiction: Jurisdiction) -> set[str]:
    noted = Event.objects.filter(stream=f"jurisdiction:{jurisdiction.slug}", kind=_KIND)
    return {mark for event in noted for mark in event.data["marks"]}


def _addresses(jurisdiction: Jurisdiction) -> list[str]:
    roles = [name for name, role in procedure().roles.items() if "send" in role.may]
    held = Membership.objects.filter(jurisdiction=jurisdiction, role__in=roles, user__is_active=True)
    found = {str(address) for address in held.values_list("user__email", flat=True) if address}
    return sorted(found | ({jurisdiction.mail_to} if jurisdiction.mail_to else set()))


def _text(deadlines: Iterable[Deadline], today: date) -> str:
    lines = []
    for one in sorted(deadlines):
        left = (one.due - today).days
        when = f"in {left} days" if left > 1 else {1: "tomorrow", 0: "TODAY"}.get(left, f"{-left} days OVERDUE")
        lines.append(f"{one.due.isoformat()} ({when}): {one.what}, {one.subject} [{one.clause}, {one.who}]")
    return "\n".join(lines) + "\n"
