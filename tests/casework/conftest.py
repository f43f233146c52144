"""A jurisdiction with its people, in a database that is rolled back after each test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from casework.models import Jurisdiction, Membership, User

People = Callable[[str], User]


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as cheap as it goes: its cost is the library's to test."""
    for name, value in (("time_cost", 1), ("memory_cost", 64), ("parallelism", 1)):
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def city(db: None) -> Jurisdiction:
    return Jurisdiction.objects.create(slug="oakville", profile="model")


@pytest.fixture
def person(city: Jurisdiction) -> People:
    """A person with a role in the city: ``person('reviewer')``; ``person('reviewer:bob')`` is another."""

    def make(name: str) -> User:
        role, _, who = name.partition(":")
        username = who or role
        user, made = User.objects.get_or_create(
            username=username, defaults={"email": f"{username}@city.example", "full_name": username.title()}
        )
        if made and role:
            Membership.objects.create(user=user, jurisdiction=city, role=role)
        return user

    return make
