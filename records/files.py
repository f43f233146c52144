"""Files as every room writes them: whole or not at all, on the disk before they count.

Belongs here: making a file or a folder durable, replacing a small JSON file, adding a line to one of
lines, a file's hash. Does not belong here: the
lake's partitions (``lake``), any file's meaning.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Any


def sync(path: Path) -> None:
    """Wait until the disk has a file's bytes, or a folder's names (after a rename or a new file in it)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file: a reader sees the old one or the new one, and so does whoever comes after a crash.

    Makes the folder. Raises TypeError for what JSON cannot hold; the old file stands then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("w", encoding="utf-8") as out:
            json.dump(value, out, indent=1, ensure_ascii=False)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def read_json(path: Path) -> Any:
    """The file's JSON, or None where it is missing or is no JSON (it was cut short before this writer was used)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def append_json_line(path: Path, value: dict[str, Any]) -> None:
    """Add one JSON line, on a line of its own even after one that a crash tore; on the disk on return.

    Makes the folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        lead = b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"
        os.write(handle, lead + json.dumps(value, ensure_ascii=False).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file of lines, none where it is missing; a line torn by a crash is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().split(b"\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
