"""One document and its reading become statements: pure functions, row by row, as statement_rows.py does for awards.

Belongs here: who supplies what to whom by which sentence, why it may or may not make a candidate, where its words
stand. Does not belong here: queries, files, the reader, which company a name is (entities).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crawlers.sam.cells import plain
from entities.resolution.resolver import Resolution
from ordinance.evidence import context, kind_of_record, reliability
from records.ids import text_statement_id
from warehouse.showing import SENTENCE
from warehouse.statement_rows import Made
from warehouse.text_places import places
from warehouse.text_vendors import posted_name
from warehouse.vendors import excluded, maker_beside

NOBODY: Final = "(nobody yet)"
#: Relations that may make a candidate (ordinance/weights.yaml, relation).
SUPPLIES: Final = frozenset({"provides", "ended"})
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MOST_AMOUNT: Final = 1e15
_FILLED: Final = ("product", "maker", "facility", "via", "amount", "amount_kind", "date")


def add(made: Made, document: Mapping[str, Any], who: Resolution) -> None:
    """Add the statements of one document (a row of ``documents`` with text, segments and its reading)."""
    ids: set[str] = set()
    for found in _merged(document, made):
        for vendor in _vendors(document, found, who):
            statement = _statement(document, found, vendor)
            if statement["statement_id"] in ids:  # another spelling of the same company: the surest stands
                continue
            ids.add(statement["statement_id"])
            spans, faults = _spans(statement["statement_id"], document, found)
            made.refused += faults
            if faults:
                continue
            if not any(span["rule"] != SENTENCE for span in spans):
                made.counts["words that stand nowhere in the captured file"] += 1
                continue
            made.statements.append(statement)
            made.spans += spans
            made.counts["excluded" if statement["excluded"] else statement["certainty"]] += 1


def _merged(document: Mapping[str, Any], made: Made) -> Iterator[dict[str, Any]]:
    """One finding a vendor, agency, category, kind and relation: the surest, with the words of all."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    order = sorted(document["statements"], key=lambda f: (-f["score"], f["start"], f["end"], f["vendor"] or ""))
    for one in order:
        if one["agency_id"] is None or one["category"] is None:
            made.counts["no immigration agency"] += 1
            continue
        if one["entity"] == "individual":  # not even as a vendor: organisations, never private individuals
            made.counts["natural person"] += 1
            continue
        names = ("vendor", "agency_id", "category", "kind", "relation")
        key = tuple(str(one[name] or "") for name in names)
        if key in found:
            first = found[key]
            first["words"] += [word for word in one["words"] or () if word not in first["words"]]
            first["certainty"] = "clear" if "clear" in (first["certainty"], one["certainty"]) else "arguable"
            for name in _FILLED:
                first[name] = first[name] if first[name] is not None else one[name]
        else:
            found[key] = {**one, "words": list(one["words"] or ())}
    yield from found.values()


def _vendors(
    document: Mapping[str, Any], found: Mapping[str, Any], who: Resolution
) -> Iterator[dict[str, Any]]:
    if not found["vendor"]:
        yield {"vendor": NOBODY, "vendor_role": "nobody", "company_id": None, "company_how": None,
               "via_company_id": None, "entity": "none", "entity_reason": "the text names no vendor"}  # fmt: skip
        return
    name = posted_name(found["vendor"]) if found["vendor"] == document["awardee"] else found["vendor"]
    own = who.of_name(name)
    yield {
        "vendor": name, "vendor_role": "vendor", "company_id": own.company_id, "company_how": own.how,
        "via_company_id": None, "entity": found["entity"] or "company",
        "entity_reason": found["entity_reason"] or "the text names it",
    }  # fmt: skip
    maker = maker_beside(found["maker"], (name,), own.company_id, who)
    if maker:
        yield {
            "vendor": maker.name, "vendor_role": "maker", "company_id": maker.company_id, "company_how": maker.how,
            "via_company_id": own.company_id, "entity": "company",
            "entity_reason": f"maker of {found['product'] or 'the product'} (ordinance)",
        }  # fmt: skip


