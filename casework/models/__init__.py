"""Tables of casework, a module a matter. Rows are made and changed by services (plain functions), never by pages."""

from casework.models.cases import Case
from casework.models.ledger import Event
from casework.models.people import Jurisdiction, Membership, User

__all__ = ["Case", "Event", "Jurisdiction", "Membership", "User"]
