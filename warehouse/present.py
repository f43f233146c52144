"""How a listing leaves the product: terminal table, JSON, CSV or Parquet. Cells hold hostile text; none may act.

Belongs here: rendering of an Arrow table. Does not belong here: which rows are listed, or why.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from rich.text import Text

from records.cells import DIRECTION, escaped, safe_cell

Shape = Literal["table", "json", "csv", "parquet"]

_PIPE_WIDTH: Final = 240
_NUMERIC: Final = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)


class PresentError(ValueError):
    """The listing cannot be shown as asked; the message says what to do."""


def present(table: pa.Table, shape: Shape = "table", out: Path | None = None, *, title: str | None = None) -> None:
    """Show the table on standard output, or write it to ``out``.

    Amounts are US dollars, dates ISO 8601; decimals become JSON numbers. CSV cells that a spreadsheet would run as
    a formula get a leading apostrophe, real numbers do not. Raises PresentError for Parquet without a file.
    """
    if shape == "parquet":
        if out is None:
            raise PresentError("Parquet is no text: give a file with --out FILE.parquet")
        pq.write_table(table, out, compression="zstd")
        return
    text = {"json": as_json, "csv": as_csv}.get(shape)
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.write(text(table) if text else as_text(table, title))
    elif text:
        sys.stdout.write(text(table))
    else:
        _draw(table, title, sys.stdout)


def as_json(table: pa.Table) -> str:
    """A JSON array of objects, one a row."""
    return escaped(json.dumps(table.to_pylist(), ensure_ascii=False, indent=1, default=_plain)) + "\n"


def document(value: Any) -> str:
    """A page's data (dataclasses, tables, dates, decimals) as one JSON document."""
    return escaped(json.dumps(_structure(value), ensure_ascii=False, indent=1, default=_plain))


def as_csv(table: pa.Table) -> str:
    """CSV by RFC 4180 with a header, UTF-8, formulas disarmed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in table.column_names])
    for row in table.to_pylist():
        writer.writerow([_csv_value(value) for value in row.values()])
    return buffer.getvalue()


def as_text(table: pa.Table, title: str | None = None) -> str:
    """The terminal table as plain text, 160 columns wide."""
    buffer = io.StringIO()
    _draw(table, title, buffer, width=160)
    return buffer.getvalue()


def tame(text: str) -> str:
    """The text as a terminal may show it: control characters, escapes and direction overrides made visible."""
    return "".join(
        character if character == "\n" or (unicodedata.category(character)[0] != "C" and character not in DIRECTION)
        else " " if character == "\t" else f"\\u{ord(character):04x}"
        for character in text
    )


def _structure(value: Any) -> Any:
    if isinstance(value, pa.Table):
        return value.to_pylist()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _structure(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, list | tuple):
        return [_structure(item) for item in value]
    return value


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _csv_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe_cell(value)
    if isinstance(value, list | dict):
        return safe_cell(json.dumps(value, ensure_ascii=False, default=_plain))
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _draw(table: pa.Table, title: str | None, out: TextIO, width: int | None = None) -> None:
    """A grid where it fits, else one record after another: a squeezed grid cannot be read."""
    console = Console(file=out, width=width, highlight=False)
    if not console.is_terminal and width is None:
        console = Console(file=out, width=_PIPE_WIDTH, highlight=False)
    if _least_width(table) > console.width:
        _draw_records(table, title, console)
    else:
        _draw_grid(table, title, console)
    console.print(f"{table.num_rows:,} row{'' if table.num_rows == 1 else 's'}")


def _least_width(table: pa.Table) -> int:
    """Columns of screen a grid needs when longer cells are folded to 24 characters."""
    total = 1
    for name in table.column_names:
        longest = max((len(_shown(value)) for value in table.column(name).slice(0, 200).to_pylist()), default=0)
        total += 3 + max(len(name), min(longest, 24))
    return total


def _draw_records(table: pa.Table, title: str | None, console: Console) -> None:
    if title:
        console.print(title, style="bold")
    margin = max((len(name) for name in table.column_names), default=0)
    for number, row in enumerate(table.to_pylist(), 1):
        console.print(Text(f"\u2500\u2500 {number}", style="dim"))
        for name, value in row.items():
            if value is not None and value != "":
                console.print(Text(f"{name:>{margin}}  ", style="dim") + Text(_shown(value)), soft_wrap=True)


def _draw_grid(table: pa.Table, title: str | None, console: Console) -> None:
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for column in table.schema:
        numeric = any(is_kind(column.type) for is_kind in _NUMERIC)
        drawn.add_column(column.name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in table.to_pylist():
        drawn.add_row(*(Text(_shown(value)) for value in row.values()))
    console.print(drawn)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return tame(", ".join(_shown(item) for item in value))
    if isinstance(value, dict):
        return tame(json.dumps(value, ensure_ascii=False, default=_plain))
    return tame(value.isoformat() if isinstance(value, date | datetime) else str(value))
