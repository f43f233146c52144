"""Who a statement is about: the vendor of record, the maker behind a reseller, and why neither may be a candidate.

Belongs here: vendor rows of a record, the reason of exclusion (§2.6), whether a maker is the vendor itself. Does not
belong here: recognising entities (nlp), normalising names (entities).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from entities.names import normalise
from entities.resolution.resolver import Resolution
from ordinance.products import Maker, products

#: What stands where a natural person's name would (E.6: organisations, never private individuals).
PERSON: Final = "(natural person)"

_EXCLUDED: Final = {
    "government": "government body, excluded by §2.6",
    "individual": "natural person, kept only as a vendor of record",
}


#: Entries of products.yaml that stand for many makers together name no company.
_COLLECTIVE: Final = "Other "


class MakerFound(NamedTuple):
    """The maker of a product that somebody else sells."""

    name: str
    company_id: str
    how: str


def excluded(entity: str, reason: str, company: str) -> str | None:
    """Why the vendor makes no candidate; None when it may (§2.6)."""
    if company.startswith("unidentified:"):
        return f"no company named: {company.removeprefix('unidentified:')}"
    words = _EXCLUDED.get(entity)
    return f"{words}: {reason}" if words else None


def vendor_name(entity: str, name: str | None) -> str:
    """The vendor as the record names it; a person is not named."""
    return PERSON if entity == "individual" else (name or "(not named)")


def maker_beside(maker: str | None, own_names: Iterable[str | None], own_id: str, who: Resolution) -> MakerFound | None:
    """The maker as a second vendor, or None when there is none or it is the vendor (or its parent) itself.

    ``who`` says which company the maker is: the ordinance's list knows makers by their ids.
    """
    if not maker:
        return None
    listed = _makers().get(maker) or _makers().get(normalise(maker))
    name = listed.name if listed else maker
    if name.startswith(_COLLECTIVE):
        return None
    told = who.of_maker(listed.id if listed else "", name)
    found = MakerFound(name, told.company_id, told.how)
    if found.company_id == own_id:
        return None
    starts = {_start(n) for n in (name, *(listed.names if listed else ()))} - {"", " "}
    if any((normalise(own) + " ").startswith(tuple(starts)) for own in own_names):
        return None
    return found


def _start(name: str) -> str:
    """How a maker's own name begins, in one spelling: whole words, unless it ends in '*'."""
    return normalise(name.removesuffix("*")) + ("" if name.endswith("*") else " ")


@lru_cache(maxsize=1)
def _makers() -> dict[str, Maker]:
    """Makers by id and by normalised name."""
    known: dict[str, Maker] = {}
    for maker in products().makers:
        known[maker.id] = maker
        known[normalise(maker.name)] = maker
    return known
