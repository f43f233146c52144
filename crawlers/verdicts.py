"""Verdicts: whether a capture can be evidence, decided from status, type, length and tell-tale marks.

Belongs here: pure judgement of one response. Does not belong here: fetching, or what to do about a bad verdict.

Services say no in many disguises: a page with status 200 that asks to prove one is human, a login form, an error
page instead of JSON. Marks of such pages are looked for in HTML only, so that a data file that speaks of them
passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

OK: Final = "ok"
NOT_MODIFIED: Final = "not_modified"  # what was asked for with a validator is as it was: a success that carries nothing
HEAD_BYTES: Final = 1 << 18
TAIL_BYTES: Final = 1 << 17
_SHORT_TEXT: Final = 2500

# Marks that only a challenge or a refusal carries.
_CAPTCHA: Final = ("cf-challenge", "cf_chl_", "challenge-platform/h/", "px-captcha", "captcha-delivery.com",
                   "/recaptcha/challengepage", "verify you are human", "verify that you are a human")
_BLOCK: Final = (
    "undeclared automated tool", "exceeded the sec's traffic limit", "request access", "access denied",
    "attention required! | cloudflare", "just a moment...", "checking your browser before accessing",
    "pardon our interruption", "_incapsula_resource", "awswafcookiedomainlist",
    "unusual traffic from your computer network", "programmatic access to these sites is limited",
    "your request has been blocked", "the requested url was rejected",
)
# Marks that ordinary pages carry too: they count only where there is little else to read.
_CAPTCHA_WEAK: Final = ("g-recaptcha", "h-captcha", "captcha")
_LOGIN_WEAK: Final = re.compile(r"""<input[^>]+type\s*=\s*["']?password""", re.IGNORECASE)
_CONSENT_WEAK: Final = ("consent.google.", "before you continue", "accept all cookies", "cookie-consent-wall",
                        "we value your privacy")
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_UNSEEN: Final = re.compile(r"<(script|style|noscript|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>",
                            re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """``ok`` or the kind of refusal, and what decided it, in words."""

    verdict: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What there is to judge. ``head`` and ``tail`` are decoded bytes; ``length`` is the decoded length.

    ``received`` is the length as received, ``announced`` the Content-Length (None when there was none),
    ``cut`` says that the transfer broke off, ``open_ended`` that it ended only by closing the connection,
    ``undecodable`` why the content coding could not be undone, ``conditional`` that the request carried a validator.
    """

    status: int
    media_type: str | None
    head: bytes
    tail: bytes
    length: int
    received: int
    announced: int | None = None
    cut: bool = False
    open_ended: bool = False
    undecodable: str | None = None
    location: str | None = None
    conditional: bool = False


def judge(seen: Seen, expected: Iterable[str], markers: Iterable[str] = ()) -> Verdict:
    """The verdict. ``expected`` are media types (``*`` allowed), ``markers`` a source's own marks of refusal."""
    broken = _broken(seen)
    if broken is not None:
        return broken
    if looks_html(seen.head):
        refusal = _refusal(seen.head, tuple(markers))
        if refusal is not None:
            return refusal
    if seen.status == 304 and seen.conditional:  # RFC 9110 §15.4.5; without a validator it answers nothing
        return Verdict(NOT_MODIFIED)
    if seen.status >= 300 or seen.status < 200:
        return Verdict("error", _status_reason(seen))
    if seen.length == 0:
        return Verdict("empty", f"status {seen.status} with an empty body")
    return _typed(seen, tuple(expected))


def _broken(seen: Seen) -> Verdict | None:
    """What is wrong with the transfer itself."""
    if seen.cut:
        return Verdict("truncated", "the connection broke off within the body")
    if seen.announced is not None and seen.received < seen.announced:
        return Verdict("truncated", f"{seen.received:,} of {seen.announced:,} bytes came (Content-Length)")
    if seen.undecodable:
        return Verdict("truncated" if "cut off" in seen.undecodable else "error", seen.undecodable)
    return None


def looks_html(head: bytes) -> bool:
    """True when the bytes begin like an HTML page, whatever the Content-Type says."""
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or (
        start.startswith((b"<!--", b"<?xml")) and b"<html" in head[:4096].lower())


def _typed(seen: Seen, expected: tuple[str, ...]) -> Verdict:
    kind = seen.media_type
    if kind is not None and not any(fnmatchcase(kind, pattern) for pattern in expected):
        return Verdict("wrong_type", f"Content-Type {kind}, expected {', '.join(expected)}")
    html_expected = any(fnmatchcase(name, pattern) for pattern in expected
                        for name in ("text/html", "application/xhtml+xml"))
    if looks_html(seen.head) and not html_expected:
        return Verdict("wrong_type", f"an HTML page where {', '.join(expected)} was expected")
    if seen.open_ended and (cut := _looks_cut(kind, seen)):
        return Verdict("truncated", cut)
    return Verdict(OK)


def _looks_cut(kind: str | None, seen: Seen) -> str | None:
    """A body of unknown length ends where the connection closed: does it end as its type must?"""
    if (kind or "").endswith("json") and not seen.tail.rstrip().endswith((b"}", b"]", b'"', b"l", b"e")):
        return "JSON of unknown length does not end as JSON ends"
    if seen.head.startswith(b"PK\x03\x04") and b"PK\x05\x06" not in seen.tail:
        return "zip of unknown length has no end-of-directory record"
    return None


def _refusal(head: bytes, markers: tuple[str, ...]) -> Verdict | None:
    text = head[:HEAD_BYTES].decode("utf-8", "replace")
    lower = text.lower()
    title = _TITLE.search(text)
    heading = " ".join(title.group(1).split()).lower() if title else ""
    visible = " ".join(_UNSEEN.sub(" ", text).split()).lower()
    short = len(visible) < _SHORT_TEXT
    for mark in markers:
        if mark.lower() in lower:
            return Verdict("block_page", f"the source's mark '{mark}'")
    if not short:  # a refusal has little to say; a long page that speaks of one is an article
        return None
    for mark in _CAPTCHA:
        if mark in lower:
            return Verdict("captcha", f"mark '{mark}'")
    for mark in _BLOCK:
        if mark in heading or mark in (visible if " " in mark else lower):
            return Verdict("block_page", f"mark '{mark}'")
    return _weak(lower, visible, heading)


def _weak(lower: str, visible: str, heading: str) -> Verdict | None:
    for mark in _CAPTCHA_WEAK:
        if mark in lower:
            return Verdict("captcha", f"mark '{mark}' on a page with little else")
    if _LOGIN_WEAK.search(lower) or heading.startswith(("log in", "login", "sign in")):
        return Verdict("login", "a password field or login title on a page with little else")
    for mark in _CONSENT_WEAK:
        if mark in visible or mark in heading:
            return Verdict("block_page", f"consent page: '{mark}'")
    return None


def _status_reason(seen: Seen) -> str:
    if seen.location and 300 <= seen.status < 400:
        return f"status {seen.status}, redirect to {seen.location[:200]}"
    return f"status {seen.status}"
