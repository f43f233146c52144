"""The command line: one verb per user's job, no logic. Each verb calls one room and shows what it returns.

Rooms are imported inside the verbs, so that `section3c --help` and listings do not wait for Dagster or spaCy.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from records.workspace import Workspace

if TYPE_CHECKING:
    from rich.console import Console

    from warehouse.reader import Answer

SAMPLE = Path(__file__).resolve().parent / "samples" / "federal-awards.warc.gz"

app = typer.Typer(
    name="section3c",
    help="Finds, from public evidence, the companies a sanctuary contracting ordinance covers.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
evidence_app = typer.Typer(help="Archived bytes: show the words in place, recompute every hash.", no_args_is_help=True)
evaluate_app = typer.Typer(help="Measure the reader against labels, beside a baseline.", no_args_is_help=True)
source_app = typer.Typer(help="Sources the crawlers know.", no_args_is_help=True)
app.add_typer(evidence_app, name="evidence")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(source_app, name="source")


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


class Route(StrEnum):
    """How USAspending is asked: bulk download jobs, transaction search, or bulk with search as fallback."""

    AUTO = "auto"
    BULK = "bulk"
    SEARCH = "search"


FormatOption = Annotated[Format, typer.Option("--format", help="How to show it.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write instead of the screen.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", envvar="SECTION3C_DATA", help="The installation's folder (default ./data).")
]


def _workspace(data: Path | None) -> Workspace:
    return Workspace(data.absolute()) if data else Workspace.default()


def _night(data: Path | None, shape: str, *, base_urls: Sequence[str] = (), **asked: Any) -> int:
    """One run in the foreground, shown; its exit code (0 published and proved, 1 not published, 3 not proved)."""
    from pipelines import foreground

    try:
        options = foreground.RunOptions(base_urls=foreground.parse_base_urls(list(base_urls)), **asked)
        summary = foreground.run_with_progress(_workspace(data), options)
    except foreground.RunError as error:
        raise _fail(error) from error
    foreground.show(summary, shape)
    return summary.exit_code


@contextmanager
def _errors() -> Iterator[None]:
    """A room's own errors become one clear line; anything else is a fault of ours and shows its traceback."""
    from warehouse.engine import WarehouseError
    from warehouse.present import PresentError

    try:
        yield
    except (WarehouseError, PresentError) as error:
        raise _fail(error) from error


def _present(answer: Answer, output: Format, out: Path | None, title: str | None) -> None:
    from warehouse.present import present

    present(answer.table, output.value, out, title=title)
    if answer.truncated:
        typer.echo(f"(more rows than {answer.table.num_rows:,}: ask for more with a larger limit)", err=True)


