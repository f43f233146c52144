"""The site's first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework.models import Jurisdiction


def home(request: HttpRequest) -> HttpResponse:
    """Which jurisdictions work here."""
    return render(request, "web/home.html", {"jurisdictions": Jurisdiction.objects.filter(active=True)})
