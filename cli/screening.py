"""Verbs of screening: screen vendors|contracts|bidders|holdings|dismiss|log, evaluate screening, export.

Belongs here: options and calls into rooms. Does not belong here: logic.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.common import DataOption, Format, OutOption, Shape, errors, fail, workspace_of
from cli.measuring import ShapeOption, evaluate_app

if TYPE_CHECKING:
    from entities.screening.model import Kind, Watch
    from records.workspace import Workspace

_app = typer.Typer()
screen_app = typer.Typer(
    no_args_is_help=True, help="A city's lists beside the companies that the evidence names (docs/screening.md)."
)


class ExportFormat(StrEnum):
    """Shapes of the register."""

    FTM = "ftm"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class ScreenFormat(StrEnum):
    """How hits are shown."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XLSX, XLS, ODS; 13F table as XML.")]
AgainstOption = Annotated[str, typer.Option("--against", metavar="candidates|determinations|listed|FILE",
                          help="Whom to hold it against: candidates of the published version, determinations exported "
                          "by casework, the ordinance's own lists, or a file of names.")]
DayOption = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Families on that day.")]
BitsOption = Annotated[float | None, typer.Option("--threshold", help="Bits for 'same' (default 4).")]
BandOption = Annotated[str | None, typer.Option("--min-band", help="Only candidates of this band or above: doubtful, "
                                                "likely, strong.")]
MapOption = Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column means what, "
                      "e.g. name=Vendor; an empty column leaves the field out. May be given several times.")]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook (default: the first with rows).")]
FormatOption = Annotated[ScreenFormat, typer.Option("--format", help="How to show it; xlsx and parquet need --out.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who does it (default: the user logged in).")]


@contextmanager
def _errors() -> Iterator[None]:
    from entities.screening.model import ScreeningError

    with errors():
        try:
            yield
        except ScreeningError as error:
            raise fail(error) from error


def _pairs(given: list[str] | None) -> dict[str, str]:
    from entities.screening.model import ScreeningError

    made = {}
    for one in given or []:
        name, equals, column = one.partition("=")
        if not equals:
            raise ScreeningError(f"--map {one}: write FIELD=COLUMN, e.g. --map name=Vendor")
        made[name.strip()] = column.strip()
    return made


def _watch(workspace: Workspace, against: str) -> Watch:
    from entities.screening.model import ScreeningError
    from entities.screening.watching import file_watch, listed_watch
    from warehouse.screening import published_watch, with_judgements

    if against == "candidates":
        return published_watch(workspace)
    if against == "listed":
        return with_judgements(listed_watch(), workspace)
    if against == "determinations":
        path = workspace.casework / "determinations.csv"
        if not path.exists():
            raise ScreeningError(f"no determinations: casework has exported no register to {path.name} in the "
                                 "installation's casework folder (columns name, category, state, company_id, "
                                 "evidence_id). Use --against candidates, or --against FILE")  # fmt: skip
        return with_judgements(file_watch(path, "determined"), workspace)
    return with_judgements(file_watch(Path(against)), workspace)


