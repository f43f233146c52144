"""GDELT's leads to outlets that are listed: what the news crawl follows up.

Belongs here: reading recent rows of ``lead`` from the lake. Does not belong here: fetching.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from crawlers.news.items import Item
from crawlers.news.outlets import outlets

SOURCE: Final = "gdelt"
_COLUMNS: Final = ["url", "title", "language", "seen_at", "locator"]


def recent_leads(lake: Path, today: date, days: int) -> dict[str, list[Item]]:
    """By outlet id, the articles that GDELT saw on it in the last days; other publishers' leads stay in the lake."""
    found: defaultdict[str, dict[str, Item]] = defaultdict(dict)
    if not (lake / "lead" / f"source={SOURCE}").is_dir():
        return {}
    listed = outlets()
    import pyarrow.parquet as pq  # here: a crawl starts a fifth faster without it

    for back in range(days + 1):
        folder = lake / "lead" / f"source={SOURCE}" / f"batch={(today - timedelta(days=back)).isoformat()}"
        for file in sorted(folder.glob("*.parquet")):
            for row in pq.read_table(file, columns=_COLUMNS).to_pylist():
                outlet = listed.of(row["url"])
                if outlet is not None and outlet.crawl:
                    found[outlet.id].setdefault(row["url"], Item(
                        url=row["url"], title=row["title"], place=row["locator"], language=row["language"],
                        seen_at=row["seen_at"]))
    return {name: list(items.values()) for name, items in found.items()}
