"""What the command line and pipelines call: each makes Django ready for the installation, then calls one service.

Belongs here: entry points for callers that may not import Django. Does not belong here: any logic.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from casework.boot import setup
from records.workspace import Workspace

if TYPE_CHECKING:
    from casework.cases.sync import SyncReport
    from casework.verify import LedgerReport


def on_postgresql() -> bool:
    """Whether casework's tables are on PostgreSQL."""
    return bool(os.environ.get("SECTION3C_CASEWORK_URL"))


def in_use(workspace: Workspace) -> bool:
    """Whether anybody set casework up here (no table is made by asking)."""
    return on_postgresql() or workspace.casework_database.exists()


def verify(workspace: Workspace, expected: str | None = None) -> LedgerReport:
    """Check the ledger (verify.py)."""
    setup(workspace)
    from casework.verify import verify as check

    return check(workspace, expected)


def sync(workspace: Workspace) -> SyncReport:
    """Bring cases up to the published version (cases/sync.py)."""
    setup(workspace)
    from casework.cases.sync import sync as run

    return run(workspace)


def add_jurisdiction(workspace: Workspace, profile: str, slug: str, timezone: str) -> str:
    """A new jurisdiction; returns its name. Raises as people.add_jurisdiction does."""
    setup(workspace)
    from casework import people

    return str(people.add_jurisdiction(profile, slug, timezone=timezone))


def add_user(workspace: Workspace, account: tuple[str, str, str, str], jurisdiction: str, role: str,
             department: str) -> None:
    """A new account (username, e-mail, password, full name) with a role; or a role for one that exists.

    Raises PeopleError.
    """
    setup(workspace)
    from casework import people
    from casework.models import User

    where = people.jurisdiction_named(jurisdiction)
    username, email, password, name = account
    user = User.objects.filter(username=username).first()
    if user is None:
        if not password:
            raise people.PeopleError("a new account needs a password")
        user = people.add_user(username, email, password, name)
    people.grant(user, where, role, department=department)


def known_user(workspace: Workspace, username: str) -> bool:
    """Whether there is such an account."""
    setup(workspace)
    from casework.models import User

    return User.objects.filter(username=username).exists()


def make_keys(workspace: Workspace, jurisdiction: str, passphrase: str) -> str:
    """A new key pair for a jurisdiction's tips; returns the public key. Raises SealError, PeopleError."""
    setup(workspace)
    from casework import sealing
    from casework.people import jurisdiction_named

    return sealing.make_keys(jurisdiction_named(jurisdiction), passphrase)


def remind(workspace: Workspace) -> dict[str, int]:
    """Send the reminders that are due; how many deadlines each jurisdiction was told of."""
    setup(workspace)
    from casework.deadlines.remind import remind as send
    from casework.models import Jurisdiction

    return {one.slug: len(send(one)) for one in Jurisdiction.objects.filter(active=True)}


def deadlines(workspace: Workspace, jurisdiction: str) -> list[dict[str, str]]:
    """The running deadlines of a jurisdiction, soonest first."""
    setup(workspace)
    from casework import clock
    from casework.deadlines import running
    from casework.people import jurisdiction_named

    where = jurisdiction_named(jurisdiction)
    today = clock.today(where)
    return [{"due": one.due.isoformat(), "overdue": "yes" if one.overdue(today) else "", "what": one.what,
             "subject": one.subject, "who": one.who, "clause": one.clause} for one in running(where, today)]


def purge_tips(workspace: Workspace, jurisdiction: str, *, dry_run: bool) -> list[int]:
    """Apply the retention time to a jurisdiction's tips (tips/queue.py)."""
    setup(workspace)
    from casework.people import jurisdiction_named
    from casework.tips.queue import purge

    return purge(jurisdiction_named(jurisdiction), dry_run=dry_run)
