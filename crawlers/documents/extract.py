"""``extract``: a document's text from a path or bytes, read in a child process.

Belongs here: opening the file safely, the pool that is shared by all of a process. Does not belong here: reading.
"""

from __future__ import annotations

import atexit
import os
import stat
import tempfile
import threading
from pathlib import Path
from typing import Final

from crawlers.documents.pool import DocumentPool
from crawlers.documents.types import DocumentLimits, Extracted, refusal

_LOCK: Final = threading.Lock()
_SHARED: dict[int, DocumentPool] = {}  # by process: a forked one must not use its parent's children


def extract(
    path_or_bytes: Path | str | bytes | bytearray | memoryview,
    media_type: str | None = None,
    filename: str | None = None,
    limits: DocumentLimits | None = None,
    *,
    pool: DocumentPool | None = None,
) -> Extracted:
    """The text of a document with the place of every run, or the verdict why there is none.

    ``media_type`` (with its charset) and ``filename`` are claims: what the bytes are decides, and a difference is
    noted. A path's own name serves where no ``filename`` is given. Nothing is read before its size is known to be
    within the limits. Raises OSError when the path cannot be opened, PoolError when no reading process can be started.
    """
    limits = limits or DocumentLimits()
    pool = pool or _shared()
    if isinstance(path_or_bytes, (str, Path)):
        path = Path(path_or_bytes)
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe shall not hold us up
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            os.close(handle)
            return refusal("unsupported", f"'{path.name}' is no regular file", "unread")
        with os.fdopen(handle, "rb") as file:
            if found.st_size > limits.file_bytes:
                return _too_large(found.st_size, limits)
            return pool.read(file, media_type, filename or path.name, limits)
    if len(path_or_bytes) > limits.file_bytes:
        return _too_large(len(path_or_bytes), limits)
    with tempfile.TemporaryFile() as file:  # has no name: nothing is left behind, however this ends
        file.write(path_or_bytes)
        file.flush()
        return pool.read(file, media_type, filename, limits)


def _too_large(size: int, limits: DocumentLimits) -> Extracted:
    return refusal("too_large", f"{size:,} bytes, more than {limits.file_bytes:,}", "unread")


def _shared() -> DocumentPool:
    with _LOCK:
        found = _SHARED.get(os.getpid())
        if found is None:
            _SHARED.clear()
            found = _SHARED[os.getpid()] = DocumentPool(size=max(1, min(4, (os.cpu_count() or 2) - 1)))
            atexit.register(found.close)
        return found
