"""`section3c doctor`: each finding says what is wrong and what to do, and looking changes nothing."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from crawlers.archive import EvidenceArchive, Exchange
from pipelines import doctor, journal, reach, settings
from pipelines.doctor import Check, checks, worst
from pipelines.freshness import Mark, write_mark
from records.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data").ensure()


def look(workspace: Workspace, what: str) -> Check:
    return next(c for c in checks(workspace, online=False) if c.what == what)


def archive_one(workspace: Workspace) -> Path:
    writer = EvidenceArchive(workspace.evidence).writer("usaspending", "run1")
    with writer:
        writer.write(Exchange(uri="https://api.usaspending.gov/x", status=200, fetched_at=datetime.now(UTC),
                              headers=(("Content-Type", "application/json"),), body=b'{"results": []}'))
    return next(workspace.evidence.rglob("*.warc.gz"))


def test_a_fresh_installation_has_nothing_that_fails(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_CONTACT", "records@city.example")
    found = checks(workspace, online=False)
    assert [c for c in found if c.status == "fail"] == []
    assert {"Python", "packages", "language model", "clock", "disk", "data folder", "settings", "ordinance", "sources",
            "evidence", "last run", "warehouse", "contact"} <= {c.what for c in found}
    assert all(c.todo for c in found if c.status != "ok")


def test_looking_changes_nothing(tmp_path: Path) -> None:
    missing = Workspace(tmp_path / "not" / "there")
    checks(missing, online=False)
    assert not missing.root.exists()
    assert list(tmp_path.iterdir()) == []


def test_worst_is_the_gravest() -> None:
    assert worst([Check("ok", "a", ""), Check("fail", "b", ""), Check("warn", "c", "")]) == "fail"
    assert worst([]) == "ok"


def test_a_folder_that_cannot_be_written(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, data: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    found = look(workspace, "data folder")
    assert found.status == "fail"
    assert "Permission denied" in found.detail


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "status"), [(1 << 20, "fail"), (5 << 30, "warn"), (500 << 30, "ok")])
def test_disk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, free: int, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: _Usage(1 << 40, 0, free))
    assert look(workspace, "disk").status == status


def test_a_clock_that_went_back_is_seen_by_the_files(workspace: Workspace) -> None:
    warc = archive_one(workspace)
    later = time.time() + 3 * 86400
    os.utime(warc, (later, later))
    found = look(workspace, "clock")
    assert found.status == "fail"
    assert "went back" in found.detail


def test_a_package_that_differs_from_the_lock(workspace: Workspace, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("# comment\nrich==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1 ; python_version < '3'\n"
                    "not-installed-at-all==2\n", encoding="utf-8")
    monkeypatch.setattr(doctor, "lock_file", lambda: lock)
    found = look(workspace, "packages")
    assert found.status == "fail"
    assert "rich is " in found.detail
    assert "not-installed-at-all is missing" in found.detail
    assert "no-such-package" not in found.detail


def test_a_wrong_setting_is_named(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_NIGHT", "every night")
    settings.settings.cache_clear()
    try:
        found = look(workspace, "settings")
    finally:
        monkeypatch.undo()
        settings.settings.cache_clear()
    assert found.status == "fail"
    assert "SECTION3C_NIGHT" in found.detail


def test_a_torn_archive_is_seen_and_left_to_the_next_run(workspace: Workspace) -> None:
    warc = archive_one(workspace)
    assert look(workspace, "evidence").status == "ok"
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b torn")
    size = warc.stat().st_size
    found = look(workspace, "evidence")
    assert found.status == "warn"
    assert warc.name in found.detail
    assert warc.stat().st_size == size


def test_a_capture_that_failed_verification_fails(workspace: Workspace) -> None:
    archive_one(workspace)
    archive = EvidenceArchive(workspace.evidence)
    capture = next(iter(archive.captures()))
    damaged = bytearray((workspace.evidence / capture.warc_file).read_bytes())
    damaged[capture.warc_offset + 30] ^= 0xFF
    (workspace.evidence / capture.warc_file).write_bytes(damaged)
    for finding in archive.verify():
        archive.mark_failed(finding)
    found = look(workspace, "evidence hashes")
    assert found.status == "fail"
    assert capture.capture_id in found.detail


def test_the_last_run_that_failed_says_why(workspace: Workspace) -> None:
    book = journal.Journal.open(workspace, "r1", {})
    with pytest.raises(ValueError, match="boom"), book.stage("awards"):
        raise ValueError("boom")
    book.close(None, ok=False)
    found = look(workspace, "last run")
    assert (found.status, "boom" in found.detail) == ("warn", True)


def test_a_damaged_pointer_fails(workspace: Workspace) -> None:
    (workspace.warehouse / "current").write_text("{", encoding="utf-8")
    assert look(workspace, "warehouse").status == "fail"


def test_a_stale_source_warns(workspace: Workspace) -> None:
    day = date(2025, 1, 2)
    write_mark(workspace, Mark("usaspending", day, "r", "live", day, day, True, datetime(2025, 1, 2, tzinfo=UTC)))
    found = look(workspace, "usaspending freshness")
    assert found.status == "warn"
    assert "operations.md" in found.todo


@pytest.mark.parametrize(("contact", "status"), [("", "warn"), ("somebody", "warn"), ("a@b.example", "ok")])
def test_contact(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, contact: str, status: str) -> None:
    monkeypatch.setenv("SECTION3C_CONTACT", contact)
    assert look(workspace, "contact").status == status


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(503 if self.path == "/down" else 405)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def test_reachability(server: str) -> None:
    assert reach.probe("s", server).status == "ok"
    assert "503" in reach.probe("s", f"{server}/down").detail
    gone = reach.probe("s", "http://127.0.0.1:9", timeout=2)
    assert gone.status == "warn"
    assert "replay still works" in gone.todo
    assert reach.probe("s", "ftp://example.org").status == "warn"


def test_base_urls_replace_the_sources_own(server: str) -> None:
    found = {r.source: r for r in reach.sources(dict.fromkeys(reach.names(), server))}
    assert found["usaspending"].detail == f"{server} answered 405"
    assert {r.status for r in found.values()} == {"ok"}
