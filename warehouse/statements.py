"""Statements: who supplies which service to which agency, by which words, made from awards, subawards and texts.

Belongs here: the run from composed records and documents through the readers to lake/statement, statement_span,
record_vendor and document_standing. Does not belong here: what a single reading says (statement_rows.py,
text_statements.py), the readers (nlp), SQL of the warehouse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import entities.ids
import ordinance.agencies
from entities.ids import company_ids
from entities.resolution.resolver import Resolution
from records.lake import files, replacing
from records.published import DOCUMENT, FACILITY, NOTICE
from records.schemas import STATEMENT, STATEMENT_SPAN, SUBAWARD, TRANSACTION
from records.workspace import Workspace
from warehouse import captures as capture_views
from warehouse import companies, facility_links, fingerprint, shapes, text_statements, texts
from warehouse.company_shapes import COMPANY_TABLES
from warehouse.compose import composed_path
from warehouse.engine import WarehouseError, connection, lake_view, one_row, sql_text
from warehouse.readings import Read, Reader, read_missing, readers
from warehouse.spans import Placed
from warehouse.statement_rows import Made, add

STAGE: Final = "statements"
_INPUTS: Final = ("transaction_current", "award", "award_text", "subaward_current")
#: Lake tables read as their sources wrote them.
_LAKE: Final = {"transaction": TRANSACTION, "subaward": SUBAWARD, "notice": NOTICE, "document": DOCUMENT,
                "facility": FACILITY}
_OUTPUTS: Final = {
    "record_vendor": shapes.RECORD_VENDOR, "document_standing": shapes.DOCUMENT_STANDING,
    "facility_link": shapes.FACILITY_LINK, "statement": STATEMENT, "statement_span": STATEMENT_SPAN,
}  # fmt: skip
_FAULTS_SHOWN: Final = 10
#: Records made into statements at a time.
_CHUNK_RECORDS: Final = 10_000


@dataclass
class StatementReport:
    """What was made: rows per table, contents read anew, counts by outcome, readings of texts that were refused."""

    fingerprint: str
    reader_version: str
    as_of: str | None
    skipped: bool = False
    read: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def make(
    workspace: Workspace,
    read: Read | None = None,
    *,
    read_texts: Read | None = None,
    reader_version: str | None = None,
    workers: int = 1,
    captures: pa.Table | None = None,
    progress: Callable[[str], None] | None = None,
) -> StatementReport:
    """Read what changed and write the tables of statements, each replaced whole.

    ``read`` and ``read_texts`` default to the installation's readers of awards and of texts; others need their
    ``reader_version``. Raises WarehouseError when the award reader's words are not where it says, naming the records;
    a text's finding of that kind is refused alone (``refused``).
    """
    of_awards, of_texts = readers(read, read_texts, reader_version, workers)
    table = capture_views.capture_table(workspace) if captures is None else captures
    say = progress or (lambda _: None)
    with connection(workspace.state / "spill") as con:
        capture_views.register(con, table)
        for name, schema in _LAKE.items():
            lake_view(con, workspace.lake, name, schema, with_place=name == "document")
        as_of = _as_of(con)
        mark = _mark(workspace, of_awards, table, as_of)
        outputs = [composed_path(workspace, name) for name in (*_OUTPUTS, *COMPANY_TABLES)]
        done = fingerprint.stage_done(workspace, STAGE, mark, outputs)
        if done is not None:
            return StatementReport(**{**done, "skipped": True, "read": 0})
        for name in _INPUTS:
            lake_view(con, workspace.lake, name, shapes.COMPOSED[name])
        con.execute(sql_text("statement_sql", "records"))
        report = StatementReport(mark, of_awards.version, as_of.isoformat() if as_of else None)
        report.read = read_missing(con, workspace, of_awards, say) + texts.read(con, workspace, of_texts, say)
        who = companies.identify(con, workspace)
        _vendors(con, who)
        _write(con, workspace, as_of, report, who)
        report.rows |= companies.write(workspace, who)
    fingerprint.remember_stage(workspace, STAGE, mark, asdict(report))
    return report


def _mark(workspace: Workspace, reader: Reader, table: pa.Table, as_of: date | None) -> str:
    law = Path(ordinance.agencies.__file__).parent
    who = Path(entities.ids.__file__).parent
    rules = [*sorted(law.glob("*.yaml")), *sorted(law.glob("*.py")), *sorted(who.rglob("*.py"))]
    return fingerprint.text_hash(
        fingerprint.files_hash(
            workspace, [p for name in (*_INPUTS, "notice", "document", "facility") for p in files(workspace.lake, name)]
        ),
        companies.inputs_hash(workspace),
        capture_views.standing_hash(table),
        reader.version,
        str(as_of),
        fingerprint.room_hash("*.py", "statement_sql/*.sql"),
        *(path.read_text(encoding="utf-8") for path in rules),
    )


def _as_of(con: duckdb.DuckDBPyConnection) -> date | None:
    """The day of the newest data: the last fetch of any capture that lake rows were read from."""
    seen = " UNION ALL ".join(f"SELECT capture_id FROM lake_{name}" for name in _LAKE)  # noqa: S608
    day: date | None = one_row(
        con,
        f"SELECT max(make_timestamp(last_seen))::DATE FROM captures WHERE capture_id IN ({seen})",  # noqa: S608
    )[0]
    return day


def _vendors(con: duckdb.DuckDBPyConnection, who: Resolution) -> None:
    """Table ``record_vendor``: company and parent of each record as resolved, and its entity kind."""
    named = con.sql(
        "SELECT record_kind, record_key, recipient_uei, recipient_duns, recipient, parent_uei, parent_duns, parent "
        "FROM records ORDER BY record_kind, record_key"
    ).to_arrow_table()
    own = company_ids(named["recipient_uei"], named["recipient_duns"], named["recipient"])
    up = company_ids(named["parent_uei"], named["parent_duns"], named["parent"])
    keys = {name: named[name] for name in ("record_kind", "record_key")}
    resolved = {"filed_id": own, "company_id": _resolved(own, who), "up": _resolved(up, who)}
    con.register("vendor_ids", pa.table({**keys, **resolved}))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE record_vendor AS SELECT v.record_kind, v.record_key, "
        # a natural person's id does not spell the name (E.6)
        "CASE WHEN g.entity = 'individual' AND starts_with(v.filed_id, 'name:') "
        "THEN 'person:' || left(sha256(v.filed_id), 20) WHEN g.entity = 'individual' THEN v.filed_id "
        "ELSE v.company_id END AS company_id, "
        "CASE WHEN v.up <> v.company_id AND NOT starts_with(v.up, 'unidentified:') THEN v.up END AS parent_company_id, "
        "r.recipient, r.recipient_dba, r.recipient_uei, r.recipient_duns, r.parent, r.parent_uei, r.parent_duns, "
        "g.entity, g.entity_reason, r.first_action, r.last_action "
        "FROM vendor_ids AS v JOIN records AS r USING (record_kind, record_key) "
        "JOIN readings AS g USING (content_sha256) ORDER BY v.record_kind, v.record_key"
    )


def _resolved(ids: pa.Array, who: Resolution) -> pa.Array:
    """The company of each id, each distinct id looked up once."""
    coded = ids.dictionary_encode()
    return pa.array([who.of(one) for one in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def _chunks(con: duckdb.DuckDBPyConnection) -> Iterator[list[dict[str, Any]]]:
    """Records whose reading found a service, some at a time, in order of their key."""
    number = "row_number() OVER (ORDER BY r.record_kind, r.record_key) - 1"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE hits AS SELECT record_kind, record_key, ({number}) // {_CHUNK_RECORDS} AS chunk "  # noqa: S608
        "FROM records AS r JOIN readings AS g USING (content_sha256) WHERE len(g.services) > 0"
    )
    chunks = one_row(con, "SELECT coalesce(max(chunk) + 1, 0) FROM hits")[0]
    for chunk in range(chunks):
        query = (
            "SELECT r.*, g.entity, g.entity_reason, g.services, g.reader_version, v.company_id "  # noqa: S608
            "FROM hits AS h JOIN records AS r USING (record_kind, record_key) "
            "JOIN readings AS g USING (content_sha256) JOIN record_vendor AS v USING (record_kind, record_key) "
            f"WHERE h.chunk = {chunk} ORDER BY r.record_kind, r.record_key"
        )
        yield con.sql(query).to_arrow_table().to_pylist()


def _spans(con: duckdb.DuckDBPyConnection, made: Made) -> list[dict[str, Any]]:
    """STATEMENT_SPAN rows: each place with the row that shows its value."""
    seen = _rows_that_show(con, made)
    spans: list[dict[str, Any]] = []
    for statement, placed in zip(made.statements, made.places, strict=True):
        for position, at in enumerate(placed):
            row = seen.get(_ask(statement, at))
            if row is None:
                made.faults.append(f"{statement['record_key']}: no row shows '{at.value[:80]}' in {at.column}")
                continue
            spans.append({
                "statement_id": statement["statement_id"], "position": position, "words": at.words,
                "start": at.start, "end": at.end, "rule": at.rule, "bits": at.bits, "places": None, **row})  # fmt: skip
    return spans


def _ask(statement: dict[str, Any], at: Placed) -> tuple[str, str, str, str]:
    return (statement["record_kind"], statement["record_key"], at.column, at.value)


def _rows_that_show(con: duckdb.DuckDBPyConnection, made: Made) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """Per record, column and value: the row of a capture that shows it."""
    asks = {_ask(s, at) for s, placed in zip(made.statements, made.places, strict=True) for at in placed}
    columns = zip(*sorted(asks), strict=True) if asks else ((), (), (), ())
    names = ("record_kind", "record_key", "column", "value")
    con.register("asks", pa.table({n: pa.array(c, pa.string()) for n, c in zip(names, columns, strict=True)}))
    con.execute("CREATE OR REPLACE TEMP TABLE wanted AS SELECT * FROM asks")
    con.execute(sql_text("statement_sql", "seen_rows"))
    keys = ", ".join(f'"{name}"' for name in names)
    rows = con.execute(f"SELECT {keys}, seen FROM seen_rows").fetchall()  # noqa: S608
    return {row[:4]: row[4] for row in rows}


def _write(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, as_of: date | None, report: StatementReport, who: Resolution
) -> None:
    """Statements chunk by chunk into the tables, which replace the old ones when all is well."""
    faults: list[str] = []
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        out = {}
        for name, schema in _OUTPUTS.items():
            folder = stack.enter_context(replacing(composed_path(workspace, name)))
            out[name] = stack.enter_context(pq.ParquetWriter(folder / "part-0.parquet", schema, compression="zstd"))
        whole = {"record_vendor": con.sql("SELECT * FROM record_vendor").to_arrow_table().cast(shapes.RECORD_VENDOR),
                 "document_standing": texts.standing(con), "facility_link": facility_links.links(con)}  # fmt: skip
        for name, table in whole.items():
            out[name].write_table(table)
        report.rows = {**{name: table.num_rows for name, table in whole.items()}, "statement": 0, "statement_span": 0}
        for made in _made(con, as_of, who):
            for name, rows in (("statement", made.statements), ("statement_span", made.spans)):
                out[name].write_table(pa.Table.from_pylist(rows, schema=_OUTPUTS[name]))
                report.rows[name] += len(rows)
            faults += made.faults
            report.refused += made.refused
            counts += made.counts
        if faults:
            shown = "; ".join(faults[:_FAULTS_SHOWN])
            raise WarehouseError(f"{len(faults)} readings name words that are not in their record: {shown}")
    counts["refused: words that are not in the text"] = len(report.refused)
    report.counts, report.refused = dict(+counts), report.refused[:_FAULTS_SHOWN]


def _made(con: duckdb.DuckDBPyConnection, as_of: date | None, who: Resolution) -> Iterator[Made]:
    """Statements of awards and subawards, then of texts, some at a time."""
    for records in _chunks(con):
        made = Made()
        for record in records:
            add(made, record, as_of, who)
        made.spans = _spans(con, made)
        yield made
    for documents in texts.chunks(con):
        made = Made()
        for document in documents:
            text_statements.add(made, document, who)
        yield made
