"""Sources that must be told whom to ask about: the weekly job fills them from what is published, and a replay again."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawlers.news.outlets import VARIABLE
from crawlers.sources import load as source_of
from pipelines import foreground, stages, wishes
from pipelines import night as nights
from pipelines.freshness import read_mark
from pipelines.night import StageError
from pipelines.options import Mode, RunOptions
from pipelines.settings import settings
from records.lake import read_table
from records.published import COMPANY_ALIAS, DOCUMENT, FAMILY_EDGE, SECURITY
from records.workspace import Workspace
from tests.crawlers.news_setting import outlets_file
from tests.replica.gleif import Gleif
from tests.replica.news import NewsReplica, news_replica
from tests.replica.news_articles import folder as articles_in
from tests.replica.openfigi import OpenFigi
from tests.replica.plain import PlainServer, running
from tests.replica.sec import Sec
from tests.warehouse import archived
from tests.warehouse.rows import PLATES

__all__ = ["news_replica"]
SAMPLE_NEWS = Path(__file__).resolve().parents[1] / "replica" / "sample_news"
HOLDINGS = """<?xml version="1.0"?><informationTable xmlns="http://www.sec.gov/edgar/document/thirteenf/informationtable">
<infoTable><nameOfIssuer>MICROSOFT CORP</nameOfIssuer><cusip>594918104</cusip></infoTable>
<infoTable><nameOfIssuer>ACCENTURE PLC</nameOfIssuer><cusip>G1151C101</cusip></infoTable></informationTable>"""


def publish(workspace: Workspace) -> None:
    """A published version whose candidates are companies that the registries' stand-ins know."""
    plates = "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE"
    page = archived.archive_page(workspace, [
        archived.result(PLATES, plates, "HARBOR LANTERN CORPORATION"),
        archived.result(archived.SECOND, "GUARDS FOR THE DETENTION FACILITY", "QUIET MEADOW DATA INC"),
    ], 1)
    archived.load_page(workspace, page, "d1")
    archived.night(workspace)


@dataclass
class Registries:
    """The stand-ins, and a workspace whose candidates they know."""

    workspace: Workspace
    bases: dict[str, str]
    servers: dict[str, PlainServer]
    figi: OpenFigi

    def run(self) -> foreground.RunSummary:
        return foreground.run(RunOptions(workspace=self.workspace, mode="live", base_urls=self.bases,
                                         sources=tuple(self.bases), workers=1))

    def crawl(self, *sources: str, mode: Mode = "live", replay: Path | None = None) -> None:
        """Captures and lake only, as the job's stages do them."""
        options = RunOptions(workspace=self.workspace, mode=mode, base_urls=self.bases, sources=sources, replay=replay)
        with nights.opened(options, f"{mode}-again", settings().today()) as night:
            for source in sources:
                crawled = stages.crawl_source(night, source)
                assert crawled.proven, crawled.problems
                assert not stages.load_source(night, source).failed


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("published") / "data").ensure()
    publish(workspace)
    return workspace


@pytest.fixture
def registries(published: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registries]:
    monkeypatch.setenv("SECTION3C_CONTACT", "A test, test@example.org")
    monkeypatch.delenv("SECTION3C_OPENFIGI_KEY", raising=False)
    (tmp_path / "13f.xml").write_text(HOLDINGS)
    monkeypatch.setenv(wishes.HOLDINGS_VARIABLE, str(tmp_path / "13f.xml"))
    workspace = Workspace(tmp_path / "data")
    shutil.copytree(published.root, workspace.root)
    figi = OpenFigi()
    with ExitStack() as stack:
        servers = {name: stack.enter_context(running(PlainServer(service.answer)))
                   for name, service in (("sec", Sec()), ("gleif", Gleif()), ("openfigi", figi))}
        yield Registries(workspace, {name: one.base for name, one in servers.items()}, servers, figi)


