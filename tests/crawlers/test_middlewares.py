"""Crawls against a hostile server: each trap gets its clear error, its verdict, or its patience."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.crawlers.conftest import Asked, Crawls, Server, http, raw, turns

CSV = b"a,b\n1,2\n"


def verdicts(crawls: Crawls) -> list[tuple[str, str]]:
    return [(c.uri.removeprefix(crawls.server.url), c.verdict) for c in crawls.archive.captures()]


def test_good_page_is_archived_and_harvested_under_an_honest_name(
    crawls: Crawls, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECTION3C_CONTACT", "clerk@city.example")
    server.pages["/a"] = http(CSV)
    report = crawls("/a")
    assert report.ok, report.problems
    [harvest] = report.harvests
    made = crawls.archive.get(harvest.capture_id)
    assert crawls.archive.payload(made).read() == CSV
    assert harvest.context == {"length": len(CSV)}
    assert server.asked[0].headers["user-agent"] == "section3c/0.1 (clerk@city.example)"
    assert "cookie" not in server.asked[0].headers
    assert report.stats["requests"] == 1 and report.stats["verdicts"] == {"ok": 1}
    assert list(crawls.archive.verify()) == []


BAD = {
    "error page with status 200": (http(b"<html><title>Federal Register :: Request Access</title>x", kind="text/html"),
                                   "block_page"),
    "undeclared tool": (http(b"<html><body>Your Request Originates from an Undeclared Automated Tool", 403,
                             "text/html"), "block_page"),
    "cloudflare": (http(b"<!DOCTYPE html><html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform"
                        b"/h/b'></script>", 503, "text/html"), "captcha"),
    "captcha named csv": (http(b"<html><div class='g-recaptcha'></div>", kind="text/csv"), "captcha"),
    "login": (http(b"<html><form><input name=p type=\"password\"></form>", kind="text/html"), "login"),
    "html instead of data": (http(b"<html><h1>Hello</h1>", kind="text/html"), "wrong_type"),
    "html that says it is csv": (http(b"<html><h1>Hello</h1>"), "wrong_type"),
    "json instead of csv": (http(b"{}", kind="application/json"), "wrong_type"),
    "missing": (http(b'{"detail": "Not found."}', 404, "application/json"), "error"),
    "empty": (http(b""), "empty"),
    "cut off": (http(CSV, length=5000), "truncated"),
    "cut off in a chunk": (raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
                               b"ff\r\na,b\n"), "truncated"),
    "gzip cut off": (http(gzip.compress(CSV * 50)[:-9], Content_Encoding="gzip"), "truncated"),
    "gzip that is none": (http(CSV, Content_Encoding="gzip"), "error"),
    "gzip bomb": (http(gzip.compress(bytes(40 << 20)), Content_Encoding="gzip"), "error"),
}


def test_what_is_no_evidence_is_kept_marked_and_never_harvested(crawls: Crawls, server: Server) -> None:
    paths = {f"/{name.replace(' ', '-')}": case for name, case in BAD.items()}
    server.pages = {path: answer for path, (answer, _) in paths.items()} | {"/good": http(CSV)}
    report = crawls(*paths, "/good", tries=1)
    expected = {path: verdict for path, (_, verdict) in paths.items()} | {"/good": "ok"}
    assert dict(verdicts(crawls)) == expected
    assert [crawls.archive.get(h.capture_id).uri for h in report.harvests] == [server.url + "/good"]
    assert not report.ok and len(report.problems) == len(BAD)
    for path, (_, verdict) in paths.items():
        assert any(f"GET {server.url}{path}: {verdict} (" in problem for problem in report.problems), path
    assert report.stats["verdicts"] == dict(Counter(expected.values()))
    assert list(crawls.archive.verify()) == []


def test_zip_of_unknown_length_that_is_cut_is_truncated(crawls: Crawls, server: Server) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.csv", CSV * 1000)
    head = b"HTTP/1.0 200 OK\r\nContent-Type: application/zip\r\n\r\n"
    server.pages["/whole"] = raw(head + whole.getvalue())
    server.pages["/cut"] = raw(head + whole.getvalue()[:-60])
    crawls("/whole", "/cut", tries=1)
    assert sorted(verdicts(crawls)) == [("/cut", "truncated"), ("/whole", "ok")]


FOREIGN = {
    "file": ("file:///etc/passwd", "scheme 'file' is not http or https"),
    "another port of this machine": ("http://127.0.0.1:1/", "private address"),
    "metadata service": ("http://169.254.169.254/latest/meta-data/", "private address"),
    "private network": ("http://10.1.2.3/", "private address"),
    "name of this machine": ("http://localhost:1/", "private address"),
    "foreign host": ("https://evil.example/", "not one of the source's hosts"),
    "plain http to a public host": ("http://api.example.org/", "by https on port 443 only"),
    "user name": ("https://api.example.org@evil.example/", "carries a user name"),
}


def test_redirect_out_of_the_source_is_not_followed(crawls: Crawls, server: Server) -> None:
    server.pages = {f"/{n}": http(b"", 302, Location=target) for n, (target, _) in enumerate(FOREIGN.values())}
    report = crawls(*server.pages)
    for n, (_, why) in enumerate(FOREIGN.values()):
        assert [p for p in report.problems if f"/{n} is redirected" in p and why in p and "Refused" in p], why
    assert sorted(server.paths()) == sorted(server.pages), "no target was asked"
    assert dict(verdicts(crawls)) == dict.fromkeys(server.pages, "error"), "the redirect itself is kept"


def test_spider_cannot_ask_outside_the_source_either(crawls: Crawls, server: Server) -> None:
    report = crawls(*(target for target, _ in FOREIGN.values()))
    assert len(report.problems) == len(FOREIGN)
    for target, why in FOREIGN.values():
        assert [p for p in report.problems if f"{target} was not asked" in p and why in p and "Refused" in p], why
    assert server.asked == []


def test_redirect_within_the_source_is_followed_and_each_hop_kept(crawls: Crawls, server: Server) -> None:
    server.pages["/from"] = http(b"", 301, Location="/to?x=1")
    server.pages["/to"] = http(CSV)
    report = crawls("/from")
    assert report.ok, report.problems
    assert sorted(verdicts(crawls)) == [("/from", "error"), ("/to?x=1", "ok")]
    assert report.stats["redirects"] == 1 and report.stats["verdicts"] == {"ok": 1}


def test_endless_redirects_end(crawls: Crawls, server: Server) -> None:
    server.pages["/from"] = http(b"", 302, Location="/from")
    report = crawls("/from")
    assert "more redirects than limits.max_redirects" in report.problems[0]
    assert len(server.asked) == 4


def test_redirected_post_is_an_error_not_a_get(crawls: Crawls, server: Server) -> None:
    server.pages["/job"] = http(b"", 301, Location="/job/")
    report = crawls(spider="Poll")
    assert "would turn POST into GET" in report.problems[0]
    assert server.paths() == ["/job"]


def test_private_address_behind_a_public_name_is_not_asked(crawls: Crawls, server: Server) -> None:
    """The name is the source's own; its name server points it into the private network."""
    report = crawls("https://files.example.org/a", spider="Rebound", tries=1)
    assert "files.example.org resolves to 127.0.0.1, a private address; it is not asked" in report.problems[0]
    assert server.asked == []


