"""The ledger's table: events, chained by hashes, never changed and never removed (triggers refuse both).

Belongs here: the row. Does not belong here: appending (ledger.py), verifying (verify.py), triggers (triggers.py).
"""

from __future__ import annotations

from typing import Any

from django.db import models

from casework.models.people import Jurisdiction, User


class Event(models.Model):
    """One human (or, with no actor, one machine) fact: who, when, what, why, and what the person saw."""

    #: Place in the chain, from 1 without gaps.
    seq = models.BigIntegerField(primary_key=True)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, null=True, related_name="events")
    #: What it is about: 'case:12', 'tip:3', 'declaration:4', 'user:7', 'jurisdiction:berkeley' ...
    stream = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="events")
    #: The actor's name on that day; 'section3c' for the machine, 'the public' for who has no account.
    actor_name = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    #: What else the event says; its shape is the kind's own.
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    #: Evidence seen: [{statement_id, evidence_kind, record_kind, record_key, sha256}].
    evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    #: Score in thousandths of a bit as seen (whole numbers hash alike everywhere).
    score_millibits = models.BigIntegerField(null=True)
    reader_version = models.CharField(max_length=120, blank=True)
    warehouse_version = models.CharField(max_length=120, blank=True)
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("seq",)
        indexes = (models.Index(fields=("stream", "seq")), models.Index(fields=("jurisdiction", "kind", "seq")))

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} on {self.stream}"

    @property
    def score(self) -> float | None:
        """Score in bits as the person saw it."""
        return None if self.score_millibits is None else self.score_millibits / 1000
