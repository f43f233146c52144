"""What the verbs share: formats, options, and how a room's answer or error is shown.

Belongs here: option types and presentation. Does not belong here: any verb (its room's module beside this one), logic.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from records.workspace import Workspace

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.reader import Answer

SAMPLE = Path(__file__).resolve().parent.parent / "samples"


class Format(StrEnum):
    """How a listing is shown."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class Shape(StrEnum):
    """How a page or report, which is no listing, is shown."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="How to show it.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write instead of the screen.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", envvar="SECTION3C_DATA", help="The installation's folder (default ./data).")
]


def workspace_of(data: Path | None) -> Workspace:
    """The installation's folder that --data or SECTION3C_DATA names, else ./data."""
    return Workspace(data.absolute()) if data else Workspace.default()


@contextmanager
def errors() -> Iterator[None]:
    """A room's own errors become one clear line; anything else is a fault of ours and shows its traceback."""
    from warehouse.engine import WarehouseError
    from warehouse.present import PresentError

    try:
        yield
    except (WarehouseError, PresentError) as error:
        raise fail(error) from error


def show(answer: Answer, output: Format, out: Path | None, title: str | None) -> None:
    """A listing in the asked format, to the screen or a file; says when rows were cut."""
    from warehouse.present import present

    present(answer.table, output.value, out, title=title)
    if answer.truncated:
        typer.echo(f"(more rows than {answer.table.num_rows:,}: ask for more with a larger limit)", err=True)


def console() -> Console:
    """Standard output; a pipe is as wide as its reader likes."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=160)


def fail(error: Exception) -> typer.Exit:
    """One clear line on standard error; the caller raises what it returns (exit code 1)."""
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True, soft_wrap=True).print(f"[bold red]{type(error).__name__}:[/] {escape(str(error))}")
    return typer.Exit(1)
