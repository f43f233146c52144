"""Who may do what, where: the one check every service makes.

Belongs here: permissions of a person in a jurisdiction, giving and taking roles' meaning. Does not belong here: what a
role carries (ordinance/procedure.yaml), accounts (people.py).
"""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from casework.models import Jurisdiction, Membership, User
from ordinance.procedure import procedure


class Forbidden(PermissionError):
    """The person's roles in this jurisdiction do not carry the permission; the message names both."""


def permissions(user: User | AnonymousUser, jurisdiction: Jurisdiction) -> frozenset[str]:
    """All permissions of a person in a jurisdiction; none for who is not active, and none across jurisdictions."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    roles = procedure().roles
    held = Membership.objects.filter(user=user, jurisdiction=jurisdiction).values_list("role", flat=True)
    return frozenset(p for role in held if role in roles for p in roles[role].may)


def require(user: User | AnonymousUser, jurisdiction: Jurisdiction, permission: str) -> User:
    """The person, when it holds the permission there. Raises Forbidden."""
    if isinstance(user, User) and permission in permissions(user, jurisdiction):
        return user
    meaning = procedure().permissions[permission]
    raise Forbidden(f"this needs the permission '{permission}' ({meaning}) in {jurisdiction.slug}")


def jurisdictions(user: User | AnonymousUser, permission: str = "read") -> QuerySet[Jurisdiction]:
    """The jurisdictions in which a person holds a permission."""
    if not isinstance(user, User) or not user.is_active:
        return Jurisdiction.objects.none()
    roles = [name for name, role in procedure().roles.items() if permission in role.may]
    return Jurisdiction.objects.filter(memberships__user=user, memberships__role__in=roles, active=True).distinct()
