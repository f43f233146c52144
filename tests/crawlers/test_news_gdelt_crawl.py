"""The GDELT crawl: its refusals are not measured, its silences are none, its leads are followed up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.news.measures import MeasureLog
from crawlers.news.outlets import VARIABLE, Outlets
from tests.crawlers.news_setting import NewsCrawls, outlets_file
from tests.replica.news import NewsReplica, news_replica
from tests.replica.news_articles import made_up

__all__ = ["news_replica"]
Start = Callable[..., NewsReplica]


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outlets:
    made = outlets_file(tmp_path / "outlets.yaml", sitemaps=False)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "outlets.yaml"))
    return made


@pytest.fixture
def crawls(tmp_path: Path) -> NewsCrawls:
    return NewsCrawls(tmp_path)


def log_of(crawls: NewsCrawls) -> MeasureLog:
    return MeasureLog(crawls.workspace.state / "crawl" / "gdelt" / "measures.jsonl")


def recent(count: int) -> list:  # type: ignore[type-arg]
    return made_up(count, seed=9, end=datetime.now(UTC) - timedelta(minutes=5))


def test_leads_come_into_the_lake_and_the_news_crawl_follows_them(
    news_replica: Start, listed: Outlets, crawls: NewsCrawls
) -> None:
    articles = recent(60)
    replica = news_replica(articles, listed, "gdeltempty")
    report = crawls.crawl(replica.base, source="gdelt")
    assert report.ok, report.problems
    outcomes = {m.outcome for m in log_of(crawls).all()}
    assert outcomes <= {"found", "none"} and "found" in outcomes
    assert crawls.load(report).ok
    leads = crawls.rows("lead", "gdelt")
    assert leads and all(r["found_by"] == "gdelt" and r["seen_at"] and r["published_at"] is None for r in leads)
    assert all(r["query_id"] for r in leads)
    for lists in replica.sites.of_outlet.values():
        lists.clear()  # no feed announces anything: only GDELT knows
    news = crawls.crawl(replica.base, "r2")
    assert news.ok, news.problems
    crawls.load(news)
    assert {r["url"].partition("/www.")[2] for r in crawls.rows("document")} == {
        r["url"].partition("//www.")[2] for r in leads}


def test_refusals_are_not_measured_and_asked_again(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    replica = news_replica(recent(20), listed, "gdeltdown")
    report = crawls.crawl(replica.base, source="gdelt")
    assert report.ok and not report.harvests
    assert {m.outcome for m in log_of(crawls).all()} == {"not_measured"}
    assert any("no conclusion on coverage" in note for note in report.notes)
    asked = replica.asked.count("/api/v2/doc/doc")
    assert asked == 9, "three tries of three questions, then the circuit is open"
    replica.sites.traps = frozenset({"gdelt429"})
    again = crawls.crawl(replica.base, "r2", source="gdelt")
    assert again.ok
    done = [m for m in log_of(crawls).all() if m.run_id == "r2"]
    assert {m.outcome for m in done} <= {"found", "none"}
    first = min(m.start for m in log_of(crawls).all() if m.run_id == "r1")
    assert min(m.start for m in done) <= first, "the window that was not measured is asked again"


def test_full_answers_are_split_until_nothing_is_cut(news_replica: Start, listed: Outlets, crawls: NewsCrawls) -> None:
    articles = recent(10)
    for number, article in enumerate(made_up(600, seed=2, end=datetime.now(UTC) - timedelta(minutes=5))):
        article.date = datetime.now(UTC) - timedelta(minutes=2 * number + 5)
        article.paragraphs.append("The contractor of the detention center near Port Mercy works for the Border Patrol.")
        articles.append(article)
    replica = news_replica(articles, listed)
    report = crawls.crawl(replica.base, source="gdelt", options={"queries": ["detention_contracts"]})
    assert report.ok, report.problems
    crawls.load(report)
    urls = {r["url"] for r in crawls.rows("lead", "gdelt")}
    known = {replica.sites.public(o, a) for o in replica.sites.outlets for a in replica.sites.of_outlet[o.id]
             if "The contractor of the detention center" in a.gold}
    assert known <= urls
    measured = [m for m in log_of(crawls).all() if m.outcome == "found"]
    assert len(measured) > 1 and all(m.count < 250 for m in measured)
