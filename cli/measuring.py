"""Verbs that measure the reader: evaluate awards, evaluate relations.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from cli.common import Shape, fail

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


def show_report(report: _Report, totals: bool, output: Shape) -> None:
    """A report as text or JSON; ``totals`` leaves out every row of the labels."""
    from warehouse.present import document

    typer.echo(document(report.to_dict(totals=totals)) if output is Shape.JSON else report.render(totals=totals))


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.add_typer(evaluate_app, name="evaluate")