def _console() -> Console:
    """Standard output; a pipe is as wide as its reader likes."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=160)


def _fail(error: Exception) -> typer.Exit:
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True, soft_wrap=True).print(f"[bold red]{type(error).__name__}:[/] {escape(str(error))}")
    return typer.Exit(1)


@app.command()
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
    raise typer.Exit(_night(
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


@app.command("candidates")
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

    with _errors():
        answer = listings.candidates(_workspace(data), category=category, certainty=certainty, agency=agency,
                                     company=company, least=least, limit=limit)
        _present(answer, output, out, "Candidates")


@app.command("candidate")
def candidate_(
    candidate_id: Annotated[str, typer.Argument(help="Candidate id, or the beginning of it.")],
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """One candidate: the sum of its score, statements, words and where each stands."""
    from warehouse import listings, pages, present

    with _errors():
        page = listings.candidate(_workspace(data), candidate_id)
        if output is Shape.JSON:
            typer.echo(present.document(page))
        else:
            pages.candidate(page, _console())


@app.command()
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
    with _errors():
        _present(reader.query(_workspace(data), text, max_rows=max_rows, seconds=seconds), output, out, None)


@evidence_app.command("show")
def evidence_show(
    identifier: Annotated[str, typer.Argument(help="Statement, capture or candidate id.")],
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """The words in place, read from the archived bytes, with their capture, hash, address and file."""
    from warehouse import evidence, pages, present

    with _errors():
        found = evidence.show(_workspace(data), identifier)
    if output is Shape.JSON:
        typer.echo(present.document(found))
    else:
        pages.evidence(found, _console())


@evidence_app.command("verify")
def evidence_verify(
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """Recompute every hash and every span; what fails is named, and leaves the next publication."""
    from warehouse import evidence, pages, present

    with _errors():
        report = evidence.verify(_workspace(data))
    if output is Shape.JSON:
        typer.echo(present.document(report))
    else:
        pages.verification(report, _console())
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

    with _errors():
        made = export(_workspace(data), candidate, out, html=html, words_only=words_only)
    typer.echo(f"{made.path}: {made.captures} captures, {made.passages} passages of {made.candidate_id}, version "
               f"{made.version}, {made.size:,} bytes, sha256 {made.sha256}")


@evidence_app.command("check")
def evidence_check(
    packet: Annotated[Path, typer.Argument(metavar="FILE.wacz", help="A packet that `evidence export` wrote.")],
) -> None:
    """Check a packet by itself: every hash, every record, every quoted word. Needs no archive."""
    from warehouse.packet import verify_packet
    from warehouse.present import tame

    with _errors():
        report = verify_packet(packet)
    for finding in report.findings:
        typer.echo(tame(finding))
    typer.echo(f"{report.members} members, {report.captures} captures, {report.passages} passages: "
               + ("all as they were written" if report.ok else f"{len(report.findings)} findings"))
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def classify(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="id, agency, recipient, psc, naics, ...")],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="id, entity, services, in input order.")],
) -> None:
    """Read awards from JSON lines: category, kind, certainty, score, words, maker."""
    from nlp.cli import ClassifyError, classify_file

    try:
        counts = classify_file(source, target)
    except ClassifyError as error:
        raise _fail(error) from error
    typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()))


@evaluate_app.command("awards")
def evaluate_awards(
    labels: Annotated[Path, typer.Argument(help="Labelled awards, JSON lines.")],
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
) -> None:
    """Precision, recall, F1 a category, arguable rows surfaced, calibration, misses; beside a keyword search."""
    from nlp.cli import ClassifyError
    from nlp.evaluate import evaluate_awards as measure
    from warehouse.present import document

    try:
        report = measure(labels)
    except ClassifyError as error:
        raise _fail(error) from error
    typer.echo(document(report.to_dict()) if output is Shape.JSON else report.render())


@app.command()
def bench(
    rows: Annotated[int, typer.Option(min=1000, help="Rows of official columns to load.")] = 200_000,
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
) -> None:
    """Speed and memory as ratios in one run: load, reading, a no-change night."""
    from pipelines.bench import bench as measure

    report = measure(rows, SAMPLE)
    typer.echo(report.as_json() if output is Shape.JSON else report.render())
    raise typer.Exit(0 if report.ok else 1)


@app.command()
def doctor(
    base_url: Annotated[list[str] | None, typer.Option("--base-url", help="As for run.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not try to reach the sources.")] = False,
    data: DataOption = None,
) -> None:
    """Check disk, clock, packages, configuration, evidence, last run and reachability, and say what to do."""
    from rich.markup import escape

    from pipelines import doctor as room
    from pipelines.options import parse_base_urls

    found = room.checks(_workspace(data), parse_base_urls(base_url or []), online=not offline)
    marks = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}
    for one in found:
        _console().print(f"{marks[one.status]} {escape(one.what)}: {escape(one.detail)}", highlight=False)
        if one.todo:
            _console().print(f"       {escape(one.todo)}", highlight=False)
    raise typer.Exit(1 if room.worst(found) == "fail" else 0)


@source_app.command("list")
def source_list(output: FormatOption = Format.TABLE, out: OutOption = None, data: DataOption = None) -> None:
    """Sources with their last answer, volume and refused share, from the published version."""
    from warehouse import listings

    with _errors():
        _present(listings.sources(_workspace(data)), output, out, "Sources")


@source_app.command("new")
def source_new(
    name: Annotated[str, typer.Argument(help="Name of the source: lower case, digits, underscore.")],
    url: Annotated[str, typer.Option("--url", help="Base address, https://...")],
) -> None:
    """Write a source's YAML, spider and golden test; the test fails until its golden page is there."""
    from crawlers.generator import new_source
    from crawlers.sources import SourceError

    try:
        written = new_source(name, Path(__file__).resolve().parent, url)
    except SourceError as error:
        raise _fail(error) from error
    for path in written:
        typer.echo(path)


@app.command()
def dictionary(out: OutOption = None, data: DataOption = None) -> None:
    """The data dictionary of the published version, as Markdown."""
    from warehouse.dictionary import markdown

    with _errors():
        text = markdown(_workspace(data))
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        typer.echo(text)


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the Dagster page.")] = 3000,
    host: Annotated[str, typer.Option(help="Loopback address to bind.")] = "127.0.0.1",
    data: DataOption = None,
) -> None:
    """Start the scheduler and its page (loopback only) as one command; Ctrl-C ends both."""
    from pipelines.up import UpError
    from pipelines.up import up as start

    try:
        raise typer.Exit(start(_workspace(data), port=port, host=host))
    except UpError as error:
        raise _fail(error) from error


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Official USAspending or SAM.gov CSV, CSV.GZ or zip downloads.")],
    largest: Annotated[float, typer.Option(min=0.001, help="Largest file taken in, GiB.")] = 8.0,
    publish: Annotated[bool, typer.Option(help="Read the lake and publish a version afterwards.")] = True,
    data: DataOption = None,
) -> None:
    """Archive official downloads an analyst has at hand, load them, and publish a version that has them."""
    from crawlers.importing import ImportRefused, import_file
    from pipelines.foreground import show_import

    failed, loaded = False, 0
    for file in files:
        try:
            report = import_file(file, _workspace(data).ensure(), largest=int(largest * (1 << 30)))
            show_import(file, report)
            loaded += sum(report.rows.values())
        except ImportRefused as error:
            failed = True
            _fail(error)
    code = _night(data, "table", mode="stored") if publish and loaded else 0
    raise typer.Exit(1 if failed else code)


def main() -> None:
    """Entry point of the `section3c` command."""
    app()


if __name__ == "__main__":
    main()
