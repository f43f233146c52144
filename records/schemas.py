"""Arrow schemas of the lake's tables: one description per column, kept in the field's metadata.

The data dictionary (DuckDB comments and docs/) is made from these descriptions. A column marked
``provenance`` says where a fact was seen (capture, file, row); two undisturbed runs agree on every
other column, so a table's *facts hash* leaves provenance out.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_MONEY: Final = pa.decimal128(18, 2)
_TEXTS: Final = pa.list_(pa.string())


def field(
    name: str, kind: pa.DataType | str, description: str, *, null: bool = True, provenance: bool = False
) -> pa.Field:
    """A column with its description; ``null=False`` makes a missing value a failed check."""
    metadata = {"description": description}
    if provenance:
        metadata["provenance"] = "true"
    dtype = pa.type_for_alias(kind) if isinstance(kind, str) else kind
    return pa.field(name, dtype, nullable=null, metadata=metadata)


def is_provenance(column: pa.Field) -> bool:
    """True for a column that says where a fact was seen, not what it says."""
    return bool(column.metadata and column.metadata.get(b"provenance") == b"true")


CAPTURE: Final = pa.schema(
    [
        field("capture_id", "string", "Stable id: from request URI, request body and payload hash", null=False),
        field("source", "string", "Name of the source (crawlers/sources/NAME.yaml) or 'import'", null=False),
        field("run_id", "string", "Run that fetched it", null=False, provenance=True),
        field("uri", "string", "Requested address as archived (WARC-Target-URI)", null=False),
        field("method", "string", "HTTP method, or IMPORT for a file handed in by an analyst", null=False),
        field("request_sha256", "string", "SHA-256 of the request body, null when there was none"),
        field("status", "int32", "HTTP status, null for imports"),
        field("media_type", "string", "Content-Type without parameters"),
        field("fetched_at", pa.timestamp("us", tz="UTC"), "When the response arrived", null=False, provenance=True),
        field("payload_sha256", "string", "SHA-256 of the payload (entity body after content decoding)", null=False),
        field("payload_bytes", "int64", "Length of the payload in bytes", null=False),
        field("warc_file", "string", "WARC file, relative to data/evidence", null=False, provenance=True),
        field("warc_offset", "int64", "Byte offset of the record's gzip member", null=False, provenance=True),
        field("warc_length", "int64", "Compressed length of the record in bytes", null=False, provenance=True),
        field("verdict", "string", "ok, or why it is no evidence: block_page, captcha, login, error, truncated, "
              "wrong_type, empty; not_modified: as it was when last fetched (304)", null=False),
        field("verdict_reason", "string", "What decided the verdict, in words"),
        field("revisit_of", "string", "capture_id whose identical payload this record points to", provenance=True),
    ]
)

# Where a value was seen: capture + member/row (CSV) or JSON path, then the column. See records.locate.
SEEN: Final = [
    field("source", "string", "Source that supplied the row", null=False, provenance=True),
    field("capture_id", "string", "Capture the row was read from", null=False, provenance=True),
    field("locator", "string", "Place of the row in the capture: 'csv:MEMBER#ROW' (ROW counts data rows from 1) "
          "or 'json:$.results[N]'", null=False, provenance=True),
]


def _agency(role: str) -> list[pa.Field]:
    return [
        field(f"{role}_toptier_code", "string", f"{role} department, CGAC code (070 = DHS)"),
        field(f"{role}_toptier", "string", f"{role} department as filed"),
        field(f"{role}_subtier_code", "string", f"{role} sub-tier code (7012 = ICE)"),
        field(f"{role}_subtier", "string", f"{role} sub-tier as filed"),
        field(f"{role}_office_code", "string", f"{role} office code"),
        field(f"{role}_office", "string", f"{role} office as filed"),
    ]


_RECIPIENT: Final = [
    field("recipient", "string", "Recipient's legal name as filed"),
    field("recipient_dba", "string", "Doing-business-as name as filed"),
    field("recipient_uei", "string", "Unique Entity Identifier, 12 characters"),
    field("recipient_duns", "string", "DUNS number, 9 digits (before April 2022)"),
    field("recipient_cage", "string", "CAGE code"),
    field("parent", "string", "Ultimate parent's name as filed"),
    field("parent_uei", "string", "Ultimate parent's UEI as filed"),
    field("parent_duns", "string", "Ultimate parent's DUNS as filed"),
    field("recipient_country", "string", "Recipient's country code as filed"),
    field("recipient_state", "string", "Recipient's state code"),
    field("recipient_city", "string", "Recipient's city"),
    field("business_flags", _TEXTS, "Names of the official business-type columns that are true, sorted "
          "(us_local_government, tribally_owned_firm, ...)"),
]

TRANSACTION: Final = pa.schema(
    [
        field("transaction_key", "string", "contract_/assistance_transaction_unique_key; derived where the source "
              "gives none (see key_origin)", null=False),
        field("key_origin", "string", "'filed', or 'derived' from the award's id and modification number", null=False),
        field("award_key", "string", "contract_/assistance_award_unique_key (generated_internal_id)", null=False),
        field("award_kind", "string", "contract, idv or assistance", null=False),
        field("award_type_code", "string", "USAspending award type code (A-D, IDV_*, 02-11, F001-F010)"),
        field("piid", "string", "Procurement Instrument Identifier, or FAIN/URI of assistance"),
        field("parent_piid", "string", "PIID of the vehicle the award was ordered from"),
        field("modification", "string", "Modification number, '0' for the base award"),
        field("action_type_code", "string", "Action type as filed (E, F, X are terminations)"),
        field("action_date", "date32", "Date the action was taken"),
        field("last_modified", "date32", "Date the source system last changed the row"),
        field("obligation", _MONEY, "federal_action_obligation in US dollars; negative is a de-obligation"),
        field("ceiling", _MONEY, "Potential total value of the award in US dollars, as filed on this action"),
        field("period_start", "date32", "Period of performance, start"),
        field("period_end", "date32", "Period of performance, current end"),
        *_agency("awarding"),
        *_agency("funding"),
        *_RECIPIENT,
        field("psc_code", "string", "Product or Service Code, 4 characters"),
        field("psc", "string", "Product or Service Code's description"),
        field("naics_code", "string", "NAICS code, 6 digits"),
        field("naics", "string", "NAICS description"),
        field("description", "string", "Transaction description as filed"),
        field("base_description", "string", "Description of the base transaction as filed"),
        field("solicitation_id", "string", "Solicitation identifier"),
        field("place_country", "string", "Place of performance, country code"),
        field("place_state", "string", "Place of performance, state code"),
        field("place_city", "string", "Place of performance, city"),
        field("permalink", "string", "usaspending.gov page of the award"),
        field("deleted", "bool", "True for a deletion record (delta file, correction_delete_ind = D)", null=False),
        field("fact_sha256", "string", "SHA-256 over the row's fact columns: equal for exact duplicates", null=False),
        *SEEN,
    ]
)

SUBAWARD: Final = pa.schema(
    [
        field("subaward_key", "string", "Subaward report id + number, else a hash of the row's facts", null=False),
        field("prime_award_key", "string", "Award the subaward was made under", null=False),
        field("prime_recipient", "string", "Prime recipient's name as filed"),
        field("prime_recipient_uei", "string", "Prime recipient's UEI"),
        field("subaward_number", "string", "Subaward number as filed"),
        field("action_date", "date32", "Subaward action date"),
        field("amount", _MONEY, "Subaward amount in US dollars"),
        field("awarding_subtier_code", "string", "Prime's awarding sub-tier code"),
        field("awarding_subtier", "string", "Prime's awarding sub-tier as filed"),
        field("funding_subtier_code", "string", "Prime's funding sub-tier code"),
        field("funding_subtier", "string", "Prime's funding sub-tier as filed"),
        field("awarding_office", "string", "Prime's awarding office as filed"),
        field("funding_office", "string", "Prime's funding office as filed"),
        *_RECIPIENT,
        field("naics_code", "string", "Prime award's NAICS code"),
        field("naics", "string", "Prime award's NAICS description"),
        field("description", "string", "Subaward description as filed"),
        field("prime_description", "string", "Prime award's base description as filed"),
        field("permalink", "string", "usaspending.gov page of the prime award"),
        field("fact_sha256", "string", "SHA-256 over the row's fact columns", null=False),
        *SEEN,
    ]
)

# What the award reader (nlp) is given, and what it gives back: Arrow batch in, Arrow batch out, so that
# the same function runs in a process pool here and under mapInArrow on a cluster.
READING_INPUT: Final = pa.schema(
    [
        field("award_key", "string", "Award, or subaward_key of a subaward", null=False),
        field("agency", "string", "Agencies as filed, awarding then funding, joined by ' | '"),
        field("office", "string", "Offices as filed, awarding then funding, joined by ' | '"),
        field("recipient", "string", "Recipient's name"),
        field("parent", "string", "Parent's name as filed"),
        field("psc_code", "string", "PSC"), field("psc", "string", "PSC description"),
        field("naics_code", "string", "NAICS"), field("naics", "string", "NAICS description"),
        field("descriptions", _TEXTS, "Distinct descriptions, base first, then by action date", null=False),
        field("business_flags", _TEXTS, "True business-type columns"),
    ]
)

_WORD: Final = pa.struct(
    [
        field("text", "string", "The exact words"),
        field("description", "int32", "Index into descriptions; -1 other field (see field)"),
        field("field", "string", "descriptions, recipient, psc, naics, office or agency"),
        field("start", "int32", "First character of the words in that text"),
        field("end", "int32", "One past the last character"),
        field("rule", "string", "Id of the rule or product that matched (ordinance/*.yaml)"),
        field("bits", "double", "Evidence in bits (log2 odds), negative speaks against"),
    ]
)

SERVICE_FOUND: Final = pa.struct(
    [
        field("category", "string", "data_broker, extreme_vetting or detention"),
        field("kind", "string", "Prong, analytics kind or detention support (ordinance/services.yaml)"),
        field("certainty", "string", "clear or arguable"),
        field("score", "double", "Probability that the category applies, 0 to 1"),
        field("product", "string", "Product id (ordinance/products.yaml) or null"),
        field("maker", "string", "Maker of the product or null"),
        field("facility", "string", "Facility named, or null"),
        field("words", pa.list_(_WORD), "What decided it, strongest first"),
    ]
)

READING: Final = pa.schema(
    [
        field("award_key", "string", "As given", null=False),
        field("entity", "string", "company, nonprofit, individual or government (§2.6)", null=False),
        field("entity_reason", "string", "Flag or words that decided the entity kind", null=False),
        field("services", pa.list_(SERVICE_FOUND), "Services found; empty when none", null=False),
        field("reader_version", "string", "Hash of reader code and ordinance data", null=False),
    ]
)

STATEMENT: Final = pa.schema(
    [
        field("statement_id", "string", "Stable id from subject record, category, kind and vendor (of a text: relation "
              "and agency too)", null=False),
        field("record_kind", "string", "award, subaward; of texts: notice, article, federal_register, report, "
              "attachment, filing or city", null=False),
        field("record_key", "string", "Key of the record it was read from: award_key, subaward_key, of texts "
              "document_id", null=False),
        field("evidence_kind", "string", "Kind of evidence such a record is (ordinance/evidence.yaml)", null=False),
        field("story_key", "string", "What counts as one: the notices of one procurement, the copies of one wire story "
              "and the texts of one Federal Register document share it; else the record itself", null=False),
        field("vendor", "string", "Vendor as the record names it; '(nobody yet)' where something is asked for and "
              "nobody is named", null=False),
        field("vendor_role", "string", "recipient, subrecipient, vendor (as a text names it), maker (of a product a "
              "reseller sells), or nobody (a request)", null=False),
        field("company_id", "string", "Company the vendor is (see company); null for a request"),
        field("company_how", "string", "How the company was told: filed (identifiers or name of the record itself), "
              "name (a known company is told by this name: company_rekey says why), new (no other record names it); "
              "null for a request"),
        field("via_company_id", "string", "Reseller's company_id where vendor_role is maker"),
        field("via", "string", "Reseller or prime through whom it is supplied, as a text names it"),
        field("entity", "string", "company, nonprofit, individual or government; of a request 'none'", null=False),
        field("entity_reason", "string", "What decided the entity kind", null=False),
        field("excluded", "string", "Reason it makes no candidate (§2.6, or its relation), null when it may"),
        field("alone", "bool", "False where it supports a candidate that others make but makes none by itself: an "
              "outlet that is not held reliable (ordinance/evidence.yaml)", null=False),
        field("agency_id", "string", "ordinance/agencies.yaml id that makes the record count", null=False),
        field("agency_role", "string", "awarding, funding or both; of texts: posting (the notice is its own) or named",
              null=False),
        field("agency_certain", "bool", "False where the agency has immigration work only in part and nothing says "
              "that this record is part of it", null=False),
        field("agency_reason", "string", "Why the agency makes the record count, in words", null=False),
        field("category", "string", "data_broker, extreme_vetting or detention", null=False),
        field("kind", "string", "Prong, analytics kind or support", null=False),
        field("relation", "string", "provides or ended; of texts also proposed, requested, bid_or_attended, "
              "indirect_access, denied, mentioned_only (LABELLING.md)", null=False),
        field("certainty", "string", "clear or arguable", null=False),
        field("score", "double", "Probability that the category applies, of texts that the statement holds as read",
              null=False),
        field("product", "string", "Product id or null"),
        field("facility", "string", "Facility or null"),
        field("obligated", _MONEY, "Sum of the record's obligations in US dollars; null for texts"),
        field("amount", _MONEY, "Amount a text states in US dollars; not added to obligations"),
        field("amount_kind", "string", "What that amount is: contract, obligated, ceiling, per_year, per_month ..."),
        field("first_action", "date32", "First action date of the record; of a text the day since when, as stated"),
        field("last_action", "date32", "Last action date of the record; of a text the day it was published, or ended "
              "as stated"),
        field("stated_on", "date32", "Day a text was published; null for awards"),
        field("date_said", "string", "Since or when, as exact as the text says it (2018, 2018-01, 2018-01-08)"),
        field("terminated", "bool", "True when the record (of a subaward: its prime) was terminated", null=False),
        field("outlet_id", "string", "Outlet of an article or report (crawlers/outlets.yaml)"),
        field("reliability", "string", "Reliability tier of that outlet (§3.3.a); null for what agencies publish"),
        field("sentence", "string", "The sentence of a text that says it"),
        field("reader_version", "string", "Version of the reader that made it", null=False),
    ]
)

STATEMENT_SPAN: Final = pa.schema(
    [
        field("statement_id", "string", "Statement the words support", null=False),
        field("position", "int32", "Order of strength, from 0", null=False),
        field("words", "string", "The exact words", null=False),
        field("column", "string", "Column of the source row they stand in; of a document 'text'", null=False),
        field("start", "int32", "First character within that value", null=False),
        field("end", "int32", "One past the last character", null=False),
        field("rule", "string", "Rule or product id", null=False),
        field("bits", "double", "Evidence in bits", null=False),
        field("transaction_key", "string", "Row the words were read from"),
        field("places", _TEXTS, "Of words in a text: where each run of them stands in the captured file, in order. "
              "'bytes:B-E' says them, 'within:B-E' are bytes that say more, 'pdf:...', 'docx:...', 'xlsx:...' a place "
              "in that file; 'MEMBER!/' before it names a file within a zip", provenance=True),
        *SEEN,
    ]
)

# What the text reader (nlp) is given, and what it gives back: Arrow batch in, Arrow batch out, as for awards.
DOCUMENT_INPUT: Final = pa.schema(
    [
        field("document_id", "string", "Document (see document)", null=False),
        field("kind", "string", "notice, attachment, article, federal_register, report, filing or city", null=False),
        field("title", "string", "Title; not part of text unless text repeats it"),
        field("text", "large_string", "The text; all characters counted below are counted in it", null=False),
        field("published", "date32", "Day of publication as stated"),
        field("publisher", "string", "Publisher or agency"),
        field("agency_id", "string", "Listed agency the record belongs to (a notice's), null when none is known"),
        field("notice_type", "string", "Type of the notice (see notice), null for other kinds"),
        field("awardee", "string", "Awardee as posted on an award notice, null otherwise"),
    ]
)

_TEXT_WORD: Final = pa.struct(
    [
        field("text", "string", "The exact words"),
        field("role", "string", "vendor, agency, service, product, facility, amount, date, relation or other"),
        field("start", "int32", "First character in the document's text"),
        field("end", "int32", "One past the last character"),
        field("rule", "string", "Id of the rule, product or component that found them"),
        field("bits", "double", "Evidence in bits (log2 odds), negative speaks against"),
    ]
)

TEXT_FOUND: Final = pa.struct(
    [
        field("vendor", "string", "Vendor by its fullest name in the document; null where nobody is named (a request)"),
        field("entity", "string", "company, nonprofit, individual or government (§2.6)"),
        field("entity_reason", "string", "What decided the entity kind"),
        field("agency_id", "string", "Listed agency supplied (ordinance/agencies.yaml)"),
        field("agency", "string", "The words that name it"),
        field("agency_certain", "bool", "False where the agency has immigration work only in part and nothing says "
              "that this is part of it"),
        field("category", "string", "data_broker, extreme_vetting or detention"),
        field("kind", "string", "Prong, analytics kind or detention support (ordinance/services.yaml)"),
        field("relation", "string", "provides, ended, proposed, requested, bid_or_attended, indirect_access, denied or "
              "mentioned_only (LABELLING.md); requested is a call with no vendor yet"),
        field("certainty", "string", "clear or arguable"),
        field("score", "double", "Probability that the statement holds as read, calibrated, 0 to 1"),
        field("product", "string", "Product id (ordinance/products.yaml) or null"),
        field("maker", "string", "Maker of the product or null"),
        field("facility", "string", "Facility named, or null"),
        field("via", "string", "Reseller or prime through whom it is supplied, or null"),
        field("amount", "double", "Amount in US dollars, or null"),
        field("amount_kind", "string", "What the amount is: contract, obligated, ceiling, per_year, per_month, ..."),
        field("date", "string", "Since or when, ISO 8601, as exact as the text (2018, 2018-01, 2018-01-08), or null"),
        field("sentence", "string", "The sentence that says it: exactly text[start:end]"),
        field("start", "int32", "First character of the sentence in the text"),
        field("end", "int32", "One past its last character"),
        field("words", pa.list_(_TEXT_WORD), "What decided it, strongest first; may stand outside the sentence"),
    ]
)

DOCUMENT_READING: Final = pa.schema(
    [
        field("document_id", "string", "As given", null=False),
        field("read", "bool", "False where the cheap gate found no agency or service and the full reader was not run",
              null=False),
        field("statements", pa.list_(TEXT_FOUND), "Statements found; empty when none", null=False),
        field("reader_version", "string", "Hash of reader code, model and ordinance data", null=False),
    ]
)
