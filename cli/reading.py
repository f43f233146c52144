"""Verbs of the reader: classify, bench.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import SAMPLE, Shape, fail

_app = typer.Typer()


@_app.command()
def classify(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="id, agency, recipient, psc, naics, ...")],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="id, entity, services, in input order.")],
) -> None:
    """Read awards from JSON lines: category, kind, certainty, score, words, maker."""
    from nlp.cli import ClassifyError, classify_file

    try:
        counts = classify_file(source, target)
    except ClassifyError as error:
        raise fail(error) from error
    typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()))


@_app.command()
def bench(
    rows: Annotated[int, typer.Option(min=1000, help="Rows of official columns to load.")] = 200_000,
    names: Annotated[int | None, typer.Option(min=10_000, max=1_000_000, help="Measure the matcher instead: as many "
                                              "names searched in as many, and the curve up to them.")] = None,
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
) -> None:
    """Speed and memory as ratios in one run: load, reading, a no-change night; with --names, the matcher."""
    from pipelines.bench import bench as measure
    from pipelines.bench import bench_names

    report = bench_names(names) if names else measure(rows, SAMPLE)
    typer.echo(report.as_json() if output is Shape.JSON else report.render())
    raise typer.Exit(0 if report.ok else 1)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _app.registered_commands
