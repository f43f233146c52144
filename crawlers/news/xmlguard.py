"""Lets harmless XML through and refuses the rest, before any XML parser sees it.

Belongs here: size, encoding and document type of feeds and sitemaps. Does not belong here: their meaning.

A feed needs no entities of its own. External entities (XXE) and nested ones (billion laughs) both begin with a
document type declaration that has an internal subset, or with an ENTITY declaration: those are refused. A bare
DOCTYPE with a public identifier, as old RSS has it, is blanked: it declares nothing here.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from typing import BinaryIO, Final

from crawlers.news.decoded import decode
from crawlers.parsing import BombError, NotDataError, ParseError, printable

MAX_BYTES: Final = 16 << 20
_DOCTYPE: Final = re.compile(r"<!DOCTYPE\b([^<>\[]*+)(.)", re.IGNORECASE | re.DOTALL)
_DECLARES: Final = re.compile(r"<!(?:ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)
_CDATA: Final = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_DECLARATION: Final = re.compile(r"^\s*<\?xml\b[^>]*\?>")
# What XML 1.0 (§2.2) does not allow as a character; a feed that has one is read without it.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_GZIP: Final = b"\x1f\x8b"


class HostileXmlError(ParseError):
    """XML that declares entities or a document type of its own."""


def guarded(payload: BinaryIO, where: str, charset: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """The XML as UTF-8 without document type, NUL and invalid characters; a gzip file is unpacked.

    Raises BombError beyond ``limit`` bytes (packed or unpacked), HostileXmlError for declarations, NotDataError for
    what is no XML.
    """
    data = _read(payload, limit, where)
    if data.startswith(_GZIP):
        data = _unpacked(data, limit, where)
    text = decode(data, charset).text
    head = text.lstrip("\ufeff \t\r\n")
    if not head.startswith("<"):
        raise NotDataError(f"no XML but '{printable(head, 80)}'", where=where,
                           do="Look at the capture; correct the address in outlets.yaml if the feed has moved")
    if head[:15].lower().startswith(("<!doctype html", "<html")):
        raise NotDataError("an HTML page stands where a feed should", where=where,
                           do="Correct the address in outlets.yaml, or take the feed out")
    text = _without_doctype(text, where)
    return _FORBIDDEN.sub("\ufffd", _DECLARATION.sub("", text, count=1)).encode("utf-8")


def _without_doctype(text: str, where: str) -> str:
    """Raises HostileXmlError; blanks a bare DOCTYPE. Comments and CDATA may speak of declarations."""
    bare = _CDATA.sub("", text) if "<!" in text else text
    if _DECLARES.search(bare):
        raise HostileXmlError("it declares entities or elements of its own (XXE, billion laughs)", where=where,
                              do="It is not read. Tell the publisher, or take the address out of outlets.yaml")
    found = _DOCTYPE.search(bare)
    if found is None:
        return text
    if found[2] != ">":
        raise HostileXmlError("its DOCTYPE has an internal subset", where=where,
                              do="It is not read. Tell the publisher, or take the address out of outlets.yaml")
    return text.replace(found[0], "", 1)


def _read(payload: BinaryIO, limit: int, where: str) -> bytes:
    data = payload.read(limit + 1)
    if len(data) > limit:
        raise BombError(f"more than {limit:,} bytes", where=where, do="A feed has no need of that; it is not read")
    return data


def _unpacked(data: bytes, limit: int, where: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return _read(file, limit, where)  # type: ignore[arg-type]
    except (OSError, EOFError, zlib.error) as problem:
        raise NotDataError(f"a gzip file that cannot be unpacked ({problem})", where=where,
                           do="Fetch it again") from None
