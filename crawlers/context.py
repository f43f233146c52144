"""What one crawl carries along: its source, archive, journal, mode, options, counts, and the way to report.

Belongs here: the state shared by spider, middlewares and download handlers of one child process. Does not belong
here: Scrapy itself, or the parent's side (``crawlers.run``).
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crawlers.archive import ArchiveWriter, EvidenceArchive
from crawlers.journal import Journal
from crawlers.sources import Source

Mode = Literal["live", "replay"]


@dataclass
class CrawlContext:
    """One crawl. ``emit`` sends one event (a JSON object) to the parent."""

    source: Source
    run_id: str
    mode: Mode
    options: dict[str, Any]
    archive: EvidenceArchive
    scratch: Path
    state: Path
    emit: Callable[[dict[str, Any]], None]
    writer: ArchiveWriter | None = None
    journal: Journal | None = None
    contact: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    problems: int = 0
    failed_proofs: int = 0

    def event(self, kind: str, **data: Any) -> None:
        """Report to the parent."""
        if kind == "problem":
            self.problems += 1
        if kind == "proof" and not data.get("ok"):
            self.failed_proofs += 1
        self.emit({"event": kind, **data})

    def problem(self, text: str) -> None:
        """Report what went wrong: what, where, what to do. The crawl goes on; its report is not ok."""
        self.event("problem", text=text)


class EventSink:
    """Writes events as JSON lines to a binary file; safe from several threads."""

    def __init__(self, write: Callable[[bytes], Any]) -> None:
        self._write = write
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any]) -> None:
        """One event, one line."""
        line = json.dumps(event, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
        with self._lock:
            self._write(line)
