"""Verbs of casework: its ledger, cases, people and jurisdictions.

Belongs here: options and one call into a room. Does not belong here: logic.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.common import DataOption, console, fail, workspace_of

_casework = typer.Typer(help="The Administrator's record: ledger, cases, deadlines, keys.", no_args_is_help=True)
_user = typer.Typer(help="Accounts and their roles.", no_args_is_help=True)
_jurisdiction = typer.Typer(help="Cities, counties or states of this installation.", no_args_is_help=True)


@contextmanager
def _clear() -> Iterator[None]:
    """Casework's own refusals become one clear line."""
    from warehouse.engine import WarehouseError

    try:
        yield
    except (ValueError, RuntimeError, OSError, WarehouseError) as error:
        raise fail(error) from error


@_casework.command()
def verify(
    head: Annotated[str | None, typer.Option(help="A head noted earlier; it must be in the ledger.")] = None,
    data: DataOption = None,
) -> None:
    """Check that no event was changed, removed or cut off; prints the head to note elsewhere. Exit 1 if any was."""
    from casework import room

    with _clear():
        report = room.verify(workspace_of(data), head)
    for finding in report.findings:
        console().print(f"[red]{finding}[/]", highlight=False)
    typer.echo(f"{report.events} events, {report.cases} cases, {len(report.findings)} findings; head {report.head}")
    raise typer.Exit(0 if report.ok else 1)


@_casework.command()
def sync(data: DataOption = None) -> None:
    """Bring the cases up to the published version: new candidates, new, changed and vanished evidence."""
    from casework import room

    with _clear():
        report = room.sync(workspace_of(data))
    typer.echo(f"version {report.version}: {report.opened} cases opened, {report.changed} with other evidence "
               f"({report.gone} no longer candidates), {report.rekeyed} followed their company; decided cases with new "
               f"evidence {len(report.new_evidence)}, stale {len(report.stale)}")


@_casework.command()
def keys(
    jurisdiction: Annotated[str, typer.Argument(help="Jurisdiction (its slug).")], data: DataOption = None,
) -> None:
    """Make the pair of keys that seals tips' contacts and files; asks for the passphrase, which is stored nowhere."""
    from casework import room

    with _clear():
        public = room.make_keys(workspace_of(data), jurisdiction, _password("Passphrase"))
    typer.echo(f"public key {public}. Keep the passphrase safe: without it nobody opens what was sealed.")


@_casework.command()
def remind(data: DataOption = None) -> None:
    """Send the e-mail reminders that are due (run it daily); each deadline is told once a mark."""
    from casework import room

    with _clear():
        for jurisdiction, told in room.remind(workspace_of(data)).items():
            typer.echo(f"{jurisdiction}: {told} deadlines told")


@_casework.command()
def deadlines(
    jurisdiction: Annotated[str, typer.Argument(help="Jurisdiction (its slug).")], data: DataOption = None,
) -> None:
    """The clocks that run, soonest first, with what is overdue."""
    from casework import room

    with _clear():
        for one in room.deadlines(workspace_of(data), jurisdiction):
            late = " OVERDUE" if one["overdue"] else ""
            typer.echo(f"{one['due']}{late}  {one['what']}: {one['subject']} ({one['clause']}, {one['who']})")


@_casework.command("purge-tips")
def purge_tips(
    jurisdiction: Annotated[str, typer.Argument(help="Jurisdiction (its slug).")],
    really: Annotated[bool, typer.Option("--really", help="Remove; without it only the numbers are shown.")] = False,
    data: DataOption = None,
) -> None:
    """Remove texts, contacts and files of ended tips past the retention time; their events stay."""
    from casework import room

    with _clear():
        numbers = room.purge_tips(workspace_of(data), jurisdiction, dry_run=not really)
    typer.echo(f"{'removed' if really else 'would remove'} the texts of {len(numbers)} tips: "
               f"{', '.join(map(str, numbers)) or 'none'}")


@_user.command("add")
def user_add(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    jurisdiction: Annotated[str, typer.Option(help="Where the role is held (its slug).")],
    role: Annotated[str, typer.Option(help="administrator, designee, reviewer, department, attorney, auditor.")],
    email: Annotated[str, typer.Option(help="E-mail address (for a new account).")] = "",
    name: Annotated[str, typer.Option(help="Name as it stands in letters.")] = "",
    department: Annotated[str, typer.Option(help="Department's name, for the role 'department'.")] = "",
    data: DataOption = None,
) -> None:
    """Make an account with a role, or give an account one more. The password is asked for, or read from a pipe."""
    from casework import room

    with _clear():
        workspace = workspace_of(data)
        new = not room.known_user(workspace, username)
        password = _password() if new else ""
        room.add_user(workspace, (username, email, password, name), jurisdiction, role, department)
    typer.echo(f"{username} is now {role} of {jurisdiction}")


@_jurisdiction.command("add")
def jurisdiction_add(
    profile: Annotated[str, typer.Argument(help="A preset (model, berkeley, ...) or the path of a jurisdiction.yaml.")],
    slug: Annotated[str, typer.Option(help="Short name in addresses (default: the profile's id).")] = "",
    timezone: Annotated[str, typer.Option(help="Time zone of its days.")] = "America/Los_Angeles",
    data: DataOption = None,
) -> None:
    """Set up a city, county or state: its law decides what its people are shown."""
    from casework import room

    with _clear():
        name = room.add_jurisdiction(workspace_of(data), profile, slug, timezone)
    typer.echo(f"{name} is set up; `section3c user add` gives it an administrator, `section3c casework sync` its cases")


_whole = typer.Typer()


@_whole.command()
def backup(
    target: Annotated[Path, typer.Argument(help="New folder, on another disk.")], data: DataOption = None,
) -> None:
    """Copy decisions, files, evidence, lake and versions, and prove the copy by its hashes."""
    from casework import backup as room
    from casework.room import on_postgresql

    with _clear():
        report = room.backup(workspace_of(data), target)
    typer.echo(f"{report.files} files, {report.size:,} bytes, every hash proved")
    if on_postgresql():
        typer.echo("Casework is on PostgreSQL: back that database up with pg_dump beside this", err=True)


@_whole.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Folder that `section3c backup` made.")], data: DataOption = None,
) -> None:
    """Put a backup into an empty installation folder, after proving it whole."""
    from casework import backup as room

    with _clear():
        report = room.restore(source, workspace_of(data))
    typer.echo(f"{report.files} files restored; now `section3c casework verify` and `section3c evidence verify`")


def _password(what: str = "Password") -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def add_to(app: typer.Typer) -> None:
    """Hang this module's verbs into the command line."""
    app.registered_commands += _whole.registered_commands
    app.add_typer(_casework, name="casework")
    app.add_typer(_user, name="user")
    app.add_typer(_jurisdiction, name="jurisdiction")
