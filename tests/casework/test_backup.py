"""A restore is the installation that was backed up; a damaged backup restores nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from casework.backup import BackupError, backup, check, restore
from records.workspace import Workspace


@pytest.fixture
def living(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "live").ensure()
    (workspace.evidence / "sam").mkdir()
    (workspace.evidence / "sam" / "a.warc.gz").write_bytes(b"evidence" * 1000)
    (workspace.lake / "t").mkdir()
    (workspace.lake / "t" / ".half.tmp").write_bytes(b"half")
    (workspace.lake / "t" / "p.parquet").write_bytes(b"rows")
    (workspace.warehouse / "current").write_text("wh-1")
    (workspace.warehouse / "wh-1.duckdb").write_bytes(b"version")
    with closing(sqlite3.connect(workspace.casework_database)) as con:
        con.execute("PRAGMA journal_mode=WAL")
        con.execute("CREATE TABLE decided (what TEXT)")
        con.execute("INSERT INTO decided VALUES ('provider')")
        con.commit()
    return workspace


def test_there_and_back_while_somebody_writes(living: Workspace, tmp_path: Path) -> None:
    with closing(sqlite3.connect(living.casework_database)) as writer:
        writer.execute("INSERT INTO decided VALUES ('not committed')")
        report = backup(living, tmp_path / "copy")
        writer.rollback()
    assert report.files == 5 and report.findings == []
    restored = Workspace(tmp_path / "again")
    restore(tmp_path / "copy", restored)
    for name in ("evidence/sam/a.warc.gz", "lake/t/p.parquet", "warehouse/current", "warehouse/wh-1.duckdb"):
        assert (restored.root / name).read_bytes() == (living.root / name).read_bytes()
    with closing(sqlite3.connect(restored.casework_database)) as con:
        assert con.execute("SELECT what FROM decided").fetchall() == [("provider",)]
    assert not list(restored.lake.rglob(".half*"))
    assert {p.name for p in tmp_path.iterdir()} == {"live", "copy", "again"}


def test_a_damaged_backup_restores_nothing(living: Workspace, tmp_path: Path) -> None:
    copy, target = tmp_path / "copy", Workspace(tmp_path / "again")
    backup(living, copy)
    warc = copy / "evidence" / "sam" / "a.warc.gz"
    body = warc.read_bytes()
    warc.write_bytes(body[:-1] + b"X")
    (copy / "lake" / "t" / "p.parquet").unlink()
    (copy / "extra").write_text("x")
    assert len(check(copy).findings) == 3
    with pytest.raises(BackupError, match="nothing was restored"):
        restore(copy, target)
    assert not target.root.exists()
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["../outside"] = {"sha256": "0", "size": 1}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="no backup of ours"):
        restore(copy, target)


def test_nothing_is_overwritten(living: Workspace, tmp_path: Path) -> None:
    backup(living, tmp_path / "copy")
    with pytest.raises(BackupError, match="exists"):
        backup(living, tmp_path / "copy")
    with pytest.raises(BackupError, match="inside the installation"):
        backup(living, living.root / "copy")
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "copy", living)
    with pytest.raises(BackupError, match="no backup"):
        restore(living.root, Workspace(tmp_path / "new"))
