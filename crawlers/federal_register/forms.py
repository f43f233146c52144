"""What kind of document it is: the Federal Register has one type for all notices, their words tell them apart.

Belongs here: those words. Does not belong here: what the document asks for (nlp).
"""

from __future__ import annotations

import re
from typing import Final

from crawlers.sam.rfi import request_words

_TYPES: Final = {"notice": "notice", "rule": "rule", "proposed rule": "proposed_rule",
                 "presidential document": "presidential"}
_COLLECTION: Final = re.compile(
    r"information collection|collection of information|(?:30|60|thirty|sixty)[- ]day notice|paperwork reduction act|"
    r"comment request; (?:extension|revision|new)|OMB control number", re.IGNORECASE)


def form(kind: str | None, title: str | None, action: str | None, abstract: str | None) -> str | None:
    """notice, information_collection, request_for_information, rule, proposed_rule, presidential; None when unknown."""
    found = _TYPES.get(" ".join((kind or "").split()).lower())
    if found == "notice":
        said = f"{title or ''}\n{action or ''}"
        if re.search(r"\brequest for information\b", action or "", re.IGNORECASE) or request_words(
                "special_notice", title, None, abstract):
            return "request_for_information"
        if _COLLECTION.search(said):
            return "information_collection"
    return found
