"""GDELT DOC 2.0 answers to rows of ``lead``, and what GDELT's errors in disguise mean.

Belongs here: the format. Does not belong here: asking and pacing (spiders/gdelt.py).

API: DOC 2.0, mode ArtList, format json. Errors come as plain text with status 200 or 429; no hits are '{}' or an
empty body; JSON may have invalid escapes and raw control characters. ``seendate`` is when GDELT saw the article (a
bucket of 15 minutes), not when it was published.
"""

from __future__ import annotations

import json
import re
from typing import Any, BinaryIO, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from crawlers.news import dates
from crawlers.news.discovery import discovery
from crawlers.news.items import MAX_TITLE, Item, web_address
from crawlers.parsing import BadPageError, BombError, ParseContext, printable

MAX_RECORDS: Final = 250  # of one answer; there are no further pages
_MAX_BYTES: Final = 8 << 20
_ESCAPE: Final = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4}|.)', re.DOTALL)
_SPACED: Final = re.compile(r"\s+([,.;:!?%)\]}’])|([(\[{‘])\s+")
_READ: Final = frozenset({"url", "title", "seendate", "language", "sourcecountry"})
_IGNORED: Final = frozenset({"url_mobile", "socialimage", "domain"})
_BUSY: Final = ("please limit requests", "too many requests", "rate limit", "try again later", "timed out",
                "service unavailable")
# ISO 639-1 of the languages GDELT names in words; others stay unknown.
_LANGUAGES: Final = {"english": "en", "spanish": "es", "portuguese": "pt", "french": "fr", "german": "de",
                     "chinese": "zh", "vietnamese": "vi", "korean": "ko", "tagalog": "tl", "haitian": "ht",
                     "arabic": "ar", "russian": "ru", "italian": "it", "malayalam": "ml", "japanese": "ja"}

Refusal = Literal["busy", "query"]


class GdeltRefusal(BadPageError):
    """GDELT answered in words. ``kind``: 'busy' (ask later: not measured) or 'query' (the question is at fault)."""

    def __init__(self, kind: Refusal, said: str, where: str) -> None:
        self.kind = kind
        do = ("Nothing was measured: ask later" if kind == "busy"
              else "Correct the query in crawlers/news/discovery.yaml")
        super().__init__(f"GDELT says: {said}", where=where, do=do)


def query_of(url: str) -> str | None:
    """The id of the question that an address asks (discovery.yaml), None for one that was changed since."""
    asked = dict(parse_qsl(urlsplit(url).query)).get("query", "")
    return next((one.id for one in discovery().queries if one.query == asked), None)


def items(payload: BinaryIO, context: ParseContext) -> list[Item]:
    """The articles of an answer, each address once; none for '{}' and an empty body. Raises as ``parse``."""
    found: dict[str, Item] = {}
    for number, one in enumerate(articles(payload, context.url or "gdelt")):
        unknown = sorted(set(one) - _READ - _IGNORED)
        if unknown:
            context.report("unknown_field", f"fields this version does not know: {printable(', '.join(unknown), 100)}",
                           where="articles", rows=(number + 1,))
        url = str(one.get("url") or "")
        if not web_address(url):
            context.report("no_address", "articles without a web address are left out", where="articles",
                           rows=(number + 1,))
            continue
        title = _SPACED.sub(r"\1\2", " ".join(str(one.get("title") or "").split()))[:MAX_TITLE]
        seen = dates.parse(str(one.get("seendate") or ""))
        found.setdefault(url, Item(
            url=url, title=title, place=f"json:$.articles[{number}]",
            seen_at=seen if dates.believable(seen, context.as_of) else None,
            language=_LANGUAGES.get(str(one.get("language") or "").lower()),
            country=str(one.get("sourcecountry") or "") or None,
        ))
    return list(found.values())


def _mended(escape: re.Match[str]) -> str:
    """An escape JSON does not know (\\' for one) is the character itself, as JavaScript reads it."""
    return escape[0] if len(escape[1]) > 1 or escape[1] in '"\\/bfnrt' else escape[1]


def articles(payload: BinaryIO, where: str) -> list[dict[str, Any]]:
    """The raw articles of an answer. Raises GdeltRefusal, BadPageError, BombError."""
    data = payload.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise BombError(f"more than {_MAX_BYTES:,} bytes", where=where, do="No answer of 250 articles is so long")
    text = data.decode("utf-8", "replace").strip()
    if not text:
        return []
    if not text.startswith(("{", "[")):
        raise GdeltRefusal("busy" if any(mark in text.lower() for mark in _BUSY) else "query", printable(text), where)
    try:
        answer = json.loads(_ESCAPE.sub(_mended, text) if "\\" in text else text, strict=False)
    except ValueError as problem:
        raise BadPageError(f"no JSON ({problem})", where=where, do="Look at the capture; ask again") from None
    listed = answer.get("articles", []) if isinstance(answer, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadPageError("'articles' is no list of objects", where=where, do="Look at the capture; ask again")
    if isinstance(answer, dict) and set(answer) - {"articles"}:
        raise BadPageError(f"unknown keys {printable(', '.join(sorted(set(answer) - {'articles'})), 100)}", where=where,
                           do="GDELT changed its answer: read its documentation")
    return listed
