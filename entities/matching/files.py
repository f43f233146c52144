"""`section3c match`: a file of pairs of names in, the same file with score, same and reason out.

Belongs here: the columns. Does not belong here: reading and writing tables (records.delimited), comparing (matcher).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from entities.matching.matcher import Matcher
from records.delimited import Delimited, DelimitedError, read_delimited, write_rows

ADDED: Final = ("score", "same", "outcome", "reason")


def match_file(source: Path, target: Path) -> Counter[str]:
    """Writes ``target``: every column of ``source`` and score (bits), same (1, 0), outcome (same, review, different)
    and reason. Columns name_a and name_b are needed; an own column called like an added one becomes ``given_...``.

    Returns the rows by outcome. Raises DelimitedError with what is wrong and what to do.
    """
    if target.exists() and source.exists() and target.samefile(source):
        raise DelimitedError(f"{target}: is the file read; write to another one")
    table = read_delimited(source)
    try:
        a, b = table.column("name_a"), table.column("name_b")
    except DelimitedError as problem:
        raise DelimitedError(f"{source}: {problem}") from None
    counts: Counter[str] = Counter()
    columns = [f"given_{name}" if name.strip().casefold() in ADDED else name for name in table.columns]
    try:
        write_rows(target, [*columns, *ADDED], _rows(table, a, b, counts))
    except OSError as problem:
        raise DelimitedError(f"{target}: cannot be written ({problem.strerror})") from None
    return counts


def _rows(table: Delimited, a: Sequence[str], b: Sequence[str], counts: Counter[str]) -> Iterator[list[str]]:
    for row, match in zip(table.rows, Matcher().explain_many(a, b), strict=True):
        counts[match.outcome.value] += 1
        yield [*row, f"{match.bits:.2f}", "1" if match.same else "0", match.outcome.value, match.reason]
