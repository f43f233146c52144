# ruff: noqa: E501 - HTML and prose are easier to read in one piece
"""The sites of the news replica: which address answers what, and their habits, each switchable.

Belongs here: answers as data. Does not belong here: sockets (``news``), layouts (``news_layouts``).
Every outlet of the outlets file stands at ``BASE/HOST/PATH`` (crawlers.news.outlets.at_base).
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

from crawlers.news.outlets import Outlet, Outlets
from tests.replica.derive import fraction
from tests.replica.news_articles import Article
from tests.replica.news_layouts import LAYOUTS, Page

TRAPS: dict[str, str] = {
    "block200": "some articles answer a 200 'Request Access' page",
    "consent": "some articles answer a consent page",
    "paywall": "some articles are cut after two paragraphs, 'Subscribe to continue reading'",
    "redirect": "some articles are redirected to another address of the outlet",
    "evil": "some articles are redirected to 127.0.0.1:1 and to file:///etc/passwd",
    "slow": "some pages take a second",
    "gzip": "pages come gzip-encoded, their ETag with the suffix -gzip",
    "halfetag": "some outlets ignore If-None-Match and honour If-Modified-Since, others the reverse",
    "robots503": "robots.txt answers 503: nothing may be fetched",
    "robotsdeny": "robots.txt forbids everything to all",
    "robots404": "robots.txt answers 404: everything may be fetched",
    "robotspart": "robots.txt forbids the path /private/ only, and names a crawl delay",
    "xxe": "the first outlet's feed declares an external entity",
    "laughs": "the second outlet's feed is a billion laughs",
    "htmlfeed": "the third outlet's feed answers an HTML page",
    "selfindex": "sitemap indexes name themselves",
    "date1970": "every fifth item is dated 1970",
    "badbytes": "some pages hold bytes that are no UTF-8, and a NUL",
    "hugetitle": "the first article has a title of 50 MB",
    "gzbomb": "the second article is a gzip bomb",
    "endless": "the third article never ends (chunked)",
    "gdelt429": "GDELT refuses two of three requests, with 429 or with status 200",
    "gdeltempty": "GDELT answers an empty body where it has nothing",
    "gdeltdown": "GDELT refuses everything",
}
_RATES = {"block200": 0.05, "consent": 0.04, "paywall": 0.08, "redirect": 0.1, "evil": 0.04, "slow": 0.02,
          "badbytes": 0.05}
RATE_LIMIT = b"Please limit requests to one every 5 seconds or contact the project for larger queries."


@dataclass
class Reply:
    """One answer; ``endless`` sends body over and over, ``wait`` seconds pass first."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    endless: bool = False


