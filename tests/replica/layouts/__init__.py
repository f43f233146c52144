"""Official column lists, one name a line, as the service's own download maps give them (api/usaspending.md §6.4)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

Layout = Literal["transaction_contracts", "transaction_assistance", "subaward_contracts", "subaward_assistance"]


@cache
def columns(layout: Layout) -> tuple[str, ...]:
    """Column names of a layout in the official order."""
    text = (Path(__file__).parent / f"{layout}.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())
