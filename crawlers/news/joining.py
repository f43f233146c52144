"""Joins copies of one wire story over the whole lake: ``document.story_id``, from the fingerprints.

Belongs here: reading fingerprints and writing ids. Does not belong here: what makes two texts alike (fingerprint).

A partition that is read again from its captures has no ids until this has run; it is run after every load of documents
and rewrites only partitions in which an id changes.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from crawlers.news.fingerprint import Told, stories
from records.lake import partitions, replacing
from records.published import DOCUMENT

_READ = ("document_id", "fingerprint", "published_at", "story_id")


def join_stories(lake: Path) -> int:
    """Give documents with a fingerprint their story's id; returns how many partitions were rewritten.

    Raises LakeError when the lake cannot be written.
    """
    folders = {folder: _told(folder) for folder in partitions(lake, "document")}
    found = stories(Told(row["document_id"], row["fingerprint"], row["published_at"])
                    for table in folders.values() for row in table.to_pylist())
    rewritten = 0
    for folder, table in folders.items():
        ids = [found[name] for name in table.column("document_id").to_pylist()]
        if ids != table.column("story_id").to_pylist():
            _rewrite(folder, dict(zip(table.column("document_id").to_pylist(), ids, strict=True)))
            rewritten += 1
    return rewritten


def _told(folder: Path) -> pa.Table:
    """The documents of a partition that have a fingerprint, without their texts."""
    files = [str(file) for file in sorted(folder.glob("*.parquet"))]
    if not files:
        return pa.table({name: pa.array([], DOCUMENT.field(name).type) for name in _READ})
    return ds.dataset(files, schema=DOCUMENT, format="parquet").to_table(
        columns=list(_READ), filter=pc.field("fingerprint").is_valid())


def _rewrite(folder: Path, ids: dict[str, str]) -> None:
    files = sorted(folder.glob("*.parquet"))
    at = DOCUMENT.get_field_index("story_id")
    with replacing(folder) as place:
        for file in files:
            table = ds.dataset(file, schema=DOCUMENT, format="parquet").to_table()
            told = [ids.get(name) for name in table.column("document_id").to_pylist()]
            pq.write_table(table.set_column(at, DOCUMENT.field(at), pa.array(told, pa.string())), place / file.name,
                           compression="zstd")
