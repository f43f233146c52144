"""Which clocks run now: read from cases' events, complaints, declarations and the year.

Belongs here: finding them and saying which are overdue. Does not belong here: counting (days.py), telling (remind.py,
feed.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from casework import clock
from casework.deadlines.days import annual, due
from casework.models import Case, Event, Jurisdiction
from ordinance import deadlines as law

_STEP_OF: Final = {"solicitation": "review_request_solicitation", "pending_contract": "review_request_pending"}
_CLOCKED: Final = ("determine", "clear", "notify", "interest", "decide_review", "undone")


@dataclass(frozen=True, order=True)
class Deadline:
    """One clock: what must be done by when, by whom, under which clause. ``uid`` is stable while its start stands."""

    due: date
    uid: str
    what: str
    who: str
    clause: str
    stream: str
    start: date
    subject: str

    def overdue(self, today: date) -> bool:
        """True from the day after the last day."""
        return self.due < today

    @property
    def ours(self) -> bool:
        """True where the city must act; a company's missed deadline is only its lost right."""
        return self.who != "the identified company"


def running(jurisdiction: Jurisdiction, today: date | None = None) -> list[Deadline]:
    """All clocks that run, soonest first."""
    day = today or clock.today(jurisdiction)
    return sorted([*_cases(jurisdiction), *_reports(jurisdiction), *_years(jurisdiction, day)])


def of_case(case: Case) -> list[Deadline]:
    """The clocks of one case, soonest first."""
    return sorted(_clocks(case, list(Event.objects.filter(stream=case.stream, kind__in=_CLOCKED).order_by("seq"))))


def in_time(case: Case, steps: tuple[str, ...], day: date) -> bool:
    """Whether an act on that day is in time for any of the steps whose clocks run (§3.4: 30 days, or 7 days)."""
    found = [one for one in of_case(case) if one.uid.split("/")[1] in steps]
    return any(day <= one.due for one in found)


def _cases(jurisdiction: Jurisdiction) -> Iterator[Deadline]:
    cases = {c.stream: c for c in jurisdiction.cases.filter(
        outcome="provider", state__in=("determined", "notified", "review_decided")).select_related("jurisdiction")}
    told: dict[str, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(jurisdiction=jurisdiction, kind__in=_CLOCKED).order_by("seq"):
        if event.stream in cases:
            told[event.stream].append(event)
    for stream, case in cases.items():
        yield from _clocks(case, told[stream])


def _clocks(case: Case, told: list[Event]) -> Iterator[Deadline]:
    undone = {int(e.data["undoes"]) for e in told if e.kind == "undone"}
    last: dict[str, Event] = {}
    interests: list[Event] = []
    for event in told:
        if event.seq in undone:
            continue
        last[event.kind] = event
        if event.kind in ("determine", "clear"):
            interests = []
        if event.kind == "interest":
            interests.append(event)
    if case.state == "notified" and "notify" in last:
        yield _clock(case, "review_request", last["notify"])
        yield from (_clock(case, _STEP_OF[str(e.data["outcome"])], e) for e in interests)
    decided = last.get("decide_review") if case.state == "review_decided" else last.get("determine")
    if case.state in ("determined", "notified", "review_decided") and decided is not None:
        yield _clock(case, "council_appeal", decided)


def _clock(case: Case, step_id: str, start: Event) -> Deadline:
    step = law.step(step_id)
    day = date.fromisoformat(str(start.data.get("on") or start.data["day"]))
    return Deadline(due(case.jurisdiction, step_id, day), f"case-{case.pk}/{step_id}/{start.seq}", step.name, step.who,
                    step.clause, case.stream, day, case.company)


def _reports(jurisdiction: Jurisdiction) -> Iterator[Deadline]:
    """A finding of a violation must be reported in time (§5.1); the report's event answers it."""
    answered = set(Event.objects.filter(jurisdiction=jurisdiction, kind="violation_reported")
                   .values_list("stream", flat=True))
    step = law.step("violation_report")
    for event in Event.objects.filter(jurisdiction=jurisdiction, kind="violation_found"):
        if event.stream not in answered:
            day = date.fromisoformat(str(event.data["day"]))
            yield Deadline(due(jurisdiction, step.id, day), f"{event.stream.replace(':', '-')}/{step.id}/{event.seq}",
                           step.name, step.who, step.clause, event.stream, day, str(event.data.get("title", "")))


def _years(jurisdiction: Jurisdiction, today: date) -> Iterator[Deadline]:
    """April 1 and May 1 of this year until answered, and of the next once this year's is."""
    administrator = f"the {jurisdiction.law.titles.administrator}"
    for which, what, stream, kind in (
        ("department_certification", "Departments certify compliance", "certification", "certifications_closed"),
        ("public_report", "Annual report published", "report", "report_published"),
    ):
        for year in (today.year, today.year + 1):
            name = f"{stream}:{jurisdiction.slug}:{year}"
            on = annual(jurisdiction, which, year)
            if on is None or Event.objects.filter(stream=name, kind=kind).exists():
                continue
            yield Deadline(on, f"{stream}-{year}/{which}/0", what, administrator, "§5.3", name, on, str(year))
            break
