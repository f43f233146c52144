"""Deadlines: which clocks run for a jurisdiction, when they run out, and who is told. Counted from the ledger."""

from casework.deadlines.clocks import Deadline, running
from casework.deadlines.days import closed_days, due

__all__ = ["Deadline", "closed_days", "due", "running"]
