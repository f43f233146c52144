"""robots.txt by RFC 9309: what each outcome of its fetch allows."""

from __future__ import annotations

import pytest

from crawlers.robots import CRAWL_DELAY_CAP_SECONDS, MAX_BYTES, rules

URL = "https://a.example/data/x?q=1"


@pytest.mark.parametrize(("status", "allowed"), [
    (None, False), (500, False), (503, False), (429, False), (400, True), (401, True), (403, True), (404, True),
    (410, True), (301, True),
])
def test_status_decides_when_there_are_no_rules(status: int | None, allowed: bool) -> None:
    found = rules(status, b"<html>User-agent: *\nDisallow:")
    assert found.allows(URL) is allowed
    assert str(status) in found.reason or status is None


@pytest.mark.parametrize(("text", "allowed"), [
    ("", True),
    ("User-agent: *\nDisallow: /\n", False),
    ("User-agent: *\nDisallow:\n", True),
    ("User-agent: *\nDisallow: /\nUser-agent: Section3c\nAllow: /data\n", True),
    ("User-agent: section3c\nDisallow: /x\nUser-agent: other\nUser-agent: SECTION3C\nDisallow: /data\n", False),
    ("User-agent: *\nDisallow: /data\nAllow: /data/x\n", True),
    ("User-agent: *\nDisallow: /data/*?q=\n", False),
    ("User-agent: *\nAllow: /data\nDisallow: /data\n", True),
    ("User-agent: *\nDisallow: /data/x$\n", True),
    ("\ufeffUser-agent: *\nDisallow: /\n", False),
])
def test_rules_are_read_as_the_rfc_says(text: str, allowed: bool) -> None:
    assert rules(200, text.encode()).allows(URL) is allowed


def test_only_the_first_500_kibibytes_count() -> None:
    filler = b"# comment\n" * (MAX_BYTES // 10)
    assert rules(200, filler + b"User-agent: *\nDisallow: /\n").allows(URL)
    assert not rules(200, filler[: MAX_BYTES // 2] + b"\nUser-agent: *\nDisallow: /\n").allows(URL)


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert rules(200, bytes(range(256)) * 100).allows(URL)


def test_crawl_delay_is_ours_and_capped() -> None:
    assert rules(200, b"User-agent: *\nCrawl-delay: 7\n").crawl_delay == 7
    assert rules(200, b"User-agent: *\nCrawl-delay: 7\nUser-agent: section3c\nDisallow:\n").crawl_delay is None
    assert rules(200, b"User-agent: *\nCrawl-delay: 86400\n").crawl_delay == CRAWL_DELAY_CAP_SECONDS
    assert rules(404, b"").crawl_delay is None
