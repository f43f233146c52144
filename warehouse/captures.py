"""What composing and building need to know about captures: when each was fetched and whether it still verifies.

Belongs here: the archive's captures with their present verdict, and the small table made of them. Does not belong
here: reading WARC files.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from crawlers.archive import EvidenceArchive
from records.schemas import CAPTURE
from records.workspace import Workspace
from warehouse.fingerprint import text_hash

#: Verdict of a capture that was sound when it was read and is not now.
FAILED: Final = "failed_verification"


def capture_table(workspace: Workspace) -> pa.Table:
    """All capture records of the archive, in schema CAPTURE; refetches of one id come up again.

    A capture found damaged since it was read has the verdict FAILED and the finding as its reason.
    """
    archive = EvidenceArchive(workspace.evidence)
    failed = archive.failed()
    columns: dict[str, list[Any]] = {name: [] for name in CAPTURE.names}
    for capture in archive.captures():
        row = asdict(capture)
        if capture.capture_id in failed:
            row |= {"verdict": FAILED, "verdict_reason": failed[capture.capture_id]}
        for name, values in columns.items():
            values.append(row[name])
    return pa.table(columns, schema=CAPTURE)


def register(con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Make table ``captures``: capture_id, first_seen and last_seen (microseconds), ok; and view archive_captures."""
    con.register("archive_captures", table)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE captures AS SELECT capture_id, epoch_us(min(fetched_at)) AS first_seen, "
        "epoch_us(max(fetched_at)) AS last_seen, bool_and(verdict = 'ok') AS ok "
        "FROM archive_captures GROUP BY capture_id"
    )


def standing_hash(table: pa.Table) -> str:
    """Hash over which captures do not verify: one that fails changes what is composed and published.

    New captures alone do not change it: they count only once a lake row refers to them.
    """
    bad = table.filter(pc.not_equal(table["verdict"], "ok"))
    pairs = zip(bad["capture_id"].to_pylist(), bad["verdict"].to_pylist(), strict=True)
    return text_hash(*sorted({f"{capture}={verdict}" for capture, verdict in pairs}))
