"""Tables of casework, a module a matter. Rows are made and changed by services (plain functions), never by pages."""

from casework.models.cases import Case
from casework.models.documents import Document
from casework.models.ledger import Event
from casework.models.people import Jurisdiction, Membership, User
from casework.models.tips import Tip, TipMessage

__all__ = ["Case", "Document", "Event", "Jurisdiction", "Membership", "Tip", "TipMessage", "User"]
