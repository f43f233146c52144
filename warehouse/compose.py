"""Composes awards: from all rows seen, in whatever capture, to the actions that stand and the awards they add up to.

Belongs here: running compose_sql/*.sql bucket by bucket and replacing the lake's composed tables. The rules
themselves (duplicates, versions, keys, deletions, summaries) are in compose_sql/, each stated at its head. Does not
belong here: parsing, reading of words.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from records import schemas
from records.lake import files, partition_path, replacing
from records.workspace import Workspace
from warehouse import captures as capture_views
from warehouse import fingerprint, shapes
from warehouse.engine import connection, count_rows, lake_view, literal, one_row, quoted, sql_text

#: Rows composed at a time. Every rule stays within one award, so awards are dealt into buckets by hash.
BUCKET_ROWS: Final = 200_000
STAGE: Final = "compose"
_STEPS: Final = ("1_raw", "2_facts", "3_versions", "4_folded", "5_current", "6_witness")
_FROM_TRANSACTIONS: Final = ("transaction_current", "award", "award_text", "tombstone", "correction")


@dataclass
class ComposeReport:
    """What composing did: ``rows`` per composed table, ``seen`` rows read, ``skipped`` when nothing had changed."""

    fingerprint: str
    skipped: bool = False
    seen: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def composed_path(workspace: Workspace, table: str) -> Path:
    """Partition of a table that this room makes."""
    return partition_path(workspace.lake, table, "all", "current")


def compose(
    workspace: Workspace,
    *,
    captures: pa.Table | None = None,
    progress: Callable[[str], None] | None = None,
    bucket_rows: int = BUCKET_ROWS,
) -> ComposeReport:
    """Make lake/transaction_current, award, award_text, tombstone, correction and subaward_current.

    Streams through DuckDB, memory capped; each table is replaced whole. Skipped when the lake's rows, the verdicts of
    captures and the rules are as at the last run. ``captures`` (schema CAPTURE) defaults to the archive's.
    """
    table = capture_views.capture_table(workspace) if captures is None else captures
    inputs = [p for name in ("transaction", "subaward") for p in files(workspace.lake, name)]
    mark = fingerprint.text_hash(
        fingerprint.files_hash(workspace, inputs),
        capture_views.standing_hash(table),
        fingerprint.room_hash("compose.py", "shapes.py", "compose_sql/*.sql"),
        str(bucket_rows),
    )
    outputs = [composed_path(workspace, name) for name in shapes.COMPOSED]
    if (done := fingerprint.stage_done(workspace, STAGE, mark, outputs)) is not None:
        return ComposeReport(**{**done, "skipped": True})
    report = ComposeReport(mark)
    with connection(workspace.state / "spill") as con:
        capture_views.register(con, table)
        lake_view(con, workspace.lake, "transaction", schemas.TRANSACTION, with_place=True)
        lake_view(con, workspace.lake, "subaward", schemas.SUBAWARD, with_place=True)
        for name in ("transaction", "subaward"):
            report.seen[name] = count_rows(con, f"lake_{name}")
        _compose_transactions(con, workspace, report, bucket_rows, progress or _silent)
        _compose_subawards(con, workspace, report)
    fingerprint.remember_stage(workspace, STAGE, mark, asdict(report))
    return report


def _compose_transactions(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    report: ComposeReport,
    bucket_rows: int,
    progress: Callable[[str], None],
) -> None:
    """Bucket by bucket into the temporary folders of all five tables, which then replace the old ones."""
    buckets = max(1, -(-report.seen["transaction"] // bucket_rows))
    con.execute(sql_text("compose_sql", "deletions"))
    selects = {name: _select(name) for name in _FROM_TRANSACTIONS}
    with ExitStack() as stack:
        targets = {name: stack.enter_context(replacing(composed_path(workspace, name))) for name in selects}
        for bucket in range(buckets):
            for name, value in (("bucket", bucket), ("buckets", buckets)):
                con.execute(f"SET VARIABLE {name} = {value}")
            for step in _STEPS:
                con.execute(sql_text("compose_sql", step))
            for name, sql in selects.items():
                written = _write(con, sql, targets[name] / f"part-{bucket:04d}.parquet")
                report.rows[name] = report.rows.get(name, 0) + written
            progress(f"composed {bucket + 1} of {buckets}: {report.rows['award']} awards")


def _select(name: str) -> str:
    """The SELECT that writes one composed table, with its column lists filled in."""
    latest = ",\n    ".join(f"arg_max({quoted(c)}, rank) AS {quoted(c)}" for c in shapes.LATEST)
    return (
        sql_text("compose_sql", name)
        .replace("{latest}", latest)
        .replace("{columns}", ", ".join(quoted(c) for c in shapes.COMPOSED[name].names))
    )


def _compose_subawards(con: duckdb.DuckDBPyConnection, workspace: Workspace, report: ComposeReport) -> None:
    with replacing(composed_path(workspace, "subaward_current")) as folder:
        report.rows["subaward_current"] = _write(con, _select("subaward_current"), folder / "part-0.parquet")


def _silent(_: str) -> None:
    return None


def _write(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> int:
    return int(one_row(con, f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")[0])
