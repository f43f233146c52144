"""Triggers by which the database itself refuses to change or remove an event, on SQLite and PostgreSQL.

Belongs here: their SQL. Does not belong here: finding what was changed with the triggers gone (verify.py).
"""

from __future__ import annotations

from typing import Any, Final

APPEND_ONLY: Final = ("casework_event",)
_REFUSAL: Final = "the ledger is append-only: add an event that says what is different"


def create(apps: Any, schema_editor: Any) -> None:
    """Migration step: lay the triggers."""
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    """Migration step backwards."""
    for table in APPEND_ONLY:
        for name in _names(table):
            on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def statements(vendor: str) -> list[str]:
    """The triggers in the words of a database. Raises ValueError for one that has none here."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")
        ]
    if vendor == "postgresql":
        function = (
            "CREATE OR REPLACE FUNCTION casework_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        return [function, *(
            f"CREATE OR REPLACE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {'STATEMENT' if verb == 'TRUNCATE' else 'ROW'} EXECUTE FUNCTION casework_append_only()"
            for table in APPEND_ONLY for verb in ("UPDATE", "DELETE", "TRUNCATE")
        )]
    raise ValueError(f"casework keeps its ledger on SQLite or PostgreSQL, not on {vendor}")


def _names(table: str) -> list[str]:
    return [f"{table}_no_{verb}" for verb in ("update", "delete", "truncate")]
