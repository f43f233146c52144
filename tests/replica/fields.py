"""One transaction or award as the search endpoints print it: field names, value types, nested places and codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.replica import derive
from tests.replica.agencies import SUBTIERS, TOPTIERS
from tests.replica.ingest import Row
from tests.replica.store import type_code

Field = Callable[[Row, int], Any]


def amount(text: str | None) -> float | None:
    """Dollars as the JSON answers give them: a number, although the contract shows a string."""
    return float(text) if text else None


def text(name: str, *fallbacks: str) -> Field:
    """The first of the named columns that is filled, else null."""
    return lambda row, _: next((row[n] for n in (name, *fallbacks) if row.get(n)), None)


def _pair(first: str, column: str, second: str, described: str) -> Field:
    return lambda row, _: {first: row.get(column), second: row.get(described)}


def place(row: Row, prefix: str, transaction_prefix: str) -> dict[str, str | None]:
    """A location object; keys as recorded."""
    zip4 = row.get(f"{prefix}_zip_4_code") or row.get(f"{prefix}_zip_4") or ""
    county = row.get(f"prime_award_transaction_{transaction_prefix}_county_fips_code", "")
    district = row.get(f"prime_award_transaction_{transaction_prefix}_cd_original", "")
    return {
        "location_country_code": row.get(f"{prefix}_country_code"),
        "country_name": row.get(f"{prefix}_country_name"),
        "state_code": row.get(f"{prefix}_state_code"),
        "state_name": (row.get(f"{prefix}_state_name") or "").title() or None,
        "city_name": row.get(f"{prefix}_city_name"),
        "county_code": county[2:] or None,
        "county_name": row.get(f"{prefix}_county_name"),
        "congressional_code": district.partition("-")[2] or None,
        "zip4": zip4[5:] or None,
        "zip5": zip4[:5] or None,
    }


def recipient_place(row: Row) -> dict[str, str | None]:
    """Recipient's location: a place with its address lines."""
    return {
        **place(row, "recipient", "recipient"),
        "address_line1": row.get("recipient_address_line_1"),
        "address_line2": row.get("recipient_address_line_2"),
        "address_line3": None,
        "foreign_postal_code": None,
        "foreign_province": None,
    }


def performance_place(row: Row) -> dict[str, str | None]:
    """Place of performance."""
    return place(row, "primary_place_of_performance", "place_of_performance")


def agency_id(row: Row, role: str = "awarding") -> int | None:
    """Database id of the sub-tier within the service's own number space (an invention, stable)."""
    code = row.get(f"{role}_sub_agency_code", "")
    return 1000 + sorted(SUBTIERS).index(code) if code in SUBTIERS else None


def slug(row: Row, role: str = "awarding") -> str | None:
    """The department's page name."""
    top = TOPTIERS.get(row.get(f"{role}_agency_code", ""))
    return top.slug if top else None


def recipient_id(row: Row) -> str | None:
    """Recipient's hash with its level."""
    name, uei = row.get("recipient_name", ""), row.get("recipient_uei", "")
    level = "C" if row.get("recipient_parent_uei") else "R"
    return derive.recipient_hash(name, uei, level) if name or uei else None


def award_type(row: Row, _: int) -> str | None:
    """Award type in words."""
    return (
        row.get("award_type")
        or row.get("idv_type")
        or row.get("assistance_type_description")
        or derive.type_name(type_code(row))
    )


