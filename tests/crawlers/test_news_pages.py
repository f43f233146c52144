# ruff: noqa: E501 - pages and tables of cases are easier to read in one piece
"""Article pages in thirty layouts: text at least as good as trafilatura's own, dates, access, organisations, no persons."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
import trafilatura

from crawlers.news import article
from crawlers.news.align import says
from crawlers.news.decoded import decode
from crawlers.news.extract import is_boilerplate
from crawlers.news.outlets import outlets
from crawlers.parsing import ParseContext
from tests.replica.news_articles import SAMPLE, Article, folder, made_up
from tests.replica.news_layouts import LAYOUTS, Page, ld

ARTICLES = [*folder(SAMPLE)[:3], *made_up(3, seed=7)]
URL = "https://www.example.org/contracts/story"


def read(page: Page | bytes, url: str = URL, **hints: Any) -> dict[str, Any]:
    made = page if isinstance(page, Page) else Page(page)
    charset = made.content_type.partition("charset=")[2]
    context = ParseContext(capture_id="c" + "0" * 20, source="news", as_of=date(2026, 11, 23), url=url,
                           hints={**({"charset": charset} if charset else {}), **hints})
    ((table, batch),) = article.parse(io.BytesIO(made.body), context)
    (row,) = batch.to_pylist()
    assert table == "document"
    return {**row, "problems": [str(p) for p in context.problems]}


def f1(got: str, gold: str) -> float:
    """Word-level F1 over bags of words."""
    found, wanted = Counter(got.split()), Counter(gold.split())
    return 2 * sum((found & wanted).values()) / max(1, found.total() + wanted.total())


def test_there_are_thirty_layouts() -> None:
    assert len(LAYOUTS) >= 30


@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_is_at_least_as_good_as_trafilaturas_and_stands_in_the_bytes(layout: str) -> None:
    ours, theirs = 0.0, 0.0
    for story in ARTICLES:
        page = LAYOUTS[layout](story, URL)
        row = read(page)
        ours += f1(row["text"], story.gold)
        theirs += max(f1(trafilatura.extract(page.body) or "", story.gold),
                      f1(trafilatura.extract(page.body, include_comments=False) or "", story.gold))
        encoding = decode(page.body, page.content_type.partition("charset=")[2]).encoding
        told = 0
        for s in row["segments"]:
            words = row["text"][s["start"]:s["end"]]
            assert says(page.body[s["byte_start"]:s["byte_end"]], encoding, words)
            told += sum(map(str.isalnum, words))
        assert told == sum(map(str.isalnum, row["text"])), "only list marks and table bars are not in the bytes"
        assert row["title"] == story.title and row["access"] == "full"
        assert "Alex Example" not in row["text"] and "Alex Example" not in str(row["authors_organisations"])
    assert ours >= theirs - 1e-9
    assert ours / len(ARTICLES) >= 0.93, "a headline and a table beside a short text cost some words"


@pytest.mark.parametrize(("url", "hints", "head", "wanted"), [
    (URL, {}, '<meta property="article:published_time" content="2026-11-20T10:00:00-05:00">', ("2026-11-20T15", "structured")),
    (URL, {"published": "2026-11-19T01:00:00+00:00", "found_by": "feed"}, "", ("2026-11-19T01", "feed")),
    (URL, {"published": "2026-11-18T01:00:00+00:00", "found_by": "sitemap"}, "", ("2026-11-18T01", "sitemap")),
    ("https://www.example.org/2026/11/17/x", {}, "", ("2026-11-17T00", "text")),
    (URL, {"last_modified": "Mon, 16 Nov 2026 08:00:00 GMT"}, "", ("2026-11-16T08", "header")),
    (URL, {"published": "1970-01-01T00:00:00+00:00"}, '<meta name="date" content="2031-01-01">', (None, None)),
])
def test_publication_date_and_where_it_was_stated(url: str, hints: dict[str, str], head: str, wanted: tuple[Any, Any]) -> None:
    row = read(f"<html><head>{head}</head><body><p>{ARTICLES[0].gold}</p></body></html>".encode(), url, **hints)
    moment = row["published_at"].isoformat()[:13] if row["published_at"] else None
    assert (moment, row["published_from"]) == wanted


@pytest.mark.parametrize(("body", "more", "access"), [
    ("{short}<p>Subscribe to continue reading this story.</p>", {}, "paywall"),
    ("{short}", {"isAccessibleForFree": "False"}, "paywall"),
    ("{long}", {"isAccessibleForFree": False, "wordCount": 100}, "full"),
    ("{short}", {"wordCount": 900}, "teaser"),
    ("<p>The agency signed the deal on Friday, records show. Read more …</p>", {}, "teaser"),
    ("<p>Before you continue</p><p>We use cookies and our partners store data.</p><button>Accept all</button>"
     "<button>Reject all</button>", {}, "consent"),
    ("{long}<p>Subscribe to our morning newsletter.</p>", {}, "full"),
])
def test_access_is_recognised(body: str, more: dict[str, Any], access: str) -> None:
    story = ARTICLES[-1]
    long = "".join(f"<p>{p}</p>" for p in story.paragraphs)
    short = "".join(f"<p>{p}</p>" for p in story.paragraphs[:2])
    page = f"<html><head>{ld(story, URL, **more)}</head><body><article>{body.format(short=short, long=long)}</article></body></html>"
    assert read(page.encode())["access"] == access


def test_only_organisations_are_authors() -> None:
    story = ARTICLES[0]
    authors = [{"@type": "Person", "name": "Alex Example"}, {"@type": "Organization", "name": "Example Wire"},
               "Jordan Sample", "Ledger Staff", {"name": "ProPublica"}]
    page = f"<html><head>{ld(story, URL, author=authors)}<meta name=author content='Kim Test'></head><body>{story.gold}</body></html>"
    assert read(page.encode())["authors_organisations"] == ["Example Wire", "Ledger Staff", "ProPublica"]


def test_canonical_address_stays_on_the_site() -> None:
    def canonical(href: str) -> str | None:
        page = f'<html><head><link rel="canonical" href="{href}"></head><body><p>{ARTICLES[0].gold}</p></body></html>'
        found: str | None = read(page.encode())["canonical_url"]
        return found

    assert canonical("/contracts/story-1#top") == "https://www.example.org/contracts/story-1"
    assert canonical("https://evil.example.com/contracts/story") is None
    assert canonical("https://www.example.org/") is None
    assert canonical("javascript:alert(1)") is None and canonical("http://[::1") is None


@pytest.mark.parametrize("page", [
    b"", b"\x00" * 100, b"no mark-up at all", b"<html></html>", b"\xff\xfe\xff", b"<" * 100_000,
    b"<p>" * 50_000 + b"x", b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script><p>x</p>",
    b"<html><head><title>" + b"A" * (12 << 20) + b"</title></head><body><p>x</p></body></html>",
])
@pytest.mark.timeout(60)
def test_hostile_pages_end_in_a_row_or_a_report(page: bytes) -> None:
    context = ParseContext(capture_id="c" + "0" * 20, source="news", as_of=date(2026, 11, 23), url=URL)
    rows = [row for _, batch in article.parse(io.BytesIO(page), context) for row in batch.to_pylist()]
    assert rows or context.problems
    assert all(len(row["title"] or "") <= 1000 for row in rows)


def test_page_beyond_the_limit_is_reported_not_read() -> None:
    context = ParseContext(capture_id="c" + "0" * 20, source="news", as_of=date(2026, 11, 23), url=URL)
    assert not list(article.parse(io.BytesIO(b"<p>" + b"A" * (50 << 20)), context))
    assert "16,777,216 bytes" in str(context.problems[0])


@pytest.mark.parametrize("line", [
    "By Alex Example", "By Alex Example and Jordan Sample | The Ledger", "Advertisement", "Photo: Example Pictures",
    "Sign up for our newsletter.", "© 2026 The Example Ledger", "Published November 20, 2026", "###",
    "Alex Example is a reporter covering contracts for the Ledger.", "Contact the newsroom at tips@example.org"])
def test_lines_that_are_no_article(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", [
    "By then the first contract had already been extended twice, the report said.",
    "Support for the contract fell after the agency published its invoices in 2024.",
    "Published contracts in 2024 show that the company was paid twice for the same records.",
    "Related companies had bid for the same work, according to the filing of the county.",
    "Search engines sold the data to brokers that work for the Border Patrol, it says.",
    "Stonebridge Air Charter is a contractor for ICE."])
def test_sentences_of_evidence_stay(line: str) -> None:
    assert not is_boilerplate(line)


def test_outlet_gives_publisher_tier_and_kind() -> None:
    row = read(LAYOUTS["press_release"](Article("x", "Review", ["A review of invoices for detention was made."], ARTICLES[0].date), URL),
               outlet="dhs_oig")
    assert (row["kind"], row["reliability"], row["outlet_id"]) == ("report", "official", "dhs_oig")
    assert row["publisher"] == outlets().by_id["dhs_oig"].name
    unknown = read(LAYOUTS["plain_article"](ARTICLES[0], URL))
    assert (unknown["reliability"], unknown["publisher"]) == ("unrated", "The Example Ledger")
