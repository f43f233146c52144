"""Documents of the lake on their way to statements: which stand, which must be read, some at a time with their text.

Belongs here: queries over documents, in bounded memory. Does not belong here: what a document says
(text_statements.py), the rule of which text stands (statement_sql/documents.sql).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import duckdb
import pyarrow as pa

from records.workspace import Workspace
from warehouse import shapes
from warehouse.engine import joins_as_written, one_row, sql_text
from warehouse.readings import TEXTS, Reader, read_missing

#: Characters of text made into statements at a time; a single longer document is a chunk of its own.
_CHUNK_CHARACTERS: Final = 10_000_000


def read(con: duckdb.DuckDBPyConnection, workspace: Workspace, reader: Reader, progress: Callable[[str], None]) -> int:
    """Make tables ``documents`` and ``text_readings``, reading each distinct text that was not read; returns how many.

    Needs views lake_notice and lake_document (with place) and table captures.
    """
    con.execute(sql_text("statement_sql", "documents"))
    return read_missing(con, workspace, reader, progress, TEXTS)


def standing(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """DOCUMENT_STANDING rows: every distinct text of a record and whether it stands."""
    return con.sql(
        "SELECT d.document_id, d.work_key, d.current, d.story_key, d.listed_agency_id, r.read, "
        "CASE WHEN d.readable THEN len(r.statements) END AS findings "
        "FROM documents AS d LEFT JOIN text_readings AS r ON d.readable AND d.content_sha256 = r.content_sha256 "
        "ORDER BY d.document_id"
    ).to_arrow_table().cast(shapes.DOCUMENT_STANDING)


def chunks(con: duckdb.DuckDBPyConnection) -> Iterator[list[dict[str, Any]]]:
    """Documents whose reading found something, with text, segments and statements, some at a time."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE told AS SELECT document_id, "  # noqa: S608
        f"sum(characters) OVER (ORDER BY document_id) // {_CHUNK_CHARACTERS} AS chunk "
        "FROM documents AS d JOIN text_readings AS r USING (content_sha256) "
        "WHERE d.readable AND len(r.statements) > 0"
    )
    last = one_row(con, "SELECT coalesce(max(chunk), -1) FROM told")[0]
    for chunk in range(int(last) + 1):
        query = (
            "SELECT o.*, d.text, d.segments, d.source FROM lake_document AS d JOIN ("  # noqa: S608
            "SELECT documents.*, r.statements, r.reader_version FROM documents JOIN told USING (document_id) "
            f"JOIN text_readings AS r USING (content_sha256) WHERE told.chunk = {chunk}) AS o "
            "ON d.filename = o.filename AND d.file_row_number = o.file_row_number ORDER BY o.document_id"
        )
        with joins_as_written(con):
            found = con.sql(query).to_arrow_table()
        yield found.to_pylist()
