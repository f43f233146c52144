"""The service's worst habits, each with a name, drawn by seed so that a run can be repeated.

A draw depends on the seed, the trap, what was asked and how often it was asked before, never on the clock or on
which thread came first; so asking again sooner or later succeeds.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque

from tests.replica.derive import fraction

TRAPS: dict[str, str] = {
    "ties": "rows of equal sort value change places between requests: duplicates and misses on adjacent pages",
    "cap10k": "hasNext of spending_by_award turns false at row 10,000 in page mode",
    "deep": "422 from offset 50,000 on, 503 without body at page 500 x 100",
    "ignored": "unknown filter names are ignored; only messages says so",
    "drops": "connections closed without an answer, at random and on bursts",
    "html500": "an HTML page with status 500 now and then",
    "capacity": "503 'Back-end server is at capacity' now and then",
    "ratelimit": "429 with Retry-After now and then (never seen recorded; to be survived)",
    "slowbody": "some answers arrive in small pieces",
    "slowjobs": "some download jobs stay ready and queued several times longer",
    "stuckjobs": "some download jobs run until the server's own limit and then fail",
    "failedjobs": "some download jobs fail with a Python stack trace as message",
    "samejob": "an identical request returns the same job until the next load",
    "nodelta": "some months publish no delta file at all",
    "deltad": "delta files hold D rows: keys and last_modified_date only",
    "truncated": "the first download of some files breaks off in the middle",
    "headeronly": "a type without rows gives a CSV with a header only, also in the archive",
    "lastupdated": "awards/last_updated answers an empty string now and then",
}
_RATES = {"drops": 0.015, "html500": 0.01, "capacity": 0.007, "ratelimit": 0.007, "slowbody": 0.02,
          "lastupdated": 0.2, "slowjobs": 0.25, "stuckjobs": 0.08, "failedjobs": 0.12, "nodelta": 0.5,
          "truncated": 0.3}  # fmt: skip


def chosen(text: str) -> frozenset[str]:
    """Trap names of a command line's ``all``, ``none`` or comma list. Raises ValueError for an unknown one."""
    if text in {"all", "none", ""}:
        return frozenset(TRAPS if text == "all" else ())
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    unknown = names - set(TRAPS)
    if unknown:
        raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
    return names


class Traps:
    """Which traps are on, and their draws."""

    def __init__(self, names: frozenset[str], seed: int = 0, burst: int = 60) -> None:
        self.names, self.seed, self.burst = names, seed, burst
        self.sprung: Counter[str] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()

    def on(self, name: str) -> bool:
        """True where the habit is switched on."""
        return name in self.names

    def springs(self, name: str, what: str) -> bool:
        """Draw for this trap and this question; the same question asked again draws anew."""
        if name not in self.names:
            return False
        with self._lock:
            self._asked[name, what] += 1
            hit = fraction(self.seed, name, what, self._asked[name, what]) < _RATES[name]
            self.sprung[name] += hit
        return hit

    def springs_once(self, name: str, what: str) -> bool:
        """Draw only the first time this question is asked."""
        with self._lock:
            self._asked[name, what] += 1
            hit = name in self.names and self._asked[name, what] == 1
            hit = hit and fraction(self.seed, name, what) < _RATES[name]
            self.sprung[name] += hit
        return hit

    def crowded(self) -> bool:
        """Note a request; True when more than ``burst`` came within a second and this one is dropped for it."""
        now = time.monotonic()
        with self._lock:
            self._recent.append(now)
            while self._recent and self._recent[0] < now - 1.0:
                self._recent.popleft()
            over = "drops" in self.names and len(self._recent) > self.burst and len(self._recent) % 3 == 0
            self.sprung["drops"] += over
        return over

    def reset(self) -> None:
        """Forget what was asked: the draws begin again."""
        with self._lock:
            self.sprung.clear()
            self._asked.clear()
            self._recent.clear()
