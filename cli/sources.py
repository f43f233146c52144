"""Verbs of the sources the crawlers know.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import DataOption, Format, FormatOption, OutOption, errors, fail, workspace_of

source_app = typer.Typer(help="Sources the crawlers know.", no_args_is_help=True)
_app = typer.Typer()


@_app.command("sources")
@source_app.command("list")
def sources_(output: FormatOption = Format.TABLE, out: OutOption = None, data: DataOption = None) -> None:
    """Every source: last success, volume against expectation, refusals of 30 crawl days, staleness, next run."""
    from pipelines.overview import as_table, sources
    from warehouse.present import present

    with errors():
        lines = sources(workspace_of(data))
        present(as_table(lines), output.value, out, title="Sources")
    if output is Format.TABLE and out is None:
        for one in lines:
            if one.state == "STALE":
                typer.echo(f"stale: {one.source}: {one.why} (docs/operations.md, 'A source is stale')")


@source_app.command("new")
def source_new(
    name: Annotated[str, typer.Argument(help="Name of the source: lower case, digits, underscore.")],
    url: Annotated[str, typer.Option("--url", help="Base address, https://...")],
) -> None:
    """Write a source's YAML, spider and golden test; the test fails until its golden page is there."""
    from crawlers.generator import new_source
    from crawlers.sources import SourceError

    try:
        written = new_source(name, Path(__file__).resolve().parent.parent, url)
    except SourceError as error:
        raise fail(error) from error
    for path in written:
        typer.echo(path)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _app.registered_commands
    app.add_typer(source_app, name="source")
