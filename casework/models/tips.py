"""Tips from the public (§3.3.d). No address, no browser, no name: only what was written, and what is sealed.

Belongs here: the rows. Texts stand here and not in the ledger, which holds their hashes: retention can remove them.
"""

from __future__ import annotations

from django.db import models

from casework.models.cases import Case
from casework.models.people import Jurisdiction, User


class Tip(models.Model):
    """One tip. ``state``: new, assigned, asked, verified, unfounded or closed."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="tips")
    #: First half of the receipt code: finds the row. The other half is the secret, kept as an argon2 hash alone.
    lookup = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=200)
    state = models.CharField(max_length=20, default="new")
    company = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=12, default="en")
    #: How to reach the tipster, sealed with the Administrator's public key (sealing.py); empty: anonymous.
    sealed_contact = models.TextField(blank=True)
    assigned = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="tips")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="tips")
    received_on = models.DateField()
    purged_on = models.DateField(null=True)
    #: Where it came from: form, or the name of the imported file's kind (csv, mbox, eml).
    channel = models.CharField(max_length=20, default="form")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"tip {self.pk}"

    @property
    def stream(self) -> str:
        """Its events' stream."""
        return f"tip:{self.pk}"


class TipMessage(models.Model):
    """One text between tipster and city, oldest first; ``sha256`` is what the ledger knows of it."""

    tip = models.ForeignKey(Tip, on_delete=models.PROTECT, related_name="messages")
    by_tipster = models.BooleanField()
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    sent_on = models.DateField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"message {self.pk} of {self.tip_id}"