@pytest.mark.clause("§2.6")
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_job_asks_registries_about_candidates_and_holdings_and_one_dead_source_stops_nobody(
    registries: Registries, news_replica: Callable[..., NewsReplica], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = outlets_file(tmp_path / "outlets.yaml", 3)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "outlets.yaml"))
    registries.bases |= {"news": news_replica(articles_in(SAMPLE_NEWS), listed).base,
                         "facilities": "http://127.0.0.1:9"}
    summary = registries.run()
    told = {one.source: one.proven for one in summary.sources}
    assert told == {"sec": True, "gleif": True, "openfigi": True, "news": True, "facilities": False}
    assert (summary.exit_code, summary.why_not) == (3, ""), "published, though one source failed"
    assert any("facilities" in problem for problem in summary.problems)

    lake = registries.workspace.lake
    known = read_table(lake, "company_alias", COMPANY_ALIAS).to_pylist()
    aliases = {(one["company_key"], one["name"]) for one in known}
    assert ("cik:0001000101", "OLD PIER CORP") in aliases, "a former name, from SEC"
    assert ("lei:HARBORLANTERN0000107", "OLD PIER CORPORATION") in aliases, "from GLEIF"
    children = {one["child"] for one in read_table(lake, "family_edge", FAMILY_EDGE).to_pylist()}
    assert {"Harbor Detention Services, LLC", "Quiet Records, Inc.", "Harbor Lantern Holdings LLC"} <= children
    figis = {one["id_value"]: one["name"] for one in read_table(lake, "security", SECURITY).to_pylist()}
    assert figis["594918104"] == "MICROSOFT CORP" and "G1151C101" in figis
    rows = read_table(lake, "document", DOCUMENT).to_pylist()
    stories = [one["story_id"] for one in rows if one["fingerprint"]]
    assert all(stories) and len(stories) - len(set(stories)) == 2, "one wire story stands in three outlets"

    again = wishes.wishes(registries.workspace, source_of("gleif"))  # known by now: by identifier, not looked up again
    assert "HARBORLANTERN0000107" in again["lei"] and "HARBOR LANTERN CORPORATION" not in again.get("names", ())


def test_a_replay_asks_what_each_recorded_run_asked(registries: Registries, tmp_path: Path) -> None:
    registries.crawl("sec")
    copy = Registries(Workspace(tmp_path / "copy"), {}, {}, registries.figi)
    copy.crawl("sec", mode="replay", replay=registries.workspace.evidence)
    for table, schema in (("company_alias", COMPANY_ALIAS), ("family_edge", FAMILY_EDGE)):
        assert len(_rows(copy.workspace, table, schema)) > 3
        assert _rows(copy.workspace, table, schema) == _rows(registries.workspace, table, schema)


def _rows(workspace: Workspace, table: str, schema: Any) -> list[str]:
    return sorted(map(str, read_table(workspace.lake, table, schema).to_pylist()))


def test_those_who_waited_longest_come_next(registries: Registries) -> None:
    workspace, sec = registries.workspace, source_of("sec")
    one = sec.model_copy(update={"asks": sec.asks.model_copy(update={"at_most": 1})})  # type: ignore[union-attr]
    first = wishes.wishes(workspace, one)
    assert len(first["names"]) == 1
    assert wishes.wishes(workspace, one) == first, "nothing was asked yet"
    wishes.remember(workspace, "sec", first, dt.date(2026, 1, 3))
    second = wishes.wishes(workspace, one)
    assert set(first["names"] + second["names"]) == {"HARBOR LANTERN CORPORATION", "QUIET MEADOW DATA INC"}
    wishes.remember(workspace, "sec", second, dt.date(2026, 1, 10))
    assert wishes.wishes(workspace, one) == first


def test_a_holdings_file_that_cannot_be_read_fails_its_source_only(
    registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / "holdings.csv"
    bad.write_text("Issuer,Amount\nMicrosoft,12\n")
    monkeypatch.setenv(wishes.HOLDINGS_VARIABLE, str(bad))
    with pytest.raises(StageError, match="holds no CUSIP"):
        wishes.wishes(registries.workspace, source_of("openfigi"))
    assert "names" in wishes.wishes(registries.workspace, source_of("sec"))


def test_nothing_is_asked_where_nothing_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(wishes.HOLDINGS_VARIABLE, raising=False)
    empty = Workspace(tmp_path / "data").ensure()
    assert [wishes.wishes(empty, source_of(name)) for name in ("sec", "gleif", "openfigi", "news")] == [{}] * 4
    assert read_mark(empty, "sec", settings().today()) is None