def _statement(document: Mapping[str, Any], found: Mapping[str, Any], vendor: Mapping[str, Any]) -> dict[str, Any]:
    tier = document["reliability"]
    published, said = document["published"], _day(found["date"], last=found["relation"] == "ended")
    ended = found["relation"] == "ended" and said is not None
    amount = found["amount"]
    return {
        **vendor, "statement_id": text_statement_id(
            document["work_key"], document["text_sha256"], found["category"], found["kind"] or "", found["relation"],
            found["agency_id"], vendor["vendor_role"], vendor["company_id"] or ""),
        "record_kind": document["kind"], "record_key": document["document_id"],
        "evidence_kind": kind_of_record(document["kind"]).id, "story_key": document["story_key"],
        "via": found["via"], "excluded": _excluded(found, vendor), "alone": tier is None or reliability(tier).alone,
        "agency_id": found["agency_id"], "agency_certain": bool(found["agency_certain"]),
        "agency_role": "posting" if found["agency_id"] == document["listed_agency_id"] else "named",
        "agency_reason": f"the text says “{found['agency']}”" if found["agency"] else "the notice is its own",
        "category": found["category"], "kind": found["kind"] or "", "relation": found["relation"],
        "certainty": found["certainty"], "score": found["score"], "product": found["product"],
        "facility": found["facility"], "obligated": None,
        "amount": round(Decimal(str(amount)), 2) if amount is not None and abs(amount) < _MOST_AMOUNT else None,
        "amount_kind": found["amount_kind"],
        "first_action": said if not ended and said and (published is None or said <= published) else None,
        "last_action": min(filter(None, (said if ended else None, published)), default=None),
        "stated_on": published, "date_said": found["date"], "terminated": False, "outlet_id": document["outlet_id"],
        "reliability": tier, "sentence": found["sentence"] if _quotable(found) else None,
        "reader_version": document["reader_version"],
    }  # fmt: skip


def _excluded(found: Mapping[str, Any], vendor: Mapping[str, Any]) -> str | None:
    """Why it makes no candidate: the relation first, then who the vendor is."""
    relation = str(found["relation"])
    if relation not in SUPPLIES:
        return f"{relation}: {context(relation) or 'no relation that supplies'}"
    if vendor["company_id"] is None:
        return "no company named: the text names no vendor"
    return excluded(vendor["entity"], vendor["entity_reason"], vendor["company_id"])


def _day(said: str | None, *, last: bool) -> date | None:
    """The first day of a date that may be a year or a month, or the last; None for what is no date."""
    found = _DAY.fullmatch(said or "")
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        whole = date(year or 0, month or (12 if last else 1), day or 1)
    except ValueError:
        return None
    if day is None and last:
        return whole.replace(day=calendar.monthrange(whole.year, whole.month)[1])
    return whole


def _spans(
    statement_id: str, document: Mapping[str, Any], found: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Spans of the words, strongest first, and of the sentence last; and words that the text does not say there.

    Words that extraction wrote, or that stand in the page otherwise, have no place in the file and are left out.
    """
    text, faults = document["text"], []
    spans: list[dict[str, Any]] = []
    for word in _said(found):
        start, end = word["start"], word["end"]
        if text[start:end] != word["text"]:
            faults.append(f"document {document['document_id']}: '{str(word['text'])[:80]}' is not at {start}-{end}")
            continue
        where = places(text, document["segments"] or (), start, end, document["locator"])
        span = {"words": word["text"], "column": "text", "start": start, "end": end, "rule": word["rule"],
                "bits": word["bits"], "places": where, **_seen(document)}  # fmt: skip
        if where is not None and span not in spans:
            spans.append(span)
    spans += _posted(document, found)
    spans.sort(key=lambda span: span["rule"] == SENTENCE)
    for position, span in enumerate(spans):
        span |= {"statement_id": statement_id, "position": position, "transaction_key": None}
    return spans, faults


def _said(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The words that decided it (a score's bias has none), and the sentence where any of them stands in it."""
    words = [word for word in found["words"] if word["text"]]
    if not _quotable(found):
        return words
    return [*words, {"text": found["sentence"], "start": found["start"], "end": found["end"], "rule": SENTENCE,
                     "bits": 0.0}]  # fmt: skip


def _quotable(found: Mapping[str, Any]) -> bool:
    """A notice may be read by its title and awardee; then the sentence beside them says nothing of it."""
    return bool(found["sentence"]) and any(
        word["text"] and found["start"] <= word["start"] < found["end"] for word in found["words"]
    )


def _posted(document: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Words of the notice's own columns: the awardee it is about, and its title, which the reader was given too."""
    row, awardee = document["posted"], document["awardee"]
    if document["kind"] != "notice" or row is None:
        return
    said = []
    if row["title"] and plain(row["title"]):
        said.append(("title", " ".join(row["title"].split())))
    if awardee and found["vendor"] and awardee.startswith(found["vendor"]):
        said.append(("awardee", posted_name(awardee) if found["vendor"] == awardee else found["vendor"]))
    for column, words in said:
        yield {"words": words, "column": column, "start": 0, "end": len(words), "rule": f"notice.{column}", "bits": 0.0,
               "places": None, **_seen(row)}  # fmt: skip


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("source", "capture_id", "locator")}
