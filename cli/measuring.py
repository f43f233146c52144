"""Verbs that measure and train the reader: evaluate awards, relations, calibration; train; explain.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from cli.common import DataOption, Shape, console, errors, fail, workspace_of

_app = typer.Typer()
evaluate_app = typer.Typer(help="Measure the reader against labels, beside baselines.", no_args_is_help=True)

ShapeOption = Annotated[Shape, typer.Option("--format", help="How to show it.")]
TotalsOption = Annotated[bool, typer.Option("--totals", help="Only totals: no row of the labels is shown.")]
TextsOption = Annotated[Path | None, typer.Option("--texts", help="Folder of the texts (default: text beside FILE).")]
ManifestOption = Annotated[Path | None, typer.Option("--manifest", help="Which texts are measured (default: "
                                                     "manifest.csv beside FILE, where there is one).")]


class _Report(Protocol):
    def to_dict(self, *, totals: bool = ...) -> dict[str, Any]: ...
    def render(self, *, totals: bool = ...) -> str: ...


@evaluate_app.command("awards")
def evaluate_awards(
    labels: Annotated[Path, typer.Argument(help="Labelled awards, JSON lines.")],
    totals: TotalsOption = False,
    output: ShapeOption = Shape.TABLE,
) -> None:
    """Precision, recall, F1 a category, arguable rows surfaced, calibration, misses; beside a keyword search."""
    from nlp.cli import ClassifyError
    from nlp.evaluate import evaluate_awards as measure

    try:
        report = measure(labels)
    except ClassifyError as error:
        raise fail(error) from error
    show_report(report, totals, output)


@evaluate_app.command("relations")
def evaluate_relations(
    labels: Annotated[Path, typer.Argument(help="Labelled relations, JSON lines (docs/reader.md).")],
    texts: TextsOption = None,
    manifest: ManifestOption = None,
    totals: TotalsOption = False,
    output: ShapeOption = Shape.TABLE,
) -> None:
    """Relations in texts a (document, vendor, category), beside a keyword search and the stock spaCy pipeline."""
    from nlp.cli import ClassifyError
    from nlp.evaluation.relations import evaluate_relations as measure

    try:
        report = measure(labels, texts, manifest)
    except ClassifyError as error:
        raise fail(error) from error
    show_report(report, totals, output)


@evaluate_app.command("calibration")
def evaluate_calibration(
    labels: Annotated[Path, typer.Argument(help="Labelled awards or relations, JSON lines.")],
    texts: TextsOption = None,
    manifest: ManifestOption = None,
    totals: TotalsOption = False,
    output: ShapeOption = Shape.TABLE,
) -> None:
    """How far scores may be trusted: a reliability diagram, and the error by category, certainty, agency, source."""
    from nlp.cli import ClassifyError
    from nlp.evaluation.calibration import evaluate_calibration as measure

    try:
        report = measure(labels, texts, manifest)
    except ClassifyError as error:
        raise fail(error) from error
    show_report(report, totals, output)


@_app.command()
def train(
    labels: Annotated[Path, typer.Option("--labels", help="Awards labelled by people, JSON lines.")],
    frozen: Annotated[Path, typer.Option("--frozen", help="Labelled awards never trained on; they judge the model.")],
    downloads: Annotated[Path | None, typer.Option("--downloads", help="Folder of official award files (CSV); "
                                                   "default: the published version's awards.")] = None,
    decisions: Annotated[Path | None, typer.Option("--decisions", help="The Administrator's decisions.")] = None,
    build: Annotated[Path | None, typer.Option("--build", help="Write the training data here and stop.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Model file to write (default: the one in use).")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed of the folds (default: fixed).")] = None,
    data: DataOption = None,
) -> None:
    """Train the award model; it is adopted only if it is not worse on the frozen set, else refused with the figures."""
    from nlp.cli import ClassifyError
    from nlp.model import adopt
    from nlp.model.downloads import read_folder
    from nlp.model.examples import write
    from nlp.model.linear import MODEL_FILE
    from pipelines.bench import award_inputs
    from warehouse.engine import WarehouseError

    try:
        awards = read_folder(downloads) if downloads else award_inputs(workspace_of(data))
        inputs = adopt.Inputs(awards, labels, frozen, decisions, adopt.SEED if seed is None else seed)
        if build:
            typer.echo(f"{write(adopt.build(inputs)[0], build):,} awards written to {build}")
            return
        outcome = adopt.run(inputs, out or MODEL_FILE)
    except (ClassifyError, WarehouseError) as error:
        raise fail(error) from error
    typer.echo(outcome.render())
    raise typer.Exit(0 if outcome.adopted else 3)


@_app.command()
def explain(
    statement: Annotated[str, typer.Argument(help="Statement id ('s...'; `section3c evidence show` lists them).")],
    output: ShapeOption = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """Why a statement says what it says: text with the deciding words marked, each finding with its bits, the sum."""
    from warehouse import explain as explaining
    from warehouse import present

    with errors():
        found = explaining.explain(workspace_of(data), statement)
    if output is Shape.JSON:
        typer.echo(present.document(found))
    else:
        explaining.draw(found, console())


def show_report(report: _Report, totals: bool, output: Shape) -> None:
    """A report as text or JSON; ``totals`` leaves out every row of the labels."""
    from warehouse.present import document

    typer.echo(document(report.to_dict(totals=totals)) if output is Shape.JSON else report.render(totals=totals))


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _app.registered_commands
    app.add_typer(evaluate_app, name="evaluate")
