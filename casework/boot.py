"""Starting Django for an installation: folders, secret key, tables. For command line, pipelines and tests.

Belongs here: what must happen before the first model is imported. Does not belong here: any setting (settings.py).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from records.workspace import Workspace

SETTINGS: Final = "casework.settings"


class BootError(RuntimeError):
    """Django runs already for another installation; one process serves one."""


def setup(workspace: Workspace, settings: str = SETTINGS, *, migrate: bool = True) -> None:
    """Make Django ready for this installation. Safe to repeat; raises BootError for a second installation.

    ``settings``: the settings module where none is set yet (``web.settings`` for the site).
    """
    import django
    from django.apps import apps
    from django.conf import settings as live

    if apps.ready:
        if live.WORKSPACE.root != workspace.root:
            raise BootError(f"this process works on {live.WORKSPACE.root}; start another for {workspace.root}")
    else:
        workspace.ensure()
        _secret_key(workspace.secret_key)
        os.environ["SECTION3C_DATA"] = str(workspace.root)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
        django.setup()
    if migrate:
        _migrate()


def _secret_key(path: Path) -> None:
    """Sessions and signed links hang on it; lost, everybody logs in again, nothing else."""
    if path.exists() or os.environ.get("SECTION3C_SECRET_KEY"):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process made it in this instant
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(64) + "\n")


def _migrate() -> None:
    """Bring the tables up to date; costs one query where they are."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
