"""What can only be said over all loads together, after any of them: versions of notices, copies of one wire story.

Belongs here: which settling follows which rows. Does not belong here: how it is done (sam.settle, news.joining).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def settle(lake: Path, rows: Mapping[str, int]) -> None:
    """Settle the lake after a load that wrote so many rows by table. Idempotent. Raises LakeError."""
    if rows.get("notice"):
        from crawlers.sam.settle import settle as notices

        notices(lake)
    if rows.get("document"):
        from crawlers.news.joining import join_stories

        join_stories(lake)
