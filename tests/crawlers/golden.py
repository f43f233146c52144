"""Golden pages: real answers kept byte for byte, and the rows that a parser must read from them.

``tests/golden/<source>/<case>/`` holds ``request.json`` (parser, as_of, uri, and where the bytes are from),
``response.body`` (the decoded entity) and ``expected.jsonl`` (a line a row: table and the columns that must hold).
``python -m tests.crawlers.golden record FOLDER [COLUMN...]`` writes expected.jsonl; read it before you commit it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FILES = ("request.json", "response.body", "expected.jsonl")


def cases(source: str, golden: Path = GOLDEN) -> list[Path]:
    """The folders of a source's golden pages."""
    return sorted(p for p in (golden / source).glob("*") if p.is_dir())


def missing(source: str, golden: Path = GOLDEN) -> str | None:
    """What is missing of a source's golden pages, None when there is at least one and each is whole."""
    found = cases(source, golden)
    if not found:
        return (f"source {source} has no golden page: put {', '.join(FILES)} of a real answer into "
                f"tests/golden/{source}/CASE/ (docs/sources.md)")
    for case in found:
        for name in FILES:
            if not (case / name).is_file() or not (case / name).stat().st_size:
                return f"golden page {source}/{case.name} has no {name} (docs/sources.md)"
    return None


def rows(case: Path) -> Iterator[dict[str, Any]]:
    """What the parser of a golden page reads from it now: table and columns as JSON values."""
    from crawlers.parsers import PARSERS
    from crawlers.parsing import ParseContext

    request = json.loads((case / "request.json").read_text(encoding="utf-8"))
    if request["parser"] not in PARSERS:
        raise AssertionError(f"{case.parent.name}/{case.name}: there is no parser '{request['parser']}'; "
                             "write it and name it in crawlers/parsers.py")
    keep = request.get("keep")
    as_of = date.fromisoformat(request["as_of"])
    context = ParseContext(capture_id="c" + "0" * 20, source=case.parent.name, as_of=as_of,
                           keep=frozenset(keep) if keep else None, url=request.get("uri", ""),
                           hints=request.get("hints", {}))
    with (case / "response.body").open("rb") as payload:
        for table, batch in PARSERS[request["parser"]](payload, context):
            for row in batch.to_pylist():
                yield {"table": table, **{name: plain(value) for name, value in row.items()}}


def plain(value: Any) -> Any:
    """A cell as JSON has it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def compare(case: Path) -> str | None:
    """The first difference between expected.jsonl and what the parser reads, None when there is none."""
    expected = [json.loads(line) for line in (case / "expected.jsonl").read_text(encoding="utf-8").splitlines()]
    found = list(rows(case))
    for number, wanted in enumerate(expected):
        if number >= len(found):
            return f"row {number + 1}: expected {wanted}, the parser gave {len(found)} rows"
        got = {name: found[number].get(name) for name in wanted}
        if got != wanted:
            differing = [name for name in wanted if got[name] != wanted[name]]
            return f"row {number + 1}: " + "; ".join(f"{n}: expected {wanted[n]!r}, got {got[n]!r}" for n in differing)
    return None if len(found) == len(expected) else f"expected {len(expected)} rows, the parser gave {len(found)}"


def record(case: Path, columns: list[str]) -> int:
    """Write expected.jsonl from what the parser reads now; returns the number of rows."""
    found = [{n: v for n, v in row.items() if n == "table" or not columns or n in columns} for row in rows(case)]
    (case / "expected.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in found),
                                         encoding="utf-8")
    return len(found)


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] != "record":
        sys.exit("use: python -m tests.crawlers.golden record FOLDER [COLUMN...]")
    print(f"{record(Path(sys.argv[2]), sys.argv[3:])} rows written; read them before you commit them")
