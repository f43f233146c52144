"""Writing official CSVs into zips: split into members of at most N rows, UTF-8, every cell a string."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tests.replica.ingest import Row


@dataclass(frozen=True)
class Part:
    """One kind of CSV in a zip: file name without number and ending, columns, rows."""

    stem: str
    columns: Sequence[str]
    rows: Iterable[Row]


def write_zip(path: Path, parts: Iterable[Part], *, rows_per_file: int, file_format: str = "csv") -> tuple[int, int]:
    """Write the parts as members STEM_1.csv, STEM_2.csv ...; an empty part gives a header-only member.

    The zip appears under its name only when it is whole. Returns (columns, rows) over all parts.
    """
    delimiter, ending = {"csv": (",", "csv"), "tsv": ("\t", "tsv"), "pstxt": ("|", "txt")}[file_format]
    unfinished = path.with_suffix(".part")
    columns = total = 0
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for part in parts:
            columns += len(part.columns)
            for number, chunk in enumerate(_chunks(part.rows, rows_per_file), start=1):
                with (
                    archive.open(f"{part.stem}_{number}.{ending}", "w", force_zip64=True) as raw,
                    io.TextIOWrapper(raw, encoding="utf-8", newline="") as text,
                ):
                    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
                    writer.writerow(part.columns)
                    for row in chunk:
                        writer.writerow([row.get(name, "") for name in part.columns])
                        total += 1
    unfinished.replace(path)
    return columns, total


def _chunks(rows: Iterable[Row], size: int) -> Iterator[Iterator[Row]]:
    """At least one chunk, empty when there are no rows."""
    source = iter(rows)
    first: Row | None = next(source, None)
    if first is None:
        yield iter(())
    while first is not None:
        chunk = chain([first], islice(source, size - 1))
        yield chunk
        for _ in chunk:  # a caller that stopped early must not shift the next member
            pass
        first = next(source, None)
