# ruff: noqa: E501 - HTML and prose are easier to read in one piece
"""``python -m tests.replica news --articles DIR --port N``: news sites and GDELT on one loopback port.

Belongs here: sockets (asyncio: a page costs little, so that a crawl's pace is the crawler's), the command line.
Does not belong here: what is answered (``news_site``).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pytest

from crawlers.news.outlets import Outlets, outlets
from tests.replica.news_articles import SAMPLE, Article, folder, made_up
from tests.replica.news_site import TRAPS, Reply, Sites


@dataclass
class NewsReplica:
    """A running replica. ``asked`` are the paths in order, ``headers`` those of the last request for a path."""

    sites: Sites
    port: int = 0
    asked: list[str] = field(default_factory=list)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def articles_asked(self) -> list[str]:
        """Paths of article pages that were asked, in order."""
        return [path for path in self.asked if path.endswith(".html")]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = lines[0].split(" ", 2)
                headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:]) if n}
                path, _, query = target.partition("?")
                path = unquote(path)
                self.asked.append(path)
                self.headers[path] = headers
                reply = self.sites.reply(path, query, headers) if method == "GET" else Reply(405)
                self.statuses[reply.status] += 1
                if reply.wait:
                    await asyncio.sleep(reply.wait)
                await _send(reply, writer)
        writer.close()


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    head = [f"HTTP/1.1 {reply.status} X", f"Content-Type: {reply.content_type}",
            *(f"{name}: {value}" for name, value in reply.headers.items())]
    head.append("Transfer-Encoding: chunked" if reply.endless else f"Content-Length: {len(reply.body)}")
    writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n")
    while reply.endless:
        writer.write(f"{len(reply.body):x}\r\n".encode() + reply.body + b"\r\n")
        await writer.drain()
    if reply.status != 304:
        writer.write(reply.body)
    await writer.drain()


@contextlib.contextmanager
def serving(sites: Sites, port: int = 0) -> Iterator[NewsReplica]:
    """Serve in a thread of its own."""
    replica = NewsReplica(sites)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(replica.handle, "127.0.0.1", port)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result()
    replica.port = server.sockets[0].getsockname()[1]
    sites.base = replica.base

    async def stop() -> None:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    try:
        yield replica
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def news_replica() -> Iterator[Callable[..., NewsReplica]]:
    """``news_replica(articles, outlets, traps="xxe,gzip")`` gives a running replica."""
    with contextlib.ExitStack() as stack:
        def start(articles: list[Article], listed: Outlets, traps: str = "none", seed: int = 0) -> NewsReplica:
            return stack.enter_context(serving(Sites(articles, listed, chosen(traps), seed)))

        yield start


def chosen(text: str) -> frozenset[str]:
    """Trap names of a comma list; 'none'. Raises ValueError for an unknown one."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip()) - {"none"}
    unknown = sorted(names - set(TRAPS))
    if unknown:
        raise ValueError(f"unknown traps: {', '.join(unknown)}; known: {', '.join(TRAPS)}")
    return names


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted. Returns 2 for bad arguments or data."""
    listed = "\n".join(f"  {name:12} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.replica news", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Every outlet of the outlets file, and GDELT, on one loopback port.",
        epilog=f"traps (none on unless --traps says so):\n{listed}")
    parser.add_argument("--articles", type=Path, default=SAMPLE, help="folder of .txt and .html files")
    parser.add_argument("--made-up", type=int, default=0, help="serve that many made-up articles beside them")
    parser.add_argument("--outlets", type=Path, help="outlets file (default: SECTION3C_OUTLETS, else the project's)")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one and prints it")
    parser.add_argument("--traps", default="none", help="comma list")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    try:
        articles = folder(given.articles) + made_up(given.made_up)
        sites = Sites(articles, outlets(given.outlets), chosen(given.traps), given.seed)
    except ValueError as problem:
        print(f"replica: {problem}", file=sys.stderr)
        return 2
    with serving(sites, given.port) as replica:
        print(f"news replica on {replica.base}: {len(articles)} articles on {len(sites.outlets)} outlets; GDELT at "
              f"/api/v2/doc/doc. Crawl with SECTION3C_NEWS_URL={replica.base} SECTION3C_GDELT_URL={replica.base}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("replica: stopped", flush=True)
    return 0
