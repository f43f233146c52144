"""The command line: one verb per user's job, no logic. Each verb calls one room and shows what it returns.

The verbs stand in `cli/`, a module a room. Rooms are imported inside the verbs, so that `section3c --help` and listings
do not wait for Dagster or spaCy.
"""

from __future__ import annotations

import typer

from cli import casework, companies, evidence, listings, matching, measuring, night, reading, screening, sources, texts
from cli.common import SAMPLE

__all__ = ["SAMPLE", "app", "main"]

app = typer.Typer(
    name="section3c",
    help="Finds, from public evidence, the companies a sanctuary contracting ordinance covers.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
)
for _module in (night, listings, companies, evidence, reading, measuring, matching, screening, sources, texts,
                casework):
    _module.add_to(app)


def main() -> None:
    """Entry point of the `section3c` command."""
    app()


if __name__ == "__main__":
    main()
