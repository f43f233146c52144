"""Crawls of SAM.gov through its replica: the real spiders, archive, parsers and lake."""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.importing import import_file
from crawlers.load import LoadReport, load
from crawlers.run import CrawlReport, crawl
from crawlers.sam.settle import SettleReport, settle
from crawlers.sources import load as load_source
from records.lake import read_table
from records.published import DOCUMENT, NOTICE
from records.workspace import Workspace
from tests.replica.plain import PlainServer, running
from tests.replica.sam import Row, Sam
from tests.replica.sam import load as load_rows

SAMPLE = Path(__file__).resolve().parents[1] / "golden" / "sam_notices" / "list" / "response.body"


@dataclass
class Night:
    """One installation against one replica."""

    workspace: Workspace
    service: Sam
    server: PlainServer

    def crawl(self, run: str = "r1", source: str = "sam_notices", **options: Any) -> CrawlReport:
        return crawl(source, workspace=self.workspace, run_id=run, base_url=self.server.base, options=options)

    def load(self, report: CrawlReport) -> tuple[LoadReport, SettleReport]:
        archive = EvidenceArchive(self.workspace.evidence)
        done = load(report.harvests, archive, self.workspace.lake, source=report.source,
                    assertions=load_source(report.source).assertions)
        return done, settle(self.workspace.lake)

    def notices(self) -> list[dict[str, Any]]:
        return list(read_table(self.workspace.lake, "notice", NOTICE).to_pylist())

    def documents(self) -> list[dict[str, Any]]:
        return list(read_table(self.workspace.lake, "document", DOCUMENT).to_pylist())


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:
        def start(rows: list[Row], *traps: str, quota: int = 10, keys: tuple[str, ...] = ()) -> Night:
            service = Sam(rows, frozenset(traps), quota=quota, keys=keys)
            server = stack.enter_context(running(PlainServer(service.answer)))
            return Night(Workspace(tmp_path / "data").ensure(), service, server)

        yield start


@pytest.fixture(scope="module")
def sample() -> list[Row]:
    return load_rows([SAMPLE])


@pytest.mark.clause("§3.3.b")
def test_every_notice_of_the_list_is_in_the_lake_once_with_its_text(nights: Any, sample: list[Row]) -> None:
    night = nights(sample)
    report = night.crawl()
    assert report.ok, (report.problems, report.proofs)
    loaded, settled = night.load(report)
    assert loaded.ok, loaded.problems
    notices = night.notices()
    assert sorted(n["notice_id"] for n in notices) == sorted(r["NoticeId"] for r in sample)
    assert settled.versions == len(sample)
    texts = {d["record_key"] for d in night.documents()}
    assert texts == {r["NoticeId"] for r in sample if r["Description"].strip()}


def test_a_second_night_adds_only_what_is_new(nights: Any, sample: list[Row]) -> None:
    night = nights(sample[:-2])
    night.load(night.crawl("r1", window="1"))
    before = {(n["notice_id"], n["version_sha256"]) for n in night.notices()}
    amended = {**sample[0], "Title": sample[0]["Title"] + " Amendment", "PostedDate": "2026-04-27 10:00:00-04"}
    night.service.rows = [*sample[1:], amended]
    night.service._lists.clear()
    report = night.crawl("r2", window="2")
    # another day's batch, as a second night has
    report.harvests = [h._replace(batch="2099-01-01") for h in report.harvests]
    _, settled = night.load(report)
    after = night.notices()
    keys = [(n["notice_id"], n["version_sha256"]) for n in after]
    assert len(keys) == len(set(keys)), "a version stands twice"
    assert len(set(keys) - before) == 3, "two new notices and one amended"
    assert before <= set(keys), "what left the list is kept"
    assert settled.repeats == len(sample) - 3
    chain = sorted((n["amendment"], n["title"]) for n in after if n["notice_id"] == sample[0]["NoticeId"])
    assert [title for _, title in chain] == [sample[0]["Title"], amended["Title"]]
    ids = [d["document_id"] for d in night.documents()]
    assert len(ids) == len(set(ids))
    assert {n["document_id"] for n in after} - {None} == set(ids)
    assert settle(night.workspace.lake).rewritten == 0, "settling twice changes nothing"


