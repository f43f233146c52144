"""Parsers of GLEIF's relationship-records and reporting-exceptions: dated edges between entities.

Belongs here: level 2 data (who consolidates whom, and why no parent is named). Does not belong here: names (records).
A relationship names entities by LEI only: the spider hands in the names it has read (hint ``names``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.corporate import Rows, day, item, items, json_object, report_unknown, text
from crawlers.gleif.records import LEI, published, records_of
from crawlers.parsing import ParseContext
from records.published import FAMILY_EDGE

#: Relationship Record Common Data File 2.1, RelationshipTypeEnum. A type that is not here is reported and not read.
CONTROLS: Final[Mapping[str, str]] = {
    "IS_DIRECTLY_CONSOLIDATED_BY": "direct_parent", "IS_ULTIMATELY_CONSOLIDATED_BY": "ultimate_parent",
    "IS_INTERNATIONAL_BRANCH_OF": "division", "IS_FUND-MANAGED_BY": "affiliate", "IS_SUBFUND_OF": "affiliate",
    "IS_FEEDER_TO": "affiliate",
}
_PLAIN: Final = frozenset({"IS_DIRECTLY_CONSOLIDATED_BY", "IS_ULTIMATELY_CONSOLIDATED_BY"})
_CATEGORIES: Final = {"DIRECT_ACCOUNTING_CONSOLIDATION_PARENT": "direct", "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT":
                      "ultimate"}


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'family_edge' rows of one relationship or a page of them. Raises BadPageError."""
    found = json_object(payload, "relationship-records")
    one = isinstance(found.get("data"), dict)
    rows = Rows("family_edge", FAMILY_EDGE, context)
    names = {str(key): str(name) for key, name in item(context.hints.get("names")).items()}
    for number, record in enumerate(records_of(found, "relationship-records")):
        at = "json:$.data" if one else f"json:$.data[{number}]"
        attributes = item(record.get("attributes"))
        relation = item(attributes.get("relationship"))
        report_unknown(context, attributes, ("validFrom", "validTo", "relationship", "registration", "extension"),
                       "relationship-records")
        report_unknown(context, relation, ("startNode", "endNode", "type", "status", "periods", "qualifiers",
                                           "quantifiers"), "relationship-records.relationship")
        child, parent = _lei(relation.get("startNode")), _lei(relation.get("endNode"))
        kind = str(relation.get("type"))
        if child is None or parent is None or kind not in CONTROLS:
            context.report("row", f"of type '{text(kind, 60)}' is not between two LEIs, or of no known type; not read",
                           where="relationship-records", severity="error")
            continue
        start, end = period(relation)
        rows.add(f"{at}.attributes.relationship", child_key=f"lei:{child}", child=names.get(child, child),
                 parent_key=f"lei:{parent}", parent=names.get(parent, parent), control=CONTROLS[kind],
                 valid_from=start, valid_to=end, as_of=published(found), ownership_percent=_share(relation),
                 note=_note(kind, relation, item(attributes.get("registration"))))
    yield from rows.take()


def period(relation: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """First and last day of the relationship period (not of the accounting or filing period)."""
    for one in items(relation.get("periods")):
        if one.get("type") == "RELATIONSHIP_PERIOD":
            return day(one.get("startDate")), day(one.get("endDate"))
    return None, None


def _share(relation: Mapping[str, Any]) -> float | None:
    for one in items(relation.get("quantifiers")):
        amount = one.get("amount", one.get("quantifierAmount"))
        if isinstance(amount, int | float | str) and "PERCENT" in str(one.get("units",
                                                                              one.get("quantifierUnits"))).upper():
            try:
                value = float(amount)
            except ValueError:
                return None
            return value if 0 <= value <= 100 else None
    return None


def _note(kind: str, relation: Mapping[str, Any], registration: Mapping[str, Any]) -> str | None:
    """What qualifies the edge: an unusual kind, an inactive or lapsed record, a parent's own word only."""
    said = [] if kind in _PLAIN else [kind.replace("_", " ").lower()]
    if (status := text(relation.get("status"), 40)) and status != "ACTIVE":
        said.append(f"relationship {status.lower()}")
    if (status := text(registration.get("status"), 40)) and status != "PUBLISHED":
        said.append(f"record {status.lower()}")
    if (level := text(registration.get("corroborationLevel"), 40)) and level != "FULLY_CORROBORATED":
        said.append(level.replace("_", " ").lower())
    return "; ".join(said) or None


def parse_exception(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'family_edge' rows of control 'reporting_exception': why an entity names no parent. Raises BadPageError.

    ``reference`` is free text in which persons are named now and then: not kept.
    """
    found = json_object(payload, "reporting-exceptions")
    one = isinstance(found.get("data"), dict)
    rows = Rows("family_edge", FAMILY_EDGE, context)
    names = item(context.hints.get("names"))
    for number, record in enumerate(records_of(found, "reporting-exceptions")):
        attributes = item(record.get("attributes"))
        report_unknown(context, attributes, ("validFrom", "validTo", "lei", "category", "reason", "reference"),
                       "reporting-exceptions")
        lei, reason = str(attributes.get("lei") or ""), text(attributes.get("reason"), 80)
        category = _CATEGORIES.get(str(attributes.get("category")))
        if not LEI.fullmatch(lei) or reason is None or category is None:
            context.report("row", "has no LEI, reason or known category; it was not read",
                           where="reporting-exceptions", severity="error")
            continue
        rows.add(("json:$.data" if one else f"json:$.data[{number}]") + ".attributes.reason",
                 child_key=f"lei:{lei}", child=str(names.get(lei, lei)), parent_key=f"none:{category}",
                 parent=f"no {category} parent reported", control="reporting_exception", note=reason,
                 valid_from=day(attributes.get("validFrom")), valid_to=day(attributes.get("validTo")),
                 as_of=published(found))
    yield from rows.take()


def _lei(node: Any) -> str | None:
    lei = str(item(node).get("id") or "")
    return lei if LEI.fullmatch(lei) else None
