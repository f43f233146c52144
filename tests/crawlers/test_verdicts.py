"""Verdicts: refusals in disguise are seen, ordinary pages that speak of them pass."""

from __future__ import annotations

import pytest

from crawlers.verdicts import Seen, Verdict, judge

ARTICLE = b"<!DOCTYPE html><html><head><title>%s</title></head><body>" + b"<p>The council met.</p>" * 200


def see(body: bytes, media_type: str | None = "text/html", status: int = 200,
        expected: tuple[str, ...] = ("text/html",), markers: tuple[str, ...] = (), **more: object) -> Verdict:
    given = {"status": status, "media_type": media_type, "head": body, "tail": body[-1000:], "length": len(body),
             "received": len(body), **more}
    return judge(Seen(**given), expected, markers)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [
    ARTICLE % b"Council votes",
    ARTICLE % b"Access denied: how ICE buys data" + b"<div class='g-recaptcha'></div><form><input type=password>",
    ARTICLE % b"x" + b"They asked the reader to accept all cookies. Request access. Just a moment... captcha",
    b"<html><body>short note</body></html>",
])
def test_ordinary_pages_pass(body: bytes) -> None:
    assert see(body) == Verdict("ok")


@pytest.mark.parametrize(("body", "verdict"), [
    (b"\xef\xbb\xbf <!-- x --><html><title>Attention Required! | Cloudflare</title>", "block_page"),
    (b"<html><title>Pardon Our Interruption</title><body>As you were browsing", "block_page"),
    (b"<html><body>You've Exceeded the SEC's Traffic Limit</body>", "block_page"),
    (b"<html><script>window.awsWafCookieDomainList = []</script>", "block_page"),
    (b"<html><body>Verify you are human</body>", "captcha"),
    (b"<html><iframe src='https://geo.captcha-delivery.com/captcha'></iframe>", "captcha"),
    (b"<html><title>Sign in to continue</title>", "login"),
    (b"<html><body>Before you continue to Google</body>", "block_page"),
])
def test_refusals_with_status_200_are_seen(body: bytes, verdict: str) -> None:
    assert see(body).verdict == verdict
    assert see(body, "application/json", expected=("application/json",)).verdict == verdict


def test_marks_count_in_html_only() -> None:
    csv = b"description\nCAPTCHA SERVICES, ACCESS DENIED, <input type=password>\n"
    assert see(csv, "text/csv", expected=("text/csv",)) == Verdict("ok")


def test_source_names_its_own_marks_even_on_long_pages() -> None:
    found = see(ARTICLE % b"x" + b"Nightly Maintenance", markers=("nightly maintenance",))
    assert found == Verdict("block_page", "the source's mark 'nightly maintenance'")


def test_transfer_faults_come_before_anything_else() -> None:
    assert see(b"<html>captcha", cut=True).verdict == "truncated"
    assert see(b"{}", received=5, announced=9).reason == "5 of 9 bytes came (Content-Length)"
    assert see(b"", undecodable="gzip body is cut off").verdict == "truncated"
    assert see(b"", undecodable="decoded body is larger than the limit of 1 bytes").verdict == "error"


@pytest.mark.parametrize("status", [301, 304, 400, 404, 405, 410, 422, 500, 503])
def test_status_other_than_success_is_an_error(status: int) -> None:
    found = see(b'{"detail": "x"}', "application/json", status, ("application/json",))
    assert found == Verdict("error", f"status {status}")


def test_an_unchanged_page_asked_for_with_a_validator_is_no_error() -> None:
    assert see(b"", None, 304, conditional=True) == Verdict("not_modified")
    assert see(b"", None, 304).verdict == "error"  # nobody asked whether it had changed
    assert see(b"", None, 404, conditional=True).verdict == "error"


def test_types_are_compared_with_wildcards_and_a_missing_one_is_judged_by_its_bytes() -> None:
    assert see(b"PK\x03\x04", "application/octet-stream", expected=("application/*",)).verdict == "ok"
    assert see(b"a,b", None, expected=("text/csv",)).verdict == "ok"
    assert see(b"<html>", None, expected=("text/csv",)).verdict == "wrong_type"
    assert see(b"a,b", "text/plain", expected=("text/csv",)).verdict == "wrong_type"


def test_open_ended_json_must_end_as_json() -> None:
    js = ("application/json",)
    assert see(b'{"a": [1, 2', js[0], expected=js, open_ended=True).verdict == "truncated"
    assert see(b'{"a": [1, 2]}\n', js[0], expected=js, open_ended=True).verdict == "ok"
    assert see(b"", js[0], expected=js).verdict == "empty"
