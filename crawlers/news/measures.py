"""What a discovery service was asked and what came of it: found, none, refused, or not measured.

Belongs here: the log (append-only) and which stretches of time are still open. Does not belong here: asking.
'None' says that the service answered and has nothing; 'not measured' says nothing about coverage.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

Outcome = Literal["found", "none", "refused", "not_measured"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One question over one window (UTC). ``count`` articles; ``why`` it was not measured."""

    query_id: str
    start: datetime
    end: datetime
    outcome: Outcome
    count: int
    why: str
    run_id: str


class MeasureLog:
    """The log in one file of JSON lines; a torn last line is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def add(self, measure: Measure) -> None:
        """Append one measure."""
        line = json.dumps(asdict(measure), default=lambda moment: moment.isoformat(), ensure_ascii=False)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def all(self) -> list[Measure]:
        """Every measure, oldest first."""
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
                moments = {name: datetime.fromisoformat(row[name]).astimezone(UTC) for name in ("start", "end")}
                found.append(Measure(**{**row, **moments}))
            except (ValueError, KeyError, TypeError):
                continue
        return found

    def unmeasured(
        self, query_id: str, start: datetime, end: datetime, earliest: datetime, overlap: timedelta
    ) -> list[tuple[datetime, datetime]]:
        """Stretches up to ``end`` that no answer covers, from ``start``, or from the first window ever asked where
        that was earlier (not before ``earliest``). The latest is asked with an overlap: articles come late."""
        mine = [m for m in self.all() if m.query_id == query_id]
        done = sorted((m.start, m.end) for m in mine if m.outcome in ("found", "none"))
        at = max(earliest, min([start, *(m.start for m in mine)]))
        gaps = []
        for first, last in done:
            if first > at:
                gaps.append((at, first))
            at = max(at, last)
        at = max(earliest, min(at, end) - (overlap if done else timedelta()))
        gaps.append((at, end))
        return [(first, last) for first, last in gaps if last - first >= timedelta(minutes=1)]
