"""The article's own text out of a page: trafilatura's reading, without what is not the article.

Belongs here: text, and whether one may read all of it. Does not belong here: metadata, bytes (``align``).

trafilatura leaves bylines, calls to subscribe, captions' credits and the like in the text; whole lines of those kinds
(boilerplate.yaml) are dropped here, bylines also because persons' names are not kept. Lines are never altered.
"""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from typing import Any, Final, Literal

import trafilatura

from crawlers.news.boilerplate import marks
from crawlers.news.metadata import Metadata

Access = Literal["full", "paywall", "consent", "teaser"]

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_SHORT: Final = 120  # words below which an article that is cut off shows
_NOTHING: Final = 25  # words below which there is no article at all
_LAYOUT_WORDS: Final = 80
_LONG_LINE: Final = 320
_SENTENCE_WORDS: Final = 9
_LIST_MARK: Final = re.compile(r"^[-–—•|>*\s]+")
_BYLINE: Final = re.compile(r"^(?:(?:written|reported|story)\s+)?by:?\s+", re.IGNORECASE)
_NAME: Final = re.compile(r"[A-Z][\w.'’-]*,?|and|&|for|of|the|de|van|von")
_BREAKS: Final = re.compile(r"<(?:br|/p|/div|/li|/h\d)[^>]*>", re.IGNORECASE)
_TAGS: Final = re.compile(r"<[^>]*+>")


def text_of(tree: Any, told: Metadata) -> str:
    """The article's text, paragraphs on lines of their own; '' when the page has none. The tree is used up."""
    _open_layout_tables(tree)
    found = trafilatura.extract(tree, include_comments=False, include_tables=True) or ""
    stated = _stated(told.body)
    words = found.split()
    more = len(stated.split()) > 1.5 * len(words) + 40  # scripts fill this page: the text is in JSON-LD only
    if stated and (more or stated.split() == words):  # there it has its paragraphs
        found = stated
    return "\n".join(_kept(unicodedata.normalize("NFC", found).split("\n")))


def _open_layout_tables(tree: Any) -> None:
    """Tables that lay out a page (a cell holds much text or a table) become plain blocks; tables of data stay."""
    for table in list(tree.iter("table")):
        cells = list(table.iter("td", "th"))
        if any(next(cell.iter("table"), None) is not None or len("".join(cell.itertext()).split()) > _LAYOUT_WORDS
               for cell in cells):
            for node in table.iter("table", "tbody", "thead", "tr", "td", "th"):
                if node is table or next(node.iterancestors("table"), None) is table:
                    node.tag = "div"


def access(text: str, visible: str, told: Metadata) -> Access:
    """May one read all of it? ``visible`` is the page's whole visible text, folded to one line."""
    count, known = len(text.split()), marks()
    if count < _SHORT and _marks(known.consent, visible if count < _NOTHING else text) >= 2:
        return "consent"
    whole = told.words is not None and count >= 0.8 * told.words
    if not whole and told.free is False:
        return "paywall"
    if not whole and known.paywall.search(visible) and (count < 2.5 * _SHORT or told.words is not None):
        return "paywall"
    cut = told.words is not None and count < 0.5 * told.words
    last = text.rpartition("\n")[2]
    if cut or (count < _SHORT and (known.more.search(last) or known.more.search(visible[-2000:]) or count < _NOTHING)):
        return "teaser"
    return "full"


def _marks(wanted: re.Pattern[str], text: str) -> int:
    """How many different ones a text has."""
    return len({found.group().lower() for found in wanted.finditer(text)})


def _kept(lines: list[str]) -> list[str]:
    kept: list[str] = []
    for line in (" ".join(raw.split()) for raw in lines):
        if line and not (kept and line == kept[-1]) and not (len(line) < _LONG_LINE and is_boilerplate(line)):
            kept.append(line)
    return kept


def is_boilerplate(line: str) -> bool:
    """True for a line that is not the article: a byline, a label, a notice."""
    line = _LIST_MARK.sub("", line)
    if not line:
        return True
    byline = _BYLINE.match(line)
    if byline is not None:  # 'By then the contract had ended.' is no byline: all its words must look like names
        names = line[byline.end():].partition("|")[0].split()
        return 0 < len(names) < 14 and not line.endswith(".") and all(_NAME.fullmatch(word) for word in names)
    sentence = line.endswith((".", "!", "?", "”", '"')) and len(line.split()) >= _SENTENCE_WORDS
    known = marks()
    return known.notices.fullmatch(line) is not None or (not sentence and known.labels.fullmatch(line) is not None)


def _stated(body: str | None) -> str:
    """JSON-LD's articleBody as lines."""
    if not body:
        return ""
    plain = _TAGS.sub(" ", _BREAKS.sub("\n", body))
    lines = (" ".join(line.split()) for line in html.unescape(plain).split("\n"))
    return "\n".join(line for line in lines if line)
