"""Where casework keeps its tables: SQLite in the installation's folder, or PostgreSQL by URL.

Belongs here: turning the environment into Django's DATABASES entry. Does not belong here: any table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from records.workspace import Workspace

BUSY_SECONDS: Final = 30
#: WAL lets readers read while one writes; FULL waits for the disk, so that what was acknowledged survives a power cut.
_PRAGMAS: Final = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"


class DatabaseUrlError(ValueError):
    """SECTION3C_CASEWORK_URL cannot be used; the message says what it should look like (and never repeats it)."""


def database(workspace: Workspace, url: str | None) -> dict[str, Any]:
    """Django's settings for the casework database. Raises DatabaseUrlError for an address that is no PostgreSQL URL."""
    return _postgresql(url) if url else _sqlite(workspace.casework_database)


def _sqlite(path: Path) -> dict[str, Any]:
    """IMMEDIATE takes the write lock at BEGIN: a transaction that reads, then writes, never fails half-way as stale."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": BUSY_SECONDS, "init_command": _PRAGMAS},
    }


def _postgresql(url: str) -> dict[str, Any]:
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    wrong = DatabaseUrlError("SECTION3C_CASEWORK_URL must look like postgresql://USER:PASSWORD@HOST:5432/DATABASE")
    if not url.startswith(("postgresql://", "postgres://")):
        raise wrong
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except Error:
        raise wrong from None
    if "dbname" not in parts:
        raise wrong
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }
