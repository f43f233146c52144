"""Blocking checks of a built version, before it may be published: all run, all failures told at once.

Belongs here: running check_sql/*.sql and the checks that follow from each table's header, thresholds from checks.yaml.
Does not belong here: what a check means (its file's first line says it), publication.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import duckdb
from pydantic import Field

from ordinance.loader import Data, load_yaml
from records.workspace import Workspace
from warehouse import table_files
from warehouse.build import BuildReport
from warehouse.engine import WarehouseError, count_rows, one_row, quoted
from warehouse.publish import current_or_moving

FOLDER: Final = Path(__file__).parent / "check_sql"
_SHOWN: Final = 3
Share = Annotated[float, Field(ge=0.0, le=1.0)]

#: Warehouse table -> lake tables whose rows it must have, no more and no fewer.
_SAME_ROWS: Final = {
    "award_action": "transaction_current", "award": "award", "award_text": "award_text", "correction": "correction",
    "tombstone": "tombstone", "subaward": "subaward_current", "record_vendor": "record_vendor",
    "document": "document_standing", "facility_link": "facility_link",
}  # fmt: skip


class Thresholds(Data):
    """checks.yaml."""

    fill: dict[str, dict[str, Share]]
    drift: dict[str, Share]
    reading_drift: dict[str, Share]
    drift_from_rows: int = Field(ge=1)


@dataclass(frozen=True)
class Failure:
    """A check that failed: its name, what it found, and the first offenders."""

    check: str
    message: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.check}: {self.message}"


@dataclass
class CheckReport:
    """Outcome of all checks of a version. ``failures`` block publication, ``warnings`` do not."""

    version: str
    count: int = 0
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing blocks publication."""
        return not self.failures

    def raise_if_failed(self) -> None:
        """Raise WarehouseError with every failure, once."""
        if self.failures:
            told = "\n".join(f"- {failure}" for failure in self.failures)
            raise WarehouseError(f"version {self.version} fails {len(self.failures)} checks, not published:\n{told}")


def thresholds() -> Thresholds:
    """The thresholds of checks.yaml."""
    return load_yaml(Path(__file__).parent / "checks.yaml", Thresholds)


def run(workspace: Workspace, report: BuildReport, *, accept_drift: bool = False) -> CheckReport:
    """Run every check on the version just built. ``accept_drift`` turns loss of rows into a warning, for once."""
    result = CheckReport(report.version)
    limits = thresholds()
    with duckdb.connect(str(report.file), read_only=True) as con:
        for name, message in chain(_headers(con), _offenders(con), _fill(con, limits), _lake_rows(con, report)):
            result.count += 1
            if message:
                result.failures.append(Failure(name, message))
        for name, message in _drift(con, workspace, report.version, limits):
            result.count += 1
            if message and accept_drift:
                result.warnings.append(f"{name}: {message} (accepted)")
            elif message:
                result.failures.append(Failure(name, message))
        gone = count_rows(con, "withdrawn_statement")
    if gone:
        result.warnings.append(f"{gone} statements are withdrawn: their evidence does not verify")
    return result


Checked = Iterator[tuple[str, str | None]]


def _headers(con: duckdb.DuckDBPyConnection) -> Checked:
    """What each table's header promises: a unique, filled key; required columns."""
    for table in table_files.load():
        if table.view:
            continue
        name = quoted(table.name)
        if table.key:
            key = ", ".join(quoted(column) for column in table.key)
            doubled = one_row(
                con,
                f"SELECT count(*), any_value({key.split(', ')[0]}) FROM (SELECT {key} FROM {name} GROUP BY {key} "  # noqa: S608
                "HAVING count(*) > 1)",
            )
            yield f"{table.name}: key is unique", f"{doubled[0]} keys twice, as {doubled[1]}" if doubled[0] else None
        for column in dict.fromkeys((*table.key, *sorted(table.required))):
            empty = count_rows(con, f"{name} WHERE {quoted(column)} IS NULL")
            yield f"{table.name}.{column} is filled", f"{empty} rows without it" if empty else None


def _offenders(con: duckdb.DuckDBPyConnection) -> Checked:
    """check_sql/*.sql: each selects the rows that offend."""
    for path in sorted(FOLDER.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        about = sql.splitlines()[0].removeprefix("--").strip()
        count = count_rows(con, f"(\n{sql}\n)")
        message = None
        if count:
            first = con.execute(f"SELECT * FROM (\n{sql}\n) LIMIT {_SHOWN}").fetchall()  # noqa: S608
            message = f"{count} offend: {about} First: {'; '.join(str(row) for row in first)}"
        yield path.stem, message


def _fill(con: duckdb.DuckDBPyConnection, limits: Thresholds) -> Checked:
    """Shares of rows with a value."""
    for table, columns in limits.fill.items():
        rows = count_rows(con, quoted(table))
        for column, least in columns.items():
            filled = count_rows(con, f"{quoted(table)} WHERE {quoted(column)} IS NOT NULL")
            low = rows and filled / rows < least
            said = f"{filled} of {rows} rows ({filled / rows:.1%}), at least {least:.0%} expected" if low else None
            yield f"{table}.{column} fill rate", said


def _lake_rows(con: duckdb.DuckDBPyConnection, report: BuildReport) -> Checked:
    """Each table has the rows of the lake it was built from."""
    for table, lake in _SAME_ROWS.items():
        rows, expected = count_rows(con, quoted(table)), report.lake_rows[lake]
        yield f"{table}: rows of the lake", f"{rows} rows, the lake has {expected}" if rows != expected else None
    rows = count_rows(con, "statement") + count_rows(con, "withdrawn_statement")
    expected = report.lake_rows["statement"]
    yield "statement: rows of the lake", (
        f"{rows} published or withdrawn, the lake has {expected}" if rows != expected else None
    )


def _drift(con: duckdb.DuckDBPyConnection, workspace: Workspace, version: str, limits: Thresholds) -> Checked:
    """Loss of rows against the last published version."""
    last = current_or_moving(workspace)
    if last is None or last.version == version:
        return
    try:
        before = duckdb.connect(str(last.path), read_only=True)
    except duckdb.IOException as error:
        yield "drift", f"the published version {last.version} cannot be opened: {error}"
        return
    with before:
        allowed = dict(limits.drift)
        if _reading_is_comparable(before, con):
            allowed |= limits.reading_drift
        known = {str(row[0]) for row in before.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table, most in allowed.items():
            if table not in known:
                continue
            old, new = count_rows(before, quoted(table)), count_rows(con, quoted(table))
            lost = (old - new) / old if old >= limits.drift_from_rows else 0.0
            said = f"{old} rows in version {last.version}, now {new}: {lost:.0%} lost, at most {most:.0%} may be"
            yield f"{table}: drift", said if lost > most else None


def _reading_is_comparable(before: duckdb.DuckDBPyConnection, now: duckdb.DuckDBPyConnection) -> bool:
    """Same reader, weights and SQL, and nothing withdrawn: then fewer statements mean lost records."""
    sql = "SELECT reader_version, law_sha256, sql_sha256 FROM meta"
    return one_row(before, sql) == one_row(now, sql) and count_rows(now, "withdrawn_statement") == 0
