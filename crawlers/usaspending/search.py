"""Pages of spending_by_transaction: what to ask for, what a page must look like, and its rows as records.

Belongs here: the search's JSON. Does not belong here: which pages to fetch (slices.py, the spider).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.parsing import BadPageError, ParseContext, printable
from crawlers.usaspending import keys, select
from records.schemas import TRANSACTION

MAX_PAGE_BYTES: Final = 64 << 20
PAGE_ROWS: Final = 100

# Lake column -> the search's field; a tuple is a path into an object. Not asked for: recipient_id (the server fails
# on rows without one) and anything about a person.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "award_key": ("generated_internal_id",),
    "piid": ("Award ID",),
    "modification": ("Mod",),
    "action_type_code": ("Action Type",),
    "action_date": ("Action Date",),
    "obligation": ("Transaction Amount",),
    "awarding_toptier": ("Awarding Agency",),
    "awarding_subtier": ("Awarding Sub Agency",),
    "funding_toptier": ("Funding Agency",),
    "funding_subtier": ("Funding Sub Agency",),
    "recipient": ("Recipient Name",),
    "recipient_uei": ("Recipient UEI",),
    "recipient_state": ("recipient_location_state_code",),
    "recipient_city": ("recipient_location_city_name",),
    "psc_code": ("product_or_service_code",),
    "psc": ("product_or_service_description",),
    "naics_code": ("naics_code",),
    "naics": ("naics_description",),
    "description": ("Transaction Description",),
    "place_state": ("pop_state_code",),
    "place_city": ("pop_city_name",),
}
ASKED: Final = [path[0] for path in FIELDS.values()] + ["Award Type", "cfda_number"]
# What a response adds or a caller may have asked for besides: read by nobody, on purpose.
IGNORED: Final = frozenset({"internal_id", "Award Type", "cfda_number", "awarding_agency_id", "agency_slug",
                            "awarding_agency_slug", "funding_agency_slug", "Issued Date", "Last Date to Order"})
MANDATORY: Final = ("generated_internal_id", "Mod", "Action Date", "Transaction Amount", "Transaction Description")
_UNUSED: Final = "were not used"
_TYPES: Final = {
    "BPA CALL": "A", "PURCHASE ORDER": "B", "DELIVERY ORDER": "C", "DO": "C", "DEFINITIVE CONTRACT": "D", "DCA": "D",
    "BPA": "A", "PO": "B",
}  # fmt: skip
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def page(body: bytes | str, where: str = "page") -> dict[str, Any]:
    """A page's JSON. Raises BadPageError when it is none, lacks results or paging, or ignored one of our filters."""
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError as problem:
        raise BadPageError(f"is no JSON ({problem})", where=where, do="Fetch the page again") from None
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list) or not all(isinstance(row, dict) for row in results):
        raise BadPageError("has no list 'results'", where=where, do="Fetch the page again; the API may have changed")
    refused = ignored_filters(found)
    if refused:
        raise BadPageError(f"answers another question: {refused}", where=where,
                           do="A filter's name is wrong or gone: correct it in crawlers/usaspending")
    metadata = found.get("page_metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("hasNext"), bool):
        raise BadPageError("says nothing of further pages (page_metadata.hasNext)", where=where,
                           do="Fetch the page again; the API may have changed")
    return found


def ignored_filters(answer: Mapping[str, Any]) -> str | None:
    """The service's remark that it left filters aside (status 200, wrong rows), None when it made none."""
    messages = answer.get("messages") or []
    return next((printable(str(text)) for text in messages if _UNUSED in str(text)), None)


def identity(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two rows of pages the same action; the search gives no transaction id (usaspending.md 3.3)."""
    names = ("generated_internal_id", "Mod", "Action Date", "Transaction Amount", "Transaction Description")
    return tuple(str(row.get(name)) for name in names)


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """One batch for one page. Raises BadPageError."""
    body = payload.read(MAX_PAGE_BYTES + 1)
    if len(body) > MAX_PAGE_BYTES:
        raise BadPageError(f"is larger than {MAX_PAGE_BYTES:,} bytes", where="page", do="Ask for fewer rows")
    rows = page(body)["results"]
    if not rows:
        return
    _check_fields(rows, context)
    records = [record for number, row in enumerate(rows) if (record := _record(row, number, context)) is not None]
    context.read["transaction"] += len(rows)
    kept = [r for r in records if context.keep is None or {r["awarding_subtier_code"], r["funding_subtier_code"]}
            & context.keep]
    context.left_out += len(records) - len(kept)
    if kept:
        yield "transaction", pa.RecordBatch.from_pylist(kept, schema=TRANSACTION)


def cell(row: Mapping[str, Any], column: str) -> str | None:
    """The text of a lake column as the page has it; None when it is absent or empty."""
    value: Any = row
    for step in FIELDS.get(column, ()):
        value = value.get(step) if isinstance(value, Mapping) else None
    if value is None or value is row or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _check_fields(rows: Sequence[Mapping[str, Any]], context: ParseContext) -> None:
    known = {path[0] for path in FIELDS.values()} | IGNORED
    counts = Counter(name for row in rows for name in row)
    for name in sorted(set(counts) - known):
        context.report("unknown_column", "is no field this program asked for; it was not read", where="page",
                       column=printable(name), count=counts[name])
    for name in MANDATORY:
        if name not in counts:
            raise BadPageError(f"rows lack the field '{name}'", where="page",
                               do="The API changed: map the field's successor in crawlers/usaspending/search.py")


def _record(row: Mapping[str, Any], number: int, context: ParseContext) -> dict[str, Any] | None:
    text = {column: cell(row, column) for column in FIELDS}
    locator = f"json:$.results[{number}]"
    award = text["award_key"]
    parts = keys.parse(award) if award else None
    key = keys.transaction_key(award, text["modification"], cell_text(row, "cfda_number")) if award else None
    if award is None or parts is None or key is None:
        context.report("no_key", "has no readable generated_internal_id: the row was left out", where="page",
                       column="award_key", rows=(number,), severity="error")
        return None
    record: dict[str, Any] = dict.fromkeys(TRANSACTION.names)
    record |= text
    record |= {
        "transaction_key": key, "key_origin": "derived", "award_key": award, "award_kind": parts.kind,
        "award_type_code": _TYPES.get((cell_text(row, "Award Type") or "").upper()),
        "parent_piid": parts.parent_piid, "awarding_subtier_code": parts.agency, "deleted": False,
        "action_date": _day(text["action_date"], number, context),
        "obligation": _amount(text["obligation"], number, context),
        "source": context.source, "capture_id": context.capture_id, "locator": locator,
    }
    record["fact_sha256"] = fact_sha256(record)
    return record


def cell_text(row: Mapping[str, Any], name: str) -> str | None:
    """A flat field's text, None when absent or empty."""
    value = row.get(name)
    return str(value) if value not in (None, "") else None


def fact_sha256(record: Mapping[str, Any], flags: str | None = None) -> str:
    """The fact hash of a transaction record, equal to the SQL's (select.fact_hash)."""
    values = [*(record.get(name) for name in select.fact_names("transaction")), flags]
    return hashlib.sha256("\x1f".join(_canonical(value) for value in values).encode()).hexdigest()


def _canonical(value: object) -> str:
    if value is None:
        return "\0"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def _day(text: str | None, number: int, context: ParseContext) -> date | None:
    if text is None:
        return None
    try:
        found = date.fromisoformat(text[:10]) if _DAY.match(text) else None
    except ValueError:
        found = None
    if found is None:
        context.report("date", "is no date and was left empty", where="page", column="action_date", rows=(number,))
    elif not select.FIRST_DAY <= found <= context.as_of + timedelta(days=1):
        context.report("day", "is before 1900 or in the future and was left empty", where="page",
                       column="action_date", rows=(number,))
        return None
    return found


def _amount(text: str | None, number: int, context: ParseContext) -> Decimal | None:
    if text is None:
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        context.report("amount", "is no amount and was left empty", where="page", column="obligation", rows=(number,))
        return None
    if not found.is_finite() or abs(found) > select.ABSURD_DOLLARS:
        context.report("absurd", "is above a trillion dollars and was left empty", where="page", column="obligation",
                       rows=(number,))
        return None
    return found.quantize(Decimal("0.01"))
