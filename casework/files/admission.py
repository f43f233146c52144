"""Files from outside: admitted by type and size, cleaned of metadata, or refused with the reason.

Belongs here: what a file is by its bytes, limits against bombs, names. Does not belong here: rewriting pictures and
PDFs (clean.py), keeping (store.py). A file is what its bytes and its name both say, or it is nothing.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LARGEST: Final = 25 * 1024 * 1024
LARGEST_TOGETHER: Final = 60 * 1024 * 1024
MOST: Final = 10
_LONGEST_NAME: Final = 120
_MOST_MEMBERS: Final = 3000
_LARGEST_UNPACKED: Final = 200 * 1024 * 1024
_TAIL: Final = 66_000
_ZIP_END: Final = b"PK\x05\x06"
_PDF: Final = b"%PDF-"
#: extension -> (media type, bytes it starts with)
KINDS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    "pdf": ("application/pdf", (_PDF,)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (b"PK\x03\x04",)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (b"PK\x03\x04",)),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
}
_MARKS: Final = tuple({mark for _, marks in KINDS.values() for mark in marks} | {b"MZ", b"\x7fELF", b"GIF8", b"<?xml"})


class FileRefused(ValueError):
    """The file is not taken; the message says why and what to hand in instead."""


@dataclass(frozen=True)
class Checked:
    """A file as it is kept: cleaned bytes, a harmless name, the type its bytes have."""

    name: str
    media_type: str
    content: bytes


def check(name: str, content: bytes) -> Checked:
    """The file, cleaned, or FileRefused."""
    from casework.files import clean

    shown = _name(name)
    if not content:
        raise FileRefused(f"{shown} is empty")
    if len(content) > LARGEST:
        raise FileRefused(f"{shown} is larger than {LARGEST // 1024**2} MB: send the pages that matter")
    ending = shown.rpartition(".")[2].lower()
    if ending not in KINDS:
        raise FileRefused(f"{shown}: files of this kind are not taken; send {', '.join(sorted(KINDS))}")
    media_type, marks = KINDS[ending]
    if marks and not content.startswith(marks):
        raise FileRefused(f"{shown} is no {ending.upper()} inside: save it again from the program that made it")
    if ending in ("docx", "xlsx"):
        content = _office(shown, content)
    elif not marks:
        _text(shown, content)
    else:
        if ending == "pdf" and _ZIP_END in content[-_TAIL:]:
            raise FileRefused(f"{shown} is two kinds of file at once (PDF and zip): print it to a new PDF")
        content = clean.pdf(shown, content) if ending == "pdf" else clean.picture(shown, content)
    return Checked(shown, media_type, content)


def check_all(files: Iterable[tuple[str, bytes]]) -> list[Checked]:
    """Several files together, within the limits of number and size."""
    given = list(files)
    if len(given) > MOST:
        raise FileRefused(f"at most {MOST} files at once, got {len(given)}")
    if sum(len(content) for _, content in given) > LARGEST_TOGETHER:
        raise FileRefused(f"the files together are larger than {LARGEST_TOGETHER // 1024**2} MB")
    return [check(name, content) for name, content in given]


def _name(name: str) -> str:
    """The name without anything a screen, a shell or a file system could trip over. A path is refused, not cut."""
    if any(mark in name for mark in ("/", "\\", "\x00")) or name.strip(" .") in ("", ".", ".."):
        raise FileRefused("a file's name must be a plain name, without folders")
    # Categories Cc, Cf (direction marks that turn 'exe.pdf' round), Cs, Co, Cn are not printed.
    plain = "".join(c for c in unicodedata.normalize("NFC", name) if not unicodedata.category(c).startswith("C"))
    stem, dot, ending = plain.strip(" .").rpartition(".")
    if not dot or not stem.strip():
        raise FileRefused(f"'{plain[:60]}' has no ending that says what it is (such as .pdf)")
    return f"{stem.strip()[: _LONGEST_NAME - len(ending) - 1]}.{ending}"


def _text(name: str, content: bytes) -> None:
    if content.lstrip()[:8].startswith(_MARKS):
        raise FileRefused(f"{name} is no text inside")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise FileRefused(f"{name} is no text inside: save it as UTF-8") from None
    if any(ord(c) < 32 and c not in "\r\n\t\f" for c in text):
        raise FileRefused(f"{name} is no text inside (it has control characters)")


def _office(name: str, content: bytes) -> bytes:
    """A DOCX or XLSX written anew: only its members, no macros, nothing before or behind, no author in it."""
    damaged = FileRefused(f"{name} is damaged: save it again")
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as held, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fresh:
            members = held.infolist()
            if len(members) > _MOST_MEMBERS or sum(m.file_size for m in members) > _LARGEST_UNPACKED:
                raise FileRefused(f"{name} unpacks to more than is taken")
            names = [m.filename for m in members]
            if "[Content_Types].xml" not in names or len(set(names)) != len(names):
                raise damaged
            left = _LARGEST_UNPACKED
            for member in members:
                if _unsafe(member):
                    raise FileRefused(f"{name} has a part that is not taken (macros, passwords or odd names)")
                with held.open(member) as part:
                    body = part.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise FileRefused(f"{name} unpacks to more than is taken")
                if member.filename in _PROPERTIES:
                    body = _PROPERTIES[member.filename]
                fresh.writestr(zipfile.ZipInfo(member.filename, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, UnicodeDecodeError):
        raise damaged from None
    return out.getvalue()


def _unsafe(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    return (
        name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name
        or name.lower().endswith((".bin", ".exe", ".js", ".vbs", ".dll")) or bool(member.flag_bits & 0x1)
    )


_PROPERTIES: Final = {
    "docProps/core.xml": (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
                          b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'),
    "docProps/app.xml": (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
                         b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'),
}
