"""Pytest fixture ``usaspending_replica``: a factory of running replicas over a folder of award files."""

from __future__ import annotations

import functools
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.replica.downloads import Timing
from tests.replica.ingest import Loaded, load
from tests.replica.server import Server
from tests.replica.service import Service, Settings
from tests.replica.traps import Traps, chosen

SAMPLE = Path(__file__).parent / "sample"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Replica:
    """A running replica: its address, its inside, and a plain client."""

    base: str
    service: Service

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request, no retries. Raises OSError or http.client errors when the connection is dropped."""
        url = urlsplit(self.base)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if payload is not None else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, payload, given)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def post(self, name: str, body: Any) -> Answer:
        """POST to an API name such as ``search/spending_by_transaction/``."""
        return self.ask("POST", f"/api/v2/{name}", body)

    def count(self) -> int:
        """Distinct transactions visible today."""
        return self.service.store.count()

    def transaction_keys(self) -> set[str]:
        """Unique keys of the transactions visible today."""
        return {key for (key,) in self.service.store.select("key", "tx", "", [])}

    def move_today(self, day: date) -> None:
        """The next night: rows modified up to that day show."""
        self.service.store.move_today(day)

    def requests(self, part: str = "") -> list[dict[str, Any]]:
        """Logged requests whose path contains the part."""
        return [entry for entry in list(self.service.log) if part in entry["path"]]


@functools.lru_cache(maxsize=4)
def _loaded(folder: Path, funding: str) -> Loaded:
    return load(folder, funding=funding)


def serve(
    folder: Path,
    scratch: Path,
    *,
    today: date = date(2026, 11, 22),
    traps: str = "none",
    seed: int = 0,
    burst: int = 60,
    job_seconds: float = 0.02,
    job_limit: float = 1.0,
    rows_per_file: int = 1_000_000,
    funding: str = "blank",
    state_file: Path | None = None,
    port: int = 0,
) -> tuple[Replica, Server]:
    """Start a replica in a thread on a free loopback port; the caller shuts the server down."""
    settings = Settings(today=today, rows_per_file=rows_per_file, timing=Timing(job_seconds, job_limit))
    service = Service(
        _loaded(folder.resolve(), funding), settings, Traps(chosen(traps), seed, burst), scratch, state_file
    )
    server = Server(service, port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return Replica(server.base, service), server


@pytest.fixture
def usaspending_replica(tmp_path: Path) -> Iterator[Callable[..., Replica]]:
    """``usaspending_replica(folder=SAMPLE, traps="none", today=..., ...)`` gives a running Replica (see `serve`)."""
    running: list[Server] = []

    def start(folder: Path = SAMPLE, **options: Any) -> Replica:
        replica, server = serve(folder, tmp_path / f"replica{len(running)}", **options)
        running.append(server)
        return replica

    yield start
    for server in running:
        server.shutdown()
        server.server_close()
