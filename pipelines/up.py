"""`section3c up`: Dagster's webserver and daemon as children of one command, with the nightly schedule running.

Belongs here: starting, watching and ending the two processes. Does not belong here: what they run (definitions.py).
Loopback only: the open-source Dagster UI has no login, and whoever reaches it can start runs.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import signal
import socket
import subprocess  # nosec B404
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from pipelines.lock import BusyError, workspace_lock
from records.workspace import Workspace

MODULE = "pipelines.definitions"
START_SECONDS = 120.0
STOP_SECONDS = 30.0
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0)
# A child that lived this long has earned a fresh start of the backoff.
_STEADY_SECONDS = 300.0
Say = Callable[[str], None]


class UpError(Exception):
    """The services cannot start as asked; the message says why and what to do."""


@dataclass
class _Child:
    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0

    def start(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as out:
            # A session of its own: Ctrl-C reaches this command alone, which then ends its children in order.
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "pipelines.guarded", *self.command], env=self.environment,
                stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True,
            )
        self.started = time.monotonic()

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def tail(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        return ""


@dataclass
class Services:
    """The two processes of a workspace."""

    url: str
    children: list[_Child] = field(default_factory=list)

    def pids(self) -> dict[str, int]:
        """Process id of each child that lives."""
        return {c.name: c.process.pid for c in self.children if c.process is not None and c.alive()}

    def tend(self, say: Say) -> None:
        """Start again what died, later each time it dies soon after its start."""
        now = time.monotonic()
        for child in self.children:
            if child.alive():
                continue
            if not child.due:
                code = child.process.returncode if child.process else None
                child.deaths = 1 if now - child.started > _STEADY_SECONDS else child.deaths + 1
                pause = BACKOFF_SECONDS[min(child.deaths, len(BACKOFF_SECONDS)) - 1]
                child.due = now + pause
                say(f"{child.name} ended (exit code {code}); starting it again in {pause:g} s. Its log: {child.log}")
            if now >= child.due:
                child.due = 0.0
                child.start()

    def stop(self) -> None:
        """End both, gently first; whatever still stands after STOP_SECONDS is killed with its own children."""
        for child in self.children:
            if child.process is not None and child.alive():
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait(timeout=5)
            if child.process.stdin is not None:
                child.process.stdin.close()


def up(workspace: Workspace, port: int = 3000, host: str = "127.0.0.1", say: Say = print) -> int:
    """Start webserver and daemon, wait until the UI answers, stay until Ctrl-C or SIGTERM; returns the exit code.

    Raises UpError for a host that is not loopback, a port in use, a service that does not come up, and when this
    workspace's services already run.
    """
    ended = threading.Event()

    def _end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, _end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with services(workspace, port, host, say=say, ended=ended) as running:
            if ended.is_set():
                return 0
            say(f"Dagster's pages: {running.url}  (runs: {running.url}/runs, schedule: {running.url}/automation)")
            say("The nightly schedule is running. Ctrl-C ends both processes; runs that are queued stay queued.")
            while not ended.wait(1.0):
                running.tend(say)
            say("Ending webserver and daemon ...")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


@contextmanager
def services(
    workspace: Workspace, port: int, host: str = "127.0.0.1", *, say: Say = print,
    ended: threading.Event | None = None, start_seconds: float = START_SECONDS,
) -> Iterator[Services]:
    """The services for the length of the block; they are ended however the block ends. Raises as ``up`` does."""
    from pipelines.instance import environment

    address = _loopback(host)
    _free(address, port)
    workspace.ensure()
    with _alone(workspace):
        surroundings = environment(workspace, schedule="running")
        logs = workspace.state / "logs"
        running = Services(f"http://{_quoted(address)}:{port}")
        running.children = [
            _Child("webserver", ["dagster_webserver", "-m", MODULE, "--host", address, "--port", str(port),
                                 "--log-format", "json"], surroundings, logs / "webserver.log"),
            _Child("daemon", ["dagster._daemon", "run", "-m", MODULE, "--log-format", "json"], surroundings,
                   logs / "daemon.log"),
        ]
        try:
            for child in running.children:
                child.start()
            say(f"Starting Dagster's webserver and daemon (logs in {logs}) ...")
            _wait(running, start_seconds, ended or threading.Event())
            yield running
        finally:
            running.stop()


@dataclass(frozen=True)
class UpState:
    """What the running services know: jobs, and schedules with their state (RUNNING or STOPPED)."""

    jobs: tuple[str, ...]
    schedules: dict[str, str]
    sensors: dict[str, str]


def up_check(workspace: Workspace, port: int, start_seconds: float = START_SECONDS) -> UpState:
    """Start the services, ask them what they know, end them. For `doctor --deep` and tests. Raises as ``up`` does."""
    with services(workspace, port, say=lambda _line: None, start_seconds=start_seconds) as running:
        return state(running.url)


_QUESTION = """{ repositoriesOrError { __typename
  ... on RepositoryConnection { nodes { jobs { name } schedules { name scheduleState { status } }
                                        sensors { name sensorState { status } } } }
  ... on PythonError { message } } }"""


def state(url: str) -> UpState:
    """Ask a running webserver. Raises UpError when the code location did not load, with Dagster's own message."""
    answer = _graphql(url, _QUESTION)["data"]["repositoriesOrError"]
    if answer["__typename"] != "RepositoryConnection" or not answer["nodes"]:
        raise UpError(f"Dagster could not load {MODULE}: {answer.get('message') or 'no definitions found'}")
    node = answer["nodes"][0]
    return UpState(
        jobs=tuple(sorted(job["name"] for job in node["jobs"])),
        schedules={s["name"]: s["scheduleState"]["status"] for s in node["schedules"]},
        sensors={s["name"]: s["sensorState"]["status"] for s in node["sensors"]},
    )


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    """One set of services in a workspace: two daemons on one set of books start everything twice."""
    with ExitStack() as held:
        try:
            held.enter_context(workspace_lock(workspace, "section3c up", name="up"))
        except BusyError as error:
            raise UpError(f"its services run already: {error}") from error
        yield


def _wait(running: Services, seconds: float, ended: threading.Event) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not ended.is_set():
        for child in running.children:
            if not child.alive():
                code = child.process.returncode if child.process else None
                raise UpError(f"{child.name} ended while starting (exit code {code}). The end of {child.log}:\n"
                              f"{child.tail()}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            state(running.url)
            return
        ended.wait(0.3)
    if not ended.is_set():
        raise UpError(f"the pages at {running.url} did not answer within {seconds:g} s. Look into "
                      f"{', '.join(str(c.log) for c in running.children)}")


def _graphql(url: str, query: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the address is our own loopback server
        f"{url}/graphql", data=json.dumps({"query": query}).encode(), headers={"Content-Type": "application/json"},
    )
    # No proxy: an environment's HTTP proxy has no business between us and loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        found: dict[str, Any] = json.load(response)
    if found.get("errors"):
        raise UpError(f"Dagster answered with an error: {found['errors'][0].get('message')}")
    return found


def _loopback(host: str) -> str:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UpError(
            f"refusing to listen on {host}: Dagster's pages have no login, and whoever reaches them can start and "
            "delete runs. Listen on 127.0.0.1 and reach it through an SSH tunnel or a reverse proxy that asks for a "
            "login (docs/operations.md)."
        )
    return str(address)


def _quoted(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _free(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise UpError(f"port {port} on {address} cannot be used ({error.strerror}): give another with --port"
                          ) from error
