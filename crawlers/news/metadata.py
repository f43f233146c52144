"""What a page states about itself: JSON-LD, OpenGraph and other meta elements, links.

Belongs here: reading statements, each with where it was stated. Does not belong here: the article's text
(``extract``), or which of feed, sitemap and page is believed (``article``).

Persons named as authors are not kept (the lake holds organisations): an author counts when the page types it as an
organisation, or its name is that of an outlet or says what only an organisation's name says (staff, press, service).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from crawlers.news import dates
from crawlers.news.items import MAX_TITLE, web_address
from crawlers.news.outlets import outlets

_ARTICLE: Final = re.compile(r"(?:Article|Posting|Report)$")
_ORGANISATION: Final = re.compile(r"Organi[sz]ation$|Corporation$|GovernmentOrganization$|NewsMedia\w*$")
_COLLECTIVE: Final = re.compile(
    r"\b(?:staff|press|news(?:room)?|editors?|editorial board|agency|agencies|service|team|desk|wire|network|media|"
    r"department|office of|bureau|tribune|times|post|herald|journal|institute|project|foundation|union)\b",
    re.IGNORECASE)
_DATED: Final = re.compile(r"(?:published|posted|updated|release date|for immediate release)\b", re.IGNORECASE)
_MAX_JSON: Final = 2 << 20
_MAX_NODES: Final = 2000
_PUBLISHED: Final = ("article:published_time", "og:article:published_time", "parsely-pub-date", "sailthru.date",
                     "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "dcterms.issued",
                     "pubdate", "publishdate", "publish-date", "article.published", "cxenseparse:recs:publishtime",
                     "article_date_original", "publication_date", "citation_publication_date")
_UPDATED: Final = ("article:modified_time", "og:updated_time", "og:article:modified_time", "lastmod", "datemodified",
                   "dcterms.modified", "article.updated", "last-modified", "revised")


@dataclass
class Metadata:
    """``free`` is isAccessibleForFree, ``words`` the word count and ``body`` the text that the page states."""

    title: str | None = None
    canonical: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    in_text: datetime | None = None
    language: str | None = None
    organisations: list[str] = field(default_factory=list)
    publisher: str | None = None
    description: str | None = None
    free: bool | None = None
    words: int | None = None
    body: str | None = None
    is_article: bool = False


def read(tree: Any, url: str) -> Metadata:
    """The page's statements; the most specific first: JSON-LD, then meta elements, then the page's visible parts."""
    made = Metadata()
    for node in _articles(tree):
        _linked(node, made)
    metas = _metas(tree)
    _meta(metas, made)
    made.canonical = _canonical(tree, metas, url)
    made.language = made.language or _language(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
                                               or metas.get("og:locale") or metas.get("content-language"))
    made.title = made.title or _heading(tree)
    made.in_text = _visible_date(tree)
    return made


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    """JSON-LD nodes that are articles, @graph and lists opened; what is no JSON is passed over (many pages err)."""
    for script in tree.iterfind(".//script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = (script.text or "").strip()
        if not text or len(text) > _MAX_JSON:
            continue
        try:
            data = json.loads(text.removeprefix("<!--").removesuffix("-->").removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            if _typed(node, _ARTICLE):
                yield node


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    left, seen = [data], 0
    while left and seen < _MAX_NODES:
        seen += 1
        node = left.pop(0)
        if isinstance(node, list):
            left += node[:100]
        elif isinstance(node, dict):
            yield node
            within = (node.get(name) for name in ("@graph", "mainEntity", "hasPart"))
            left += [part for part in within if isinstance(part, dict | list)]


def _typed(node: dict[str, Any], wanted: re.Pattern[str]) -> bool:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and wanted.search(kind) for kind in listed)


def _linked(node: dict[str, Any], made: Metadata) -> None:
    made.is_article = True
    made.title = made.title or _line(_string(node.get("headline")) or _string(node.get("name")))
    stated = _string(node.get("datePublished")) or _string(node.get("dateCreated"))
    made.published = made.published or dates.parse(stated)
    made.updated = made.updated or dates.parse(_string(node.get("dateModified")))
    made.language = made.language or _language(_string(node.get("inLanguage")))
    made.body = made.body or _string(node.get("articleBody"))
    made.description = made.description or _line(_string(node.get("description")))
    free = node.get("isAccessibleForFree")
    if made.free is None and free is not None:
        made.free = str(free).strip().lower() not in ("false", "no", "0")
    count = _string(node.get("wordCount"))
    if made.words is None and count and count.isascii() and count.isdigit():
        made.words = int(count[:7])
    publisher = node.get("publisher")
    if isinstance(publisher, dict):
        made.publisher = made.publisher or _line(_string(publisher.get("name")))
    authors = node.get("author")
    for author in authors if isinstance(authors, list) else [authors]:
        if isinstance(author, dict):
            _author(_string(author.get("name")), made, typed=_typed(author, _ORGANISATION))
        elif isinstance(author, str):
            _author(author, made, typed=False)


def _author(name: str | None, made: Metadata, *, typed: bool) -> None:
    said = _line(name)
    if said is None or len(said) > 120 or said in made.organisations:
        return
    known = any(said.casefold() in (one.name.casefold(), one.name.casefold().removeprefix("the "))
                for one in outlets().outlets)
    if typed or known or _COLLECTIVE.search(said):
        made.organisations.append(said)


def _metas(tree: Any) -> dict[str, str]:
    """Meta elements by lower-case name or property, the first of each; itemprop too."""
    found: dict[str, str] = {}
    for node in tree.iterfind(".//meta"):
        content = (node.get("content") or "").strip()
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = (node.get(key) or "").strip().lower()
            if name and content:
                found.setdefault(name.replace(":", ".") if name.startswith("dc") else name, content[:5000])
    return found


def _meta(metas: dict[str, str], made: Metadata) -> None:
    made.title = made.title or _line(metas.get("og:title") or metas.get("twitter:title") or metas.get("dc.title"))
    made.description = made.description or _line(metas.get("og:description") or metas.get("description"))
    made.publisher = made.publisher or _line(metas.get("og:site_name"))
    made.published = made.published or _first(metas, _PUBLISHED)
    made.updated = made.updated or _first(metas, _UPDATED)
    made.is_article = made.is_article or metas.get("og:type", "").lower() == "article"
    if made.free is None and metas.get("article:content_tier", "").lower() in ("locked", "metered"):
        made.free = False
    for name in ("author", "article:author", "parsely-author", "dc.creator"):
        if not metas.get(name, "").startswith("http"):
            _author(metas.get(name), made, typed=False)


def _first(metas: dict[str, str], names: tuple[str, ...]) -> datetime | None:
    return next((moment for name in names if (moment := dates.parse(metas.get(name)))), None)


def _canonical(tree: Any, metas: dict[str, str], url: str) -> str | None:
    """The address the page says is its own: only of the same site, and no site's front page."""
    stated = [node.get("href") for node in tree.iterfind(".//link") if "canonical" in (node.get("rel") or "").lower()]
    for value in [*stated, metas.get("og:url")]:
        try:
            absolute = urljoin(url, (value or "").strip()) if value else ""
            here, there = urlsplit(url), urlsplit(absolute)
        except ValueError:
            continue
        related = _site(here.hostname) == _site(there.hostname)
        if web_address(absolute) and related and (there.path.strip("/") or there.query or not here.path.strip("/")):
            return absolute.partition("#")[0]
    return None


