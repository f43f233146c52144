"""HTTP around the replica: sockets, dropped and truncated answers, files by range, the request log.

Belongs here: everything a client sees below JSON. Does not belong here: what an endpoint answers.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import sys
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.replica.downloads import not_there
from tests.replica.errors import ApiError, html_500
from tests.replica.service import Service

_CAPACITY = b"Service Unavailable: Back-end server is at capacity"
_PIECE = 64 * 1024


class _Dropped(Exception):
    """The connection is closed without an answer."""


class Server(ThreadingHTTPServer):
    """A replica on a port of the loopback. Use as a context manager, or call ``serve_forever``."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, service: Service, port: int = 0) -> None:
        self.service = service
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def base(self) -> str:
        """Base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news; anything else is a fault of the replica and is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "replica/1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """The log is kept by the service, not printed."""

    def _serve(self) -> None:
        service, started = self.server.service, time.monotonic()
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path.startswith("/replica/"):
            try:
                self._json(service.control(self.command, url.path, body))
            except ApiError as error:
                self._refuse(error)
            return
        entry: dict[str, Any] = {
            "method": self.command, "path": url.path, "query": url.query, "body": _readable(body), "trap": None,
            "agent": self.headers.get("User-Agent"), "range": self.headers.get("Range"),
        }  # fmt: skip
        try:
            if service.settings.latency:
                time.sleep(service.settings.latency)
            entry["status"] = self._respond(url.path, url.query, body, entry)
        except _Dropped:
            entry["status"] = None
            self._hang_up()
        except ApiError as error:
            entry["status"] = error.status
            self._refuse(error)
        finally:
            entry["seconds"] = round(time.monotonic() - started, 4)
            service.note(entry)

    def _respond(self, path: str, query: str, body: bytes, entry: dict[str, Any]) -> int:
        service = self.server.service
        what = f"{self.command} {self.path} {hashlib.sha256(body).hexdigest()}"
        self._spring(what, entry)
        if path.startswith(("/generated_downloads/", "/award_data_archive/")):
            file = service.file(path)
            if file is None:
                raise not_there()
            return self._file(file, path, entry)
        answer = service.answer(self.command, path, query, body, self.headers.get("Content-Type", ""), self.server.base)
        slow = service.traps.springs("slowbody", what)
        entry["trap"] = "slowbody" if slow else None
        self._json(answer, slow=slow)
        return 200

    def _spring(self, what: str, entry: dict[str, Any]) -> None:
        traps = self.server.service.traps
        if traps.crowded() or traps.springs("drops", what):
            entry["trap"] = "drops"
            raise _Dropped
        if self.path.startswith(("/generated_downloads/", "/award_data_archive/")):
            return
        if traps.springs("html500", what):
            entry["trap"] = "html500"
            raise html_500()
        if traps.springs("capacity", what):
            entry["trap"] = "capacity"
            raise ApiError(503, _CAPACITY, "text/plain")
        if traps.springs("ratelimit", what):
            entry["trap"] = "ratelimit"
            raise ApiError(429, b'{"detail":"Request was throttled."}', Retry_After="1")

    def _json(self, answer: Any, *, slow: bool = False) -> None:
        body = json.dumps(answer).encode()
        headers = {"Cache-Trace": "no-cache", "key": hashlib.md5(body, usedforsecurity=False).hexdigest()}
        if len(body) > 1000 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, compresslevel=1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._send(200, body, "application/json", headers, slow=slow)

    def _refuse(self, error: ApiError) -> None:
        if error.status in {500, 503, 504}:
            self.close_connection = True
        self._send(error.status, error.body, error.media_type, error.headers)

    def _send(self, status: int, body: bytes, media_type: str, headers: dict[str, str], *, slow: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if media_type == "application/json":
            self.send_header("Allow", "GET, POST, HEAD, OPTIONS")
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if not slow:
            self.wfile.write(body)
            return
        for start in range(0, len(body), max(1, len(body) // 8)):
            self.wfile.write(body[start : start + max(1, len(body) // 8)])
            self.wfile.flush()
            time.sleep(0.02)

    def _file(self, file: Path, path: str, entry: dict[str, Any]) -> int:
        size, modified = file.stat().st_size, file.stat().st_mtime
        start = self._range_start(size)
        if start >= size:
            raise ApiError(416, b"", "application/zip", Content_Range=f"bytes */{size}")
        cut = (
            self.command == "GET"
            and start == 0
            and self.server.service.traps.springs_once("truncated", self.server.service.same_file(path))
        )
        entry["trap"] = "truncated" if cut else None
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(size - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hashlib.md5(path.encode(), usedforsecurity=False).hexdigest()}-{size}"')
        self.send_header("Last-Modified", formatdate(modified, usegmt=True))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.end_headers()
        if self.command == "HEAD":
            return 200
        left = (size - start) // 2 if cut else size - start
        with file.open("rb") as source:
            source.seek(start)
            while left > 0:
                piece = source.read(min(_PIECE, left))
                self.wfile.write(piece)
                left -= len(piece)
        if cut:
            self._hang_up()
        return 206 if start else 200

    def _range_start(self, size: int) -> int:
        asked = self.headers.get("Range", "")
        first = asked.removeprefix("bytes=").partition("-")[0]
        return int(first) if asked.startswith("bytes=") and first.isdigit() else 0

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
