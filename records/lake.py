"""The lake's writer and reader: a partition is a folder, replaced whole or not at all.

A reader sees the old partition or the new one: the two renames of a replacement are done under the source
folder's lock, which listing takes too. A crash leaves at most a ``.tmp-*`` folder, which the next write of any
partition sweeps once it is an hour old.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from records.files import sync

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_STALE_SECONDS = 3600.0


class LakeError(Exception):
    """A partition or table cannot be written or read as asked; the message says which and why."""


def partition_path(lake: Path, table: str, source: str, batch: str) -> Path:
    """Folder of one partition. Raises LakeError for a name that could leave the lake."""
    for name in (table, source, batch):
        if not _NAME.fullmatch(name):
            raise LakeError(f"'{name}' cannot name a partition: use letters, digits, dot, dash, underscore")
    return lake / table / f"source={source}" / f"batch={batch}"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary folder that becomes ``target`` when the block ends well; nothing changes when it does not.

    Two renames, so a crash between them is healed by the next reader (``_heal``): the new folder is whole
    before the old one moves away. Raises FileNotFoundError when the temporary folder was taken away meanwhile.
    """
    _make(target.parent)
    _sweep(target.parent)
    temporary = target.parent / f".tmp-{uuid.uuid4().hex}"
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            sync(file)
        sync(temporary)
        old = target.parent / f".old-{target.name}"
        ready = target.parent / f".new-{target.name}"
        with _locked(target.parent):
            _heal(target)
            temporary.replace(ready)
            if target.exists():
                target.replace(old)
            ready.replace(target)
            sync(target.parent)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_partition(
    lake: Path, table: str, source: str, batch: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]
) -> int:
    """Replace one partition with the batches, streamed; returns the rows written.

    Raises LakeError when a batch does not have the schema (name and type of every column).
    """
    target = partition_path(lake, table, source, batch)
    rows = 0
    with replacing(target) as folder, pq.ParquetWriter(folder / "part-0.parquet", schema, compression="zstd") as out:
        for number, item in enumerate(batches):
            if not item.schema.equals(schema, check_metadata=False):
                raise LakeError(f"{table}: batch {number} has {item.schema.names}, expected {schema.names}")
            out.write_batch(item.cast(schema) if item.schema != schema else item)
            rows += item.num_rows
    return rows


def partitions(lake: Path, table: str) -> list[Path]:
    """Partition folders of a table, sorted; heals what a crash left between two renames."""
    found: list[Path] = []
    for source in sorted((lake / table).glob("source=*")):
        with _locked(source):
            for leftover in (*source.glob(".new-batch=*"), *source.glob(".old-batch=*")):
                _heal(source / leftover.name.split("-", 1)[1])
            found.extend(sorted(p for p in source.glob("batch=*") if p.is_dir()))
    return found


def files(lake: Path, table: str) -> list[Path]:
    """All Parquet files of a table, sorted."""
    return [file for part in partitions(lake, table) for file in sorted(part.glob("*.parquet"))]


def read_table(lake: Path, table: str, schema: pa.Schema) -> pa.Table:
    """The whole table; empty with the schema when there is none. For tests and small tables."""
    paths = [str(p) for p in files(lake, table)]
    if not paths:
        return schema.empty_table()
    return ds.dataset(paths, schema=schema, format="parquet").to_table()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel lets go of it when the process dies, however it dies."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    """Make the folder, and its entry in every folder above that had to be made, durable."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in made:
        sync(path.parent)


def _heal(target: Path) -> None:
    """Finish a replacement that a crash cut between its renames. The caller holds the lock."""
    ready, old = target.parent / f".new-{target.name}", target.parent / f".old-{target.name}"
    if ready.exists():
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.replace(old)
        ready.replace(target)
    elif old.exists() and not target.exists():
        old.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what crashed writers left. A folder's own time stands still while a file in it grows."""
    for leftover in folder.glob(".tmp-*"):
        try:
            touched = max(path.stat().st_mtime for path in (leftover, *leftover.iterdir()))
        except FileNotFoundError:
            continue  # another writer is just finishing it
        if time.time() - touched > _STALE_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
