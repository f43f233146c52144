"""What an appeal can cite: the log of screenings, and the false alarms that persons dismissed. Both append-only.

Belongs here: writing and reading the two files. Does not belong here: screening (engine), who may dismiss (casework).

``data/screenings/log.jsonl`` has a line a screening; ``dismissals.jsonl`` a line a dismissal or its undoing. Names of
payees that did not match are in neither.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from entities.screening.intake import Sheet
from entities.screening.model import Hit, ScreeningError, ScreeningResult
from records.files import append_json_line, read_json_lines
from records.workspace import Workspace

_LONGEST_REASON: Final = 4_000


def log_path(workspace: Workspace) -> Path:
    """Where an installation keeps its screenings. Back it up: it cannot be made again."""
    return workspace.root / "screenings" / "log.jsonl"


def dismissals_path(workspace: Workspace) -> Path:
    """Where dismissed false alarms are kept. Back it up: it cannot be made again."""
    return workspace.root / "screenings" / "dismissals.jsonl"


def record(workspace: Workspace, result: ScreeningResult, sheet: Sheet, mapping: Mapping[str, str], by: str) -> str:
    """Add a screening to the log; its id. On the disk when this returns."""
    now = datetime.now(UTC)
    number = f"scr-{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    append_json_line(log_path(workspace), {
        "screening_id": number, "at": now.isoformat(timespec="seconds"), "by": by, "kind": result.kind.value,
        "file": sheet.file, "file_sha256": sheet.sha256, "read_as": sheet.how, "mapping": dict(mapping),
        "against": result.against, "version": result.version, "matcher": result.matcher,
        "as_of": result.as_of.isoformat() if result.as_of else None, "counts": dict(result.counts),
        "hits": [_line(hit) for hit in result.hits], "dismissed": [hit.hit_id for hit in result.dismissed],
    })  # fmt: skip
    return number


def screenings(workspace: Workspace) -> list[dict[str, Any]]:
    """Every screening, the latest first."""
    return read_json_lines(log_path(workspace))[::-1]


def dismissed(workspace: Workspace) -> set[tuple[str, str, str]]:
    """(name in one spelling, company id, facts) of false alarms in effect, as ``engine.screen`` takes them."""
    held: set[tuple[str, str, str]] = set()
    for line in read_json_lines(dismissals_path(workspace)):
        key = (str(line["key"]), str(line["company_id"]), str(line["facts"]))
        if line["event"] == "dismissed":
            held.add(key)
        else:
            held.discard(key)
    return held


def dismiss(workspace: Workspace, hit_id: str, *, reason: str, by: str, undo: bool = False) -> dict[str, Any]:
    """Keep a hit of a logged screening out of later ones, until a name, an identifier or its family changes; or undo.

    Raises ScreeningError where no logged screening has the hit, without a reason or name, and for an undo of nothing.
    """
    if not reason.strip() or not by.strip():
        raise ScreeningError("a dismissal needs its reason (what did you see that decides it?) and who made it")
    if len(reason) > _LONGEST_REASON:
        raise ScreeningError(f"the reason has {len(reason)} characters, at most {_LONGEST_REASON} are kept")
    found = next((hit for line in screenings(workspace) for hit in line["hits"] if hit["hit_id"] == hit_id), None)
    if found is None:
        raise ScreeningError(f"no screening of the log has the hit '{hit_id}': `section3c screen log` lists them")
    standing = (found["key"], found["company_id"], found["facts"]) in dismissed(workspace)
    if standing is not undo:
        raise ScreeningError(f"the hit '{hit_id}' is " + ("not dismissed" if undo else "dismissed already"))
    line = {
        "event": "undone" if undo else "dismissed", "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": by.strip(), "reason": reason.strip(), **found,
    }  # fmt: skip
    append_json_line(dismissals_path(workspace), line)
    return line


def _line(hit: Hit) -> dict[str, Any]:
    return {
        "hit_id": hit.hit_id, "key": hit.entry.key, "rows": list(hit.entry.rows[:50]), "outcome": hit.outcome,
        "bits": hit.bits, "matched_id": hit.matched_id, "company_id": hit.target.company_id,
        "company": hit.target.company,
        "categories": list(hit.categories), "state": hit.target.state, "evidence_id": hit.target.evidence_id,
        "chain": [link.words for link in hit.chain], "facts": hit.facts,
    }  # fmt: skip
