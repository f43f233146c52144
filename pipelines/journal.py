"""What a run leaves behind for people and for the next run: state/runs/RUN_ID.json, replaced whole at each step.

Belongs here: the journal's file, JSON forms of reports, the freshness marks of sources. Does not belong here: what
a stage does, or how a summary looks.
"""

from __future__ import annotations

import dataclasses
import os
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from records import files
from records.workspace import Workspace

KEEP_JOURNALS = 400


def plain(value: Any) -> Any:
    """Dataclasses, dates, money, paths and sets as JSON can hold them; money as text, so that no cent is lost."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [plain(v) for v in value]
        return sorted(items) if isinstance(value, (set, frozenset)) else items
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, Path)) else value


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file by the value made ``plain``."""
    files.write_json(path, plain(value))


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's object, or None where it is missing or was never finished."""
    found = files.read_json(path)
    return found if isinstance(found, dict) else None


@dataclasses.dataclass
class Journal:
    """One run's journal. Every change is on disk before the next stage begins."""

    workspace: Workspace
    run_id: str
    body: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return runs_folder(self.workspace) / f"{self.run_id}.json"

    @classmethod
    def open(cls, workspace: Workspace, run_id: str, options: Mapping[str, Any]) -> Journal:
        """A new journal, or the one this run already has (a Dagster step after the first)."""
        journal = cls(workspace, run_id)
        found = read_json(journal.path)
        journal.body = found or {
            "run_id": run_id, "state": "running", "pid": os.getpid(), "started": _now(), "finished": None,
            "options": dict(options), "stages": [], "problems": [], "summary": None,
        }
        journal.save()
        return journal

    def save(self) -> None:
        """Write it, atomically."""
        write_json(self.path, self.body)

    @contextmanager
    def stage(self, name: str) -> Iterator[dict[str, Any]]:
        """Time one stage and keep its report (the caller fills ``entry["report"]``); an error is kept and raised."""
        entry: dict[str, Any] = {"name": name, "state": "running", "seconds": 0.0, "report": None, "error": None}
        self.body["stages"] = [e for e in self.body["stages"] if e["name"] != name] + [entry]
        self.save()
        began = time.perf_counter()
        try:
            yield entry
        except BaseException as error:
            entry["state"] = "failed"
            entry["error"] = f"{type(error).__name__}: {error}"
            entry["trace"] = traceback.format_exc(limit=12)
            raise
        else:
            entry["state"] = "done"
        finally:
            entry["seconds"] = round(time.perf_counter() - began, 3)
            self.save()

    def problem(self, text: str) -> None:
        """Something a person should know that does not stop the run."""
        if text not in self.body["problems"]:
            self.body["problems"].append(text)
            self.save()

    def report(self, name: str) -> dict[str, Any] | None:
        """A finished stage's report."""
        for entry in self.body["stages"]:
            if entry["name"] == name and entry["state"] == "done":
                found: dict[str, Any] | None = entry["report"]
                return found
        return None

    def close(self, summary: Any, ok: bool) -> None:
        """End the run; old journals beyond the last KEEP_JOURNALS go."""
        self.body.update(state="succeeded" if ok else "failed", finished=_now(), summary=plain(summary))
        self.save()
        for old in sorted(runs_folder(self.workspace).glob("*.json"), key=_modified, reverse=True)[KEEP_JOURNALS:]:
            old.unlink(missing_ok=True)


def runs_folder(workspace: Workspace) -> Path:
    """Folder of the journals."""
    return workspace.state / "runs"


def journals(workspace: Workspace) -> list[dict[str, Any]]:
    """All journals, newest first. A journal whose process died says ``interrupted``."""
    found = [body for path in runs_folder(workspace).glob("*.json") if (body := read_json(path))]
    for body in found:
        if body.get("state") == "running" and not _alive(body.get("pid")):
            body["state"] = "interrupted"
    return sorted(found, key=lambda body: str(body.get("started")), reverse=True)


def last(workspace: Workspace, state: str | None = None) -> dict[str, Any] | None:
    """The newest journal, of that state if one is given."""
    return next((body for body in journals(workspace) if state is None or body.get("state") == state), None)


def _alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
