"""Measures a batch that is about to enter the lake: repeats, fill rates, volume, against the source's assertions.

Belongs here: counting over the batch's Parquet files. Does not belong here: drift between versions (warehouse).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from crawlers.parsing import Problem
from crawlers.sources import Assertions

#: Always measured: what the reader and the score live on.
_ALWAYS: Final = {
    "transaction": ("action_date", "obligation", "recipient", "recipient_uei", "description", "psc", "naics"),
    "subaward": ("action_date", "amount", "recipient", "description"),
}
#: Rows that agree in this column say the same.
_SAME: Final = {"transaction": "fact_sha256", "subaward": "fact_sha256", "notice": "version_sha256",
                "document": "document_id", "lead": "lead_id", "facility": "(facility_key, as_of, agreement)",
                "company_alias": "(company_key, name, kind, valid_from)", "security": "(id_type, id_value, figi)",
                "family_edge": "(child_key, parent_key, control, jurisdiction, valid_from, as_of)"}
_MEMORY: Final = "512MB"


@dataclass(kw_only=True)
class Quality:
    """One table of one batch. ``fill`` is the share (0 to 1) of rows with a value, by column."""

    table: str
    rows: int = 0
    duplicates: int = 0
    fill: dict[str, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def measure(table: str, files: Sequence[Path], assertions: Assertions) -> Quality:
    """Count rows, exact repeats and filled values, and compare with the assertions (only where there are rows)."""
    rates = [rate for rate in assertions.fill_rates if rate.table == table]
    columns = list(dict.fromkeys([*_ALWAYS.get(table, ()), *(rate.column for rate in rates)]))
    filled = "".join(f', count("{column}")' for column in columns)
    listed = [str(file) for file in files]
    with duckdb.connect(config={"threads": 2, "memory_limit": _MEMORY, "temp_directory": str(files[0].parent.parent)}
                        ) as con:
        rows, distinct, *counts = con.execute(
            f"SELECT count(*), count(DISTINCT {_SAME[table]}){filled} FROM read_parquet(?)", [listed]  # noqa: S608
        ).fetchall()[0]
    quality = Quality(table=table, rows=rows, duplicates=rows - distinct)
    if rows:
        quality.fill = {column: round(count / rows, 4) for column, count in zip(columns, counts, strict=True)}
    for rate in rates:
        if rows and quality.fill[rate.column] < rate.minimum:
            quality.problems.append(_problem(table, rate.column, f"is filled in {quality.fill[rate.column]:.1%} of "
                                             f"{rows:,} rows, expected at least {rate.minimum:.1%}"))
    for volume in assertions.volume:
        if volume.table == table and volume.per == "window":
            too_few, too_many = rows < volume.minimum, volume.maximum is not None and rows > volume.maximum
            if too_few or too_many:
                most = "any number" if volume.maximum is None else f"{volume.maximum:,}"
                quality.problems.append(_problem(table, None, f"{rows:,} rows in this window, expected "
                                                 f"{volume.minimum:,} to {most}"))
    return quality


def _problem(table: str, column: str | None, message: str) -> Problem:
    return Problem(kind="assertion", message=message, severity="warning", where=table, column=column)
