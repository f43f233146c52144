"""Whole nights in this process, through every real room, against the replica over real federal award rows."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from pipelines import foreground, journal, settled
from pipelines.foreground import RunOptions, RunSummary
from pipelines.freshness import read_mark
from pipelines.instance import opened
from pipelines.lock import BusyError
from pipelines.options import OptionsError
from pipelines.render import render
from pipelines.settings import settings
from records.workspace import Workspace
from tests.replica.fixtures import SAMPLE, Replica, serve
from warehouse import checks, publish, reader

FIRST = (date(2022, 10, 1), date(2023, 9, 30))
BOTH = (date(2022, 10, 1), date(2024, 9, 30))


class Listener:
    """Remembers what a run told it."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.finished: dict[str, bool] = {}

    def start(self, stage: str, label: str, total: int | None = None) -> None:
        self.started.append(stage)

    def advance(self, stage: str, done: int, total: int | None = None, label: str | None = None) -> None:
        assert stage in self.started

    def finish(self, stage: str, label: str, ok: bool = True) -> None:
        self.finished[stage] = ok


class Home:
    """A workspace crawled live from a replica."""

    def __init__(self, folder: Path, replica: Replica) -> None:
        self.workspace = Workspace(folder).ensure()
        self.replica = replica
        self.listener = Listener()

    def run(self, window: tuple[date, date], *, accept_drift: bool = False) -> RunSummary:
        options = RunOptions(
            workspace=self.workspace, mode="live", base_urls={"usaspending": self.replica.base},
            sources=("usaspending",), date_from=window[0], date_to=window[1], workers=1, accept_drift=accept_drift,
        )
        return foreground.run(options, self.listener)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("night")
    replica, server = serve(SAMPLE / "transactions", folder / "scratch", traps="none")
    yield Home(folder / "data", replica)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def first(home: Home) -> RunSummary:
    return home.run(FIRST)


@pytest.fixture(scope="module")
def both(home: Home, first: RunSummary) -> RunSummary:
    assert first.version
    return home.run(BOTH)


@pytest.fixture(scope="module")
def copy(home: Home, both: RunSummary, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, RunSummary]:
    """Another installation that replays the first one's evidence."""
    folder = tmp_path_factory.mktemp("copy") / "data"
    return Workspace(folder), replay(folder, home.workspace.evidence)


def replay(folder: Path, archive: Path) -> RunSummary:
    return foreground.run(RunOptions(workspace=Workspace(folder), mode="replay", replay=archive, workers=1))


@pytest.mark.clause("§3.3.b")
def test_a_night_publishes_candidates_with_their_evidence(home: Home, first: RunSummary) -> None:
    assert (first.exit_code, first.why_not) == (0, "")
    assert publish.current(home.workspace) is not None
    assert first.version == publish.current(home.workspace).version  # type: ignore[union-attr]
    assert first.rows["fetched"] == first.rows["new"] > 0
    assert first.sources[0].proofs
    assert all(proof.ok for proof in first.sources[0].proofs)
    assert first.candidates
    assert all(c.evidence_id and c.words for c in first.candidates)
    assert [s.name for s in first.stages] == [
        "usaspending_captures", "usaspending_lake", "awards", "statements", "evidence_check", "warehouse_version",
        "checks", "warehouse",
    ]
    assert home.listener.finished == dict.fromkeys(home.listener.started, True)


def test_the_summary_reads_well_and_survives_json(first: RunSummary) -> None:
    out = io.StringIO()
    render(first, Console(file=out, width=80))
    text = out.getvalue()
    assert f"Published version {first.version}" in text
    for one in first.candidates:
        assert one.candidate_id in text
        assert one.evidence_id is None or one.evidence_id in text
    assert json.loads(json.dumps(journal.plain(first)))["version"] == first.version


def test_the_run_stands_in_the_journal_and_in_dagsters_books(home: Home, first: RunSummary) -> None:
    kept = journal.last(home.workspace)
    assert kept is not None
    assert (kept["run_id"], kept["state"], kept["summary"]["version"]) == (first.run_id, "succeeded", first.version)
    day = settings().today().isoformat()
    with opened(home.workspace) as books:
        run = books.get_run_by_id(first.run_id)
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS
        assert run.tags["dagster/partition"] == day
        assert books.get_materialized_partitions(dg.AssetKey("usaspending_captures")) == {day}
        assert books.get_latest_materialization_event(dg.AssetKey("warehouse")) is not None
    mark = read_mark(home.workspace, "usaspending", settings().today())
    assert mark is not None
    assert mark.proven
    assert mark.reaches == FIRST[1]