_COMMON: dict[str, Field] = {
    "Award ID": text("award_id_piid", "award_id_fain", "award_id_uri"),
    "Recipient Name": text("recipient_name"),
    "Recipient UEI": text("recipient_uei"),
    "Awarding Agency": text("awarding_agency_name"),
    "Awarding Sub Agency": text("awarding_sub_agency_name"),
    "Funding Agency": text("funding_agency_name"),
    "Funding Sub Agency": text("funding_sub_agency_name"),
    "NAICS": _pair("code", "naics_code", "description", "naics_description"),
    "PSC": _pair("code", "product_or_service_code", "description", "product_or_service_code_description"),
    "Primary Place of Performance": lambda row, _: performance_place(row),
    "Recipient Location": lambda row, _: recipient_place(row),
    "generated_internal_id": text("contract_award_unique_key", "assistance_award_unique_key"),
    "internal_id": lambda _, internal: internal,
    "recipient_id": lambda row, _: recipient_id(row),
    "awarding_agency_id": lambda row, _: agency_id(row),
    "def_codes": lambda _, __: None,
    "Last Date to Order": text("ordering_period_end_date"),
    "Loan Value": lambda row, _: amount(row.get("face_value_of_loan")),
    "Subsidy Cost": lambda row, _: amount(row.get("original_loan_subsidy_cost")),
    "Issued Date": text("action_date"),
}

TRANSACTION: dict[str, Field] = {
    **_COMMON,
    "Action Date": text("action_date"),
    "Action Type": text("action_type_code"),
    "Assistance Listing": _pair("cfda_number", "cfda_number", "cfda_title", "cfda_title"),
    "Award Type": award_type,
    "Mod": text("modification_number"),
    "Transaction Amount": lambda row, _: amount(row.get("federal_action_obligation")),
    "Transaction Description": text("transaction_description"),
    "awarding_agency_slug": lambda row, _: slug(row),
    "funding_agency_slug": lambda row, _: slug(row, "funding"),
    "cfda_number": text("cfda_number"),
    "cfda_title": text("cfda_title"),
    "naics_code": text("naics_code"),
    "naics_description": text("naics_description"),
    "product_or_service_code": text("product_or_service_code"),
    "product_or_service_description": text("product_or_service_code_description"),
    "pop_city_name": text("primary_place_of_performance_city_name"),
    "pop_country_name": text("primary_place_of_performance_country_name"),
    "pop_state_code": text("primary_place_of_performance_state_code"),
    **{
        f"recipient_location_{part}": text(f"recipient_{column}")
        for part, column in {
            "address_line1": "address_line_1", "address_line2": "address_line_2", "address_line3": "address_line_3",
            "city_name": "city_name", "country_name": "country_name", "state_code": "state_code",
        }.items()
    },
}  # fmt: skip

# Fields of one award, from its base or latest transaction; those that need sums come from the award itself.
AWARD: dict[str, Field] = {
    **_COMMON,
    "Recipient DUNS Number": text("recipient_duns"),
    "Awarding Agency Code": text("awarding_agency_code"),
    "Awarding Sub Agency Code": text("awarding_sub_agency_code"),
    "Funding Agency Code": text("funding_agency_code"),
    "Funding Sub Agency Code": text("funding_sub_agency_code"),
    "Description": text("prime_award_base_transaction_description", "transaction_description"),
    "Start Date": text("period_of_performance_start_date"),
    "End Date": text("period_of_performance_current_end_date"),
    "Total Outlays": lambda row, _: amount(row.get("total_outlayed_amount_for_overall_award")),
    "Contract Award Type": award_type,
    "Award Type": lambda row, _: row.get("assistance_type_description"),
    "prime_award_recipient_id": lambda _, __: None,
    "agency_slug": lambda row, _: slug(row),
    "SAI Number": text("sai_number"),
    "CFDA Number": text("cfda_number"),
    "Assistance Listings": lambda _, __: None,
    "primary_assistance_listing": _pair("cfda_number", "cfda_number", "cfda_program_title", "cfda_title"),
    "COVID-19 Obligations": lambda _, __: 0,
    "COVID-19 Outlays": lambda _, __: 0,
    "Infrastructure Obligations": lambda _, __: 0,
    "Infrastructure Outlays": lambda _, __: 0,
    "Place of Performance City Code": lambda _, __: None,
    "Place of Performance State Code": text("primary_place_of_performance_state_code"),
    "Place of Performance Country Code": text("primary_place_of_performance_country_code"),
    "Place of Performance Zip5": lambda row, _: performance_place(row)["zip5"],
}
AWARD_SUMS = {"Award Amount": "amount", "Last Modified Date": "last_modified", "Base Obligation Date": "signed"}
