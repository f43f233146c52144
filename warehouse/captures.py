"""What composing and building need to know about captures: when each was fetched and whether it still verifies.

Belongs here: the archive's capture table and the small views made of it. Does not belong here: reading WARC files.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from records.workspace import Workspace
from warehouse.fingerprint import text_hash


def capture_table(workspace: Workspace) -> pa.Table:
    """All captures of the archive, in records.schemas.CAPTURE."""
    from crawlers.archive import EvidenceArchive

    return EvidenceArchive(workspace.evidence).table()


def register(con: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Make table ``captures``: capture_id, first_seen and last_seen (microseconds), ok.

    One capture may be archived more than once (a revisit of identical bytes); it verifies if its newest record does.
    """
    con.register("archive_captures", table)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE captures AS SELECT capture_id, epoch_us(min(fetched_at)) AS first_seen, "
        "epoch_us(max(fetched_at)) AS last_seen, arg_max(verdict, fetched_at) = 'ok' AS ok "
        "FROM archive_captures GROUP BY capture_id"
    )


def standing_hash(table: pa.Table) -> str:
    """Hash over which captures verify: a capture that fails changes what is composed and published.

    New captures alone do not change it: they count only once a lake row refers to them.
    """
    bad = table.filter(pc.not_equal(table["verdict"], "ok"))
    return text_hash(*sorted(f"{c}={v}" for c, v in zip(*(bad[n].to_pylist() for n in ("capture_id", "verdict")),
                                                        strict=True)))  # fmt: skip
