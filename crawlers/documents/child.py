"""The reading process: ``python -m crawlers.documents.child FD``. Takes open files over a socket, answers with JSON.

Belongs here: the loop and the protocol. Does not belong here: reading (``reading``), the locks (``sandbox``).

A message is eight bytes of length (big endian) and that many bytes of JSON. The file comes as an open descriptor
beside the request: this process can open none itself.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
from typing import Any, Final

from crawlers.documents import reading, sandbox
from crawlers.documents.types import DocumentLimits, Extracted, refusal, to_json

#: Imported before the doors close: libraries load these when they are first needed.
_EARLY: Final = ("charset_normalizer.md", "charset_normalizer.cd", "encodings.cp1252", "encodings.utf_16_le",
                 "encodings.utf_16_be", "encodings.latin_1", "encodings.gb18030", "encodings.idna", "html.entities",
                 "unicodedata", "pyexpat", "zoneinfo", "docx.oxml", "docx.parts.document")


def main() -> int:
    """Serve until the other side hangs up."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    for name in _EARLY:
        importlib.import_module(name)
    held = sandbox.lock_down(int(sys.argv[2]))
    _send(channel, {"ready": held})
    while True:
        head, handles, _, _ = socket.recv_fds(channel, 8, 1)
        if len(head) < 8:
            return 0
        request = json.loads(_exactly(channel, int.from_bytes(head, "big")))
        limits = DocumentLimits(**request["limits"])
        sandbox.allow(limits.cpu_seconds, limits.memory_bytes)
        _send(channel, to_json(_read(handles[0], request, limits)))


def _read(handle: int, request: dict[str, Any], limits: DocumentLimits) -> Extracted:
    try:
        with os.fdopen(handle, "rb") as file:
            data = file.read(limits.file_bytes + 1)
        if len(data) > limits.file_bytes:
            return refusal("too_large", f"more than {limits.file_bytes:,} bytes", "unread")
        return reading.read(data, request["media_type"], request["filename"], limits)
    except MemoryError:
        return refusal("too_large", f"reading it takes more than {limits.memory_bytes:,} bytes of memory", "unread")
    except RecursionError:
        return refusal("corrupt", "its elements are nested without end", "unread")


def _send(channel: socket.socket, message: dict[str, Any]) -> None:
    body = json.dumps(message, separators=(",", ":")).encode()
    data = memoryview(len(body).to_bytes(8, "big") + body)
    while data:  # write, not send: the sandbox allows no network calls at all
        data = data[os.write(channel.fileno(), data):]


def _exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = os.read(channel.fileno(), size - len(data))
        if not piece:
            raise EOFError("the parent hung up within a message")
        data += piece
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