class Sites:
    """All outlets; ``reply`` is pure but for GDELT's count of requests."""

    def __init__(self, articles: list[Article], outlets: Outlets, traps: frozenset[str], seed: int = 0) -> None:
        self.traps, self.seed = traps, seed
        self.outlets = [one for one in outlets.outlets if one.crawl and (one.feeds or one.sitemaps)]
        self.base = ""
        self._asked_gdelt = 0
        self._layouts = list(LAYOUTS)
        self.of_outlet: dict[str, list[Article]] = {one.id: [] for one in self.outlets}
        self._pages: dict[str, tuple[Outlet, Article, str]] = {}
        self._lists: dict[str, tuple[Outlet, Callable[[Outlet], bytes], str]] = {}
        for number, article in enumerate(articles):
            for outlet in self._carriers(article, number):
                self.of_outlet[outlet.id].append(article)
                self._pages[self.path(outlet, article)] = outlet, article, self._layouts[number % len(self._layouts)]
        for outlet in self.outlets:
            for number, address in enumerate(outlet.feeds):
                self._lists[_key(address)] = outlet, self._atom if number % 2 else self._rss, "application/rss+xml"
            for number, address in enumerate(outlet.sitemaps):
                self._lists[_key(address)] = (outlet, self._index if number % 2 else self._sitemap, "application/xml")
                self._lists[_key(address) + ".gz"] = outlet, self._packed_sitemap, "application/gzip"

    def _carriers(self, article: Article, number: int) -> list[Outlet]:
        """A wire story stands in three outlets."""
        count = min(3, len(self.outlets)) if article.wire else 1
        return [self.outlets[(number + n) % len(self.outlets)] for n in range(count)]

    def path(self, outlet: Outlet, article: Article) -> str:
        """/HOST/2026/11/22/slug.html"""
        return f"/{urlsplit(outlet.home).netloc}/{article.date:%Y/%m/%d}/{article.slug}.html"

    def public(self, outlet: Outlet, article: Article) -> str:
        """The article's address on the outlet itself."""
        return "https:/" + self.path(outlet, article)

    def on(self, trap: str, what: str = "") -> bool:
        """Is the trap on, and does it spring here?"""
        rate = _RATES.get(trap, 1.0)
        return trap in self.traps and (rate >= 1 or fraction(self.seed, trap, what) < rate)

    def reply(self, path: str, query: str, headers: dict[str, str]) -> Reply:
        """The answer to a GET."""
        if path == "/robots.txt" or path.endswith("/robots.txt"):
            return self._robots()
        if path == "/api/v2/doc/doc":
            return self._gdelt(parse_qs(query))
        if path in self._lists:
            outlet, make, kind = self._lists[path]
            return self._conditional(self._listed(outlet, make, kind), outlet, headers)
        if path.startswith("/moved/"):
            path = path.removeprefix("/moved")
        elif path in self._pages and self.on("redirect", path):
            return Reply(301, b"moved", headers={"Location": f"/moved{path}"})
        if path not in self._pages:
            return Reply(404, b"<html><title>Not found</title><body>There is no such page.</body></html>")
        outlet, article, layout = self._pages[path]
        return self._conditional(self._article(path, outlet, article, layout, headers), outlet, headers)

    def _listed(self, outlet: Outlet, make: Callable[[Outlet], bytes], kind: str) -> Reply:
        place = self.outlets.index(outlet)
        if place == 0 and self.on("xxe"):
            return Reply(body=b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0">'
                              b"<channel><title>&x;</title></channel></rss>", content_type=kind)
        if place == 1 and self.on("laughs"):
            bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
            return Reply(body=f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{bomb}]><rss version="2.0"><channel><title>'
                              f"&l9;</title></channel></rss>".encode(), content_type=kind)
        if place == 2 and self.on("htmlfeed"):
            return Reply(body=b"<!DOCTYPE html><html><body>Our feeds have moved.</body></html>", content_type=kind)
        return Reply(body=make(outlet), content_type=kind)

    def _article(self, path: str, outlet: Outlet, article: Article, layout: str, headers: dict[str, str]) -> Reply:
        first = list(self._pages)[:3]
        if path == first[0] and self.on("hugetitle"):
            return Reply(body=b"<html><head><title>" + b"A" * (50 << 20) + b"</title></head><body><p>x</p></body></html>")
        if len(first) > 1 and path == first[1] and self.on("gzbomb"):
            return Reply(body=_bomb(), headers={"Content-Encoding": "gzip"})
        if len(first) > 2 and path == first[2] and self.on("endless"):
            return Reply(body=b"<p>and so on</p>" * 4096, endless=True)
        if self.on("evil", path):
            goal = "http://127.0.0.1:1/" if len(path) % 2 else "file:///etc/passwd"
            return Reply(302, headers={"Location": goal})
        if self.on("block200", path):
            return Reply(body=b"<html><head><title>Request Access</title></head><body>Request access: programmatic access to "
                              b"these sites is limited.</body></html>")
        if self.on("consent", path):
            return Reply(body=b"<html><head><title>Before you continue</title></head><body>Before you continue. We use cookies."
                              b"<button>Accept all</button><button>Reject all</button></body></html>")
        page = self._page(path, outlet, article, layout)
        body, more = page.body, {}
        if self.on("badbytes", path):
            body = body.replace(b"contract", b"con\xfftr\x00act", 1)
        if self.on("gzip") and "gzip" in headers.get("accept-encoding", ""):
            body, more = gzip.compress(body, 1, mtime=0), {"Content-Encoding": "gzip"}
        return Reply(body=body, content_type=page.content_type, headers=more, wait=1.0 if self.on("slow", path) else 0.0)

    def _page(self, path: str, outlet: Outlet, article: Article, layout: str) -> Page:
        if article.html is not None:
            return Page(article.html, "text/html")
        shown = article
        if self.on("paywall", path):
            shown = Article(article.slug, article.title, [*article.paragraphs[:2], "Subscribe to continue reading this story."],
                            article.date, article.updated, article.by)
            layout = "plain_article"
        return LAYOUTS[layout](shown, self.public(outlet, article))

    def _conditional(self, reply: Reply, outlet: Outlet, headers: dict[str, str]) -> Reply:
        """ETag and Last-Modified, and 304 where a validator matches."""
        if reply.status != 200 or reply.endless:
            return reply
        digest = hashlib.sha256(reply.body).hexdigest()[:20]
        etag = f'W/"{digest}{"-gzip" if "Content-Encoding" in reply.headers else ""}"'
        modified = format_datetime(datetime(2026, 11, 22, 6, tzinfo=UTC), usegmt=True)
        reply.headers |= {"ETag": etag, "Last-Modified": modified}
        by_etag = headers.get("if-none-match") == etag
        by_date = headers.get("if-modified-since") == modified
        if self.on("halfetag"):
            odd = self.outlets.index(outlet) % 2 == 1
            matched = by_date if odd else by_etag
        else:  # If-None-Match goes first (RFC 9110 §13.2.2)
            matched = by_etag if "if-none-match" in headers else by_date
        return Reply(304, headers=reply.headers) if matched else reply

    def _robots(self) -> Reply:
        if self.on("robots503"):
            return Reply(503, b"<html>Service Unavailable</html>")
        if self.on("robots404"):
            return Reply(404, b"not here", "text/plain")
        if self.on("robotsdeny"):
            return Reply(body=b"User-agent: *\nDisallow: /\n", content_type="text/plain")
        part = "Disallow: /private/\nCrawl-delay: 1\n" if self.on("robotspart") else "Disallow:\n"
        maps = "".join(f"Sitemap: {self.base}{_key(a)}\n" for one in self.outlets for a in one.sitemaps)
        return Reply(body=f"User-agent: *\n{part}{maps}".encode(), content_type="text/plain")

    def _date(self, article: Article, number: int) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) if number % 5 == 4 and self.on("date1970") else article.date

    def _rss(self, outlet: Outlet) -> bytes:
        items = "".join(
            f'<item><title>{_x(a.title)}</title><link>{self.base}{self.path(outlet, a)}?utm_source=rss</link><guid isPermaLink='
            f'"false">{a.slug}</guid><pubDate>{format_datetime(self._date(a, n))}</pubDate><description>{_x(_x(a.summary))}'
            f"</description>{''.join(f'<category>{_x(t)}</category>' for t in a.tags)}</item>"
            for n, a in enumerate(self.of_outlet[outlet.id]))
        return (f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
                f"<channel><title>{_x(outlet.name)}</title><link>{outlet.home}</link><language>en-us</language>{items}</channel></rss>"
                ).encode()

    def _atom(self, outlet: Outlet) -> bytes:
        entries = "".join(
            f'<entry><id>tag:example.org,2026:{a.slug}</id><title type="html">{_x(a.title)}</title><link rel="alternate" href="'
            f'{self.base}{self.path(outlet, a)}"/><published>{self._date(a, n).isoformat()}</published><updated>'
            f"{(a.updated or a.date).isoformat()}</updated><summary>{_x(a.summary)}</summary></entry>"
            for n, a in enumerate(self.of_outlet[outlet.id]))
        return (f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{_x(outlet.name)}</title><id>x</id>'
                f"<updated>2026-11-22T12:00:00Z</updated>{entries}</feed>").encode()

    def _sitemap(self, outlet: Outlet) -> bytes:
        urls = "".join(
            f"<url><loc>{self.base}{self.path(outlet, a)}</loc><n:news><n:publication><n:name>{_x(outlet.name)}</n:name>"
            f"<n:language>en</n:language></n:publication><n:publication_date>{self._date(a, n).isoformat()}</n:publication_date>"
            f"<n:title>{_x(a.title)}</n:title><n:keywords>{_x(', '.join(a.tags))}</n:keywords></n:news></url>"
            for n, a in enumerate(self.of_outlet[outlet.id]))
        return ('<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
                f'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>').encode()

    def _packed_sitemap(self, outlet: Outlet) -> bytes:
        return gzip.compress(self._sitemap(outlet), mtime=0)

    def _index(self, outlet: Outlet) -> bytes:
        own = [_key(address) for address in outlet.sitemaps]
        named = [own[0] + ".gz", *(own if self.on("selfindex") else [])]
        now = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        maps = "".join(f"<sitemap><loc>{self.base}{path}</loc><lastmod>{now}</lastmod></sitemap>" for path in named)
        return f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'.encode()

    def _gdelt(self, asked: dict[str, list[str]]) -> Reply:
        self._asked_gdelt += 1
        if self.on("gdeltdown") or (self.on("gdelt429") and self._asked_gdelt % 3):
            odd = self._asked_gdelt % 2 == 1
            return Reply(429 if odd else 200, RATE_LIMIT, "text/plain" if odd else "text/html")
        query = asked.get("query", [""])[0]
        if " OR " in re.sub(r"\([^)]*\)", "", query):
            return Reply(body=b"Queries containing OR'd terms must be surrounded by ().\n")
        start, end = (datetime.strptime(asked[name][0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                      for name in ("startdatetime", "enddatetime"))
        found = [
            {"url": self.public(outlet, a), "url_mobile": "", "title": re.sub(r"([,.;:?!])", r" \1", a.title),
             "seendate": f"{a.date:%Y%m%dT%H%M}00Z", "socialimage": "", "domain": outlet.domains[0], "language": "English",
             "sourcecountry": "United States"}
            for outlet in self.outlets for a in self.of_outlet[outlet.id]
            if start <= a.date < end and _answers(query, f"{a.title} {a.gold}")
        ]
        if not found:
            return Reply(body=b"" if self.on("gdeltempty") else b"{}", content_type="application/json; charset=utf-8")
        limit = min(250, int(asked.get("maxrecords", ["75"])[0]))
        return Reply(body=json.dumps({"articles": found[:limit]}).encode(), content_type="application/json; charset=utf-8")


def _answers(query: str, text: str) -> bool:
    """GDELT's language as far as our questions use it: words and phrases, OR in brackets."""
    low = text.lower()
    groups = re.findall(r'\(([^)]*)\)|("[^"]*"|\S+)', query)
    return all(any(term.strip().strip('"').lower() in low for term in (group or single).split(" OR "))
               for group, single in groups if group or single)


def _key(address: str) -> str:
    parts = urlsplit(address)
    return f"/{parts.netloc}{parts.path or '/'}"


def _x(text: str) -> str:
    return html.escape(text)


def _bomb() -> bytes:
    return gzip.compress(b"\0" * (200 << 20), 9, mtime=0)
