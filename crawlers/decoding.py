"""Content codings (RFC 9110 §8.4.1): undoes gzip and deflate as a stream, within a size limit.

Belongs here: decoding of entity bodies. Does not belong here: what a body means, or WARC's own gzip members.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

CHUNK: Final = 1 << 16
KNOWN: Final = frozenset({"gzip", "x-gzip", "deflate"})
ACCEPT: Final = "gzip, deflate"
_HEADER_BYTES: Final = 2


class UndecodableError(Exception):
    """The body is not what its Content-Encoding says, or grows past the limit; the message says which."""


def content_coding(headers: Iterable[tuple[str, str]]) -> str | None:
    """The coding applied to the body in lower case ('gzip', 'br', 'gzip, deflate'), None for none."""
    parts: list[str] = []
    for name, value in headers:
        if name.lower() == "content-encoding":
            parts += [part.strip().lower() for part in value.split(",")]
    kept = [part for part in parts if part and part != "identity"]
    return ", ".join(kept) or None


def decode(chunks: Iterable[bytes], coding: str | None, limit: int | None = None) -> Iterator[bytes]:
    """The chunks with the coding undone; ``limit`` is in decoded bytes.

    Raises UndecodableError for an unknown or stacked coding, damaged or cut-off data, and at the limit
    (a gzip bomb stops there, with at most one chunk in memory).
    """
    if coding is None:
        yield from _limited(chunks, limit)
        return
    if coding not in KNOWN:
        raise UndecodableError(f"content coding '{coding}' is not one of gzip, deflate")
    yield from _limited(_inflate(chunks, coding), limit)


def _limited(chunks: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if limit is not None and total > limit:
            raise UndecodableError(f"decoded body is larger than the limit of {limit:,} bytes")
        yield chunk


def _inflate(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    engine = None
    data = b""
    for chunk in chunks:
        data += chunk
        while data:
            if engine is None:
                if len(data) < _HEADER_BYTES:  # too few to tell the two kinds of deflate apart
                    break
                engine = zlib.decompressobj(_window(coding, data))
            out = _step(engine, data, coding)
            if out:
                yield out
            if engine.eof:  # gzip allows several members one after another
                data, engine = engine.unused_data, None
            else:
                data = engine.unconsumed_tail
    while engine is not None and not engine.eof:
        out = _step(engine, b"", coding)
        if not out:
            break
        yield out
    if data or (engine is not None and not engine.eof):
        raise UndecodableError(f"{coding} body is cut off")


def _step(engine: Any, data: bytes, coding: str) -> bytes:
    try:
        return bytes(engine.decompress(data, CHUNK))
    except zlib.error as problem:
        raise UndecodableError(f"body is not valid {coding}: {problem}") from None


def _window(coding: str, head: bytes) -> int:
    """zlib's wbits. Servers send 'deflate' both with (RFC 1950) and without (raw) the zlib header."""
    if coding != "deflate":
        return zlib.MAX_WBITS | 16
    zlib_header = len(head) >= 2 and head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
    return zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS
