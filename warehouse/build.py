"""Builds one version of the warehouse: a DuckDB file of its own name, from the lake, by sql/*.sql.

Belongs here: the version's name, the build into a temporary file, comments, the report. Does not belong here: whether
the version may be published (checks.py), the pointer (publish.py), any table's SQL (sql/).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from ordinance.agencies import agencies
from ordinance.weights import rows as weight_rows
from ordinance.weights import weights
from records.files import read_json, sync, write_json
from records.ids import candidate_id
from records.lake import files
from records.published import DOCUMENT, FACILITY, LEAD, NOTICE, SECURITY
from records.schemas import STATEMENT, STATEMENT_SPAN, SUBAWARD, TRANSACTION
from records.workspace import Workspace
from warehouse import captures as capture_views
from warehouse import compose, fingerprint, hashes, shapes, statements, table_files
from warehouse.company_shapes import COMPANY_TABLES
from warehouse.engine import WarehouseError, connection, count_rows, lake_view, literal, one_row, quoted
from warehouse.publish import version_path

#: Files of this storage version open in DuckDB 1.5 too.
STORAGE_VERSION: Final = "v1.5.0"
_STALE_SECONDS: Final = 3600.0
LAKE: Final = {
    **COMPANY_TABLES, **shapes.COMPOSED, "record_vendor": shapes.RECORD_VENDOR,
    "document_standing": shapes.DOCUMENT_STANDING,
    "facility_link": shapes.FACILITY_LINK, "statement": STATEMENT, "statement_span": STATEMENT_SPAN,
    "notice": NOTICE, "document": DOCUMENT, "lead": LEAD, "facility": FACILITY, "security": SECURITY,
}  # fmt: skip
#: Lake tables as their sources wrote them: every capture a row of theirs was read from is published.
_CAPTURED: Final = {"transaction": TRANSACTION, "subaward": SUBAWARD, "notice": NOTICE, "document": DOCUMENT,
                    "lead": LEAD, "facility": FACILITY, "security": SECURITY}


@dataclass
class BuildReport:
    """A built version: its file, rows and content hashes (facts, full) per table; ``skipped`` when it stood already."""

    version: str
    path: str
    as_of: str | None
    skipped: bool = False
    rows: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, tuple[str, str]] = field(default_factory=dict)
    lake_rows: dict[str, int] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The version's file."""
        return Path(self.path)


def build(
    workspace: Workspace, *, captures: pa.Table | None = None, progress: Callable[[str], None] | None = None
) -> BuildReport:
    """Build the version that the lake, the law's weights and the SQL make; skipped when its file stands already.

    Writes a temporary file and renames it when whole, so a file of a version's name is always whole. Raises
    WarehouseError when composing or statements have not run.
    """
    table = capture_views.capture_table(workspace) if captures is None else captures
    made = _statement_report(workspace)
    with connection(workspace.state / "spill") as con:
        _inputs(con, workspace, table)
        meta = _meta(con, workspace, made)
        path = version_path(workspace, meta["version"])
        if (known := _known(path)) is not None:
            return known
        workspace.warehouse.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        _sweep(workspace, temporary)
        try:
            report = _build(con, temporary, meta, progress or (lambda _: None))
        except (duckdb.Error, WarehouseError) as error:
            temporary.unlink(missing_ok=True)
            raise WarehouseError(f"building version {meta['version']} failed: {error}") from error
    report.path = str(path)
    _durable(temporary, path)
    write_json(path.with_suffix(".json"), {**asdict(report), "path": path.name})
    return report


def _statement_report(workspace: Workspace) -> dict[str, Any]:
    entry = read_json(workspace.state / f"{statements.STAGE}.json")
    if not entry or not compose.composed_path(workspace, "statement").is_dir():
        raise WarehouseError("nothing to build from: run compose and statements first (section3c run does)")
    report: dict[str, Any] = entry["report"]
    return report


def _known(path: Path) -> BuildReport | None:
    """The report of a version that stands already."""
    entry = read_json(path.with_suffix(".json")) if path.exists() else None
    if not entry:
        return None
    pairs = {name: (facts, full) for name, (facts, full) in entry["hashes"].items()}
    return BuildReport(**{**entry, "hashes": pairs, "skipped": True, "path": str(path)})


def _inputs(con: duckdb.DuckDBPyConnection, workspace: Workspace, table: pa.Table) -> None:
    """Views over the lake, the archive and the law that sql/*.sql reads from."""
    for name, schema in {**LAKE, **_CAPTURED}.items():
        lake_view(con, workspace.lake, name, schema, with_place=name == "document")
    capture_views.register(con, table)
    seen = " UNION ".join(f"SELECT capture_id FROM lake_{name}" for name in _CAPTURED)  # noqa: S608
    con.execute(
        f"CREATE TEMP TABLE used_captures AS {seen} UNION "  # noqa: S608
        "SELECT capture_id FROM archive_captures WHERE verdict <> 'ok'"
    )
    pairs = con.execute(
        "SELECT DISTINCT company_id, category FROM lake_statement WHERE company_id IS NOT NULL"
    ).fetchall()
    ids = [{"company_id": who, "category": what, "candidate_id": candidate_id(who, what)} for who, what in pairs]
    shape = pa.schema([(name, pa.string()) for name in ("company_id", "category", "candidate_id")])
    con.register("input_candidate", pa.Table.from_pylist(ids, schema=shape))
    old = con.execute(
        "SELECT DISTINCT m.member_id, s.company_id, s.category FROM lake_company_member AS m "
        "JOIN lake_statement AS s USING (company_id) WHERE m.member_id <> m.company_id"
    ).fetchall()
    moved = [{"old_candidate_id": candidate_id(was, what), "candidate_id": candidate_id(who, what),
              "old_company_id": was} for was, who, what in old]  # fmt: skip
    names = pa.schema([(name, pa.string()) for name in ("old_candidate_id", "candidate_id", "old_company_id")])
    con.register("input_rekey", pa.Table.from_pylist(moved, schema=names))
    con.register("input_weight", pa.Table.from_pylist([row._asdict() for row in weight_rows()]))
    bands = [{"key": b.name, "value": float("-inf") if b.at_least is None else b.at_least} for b in weights().bands]
    con.register("input_band", pa.Table.from_pylist(bands))
    listed = [
        {"agency_id": a.id, "name": a.name, "abbreviations": ", ".join(a.abbreviations),
         "subtier_codes": ", ".join(s.code for s in a.subtiers), "parent_id": a.parent, "reason": a.reason}
        for a in agencies()
    ]  # fmt: skip
    con.register("input_agency", pa.Table.from_pylist(listed))


