"""What day it is where a city is: the law counts a city's days, the ledger keeps UTC."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from casework.models import Jurisdiction


def today(jurisdiction: Jurisdiction, now: datetime | None = None) -> date:
    """The city's calendar day at that instant (now)."""
    return (now or timezone.now()).astimezone(jurisdiction.zone).date()
