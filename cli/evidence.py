"""Verbs of archived bytes: evidence show, verify, export, check.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import DataOption, Shape, console, errors, workspace_of

evidence_app = typer.Typer(help="Archived bytes: show the words in place, recompute every hash.", no_args_is_help=True)


@evidence_app.command("show")
def evidence_show(
    identifier: Annotated[str, typer.Argument(help="Statement, capture or candidate id.")],
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    whole: Annotated[bool, typer.Option("--whole", help="The whole archived text, however long (with --format json)."
                                        )] = False,
    data: DataOption = None,
) -> None:
    """The words in place, read from the archived bytes, with their capture, hash, address and file."""
    from warehouse import evidence, pages, present

    with errors():
        found = evidence.show(workspace_of(data), identifier, whole=whole)
    if output is Shape.JSON:
        typer.echo(present.document(found))
    else:
        pages.evidence(found, console())


@evidence_app.command("verify")
def evidence_verify(
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """Recompute every hash and every span; what fails is named, and leaves the next publication."""
    from warehouse import evidence, pages, present

    with errors():
        report = evidence.verify(workspace_of(data))
    if output is Shape.JSON:
        typer.echo(present.document(report))
    else:
        pages.verification(report, console())
    raise typer.Exit(0 if report.ok else 1)


@evidence_app.command("export")
def evidence_export(
    candidate: Annotated[str, typer.Argument(help="Candidate id, or the beginning of it.")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write (default CANDIDATE.wacz here).")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the packet's page here too.")] = None,
    words_only: Annotated[bool, typer.Option("--words-only", help="Only captures with quoted words.")] = False,
    data: DataOption = None,
) -> None:
    """A packet (WACZ, opens in ReplayWeb.page): the captures behind a candidate and a page that quotes them."""
    from warehouse.packet import export

    with errors():
        made = export(workspace_of(data), candidate, out, html=html, words_only=words_only)
    typer.echo(f"{made.path}: {made.captures} captures, {made.passages} passages of {made.candidate_id}, version "
               f"{made.version}, {made.size:,} bytes, sha256 {made.sha256}")


@evidence_app.command("check")
def evidence_check(
    packet: Annotated[Path, typer.Argument(metavar="FILE.wacz", help="A packet that `evidence export` wrote.")],
) -> None:
    """Check a packet by itself: every hash, every record, every quoted word. Needs no archive."""
    from warehouse.packet import verify_packet
    from warehouse.present import tame

    with errors():
        report = verify_packet(packet)
    for finding in report.findings:
        typer.echo(tame(finding))
    typer.echo(f"{report.members} members, {report.captures} captures, {report.passages} passages: "
               + ("all as they were written" if report.ok else f"{len(report.findings)} findings"))
    raise typer.Exit(0 if report.ok else 1)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.add_typer(evidence_app, name="evidence")
