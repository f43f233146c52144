"""Text of PDF files by PDFium: page by page, line by line, each with its characters and its box on the page.

Belongs here: pages and what hides in a PDF (forms, scripts, files, missing text). Does not belong here: OCR, layout
beyond PDFium's own reading order.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
from pypdfium2 import raw

from crawlers.documents.types import DocumentLimits, Draft, Extracted, Refused

_LINE: Final = re.compile(r"[^\r\n]+")
_SOFT: Final = {0xFFFE: "\u00ad", 0x2: "\u00ad"}  # what PDFium gives for a hyphen at a line's end
_TAIL: Final = 2048
_PASSWORD, _SECURITY = "password", "security"


def read(data: bytes, limits: DocumentLimits) -> Extracted:
    """The text of a PDF, pages divided by form feeds.

    Raises Refused: encrypted, corrupt, too_many_pages, too_large; a file cut off is ``corrupt`` with the text of the
    pages that could be saved.
    """
    draft = Draft(limits, "pdf")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as problem:
        raise _refused(str(problem)) from None
    try:
        count = len(document)
        if count > limits.pages:
            raise Refused("too_many_pages", f"{count:,} pages, more than {limits.pages:,}")
        if count == 0:
            raise Refused("corrupt", "a PDF without pages: its page tree is damaged or cut off")
        _inside(document, draft)
        unread, silent = _pages(document, count, draft)
    finally:
        document.close()
    return _verdict(data, draft, unread, silent)


def _refused(problem: str) -> Refused:
    if _PASSWORD in problem.lower():
        return Refused("encrypted", "needs a password to open")
    if _SECURITY in problem.lower():
        return Refused("encrypted", "protected by a scheme that PDFium does not know")
    return Refused("corrupt", f"no PDF that can be opened ({problem})")


def _inside(document: pypdfium2.PdfDocument, draft: Draft) -> None:
    """What a reader of the text would not see."""
    if raw.FPDF_GetSecurityHandlerRevision(document) >= 0:
        draft.note("empty_password", "encrypted with an empty password: opens for everybody")
    if scripts := raw.FPDFDoc_GetJavaScriptActionCount(document):
        draft.note("javascript", f"{max(scripts, 1)} scripts in it; none is ever run")
    if files := document.count_attachments():
        draft.note("embedded_files", f"{files} files embedded in it are not read")
    if document.get_formtype() != raw.FORMTYPE_NONE:
        draft.note("form", "a form: what is filled in may not be in the text")


def _pages(document: pypdfium2.PdfDocument, count: int, draft: Draft) -> tuple[list[int], list[int]]:
    """Write all pages; numbers of those that could not be read, and of those without words."""
    unread, silent = [], []
    for number in range(1, count + 1):
        draft.pages = number
        if number > 1:
            draft.write("\f")
        try:
            page = document.get_page(number - 1)
            try:
                if not _page(page, number, draft):
                    silent.append(number)
            finally:
                page.close()
        except pypdfium2.PdfiumError:
            unread.append(number)
    return unread, silent


def _page(page: pypdfium2.PdfPage, number: int, draft: Draft) -> bool:
    """Write one page; False when it has no words."""
    layer = page.get_textpage()
    try:
        count = layer.count_chars()
        text, index = _characters(layer, count)
        for line in _LINE.finditer(text):
            first, last = index[line.start()], index[line.end() - 1] + 1
            if line[0].strip():
                draft.place(line[0], page=number, locator=f"pdf:page={number};chars={first}-{last}",
                            box=_box(layer, first, last - first))
            draft.write("\n")
        return bool(text.strip())
    finally:
        layer.close()


def _characters(layer: pypdfium2.PdfTextPage, count: int) -> tuple[str, list[int]]:
    """The page's text, and for each character its index in PDFium's own list.

    PDFium's text as a whole leaves out and puts in characters, so the list itself is read. Pairs of UTF-16 units,
    which older files give for rare letters, become one character.
    """
    text: list[str] = []
    index: list[int] = []
    get = raw.FPDFText_GetUnicode
    for at in range(count):
        code = int(get(layer, at))
        if code == 0:
            continue
        if 0xDC00 <= code <= 0xDFFF and text and "\ud800" <= text[-1] <= "\udbff":
            text[-1] = chr(0x10000 + ((ord(text[-1]) - 0xD800) << 10) + code - 0xDC00)
            continue
        text.append(_SOFT.get(code) or chr(code if code <= 0x10FFFF else 0xFFFD))
        index.append(at)
    return "".join(text), index


def _box(layer: pypdfium2.PdfTextPage, index: int, count: int) -> tuple[float, float, float, float] | None:
    """The rectangle around a line's characters, in points from the page's lower left."""
    rects = raw.FPDFText_CountRects(layer, index, count)
    boxes = [box for at in range(min(rects, 50)) if (box := _rect(layer, at)) is not None]
    if not boxes:
        return None
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _rect(layer: Any, at: int) -> tuple[float, float, float, float] | None:
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetRect(layer, at, left, top, right, bottom):
        return None
    return tuple(round(v.value, 2) for v in (left, bottom, right, top))  # type: ignore[return-value]


def _verdict(data: bytes, draft: Draft, unread: list[int], silent: list[int]) -> Extracted:
    whole = b"%%EOF" in data[-_TAIL:]
    if unread or not whole:
        what = f"{_numbers(unread)} cannot be read" if unread else "the file ends before its end mark (cut off?)"
        draft.note("corrupt", f"{what}; the text is what could be saved")
        return draft.done("corrupt")
    if len(silent) == draft.pages:
        draft.note("no_text", f"none of its {draft.pages} pages has text: a scan, or drawn letters. It needs OCR, "
                              "which this program does not do")
        return draft.done("no_text")
    if silent:
        draft.note("image_pages", f"{_numbers(silent)} without text (empty or scanned; scans need OCR)")
    return draft.done()


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(str(n) for n in _first(pages))
    return f"{'page' if len(pages) == 1 else 'pages'} {shown}{' ...' if len(pages) > 10 else ''}"


def _first(pages: list[int]) -> Iterator[int]:
    yield from pages[:10]
