"""People, the jurisdictions they work for, and their roles there.

Belongs here: accounts, jurisdictions (bound to a profile of ordinance/), memberships. Does not belong here: what a role
may do (ordinance/procedure.yaml) and the checks of it (access.py).
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models

from ordinance import jurisdiction as profiles
from ordinance.loader import OrdinanceError


class User(AbstractUser):
    """An account. Roles are held in jurisdictions (Membership), never by the account itself."""

    email = models.EmailField("e-mail", unique=True)
    language = models.CharField(max_length=12, default="en")
    full_name = models.CharField(max_length=200, blank=True)

    REQUIRED_FIELDS = ["email"]

    @property
    def shown(self) -> str:
        """The name that stands in ledger and letters."""
        return self.full_name or self.get_full_name() or self.username


def _profile(value: str) -> None:
    try:
        profiles.load_jurisdiction(value)
    except OrdinanceError as error:
        raise ValidationError(str(error)) from None


def _timezone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"'{value}' is no time zone; write it as America/Los_Angeles")


class Jurisdiction(models.Model):
    """A city, county or state of this installation. Evidence is shared between them, casework is not."""

    slug = models.SlugField(primary_key=True, max_length=60)
    #: A preset's name or the path of the city's own jurisdiction.yaml.
    profile = models.CharField(max_length=500, validators=[_profile])
    timezone = models.CharField(max_length=60, default="America/Los_Angeles", validators=[_timezone])
    #: Determinations need a second person's confirmation.
    two_person = models.BooleanField(default=False)
    #: Days the offices are closed beside public holidays, YYYY-MM-DD.
    closed_days: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    #: Public holidays (ISO dates) on which the offices are open all the same.
    open_holidays: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    mail_to = models.EmailField(blank=True)
    letterhead = models.TextField(blank=True)
    #: Administrator's public key (hex): tips' contacts and files are sealed with it. Empty: tips are not taken.
    public_key = models.CharField(max_length=64, blank=True)
    #: Its private key, locked by a passphrase (see sealing.py).
    locked_key = models.TextField(blank=True)
    retention_days = models.PositiveIntegerField(default=1095)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.law.name

    @property
    def law(self) -> profiles.Jurisdiction:
        """Its profile. Raises OrdinanceError when the file is faulty or gone."""
        return profiles.load_jurisdiction(self.profile)

    @property
    def zone(self) -> ZoneInfo:
        """Where its days begin and end."""
        return ZoneInfo(self.timezone)


class Membership(models.Model):
    """One role of one person in one jurisdiction; ``role`` is a role of ordinance/procedure.yaml."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=40)
    #: Name of the department, for the role 'department'.
    department = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "jurisdiction", "role"), name="one_role_once"),)

    def __str__(self) -> str:
        return f"{self.user.username}: {self.role} in {self.jurisdiction_id}"
