"""How many actions are new, changed or gone since the run before: composed rows before and after, by key and facts.

Belongs here: the comparison for summaries. Does not belong here: which row counts (warehouse.compose).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from records.lake import files
from records.workspace import Workspace

_TABLE = "transaction_current"
_QUESTION = """
SELECT count(*) FILTER (WHERE b.transaction_key IS NULL),
       count(*) FILTER (WHERE a.fact_sha256 <> b.fact_sha256),
       count(*) FILTER (WHERE a.transaction_key IS NULL)
FROM {after} AS a FULL JOIN {before} AS b USING (transaction_key)
"""
_NONE = "(SELECT '' AS transaction_key, '' AS fact_sha256 WHERE false)"


@dataclass
class Watch:
    """The rows as they stood when the watch began, kept as hard links: replaced files live on in them."""

    workspace: Workspace
    kept: Path

    def compare(self) -> tuple[int, int, int]:
        """New, changed and gone actions since the watch began."""
        from warehouse.engine import connection

        before, after = sorted(self.kept.glob("*.parquet")), files(self.workspace.lake, _TABLE)
        with connection(self.workspace.state / "spill") as con:
            row = con.execute(_QUESTION.format(after=_rows(after), before=_rows(before))).fetchone()
        return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)


@contextmanager
def watching(workspace: Workspace) -> Iterator[Watch]:
    """Watch the composed actions for the length of the block."""
    kept = workspace.state / "before"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    for number, path in enumerate(files(workspace.lake, _TABLE)):
        _link(path, kept / f"{number:04d}.parquet")
    try:
        yield Watch(workspace, kept)
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, target)


def _rows(paths: list[Path]) -> str:
    from warehouse.engine import parquet_list

    if not paths:
        return _NONE
    return f"(SELECT transaction_key, fact_sha256 FROM read_parquet({parquet_list(paths)}))"  # noqa: S608
