"""The Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Tables of people, jurisdictions, ledger and cases."""

    name = "casework"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Casework"
