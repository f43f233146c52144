"""The first page."""

from __future__ import annotations

import pytest
from django.test import Client

from casework.models import Jurisdiction


@pytest.mark.django_db
def test_the_first_page_names_the_jurisdictions(client: Client) -> None:
    assert "No jurisdiction" in client.get("/").content.decode()
    Jurisdiction.objects.create(slug="berkeley", profile="berkeley")
    assert "City of Berkeley" in client.get("/").content.decode()
