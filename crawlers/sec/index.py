"""Finds a filing's exhibit in its index page (ACCESSION-index.htm).

Belongs here: the index's table of documents. Does not belong here: exhibits themselves (exhibit21).
"""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import lxml.html

from crawlers.parsing import BadPageError

_TEXT_TYPES: Final = (".htm", ".html", ".txt")


class Document(NamedTuple):
    """One document of a filing: its type as filed (EX-21.1), and the path it lies under."""

    type: str
    path: str


def documents(page: bytes, where: str) -> list[Document]:
    """Documents of an index page in its order. Raises BadPageError when it has no such table."""
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = lxml.html.document_fromstring(page, parser=parser)
    except (lxml.etree.ParserError, ValueError) as problem:
        raise BadPageError(f"is no HTML ({problem})", where=where, do="Ask again later") from None
    found = []
    for row in root.iter("tr"):
        cells = [cell for cell in row if cell.tag == "td"]
        link = next((a.get("href", "") for cell in cells for a in cell.iter("a")), "")
        if len(cells) >= 4 and link:
            found.append(Document(cells[3].text_content().strip().upper(), _plain(link)))
    if not found:
        raise BadPageError("has no table of documents", where=where,
                           do="Look at the capture; SEC may have changed its index pages")
    return found


def exhibits(listed: list[Document], exhibit: str) -> list[str]:
    """Paths of the documents of one exhibit ('EX-21': EX-21, EX-21.1, EX-21.01), text only."""
    return [one.path for one in listed
            if (one.type == exhibit or one.type.startswith(f"{exhibit}."))
            and urlsplit(one.path).path.lower().endswith(_TEXT_TYPES)]


def _plain(link: str) -> str:
    """The document's own address behind the inline viewer's ('/ix?doc=/Archives/...')."""
    parts = urlsplit(link)
    return parse_qs(parts.query).get("doc", [parts.path])[0] if parts.path.rstrip("/") == "/ix" else parts.path