def _site(host: str | None) -> str:
    return ".".join((host or "").split(".")[-2:])


def _heading(tree: Any) -> str | None:
    """The first <h1>; else the <title>, or the heading that it begins with (the rest names the site)."""
    def texts(*names: str) -> Iterator[str]:
        for node in tree.iter(*names):
            if text := _line("".join(node.itertext())):
                yield text

    title = next(texts("h1"), None) or next(texts("title"), None)
    if title is None:
        return None
    return next((text for text in texts("h2", "h3") if len(text) > 15 and title.startswith(text)), title)


def _visible_date(tree: Any) -> datetime | None:
    """A <time> element's date, else one beside the word 'published', in an element named for its date or alone."""
    for node in tree.iterfind(".//time"):
        moment = dates.parse(node.get("datetime")) or dates.in_words(" ".join(node.itertext())[:200])
        if moment is not None:
            return moment
    for node in tree.iter("span", "p", "div", "li", "td", "b", "i", "em", "font"):
        named = f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemprop') or ''}".lower()
        text = " ".join((node.text or "").split())[:160]
        alone = dates.in_words(text) is not None and len(text) < 32
        if text and (alone or any(mark in named for mark in ("date", "time", "byline", "meta")) or _DATED.match(text)):
            moment = dates.in_words(text) or dates.parse(node.get("content"))
            if moment is not None:
                return moment
    return None


def _string(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), None)
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, str | int | float) else None


def _line(value: str | None) -> str | None:
    text = " ".join((value or "")[: 20 * MAX_TITLE].split())[:MAX_TITLE]
    return text or None


def _language(stated: str | None) -> str | None:
    text = (stated or "").strip().lower()[:2]
    return text if len(text) == 2 and text.isascii() and text.isalpha() else None
