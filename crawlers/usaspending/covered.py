"""What earlier crawls covered, so that an unchanged night costs one request and an unloaded one is not forgotten.

Belongs here: the small state file of finished crawls. Does not belong here: evidence, the crawl's own journal.
It can be deleted at any time: the next crawl then asks for more than it needs to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from crawlers.usaspending.windows import Plan
from records.files import write_json
from records.lake import partition_path

_KEPT: Final = 400
_FILE: Final = "covered.json"


@dataclass(frozen=True)
class Covered:
    """One finished crawl: its plan, the data version it saw (``last_updated``), what it harvested.

    ``agencies`` are the codes of the sub-tiers it asked for: a longer list of agencies makes it no cover. ``proofs``
    are the counts that held (name, expected, got, by): whoever takes the crawl for done shows them too.
    """

    plan: str
    last_updated: str
    finished_at: str
    harvests: list[dict[str, Any]] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)

    def loaded(self, lake: Path, source: str) -> bool:
        """True when every batch it harvested has been written to the lake since."""
        since = datetime.fromisoformat(self.finished_at).timestamp()
        folders = {partition_path(lake, "transaction", source, str(h["batch"])) for h in self.harvests}
        return all(folder.is_dir() and folder.stat().st_mtime >= since for folder in folders)


class CoveredLog:
    """The finished crawls of one source, oldest first."""

    def __init__(self, folder: Path, agencies: Iterable[str] = ()) -> None:
        self._path = folder / _FILE
        self._agencies = sorted(set(agencies))
        self.records: list[Covered] = []
        if self._path.exists():
            try:
                self.records = [Covered(**one) for one in json.loads(self._path.read_text(encoding="utf-8"))]
            except (ValueError, TypeError):
                self.records = []  # a shortcut only: without it the crawl asks again

    def covered_to(self) -> date | None:
        """The last day of the last good crawl by last-modified date, None when there was none."""
        ends = [w.end for r in self.records for w in Plan.parse(r.plan).windows if w.by == "last_modified_date"]
        return max(ends, default=None)

    def unchanged(self, plan: Plan, last_updated: str) -> Covered | None:
        """The crawl that makes this one needless: the same data version, and its windows hold these or are the
        nightly ones. An empty ``last_updated`` says nothing."""
        if not last_updated:
            return None
        for record in reversed(self.records):
            known = set(self._agencies) <= set(record.agencies)
            if known and record.last_updated == last_updated and _holds(Plan.parse(record.plan), plan):
                return record
        return None

    def add(
        self, plan: Plan, last_updated: str, harvests: list[dict[str, Any]], proofs: Iterable[dict[str, Any]] = ()
    ) -> None:
        """Note a finished crawl; durable on return."""
        now = datetime.now(UTC).isoformat()
        found = Covered(str(plan), last_updated, now, harvests, self._agencies, list(proofs))
        self.records = [*self.records, found][-_KEPT:]
        write_json(self._path, [asdict(record) for record in self.records])


def _holds(done: Plan, wanted: Plan) -> bool:
    """True when every wanted window lies within a done one of the same kind, or both are nightly.

    A nightly window slides with the day; with the data unchanged since the last one there is nothing new in it,
    except in days further back than that one reached.
    """
    if wanted.subawards and not done.subawards:
        return False

    def within(one: Any) -> bool:
        return any(d.by == one.by and d.start <= one.start
                   and (one.end <= d.end or one.by == "last_modified_date") for d in done.windows)

    return all(within(window) for window in wanted.windows)
