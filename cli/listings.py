"""Verbs that read the published version: candidates, candidate, sql, dictionary.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.common import DataOption, Format, FormatOption, OutOption, Shape, console, errors, show, workspace_of

_app = typer.Typer()


@_app.command("candidates")
def candidates_(
    category: Annotated[str | None, typer.Option(help="data_broker, extreme_vetting or detention.")] = None,
    certainty: Annotated[str | None, typer.Option(help="clear or arguable.")] = None,
    agency: Annotated[str | None, typer.Option(help="Agency id: ice, cbp, uscis, orr ...")] = None,
    company: Annotated[str | None, typer.Option(help="Part of the company's name or id.")] = None,
    least: Annotated[float, typer.Option(help="Least score in bits.")] = -1000.0,
    limit: Annotated[int, typer.Option(min=1, help="Most rows.")] = 100,
    output: FormatOption = Format.TABLE,
    out: OutOption = None,
    data: DataOption = None,
) -> None:
    """Candidate companies, strongest first; each has an evidence id that `evidence show` opens."""
    from warehouse import listings

    with errors():
        answer = listings.candidates(workspace_of(data), category=category, certainty=certainty, agency=agency,
                                     company=company, least=least, limit=limit)
        show(answer, output, out, "Candidates")


@_app.command("candidate")
def candidate_(
    candidate_id: Annotated[str, typer.Argument(help="Candidate id, or the beginning of it.")],
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """One candidate: the sum of its score, statements, words and where each stands."""
    from warehouse import listings, pages, present

    with errors():
        page = listings.candidate(workspace_of(data), candidate_id)
        if output is Shape.JSON:
            typer.echo(present.document(page))
        else:
            pages.candidate(page, console())


@_app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; '-' reads it from standard input.")],
    max_rows: Annotated[int, typer.Option(min=1, help="Most rows.")] = 10_000,
    seconds: Annotated[float, typer.Option(min=0.1, help="Longest time.")] = 30.0,
    output: FormatOption = Format.TABLE,
    out: OutOption = None,
    data: DataOption = None,
) -> None:
    """Ask the published version, read-only: no files, no writes, no settings (docs/data-dictionary.md)."""
    from warehouse import reader

    text = sys.stdin.read() if query == "-" else query
    with errors():
        show(reader.query(workspace_of(data), text, max_rows=max_rows, seconds=seconds), output, out, None)


@_app.command()
def dictionary(out: OutOption = None, data: DataOption = None) -> None:
    """The data dictionary of the published version, as Markdown."""
    from warehouse.dictionary import markdown

    with errors():
        text = markdown(workspace_of(data))
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        typer.echo(text)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _app.registered_commands