def test_a_failed_check_leaves_the_last_version_then_a_good_run_replaces_it(
    home: Home, first: RunSummary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "check_sql"
    shutil.copytree(checks.FOLDER, folder)
    (folder / "nothing_is_good_enough.sql").write_text("-- Every award offends.\nSELECT award_key FROM award\n")
    with monkeypatch.context() as patch:
        patch.setattr(checks, "FOLDER", folder)
        refused = home.run(BOTH)
    assert refused.exit_code == 1
    assert refused.version == first.version
    assert "nothing_is_good_enough" in refused.why_not
    assert publish.current(home.workspace).version == first.version  # type: ignore[union-attr]
    out = io.StringIO()
    render(refused, Console(file=out, width=200))
    assert f"Version {first.version} still stands" in out.getvalue()


def test_the_good_run_after_it_skips_what_was_done_and_publishes(first: RunSummary, both: RunSummary) -> None:
    assert (both.exit_code, both.why_not) == (0, "")
    assert both.version not in (None, first.version)
    assert {s.name for s in both.stages if s.skipped} >= {"awards", "statements", "warehouse_version"}


def test_a_replay_of_the_evidence_publishes_the_same_content_and_then_finds_nothing_to_do(
    home: Home, both: RunSummary, copy: tuple[Workspace, RunSummary]
) -> None:
    workspace, again = copy
    assert again.exit_code == 0
    assert (again.version, again.table_hashes) == (both.version, both.table_hashes)
    assert not again.unchanged

    idle = replay(workspace.root, home.workspace.evidence)
    assert again.run_id[:8] in idle.unchanged
    assert (idle.exit_code, idle.version, idle.candidates) == (0, again.version, again.candidates)
    assert idle.seconds < again.seconds / 4
    assert (idle.statements, idle.table_hashes) == (again.statements, again.table_hashes)
    kept = journal.last(workspace)
    assert kept is not None
    assert (kept["run_id"], kept["state"]) == (idle.run_id, "succeeded")


def test_whatever_was_touched_makes_a_replay_work(home: Home, copy: tuple[Workspace, RunSummary]) -> None:
    workspace = copy[0]
    options = RunOptions(workspace=workspace, mode="replay", replay=home.workspace.evidence, workers=3)
    assert settled.nothing_to_do(options) is not None, "the number of workers changes no result"
    assert settled.nothing_to_do(replace(options, full_verify=True)) is None
    assert settled.nothing_to_do(replace(options, sources=("usaspending",))) is None
    for path in (next(workspace.lake.rglob("*.parquet")), next(workspace.evidence.rglob("*.warc.gz")),
                 workspace.warehouse / "current"):
        before = path.stat()
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        assert settled.nothing_to_do(options) is None, path
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert settled.nothing_to_do(options) is not None



def test_an_idle_replay_starts_neither_dagster_nor_a_model(
    home: Home, copy: tuple[Workspace, RunSummary]
) -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.foreground import RunOptions, run;"
        "from records.workspace import Workspace;"
        "s = run(RunOptions(workspace=Workspace(Path(sys.argv[1])), mode='replay', replay=Path(sys.argv[2])));"
        "print(bool(s.unchanged), *sorted({'dagster', 'scrapy', 'spacy'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code, str(copy[0].root), str(home.workspace.evidence)],
                           capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True"]


@pytest.mark.clause("§3.3.b")
def test_a_flipped_byte_is_named_and_its_statements_withdrawn(home: Home, both: RunSummary, tmp_path: Path) -> None:
    hurt = Home(tmp_path / "data", home.replica)
    shutil.copytree(home.workspace.root, hurt.workspace.root, dirs_exist_ok=True)
    statement = next(c.evidence_id for c in both.candidates)
    with reader.connect(hurt.workspace) as session:
        places = session.query(
            "SELECT warc_file, warc_offset, warc_length FROM statement_span JOIN capture USING (capture_id) "
            "WHERE statement_id = $id LIMIT 1", {"id": statement}).table.to_pylist()
    warc = hurt.workspace.evidence / places[0]["warc_file"]
    body = bytearray(warc.read_bytes())
    body[places[0]["warc_offset"] + places[0]["warc_length"] // 2] ^= 0x10
    warc.write_bytes(body)
    found = hurt.run(BOTH, accept_drift=True)
    assert any(warc.name in problem for problem in found.problems), found.problems
    assert found.withdrawn > 0
    assert statement not in {c.evidence_id for c in found.candidates}
    assert found.version not in (None, both.version)


def test_a_run_at_work_is_named(home: Home, first: RunSummary) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pipelines.lock import workspace_lock;"
        "from records.workspace import Workspace;\n"
        "with workspace_lock(Workspace(Path(sys.argv[1])), 'run 12345678 (live)'):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(home.workspace.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BusyError, match=f"process {other.pid} .run 12345678"):
            home.run(FIRST)
    finally:
        other.kill()
        other.wait()


def test_a_source_that_cannot_be_reached_publishes_nothing_and_says_so(tmp_path: Path) -> None:
    options = RunOptions(workspace=Workspace(tmp_path / "data"), mode="live", sources=("usaspending",),
                         base_urls={"usaspending": "http://127.0.0.1:9"}, date_from=FIRST[0], date_to=FIRST[1])
    found = foreground.run(options)
    assert found.exit_code == 1
    assert found.version is None
    assert "no source could be crawled" in found.why_not
    assert "usaspending" in found.why_not


def test_an_archive_without_a_known_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    with pytest.raises(OptionsError, match="holds no crawl of a known source"):
        replay(tmp_path / "data", tmp_path / "archive")
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(b"\x1f\x8bnot really")
    with pytest.raises(OptionsError, match="no WARC file that can be read"):
        replay(tmp_path / "data", broken)
