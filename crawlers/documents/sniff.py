"""What a file is, by its bytes: names and media types are claims, noted when they are wrong.

Belongs here: telling formats apart, mislabelled files and polyglots. Does not belong here: reading any format.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from crawlers.documents.types import Note, plain

_HEAD: Final = 4096
_MAGIC: Final = (
    (b"%PDF-", "pdf"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"), (b"\x89PNG\r\n\x1a\n", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"),
    (b"II*\x00", "image"), (b"MM\x00*", "image"), (b"MZ", "program"), (b"\x7fELF", "program"), (b"%!PS", "postscript"),
)
ARCHIVES: Final = frozenset({"zip", "gzip", "bzip2", "xz", "7z", "rar", "tar"})
_OOXML: Final = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_HTML: Final = re.compile(rb"<!doctype\s+html|<(?:html|head|body|table|div|p)[\s>]", re.IGNORECASE)
_TEXT_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BY_EXTENSION: Final = {
    "pdf": "pdf", "docx": "docx", "docm": "docx", "dotx": "docx", "dotm": "docx", "xlsx": "xlsx", "xlsm": "xlsx",
    "xltx": "xlsx", "xls": "xls", "xlsb": "xlsb", "ods": "ods", "odt": "odt", "pptx": "pptx", "doc": "doc",
    "htm": "html", "html": "html", "txt": "text", "csv": "text", "md": "text", "json": "text", "rtf": "rtf",
    "zip": "zip", "png": "image", "jpg": "image", "jpeg": "image", "tif": "image", "tiff": "image",
}
_BY_MEDIA_TYPE: Final = {
    "application/pdf": "pdf", "text/html": "html", "application/xhtml+xml": "html", "text/plain": "text",
    "text/csv": "text", "application/msword": "doc", "application/vnd.ms-excel": "xls", "application/zip": "zip",
    "application/rtf": "rtf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-word.document.macroenabled.12": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel.sheet.macroenabled.12": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}


class Sniffed(NamedTuple):
    """The format, and notes on what else the file says or could be."""

    format: str
    notes: tuple[Note, ...] = ()


def sniff(data: bytes, media_type: str | None = None, filename: str | None = None) -> Sniffed:
    """The format of a payload. The magic number at its very beginning decides, then what text it holds."""
    found = _format(data)
    notes = list(_polyglot(data, found))
    for told, source in ((_by_name(filename), f"the name '{filename}'"), (_by_type(media_type), f"'{media_type}'")):
        if told is not None and told != found and not _alike(told, found):
            notes.append(Note("mislabelled", plain(f"{source} says {told}, the bytes are {found}; read as {found}")))
    return Sniffed(found, tuple(notes))


def _format(data: bytes) -> str:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return _in_zip(data) if name == "zip" else _in_ole(data) if name == "ole" else name
    return _unmarked(data) if data else "empty"


def _unmarked(data: bytes) -> str:
    """Formats without a magic number at the beginning."""
    head = data[:_HEAD]
    if b"%PDF-" in data[:1024]:  # PDFium, like every viewer, takes rubbish before the header
        return "pdf"
    if data[257:262] == b"ustar":
        return "tar"
    if head.startswith(_TEXT_BOMS) or _wide(head):
        return "html" if _HTML.search(head.replace(b"\0", b"")) else "text"
    if _binary(head):
        return "unknown"
    return "html" if _HTML.search(head) else "text"


def _in_zip(data: bytes) -> str:
    """OOXML and OpenDocument are zips; a zip that cannot be listed is still a zip (its reader will say so)."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            names = held.namelist()
            if "mimetype" in names and held.getinfo("mimetype").file_size < 200:
                kind = held.read("mimetype").decode("ascii", "replace")
                return "ods" if "spreadsheet" in kind else "odt" if "opendocument" in kind else "zip"
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
        names = [name for name, _ in _OOXML if name.encode() in data[:1 << 16]]
        return next((kind for prefix, kind in _OOXML if prefix in names), "zip")
    if "[Content_Types].xml" in names:
        if "xl/workbook.bin" in names:
            return "xlsb"
        return next((kind for prefix, kind in _OOXML if any(name.startswith(prefix) for name in names)), "zip")
    return "zip"


def _in_ole(data: bytes) -> str:
    """Compound files by the names of their streams (UTF-16): MS-CFB §2.6.4, MS-OFFCRYPTO §2.3."""
    def named(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if named("EncryptedPackage"):
        return "encrypted"
    if named("WordDocument"):
        return "doc"
    return "xls" if named("Workbook") or named("Book") else "ole"


def _wide(head: bytes) -> bool:
    """UTF-16 without a byte order mark: every other byte is nearly always NUL."""
    if len(head) < 8:
        return False
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / max(1, len(head[1::2]))
    return (even > 0.7 and odd < 0.1) or (odd > 0.7 and even < 0.1)


def _binary(head: bytes) -> bool:
    controls = sum(1 for byte in head if byte < 32 and byte not in b"\t\n\r\f\x1b")
    return controls > len(head) // 20


def _polyglot(data: bytes, found: str) -> list[Note]:
    """Files that other programs would take for another format."""
    others = []
    if found != "pdf" and b"%PDF-" in data[:1024]:
        others.append("pdf")
    if found in ("pdf", "html", "text", "image", "rtf") and b"PK\x05\x06" in data[-66_000:]:
        others.append("zip")
    if found == "pdf" and _HTML.search(data[:1024]):
        others.append("html")
    return [Note("polyglot", f"the same bytes are {' and '.join(others)} too; read as {found} only")] if others else []


def _by_name(filename: str | None) -> str | None:
    suffix = PurePosixPath((filename or "").replace("\\", "/")).suffix.lower().lstrip(".")
    return _BY_EXTENSION.get(suffix)


def _by_type(media_type: str | None) -> str | None:
    return _BY_MEDIA_TYPE.get((media_type or "").partition(";")[0].strip().lower())


def _alike(told: str, found: str) -> bool:
    """A page's text/plain, and workbooks under each other's names, are no mislabelling."""
    return (told == "text" and found == "html") or (told == "xls" and found in ("xlsx", "xlsb"))
