"""Jurisdictions, accounts and roles: set up, changed, and each change in the ledger.

Belongs here: services on jurisdictions and people. Does not belong here: signing in (web), checks (access.py).
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from casework import access, ledger
from casework.models import Jurisdiction, Membership, User
from ordinance.jurisdiction import load_jurisdiction
from ordinance.procedure import procedure

SETTINGS: Final = ("timezone", "two_person", "closed_days", "open_holidays", "mail_to", "letterhead",
                   "retention_days", "profile", "active")


class PeopleError(ValueError):
    """The account, role or jurisdiction cannot be made so; the message says what to do."""


def add_jurisdiction(profile: str, slug: str = "", **settings: Any) -> Jurisdiction:
    """A new jurisdiction bound to a preset or a jurisdiction.yaml. From the command line: whoever has it is trusted.

    Raises OrdinanceError for a faulty profile, PeopleError when the slug is taken or a setting is wrong.
    """
    law = load_jurisdiction(profile)
    jurisdiction = Jurisdiction(slug=slug or law.id, profile=profile, **settings)
    with transaction.atomic():
        ledger.lock()
        if Jurisdiction.objects.filter(pk=jurisdiction.slug).exists():
            raise PeopleError(f"there is a jurisdiction '{jurisdiction.slug}' already; give another with --slug")
        _save(jurisdiction)
        ledger.append(ledger.Entry(f"jurisdiction:{jurisdiction.slug}", "added", jurisdiction,
                                   data={"profile": profile, "law": law.name, **_plain(settings)}))
    return jurisdiction


def jurisdiction_named(slug: str) -> Jurisdiction:
    """A jurisdiction by its slug. Raises PeopleError naming the known ones."""
    found = Jurisdiction.objects.filter(pk=slug).first()
    if found is None:
        known = ", ".join(Jurisdiction.objects.values_list("pk", flat=True)) or "none yet"
        raise PeopleError(f"no jurisdiction '{slug}' (known: {known}); `section3c jurisdiction add` makes one")
    return found


def change_settings(jurisdiction: Jurisdiction, user: User, reason: str, **settings: Any) -> Jurisdiction:
    """Change a jurisdiction's settings. Raises Forbidden, PeopleError."""
    access.require(user, jurisdiction, "settings")
    unknown = sorted(set(settings) - set(SETTINGS))
    if unknown:
        raise PeopleError(f"no setting {', '.join(unknown)}; known: {', '.join(SETTINGS)}")
    with transaction.atomic():
        ledger.lock()
        jurisdiction = Jurisdiction.objects.get(pk=jurisdiction.pk)
        before = {name: getattr(jurisdiction, name) for name in settings}
        for name, value in settings.items():
            setattr(jurisdiction, name, value)
        _save(jurisdiction)
        ledger.append(ledger.Entry(f"jurisdiction:{jurisdiction.slug}", "settings_changed", jurisdiction, user, reason,
                                   {"from": _plain(before), "to": _plain(settings)}))
    return jurisdiction


def add_user(username: str, email: str, password: str, full_name: str = "") -> User:
    """A new account without any role. Raises PeopleError for a taken name or address, or a weak password."""
    user = User(username=username, email=User.objects.normalize_email(email), full_name=full_name)
    try:
        validate_password(password, user)
        user.set_password(password)
        with transaction.atomic():
            ledger.lock()
            user.full_clean()
            user.save()
            ledger.append(ledger.Entry(f"user:{user.pk}", "user_added", None, data={"username": username}))
    except ValidationError as error:
        raise PeopleError("; ".join(error.messages)) from None
    return user


def grant(user: User, jurisdiction: Jurisdiction, role: str, *, department: str = "",
          by: User | None = None) -> Membership:
    """Give a role. ``by`` None: from the command line. Raises Forbidden, PeopleError for an unknown role."""
    _may(jurisdiction, by)
    if role not in procedure().roles:
        raise PeopleError(f"no role '{role}'; known: {', '.join(procedure().roles)}")
    if role == "department" and not department:
        raise PeopleError("name the department: its certifications are asked for by name")
    with transaction.atomic():
        ledger.lock()
        membership, made = Membership.objects.get_or_create(
            user=user, jurisdiction=jurisdiction, role=role, defaults={"department": department}
        )
        if made:
            ledger.append(ledger.Entry(f"user:{user.pk}", "role_given", jurisdiction, by, data={
                "username": user.username, "role": role, "department": department}))
    return membership


def revoke(user: User, jurisdiction: Jurisdiction, role: str, *, by: User | None = None, reason: str = "") -> None:
    """Take a role away. Raises Forbidden, and PeopleError for the last administrator's."""
    _may(jurisdiction, by)
    with transaction.atomic():
        ledger.lock()
        held = Membership.objects.filter(jurisdiction=jurisdiction, role=role)
        if role == "administrator" and not held.exclude(user=user).exists():
            raise PeopleError("this is the last administrator: give the role to another person first")
        if held.filter(user=user).delete()[0]:
            ledger.append(ledger.Entry(f"user:{user.pk}", "role_taken", jurisdiction, by, reason,
                                       {"username": user.username, "role": role}))


def _may(jurisdiction: Jurisdiction, by: User | None) -> None:
    if by is not None:
        access.require(by, jurisdiction, "users")


def _save(jurisdiction: Jurisdiction) -> None:
    try:
        jurisdiction.clean_fields()
    except ValidationError as error:
        raise PeopleError("; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())) from None
    jurisdiction.save()


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool | int | list) else str(value) for name, value in settings.items()}