def _meta(con: duckdb.DuckDBPyConnection, workspace: Workspace, made: dict[str, Any]) -> dict[str, Any]:
    """The row of table meta; its version is a hash over everything the tables are made from."""
    captures = one_row(
        con,
        "SELECT count(*), sum(md5_number_upper(j)::HUGEINT), sum(md5_number_lower(j)::HUGEINT) FROM (SELECT "
        "to_json(a)::VARCHAR AS j FROM archive_captures AS a SEMI JOIN used_captures USING (capture_id))",
    )
    law = one_row(
        con,
        "SELECT list(to_json(w)::VARCHAR), (SELECT list(to_json(b)::VARCHAR) FROM input_band AS b), "
        "(SELECT list(to_json(a)::VARCHAR) FROM input_agency AS a) FROM input_weight AS w",
    )
    parts = {
        "as_of": date.fromisoformat(made["as_of"]) if made["as_of"] else None,
        "reader_version": made["reader_version"],
        "law_sha256": fingerprint.text_hash(repr(law)),
        "inputs_sha256": fingerprint.text_hash(
            fingerprint.files_hash(workspace, [p for name in LAKE for p in files(workspace.lake, name)]), repr(captures)
        ),
        "sql_sha256": fingerprint.room_hash("sql/*.sql", "build.py", "table_files.py", "shapes.py"),
    }
    version = fingerprint.text_hash(*(str(value) for value in parts.values()))[:12]
    return {"version": version, "built_at": datetime.now(UTC), **parts}


def _build(
    con: duckdb.DuckDBPyConnection, temporary: Path, meta: dict[str, Any], progress: Callable[[str], None]
) -> BuildReport:
    schema = pa.schema([("version", pa.string()), ("built_at", pa.timestamp("us", "UTC")), ("as_of", pa.date32()),
                        *((name, pa.string()) for name in list(meta)[3:])])  # fmt: skip
    con.register("input_meta", pa.Table.from_pylist([meta], schema=schema))
    con.execute(f"ATTACH {literal(str(temporary))} AS wh (STORAGE_VERSION {literal(STORAGE_VERSION)})")
    con.execute("USE wh.main")
    con.execute("SET preserve_insertion_order = true")
    as_of = meta["as_of"].isoformat() if meta["as_of"] else None
    report = BuildReport(meta["version"], str(temporary), as_of)
    for table in table_files.load():
        _make(con, table)
        if not table.view:
            report.rows[table.name] = count_rows(con, quoted(table.name))
        progress(f"built {table.name}")
    report.lake_rows = {name: count_rows(con, quoted("lake_" + name)) for name in LAKE}
    report.hashes = {name: (pair.facts, pair.full) for name, pair in hashes.hashes_of(con).items()}
    con.execute("USE memory.main")
    con.execute("DETACH wh")
    return report


def _make(con: duckdb.DuckDBPyConnection, table: table_files.TableFile) -> None:
    """One table or view, its rows in the order of its key, every column with its description."""
    name = quoted(table.name)
    if table.view:
        con.execute(f"CREATE VIEW wh.main.{name} AS {table.select}")
    else:
        order = ", ".join(quoted(column) for column in table.key or table.order)
        con.execute(f"CREATE TABLE wh.main.{name} AS SELECT * FROM ({table.select}) ORDER BY {order}")  # noqa: S608
    kind = "VIEW" if table.view else "TABLE"
    con.execute(f"COMMENT ON {kind} wh.main.{name} IS {literal(table.about)}")
    columns = [str(row[0]) for row in con.execute(f"DESCRIBE wh.main.{name}").fetchall()]
    if not table.view:
        missing = [column for column in columns if column not in table.columns]
        if missing:
            raise WarehouseError(f"sql/{table.name}.sql: no description of {', '.join(missing)}; add '-- column NAME:'")
        for column in columns:
            con.execute(f"COMMENT ON COLUMN wh.main.{name}.{quoted(column)} IS {literal(table.columns[column])}")


def _sweep(workspace: Workspace, temporary: Path) -> None:
    """Delete what a build cut off more than an hour ago left, and this process's own name."""
    for leftover in workspace.warehouse.glob(".wh-*.tmp*"):
        if leftover.name.startswith(temporary.name) or time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
            leftover.unlink(missing_ok=True)


def _durable(temporary: Path, path: Path) -> None:
    """On disk before it has its name."""
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def content_hashes(path: Path) -> dict[str, hashes.TableHashes]:
    """Content hashes (facts, full) of a built version, by table."""
    return hashes.content_hashes(path)
