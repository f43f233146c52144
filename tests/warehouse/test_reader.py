"""Read-only access: what an analyst's SQL may do, and readers during publications (issue 2: 20 readers, 20 times)."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from records.workspace import Workspace
from warehouse import publish, reader
from warehouse.engine import WarehouseError


def _version(workspace: Workspace, name: str) -> None:
    path = publish.version_path(workspace, name)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE meta AS SELECT ? AS version", [name])
        con.execute("CREATE TABLE fact AS SELECT range AS n, ? AS version FROM range(2000)", [name])
        con.execute("CREATE TABLE moment AS SELECT TIMESTAMPTZ '2024-02-29 12:00:00+00' AS seen_at")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "data").ensure()
    _version(made, "aaaaaa")
    publish.publish(made, "aaaaaa", {"fact": ["x", "y"]})
    return made


def test_a_query_answers_with_its_version(workspace: Workspace) -> None:
    answer = reader.query(workspace, "SELECT count(*) AS n FROM fact WHERE n < ?", [10])
    assert answer.version == "aaaaaa"
    assert answer.table.to_pylist() == [{"n": 10}]
    assert not answer.truncated


def test_rows_are_limited_and_said_so(workspace: Workspace) -> None:
    answer = reader.query(workspace, "SELECT * FROM fact ORDER BY n", max_rows=7)
    assert answer.table.num_rows == 7
    assert answer.truncated
    assert not reader.query(workspace, "SELECT * FROM fact LIMIT 7", max_rows=7).truncated


def test_times_are_utc(workspace: Workspace) -> None:
    row = reader.query(workspace, "SELECT seen_at FROM moment").table.to_pylist()[0]
    assert row["seen_at"].astimezone(UTC) == datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize("sql", [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM duckdb_secrets()",
    "ATTACH 'elsewhere.duckdb' AS other", "COPY fact TO 'out.csv'", "EXPORT DATABASE 'there'",
    "CREATE TABLE x AS SELECT 1", "CREATE TEMP TABLE x AS SELECT 1", "INSERT INTO fact VALUES (1, 'x')",
    "DELETE FROM fact", "UPDATE fact SET n = 0", "DROP TABLE fact", "ALTER TABLE fact ADD COLUMN x INT",
    "SET threads = 64", "SET enable_external_access = true", "RESET memory_limit", "PRAGMA threads=64",
    "PRAGMA database_list", "INSTALL httpfs", "LOAD httpfs", "CALL pragma_version()", "VACUUM", "CHECKPOINT",
    "BEGIN", "USE memory", "PREPARE p AS SELECT 1", "SELECT 1; SELECT 2", "", "SELEC 1", "SELECT nothing FROM fact",
])
def test_everything_but_reading_is_refused(workspace: Workspace, sql: str) -> None:
    before = publish.version_path(workspace, "aaaaaa").read_bytes()
    with pytest.raises(reader.QueryRefused):
        reader.query(workspace, sql)
    assert publish.version_path(workspace, "aaaaaa").read_bytes() == before


@pytest.mark.parametrize("sql", ["DESCRIBE fact", "SHOW TABLES", "SUMMARIZE fact", "EXPLAIN SELECT 1", "FROM fact",
                                 "WITH x AS (SELECT 1 AS a) SELECT * FROM x", "VALUES (1)"])
def test_ways_of_reading_are_answered(workspace: Workspace, sql: str) -> None:
    assert reader.query(workspace, sql).table.num_rows > 0


def test_a_long_query_is_stopped(workspace: Workspace) -> None:
    started = time.monotonic()
    with pytest.raises(reader.QueryRefused, match=r"stopped after 0\.3 seconds"):
        reader.query(workspace, "SELECT sum(a.n * b.n * c.n) FROM fact a, fact b, fact c", seconds=0.3)
    assert time.monotonic() - started < 10


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="section3c run"):
        reader.connect(Workspace(tmp_path))


def test_a_damaged_pointer_is_no_empty_warehouse(workspace: Workspace) -> None:
    (workspace.warehouse / "current").write_text("{ torn")
    with pytest.raises(WarehouseError, match="damaged"):
        reader.connect(workspace)
    publish.publish(workspace, "aaaaaa", {})
    assert reader.query(workspace, "SELECT 1").version == "aaaaaa"


def test_publishing_what_is_not_there_is_refused(workspace: Workspace) -> None:
    with pytest.raises(WarehouseError, match="not there"):
        publish.publish(workspace, "bbbbbb", {})
    found = publish.current(workspace)
    assert found is not None
    assert found.version == "aaaaaa"


def test_old_versions_go_and_the_published_one_stays(workspace: Workspace) -> None:
    for name in ("bbbbbb", "cccccc", "dddddd"):
        _version(workspace, name)
        publish.publish(workspace, name, {}, keep=2)
    assert publish.versions(workspace) == ["dddddd", "cccccc"]
    publish.publish(workspace, "cccccc", {}, keep=1)
    assert "cccccc" in publish.versions(workspace)


def test_twenty_readers_during_twenty_publications(workspace: Workspace) -> None:
    """Issue 2: no error, no mixed version."""
    stop = threading.Event()
    errors: list[str] = []
    sessions = [0] * 20

    def read(number: int) -> None:
        while not stop.is_set():
            try:
                with reader.session(workspace) as one:
                    said = one.query("SELECT version FROM meta").table.to_pylist()[0]["version"]
                    facts = one.query("SELECT DISTINCT version FROM fact").table.to_pylist()
                    if said != one.version or facts != [{"version": said}]:
                        errors.append(f"mixed: {one.version} {said} {facts}")
                sessions[number] += 1
            except (WarehouseError, duckdb.Error) as problem:
                errors.append(repr(problem))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for number in range(20):
        name = f"v{number:06d}"
        _version(workspace, name)
        publish.publish(workspace, name, {}, keep=2)
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors, errors[:3]
    assert min(sessions) >= 1
