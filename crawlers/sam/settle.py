"""Settles the lake's notices after a load: each version kept once, its order within the procurement set.

Belongs here: what can only be said over all loads together. Does not belong here: reading files (bulk, api).

The bulk list is published whole each day, so each night's partition repeats the nights before. The first load that
brought a version keeps it; later ones keep what is new. Run it after any load of notices; it is idempotent, and a
lake loaded again from its archive settles to the same rows. A row of the API is kept only where no list has the
notice: the list carries the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from records.lake import files, partitions, replacing
from records.published import DOCUMENT, NOTICE

LIST_SOURCES: Final = ("sam_notices", "import")
_MEMORY: Final = "1GB"
_KEYS: Final = """
CREATE TABLE chosen AS
WITH rows AS (
    SELECT notice_id, version_sha256, procurement_key, posted_at, document_id, source, filename,
           parse_filename(parse_dirpath(filename)) AS batch, file_row_number
    FROM read_parquet(?, filename=true, file_row_number=true, hive_partitioning=false)
), ranked AS (
    SELECT *, row_number() OVER (
               PARTITION BY notice_id, CASE WHEN listed THEN version_sha256 END
               ORDER BY batch, source, filename, file_row_number
           ) AS nth
    FROM (SELECT *, source IN (SELECT unnest(?)) AS listed,
                 bool_or(source IN (SELECT unnest(?))) OVER (PARTITION BY notice_id) AS has_list FROM rows)
    WHERE listed OR NOT has_list
)
SELECT filename, file_row_number,
       row_number() OVER (
           PARTITION BY procurement_key ORDER BY posted_at NULLS FIRST, batch, notice_id, version_sha256
       ) - 1 AS amendment
FROM ranked WHERE nth = 1
"""


@dataclass(frozen=True, kw_only=True)
class SettleReport:
    """What settling did: versions kept, rows taken out as repeats, partitions rewritten."""

    versions: int = 0
    repeats: int = 0
    rewritten: int = 0


def settle(lake: Path) -> SettleReport:
    """Settle lake/notice and the documents of notices. Raises LakeError when the lake cannot be written."""
    paths = [str(path) for path in files(lake, "notice")]
    if not paths:
        return SettleReport()
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY}) as con:
        listed = list(LIST_SOURCES)
        con.execute(_KEYS, [paths, listed, listed])
        kept = _chosen(con)
    versions = repeats = rewritten = 0
    for folder in partitions(lake, "notice"):
        table, gone = _notices(folder, kept)
        versions += table.num_rows
        repeats += len(gone.rows)
        if gone.rows:  # texts first: after a crash between the two, the notices still say what is to go
            _documents(lake, folder, gone.rows, table.column("document_id").to_pylist())
        if gone.rows or gone.moved:
            _rewrite(folder, table, NOTICE)
            rewritten += 1
    return SettleReport(versions=versions, repeats=repeats, rewritten=rewritten)


@dataclass(frozen=True)
class _Gone:
    """Document ids of the rows taken out (None where there is no text), and whether an order changed."""

    rows: list[str | None]
    moved: bool


def _chosen(con: duckdb.DuckDBPyConnection) -> dict[str, dict[int, int]]:
    """By file: the rows that stay and their order within the procurement."""
    kept: dict[str, dict[int, int]] = {}
    for name, row, amendment in con.execute("FROM chosen").fetchall():
        kept.setdefault(name, {})[row] = amendment
    return kept


def _notices(folder: Path, kept: dict[str, dict[int, int]]) -> tuple[pa.Table, _Gone]:
    """The partition's notices that stay, with their order."""
    parts, gone, moved = [], [], False
    for file in sorted(folder.glob("*.parquet")):
        table = ds.dataset(file, schema=NOTICE, format="parquet").to_table()
        chosen = kept.get(str(file), {})
        stay = [row in chosen for row in range(table.num_rows)]
        ids = table.column("document_id").to_pylist()
        gone += [ids[row] for row, stays in enumerate(stay) if not stays]
        order = pa.array([chosen[row] for row, stays in enumerate(stay) if stays], pa.int32())
        left = table.filter(pa.array(stay))
        at = NOTICE.get_field_index("amendment")
        moved = moved or not left.column(at).combine_chunks().equals(order)
        parts.append(left.set_column(at, NOTICE.field(at), order))
    return pa.concat_tables(parts) if parts else NOTICE.empty_table(), _Gone(gone, moved)


def _documents(lake: Path, notices: Path, gone: list[str | None], kept: list[str | None]) -> None:
    """Take the texts of rows that went out of the partition that was loaded with them."""
    folder = lake / "document" / notices.parent.name / notices.name
    out = set(gone) - set(kept) - {None}
    if not out or not folder.is_dir():
        return
    table = ds.dataset([str(file) for file in sorted(folder.glob("*.parquet"))], schema=DOCUMENT,
                       format="parquet").to_table()
    stay = pa.array([name not in out for name in table.column("document_id").to_pylist()])
    _rewrite(folder, table.filter(stay), DOCUMENT)


def _rewrite(folder: Path, table: pa.Table, schema: pa.Schema) -> None:
    with replacing(folder) as place:
        pq.write_table(table.cast(schema), place / "part-0.parquet", compression="zstd")
