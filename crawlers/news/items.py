"""What feeds, sitemaps and GDELT tell of an article before it is fetched.

Belongs here: the Item. Does not belong here: any format, the gate, the lake's rows (``tables``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

MAX_TITLE: Final = 1000
MAX_SUMMARY: Final = 4000
MAX_URL: Final = 2000
_RANK: Final = {"feed": 0, "sitemap": 1, "gdelt": 2}


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


def merged(one: tuple[Item, str] | None, other: tuple[Item, str]) -> tuple[Item, str]:
    """Two announcements of one article as one, whichever came first: a feed speaks before a sitemap, a sitemap before
    GDELT; of publication dates the earlier, of updates the later; summaries and keywords of both (for the gate)."""
    if one is None:
        return other
    (first, by), (second, _) = sorted((one, other), key=lambda pair: (_RANK[pair[1]], pair[0].title, pair[0].summary))
    published = [moment for moment in (first.published_at, second.published_at) if moment]
    if first.published_at and _RANK[one[1]] != _RANK[other[1]]:
        published = [first.published_at]
    updated = [moment for moment in (first.updated_at, second.updated_at) if moment]
    return replace(
        first, published_at=min(published, default=None), updated_at=max(updated, default=None),
        language=first.language or second.language, seen_at=first.seen_at or second.seen_at,
        summary=first.summary if second.summary in first.summary else f"{first.summary} {second.summary}".strip(),
        keywords=tuple(dict.fromkeys((*first.keywords, *second.keywords))),
    ), by
