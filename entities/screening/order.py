"""In which order hits are shown, and the day by which a contract must be put out to bid.

Belongs here: order and dates. Does not belong here: clocks of the law (``ordinance.deadlines``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from entities.screening.model import FAMILY, FAMILY_REVIEW, REVIEW, SAME, Hit
from ordinance.screening import screening

#: Outcomes, the surest first.
ORDER: Final = {SAME: 0, FAMILY: 1, REVIEW: 2, FAMILY_REVIEW: 3}


def dated(hit: Hit, today: date) -> Hit:
    """Contracts: the next date on which the city decides anew, and the day the bidding must begin."""
    ahead = sorted((day, what) for what, day in hit.entry.dates.items() if what != "start" and day >= today)
    if not ahead:
        return hit
    lead = screening().bid_lead_days if hit.entry.lead_days is None else hit.entry.lead_days
    day, what = ahead[0]
    return replace(hit, next_date=day, next_what=what, bid_by=day - timedelta(days=lead))


def by_weight(hit: Hit) -> tuple[int, float, str, str]:
    """Sure hits first, then by bits."""
    return ORDER[hit.outcome], -hit.bits, hit.entry.name, hit.hit_id


def by_date(hit: Hit) -> tuple[bool, date, int, float, str]:
    """What must be put out to bid first; contracts without a date ahead last."""
    return hit.bid_by is None, hit.bid_by or date.max, ORDER[hit.outcome], -hit.bits, hit.entry.name
