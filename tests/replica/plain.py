"""A small HTTP server for stand-ins that answer whole bodies: address and query in, answer out, request log.

Belongs here: sockets, dropped and cut-off answers. Does not belong here: what any service answers.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Query = list[tuple[str, str]]


@dataclass
class Answer:
    """One answer; ``cut`` sends half of the body and hangs up, ``drop`` hangs up without an answer."""

    body: bytes = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    drop: bool = False


@dataclass(frozen=True)
class Asked:
    """One request: path unquoted, query in order, as the log keeps it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """A header's value, whatever the case of its name; '' when it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def first(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return next((value for key, value in self.query if key == name), default)


class PlainServer(ThreadingHTTPServer):
    """Answers every request by one function; ``log`` holds what was asked and answered."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: Callable[[Asked], Answer], port: int = 0) -> None:
        self.answer = answer
        self.log: list[tuple[Asked, int]] = []
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def base(self) -> str:
        """Base URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


    def serve_by_hand(self, what: str, traps: Iterable[str]) -> int:
        """Say what is served and serve until interrupted; the command's exit code."""
        print(f"{what}; traps: {', '.join(sorted(traps)) or 'none'}", flush=True)
        try:
            self.serve_forever()
        except KeyboardInterrupt:
            print("replica: stopped", flush=True)
        return 0


@contextmanager
def running(server: PlainServer) -> Iterator[PlainServer]:
    """The server in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    server: PlainServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, unquote(parts.path), tuple(parse_qsl(parts.query, keep_blank_values=True)), body,
                      tuple(self.headers.items()))
        answer = self.server.answer(asked)
        self.server.log.append((asked, 0 if answer.drop else answer.status))
        if answer.drop:
            self._hang_up()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.cut else answer.body)
        if answer.cut:
            self._hang_up()

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """The log is kept by the server, not printed."""

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
