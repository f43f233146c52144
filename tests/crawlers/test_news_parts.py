# ruff: noqa: E501 - pages and tables of cases are easier to read in one piece
"""Feeds, sitemaps, GDELT, dates, gate, outlets, stories: each alone, with the hostile input that each may meet."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.news import dates, feeds, gdelt, sitemaps
from crawlers.news.discovery import discovery
from crawlers.news.fingerprint import Told, alike, fingerprint, stories
from crawlers.news.gate import passes
from crawlers.news.items import Item, merged
from crawlers.news.measures import Measure, MeasureLog
from crawlers.news.outlets import FILE, Outlets, at_base, outlets
from crawlers.news.sourcing import source_of, tidied
from crawlers.news.xmlguard import HostileXmlError
from crawlers.parsing import BombError, NotDataError, ParseContext, ParseError
from crawlers.sources import load
from ordinance.loader import OrdinanceError, load_yaml
from tests.replica.news_articles import made_up

URL = "https://www.example.org/rss.xml"


def context(url: str = URL, **hints: str) -> ParseContext:
    return ParseContext(capture_id="c" + "0" * 20, source="news", as_of=date(2026, 11, 22), url=url, hints=hints)


def rss(items: str, prologue: str = "") -> bytes:
    return f'<?xml version="1.0"?>{prologue}<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()


LAUGHS = ('<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "' + "&lol;" * 10 + '"><!ENTITY lol2 "' + "&lol1;" * 10 + '">]>')
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(("data", "error"), [
    (rss("<item><title>&lol2;</title></item>", LAUGHS), HostileXmlError),
    (rss("<item><title>&x;</title></item>", XXE), HostileXmlError),
    (rss("<item><title>&x;</title></item>", XXE).decode().encode("utf-16"), HostileXmlError),
    (rss("", '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd" [ ]>'), HostileXmlError),
    (rss("", "<!ATTLIST a b CDATA 'c'>"), HostileXmlError),
    (b"<!DOCTYPE html><html><body>moved</body></html>", NotDataError),
    (b'{"not": "xml"}', NotDataError),
    (b"", NotDataError),
    (b"\x1f\x8b\x08\x00broken", NotDataError),
    (gzip.compress(b"<rss>" + b"A" * (60 << 20)), BombError),
    (b"<rss>" + b"A" * (60 << 20), BombError),
])
@pytest.mark.parametrize("read", [feeds.items, sitemaps.read])
@pytest.mark.timeout(60)
def test_hostile_xml_is_refused_with_its_reason(data: bytes, error: type[ParseError], read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error) as told:
        read(io.BytesIO(data), context())
    assert URL in str(told.value)


def test_harmless_oddities_of_feeds_are_read() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    data = rss("<item><title>ICE \x00deal\xff &nbsp; &amp; more</title><link>/a/1</link></item>"
               "<item><title><![CDATA[<!ENTITY no>]]></title><link>https://b.example/2</link></item>", doctype)
    found = feeds.items(io.BytesIO(data.replace("\xff".encode(), b"\xff")), context())
    assert [item.url for item in found] == ["https://www.example.org/a/1", "https://b.example/2"]
    assert "ICE" in found[0].title and "&" in found[0].title


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_end_in_items_or_a_clear_error(data: bytes) -> None:
    for read in (feeds.items, sitemaps.read):
        for given_bytes in (data, b"<rss version='2.0'><channel><item><link>http://a.b/c</link><title>" + data):
            with contextlib.suppress(ParseError):
                read(io.BytesIO(given_bytes), context())


def test_long_titles_are_cut_and_said() -> None:
    here = context()
    (item,) = feeds.items(io.BytesIO(rss(f"<item><link>https://a.example/1</link><title>{'A' * 2_000_000}</title></item>")), here)
    assert len(item.title) == 1000 and "longer than 1,000" in str(here.problems[0])


@pytest.mark.parametrize(("stated", "wanted"), [
    ("Sun, 22 Nov 2026 04:15:00 EST", "2026-11-22T09:15:00+00:00"), ("22 Nov 26 04:15 +0100", "2026-11-22T03:15:00+00:00"),
    ("2026-11-22T04:15:00.123-05:00", "2026-11-22T09:15:00+00:00"), ("2026-11-22", "2026-11-22T00:00:00+00:00"),
    ("20261122T041500Z", "2026-11-22T04:15:00+00:00"), ("November 22nd, 2026", "2026-11-22T00:00:00+00:00"),
    ("22 Nov. 2026", "2026-11-22T00:00:00+00:00"), ("2026-13-45", None), ("soon", None), ("", None), (None, None),
    ("9999-12-31T23:59:59-14:00", None), ("Mon, 99 Foo 99999 99:99:99", None),
])
def test_dates_as_publishers_write_them(stated: str | None, wanted: str | None) -> None:
    found = dates.parse(stated)
    assert (found.isoformat() if found else None) == wanted


def test_unbelievable_dates_are_left_out() -> None:
    here = context()
    items = feeds.items(io.BytesIO(rss(
        "<item><link>https://a.example/1</link><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>"
        "<item><link>https://a.example/2</link><pubDate>Thu, 01 Jan 2032 00:00:00 GMT</pubDate></item>")), here)
    assert [item.published_at for item in items] == [None, None]
    assert here.problems[0].kind == "impossible_date" and here.problems[0].count == 2


def test_sitemap_index_names_children_once() -> None:
    data = (b'<sitemapindex xmlns="http://www.google.com/schemas/sitemap/0.84"><sitemap><loc>https://a.example/s.xml</loc>'
            b"<lastmod>2026-11-22</lastmod></sitemap><sitemap><loc>https://a.example/s.xml</loc></sitemap>"
            b"<sitemap><loc>file:///etc/passwd</loc></sitemap></sitemapindex>")
    found = sitemaps.read(io.BytesIO(data), context("https://a.example/i.xml"))
    assert [url for url, _ in found.children] == ["https://a.example/s.xml"] and not found.news


def test_sitemap_that_breaks_off_gives_what_it_had() -> None:
    entry = b"<url><loc>https://a.example/%d</loc></url>"
    data = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + b"".join(entry % n for n in range(5)) + b"<url><loc>"
    here = context("https://a.example/s.xml")
    assert len(sitemaps.read(io.BytesIO(data), here).news) == 5 and "breaks off" in str(here.problems[0])


@pytest.mark.parametrize(("body", "kind"), [
    (b"Please limit requests to one every 5 seconds or contact x for larger queries.", "busy"),
    (b"The specified phrase is too short.", "query"), (b"Queries containing OR'd terms must be surrounded by ().", "query"),
    (b"One or more of your keywords were too short, too long or too common: (a)", "query"),
    (b"Invalid/Unsupported Language.", "query"), (b"<html>503 Service Unavailable</html>", "busy"),
])
def test_gdelts_words_are_told_apart(body: bytes, kind: str) -> None:
    with pytest.raises(gdelt.GdeltRefusal) as told:
        gdelt.articles(io.BytesIO(body), "gdelt")
    assert told.value.kind == kind


def test_gdelts_silence_is_no_article() -> None:
    assert gdelt.articles(io.BytesIO(b"{}"), "gdelt") == gdelt.articles(io.BytesIO(b""), "gdelt") == []
    with pytest.raises(ParseError, match="unknown keys"):
        gdelt.articles(io.BytesIO(b'{"error": 1}'), "gdelt")


@pytest.mark.shared
def test_recorded_answers_of_gdelt(shared: Path) -> None:
    for file in sorted((shared / "api" / "examples" / "gdelt").iterdir()):
        if file.suffix == ".json":
            with file.open("rb") as payload:
                assert len(gdelt.items(payload, context())) == (3 if "artlist" in file.name else 0)
        else:
            with file.open("rb") as payload, pytest.raises(gdelt.GdeltRefusal):
                gdelt.items(payload, context())


def test_measures_leave_open_what_was_not_answered(tmp_path: Path) -> None:
    log = MeasureLog(tmp_path / "m.jsonl")
    day = datetime(2026, 11, 20, tzinfo=UTC)

    def note(hours: tuple[int, int], outcome: str) -> None:
        log.add(Measure(query_id="q", start=day + timedelta(hours=hours[0]), end=day + timedelta(hours=hours[1]),
                        outcome=outcome, count=0, why="", run_id="r"))  # type: ignore[arg-type]

    note((0, 6), "found")
    note((6, 12), "not_measured")
    note((12, 18), "none")
    (tmp_path / "m.jsonl").open("a").write('{"torn')
    gaps = log.unmeasured("q", day + timedelta(hours=12), day + timedelta(hours=24), day - timedelta(days=9), timedelta(hours=2))
    assert [(g[0] - day, g[1] - day) for g in gaps] == [(timedelta(hours=6), timedelta(hours=12)),
                                                        (timedelta(hours=16), timedelta(hours=24))]


@pytest.mark.clause("§8")
@pytest.mark.parametrize(("said", "passed"), [
    ("ICE signs $3 million deal with Babel Street", True), ("Cómo ICE rastrea a los inmigrantes", True),
    ("County jail to hold more federal detainees", True), ("Thomson Reuters renews CLEAR subscription", True),
    ("Deportation flights resume from Mesa", True), ("Snow and ice close roads", False), ("Local bakery wins prize", False),
    ("License-plate readers come to Main Street", True), ("Nuevo estadio para la ciudad", False),
])
def test_gate_prefers_to_fetch_too_much(said: str, passed: bool) -> None:
    assert (passes(said) is not None) is passed


def test_gate_lets_everything_of_an_oversight_body_through() -> None:
    assert passes("Annual plan", "dhs_oig") == () and passes("Annual plan", "gao") is None


def test_starter_outlets_are_sound() -> None:
    listed = outlets()
    assert len(listed.outlets) >= 40
    kinds = {one.kind for one in listed.outlets}
    assert kinds >= {"newspaper", "wire", "nonprofit_newsroom", "trade_press", "agency_newsroom", "oversight", "advocacy"}
    assert not listed.by_id["ap"].crawl and not listed.by_id["reuters"].crawl
    assert all(one.feeds or one.sitemaps for one in listed.outlets if one.crawl)
    assert {query.category for query in discovery().queries} == {"data_broker", "extreme_vetting", "detention"}
    source = source_of(load("news"), listed.outlets)
    for one in listed.outlets:
        for address in one.feeds:
            assert source.refuses(address) is None, address
    assert source.refuses("https://apnews.com/article/x") and source.refuses("https://www.reuters.com/x")


@pytest.mark.parametrize("url", [
    "http://127.0.0.1/x", "https://localhost/x", "file:///etc/passwd", "https://user:pw@www.gao.gov/", "http://www.gao.gov/",
    "https://www.gao.gov:8443/", "https://gao.gov.evil.example/", "https://evilgao.gov/", "https://gov/", "https://[::1]/"])
def test_addresses_that_are_no_outlets_are_not_asked(url: str) -> None:
    assert source_of(load("news"), outlets().outlets).refuses(url)


def test_addresses_are_asked_by_https_without_tracking() -> None:
    assert tidied("http://WWW.example.org/a?utm_source=x&id=7#top") == "https://www.example.org/a?id=7"
    assert at_base("https://www.example.org/a?id=7", "http://127.0.0.1:81") == "http://127.0.0.1:81/www.example.org/a?id=7"
    assert at_base("https://www.example.org/a", "https://www.gao.gov") == "https://www.example.org/a"


def test_faults_of_a_citys_own_list_are_said_with_their_line(tmp_path: Path) -> None:
    given_file = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    given_file["outlets"] = [{**given_file["outlets"][0], "reliability": "superb", "home": "http://x.example"}]
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(given_file), encoding="utf-8")
    with pytest.raises(OrdinanceError, match=r"mine.yaml:\d+: .*reliability"):
        load_yaml(path, Outlets)


def test_two_announcements_of_one_article_are_one_in_any_order() -> None:
    early, late = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    feed = Item(url="u", title="F", place="1", published_at=late, summary="one"), "feed"
    other = Item(url="u", title="G", place="2", published_at=early, updated_at=late, summary="two", keywords=("k",)), "sitemap"
    assert merged(feed, other) == merged(other, feed)
    item, by = merged(other, feed)
    assert (item.title, by, item.published_at, item.updated_at, item.summary) == ("F", "feed", late, late, "one two")


def test_copies_of_a_wire_story_are_one_story() -> None:
    draw = random.Random(5)
    told, truth = [], {}
    for number, story in enumerate(made_up(60, seed=21)):
        paragraphs = [f"{p} (case {number}-{n}-{draw.random():.6f})" for n, p in enumerate(story.paragraphs[:-1])]
        for copy in range(3):
            text = list(paragraphs)
            if copy == 1:
                text = ["PORT MERCY (Example Wire) — " + text[0], *text[1:-2], "A local paragraph was added by the desk here."]
            if copy == 2:
                text = [text[0], *text[2:]]
            name = f"d{number}-{copy}"
            truth[name] = number
            told.append(Told(name, fingerprint("\n".join(text)), datetime(2026, 11, 20, copy, tzinfo=UTC)))
    draw.shuffle(told)
    found = stories(told)
    groups: dict[str, set[int]] = {}
    for name, story_id in found.items():
        groups.setdefault(story_id, set()).add(truth[name])
    assert all(len(numbers) == 1 for numbers in groups.values()), "no two stories are joined"
    assert len(groups) == 60, "every copy finds its story"
    assert found == stories(reversed(told)), "the order of documents does not matter"
    later = stories([*told, Told("d999", told[0].fingerprint, datetime(2026, 11, 22, tzinfo=UTC))])
    assert later["d999"] == found[told[0].document_id], "a later copy does not change the story's id"


def test_fingerprints_estimate_what_is_shared() -> None:
    words = [f"w{n}" for n in range(2000)]
    whole, half = fingerprint(" ".join(words)), fingerprint(" ".join(words[:1000]))
    other = fingerprint(" ".join(reversed(words)))
    assert whole and half and other and alike(whole, whole) == 1.0
    assert 0.3 < alike(whole, half) < 0.7 and alike(whole, other) < 0.1
    assert fingerprint("too short to tell") is None