def _screen(
    kind: Kind, file: Path, against: str, as_of: datetime | None, threshold: float | None, min_band: str | None,
    maps: list[str] | None, sheet: str | None, output: ScreenFormat, out: Path | None, by: str | None,
    data: Path | None,
) -> None:
    from entities.screening import log
    from entities.screening.columns import guess
    from entities.screening.engine import screen
    from entities.screening.entries import entries
    from entities.screening.intake import read_list
    from warehouse.present import PresentError, present, tame
    from warehouse.screening import hits_table, write_workbook

    workspace = workspace_of(data)
    with _errors():
        if output in (ScreenFormat.XLSX, ScreenFormat.PARQUET) and out is None:
            raise PresentError(f"{output.value} is no text: give a file with --out FILE.{output.value}")
        listed = read_list(file, sheet)
        mapping = guess(listed.columns, listed.rows, kind, _pairs(maps))
        typer.echo(f"{tame(listed.file)}: {listed.how}, {len(listed.rows):,} rows; "
                   + tame(", ".join(f"{field} = '{column}'" for field, column in mapping.items())), err=True)
        read = entries(listed, mapping, kind)
        result = screen(read.entries, _watch(workspace, against), kind, as_of=_day(as_of), threshold=threshold,
                        min_band=min_band, dismissed=log.dismissed(workspace))  # fmt: skip
        number = log.record(workspace, result, listed, mapping, by or getpass.getuser())
        table = hits_table(result)
        if output is ScreenFormat.XLSX and out is not None:
            counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in result.counts.items())
            about = {"screening": number, "file": listed.file, "sha256": listed.sha256, "kind": kind.value,
                     "against": result.against, "version": result.version, "matcher": result.matcher, "counts": counts}
            write_workbook(table, out, about)
        else:
            present(table, Format(output.value).value, out, title=f"Hits of {number}")
        for note in read.notes:
            typer.echo(f"note: {tame(note)}", err=True)
    told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in result.counts.items())
    typer.echo(f"{number}: {told}; against {result.against} ({result.version})", err=True)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@screen_app.command("vendors")
def vendors(
    file: FileArgument, against: AgainstOption = "candidates", as_of: DayOption = None, threshold: BitsOption = None,
    min_band: BandOption = None, maps: MapOption = None, sheet: SheetOption = None,
    output: FormatOption = ScreenFormat.TABLE, out: OutOption = None, by: ByOption = None, data: DataOption = None,
) -> None:
    """Payees or registered vendors (§3.1): which are covered companies or of their families."""
    from entities.screening.model import Kind

    _screen(Kind.VENDORS, file, against, as_of, threshold, min_band, maps, sheet, output, out, by, data)


@screen_app.command("contracts")
def contracts(
    file: FileArgument, against: AgainstOption = "candidates", as_of: DayOption = None, threshold: BitsOption = None,
    min_band: BandOption = None, maps: MapOption = None, sheet: SheetOption = None,
    output: FormatOption = ScreenFormat.TABLE, out: OutOption = None, by: ByOption = None, data: DataOption = None,
) -> None:
    """Contracts with start, end, amendment and renewal dates: hits sorted by what must be put out to bid first."""
    from entities.screening.model import Kind

    _screen(Kind.CONTRACTS, file, against, as_of, threshold, min_band, maps, sheet, output, out, by, data)


@screen_app.command("bidders")
def bidders(
    file: FileArgument, against: AgainstOption = "candidates", as_of: DayOption = None, threshold: BitsOption = None,
    min_band: BandOption = None, maps: MapOption = None, sheet: SheetOption = None,
    output: FormatOption = ScreenFormat.TABLE, out: OutOption = None, by: ByOption = None, data: DataOption = None,
) -> None:
    """Who answered a solicitation: which are covered companies or of their families."""
    from entities.screening.model import Kind

    _screen(Kind.BIDDERS, file, against, as_of, threshold, min_band, maps, sheet, output, out, by, data)


@screen_app.command("holdings")
def holdings(
    file: FileArgument, against: AgainstOption = "candidates", as_of: DayOption = None, threshold: BitsOption = None,
    min_band: BandOption = None, maps: MapOption = None, sheet: SheetOption = None,
    output: FormatOption = ScreenFormat.TABLE, out: OutOption = None, by: ByOption = None, data: DataOption = None,
) -> None:
    """Holdings (§4.1): name, ticker, CUSIP, ISIN, fund; identifiers first. 13F XML, CSV or a workbook."""
    from entities.screening.model import Kind

    _screen(Kind.HOLDINGS, file, against, as_of, threshold, min_band, maps, sheet, output, out, by, data)


