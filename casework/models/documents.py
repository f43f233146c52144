"""Files that were handed in, drafted, sent or published.

Belongs here: the row. Does not belong here: the bytes (files/store.py).
"""

from __future__ import annotations

from django.db import models

from casework.models.people import Jurisdiction


class Document(models.Model):
    """One file and what it is to its stream; the ledger's events speak of it by its hash."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="documents")
    stream = models.CharField(max_length=120, db_index=True)
    #: notice, packet, proof_of_sending, review_request, appeal, council_decision, declaration, tip, report ...
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    #: True where the bytes are sealed with the Administrator's public key.
    sealed = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name
