"""Crawl journals: what an interrupted crawl has archived already, and which windows are finished.

Belongs here: small append-only files under ``state/crawl/<source>``. Does not belong here: evidence (archive).
A journal is only a shortcut: without it a crawl fetches again, and the archive keeps both.
"""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from records.files import append_json_line, read_json_lines

MAX_AGE_SECONDS: Final = 24 * 3600.0
_SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class Journal:
    """Answers archived so far under one resume key (source and window); durable line by line.

    A journal older than ``max_age`` seconds is started afresh: its answers may no longer be what the service says.
    """

    def __init__(self, folder: Path, key: str, *, max_age: float = MAX_AGE_SECONDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{_SAFE.sub('_', key)[:80]}-{hashlib.sha256(key.encode()).hexdigest()[:12]}.jsonl"
        self.path = folder / name
        self._answers: dict[str, str] = {}
        self._notes: dict[str, Any] = {}
        if self.path.exists() and time.time() - self.path.stat().st_mtime > max_age:
            self.path.unlink()
        for note in read_json_lines(self.path):
            self._take(note)

    def answer(self, fingerprint: str) -> str | None:
        """The capture id that answered this request earlier, None when it was not asked."""
        return self._answers.get(fingerprint)

    def record(self, fingerprint: str, capture_id: str) -> None:
        """Note an answer; on the disk on return."""
        self._append({"request": fingerprint, "capture": capture_id})

    def get(self, name: str, default: Any = None) -> Any:
        """A spider's own note (a job's file name, say)."""
        return self._notes.get(name, default)

    def put(self, name: str, value: Any) -> None:
        """Keep a spider's own note (anything JSON can hold); on the disk on return."""
        self._append({"note": name, "value": value})

    def finish(self) -> None:
        """The crawl under this key is complete: the next one with the same key fetches afresh."""
        self.path.unlink(missing_ok=True)
        self._answers.clear()
        self._notes.clear()

    def _take(self, note: dict[str, Any]) -> None:
        if "request" in note:
            self._answers[note["request"]] = note["capture"]
        elif "note" in note:
            self._notes[note["note"]] = note["value"]

    def _append(self, note: dict[str, Any]) -> None:
        append_json_line(self.path, note)
        self._take(note)


def finish_window(folder: Path, window: str, run_id: str) -> None:
    """Note that a window of a source was crawled completely."""
    append_json_line(folder / "windows.jsonl", {
        "window": window, "run_id": run_id, "finished_at": datetime.now(UTC).isoformat()})


def finished_windows(folder: Path) -> list[dict[str, str]]:
    """Windows crawled completely, oldest first: ``window``, ``run_id``, ``finished_at`` (ISO, UTC)."""
    return list(read_json_lines(folder / "windows.jsonl"))
