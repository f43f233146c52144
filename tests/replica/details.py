"""Single awards, their transactions and subawards, and the small reference answers (usaspending.md §§1, 4)."""

from __future__ import annotations

from typing import Any

from tests.replica.agencies import SUBTIERS, TOPTIERS
from tests.replica.derive import fraction, recipient_hash
from tests.replica.errors import checked_number, missing, refuse, wrong_enum
from tests.replica.fields import agency_id, amount, award_type, performance_place, recipient_place, slug
from tests.replica.ingest import Row
from tests.replica.search import page_metadata
from tests.replica.store import GROUP_OF, Store, type_code
from tests.replica.traps import Traps

_TX_SORT = {
    "modification_number": "mod", "action_date": "action_date", "federal_action_obligation": "amount",
    "face_value_loan_guarantee": "0", "original_loan_subsidy_cost": "0", "action_type_description": "action_type",
    "description": "description",
}  # fmt: skip
_SUB_SORT = {
    "subaward_number": "subaward_number", "id": "", "description": "subaward_description",
    "action_date": "subaward_action_date", "amount": "subaward_amount", "recipient_name": "subawardee_name",
}  # fmt: skip
# Keys of latest_transaction_contract_data and the official column each is filled from.
_CONTRACT_DATA = {
    "solicitation_identifier": "solicitation_identifier", "solicitation_procedures": "solicitation_procedures_code",
    "number_of_offers_received": "number_of_offers_received", "extent_competed": "extent_competed_code",
    "extent_competed_description": "extent_competed", "type_set_aside": "type_of_set_aside_code",
    "type_set_aside_description": "type_of_set_aside", "product_or_service_code": "product_or_service_code",
    "product_or_service_description": "product_or_service_code_description", "naics": "naics_code",
    "naics_description": "naics_description", "idv_type_description": "idv_type",
    "type_of_idc_description": "type_of_idc", "multiple_or_single_award_description": "multiple_or_single_award_idv",
    "type_of_contract_pricing": "type_of_contract_pricing_code",
    "type_of_contract_pricing_description": "type_of_contract_pricing", "program_acronym": "program_acronym",
    "domestic_or_foreign_entity": "domestic_or_foreign_entity_code",
    "domestic_or_foreign_entity_description": "domestic_or_foreign_entity",
    "referenced_idv_agency_iden": "parent_award_agency_id", "referenced_idv_agency_desc": "parent_award_agency_name",
}  # fmt: skip


