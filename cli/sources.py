"""Verbs of the sources the crawlers know.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import DataOption, Format, FormatOption, OutOption, errors, fail, show, workspace_of

source_app = typer.Typer(help="Sources the crawlers know.", no_args_is_help=True)


@source_app.command("list")
def source_list(output: FormatOption = Format.TABLE, out: OutOption = None, data: DataOption = None) -> None:
    """Sources with their last answer, volume and refused share, from the published version."""
    from warehouse import listings

    with errors():
        show(listings.sources(workspace_of(data)), output, out, "Sources")


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
    app.add_typer(source_app, name="source")
