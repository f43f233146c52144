"""The news crawl against its replica: manners, memory, resumption, hostile sites, and what the lake has in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crawlers.news.align import says
from crawlers.news.decoded import decode
from crawlers.news.outlets import VARIABLE, Outlets
from tests.crawlers.news_setting import NewsCrawls, outlets_file
from tests.replica.news import NewsReplica, news_replica
from tests.replica.news_articles import SAMPLE, folder, made_up

__all__ = ["news_replica"]
ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., NewsReplica]


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outlets:
    made = outlets_file(tmp_path / "outlets.yaml")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "outlets.yaml"))
    return made


@pytest.fixture
def crawls(tmp_path: Path) -> NewsCrawls:
    return NewsCrawls(tmp_path)


@pytest.mark.clause("§3.3.a")
def test_articles_that_pass_the_gate_come_with_their_bytes(
    news_replica: Start, listed: Outlets, crawls: NewsCrawls
) -> None:
    articles = folder(SAMPLE)
    replica = news_replica(articles, listed)
    report = crawls.crawl(replica.base)
    assert report.ok, report.problems
    loaded = crawls.load(report)
    assert loaded.ok, loaded.problems
    rows = crawls.rows("document")
    wanted = [a for a in articles if "Snow" not in a.title]
    assert {r["title"] for r in rows} == {a.title for a in wanted}
    assert len(rows) == len(wanted) + 2, "the wire story stands in three outlets"
    for row in rows:
        capture = crawls.archive.get(row["capture_id"])
        with crawls.archive.payload(capture) as stream:
            data = stream.read()
        encoding = decode(data).encoding
        assert row["segments"] and row["access"] == "full" and row["reliability"] == "established"
        for s in row["segments"]:
            assert says(data[s["byte_start"]:s["byte_end"]], encoding, row["text"][s["start"]:s["end"]])
    leads = crawls.rows("lead")
    passed = {r["title"]: r["passed"] for r in leads}
    assert passed["Snow and ice close the pass road near Willow Bend"] is False
    assert {r["found_by"] for r in leads} == {"feed", "sitemap"}


def test_second_run_asks_conditionally_and_fetches_no_article_again(
    news_replica: Start, listed: Outlets, crawls: NewsCrawls
) -> None:
    replica = news_replica(folder(SAMPLE), listed, "halfetag,gzip")
    first = crawls.crawl(replica.base)
    count = len(replica.articles_asked())
    etag = replica.headers["/www.ledger0.example/rss.xml"]
    assert "if-none-match" not in etag
    second = crawls.crawl(replica.base, "r2")
    assert second.ok and len(replica.articles_asked()) == count
    sent = replica.headers["/www.ledger0.example/rss.xml"]
    assert sent["if-none-match"].startswith('W/"') and sent["if-modified-since"].endswith("GMT")
    assert replica.statuses[304] >= 4
    assert second.stats["verdicts"]["not_modified"] == replica.statuses[304]
    assert "error" not in second.stats["verdicts"]
    assert sorted(second.harvests) == sorted(first.harvests), "a second run of a day hands on the whole day"


def test_killed_crawl_goes_on_without_fetching_again(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    articles = made_up(120, seed=3)
    replica = news_replica(articles, listed)
    code = ("import sys; from pathlib import Path; from crawlers.run import crawl; "
            "from records.workspace import Workspace; "
            "crawl('news', workspace=Workspace(Path(sys.argv[1])), run_id='r0', base_url=sys.argv[2])")
    for _ in range(3):
        before = len(replica.articles_asked())
        child = subprocess.Popen([sys.executable, "-c", code, str(crawls.workspace.root), replica.base], cwd=ROOT,
                                 env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)
        deadline = time.monotonic() + 30
        while len(replica.articles_asked()) < before + 15 and time.monotonic() < deadline:
            time.sleep(0.005)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        time.sleep(0.3)
    report = crawls.crawl(replica.base, "r9")
    assert report.ok, report.problems
    asked = replica.articles_asked()
    again = len(asked) - len(set(asked))
    assert again <= 3 * 2 * len(listed.outlets), "only what was under way when it was killed"
    crawls.load(report)
    rows = crawls.rows("document")
    assert len(rows) == len({r["url"] for r in rows}) == len(articles)


def test_hostile_sites_harm_nobody_else(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    articles = made_up(40, seed=5)
    replica = news_replica(articles, listed, "xxe,laughs,selfindex,date1970,hugetitle,gzbomb,evil,badbytes,block200,"
                           "consent,paywall,redirect")
    report = crawls.crawl(replica.base)
    said = " ".join(report.notes)
    assert "declares entities" in said and report.ok, report.problems
    loaded = crawls.load(report)
    assert loaded.ok, loaded.problems
    rows = crawls.rows("document")
    assert len(rows) > 15
    assert not any("root:" in (r["text"] or "") for r in rows)
    assert {r["access"] for r in rows} >= {"full", "paywall"}
    assert all(r["published_at"] is None or r["published_at"].year == 2026 for r in rows)
    assert not list(crawls.archive.verify())


def test_endless_answer_ends_at_the_limit(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    replica = news_replica(folder(SAMPLE), listed, "endless")
    report = crawls.crawl(replica.base)
    assert report.ok and any("the limit is" in note for note in report.notes)


@pytest.mark.parametrize(("trap", "allowed"), [("robots503", False), ("robotsdeny", False), ("robots404", True)])
def test_robots_decides_and_the_decision_is_kept(
    news_replica: Start, listed: Outlets, crawls: NewsCrawls, trap: str, allowed: bool
) -> None:
    replica = news_replica(folder(SAMPLE), listed, trap)
    report = crawls.crawl(replica.base)
    assert bool(replica.articles_asked()) is allowed
    if not allowed:
        assert not report.ok and "none of 4 outlets answered" in report.problems[0]
    assert any("robots.txt of" in note for note in report.notes)


def test_replay_gives_the_same_rows(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    replica = news_replica(folder(SAMPLE), listed)
    live = crawls.crawl(replica.base)
    again = crawls.crawl(None, "r2", mode="replay")
    assert again.ok, again.problems
    assert {(h.capture_id, h.parser) for h in again.harvests} == {(h.capture_id, h.parser) for h in live.harvests}
    crawls.load(live)
    rows = sorted(crawls.rows("document"), key=lambda row: str(row["document_id"]))
    crawls.load(again)
    assert rows == sorted(crawls.rows("document"), key=lambda row: str(row["document_id"]))
