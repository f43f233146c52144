"""The deadlines as an iCalendar feed (RFC 5545), for the calendar program of whoever may see them.

Belongs here: the feed and the signed address that stands for a person. Does not belong here: the page that serves it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing
from django.utils import timezone
from icalendar import Alarm, Calendar, Event

from casework import access
from casework.deadlines.clocks import Deadline, running
from casework.models import Jurisdiction, User

_SALT: Final = "casework.deadlines.feed"


def address(user: User, jurisdiction: Jurisdiction) -> str:
    """What stands in the feed's address: calendar programs cannot sign in. Raises Forbidden."""
    access.require(user, jurisdiction, "read")
    return signing.dumps([user.pk, jurisdiction.slug, user.password[-12:]], salt=_SALT)


def owner(signed: str) -> tuple[User, Jurisdiction]:
    """Whose feed it is. Raises Forbidden for a forged address, a lost role, or one from before a password change."""
    try:
        pk, slug, password = signing.loads(signed, salt=_SALT)
        user, jurisdiction = User.objects.get(pk=pk), Jurisdiction.objects.get(pk=slug)
    except (signing.BadSignature, ValueError, TypeError, User.DoesNotExist, Jurisdiction.DoesNotExist):
        raise access.Forbidden("this calendar address is not valid (any more)") from None
    if user.password[-12:] != password:
        raise access.Forbidden("this calendar address is not valid (any more)")
    return access.require(user, jurisdiction, "read"), jurisdiction


def calendar(jurisdiction: Jurisdiction) -> bytes:
    """All running deadlines as all-day events, each with an alarm three days before."""
    feed = Calendar()
    feed.add("prodid", "-//section3c//casework//EN")
    feed.add("version", "2.0")
    feed.add("name", f"{jurisdiction}: sanctuary contracting")
    for one in running(jurisdiction):
        feed.add_component(_event(one, jurisdiction))
    return bytes(feed.to_ical())


def _event(one: Deadline, jurisdiction: Jurisdiction) -> Event:
    event = Event()
    event.add("uid", f"{one.uid}@{jurisdiction.slug}.section3c")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", one.due)
    event.add("dtend", one.due + timedelta(days=1))
    event.add("summary", f"{one.what}: {one.subject} ({one.clause})")
    event.add("description", f"Last day for {one.who}. The clock started on {one.start.isoformat()}.")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one.what)
    alarm.add("trigger", timedelta(days=-3))
    event.add_component(alarm)
    return event
