"""A zip of documents, as agencies attach them: each read on its own, one after the other, archives within never.

Belongs here: members of a plain zip. Does not belong here: OOXML (docx, xlsx), which are documents themselves.
"""

from __future__ import annotations

import io
import zipfile
from typing import Final, Protocol

from crawlers.documents.sniff import ARCHIVES, sniff
from crawlers.documents.types import DocumentLimits, Draft, Extracted, Refused, plain
from crawlers.documents.zipguard import check, unpack

_READ: Final = frozenset({"pdf", "docx", "xlsx", "xls", "xlsb", "ods", "html", "text"})


class Reader(Protocol):
    """Reads one member by its format."""

    def __call__(self, kind: str, data: bytes, limits: DocumentLimits) -> Extracted:
        """Raises Refused."""


def read(data: bytes, limits: DocumentLimits, reader: Reader) -> Extracted:
    """The text of all documents in a zip, divided by form feeds; every segment names its member. Raises Refused.

    ``ok`` when every member could be read; ``nested_archive`` when one is an archive again, ``corrupt`` when a member
    could not be read (``member`` notes say which and why); the text of the others stays.
    """
    draft = Draft(limits, "zip")
    archives, failed = [], []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            seen = check(held, len(data), limits, xml=False)
            for name in sorted(seen.names):
                if name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("."):
                    continue
                body = b"".join(unpack(held, held.getinfo(name)))
                found = sniff(body, filename=name)
                draft.notes += [note._replace(message=plain(f"{name}: {note.message}")) for note in found.notes]
                if found.format in ARCHIVES:
                    archives.append(name)
                    continue
                if why := _member(name, found.format, body, draft, reader):
                    failed.append(name)
                    draft.note("member", f"{name}: {why}")
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise Refused("corrupt", f"no sound zip: {plain(str(problem), 120)}") from None
    if archives:
        draft.note("nested_archive", f"archives within an archive are not opened: {', '.join(archives[:5])}")
        return draft.done("nested_archive")
    if failed:
        draft.note("partial", f"{len(failed)} of its members could not be read: {', '.join(failed[:5])}")
        return draft.done("corrupt")
    return draft.done()


def _member(name: str, kind: str, body: bytes, draft: Draft, reader: Reader) -> str | None:
    """Write one member's text; why it could not be read (whole), None when it was."""
    if kind == "empty":
        return None
    if kind not in _READ:
        return f"{kind} is not read"
    try:
        found = reader(kind, body, draft.limits)
    except Refused as refused:
        return f"{refused.verdict}: {refused.why}"
    draft.pages += found.pages
    if draft.pages > draft.limits.pages:
        raise Refused("too_many_pages", f"more than {draft.limits.pages:,} pages in all (at '{name}')")
    if draft.length and found.text:
        draft.write("\f")
    start, _ = draft.write(found.text)
    draft.segments += [s._replace(start=s.start + start, end=s.end + start, member=name) for s in found.segments]
    for note in found.notes:
        draft.note(note.kind, f"{name}: {note.message}")
    return None if found.ok else f"{found.verdict}: {found.reason()}"
