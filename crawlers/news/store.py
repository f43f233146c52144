"""What the news crawl remembers from run to run: pages archived, validators for conditional requests, visits.

Belongs here: a small SQLite file under ``state/crawl``. Does not belong here: evidence (the archive), rows (the lake).
It is a cache: without it pages are fetched again, and the archive keeps them as revisits.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

_TOGETHER: Final = 50  # pages to a transaction; a crash loses at most these, and the archive has them
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS page (
    url TEXT NOT NULL, capture_id TEXT NOT NULL, day TEXT NOT NULL, parser TEXT NOT NULL, hints TEXT NOT NULL,
    fetched_at TEXT NOT NULL, etag TEXT, last_modified TEXT, PRIMARY KEY (url, capture_id, day)
) STRICT;
CREATE INDEX IF NOT EXISTS page_day ON page (day);
CREATE TABLE IF NOT EXISTS visit (
    outlet TEXT NOT NULL, at TEXT NOT NULL, ok INTEGER NOT NULL, said TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS visit_outlet ON visit (outlet, ok, at);
"""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One archived page as the crawl knows it. ``etag`` and ``last_modified`` are verbatim."""

    url: str
    capture_id: str
    day: str
    parser: str
    fetched_at: datetime
    hints: dict[str, Any] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None

    @property
    def validators(self) -> dict[str, str]:
        """Headers of a conditional GET (RFC 9110 §13.1); both, for servers honour one or the other."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


class PageStore:
    """Opened by one crawl at a time; a crash loses at most what the archive has anyway."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._added = 0

    def close(self) -> None:
        """Write what is open and release the file."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")
        self._db.close()

    def latest(self, url: str) -> Page | None:
        """The page of an address that was fetched last."""
        rows = self._pages("WHERE url = ? ORDER BY fetched_at DESC LIMIT 1", url)
        return next(rows, None)

    def versions(self, url: str) -> int:
        """How many different captures an address has."""
        found = self._db.execute("SELECT count(DISTINCT capture_id) FROM page WHERE url = ?", (url,)).fetchone()
        return int(found[0])

    def add(self, page: Page) -> None:
        """Remember a page; the same capture on the same day again replaces its hints and validators."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        self._db.execute(
            "INSERT OR REPLACE INTO page (url, capture_id, day, parser, hints, fetched_at, etag, last_modified) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (page.url, page.capture_id, page.day, page.parser, json.dumps(page.hints, default=str),
             page.fetched_at.astimezone(UTC).isoformat(), page.etag, page.last_modified))
        self._added += 1
        if self._added % _TOGETHER == 0:
            self._db.execute("COMMIT")

    def of_day(self, day: str) -> Iterator[Page]:
        """Every page of a day, ordered, each capture and parser once."""
        yield from self._pages("WHERE day = ? GROUP BY capture_id, parser ORDER BY parser, fetched_at, url", day)

    def days(self, since: str) -> list[str]:
        """Days from ``since`` on (ISO) that have pages."""
        rows = self._db.execute("SELECT DISTINCT day FROM page WHERE day >= ? ORDER BY day", (since,))
        return [str(row[0]) for row in rows]

    def visited(self, outlet: str, at: datetime, *, ok: bool, said: str) -> None:
        """Note how an outlet answered."""
        self._db.execute("INSERT INTO visit (outlet, at, ok, said) VALUES (?, ?, ?, ?)",
                         (outlet, at.astimezone(UTC).isoformat(), int(ok), said[:1000]))

    def last_success(self, outlet: str) -> datetime | None:
        """When an outlet last announced anything."""
        found = self._db.execute("SELECT max(at) FROM visit WHERE outlet = ? AND ok = 1", (outlet,)).fetchone()
        return datetime.fromisoformat(found[0]) if found[0] else None

    def _pages(self, where: str, *values: str) -> Iterator[Page]:
        names = "url, capture_id, day, parser, hints, fetched_at, etag, last_modified"
        for row in self._db.execute(f"SELECT {names} FROM page {where}", values):  # noqa: S608 - no outside text
            yield Page(url=row[0], capture_id=row[1], day=row[2], parser=row[3], hints=json.loads(row[4]),
                       fetched_at=datetime.fromisoformat(row[5]), etag=row[6], last_modified=row[7])
