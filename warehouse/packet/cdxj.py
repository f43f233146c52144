"""The packet's index of captures: sorted CDXJ lines in compressed blocks, as WACZ and its replay programs want it.

Belongs here: the lines' keys and fields (WACZ 1.1.1, CDXJ), the two index files. Does not belong here: the records.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

_LINES: Final = 3000
_LONGEST_QUERY: Final = 4096
_WWW: Final = re.compile(r"^www\d*\.")
_VISIBLE: Final = "".join(map(chr, range(0x21, 0x7F)))
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Request:
    """What was asked, as far as the index needs it."""

    method: str
    media_type: str
    body: bytes


@dataclass(frozen=True)
class Line:
    """One capture of the index."""

    uri: str
    fetched_at: datetime
    fields: dict[str, Any]

    def text(self, request: Request | None = None) -> str:
        """``KEY TIMESTAMP {json}``. A request that is not a plain GET is part of the key (pywb's rule)."""
        more: dict[str, Any] = {}
        uri = self.uri
        if request is not None and request.method not in ("GET", "HEAD"):
            query = _body_query(request)
            uri += ("&" if "?" in uri else "?") + f"__wb_method={request.method}" + (f"&{query}" if query else "")
            more = {"method": request.method, "requestBody": query}
        body = json.dumps({"url": self.uri} | self.fields | more, ensure_ascii=False)
        return f"{key(uri)} {timestamp(self.fetched_at)} {body}\n"


def key(uri: str) -> str:
    """Sort-friendly address (SURT): host reversed, without www, default port, last slash, fragment; query sorted.

    All in lower case. Addresses that are not http (a file handed in) stay whole. White space cannot stand in a key.
    """
    try:
        parts = urlsplit(uri.strip())
        port = parts.port
    except ValueError:
        return _plain(uri)
    if parts.scheme not in _PORTS or not parts.hostname:
        return _plain(uri)
    host = ",".join(reversed(_WWW.sub("", parts.hostname.lower()).split(".")))
    where = f":{port}" if port and port != _PORTS[parts.scheme] else ""
    query = "&".join(sorted(_plain(parts.query).split("&"))) if parts.query else ""
    return _plain(f"{host}{where}){parts.path.rstrip('/') or '/'}") + (f"?{query}" if query else "")


def timestamp(moment: datetime) -> str:
    """Fourteen digits, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def compressed(lines: Iterable[str], name: str) -> tuple[bytes, bytes]:
    """The index in gzip blocks, and the list of the blocks (cdxj-gzip-1.0). Same lines, same bytes."""
    ordered = sorted(set(lines))
    blocks, listed, offset = [], [], 0
    listed.append(f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': name})}\n")
    for first in range(0, len(ordered), _LINES):
        block = gzip.compress("".join(ordered[first:first + _LINES]).encode(), mtime=0)
        place = {"offset": offset, "length": len(block), "digest": f"sha256:{hashlib.sha256(block).hexdigest()}",
                 "filename": name}
        listed.append(f"{ordered[first].split(' {', 1)[0]} {json.dumps(place)}\n")
        blocks.append(block)
        offset += len(block)
    return b"".join(blocks), "".join(listed).encode()


def _plain(text: str) -> str:
    return quote(text, safe=_VISIBLE, errors="replace").lower()


def _body_query(request: Request) -> str:
    """A request's body as a query (request body canonicalization of the Webrecorder specifications)."""
    kind = request.media_type.partition(";")[0].strip().lower()
    if not request.body:
        return ""
    if kind == "application/x-www-form-urlencoded":
        try:
            return unquote_plus(request.body.decode())[:_LONGEST_QUERY]
        except UnicodeDecodeError:
            return _encoded(request.body)
    if kind in ("application/json", "text/plain"):
        try:
            return urlencode(_flat(json.loads(request.body)))[:_LONGEST_QUERY]
        except (ValueError, RecursionError):
            return _encoded(request.body)
    return _encoded(request.body)


def _encoded(body: bytes) -> str:
    return f"__wb_post_data={base64.b64encode(body).decode()}"[:_LONGEST_QUERY]


def _flat(value: Any) -> dict[str, str]:
    """A JSON's leaves by name; a name that comes again is numbered: a, a.2_, a.3_."""
    found: dict[str, str] = {}
    times: dict[str, int] = {}

    def walk(item: Any, name: str) -> None:
        if isinstance(item, dict):
            for inner, one in item.items():
                walk(one, inner)
        elif isinstance(item, list):
            for one in item:
                walk(one, name)
        elif name:
            times[name] = times.get(name, 0) + 1
            found[name if times[name] == 1 else f"{name}.{times[name]}_"] = str(item)

    walk(value, "")
    return found