@pytest.mark.parametrize("traps", [("headeronly",), ("page",)])
def test_a_list_that_is_none_fails_the_night_and_loads_nothing(nights: Any, sample: list[Row],
                                                               traps: tuple[str, ...]) -> None:
    night = nights(sample, *traps)
    report = night.crawl()
    assert not report.ok
    assert not report.harvests
    assert "no good list 'active'" in report.problems[0]
    assert "yesterday's stands" in report.problems[0]


@pytest.mark.parametrize("traps", [("headeronly", "mirrorgood"), ("page", "mirrorgood")])
def test_the_mirror_steps_in(nights: Any, sample: list[Row], traps: tuple[str, ...]) -> None:
    night = nights(sample, *traps)
    report = night.crawl()
    assert report.ok, report.problems
    assert len(report.harvests) == 1
    night.load(report)
    assert len(night.notices()) == len(sample)


def test_a_download_that_breaks_off_is_fetched_again(nights: Any, sample: list[Row]) -> None:
    night = nights(sample, "truncated")
    report = night.crawl()
    assert report.ok, report.problems
    assert report.stats["retries"] == 1
    night.load(report)
    assert len(night.notices()) == len(sample)


def test_a_list_that_lost_a_third_of_its_rows_is_not_loaded(nights: Any, sample: list[Row]) -> None:
    night = nights(sample)
    night.load(night.crawl("r1", window="1"))
    night.service.traps = frozenset({"shrunk"})
    report = night.crawl("r2", window="2")
    assert not report.ok
    assert "more than 30% fewer" in report.problems[0]
    assert not report.harvests
    accepted = night.crawl("r3", window="3", accept_drop=True)
    assert accepted.ok


def test_replay_gives_the_same_rows(nights: Any, sample: list[Row]) -> None:
    night = nights(sample)
    live = night.crawl()
    again = crawl("sam_notices", workspace=night.workspace, run_id="r9", mode="replay")
    assert again.ok, again.problems
    assert again.harvests == live.harvests


@pytest.mark.parametrize("name", ["ContractOpportunitiesFullCSV.csv", "list.csv.gz"])
def test_an_analyst_may_hand_in_the_list(tmp_path: Path, sample: list[Row], name: str) -> None:
    raw = SAMPLE.read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    workspace = Workspace(tmp_path / "data")
    for _ in range(2):  # the same file again replaces itself
        report = import_file(tmp_path / name, workspace)
        assert report.ok, report.problems
        assert report.rows["notice"] == len(sample)
    notices = read_table(workspace.lake, "notice", NOTICE).to_pylist()
    assert sorted(n["notice_id"] for n in notices) == sorted(r["NoticeId"] for r in sample)
    assert max(n["amendment"] for n in notices) >= 1


# ---- the API --------------------------------------------------------------------------------------------------------

DAYS = {"date_from": "2026-04-01", "date_to": "2026-04-30"}


