"""How many requests SAM.gov allows a day, how many are used, and until when it is closed.

Belongs here: that record, kept on disk between runs, and reading SAM.gov's refusal. Does not belong here: asking.
The count starts anew at 00:00 UTC; no header says how many are left (docs/sam.md).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from records.files import write_json

DEFAULT_QUOTA: Final = 10  # a key without a role; 1,000 with one
_NEXT: Final = re.compile(r"(\d{4}-[A-Za-z]{3}-\d{2} \d{2}:\d{2}:\d{2})\s*\+0000")


class Quota:
    """Requests of one UTC day."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self.limit = path, limit
        self.day, self.used = "", 0
        self.closed_until: datetime | None = None
        if path.exists():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self.day, self.used = str(found["day"]), int(found["used"])
            until = found.get("closed_until")
            self.closed_until = datetime.fromisoformat(until) if until else None

    def left(self, now: datetime) -> int:
        """Requests that may still be made at this moment."""
        if self.closed_until and now < self.closed_until:
            return 0
        return self.limit - (self.used if self.day == f"{now:%Y-%m-%d}" else 0)

    def use(self, now: datetime) -> None:
        """Count a request; on the disk on return."""
        today = f"{now:%Y-%m-%d}"
        self.used = self.used + 1 if self.day == today else 1
        self.day = today
        self._save()

    def close(self, until: datetime) -> None:
        """Ask nothing before that moment."""
        self.closed_until = until
        self._save()

    def _save(self) -> None:
        until = self.closed_until.isoformat() if self.closed_until else None
        write_json(self._path, {"day": self.day, "used": self.used, "closed_until": until})


def next_access(body: bytes) -> datetime | None:
    """When SAM.gov may be asked again, from the body of a 429 (``nextAccessTime``, sometimes within ``fault``)."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    if isinstance(found, dict) and isinstance(found.get("fault"), dict):
        found = found["fault"]
    if not isinstance(found, dict):
        return None
    for name in ("nextAccessTime", "description"):
        told = _NEXT.search(str(found.get(name) or ""))
        if told:
            return datetime.strptime(told[1], "%Y-%b-%d %H:%M:%S").replace(tzinfo=UTC)
    return None
