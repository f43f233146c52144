"""Reads one document in this very process: the format decides the reader. Called in the locked-down child only.

Belongs here: dispatch, and what is said of formats that are not read. Does not belong here: any format.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from crawlers.documents import bundle, docx, markup, pdf, xlsx
from crawlers.documents.sniff import sniff
from crawlers.documents.types import DocumentLimits, Extracted, Note, Refused, refusal

_UNSUPPORTED: Final = {
    "doc": "Word 97 document: save it as DOCX or PDF", "rtf": "RTF: save it as DOCX or PDF",
    "pptx": "PowerPoint: save it as PDF", "odt": "OpenDocument text: save it as DOCX or PDF",
    "ole": "an Office 97 file that is no workbook: save it in a newer format or as PDF",
    "postscript": "PostScript: save it as PDF", "program": "a program, no document",
    "unknown": "its bytes are no format that is read here (PDF, DOCX, XLSX, XLS, HTML, text)",
}
_NO_TEXT: Final = {"image": "a picture: its words, if any, need OCR, which this program does not do",
                   "empty": "there are no bytes in it"}
_SHEETS: Final = frozenset({"xlsx", "xls", "xlsb", "ods"})


def read(data: bytes, media_type: str | None, filename: str | None, limits: DocumentLimits) -> Extracted:
    """The text of a document. Never raises Refused: a refusal is a verdict."""
    found = sniff(data, media_type, filename)
    charset = _charset(media_type)
    try:
        if found.format == "zip":
            read = bundle.read(data, limits, by_format)
        else:
            read = by_format(found.format, data, limits, charset)
    except Refused as refused:
        return refusal(refused.verdict, refused.why, found.format, found.notes)
    known = set(read.notes)
    return replace(read, notes=(*(note for note in found.notes if note not in known), *read.notes))


def by_format(kind: str, data: bytes, limits: DocumentLimits, charset: str | None = None) -> Extracted:
    """The text of a document whose format is known. Raises Refused."""
    if kind == "pdf":
        return pdf.read(data, limits)
    if kind == "docx":
        return docx.read(data, limits)
    if kind in _SHEETS:
        return xlsx.read(data, limits, kind)
    if kind == "html":
        return markup.read_html(data, limits, charset)
    if kind == "text":
        return markup.read_text(data, limits, charset)
    if kind == "encrypted":
        raise Refused("encrypted", "an Office document that needs a password to open")
    if kind in _NO_TEXT:
        return Extracted(verdict="no_text", format=kind, notes=(Note("no_text", _NO_TEXT[kind]),))
    if kind in ("gzip", "bzip2", "xz", "7z", "rar", "tar"):
        raise Refused("unsupported", f"an archive ({kind}): unpack it, or use zip")
    raise Refused("unsupported", _UNSUPPORTED[kind])


def _charset(media_type: str | None) -> str | None:
    _, _, parameters = (media_type or "").partition(";")
    for one in parameters.split(";"):
        name, _, value = one.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None
