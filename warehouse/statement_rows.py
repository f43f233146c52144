"""One record and its reading become statements: pure functions, row by row.

Belongs here: which agency makes the record count, which vendors supply, which relation and certainty, which words.
Does not belong here: queries, files, the reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from entities.resolution.resolver import Resolution
from ordinance.agencies import match_award
from ordinance.evidence import kind_of_record
from records.ids import statement_id
from warehouse.spans import Placed, place
from warehouse.vendors import excluded, maker_beside, vendor_name

_ROLE: Final = {"award": "recipient", "subaward": "subrecipient"}
#: What texts say and awards do not.
_NOT_SAID: Final = dict.fromkeys(
    ("via", "amount", "amount_kind", "stated_on", "date_said", "outlet_id", "reliability", "sentence")
)


@dataclass
class Made:
    """Statements made so far, each with the places of its words; faults are words that stand nowhere.

    Words of awards are in ``places``, their rows still to be found; words of texts are spans already. ``refused`` are
    findings in texts whose words are not where the reader says.
    """

    statements: list[dict[str, Any]] = field(default_factory=list)
    places: list[list[Placed]] = field(default_factory=list)
    spans: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def add(made: Made, record: Mapping[str, Any], as_of: date | None, who: Resolution) -> None:
    """Add the statements of one record with its reading (columns of ``records``, entity, services ...)."""
    agency = match_award(
        record["awarding_subtier_code"], record["awarding_subtier"], record["awarding_office"],
        record["funding_subtier_code"], record["funding_subtier"], record["funding_office"],
        text=" ".join(record["descriptions"]) or None,
    )  # fmt: skip
    if agency is None:
        made.counts["no immigration agency"] += 1
        return
    for service in _merged(record["services"]):
        placed, faults = place(record, service["words"] or [])
        made.faults.extend(faults)
        if record["entity"] == "individual":
            placed = [p for p in placed if p.column != "recipient"]  # a person is not named, in spans neither
        if not placed:
            made.faults.append(f"{record['record_key']}: {service['category']} without words that decided it")
            continue
        certainty = _certainty(record, service, placed)
        shared = {
            "record_kind": record["record_kind"], "record_key": record["record_key"],
            "evidence_kind": kind_of_record(record["record_kind"]).id, "story_key": record["record_key"],
            "alone": True, "agency_id": agency.id, "agency_role": agency.role, "agency_certain": agency.certain,
            "agency_reason": agency.reason, "category": service["category"],
            "kind": service["kind"] or "", "relation": relation(record, as_of), "certainty": certainty,
            "score": service["score"], "product": service["product"], "facility": service["facility"],
            "obligated": record["obligated"], "first_action": record["first_action"],
            "last_action": record["last_action"], "terminated": bool(record["terminated"]),
            "reader_version": record["reader_version"], **_NOT_SAID,
        }  # fmt: skip
        for vendor in _vendors(record, service, who):
            company = vendor["company_id"]
            key = statement_id(
                record["record_key"], service["category"], service["kind"] or "", vendor["vendor_role"], company
            )
            made.statements.append({"statement_id": key, **vendor, **shared})
            made.places.append(placed)
            made.counts["excluded" if vendor["excluded"] else certainty] += 1


def relation(record: Mapping[str, Any], as_of: date | None) -> str:
    """'ended' when terminated or past its period of performance on the day of the newest data, else 'provides'."""
    over = record["period_end"] is not None and as_of is not None and record["period_end"] < as_of
    return "ended" if over or record["terminated"] else "provides"


def _vendors(record: Mapping[str, Any], service: Mapping[str, Any], who: Resolution) -> Iterator[dict[str, Any]]:
    own = record["company_id"]
    entity, reason = record["entity"], record["entity_reason"]
    yield {
        "vendor": vendor_name(entity, record["recipient"]), "vendor_role": _ROLE[record["record_kind"]],
        "company_id": own, "company_how": "filed", "via_company_id": None, "entity": entity, "entity_reason": reason,
        "excluded": excluded(entity, reason, own),
    }  # fmt: skip
    maker = maker_beside(service["maker"], (record["recipient"], record["parent"]), own, who)
    if maker:
        yield {
            "vendor": maker.name, "vendor_role": "maker", "company_id": maker.company_id, "company_how": maker.how,
            "via_company_id": own, "entity": "company",
            "entity_reason": f"maker of {service['product'] or 'the product'} (ordinance)",
            "excluded": None,
        }  # fmt: skip


def _certainty(record: Mapping[str, Any], service: Mapping[str, Any], placed: list[Placed]) -> str:
    """The reader's, but arguable where only the prime's words tell of a subaward."""
    told_by_prime = record["record_kind"] == "subaward" and not any(
        p.text_index is not None and p.value == record["own_description"] for p in placed
    )
    return "arguable" if told_by_prime else str(service["certainty"])


def _merged(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One service a category and kind: the likelier reading, with the words of all."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for service in sorted(services, key=lambda s: (-s["score"], s["product"] or "")):
        key = (service["category"], service["kind"] or "")
        if key in found:
            first = found[key]
            first["words"] = [*(first["words"] or []), *(service["words"] or [])]
            first["certainty"] = "clear" if "clear" in (first["certainty"], service["certainty"]) else "arguable"
            for name in ("product", "maker", "facility"):
                first[name] = first[name] or service[name]
        else:
            found[key] = dict(service)
    return list(found.values())
