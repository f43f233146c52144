"""Verbs of companies: company (show, chain, reviews, judge, judgements, undo), evaluate families.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.common import DataOption, Format, FormatOption, OutOption, Shape, console, errors, fail, show, workspace_of
from cli.measuring import evaluate_app


class _NameFirst(TyperGroup):
    """`section3c company "Palantir"` is short for `section3c company show "Palantir"`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """What is no verb of this group is a company's name or id."""
        if args and args[0] not in self.commands:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


company_app = typer.Typer(
    cls=_NameFirst, no_args_is_help=True,
    help="A company: profile, names, family, statements, doubts. `company NAME` is short for `company show NAME`.",
)  # fmt: skip
DayOption = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Family on that day.")]
ByOption = Annotated[str | None, typer.Option("--by", help="Who judges (default: the user logged in).")]
ReasonOption = Annotated[str, typer.Option("--reason", help="What you saw that decides it.")]


def _day(on: datetime | None) -> date | None:
    return on.date() if on else None


def _one(data: Path | None, text: str) -> str:
    """The one company that a name or id means; lists the choices and ends with 2 where there are several."""
    from warehouse import company_pages, company_showing
    from warehouse.engine import WarehouseError

    found = company_pages.find(workspace_of(data), text)
    if len(found) == 1:
        return found[0].company_id
    if not found:
        raise WarehouseError(f"no company is known by '{text}'; `section3c candidates --company PART` searches "
                             "candidates")
    company_showing.choices(text, found, console())
    raise typer.Exit(2)


@company_app.command("show")
def company_show(
    name: Annotated[str, typer.Argument(metavar="NAME|ID", help="A name as anyone writes it, or a company id.")],
    on: DayOption = None,
    picture: Annotated[Path | None, typer.Option("--svg", help="Write the family's picture to this file.")] = None,
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """Profile of a company: names, ids, family on a day, candidates, statements, conflicts, reviews."""
    from warehouse import company_pages, company_showing, present

    with errors():
        own = _one(data, name)
        page = company_pages.profile(workspace_of(data), own, _day(on))
        if picture:
            picture.write_text(company_pages.family_svg(workspace_of(data), own, _day(on)), encoding="utf-8")
            typer.echo(f"picture: {picture}", err=True)
    if output is Shape.JSON:
        typer.echo(present.document(page))
    else:
        company_showing.profile(page, console())


@company_app.command("chain")
def company_chain(
    start: Annotated[str, typer.Argument(metavar="VENDOR", help="The city's vendor: name or id.")],
    goal: Annotated[str, typer.Argument(metavar="RECIPIENT", help="The federal recipient: name or id.")],
    on: DayOption = None,
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
    data: DataOption = None,
) -> None:
    """The chain of control between two companies, each link with source and days; exit 1 where none is known."""
    from warehouse import company_pages, company_showing, present

    with errors():
        links = company_pages.family_chain(workspace_of(data), _one(data, start), _one(data, goal), _day(on))
    if output is Shape.JSON:
        typer.echo(present.document(links))
    elif links is None:
        typer.echo("nothing known joins the two" + (f" on {on:%Y-%m-%d}" if on else ""))
    else:
        company_showing.chain(links, console())
    raise typer.Exit(1 if links is None else 0)


@company_app.command("reviews")
def company_reviews(
    limit: Annotated[int, typer.Option(min=1, help="Most rows.")] = 100,
    output: FormatOption = Format.TABLE,
    out: OutOption = None,
    data: DataOption = None,
) -> None:
    """Pairs that may be one company, for a person to judge; those with candidates first."""
    from warehouse import company_judging

    with errors():
        show(company_judging.reviews(workspace_of(data), limit=limit), output, out, "Pairs to review")


@company_app.command("judge")
def company_judge(
    a: Annotated[str, typer.Argument(metavar="A", help="Company id (or a name that means one).")],
    b: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    verdict: Annotated[str, typer.Argument(metavar="same|different|unsure", help="What you decide.")],
    reason: ReasonOption,
    by: ByOption = None,
    data: DataOption = None,
) -> None:
    """Judge whether two companies are one. It takes effect with the next run and no run overturns it."""
    from warehouse import company_judging

    with errors():
        one, two = (side if ":" in side else _one(data, side) for side in (a, b))
        made = company_judging.judge(workspace_of(data), one, two, verdict, reason=reason, by=by or getpass.getuser())
    typer.echo(f"line {made.number} of the journal: {made.a} and {made.b} are {made.verdict}. `section3c run --stored` "
               f"publishes it; `section3c company undo {made.number}` takes it back.")


@company_app.command("undo")
def company_undo(
    number: Annotated[int, typer.Argument(metavar="LINE", help="Line of the journal (see `company judgements`).")],
    reason: ReasonOption,
    by: ByOption = None,
    data: DataOption = None,
) -> None:
    """Take a judgement back; the next run has the companies exactly as they were before it."""
    from warehouse import company_judging

    with errors():
        company_judging.undo(workspace_of(data), number, reason=reason, by=by or getpass.getuser())
    typer.echo(f"line {number} no longer holds. `section3c run --stored` publishes it.")


@company_app.command("judgements")
def company_judgements(
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE, data: DataOption = None,
) -> None:
    """Judgements in effect, and whether what the person saw has changed since."""
    from warehouse import company_judging, company_showing, present

    with errors():
        listed = company_judging.standing(workspace_of(data))
    if output is Shape.JSON:
        typer.echo(present.document(listed))
    else:
        company_showing.judged(listed, console())


@evaluate_app.command("families")
def evaluate_families(
    expected: Annotated[Path, typer.Argument(metavar="EDGES.csv", help="child, parent, relation, ids, days.")],
    awards: Annotated[list[Path] | None, typer.Option("--awards", help="Official award files as source rows.")] = None,
    edges: Annotated[list[Path] | None, typer.Option("--edges", help="Edge files as source rows.")] = None,
    output: Annotated[Shape, typer.Option("--format", help="How to show it.")] = Shape.TABLE,
) -> None:
    """Is the expected parent found where the source rows hold it? Without --awards or --edges: EDGES.csv itself."""
    from entities.families.evaluate import EvaluateError
    from entities.families.evaluate import evaluate_families as measure
    from warehouse.present import document

    try:
        report = measure(expected, tuple(awards or ()), tuple(edges or ()))
    except EvaluateError as error:
        raise fail(error) from error
    typer.echo(document(report.to_dict()) if output is Shape.JSON else report.render())


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.add_typer(company_app, name="company")
