"""Text of HTML pages and of plain text, each run with the bytes it stands in.

Belongs here: all visible words of a page (a city document is no article: nothing is left out as boilerplate), the
encoding of plain text. Does not belong here: news articles (crawlers.news), which have their own reading.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final

from charset_normalizer import from_bytes
from lxml import etree, html

from crawlers.documents.types import DocumentLimits, Draft, Extracted
from crawlers.news.align import align
from crawlers.news.decoded import Decoded, decode

_INLINE: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
    "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
})
_UNSEEN: Final = frozenset({"script", "style", "template", "head", "noscript", "iframe", "object", "svg", "select",
                            "math"})
_CELLS: Final = frozenset({"td", "th"})
_LINE: Final = re.compile(r"[^\r\n]+")
_KEPT: Final = frozenset({"pre", "textarea", "xmp"})
_FOLDED: Final = re.compile(r"[^\S\xa0]+")
_SPACES: Final = re.compile(r"[^\S\n]+")
_GUESSABLE: Final = 24
_SAMPLE: Final = 1 << 18


def read_html(data: bytes, limits: DocumentLimits, charset: str | None = None) -> Extracted:
    """All visible words of a page; blocks on lines of their own, a table's cells divided by tabs. Raises Refused."""
    draft = Draft(limits, "html")
    page = decode(data, charset)
    draft.encoding = page.encoding
    _doubt(page, draft)
    text = _visible(page.clean)
    at = 0
    for segment in align(text, page):
        if segment.start < at or segment.end <= segment.start:
            continue
        draft.write(text[at:segment.start])
        draft.place(text[segment.start:segment.end], byte_start=segment.byte_start, byte_end=segment.byte_end)
        at = segment.end
    draft.write(text[at:])
    return draft.done()


def read_text(data: bytes, limits: DocumentLimits, charset: str | None = None) -> Extracted:
    """Plain text as it is, line by line. Raises Refused."""
    draft = Draft(limits, "text")
    page = decode(data, _charset(data, charset, draft))
    draft.encoding = page.encoding
    _doubt(page, draft)
    offsets = page.offsets
    at = 0
    for line in _LINE.finditer(page.text):
        draft.write(page.text[at:line.start()])
        draft.place(line[0], byte_start=int(offsets[line.start()]), byte_end=int(offsets[line.end()]))
        at = line.end()
    draft.write(page.text[at:])
    return draft.done()


def _charset(data: bytes, told: str | None, draft: Draft) -> str | None:
    """The encoding by byte order mark, by UTF-8's own shape, as told, or as charset-normalizer guesses it."""
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    sample = data[:_SAMPLE]
    if sample.count(0) > len(sample) // 4:
        return "utf-16-be" if sample[0::2].count(0) > sample[1::2].count(0) else "utf-16-le"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return told or _guess(sample, draft)
    return "utf-8"


def _guess(sample: bytes, draft: Draft) -> str:
    """Nearly ASCII is Western text, as browsers take it: a guess needs more letters than a few accents."""
    high = sum(1 for byte in sample if byte >= 0x80)
    best = from_bytes(sample).best() if high >= _GUESSABLE and high * 8 >= len(sample) else None
    encoding = str(best.encoding) if best is not None else "cp1252"
    draft.note("charset", f"no encoding is stated; read as {encoding}")
    return encoding


def _doubt(page: Decoded, draft: Draft) -> None:
    bad = sum(1 for c in page.text if "\udc80" <= c <= "\udcff" or c == "\0") if not page.text.isascii() else (
        page.text.count("\0"))
    if bad:
        draft.note("charset", f"{bad:,} bytes are no {page.encoding} text; they are shown as \ufffd")


def _visible(page: str) -> str:
    """The page's visible text. lxml repairs what is not well-formed, as browsers do."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = etree.fromstring(page.encode("utf-8", "replace") or b" ", parser)
    except etree.ParserError:
        tree = None
    if tree is None:
        return ""
    parts: list[str] = []
    unseen = kept = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            unseen += _is_unseen(element, name)
            kept += name in _KEPT
            if not unseen:
                parts.append("" if name in _INLINE else "\t" if name in _CELLS else "\n")
                parts.append(_run(element.text, kept))
            continue
        gone = _is_unseen(element, name)
        if not unseen and name not in _INLINE and name not in _CELLS:
            parts.append("\n")
        unseen -= gone
        kept -= name in _KEPT
        if not unseen:
            parts.append(_run(element.tail, kept))
    lines = (_SPACES.sub(_blank, line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _run(text: str | None, kept: int) -> str:
    """White space folded; within <pre> lines stay lines."""
    return _SPACES.sub(" ", text or "") if kept else " ".join(_FOLDED.split(text or ""))


def _blank(found: re.Match[str]) -> str:
    return "\t" if "\t" in found[0] else " "


def _is_unseen(element: Any, name: str) -> bool:
    style = element.get("style") or ""
    return name in _UNSEEN or "hidden" in element.attrib or re.search(r"display\s*:\s*none", style) is not None