class Details:
    """Answers about one award and about the service itself."""

    def __init__(self, store: Store, traps: Traps) -> None:
        self.store, self.traps = store, traps

    def award(self, wanted: str) -> dict[str, Any]:
        """GET awards/<id>/ by generated or database id."""
        key = self.store.award_of.get(int(wanted), "") if wanted.isdigit() else wanted
        found = self._members(key)
        if not found:
            name = "id" if wanted.isdigit() else "generated_unique_award_id"
            raise refuse(404, f"No Award found with: {{'{name}': '{wanted}'}}")
        members = sorted(found, key=lambda r: (r["action_date"], r.get("modification_number", "")))
        base, latest = members[0], members[-1]
        group = GROUP_OF.get(type_code(latest), "other")
        subs = self._subawards(key)
        return {
            "id": self.store.internal[key],
            "generated_unique_award_id": key,
            "piid": base.get("award_id_piid"),
            "category": {"contracts": "contract", "idvs": "idv", "grants": "grant"}.get(group, group.rstrip("s")),
            "type": type_code(latest),
            "type_description": award_type(latest, 0),
            "description": base.get("prime_award_base_transaction_description") or base.get("transaction_description"),
            "total_obligation": round(sum(amount(r.get("federal_action_obligation")) or 0 for r in members), 2),
            "subaward_count": len(subs),
            "total_subaward_amount": round(sum(amount(r.get("subaward_amount")) or 0 for r in subs), 2) or None,
            "date_signed": base["action_date"],
            "base_exercised_options": amount(latest.get("current_total_value_of_award")),
            "base_and_all_options": amount(latest.get("potential_total_value_of_award")),
            "total_account_outlay": None,
            "total_account_obligation": None,
            "account_outlays_by_defc": [],
            "account_obligations_by_defc": [],
            "parent_award": self._parent(latest),
            "latest_transaction_contract_data": {k: latest.get(column) for k, column in _CONTRACT_DATA.items()},
            "funding_agency": _agency(latest, "funding"),
            "awarding_agency": _agency(latest, "awarding"),
            "period_of_performance": {
                "start_date": latest.get("period_of_performance_start_date"),
                "end_date": latest.get("period_of_performance_current_end_date"),
                "last_modified_date": max(r["last_modified_date"] for r in members),
                "potential_end_date": latest.get("period_of_performance_potential_end_date"),
            },
            "recipient": _recipient(latest),
            "executive_details": {"officers": [{"name": None, "amount": None} for _ in range(5)]},
            "place_of_performance": {
                **performance_place(latest), "address_line1": None, "address_line2": None, "address_line3": None,
                "foreign_province": None, "foreign_postal_code": None,
            },
            "psc_hierarchy": _hierarchy(latest, "product_or_service_code", "product_or_service_code_description", 2)
            | {"subtier_code": {}},
            "naics_hierarchy": _hierarchy(latest, "naics_code", "naics_description", 4),
            "total_outlay": amount(latest.get("total_outlayed_amount_for_overall_award")),
        }  # fmt: skip

    def transactions(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST transactions/: the one endpoint whose ids are the transactions' own."""
        if "award_id" not in body:
            raise missing("award_id")
        limit = checked_number(body, "limit", 10, 1, 5000)
        page = checked_number(body, "page", 1, 1, None)
        sort, order = body.get("sort", "action_date"), body.get("order", "desc")
        if sort not in _TX_SORT:
            raise wrong_enum("sort", list(_TX_SORT))
        if order not in {"asc", "desc"}:
            raise wrong_enum("order", ["asc", "desc"])
        key = self._key(body["award_id"])
        found = self.store.select("id", "tx", "award = ?", [key], f"ORDER BY {_TX_SORT[sort]} {order}, id")
        window = found[(page - 1) * limit : page * limit]
        more = len(found) > page * limit
        return {
            "page_metadata": page_metadata(page, more),
            "results": [_transaction(self.store.rows[n]) for (n,) in window],
        }

    def subawards(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST subawards/: an unknown award gives an empty list with status 200."""
        limit = checked_number(body, "limit", 10, 1, 100)
        page = checked_number(body, "page", 1, 1, None)
        sort, order = body.get("sort", "subaward_number"), body.get("order", "desc")
        if sort not in _SUB_SORT:
            raise wrong_enum("sort", list(_SUB_SORT))
        wanted = body.get("award_id")
        key = self._key(wanted) if wanted is not None else None
        found = self.store.subawards if key is None else self._subawards(key)
        shown = [_subaward(row) for row in found]
        shown.sort(key=lambda item: (item[sort] is None, item[sort], item["id"]), reverse=order == "desc")
        more = len(shown) > page * limit
        return {"page_metadata": page_metadata(page, more), "results": shown[(page - 1) * limit : page * limit]}

    def last_updated(self) -> dict[str, str]:
        """GET awards/last_updated/: the load's day, or an empty string."""
        if self.traps.springs("lastupdated", "awards/last_updated"):
            return {"last_updated": ""}
        return {"last_updated": f"{self.store.today:%m/%d/%Y}"}

    def toptier_agencies(self) -> dict[str, Any]:
        """GET references/toptier_agencies/: its agency_id is another number space than the downloads'."""
        return {
            "results": [
                {
                    "abbreviation": t.abbreviation, "active_fq": "4", "active_fy": str(self.store.today.year),
                    "agency_id": t.reference_id, "agency_name": t.name, "agency_slug": t.slug,
                    "budget_authority_amount": 0.0, "congressional_justification_url": None,
                    "current_total_budget_authority_amount": 0.0, "obligated_amount": 0.0, "outlay_amount": 0.0,
                    "percentage_of_total_budget_authority": 0.0, "toptier_code": t.code,
                }
                for t in TOPTIERS.values()
            ]
        }  # fmt: skip

    def _key(self, wanted: Any) -> str:
        text = str(wanted)
        return self.store.award_of.get(int(text), "") if text.isdigit() else text

    def _members(self, key: str) -> list[Row]:
        return [self.store.rows[n] for (n,) in self.store.select("id", "tx", "award = ?", [key])]

    def _subawards(self, key: str) -> list[Row]:
        return [row for row in self.store.subawards if row.get("prime_award_unique_key") == key]

    def _parent(self, row: Row) -> dict[str, Any] | None:
        piid, agency = row.get("parent_award_id_piid"), row.get("parent_award_agency_id", "")
        if not piid:
            return None
        key = f"CONT_IDV_{piid}_{agency}"
        name = SUBTIERS.get(agency, (row.get("parent_award_agency_name", ""), ""))[0]
        return {
            "agency_id": None, "agency_name": None, "agency_slug": None, "sub_agency_id": agency,
            "sub_agency_name": name, "award_id": self.store.internal.get(key), "generated_unique_award_id": key,
            "idv_type_description": row.get("parent_award_type"), "multiple_or_single_aw_desc":
            row.get("parent_award_single_or_multiple"), "piid": piid, "type_of_idc_description": None,
        }  # fmt: skip


def _agency(row: Row, role: str) -> dict[str, Any] | None:
    code = row.get(f"{role}_agency_code", "")
    if not code:
        return None
    top = TOPTIERS.get(code)
    return {
        "id": agency_id(row, role),
        "has_agency_page": top is not None,
        "toptier_agency": {
            "name": row.get(f"{role}_agency_name"),
            "code": code,
            "abbreviation": top.abbreviation if top else None,
            "slug": slug(row, role),
        },
        "subtier_agency": {
            "name": row.get(f"{role}_sub_agency_name"),
            "code": row.get(f"{role}_sub_agency_code"),
            "abbreviation": None,
        },
        "office_agency_name": row.get(f"{role}_office_name"),
    }


def _recipient(row: Row) -> dict[str, Any]:
    name, uei = row.get("recipient_name", ""), row.get("recipient_uei", "")
    parent, parent_uei = row.get("recipient_parent_name", ""), row.get("recipient_parent_uei", "")
    return {
        "recipient_hash": recipient_hash(name, uei, "C" if parent_uei else "R"),
        "recipient_name": name or None,
        "recipient_uei": uei or None,
        "recipient_unique_id": row.get("recipient_duns"),
        "parent_recipient_hash": recipient_hash(parent, parent_uei, "P") if parent_uei or parent else None,
        "parent_recipient_name": parent or None,
        "parent_recipient_uei": parent_uei or None,
        "parent_recipient_unique_id": row.get("recipient_parent_duns"),
        "business_categories": [],
        "location": recipient_place(row),
    }


def _hierarchy(row: Row, column: str, described: str, middle: int) -> dict[str, Any]:
    code = row.get(column, "")
    if not code:
        return {"toptier_code": {}, "midtier_code": {}, "base_code": {}}
    return {
        "toptier_code": {"code": code[: middle // 2], "description": None},
        "midtier_code": {"code": code[:middle], "description": None},
        "base_code": {"code": code, "description": row.get(described)},
    }


def _transaction(row: Row) -> dict[str, Any]:
    contract = "contract_transaction_unique_key" in row
    key = row["contract_transaction_unique_key" if contract else "assistance_transaction_unique_key"]
    shown: dict[str, Any] = {
        "id": f"{'CONT' if contract else 'ASST'}_TX_{key}",
        "type": type_code(row),
        "type_description": award_type(row, 0),
        "action_date": row["action_date"],
        "action_type": row.get("action_type_code"),
        "action_type_description": row.get("action_type") or row.get("action_type_description"),
        "modification_number": row.get("modification_number"),
        "description": row.get("transaction_description"),
        "federal_action_obligation": amount(row.get("federal_action_obligation")),
        "face_value_loan_guarantee": amount(row.get("face_value_of_loan")) or 0.0,
        "original_loan_subsidy_cost": amount(row.get("original_loan_subsidy_cost")) or 0.0,
    }
    return shown if contract else {**shown, "cfda_number": row.get("cfda_number")}


def _subaward(row: Row) -> dict[str, Any]:
    report, number = row.get("subaward_sam_report_id", ""), row.get("subaward_number", "")
    return {
        "id": 100_000_000 + int(fraction("subaward", report, number, row.get("subaward_amount")) * 800_000_000),
        "subaward_number": number,
        "description": row.get("subaward_description"),
        "action_date": row.get("subaward_action_date"),
        "amount": amount(row.get("subaward_amount")),
        "recipient_name": row.get("subawardee_name"),
    }
