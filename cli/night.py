"""Verbs of the nightly run: run, import, doctor, up.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.common import SAMPLE, DataOption, Shape, console, fail, workspace_of

_app = typer.Typer()


class Route(StrEnum):
    """How USAspending is asked: bulk download jobs, transaction search, or bulk with search as fallback."""

    AUTO = "auto"
    BULK = "bulk"
    SEARCH = "search"


class Kind(StrEnum):
    """What a document that is handed in is."""

    CITY = "city"
    REPORT = "report"
    ATTACHMENT = "attachment"
    FILING = "filing"


def night(data: Path | None, shape: str, *, base_urls: Sequence[str] = (), **asked: Any) -> int:
    """One run in the foreground, shown; its exit code (0 published and proved, 1 not published, 3 not proved)."""
    from pipelines import foreground

    try:
        options = foreground.RunOptions(base_urls=foreground.parse_base_urls(list(base_urls)), **asked)
        summary = foreground.run_with_progress(workspace_of(data), options)
    except foreground.RunError as error:
        raise fail(error) from error
    foreground.show(summary, shape)
    return summary.exit_code


@_app.command()
def run(
    live: Annotated[bool, typer.Option("--live", help="Fetch from the live services.")] = False,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="Read a WARC archive instead (default: the bundled sample).")
    ] = None,
    stored: Annotated[bool, typer.Option("--stored", help="Crawl nothing: publish what the lake holds.")] = False,
    date_from: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First action date to fetch (with --live).")
    ] = None,
    date_to: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last action date to fetch (with --live).")
    ] = None,
    base_url: Annotated[
        list[str] | None,
        typer.Option("--base-url", help="Another address for a source: URL, or NAME=URL (also SECTION3C_NAME_URL)."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Sources to run (default: the nightly ones).")
    ] = None,
    route: Annotated[Route, typer.Option("--path", help="How USAspending is asked.")] = Route.AUTO,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that read texts.")] = 1,
    verify: Annotated[bool, typer.Option("--verify", help="Recompute all evidence, not only what is new.")] = False,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="Publish, this once, although many rows were lost.")
    ] = False,
    output: Annotated[Shape, typer.Option("--format", help="Shape of the closing summary.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """One night in the foreground: fetch, archive, load, read, build, check, publish, and a summary."""
    if live + stored + bool(replay) > 1:
        raise typer.BadParameter("--live, --stored and --replay exclude each other")
    if (date_from or date_to) and not live:
        raise typer.BadParameter("--from and --to choose what is fetched: add --live (a replay is read whole)")
    raise typer.Exit(night(
        data, output.value,
        mode="live" if live else "stored" if stored else "replay",
        replay=None if live or stored else (replay or SAMPLE),
        base_urls=base_url or [],
        sources=tuple(source or ()),
        date_from=date_from.date() if date_from else None,
        date_to=date_to.date() if date_to else None,
        path=route.value,
        workers=workers,
        full_verify=verify,
        accept_drift=accept_drift,
    ))


@_app.command()
def doctor(
    base_url: Annotated[list[str] | None, typer.Option("--base-url", help="As for run.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try to reach the sources.")] = False,
    data: DataOption = None,
) -> None:
    """Check disk, clock, packages, configuration, evidence, last run and reachability, and say what to do."""
    from rich.markup import escape

    from pipelines import doctor as room
    from pipelines.options import parse_base_urls

    found = room.checks(workspace_of(data), parse_base_urls(base_url or []), online=not offline)
    marks = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}
    for one in found:
        console().print(f"{marks[one.status]} {escape(one.what)}: {escape(one.detail)}", highlight=False)
        if one.todo:
            console().print(f"       {escape(one.todo)}", highlight=False)
    raise typer.Exit(1 if room.worst(found) == "fail" else 0)


@_app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the Dagster page.")] = 3000,
    host: Annotated[str, typer.Option(help="Loopback address to bind.")] = "127.0.0.1",
    data: DataOption = None,
) -> None:
    """Start the scheduler and its page (loopback only) as one command; Ctrl-C ends both."""
    from pipelines.up import UpError
    from pipelines.up import up as start

    try:
        raise typer.Exit(start(workspace_of(data), port=port, host=host))
    except UpError as error:
        raise fail(error) from error


@_app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(
        help="Official USAspending or SAM.gov CSV, CSV.GZ or zip downloads, facility lists; documents with --kind.")],
    kind: Annotated[Kind | None, typer.Option(help="The files are documents of this kind (PDF, DOCX, XLSX, HTML, "
                                                   "text): their texts are read.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published the documents (with --kind).")] = None,
    published: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"],
                                                       help="Day they were published (with --kind).")] = None,
    record: Annotated[str | None, typer.Option(help="What they belong to: an address, a notice's id (with --kind).")
                      ] = None,
    largest: Annotated[float, typer.Option(min=0.001, help="Largest file taken in, GiB.")] = 8.0,
    publish: Annotated[bool, typer.Option(help="Read the lake and publish a version afterwards.")] = True,
    data: DataOption = None,
) -> None:
    """Archive files an analyst has at hand, load them, and publish a version that has them."""
    from crawlers.importing import ImportRefused, Told, import_file
    from pipelines.foreground import show_import

    if kind is None and (publisher or published or record):
        raise typer.BadParameter("--publisher, --published and --record describe documents: add --kind")
    told = None if kind is None else Told(kind=kind.value, publisher=publisher, record=record,
                                          published=published.date() if published else None)
    failed, loaded = False, 0
    for file in files:
        try:
            report = import_file(file, workspace_of(data).ensure(), largest=int(largest * (1 << 30)),
                                 told=told)
            show_import(file, report)
            loaded += sum(report.rows.values())
        except ImportRefused as error:
            failed = True
            fail(error)
    code = night(data, "table", mode="stored") if publish and loaded else 0
    raise typer.Exit(1 if failed else code)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _app.registered_commands
