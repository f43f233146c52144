"""What feeds, sitemaps and GDELT tell of an article before it is fetched.

Belongs here: the Item. Does not belong here: any format, the gate, the lake's rows (``tables``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

MAX_TITLE: Final = 1000
MAX_SUMMARY: Final = 4000
MAX_URL: Final = 2000


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article as it is announced. ``place`` is the locator within the capture."""

    url: str
    title: str
    place: str
    summary: str = ""
    keywords: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    country: str | None = None
    seen_at: datetime | None = None

    @property
    def said(self) -> str:
        """Everything the gate may look at."""
        return " \n ".join((self.title, self.summary, *self.keywords))


def web_address(url: str) -> bool:
    """True for an address that a news item may have; feeds also carry file:, javascript: and ids."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= MAX_URL
    except ValueError:
        return False
