"""Every source at a glance: last success, volume against expectation, refusals, staleness, next run.

Belongs here: gathering that from the crawl days' marks, the sources' YAML and the schedules. Does not belong here:
judging freshness (freshness.py), drawing (the command line, the console).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from pipelines import freshness
from pipelines.freshness import Mark
from pipelines.settings import settings
from records.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from crawlers.sources import Source

_DAYS: Final = 30
_USUAL_DAYS: Final = 3
_LOW: Final = 0.5
#: Verdicts that say "go away", as against a fault.
BLOCKED: Final = ("block_page", "captcha", "login")


@dataclass(frozen=True)
class SourceLine:
    """One source now.

    ``state``: fresh, stale (no proven live crawl within the age its cadence allows; its last good rows stand), never
    crawled. ``volume`` are the rows of the last crawl day that brought any, ``expected`` what the YAML asserts, else
    what is usual; ``volume_low`` None where nothing is expected. ``blocked`` and ``failed`` are shares (0 to 1) of the
    answers of the last 30 crawl days: refusals, and errors of all other kinds. ``next_run`` is when `section3c up` runs
    it, None for sources run by hand.
    """

    source: str
    cadence: str
    state: str
    last_success: datetime | None
    reaches: date | None
    volume: str
    expected: str
    volume_low: bool | None
    answers: int
    blocked: float | None
    failed: float | None
    next_run: datetime | None
    why: str


def sources(workspace: Workspace, now: datetime | None = None) -> list[SourceLine]:
    """Every known source, by name. Raises SettingsError, SourceError, OrdinanceError for faults in YAML files."""
    from crawlers.sources import all_sources

    moment = now or datetime.now(UTC)
    return [_line(workspace, source, moment) for source in all_sources().values()]


def as_table(lines: Sequence[SourceLine]) -> pa.Table:
    """The lines as a table to show or export; moments in the night's time zone."""
    import pyarrow as pa

    zone = ZoneInfo(settings().timezone)
    return pa.Table.from_pylist([
        {"source": one.source, "cadence": one.cadence, "state": one.state,
         "last success": _local(one.last_success, zone), "reaches": str(one.reaches or ""),
         "volume": one.volume + (" LOW" if one.volume_low else ""), "expected": one.expected,
         "answers": one.answers, "blocked": _share(one.blocked), "failed": _share(one.failed),
         "next run": _local(one.next_run, zone) or "by hand"}
        for one in lines])


def next_run(cadence: str, now: datetime) -> datetime | None:
    """When a source of this cadence runs next under `section3c up`; None for those run by hand."""
    cron = settings().cron(cadence)
    if cron is None:
        return None
    # Dagster's own reading of the expression, so that what is shown is what its daemon does; it is pinned.
    from dagster._utils.schedules import cron_string_iterator

    return next(cron_string_iterator(now.timestamp(), cron, settings().timezone))


def _line(workspace: Workspace, source: Source, now: datetime) -> SourceLine:
    marks = freshness.marks(workspace, source.name)
    judged = freshness.judge(workspace, source.name, str(source.cadence), now)
    proven = [one.at for one in marks if one.proven and one.mode == "live"]
    verdicts = sum((Counter(one.verdicts) for one in marks[-_DAYS:]), Counter[str]())
    volume, expected, low = _volume(source, marks)
    never = judged.last_day is None and not judged.stale
    return SourceLine(
        source=source.name, cadence=str(source.cadence), last_success=max(proven, default=None),
        state="never crawled" if never else "STALE" if judged.stale else "fresh",
        reaches=judged.last_day if proven else None, volume=volume, expected=expected, volume_low=low,
        answers=verdicts.total(), blocked=_of(verdicts, BLOCKED), next_run=next_run(str(source.cadence), now),
        failed=_of(verdicts, tuple(set(verdicts) - {"ok", "not_modified", *BLOCKED})), why=judged.reason,
    )


def _volume(source: Source, marks: Sequence[Mark]) -> tuple[str, str, bool | None]:
    """(rows of the last day that brought any, what is expected, whether they are too few)."""
    brought = [one.rows for one in marks if one.rows]
    if not brought:
        return "", "", None
    last = brought[-1]
    shown = ", ".join(f"{count:,} {table}" for table, count in sorted(last.items()) if count)
    if source.assertions.volume:
        asked = source.assertions.volume
        expected = ", ".join(f"at least {one.minimum:,} {one.table}" for one in asked)
        return shown, expected, any(last.get(one.table, 0) < one.minimum for one in asked)
    before = [sum(rows.values()) for rows in brought[:-1][-_DAYS:]]
    if len(before) < _USUAL_DAYS:
        return shown, "", None
    usual = median(before)
    return shown, f"usually {usual:,.0f} rows", sum(last.values()) < _LOW * usual


def _of(verdicts: Counter[str], kinds: Sequence[str]) -> float | None:
    total = verdicts.total()
    return round(sum(verdicts[kind] for kind in kinds) / total, 4) if total else None


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
