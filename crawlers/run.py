"""Runs one crawl in a child process and gathers its report; imports no Scrapy itself.

Belongs here: starting, watching and stopping ``python -m crawlers.child``. Does not belong here: what the crawl
does. A reactor starts once in a process, so each crawl has a process of its own, and a crash there harms nobody.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from crawlers.journal import Journal, finish_window
from crawlers.journal import finished_windows as read_windows
from records.workspace import Workspace

_LOG_LINES: Final = 20
_GRACE_SECONDS: Final = 3.0


class CrawlError(Exception):
    """The crawl could not start or its process died; the message carries the last lines of its log."""


class Harvest(NamedTuple):
    """Says that a parser (``crawlers.parsers.PARSERS``) is to read a capture into a batch of the lake."""

    capture_id: str
    parser: str
    batch: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """A line from the child: ``progress`` (done, total, label), ``harvest``, ``proof``, ``problem``, ``note``."""

    kind: str
    data: dict[str, Any]


@dataclass
class CrawlReport:
    """What a crawl did. ``ok`` means: finished, no problem, every proof of completeness holds.

    ``stats``: requests, bytes, retries, resumed, captures, robots (decisions), verdicts (count by verdict).
    """

    source: str
    run_id: str
    mode: str
    log: Path
    ok: bool = False
    finish_reason: str = ""
    seconds: float = 0.0
    harvests: list[Harvest] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def crawl(
    source: str, *, workspace: Workspace, run_id: str, mode: str = "live", base_url: str | None = None,
    replay: Path | None = None, options: dict[str, Any] | None = None,
    progress: Callable[[Event], None] | None = None,
) -> CrawlReport:
    """Crawl one source and return its report.

    ``mode`` 'replay' answers from ``replay`` (a WARC file or a folder of them, taken into the workspace's evidence
    first) or from the workspace's evidence. ``options`` go to the spider; the framework reads ``window`` (a text
    that names the window crawled), ``resume`` (key under which a killed crawl goes on; the window by default),
    ``keep_journal`` (see ``confirm``), ``replay_run`` (replay this run's captures only) and ``source_folder``
    (where the YAML lies).
    Raises CrawlError when the child cannot start, dies, or is given a source or archive that it cannot use.
    """
    if mode not in ("live", "replay"):
        raise CrawlError(f"mode '{mode}' is not live or replay")
    workspace.ensure()
    log = workspace.state / "logs" / f"{run_id}-{source}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    report = CrawlReport(source, run_id, mode, log)
    spec = {
        "source": source, "run_id": run_id, "mode": mode, "base_url": base_url, "workspace": str(workspace.root),
        "replay": str(replay) if replay else None, "options": options or {},
    }
    started = time.monotonic()
    with log.open("ab") as stderr:
        child = _start(stderr)
        try:
            _follow(child, spec, report, progress)
        except BaseException:
            _stop(child)
            raise
        finally:
            report.seconds = time.monotonic() - started
    if child.returncode != 0 or not report.finish_reason:
        raise CrawlError(_obituary(source, child.returncode, log, report.problems))
    report.ok = (report.finish_reason == "finished" and not report.problems
                 and all(proof.get("ok") for proof in report.proofs))
    return report


def confirm(source: str, *, workspace: Workspace, run_id: str, options: dict[str, Any]) -> None:
    """Say that a crawl made with ``options['keep_journal']`` is loaded: its journal has served, its window is done.

    Until then a crawl of the same window goes on from what is archived, at no cost to the host.
    """
    folder = workspace.state / "crawl" / source
    key = options.get("resume") or options.get("window")
    if key:
        Journal(folder, str(key)).finish()
    if options.get("window"):
        finish_window(folder, str(options["window"]), run_id)


def finished_windows(source: str, *, workspace: Workspace) -> list[dict[str, str]]:
    """Windows of a source crawled completely, oldest first: ``window``, ``run_id``, ``finished_at``."""
    return read_windows(workspace.state / "crawl" / source)


def _start(stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "crawlers.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
        )
    except OSError as problem:
        raise CrawlError(f"cannot start the crawl's process ({problem.strerror or problem})") from problem


def _follow(
    child: subprocess.Popen[bytes], spec: dict[str, Any], report: CrawlReport,
    progress: Callable[[Event], None] | None,
) -> None:
    """Hand over the spec and read events to the end. The pipe stays open: the child stops when we die."""
    if child.stdin is None or child.stdout is None:
        raise CrawlError("the crawl's process has no pipes")
    with suppress(BrokenPipeError):  # it died at once: its exit code and log say why
        child.stdin.write(json.dumps(spec, default=str).encode() + b"\n")
        child.stdin.flush()
    for line in child.stdout:
        try:
            data = json.loads(line)
        except ValueError:
            report.problems.append(f"{report.source}: unreadable event from the crawl's process: {line[:200]!r}")
            continue
        event = Event(data.pop("event", "note"), data)
        _take(event, report)
        if progress is not None:
            progress(event)
    child.wait()
    with suppress(BrokenPipeError):
        child.stdin.close()
    child.stdout.close()


def _take(event: Event, report: CrawlReport) -> None:
    data = event.data
    if event.kind == "harvest":
        report.harvests.append(Harvest(data["capture_id"], data["parser"], data["batch"], data["context"]))
    elif event.kind == "proof":
        report.proofs.append(data)
    elif event.kind == "problem":
        report.problems.append(data["text"])
    elif event.kind == "note":
        report.notes.append(data["text"])
    elif event.kind == "done":
        report.finish_reason, report.stats = data["reason"], data["stats"]


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a child we no longer follow: asked first, then killed; the archive survives either."""
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()


def _obituary(source: str, code: int | None, log: Path, problems: list[str]) -> str:
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    with log.open(encoding="utf-8", errors="replace") as file:
        last = "".join(deque(file, _LOG_LINES)).strip()
    told = "".join(f"\n  {problem}" for problem in problems)
    return (f"{source}: the crawl's process {how}.{told}\n"
            f"What it had archived is kept; run again and it goes on from there. Log: {log}\n{last}")
