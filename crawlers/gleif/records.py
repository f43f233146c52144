"""Parsers of GLEIF's lei-records (one or a page of them) and of its ISIN lists.

Belongs here: names and identifiers of entities. Does not belong here: who consolidates whom (relations), asking
(crawlers.spiders.gleif). Sole proprietors have LEIs too: nothing of them is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.corporate import AGAIN, Rows, day, item, items, json_object, report_unknown, text
from crawlers.parsing import BadPageError, ParseContext
from records.ids import words_key
from records.published import COMPANY_ALIAS, FAMILY_EDGE, SECURITY

LEI: Final = re.compile(r"[A-Z0-9]{18}\d{2}")
_PERSON: Final = "SOLE_PROPRIETOR"
#: LEI Common Data File 3.1, EntityNameTypeEnum. A type that is not here is kept as 'other' and reported.
_KINDS: Final = {
    "PREVIOUS_LEGAL_NAME": "former", "TRADING_OR_OPERATING_NAME": "dba", "ALTERNATIVE_LANGUAGE_LEGAL_NAME": "other",
    "AUTO_ASCII_TRANSLITERATED_LEGAL_NAME": "other", "PREFERRED_ASCII_TRANSLITERATED_LEGAL_NAME": "other",
}
_ATTRIBUTES: Final = frozenset({"lei", "entity", "registration", "bic", "mic", "ocid", "qcc", "spglobal",
                                "conformityFlag"})
_ENTITY: Final = frozenset({
    "legalName", "otherNames", "transliteratedOtherNames", "legalAddress", "headquartersAddress", "registeredAt",
    "registeredAs", "jurisdiction", "category", "legalForm", "associatedEntity", "status", "expiration",
    "successorEntity", "successorEntities", "creationDate", "subCategory", "otherAddresses", "eventGroups",
})


def records_of(found: dict[str, Any], where: str) -> list[dict[str, Any]]:
    """The resources of a JSON:API answer, one or a page. Raises BadPageError for an answer without data."""
    data = found.get("data")
    if isinstance(data, dict):
        return [data]
    if not isinstance(data, list):
        raise BadPageError("has no data", where=where, do=AGAIN)
    return items(data)


def published(found: dict[str, Any]) -> Any:
    """Day of the golden copy that the answer was made from."""
    return day(item(item(found.get("meta")).get("goldenCopy")).get("publishDate"))


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'company_alias' rows of every name, 'family_edge' rows to successors; with hint ``isin`` its 'security' row.

    Raises BadPageError.
    """
    found = json_object(payload, "lei-records")
    one = isinstance(found.get("data"), dict)
    aliases, edges = Rows("company_alias", COMPANY_ALIAS, context), Rows("family_edge", FAMILY_EDGE, context)
    securities = Rows("security", SECURITY, context)
    isin = text(context.hints.get("isin"))
    records = records_of(found, "lei-records")
    for number, record in enumerate(records):
        at = "json:$.data" if one else f"json:$.data[{number}]"
        lei = _entity(record, at, found, aliases, edges, context)
        if lei and isin:
            securities.add(at, id_type="ISIN", id_value=isin, outcome="found", issuer_key=f"lei:{lei}",
                           name=text(item(item(item(record.get("attributes")).get("entity")).get("legalName")).get("name")))
    if isin and not records:
        securities.add("json:$.data", id_type="ISIN", id_value=isin, outcome="none")
    yield from aliases.take()
    yield from edges.take()
    yield from securities.take()


def _entity(
    record: dict[str, Any], at: str, found: dict[str, Any], aliases: Rows, edges: Rows, context: ParseContext
) -> str | None:
    attributes = item(record.get("attributes"))
    entity = item(attributes.get("entity"))
    lei = str(attributes.get("lei") or record.get("id") or "")
    name = text(item(entity.get("legalName")).get("name"))
    report_unknown(context, attributes, _ATTRIBUTES, "lei-records")
    report_unknown(context, entity, _ENTITY, "lei-records.entity")
    if not LEI.fullmatch(lei) or name is None:
        context.report("row", "has no LEI or no legal name; it was not read", where="lei-records", severity="error")
        return None
    if entity.get("category") == _PERSON:
        context.report("person", "is a sole proprietor, a natural person: nothing of it was kept", where="lei-records",
                       severity="note")
        context.left_out += 1
        return None
    key = f"lei:{lei}"
    ocid = text(attributes.get("ocid"))
    ended = day(item(entity.get("expiration")).get("date"))
    aliases.add(f"{at}.attributes.entity.legalName.name", company_key=key, name=name, kind="legal", valid_to=ended,
                same_as=[f"ocid:{ocid}"] if ocid else None)
    for kind in ("otherNames", "transliteratedOtherNames"):
        for number, other in enumerate(items(entity.get(kind))):
            if said := text(other.get("name")):
                aliases.add(f"{at}.attributes.entity.{kind}[{number}].name", company_key=key, name=said,
                            kind=_kind(other.get("type"), context))
    reason = text(item(entity.get("expiration")).get("reason"))
    for number, other in enumerate(_successors(entity)):
        successor, said = str(other.get("lei") or ""), text(other.get("name"))
        if LEI.fullmatch(successor) or said:
            edges.add(f"{at}.attributes.entity.successorEntities[{number}]", child_key=key, child=name,
                      parent_key=f"lei:{successor}" if LEI.fullmatch(successor) else f"name:{words_key(said or '')}",
                      parent=said or successor, control="acquired", jurisdiction=text(entity.get("jurisdiction")),
                      valid_from=ended, as_of=published(found),
                      note=f"successor entity{f' ({reason})' if reason else ''}")
    return lei


def _successors(entity: dict[str, Any]) -> list[dict[str, Any]]:
    listed = items(entity.get("successorEntities"))
    return listed or [one for one in [item(entity.get("successorEntity"))] if one.get("lei") or one.get("name")]


def _kind(said: Any, context: ParseContext) -> str:
    if str(said) not in _KINDS:
        context.report("name_type", f"has names of type '{text(said, 40)}', kept as other", where="lei-records",
                       severity="note")
    return _KINDS.get(str(said), "other")


def parse_isins(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """'security' rows of a page of an entity's ISINs. Raises BadPageError."""
    found = json_object(payload, "isins")
    rows = Rows("security", SECURITY, context)
    for number, record in enumerate(records_of(found, "isins")):
        attributes = item(record.get("attributes"))
        lei, isin = str(attributes.get("lei") or ""), text(attributes.get("isin"))
        if not LEI.fullmatch(lei) or isin is None:
            context.report("row", "has no LEI or no ISIN; it was not read", where="isins", severity="error")
            continue
        rows.add(f"json:$.data[{number}].attributes.isin", id_type="ISIN", id_value=isin, outcome="found",
                 issuer_key=f"lei:{lei}", name=text(context.hints.get("name")))
    yield from rows.take()
