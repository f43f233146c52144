"""Arrow schemas of published evidence other than awards: notices, documents, facilities, companies' own records.

Belongs here: shapes only, one description per column (see ``records.schemas``). A document's text is kept once,
with the segments that lead from its characters back to the captured bytes.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from records.schemas import SEEN, field

_MONEY: Final = pa.decimal128(18, 2)
_TEXTS: Final = pa.list_(pa.string())
_MOMENT: Final = pa.timestamp("us", tz="UTC")

NOTICE: Final = pa.schema(
    [
        field("notice_id", "string", "SAM.gov notice id (32 hex)", null=False),
        field("version_sha256", "string", "SHA-256 over the notice's fact columns: one row a version", null=False),
        field("procurement_key", "string", "Solicitation number (normalised) with department, else the notice id: "
              "amendments of one procurement share it", null=False),
        field("amendment", "int32", "Order of the version within its procurement, from 0"),
        field("type", "string", "sources_sought, special_notice, presolicitation, solicitation, combined, "
              "justification, award, sale, intent_to_bundle or other", null=False),
        field("base_type", "string", "Type the notice was first posted as, same values"),
        field("request_for_information", "bool", "True where the text asks for information (no such type exists)",
              null=False),
        field("request_words", "string", "The words that make it a request for information"),
        field("title", "string", "Title as posted"),
        field("solicitation_id", "string", "Solicitation number as posted"),
        field("department", "string", "Department as posted"),
        field("department_code", "string", "CGAC code (070 = DHS)"),
        field("subtier_code", "string", "Sub-tier code as posted (FPDS code, 7012 = ICE)"),
        field("subtier", "string", "Sub-tier as posted"),
        field("office", "string", "Office as posted"),
        field("agency_id", "string", "ordinance/agencies.yaml id, null when no listed agency"),
        field("agency_how", "string", "What told the agency: code, name, office, solicitation_number, contact "
              "(domain of the mail address), text"),
        field("agency_words", "string", "The words that told it"),
        field("agency_certain", "bool", "False where the agency has immigration work only in part and nothing says "
              "that this notice is part of it, or another's notice only names it (§8)"),
        field("posted_at", _MOMENT, "When it was posted"),
        field("response_due", _MOMENT, "Response deadline; date-only deadlines at end of day Eastern"),
        field("psc_code", "string", "Product or Service Code"),
        field("naics_code", "string", "NAICS code"),
        field("set_aside", "string", "Set-aside as posted"),
        field("place_state", "string", "Place of performance, state"),
        field("place_city", "string", "Place of performance, city"),
        field("place_country", "string", "Place of performance, country"),
        field("active", "bool", "Active flag as posted"),
        field("award_number", "string", "Award number, for award notices"),
        field("award_date", "date32", "Award date"),
        field("award_amount", _MONEY, "Award amount in US dollars as posted"),
        field("awardee", "string", "Awardee as posted"),
        field("link", "string", "Page of the notice"),
        field("document_id", "string", "Its text (see document)"),
        *SEEN,
    ]
)

_SEGMENT: Final = pa.struct(
    [
        field("start", "int32", "First character in text"),
        field("end", "int32", "One past the last character"),
        field("byte_start", "int64", "First byte of the same words in the captured payload (or in the member)"),
        field("byte_end", "int64", "One past the last byte"),
        field("page", "int32", "Page number from 1, null where there are none"),
        field("locator", "string", "Place within the file where bytes do not tell: 'pdf:page=3;chars=120-180', "
              "'docx:PART#p=12', 'xlsx:SHEET!B3'"),
        field("member", "string", "File within a zip of documents; bytes and locator are then counted in it"),
    ]
)

DOCUMENT: Final = pa.schema(
    [
        field("document_id", "string", "Stable id: capture id + locator of the text", null=False),
        field("kind", "string", "notice, attachment, article, federal_register, report, filing, city", null=False),
        field("record_key", "string", "Notice id, FR document number or canonical URL it belongs to", null=False),
        field("url", "string", "Address fetched"),
        field("canonical_url", "string", "Address the page says is its own"),
        field("publisher", "string", "Publisher or agency"),
        field("outlet_id", "string", "Outlet id (crawlers/outlets.yaml), null for agencies"),
        field("reliability", "string", "Reliability tier of the outlet when read (§3.3.a)"),
        field("title", "string", "Title"),
        field("authors_organisations", _TEXTS, "Organisations named as author; persons' names are not kept"),
        field("published_at", _MOMENT, "Publication date as stated"),
        field("published_from", "string", "Where the date was stated: structured, feed, sitemap, text, header"),
        field("updated_at", _MOMENT, "Update date as stated"),
        field("language", "string", "ISO 639-1"),
        field("access", "string", "full, paywall, consent, teaser", null=False),
        field("text", "large_string", "The text", null=False),
        field("text_sha256", "string", "SHA-256 of the text", null=False),
        field("fingerprint", "string", "Near-duplicate fingerprint (hex)"),
        field("story_id", "string", "Documents that tell one wire story share it"),
        field("agency_id", "string", "Federal Register: ordinance/agencies.yaml id of the agency that published it, "
              "null when no listed agency did; null for other kinds"),
        field("form", "string", "Federal Register: notice, information_collection (PRA notices), "
              "request_for_information, rule, proposed_rule, presidential; null for other kinds"),
        field("segments", pa.list_(_SEGMENT), "Where the text's runs stand in the captured bytes", provenance=True),
        *SEEN,
    ]
)

LEAD: Final = pa.schema(
    [
        field("lead_id", "string", "Stable id: capture id + locator", null=False),
        field("url", "string", "Address of the article as announced", null=False),
        field("title", "string", "Title as announced", null=False),
        field("summary", "string", "Summary as announced, without mark-up"),
        field("keywords", _TEXTS, "Keywords as announced"),
        field("published_at", _MOMENT, "Publication date as announced"),
        field("updated_at", _MOMENT, "Update date as announced"),
        field("seen_at", _MOMENT, "When a discovery service saw it (GDELT: start of the 15 minutes), no publication "
              "date"),
        field("language", "string", "ISO 639-1"),
        field("country", "string", "Publisher's country as a discovery service has it"),
        field("domain", "string", "Host of the address without www", null=False),
        field("found_by", "string", "feed, sitemap or gdelt", null=False),
        field("outlet_id", "string", "Outlet whose feed or sitemap it is (crawlers/outlets.yaml)"),
        field("query_id", "string", "Query that found it (crawlers/news/discovery.yaml)"),
        field("passed", "bool", "True where title, summary or keywords name an agency or a category's vocabulary: "
              "the article is fetched", null=False),
        field("words", _TEXTS, "The words that passed it", null=False),
        *SEEN,
    ]
)

FACILITY: Final = pa.schema(
    [
        field("facility_key", "string", "Normalised name + state", null=False),
        field("name", "string", "Facility name as published", null=False),
        field("operator", "string", "Operator as published"),
        field("owner", "string", "Owner as published"),
        field("agreement", "string", "Agreement type (IGSA, CDF, SPC, USMS IGA, DIGSA ...)"),
        field("address", "string", "Street address"), field("city", "string", "City"),
        field("state", "string", "State code"), field("zip", "string", "ZIP code"),
        field("field_office", "string", "ICE area of responsibility"),
        field("average_daily_population", "double", "ADP as published"),
        field("as_of", "date32", "Date of the list"),
        field("guaranteed_minimum", "int32", "Beds paid for whether used or not, as published"),
        *SEEN,
    ]
)

COMPANY_ALIAS: Final = pa.schema(
    [
        field("company_key", "string", "cik:..., lei:..., uei:... of the company", null=False),
        field("name", "string", "Name", null=False),
        field("kind", "string", "legal, former, dba, brand, ticker, other", null=False),
        field("valid_from", "date32", "First day the name was valid, as published"),
        field("valid_to", "date32", "Last day, null when open"),
        field("same_as", _TEXTS, "Other identifiers of the same company that the record states (lei:, cik:, ocid:)"),
        *SEEN,
    ]
)

FAMILY_EDGE: Final = pa.schema(
    [
        field("child_key", "string", "Identifier of the child (lei:, cik:, uei:, or name:NORMALISED)", null=False),
        field("child", "string", "Child's name as published", null=False),
        field("parent_key", "string", "Identifier of the parent", null=False),
        field("parent", "string", "Parent's name as published", null=False),
        field("control", "string", "direct_parent, ultimate_parent, subsidiary, division, joint_venture, acquired, "
              "spun_off, affiliate, reporting_exception", null=False),
        field("jurisdiction", "string", "Child's jurisdiction as published"),
        field("ownership_percent", "double", "Share held, where published"),
        field("valid_from", "date32", "From, as published"),
        field("valid_to", "date32", "To, null when open"),
        field("note", "string", "Reason of a reporting exception, footnote"),
        field("as_of", "date32", "Day for which the source states it (report date, publication date)"),
        *SEEN,
    ]
)

SECURITY: Final = pa.schema(
    [
        field("id_type", "string", "CUSIP, CINS, ISIN, TICKER", null=False),
        field("id_value", "string", "Identifier as asked", null=False),
        field("figi", "string", "FIGI"), field("name", "string", "Instrument's issuer name"),
        field("ticker", "string", "Ticker"), field("security_type", "string", "Type"),
        field("outcome", "string", "found, none, invalid", null=False),
        field("issuer_key", "string", "Identifier of the issuer where the source states it (lei:...)"),
        *SEEN,
    ]
)
