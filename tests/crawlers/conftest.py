"""Shared by the crawler tests: a hostile HTTP server on loopback, and crawls of made-up sources against it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive, Exchange
from crawlers.run import CrawlReport, crawl
from records.workspace import Workspace


@dataclass
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def http(
    body: bytes = b"", status: int = 200, kind: str = "text/csv", length: int | None = None, **headers: str
) -> Answer:
    """An ordinary answer; ``length`` lies about Content-Length."""

    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        told = len(body) if length is None else length
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {told}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        if length is not None and length > len(body):
            await writer.drain()
            writer.close()

    return answer


def raw(data: bytes) -> Answer:
    """These bytes, then the connection is closed."""

    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


def turns(*answers: Answer) -> Answer:
    """One answer after the other; the last repeats."""
    left = list(answers)

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(asked, writer)

    return answer


@dataclass
class Server:
    """Answers by path; anything else is 404."""

    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [a.path for a in self.asked]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                headers = {n.strip().lower(): v.strip() for n, v in (line.split(":", 1) for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                method, path, _ = first.split(" ")
                asked = Asked(method, path, headers, body, asyncio.get_running_loop().time())
                self.asked.append(asked)
                await self.pages.get(path.partition("?")[0], http(b"no such page", 404, "text/plain"))(asked, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(made.handle, "127.0.0.1", 0)

    serving = asyncio.run_coroutine_threadsafe(start(), loop).result()
    made.port = serving.sockets[0].getsockname()[1]
    yield made

    async def stop() -> None:
        serving.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run_coroutine_threadsafe(stop(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


SOURCE = """
name: {name}
title: A made-up source
publisher: Nobody
licence: {{name: none}}
cadence: nightly
coverage: nothing
base_url: https://api.example.org
hosts: [api.example.org, files.example.org]
spider: {spider}
robots: {{policy: {robots}, reason: for the test}}
politeness: {{tries: {tries}}}
limits: {{max_body_bytes: {max_body}, max_decoded_bytes: {max_decoded}, timeout_seconds: 30,
         download_timeout_seconds: {timeout}, max_redirects: 3}}
media_types: [text/csv, application/zip]
"""
SPIDERS = "tests.crawlers.spiders_for_tests"


@dataclass
class Crawls:
    """Runs crawls of a made-up source in a workspace of its own."""

    folder: Path
    server: Server

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "data")

    @property
    def archive(self) -> EvidenceArchive:
        return EvidenceArchive(self.workspace.evidence)

    def source(self, spider: str = "Pages", **changed: Any) -> Path:
        values = {"name": "made", "robots": "api_documented", "tries": 3, "max_body": 1 << 20,
                  "max_decoded": 4 << 20, "timeout": 30, **changed}
        folder = self.folder / "sources"
        folder.mkdir(exist_ok=True)
        (folder / f"{values['name']}.yaml").write_text(SOURCE.format(spider=f"{SPIDERS}:{spider}", **values))
        return folder

    def __call__(self, *paths: str, spider: str = "Pages", run_id: str = "r1", mode: str = "live",
                 options: dict[str, Any] | None = None, replay: Path | None = None, base: str | None = "",
                 **changed: Any) -> CrawlReport:
        folder = self.source(spider, **changed)
        chosen = {"source_folder": str(folder), "paths": list(paths), **(options or {})}
        return crawl("made", workspace=self.workspace, run_id=run_id, mode=mode, replay=replay, options=chosen,
                     base_url=self.server.url if base == "" and mode == "live" else base or None)


@pytest.fixture
def crawls(tmp_path: Path, server: Server) -> Crawls:
    return Crawls(tmp_path, server)


def exchange(uri: str = "https://a.example/x", body: bytes | Path = b"payload", **more: Any) -> Exchange:
    """An exchange to archive."""
    given = {"status": 200, "fetched_at": datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
             "headers": (("Content-Type", "text/csv; charset=utf-8"),), **more}
    return Exchange(uri=uri, body=body, **given)
