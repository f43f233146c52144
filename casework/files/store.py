"""Keeping files by their SHA-256 under the installation's casework folder: written once, never changed.

Belongs here: the folder, the row that says what a file is, reading it back whole. Does not belong here: whether a file
is admitted (admission.py), sealing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from django.conf import settings

from casework.models import Document, Jurisdiction
from records.files import sync
from records.workspace import Workspace

_FOLDER: Final = "files"


class FileDamaged(RuntimeError):
    """A kept file is gone or not what it was; restore it from a backup."""


def keep(jurisdiction: Jurisdiction, stream: str, kind: str, name: str, content: bytes, media_type: str) -> Document:
    """Write the file (durably, before any event may speak of it) and say what it is. Equal bytes are kept once."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with temporary.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
        sync(path.parent)
    return Document.objects.create(jurisdiction=jurisdiction, stream=stream, kind=kind, name=name, sha256=sha256,
                                   size=len(content), media_type=media_type)


def read(document: Document) -> bytes:
    """The file's bytes. Raises FileDamaged when they are not what was kept, or were purged."""
    if document.purged_at is not None:
        raise FileDamaged(f"{document.name} was removed on {document.purged_at:%Y-%m-%d} by the retention rule")
    path = path_of(document.sha256)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileDamaged(f"{document.name} ({document.sha256[:12]}) is gone from {path.parent}") from None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise FileDamaged(f"{document.name} ({path}) is not what was kept")
    return content


def path_of(sha256: str, workspace: Workspace | None = None) -> Path:
    """Where a file with that hash lies."""
    root: Workspace = workspace or settings.WORKSPACE
    return root.casework / _FOLDER / sha256[:2] / sha256


def described(documents: list[Document]) -> list[dict[str, str]]:
    """How an event speaks of files."""
    return [{"name": d.name, "sha256": d.sha256, "kind": d.kind} for d in documents]