@screen_app.command("dismiss")
def dismiss(
    hit: Annotated[str, typer.Argument(metavar="HIT", help="hit_id of a logged screening.")],
    reason: Annotated[str, typer.Option("--reason", help="What you saw that decides it.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take a dismissal back.")] = False,
    by: ByOption = None, data: DataOption = None,
) -> None:
    """Keep a false alarm out of later screenings until a name, an identifier or the family changes."""
    from entities.screening import log
    from warehouse.present import tame

    with _errors():
        line = log.dismiss(workspace_of(data), hit, reason=reason, by=by or getpass.getuser(), undo=undo)
    typer.echo(tame(f"{line['key']} / {line['company']}: {line['event']}"))


@screen_app.command("log")
def show_log(
    screening: Annotated[str | None, typer.Argument(metavar="[SCREENING]", help="One screening in full.")] = None,
    output: ShapeOption = Shape.TABLE, data: DataOption = None,
) -> None:
    """Screenings, the latest first: file, hash, version, counts; with an id, one in full with its hits."""
    import pyarrow as pa

    from entities.screening import log
    from entities.screening.model import ScreeningError
    from warehouse.present import document, present

    with _errors():
        lines = log.screenings(workspace_of(data))
        if screening:
            found = [line for line in lines if line["screening_id"] == screening]
            if not found:
                raise ScreeningError(f"the log has no screening '{screening}'")
            typer.echo(document(found[0]))
        elif output is Shape.JSON:
            typer.echo(document(lines))
        else:
            shown = ("screening_id", "at", "by", "kind", "file", "file_sha256", "against", "version")
            rows = [{name: line[name] for name in shown}
                    | {"hits": len(line["hits"]), "parties": line["counts"].get("parties", 0)} for line in lines]
            present(pa.Table.from_pylist(rows) if rows else pa.table({"screening_id": pa.array([], pa.string())}))


@_app.command("export")
def export(
    what: Annotated[str, typer.Argument(metavar="candidates|register|listed", help="Published candidates, the register "
                                        "of determinations, or the ordinance's own lists.")],
    output: Annotated[ExportFormat, typer.Option("--format", help="ftm: FollowTheMoney entities, a JSON a line.")] =
    ExportFormat.FTM,
    out: OutOption = None, data: DataOption = None,
) -> None:
    """The register in shapes that other tools load: FollowTheMoney, JSON, CSV, Parquet."""
    from entities.screening.model import ScreeningError
    from warehouse.present import present
    from warehouse.register import ftm_lines, register_table

    with _errors():
        if what not in ("candidates", "register", "listed"):
            raise ScreeningError(f"there is no export of '{what}': use candidates, register or listed")
        watch = _watch(workspace_of(data), {"register": "determinations"}.get(what, what))
        if output is not ExportFormat.FTM:
            present(register_table(watch), Format(output.value).value, out)
        elif out is None:
            for line in ftm_lines(watch):
                typer.echo(line)
        else:
            out.write_text("".join(f"{line}\n" for line in ftm_lines(watch)), encoding="utf-8")


@evaluate_app.command("screening")
def evaluate_screening(
    file: FileArgument,
    truth: Annotated[Path, typer.Option("--truth", help="CSV: name (as in FILE) and same (1, or 0 for a known false "
                                        "alarm); names not in it are no hits.")],
    kind: Annotated[str, typer.Option("--kind", help="vendors, contracts, bidders or holdings.")] = "vendors",
    against: AgainstOption = "listed", maps: MapOption = None, output: ShapeOption = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """How many of a list's true companies are found, how many false alarms and reviews there are."""
    from entities.screening.evaluate import evaluate
    from entities.screening.model import Kind, ScreeningError
    from warehouse.present import document

    with _errors():
        if kind not in list(Kind):
            raise ScreeningError(f"there is no kind '{kind}': use {', '.join(Kind)}")
        report = evaluate(file, truth, Kind(kind), _watch(workspace_of(data), against), _pairs(maps))
    typer.echo(document(report) if output is Shape.JSON else report.render())


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line (`evaluate` is put there by cli.measuring)."""
    app.registered_commands += _app.registered_commands
    app.add_typer(screen_app, name="screen")