def test_too_large_body_is_stopped_whether_announced_or_not(crawls: Crawls, server: Server) -> None:
    async def endless(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
            await writer.drain()

    server.pages["/endless"] = endless
    server.pages["/announced"] = http(bytes(2 << 20))
    report = crawls("/endless", "/announced")
    assert len(report.problems) == 2
    assert all("TooLarge" in p and "raise limits.max_body_bytes" in p for p in report.problems)
    assert list((crawls.workspace.state / "crawl" / "scratch").glob("*/*")) == []


def test_answer_that_never_ends_runs_out_of_time(crawls: Crawls, server: Server) -> None:
    async def drip(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.2)

    server.pages["/drip"] = drip
    report = crawls("/drip", tries=1, timeout=1)
    assert "NoAnswer" in report.problems[0] and "time ran out" in report.problems[0]


def test_large_download_goes_through_disk_and_comes_back_whole(crawls: Crawls, server: Server) -> None:
    body = bytes(range(256)) * (48 << 12)  # 48 MiB
    server.pages["/big"] = http(body, kind="application/zip")
    report = crawls("/big", max_body=64 << 20, max_decoded=64 << 20)
    assert report.ok, report.problems
    made = crawls.archive.get(report.harvests[0].capture_id)
    assert report.harvests[0].context == {"length": len(body)}
    assert made.payload_bytes == len(body)
    assert list((crawls.workspace.state / "crawl" / "scratch").glob("*")) == []


def test_retry_after_is_waited_for_then_answered(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = turns(http(b"slow down", 429, "text/plain", Retry_After="1"), http(CSV))
    report = crawls("/a", "/b")
    assert [c.verdict for c in crawls.archive.captures()].count("ok") == 1
    first, again = [a for a in server.asked if a.path == "/a"]
    assert again.at - first.at >= 1.0
    assert report.stats["retries"] == 1
    assert any("asks to wait 1 s" in note for note in report.notes)


def test_retry_after_as_a_date_is_capped_and_read() -> None:
    from crawlers.middlewares.politeness import retry_after

    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert retry_after("120", now) == 120
    assert retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert retry_after(format_datetime(now - timedelta(seconds=90), usegmt=True), now) == 0
    assert [retry_after(x, now) for x in (None, "", "soon", "-5", "1e9")] == [None] * 5


def test_failure_that_passes_is_tried_again(crawls: Crawls, server: Server) -> None:
    bad = {"/dropped": raw(b""), "/status-503": http(b"<html>capacity", 503, "text/html"),
           "/cut-off": http(CSV, length=99), "/empty": http(b"")}
    server.pages = {path: turns(answer, answer, http(CSV)) for path, answer in bad.items()}
    report = crawls(*bad)
    assert report.ok, report.problems
    assert Counter(server.paths()) == dict.fromkeys(bad, 3)
    assert report.stats["retries"] == 8 and report.stats["verdicts"] == {"ok": 4}


def test_tries_end_with_a_clear_error(crawls: Crawls, server: Server) -> None:
    server.pages["/dropped"] = raw(b"")
    server.pages["/down"] = http(b"down", 500, "text/plain")
    report = crawls("/dropped", "/down", tries=2)
    assert sum("no answer in 2 tries" in p for p in report.problems) == 1
    assert sum("/down: error (status 500)" in p for p in report.problems) == 1
    assert len(server.asked) == 4


def test_host_that_is_not_there_is_a_clear_error(crawls: Crawls) -> None:
    report = crawls("/a", base="http://127.0.0.1:1", tries=2)
    assert "connection refused" in report.problems[0] and "Check the network" in report.problems[0]


def test_bug_in_a_spider_is_a_problem_of_the_report(crawls: Crawls, server: Server) -> None:
    server.pages["/"] = http(CSV)
    assert "bug in the spider" in crawls(spider="Broken").problems[0]
    report = crawls(spider="BrokenStart", run_id="r2")
    assert not report.ok and "bug in start" in report.problems[0]


def test_decision_about_robots_is_kept_with_the_evidence(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = http(CSV)
    report = crawls("/a")
    assert server.paths() == ["/a"]
    assert report.stats["robots"] == {"not_asked": 1}
    file = next(crawls.workspace.evidence.glob("*/*.warc.gz"))
    assert b"Section3c-Robots: not asked: for the test" in gzip.decompress(file.read_bytes())


ROBOTS = {
    "forbidden": (http(b"User-agent: section3c\nDisallow: /a\nUser-agent: *\nAllow: /\n", kind="text/plain"), False),
    "not for us to see": (http(b"<html>no", 403, "text/html"), True),
    "service down": (http(b"<html>User-agent: *", 503, "text/html"), False),
    "dropped": (raw(b""), False),
    "elsewhere on the host": (http(b"", 301, Location="/robots2.txt"), False),
}


@pytest.mark.parametrize("name", ROBOTS)
def test_robots_txt_is_asked_first_and_obeyed(crawls: Crawls, server: Server, name: str) -> None:
    answer, allowed = ROBOTS[name]
    server.pages |= {"/robots.txt": answer, "/a": http(CSV), "/b": http(CSV),
                     "/robots2.txt": http(b"User-agent: *\nDisallow: /\n", kind="text/plain")}
    report = crawls("/a", robots="obey", tries=1)
    assert server.paths()[0] == "/robots.txt"
    assert ("/a" in server.paths()) is allowed
    assert report.ok is allowed
    if not allowed:
        assert "was not asked: robots.txt" in report.problems[0]
    assert report.stats["verdicts"] == ({"ok": 1} if allowed else {})
    if name != "dropped":
        assert verdicts(crawls)[0][0] == "/robots.txt", "the decision's ground is evidence too"


def test_robots_txt_is_asked_once_a_host(crawls: Crawls, server: Server) -> None:
    server.pages |= {"/robots.txt": http(b"User-agent: *\nDisallow: /private\n", kind="text/plain"), "/a": http(CSV),
                     "/b": http(CSV)}
    assert crawls("/a", "/b", robots="obey").ok
    assert server.paths().count("/robots.txt") == 1


def test_job_is_posted_polled_and_proved(crawls: Crawls, server: Server) -> None:
    def status(state: str) -> bytes:
        return json.dumps({"job": "j", "status": state, "file": "/f.csv"}).encode()

    js = "application/json"
    server.pages |= {"/job": http(b'{"job": "j"}', kind=js), "/f.csv": http(b"a\nb\nc\n"),
                     "/status": turns(http(status("queued"), kind=js), http(status("running"), kind=js),
                                      http(status("finished"), kind=js))}
    report = crawls(spider="Poll")
    assert report.ok, report.problems
    assert server.asked[0].body == '{"a":"é","b":1}'.encode()
    assert report.proofs == [{"name": "rows", "expected": 3, "got": 3, "ok": True, "file": server.url + "/f.csv"}]
    replayed = crawls(spider="Poll", mode="replay", run_id="r2")
    assert replayed.ok, replayed.problems
    assert (replayed.harvests, replayed.proofs) == (report.harvests, report.proofs)
    assert len(server.asked) == 5, "replay asks the network nothing"
    short = crawls(spider="Poll", mode="replay", run_id="r3", options={"rows": 4})
    assert not short.ok and short.problems == [] and not short.proofs[0]["ok"]
