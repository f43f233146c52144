"""Shapes of the tables this room writes into the lake: composed awards and what composing decided.

Belongs here: Arrow schemas with a description per column. Does not belong here: shapes that other rooms share
(records/schemas.py), SQL.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from records import schemas
from records.schemas import field

_MONEY: Final = pa.decimal128(18, 2)

#: The columns of an award that are the latest filed value among its actions.
LATEST: Final = (
    "award_kind", "award_type_code", "piid", "parent_piid",
    *(f.name for f in schemas.TRANSACTION if f.name.startswith(("awarding_", "funding_"))),
    "recipient", "recipient_dba", "recipient_uei", "recipient_duns", "recipient_cage",
    "parent", "parent_uei", "parent_duns", "recipient_country", "recipient_state", "recipient_city",
    "psc_code", "psc", "naics_code", "naics", "solicitation_id",
    "place_country", "place_state", "place_city", "permalink", "ceiling", "period_end",
)  # fmt: skip


def _latest(name: str) -> pa.Field:
    source = schemas.TRANSACTION.field(name)
    return field(name, source.type, source.metadata[b"description"].decode() + "; latest filed value")


AWARD: Final = pa.schema(
    [
        field("award_key", "string", "Award (generated_internal_id)", null=False),
        *(_latest(name) for name in LATEST),
        field("period_start", "date32", "Earliest start of performance filed"),
        field("business_flags", pa.list_(pa.string()), "All business-type columns true on any action", null=False),
        field("actions", "int64", "Number of actions counted", null=False),
        field("obligated", _MONEY, "Sum of all obligations and de-obligations in US dollars", null=False),
        field("obligated_up", _MONEY, "Sum of the positive obligations in US dollars", null=False),
        field("deobligated", _MONEY, "Sum of the de-obligations in US dollars, negative or zero", null=False),
        field("first_action", "date32", "First action date"),
        field("last_action", "date32", "Last action date"),
        field("terminated", "bool", "A termination or cancellation (contract action types E, F, X, N) that no later "
              "positive obligation follows", null=False),
        field("terminated_on", "date32", "Date of that termination"),
        field("from_summary", "bool", "True when only an award summary was found, no transaction", null=False),
    ]
)  # fmt: skip

AWARD_TEXT: Final = pa.schema(
    [
        field("award_key", "string", "Award", null=False),
        field("text_index", "int32", "Position: base description first, then by action date, from 0", null=False),
        field("description", "string", "A distinct description as filed", null=False),
        field("transaction_key", "string", "First action it stands on", null=False, provenance=True),
        field("source", "string", "Source of the row it was read from", null=False, provenance=True),
        field("capture_id", "string", "Capture it was read from", null=False, provenance=True),
        field("locator", "string", "Row in that capture", null=False, provenance=True),
        field("column", "string", "description or base_description", null=False, provenance=True),
    ]
)

TOMBSTONE: Final = pa.schema(
    [
        field("transaction_key", "string", "Action that the source deleted", null=False),
        field("award_key", "string", "Its award", null=False),
        field("last_modified", "date32", "When the source deleted it"),
        field("obligation", _MONEY, "Obligation of the removed action in US dollars, null if it was never seen"),
        field("removed", "bool", "True when a row was removed; false when the row was never seen or came back later",
              null=False),
        field("source", "string", "Source of the deletion record", null=False, provenance=True),
        field("capture_id", "string", "Capture of the deletion record", null=False, provenance=True),
        field("locator", "string", "Row in that capture", null=False, provenance=True),
    ]
)  # fmt: skip

CORRECTION: Final = pa.schema(
    [
        field("transaction_key", "string", "Action that stands", null=False),
        field("award_key", "string", "Its award", null=False),
        field("reason", "string", "newer (a later version of the row), filed (a row with an official key stands for "
              "one without) or transactions (real actions stand for an award summary)", null=False),
        field("obligation", _MONEY, "Obligation that stands in US dollars"),
        field("old_obligation", _MONEY, "Obligation before in US dollars"),
        field("description", "string", "Description that stands"),
        field("old_description", "string", "Description before"),
        field("last_modified", "date32", "When the source last changed the row that stands"),
        field("old_last_modified", "date32", "When the source last changed the row before"),
        field("old_fact_sha256", "string", "Facts of the row before", null=False),
        field("capture_id", "string", "Capture of the row that stands", null=False, provenance=True),
        field("old_capture_id", "string", "Capture of the row before", null=False, provenance=True),
        field("old_locator", "string", "Row before, in that capture", null=False, provenance=True),
    ]
)  # fmt: skip

#: Lake table -> shape, for the tables composed here.
COMPOSED: Final = {
    "transaction_current": schemas.TRANSACTION,
    "award": AWARD,
    "award_text": AWARD_TEXT,
    "tombstone": TOMBSTONE,
    "correction": CORRECTION,
    "subaward_current": schemas.SUBAWARD,
}

RECORD_VENDOR: Final = pa.schema(
    [
        field("record_kind", "string", "award or subaward", null=False),
        field("record_key", "string", "Key of the record", null=False),
        field("company_id", "string", "Company the vendor is", null=False),
        field("parent_company_id", "string", "Ultimate parent's company id, from its identifiers as filed"),
        *(
            schemas.TRANSACTION.field(name)
            for name in ("recipient", "recipient_dba", "recipient_uei", "recipient_duns",
                         "parent", "parent_uei", "parent_duns")
        ),
        field("entity", "string", "company, nonprofit, individual or government (§2.6)", null=False),
        field("entity_reason", "string", "What decided the entity kind", null=False),
        field("first_action", "date32", "First action date of the record"),
        field("last_action", "date32", "Last action date of the record"),
    ]
)  # fmt: skip

DOCUMENT_STANDING: Final = pa.schema(
    [
        field("document_id", "string", "Document, the first seen of its words that verifies", null=False),
        field("work_key", "string", "Whose text it is: kind and record (of articles the outlet too, of attachments the "
              "file); texts of one work follow each other", null=False),
        field("current", "bool", "True for the text of the work that stands; earlier ones are history and not read",
              null=False),
        field("story_key", "string", "What counts as one: the notices of one procurement, the copies of one wire story "
              "and the texts of one Federal Register document share it; else the work", null=False),
        field("listed_agency_id", "string", "Listed agency whose notice or publication it is"),
        field("read", "bool", "False where the reader's gate found no agency or service in it; null where it was not "
              "given to the reader"),
        field("findings", "int32", "Statements the reader found in it; null where it was not given to the reader"),
    ]
)  # fmt: skip

FACILITY_LINK: Final = pa.schema(
    [
        field("record_kind", "string", "award or notice", null=False),
        field("record_key", "string", "award_key or notice_id", null=False),
        field("facility_key", "string", "Facility named (see facility)", null=False),
        field("how", "string", "name_and_state where the record says or has the state, else name", null=False),
        field("words", "string", "The words that name it, as the record has them", null=False),
        field("text_index", "int32", "Description they stand in (award_text), null for notices"),
        field("start", "int32", "First character in that text", null=False),
        field("end", "int32", "One past the last character", null=False),
    ]
)  # fmt: skip
