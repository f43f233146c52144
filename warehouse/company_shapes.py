"""Shapes of the tables that resolution writes into the lake: ids, links, names, edges, reviews and conflicts.

Belongs here: Arrow schemas with a description per column. Does not belong here: rules (entities), SQL.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from records.schemas import field

COMPANY_MEMBER: Final = pa.schema(
    [
        field("member_id", "string", "Id as filed or listed: uei:, duns:, listed: (ordinance/families.yaml), cik:, "
              "lei:, name:, sub: (known by name within its parent only)", null=False),
        field("company_id", "string", "Company it is today", null=False),
        field("name", "string", "A name it goes by", null=False),
        field("origin", "string", "record, register, list, judgement or text", null=False),
        field("government", "bool", "True where records read as a public body's", null=False),
        field("first_seen", "date32", "First action date of a record with it"),
        field("last_seen", "date32", "Last action date of a record with it"),
        field("why", "string", "Why it is that company; null for the company's own id"),
    ]
)  # fmt: skip

COMPANY_LINK: Final = pa.schema(
    [
        field("a", "string", "One id", null=False),
        field("b", "string", "The other id", null=False),
        field("rule", "string", "filed together, stated, listed name, known name, name and second fact, or "
              "judgement N (line of the journal)", null=False),
        field("reason", "string", "Why they are one company, in words", null=False),
        field("outcome", "string", "joined, or held (a person judged otherwise, or was unsure)", null=False),
    ]
)  # fmt: skip

COMPANY_KNOWN_NAME: Final = pa.schema(
    [
        field("company_id", "string", "Company", null=False),
        field("name", "string", "Name as written", null=False),
        field("name_key", "string", "The name in one spelling (entities.names.normalise)", null=False),
        field("kind", "string", "legal, former, dba, brand (a product), press, ticker or other", null=False),
        field("valid_from", "date32", "First day it was in use, where stated; of a filed name the first action date"),
        field("valid_to", "date32", "Last day it was in use, where stated; of a filed name the last action date"),
        field("source", "string", "award, sec, gleif, or the file of the ordinance that says so", null=False),
        field("reason", "string", "What says so, and how sure it is", null=False),
        field("capture_id", "string", "Capture it was read from, null for awards and the ordinance", provenance=True),
        field("locator", "string", "Place in that capture", provenance=True),
    ]
)

COMPANY_EDGE: Final = pa.schema(
    [
        field("company_id", "string", "Company that is controlled", null=False),
        field("parent_company_id", "string", "Company that controls it", null=False),
        field("company", "string", "Its name as the source has it", null=False),
        field("parent", "string", "The parent's name as the source has it", null=False),
        field("control", "string", "ultimate_parent, parent, subsidiary, division, joint_venture, acquired, spun_off "
              "or affiliate", null=False),
        field("source", "string", "award (filed with award records), exhibit21 (SEC), gleif, ordinance", null=False),
        field("standing", "string", "stands; or why not: self (its own parent), government, ended, spun_off, "
              "superseded (filed no more)", null=False),
        field("why", "string", "Why it does not stand, or not any more; empty where it stands", null=False),
        field("valid_from", "date32", "Day control began, where stated"),
        field("valid_to", "date32", "Last day of control, where stated or followed by another owner"),
        field("first_seen", "date32", "First day for which the source states it"),
        field("last_seen", "date32", "Last day for which the source states it"),
        field("records", "int32", "Number of records that state it", null=False),
        field("ended_by", "string", "spun_off, sold or merged, where control ended"),
        field("days", "string", "Since and until when, as exactly as the source says ('since 2011-02'); empty where it "
              "does not", null=False),
        field("reason", "string", "What the source says, in words", null=False),
        field("evidence", "string", "Award record, capture and place, or line of the ordinance", null=False,
              provenance=True),
    ]
)  # fmt: skip

COMPANY_REVIEW: Final = pa.schema(
    [
        field("a", "string", "One company", null=False),
        field("b", "string", "The other company", null=False),
        field("rule", "string", "same name, legal form differs, short name, one DUNS number, name in a text, or "
              "matcher",
              null=False),
        field("reason", "string", "Why a person should look, in words", null=False),
        field("score_bits", "double", "The matcher's score in bits, null where a rule asked"),
    ]
)  # fmt: skip

COMPANY_CONFLICT: Final = pa.schema(
    [
        field("company_id", "string", "Company", null=False),
        field("kind", "string", "several_parents, circle, held_apart (rules would join what a person keeps apart) or "
              "judgements_disagree", null=False),
        field("explanation", "string", "What contradicts what, in words", null=False),
        field("others", pa.list_(pa.string()), "Companies concerned", null=False),
    ]
)  # fmt: skip

#: Lake table -> shape. The names differ from those of published registers (records.published).
COMPANY_TABLES: Final = {
    "company_member": COMPANY_MEMBER, "company_link": COMPANY_LINK, "company_known_name": COMPANY_KNOWN_NAME,
    "company_control": COMPANY_EDGE, "company_review": COMPANY_REVIEW, "company_conflict": COMPANY_CONFLICT,
}  # fmt: skip
