"""robots.txt by RFC 9309: from what the fetch gave to what may be asked.

Belongs here: pure decisions. Does not belong here: fetching robots.txt (middlewares.robots).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from protego import Protego

PRODUCT: Final = "section3c"
MAX_BYTES: Final = 500 << 10
CACHE_SECONDS: Final = 24 * 3600.0
MAX_REDIRECTS: Final = 5
CRAWL_DELAY_CAP_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Rules:
    """What a host's robots.txt says to us. ``reason`` tells how that was known, for the record.

    ``parser`` None: no rules, ``allow_all`` decides (4xx: all allowed; 5xx or no answer: nothing is).
    """

    reason: str
    allow_all: bool = True
    parser: Protego | None = None

    def allows(self, url: str) -> bool:
        """May our product token fetch this address?"""
        return self.allow_all if self.parser is None else bool(self.parser.can_fetch(url, PRODUCT))

    @property
    def crawl_delay(self) -> float | None:
        """Crawl-delay in seconds for us (no part of the RFC, honoured all the same), capped at a minute."""
        delay = self.parser.crawl_delay(PRODUCT) if self.parser else None
        return None if delay is None else min(max(float(delay), 0.0), CRAWL_DELAY_CAP_SECONDS)


def rules(status: int | None, body: bytes) -> Rules:
    """The rules from a fetch's outcome (RFC 9309 §2.3.1); ``status`` None when there was no answer."""
    if status is None:
        return Rules("unreachable: no answer (§2.3.1.4), nothing may be fetched", allow_all=False)
    if status >= 500 or status == 429:
        return Rules(f"unreachable: status {status} (§2.3.1.4), nothing may be fetched", allow_all=False)
    if 300 <= status < 500:
        return Rules(f"unavailable: status {status} (§2.3.1.3), all may be fetched")
    text = body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\ufeff")
    return Rules(f"robots.txt read: status {status}, {min(len(body), MAX_BYTES)} bytes", parser=Protego.parse(text))
