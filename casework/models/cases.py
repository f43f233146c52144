"""Cases: one company, one category, one jurisdiction. Every column but the key is derived from the ledger.

Belongs here: the row that queues filter by. Does not belong here: how it is derived (cases/fold.py).
"""

from __future__ import annotations

from typing import Any

from django.db import models

from casework.models.people import Jurisdiction, User


class Case(models.Model):
    """A company that may provide, or was determined to provide, a covered service. A cache of its events' fold."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="cases")
    #: Stable key within the jurisdiction; the company's id may change (rekey), this row stays.
    company_id = models.CharField(max_length=200)
    company = models.CharField(max_length=400)
    category = models.CharField(max_length=40)
    candidate_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=40)
    #: provider, not_provider or empty; what stands after review and appeal.
    outcome = models.CharField(max_length=40, blank=True)
    #: There is evidence the last decision did not see.
    new_evidence = models.BooleanField(default=False)
    #: Evidence the last decision relied on changed, vanished or was withdrawn.
    stale = models.BooleanField(default=False)
    #: A proposal of this event waits for a second person.
    pending_seq = models.BigIntegerField(null=True)
    assigned = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="cases")
    score_millibits = models.BigIntegerField(null=True)
    certainty = models.CharField(max_length=20, blank=True)
    agencies = models.CharField(max_length=400, blank=True)
    sources = models.CharField(max_length=200, blank=True)
    #: The evidence as of the last sync: [{statement_id, evidence_kind, record_kind, record_key, sha256}].
    evidence: models.JSONField[Any, Any] = models.JSONField(default=list)
    reader_version = models.CharField(max_length=120, blank=True)
    warehouse_version = models.CharField(max_length=120, blank=True)
    #: False once the published warehouse no longer has the candidate.
    in_warehouse = models.BooleanField(default=True)
    determined_on = models.DateField(null=True)
    notified_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    last_seq = models.BigIntegerField()

    class Meta:
        ordering = ("-score_millibits", "id")
        constraints = (
            models.UniqueConstraint(fields=("jurisdiction", "company_id", "category"), name="one_case_each"),
        )
        indexes = (models.Index(fields=("jurisdiction", "state", "-score_millibits")),)

    def __str__(self) -> str:
        return f"{self.company} ({self.category})"

    @property
    def stream(self) -> str:
        """Its events' stream."""
        return f"case:{self.pk}"

    @property
    def score(self) -> float | None:
        """Score in bits as of the last sync."""
        return None if self.score_millibits is None else self.score_millibits / 1000
