"""The name a server gives a file (Content-Disposition), as a claim: the bytes decide what it is.

Belongs here: reading that header. Does not belong here: formats.
"""

from __future__ import annotations

from email.message import Message

from crawlers.documents.types import plain


def filename_of(disposition: str | None) -> str | None:
    """The file's name without folders, by RFC 6266 and RFC 5987; None where the header gives none."""
    if not disposition:
        return None
    message = Message()
    message["Content-Disposition"] = " ".join(disposition.split())
    name = message.get_filename()
    if not name:
        return None
    return plain(name.replace("\\", "/").rpartition("/")[2], 200) or None
