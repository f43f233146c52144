"""Bytes of a page as text, every character of which knows its bytes.

Belongs here: finding a page's character encoding and mapping characters to byte offsets. Does not belong here:
HTML (``nodes``), alignment (``align``).

Encoding, in order (WHATWG HTML §13.2.3.2): byte order mark, Content-Type header, <meta> or XML declaration in the
first bytes, UTF-8 where the bytes are valid, else Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

HEAD_BYTES: Final = 8192
# No encodings of web pages, or with states, so that a character alone does not tell its bytes.
_REFUSED: Final = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs",
                             "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"})
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META: Final = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
# Labels that browsers read as another encoding than their name says (WHATWG Encoding §4.2).
_LABELS: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
                  "utf-16": "utf-16-le", "iso8859-9": "cp1254"}


@dataclass(frozen=True)
class Decoded:
    """A page's text. Bytes that are not valid in the encoding are lone surrogates (U+DC80 to U+DCFF), one a byte."""

    text: str
    encoding: str
    size: int
    prefix: int = 0

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Byte offset of every character, and of the end: one more than there are characters."""
        import numpy as np  # here: a crawl reads feeds only and needs no numpy

        points = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
        if self.encoding == "utf-8":
            lengths = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000)
            lengths[(points >= 0xDC80) & (points <= 0xDCFF)] = 1
        elif self.encoding in ("utf-16-le", "utf-16-be"):
            lengths = np.where(points >= 0x10000, 4, 2)
        else:
            lengths = _lengths(self.text, self.encoding)
        found = np.zeros(len(lengths) + 1, dtype=np.int64)
        np.cumsum(lengths, out=found[1:])
        return np.minimum(found + self.prefix, self.size)

    @property
    def clean(self) -> str:
        """The text for parsers that take no lone surrogates and no NUL: both are U+FFFD."""
        if self.text.isascii() and "\0" not in self.text:
            return self.text
        return _UNFIT.sub("\ufffd", self.text)


_UNFIT: Final = re.compile("[\0\ud800-\udfff]")


def decode(data: bytes, charset: str | None = None) -> Decoded:
    """The page's text. ``charset`` is what the Content-Type header says. Never fails: see ``Decoded``."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(_text(data[len(mark):], encoding), encoding, len(data), len(mark))
    for told in (charset, _declared(data)):
        encoding_told = _known(told)
        if encoding_told is not None and (encoding_told != "utf-8" or _valid_utf8(data)):
            return Decoded(_text(data, encoding_told), encoding_told, len(data))
    if _valid_utf8(data) or _known(charset or _declared(data)) == "utf-8":
        return Decoded(_text(data, "utf-8"), "utf-8", len(data))
    return Decoded(_text(data, "cp1252"), "cp1252", len(data))


def slice_text(data: bytes, encoding: str) -> str:
    """Bytes of a page as text, as ``decode`` reads them: for showing and checking the words in place."""
    return _text(data, encoding)


def _declared(data: bytes) -> str | None:
    head = data[:HEAD_BYTES]
    found = _XML.search(head[:300]) or _META.search(head)
    return found[1].decode("ascii", "replace") if found else None


def _known(label: str | None) -> str | None:
    if not label:
        return None
    try:
        found = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    name = found.name
    if not getattr(found, "_is_text_encoding", True):  # rot13, base64 and their like
        return None
    if name in _REFUSED or name.startswith(("iso2022", "hz")):
        return None
    return _LABELS.get(name, name)


def _valid_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:  # a few stray bytes in much valid text do not make it Windows-1252
        bad = sum(1 for c in data.decode("utf-8", "surrogateescape") if "\udc80" <= c <= "\udcff")
        return bad * 100 < max(1, sum(1 for b in data if b >= 0x80)) and problem.start > 0
    return True


def _text(data: bytes, encoding: str) -> str:
    if encoding.startswith("utf-16"):
        return data[: len(data) & ~1].decode(encoding, "utf16_stray")
    try:
        return data.decode(encoding, "surrogateescape")
    except UnicodeDecodeError:
        return data.decode(encoding, "stray")


def _stray(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    bad = problem.object[problem.start:problem.end]
    return "".join(chr(0xDC00 + b) if b >= 0x80 else "\x1a" for b in bad), problem.end


def _utf16_stray(problem: UnicodeError) -> tuple[str, int]:
    """A lone surrogate in UTF-16 becomes one character of two bytes."""
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    return "\ufffd", min(problem.start + 2, len(problem.object))


codecs.register_error("stray", _stray)
codecs.register_error("utf16_stray", _utf16_stray)


def _lengths(text: str, encoding: str) -> npt.NDArray[np.int64]:
    """Bytes of each character. Stateless encodings only, which is what ``_known`` lets web pages have."""
    import numpy as np

    table = {c: _length(c, encoding) for c in set(text)}
    return np.fromiter((table[c] for c in text), dtype=np.int64, count=len(text))


def _length(character: str, encoding: str) -> int:
    if "\udc80" <= character <= "\udcff":
        return 1
    try:
        return len(character.encode(encoding)) or 1
    except UnicodeEncodeError:
        return 1