def test_without_a_key_the_api_is_not_asked(nights: Any, sample: list[Row], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECTION3C_SAM_KEY", raising=False)
    night = nights(sample)
    report = night.crawl(source="sam_api", **DAYS)
    assert report.ok
    assert "SECTION3C_SAM_KEY is not set" in "".join(report.notes)
    assert not night.server.log


def test_the_api_brings_whole_texts_within_the_quota_and_the_key_is_nowhere_on_disk(
    nights: Any, sample: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "K3y-that-must-not-be-kept-0123456789"
    monkeypatch.setenv("SECTION3C_SAM_KEY", secret)
    night = nights(sample, "ignored", keys=(secret,))
    report = night.crawl(source="sam_api", quota=6, **DAYS)
    assert report.ok, report.problems
    assert night.service.used[secret] <= 6
    parsers = Counter(h.parser for h in report.harvests)
    assert parsers["sam_opportunities"] == 1
    assert parsers["sam_noticedesc"] >= 1
    night.load(report)
    texts = [d for d in night.documents() if d["kind"] == "notice"]
    by_id = {r["NoticeId"]: r for r in sample}
    assert texts
    for text in texts:
        assert text["text"][:40].split()[0] in by_id[text["record_key"]]["Description"]
    for file in night.workspace.root.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            if file.suffix == ".gz":
                raw += gzip.decompress(raw)
            assert secret.encode() not in raw, f"the key stands in {file.relative_to(night.workspace.root)}"


def test_the_quota_of_a_day_is_counted_over_runs(nights: Any, sample: list[Row],
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_SAM_KEY", "k")
    night = nights(sample)
    night.crawl("r1", source="sam_api", quota=3, **DAYS)
    assert night.service.used["k"] == 3
    again = night.crawl("r2", source="sam_api", quota=3, **DAYS)
    assert night.service.used["k"] == 3
    assert "quota of 3 requests is used up" in "".join(again.notes)


@pytest.mark.parametrize("fault", [(), ("fault",)])
def test_a_429_closes_the_api_until_the_time_it_names(nights: Any, sample: list[Row], fault: tuple[str, ...],
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_SAM_KEY", "k")
    night = nights(sample, "quota", *fault, quota=1)
    first = night.crawl("r1", source="sam_api", **DAYS)
    assert first.ok, "a used-up quota is no fault"
    assert "2099-09-09" in "".join(first.notes)
    asked = len(night.server.log)
    second = night.crawl("r2", source="sam_api", **DAYS)
    assert "2099-09-09" in "".join(second.notes)
    assert len(night.server.log) == asked, "asked again before the time named"


def test_a_wrong_key_is_told_without_telling_it(nights: Any, sample: list[Row],
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_SAM_KEY", "wrong-key-9876")
    night = nights(sample, keys=("right",))
    report = night.crawl(source="sam_api", **DAYS)
    assert not report.ok
    assert "SECTION3C_SAM_KEY" in report.problems[0]
    assert "wrong-key-9876" not in "".join([*report.problems, *report.notes])


def test_a_page_that_ignored_the_dates_is_not_loaded(nights: Any, sample: list[Row],
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_SAM_KEY", "k")
    night = nights(sample, "nodates")
    report = night.crawl(source="sam_api", date_from="2025-01-01", date_to="2025-01-02")
    assert not report.ok
    assert "ignored the dates" in report.problems[0]
    assert not report.harvests


# ---- acceptance, over the development data ---------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", ["sam_notices.parquet", "ContractOpportunities_official_columns.csv.gz"])
def test_every_shared_notice_is_in_the_lake_once(nights: Any, shared: Path, name: str) -> None:
    rows = load_rows([shared / "data" / "notices" / name])
    night = nights(rows)
    report = night.crawl()
    assert report.ok, report.problems
    loaded, _ = night.load(report)
    assert loaded.ok, loaded.problems
    notices = night.notices()
    assert Counter(n["notice_id"] for n in notices) == Counter(r["NoticeId"] for r in rows)
    by_id = {n["notice_id"]: n for n in notices}
    words = {"Award Notice": "award", "Combined Synopsis/Solicitation": "combined", "Special Notice": "special_notice",
             "Sources Sought": "sources_sought", "Sale of Surplus Property": "sale"}
    for row in rows:
        assert by_id[row["NoticeId"]]["type"] == words.get(row["Type"], row["Type"].lower())
    chains: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if len(row["Sol#"].strip()) > 6 and any(char.isdigit() for char in row["Sol#"]):
            chains[row["Department/Ind.Agency"], row["Sol#"].strip()].add(by_id[row["NoticeId"]]["procurement_key"])
    assert all(len(keys) == 1 for keys in chains.values()), [c for c in chains.items() if len(c[1]) > 1][:5]
    orders: defaultdict[str, list[tuple[int, Any]]] = defaultdict(list)
    for notice in notices:
        orders[notice["procurement_key"]].append((notice["amendment"], notice["posted_at"]))
    for chain in orders.values():
        chain.sort()
        assert [number for number, _ in chain] == list(range(len(chain)))
        assert [posted for _, posted in chain] == sorted(posted for _, posted in chain)
