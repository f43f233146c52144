"""What each source covered on each crawl day, and whether that is recent enough. No Dagster.

Belongs here: the marks state/crawl-days/SOURCE/DAY.json (the daily partition's contents, harvests included) and the
judgement of staleness. Dagster's freshness policies look at the latest materialisation of any partition, so that a
backfill of an old window would make a dead source look alive; the marks say what was covered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.journal import read_json, write_json
from pipelines.settings import settings
from records.workspace import Workspace

_DEFAULT_STALE_HOURS = 216


@dataclass(frozen=True)
class Mark:
    """One source's crawl on one day. ``covered_to`` is the last day the window asked for, ``verdicts`` its captures by
    verdict, ``rows`` what was read of them by table of the lake."""

    source: str
    day: date
    run_id: str
    mode: str
    covered_from: date | None
    covered_to: date | None
    proven: bool
    at: datetime
    harvests: list[dict[str, Any]] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def reaches(self) -> date:
        """The day up to which this crawl knows the source: never past the crawl day itself."""
        return min(self.covered_to or self.day, self.day)


@dataclass(frozen=True)
class Freshness:
    """Whether one source is fresh. ``last_day`` None: never crawled live, which is no fault."""

    source: str
    last_day: date | None
    hours: float | None
    allowed_hours: int
    stale: bool
    reason: str


def mark_path(workspace: Workspace, source: str, day: date) -> Path:
    """The mark's file."""
    return workspace.state / "crawl-days" / source / f"{day.isoformat()}.json"


def write_mark(workspace: Workspace, mark: Mark) -> None:
    """Keep one day's mark. A second crawl on the same day adds its harvests; the wider and proven coverage stays."""
    path = mark_path(workspace, mark.source, mark.day)
    before = read_mark(workspace, mark.source, mark.day)
    harvests = {(h["parser"], h["batch"], h["capture_id"]): h for h in (before.harvests if before else [])}
    harvests |= {(h["parser"], h["batch"], h["capture_id"]): h for h in mark.harvests}
    best = mark
    if before is not None and _rank(before) > _rank(mark):
        best = before
    write_json(path, {
        "source": mark.source, "day": mark.day, "run_id": mark.run_id, "mode": best.mode,
        "covered_from": best.covered_from, "covered_to": best.covered_to, "proven": best.proven, "at": best.at,
        "verdicts": Counter(before.verdicts if before else {}) + Counter(mark.verdicts),
        "rows": dict(before.rows) if before else {}, "harvests": list(harvests.values()),
    })


def note_rows(workspace: Workspace, source: str, day: date, rows: dict[str, int]) -> None:
    """Keep with a day's mark what was read of it."""
    path = mark_path(workspace, source, day)
    body = read_json(path)
    if body is not None:
        write_json(path, body | {"rows": rows})


def read_mark(workspace: Workspace, source: str, day: date) -> Mark | None:
    """One day's mark, None when that day was not crawled."""
    body = read_json(mark_path(workspace, source, day))
    return _mark(body) if body else None


def marks(workspace: Workspace, source: str) -> list[Mark]:
    """All marks of a source, by day."""
    folder = workspace.state / "crawl-days" / source
    return [_mark(body) for path in sorted(folder.glob("*.json")) if (body := read_json(path))]


def freshness(workspace: Workspace, now: datetime | None = None) -> list[Freshness]:
    """Every known source's freshness."""
    from crawlers.sources import all_sources

    return [judge(workspace, s.name, str(s.cadence), now or datetime.now(UTC)) for s in all_sources().values()]


def judge(workspace: Workspace, source: str, cadence: str, now: datetime) -> Freshness:
    """One source's freshness from its live, proven crawls; the age counts from the end of the day it reaches."""
    allowed = settings().stale_after_hours.get(cadence, _DEFAULT_STALE_HOURS)
    live = [m for m in marks(workspace, source) if m.mode == "live"]
    proven = [m for m in live if m.proven]
    if not live:
        return Freshness(source, None, None, allowed, False, "never crawled live")
    if not proven:
        return Freshness(source, live[-1].day, None, allowed, True,
                         f"crawled live on {len(live)} days, never proven complete")
    newest = max(proven, key=lambda m: (m.reaches, m.at))
    covered = newest.at if newest.reaches >= newest.day else _end_of(newest.reaches)
    hours = max(0.0, (now - covered).total_seconds() / 3600)
    stale = hours > allowed
    return Freshness(source, newest.reaches, round(hours, 1), allowed, stale,
                     f"proven complete up to {newest.reaches}, {hours:.0f} hours ago "
                     f"({'more than' if stale else 'within'} the {allowed} allowed for a {cadence} source)")


def _rank(mark: Mark) -> tuple[bool, bool, date]:
    return mark.mode == "live", mark.proven, mark.reaches


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _mark(body: dict[str, Any]) -> Mark:
    return Mark(
        source=body["source"], day=date.fromisoformat(body["day"]), run_id=body["run_id"], mode=body["mode"],
        covered_from=date.fromisoformat(body["covered_from"]) if body["covered_from"] else None,
        covered_to=date.fromisoformat(body["covered_to"]) if body["covered_to"] else None,
        proven=bool(body["proven"]), at=datetime.fromisoformat(body["at"]), harvests=list(body["harvests"]),
        verdicts=dict(body.get("verdicts") or {}), rows=dict(body.get("rows") or {}),
    )
