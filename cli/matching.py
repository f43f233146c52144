"""Verbs of the matcher: match, evaluate matching.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.common import Shape, fail
from cli.measuring import ShapeOption, TotalsOption, evaluate_app, show_report

_app = typer.Typer()


@_app.command("match")
def match_(
    source: Annotated[Path, typer.Argument(metavar="PAIRS.csv", help="Columns name_a and name_b; others are kept.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.csv", help="The same rows and score, same, outcome, reason.")],
) -> None:
    """Say of pairs of company names whether they are one company: score in bits, same (1 or 0), reason in words."""
    from entities.matching.files import match_file
    from records.delimited import DelimitedError

    try:
        counts = match_file(source, target)
    except DelimitedError as error:
        raise fail(error) from error
    typer.echo(", ".join(f"{counts[name]:,} {name}" for name in ("same", "review", "different")))


@evaluate_app.command("matching")
def evaluate_matching(
    labels: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled pairs: name_a, name_b, same, kind, bucket.")],
    watch: Annotated[Path | None, typer.Option("--watch", metavar="NAMES", help="A long list of real names: search "
                                               "each name_a in it; name_b are its names that are the same.")] = None,
    totals: TotalsOption = False,
    output: ShapeOption = Shape.TABLE,
) -> None:
    """Precision, recall, F1, recall at 95 % precision, misses; beside exact spelling, TF-IDF cosine and RapidFuzz."""
    from entities.matching.evaluate import evaluate_pairs, evaluate_watch
    from records.delimited import DelimitedError

    try:
        report = evaluate_watch(labels, watch) if watch else evaluate_pairs(labels)
    except DelimitedError as error:
        raise fail(error) from error
    show_report(report, totals, output)


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line (`evaluate` is put there by cli.measuring)."""
    app.registered_commands += _app.registered_commands
