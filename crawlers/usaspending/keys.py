"""Keys of awards and transactions: how USAspending builds them, so that every source of a row gives it one key.

Belongs here: taking keys apart and putting them together. Does not belong here: which column they come from.
Sources: api/usaspending.md section 4; data-act-broker's detached_award_proc_unique and afa_generated_unique.

A contract action's key is AGENCY_PARENTAGENCY_PIID_MOD_PARENTPIID_TRANSACTIONNUMBER; an indefinite-delivery
vehicle's own actions carry -NONE- for parent and transaction number. An assistance action's key is
AGENCY_FAIN_URI_CFDA_MOD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

NONE: Final = "-NONE-"
SUMMARY_PREFIX: Final = "SUMMARY:"

AWARD_KEY: Final = r"^CONT_AWD_(.+)_([^_]+)_([^_]+)_([^_]+)$"
IDV_KEY: Final = r"^CONT_IDV_(.+)_([^_]+)$"
ASSISTANCE_KEY: Final = r"^ASST_(NON|AGG)_(.+)_([^_]+)$"

Kind = Literal["contract", "idv", "assistance"]


@dataclass(frozen=True)
class AwardParts:
    """What an award key says. ``identifier`` is the PIID, FAIN or URI; ``agency`` the awarding sub-tier's code."""

    kind: Kind
    identifier: str
    agency: str
    parent_piid: str | None = None
    parent_agency: str | None = None
    aggregate: bool = False


def parse(award_key: str) -> AwardParts | None:
    """The parts of a generated award id, None when it has no known form."""
    if found := re.match(AWARD_KEY, award_key):
        piid, agency, parent, parent_agency = found.groups()
        return AwardParts("contract", piid, agency, _value(parent), _value(parent_agency))
    if found := re.match(IDV_KEY, award_key):
        return AwardParts("idv", found[1], found[2])
    if found := re.match(ASSISTANCE_KEY, award_key):
        return AwardParts("assistance", found[2], found[3], aggregate=found[1] == "AGG")
    return None


def transaction_key(award_key: str, modification: str | None, cfda: str | None = None) -> str | None:
    """The key that the bulk file gives the same action, wherever its transaction number is 0; None if unreadable."""
    parts = parse(award_key)
    if parts is None:
        return None
    mod = modification or NONE
    if parts.kind == "assistance":
        fain, uri = (NONE, parts.identifier) if parts.aggregate else (parts.identifier, NONE)
        return "_".join((parts.agency, fain, uri, cfda or NONE, mod))
    last = "0" if parts.kind == "contract" else NONE
    return "_".join((parts.agency, parts.parent_agency or NONE, parts.identifier, mod, parts.parent_piid or NONE, last))


def _value(part: str) -> str | None:
    return None if part == NONE else part


# The same in DuckDB's SQL, over expressions; a test holds the two together.

def sql_transaction_key(award_key: str, modification: str) -> str:
    """SQL for ``transaction_key`` of contracts; NULL where the award key has no known form."""
    part = "regexp_extract({0}, '{1}', {2})"
    mod = f"coalesce({modification}, '{NONE}')"
    awd = [part.format(award_key, AWARD_KEY, n) for n in (1, 2, 3, 4)]
    idv = [part.format(award_key, IDV_KEY, n) for n in (1, 2)]
    return (
        f"CASE WHEN regexp_matches({award_key}, '{AWARD_KEY}') THEN "
        f"concat({awd[1]}, '_', {awd[3]}, '_', {awd[0]}, '_', {mod}, '_', {awd[2]}, '_0') "
        f"WHEN regexp_matches({award_key}, '{IDV_KEY}') THEN "
        f"concat({idv[1]}, '_{NONE}_', {idv[0]}, '_', {mod}, '_{NONE}_{NONE}') END"
    )


def sql_award_key_of_contract(transaction: str) -> str:
    """SQL: award key out of a contract action's key, for deletion records, which carry nothing else."""
    part = f"split_part({transaction}, '_', {{0}})"
    agency, parent_agency, piid, parent, number = (part.format(n) for n in (1, 2, 3, 5, 6))
    return (
        f"CASE WHEN {number} = '' THEN NULL WHEN {number} = '{NONE}' THEN concat('CONT_IDV_', {piid}, '_', {agency}) "
        f"ELSE concat('CONT_AWD_', {piid}, '_', {agency}, '_', {parent}, '_', {parent_agency}) END"
    )


def sql_award_key_of_assistance(transaction: str) -> str:
    """SQL: award key out of an assistance action's key (agency, FAIN, URI, CFDA, modification)."""
    part = f"split_part({transaction}, '_', {{0}})"
    agency, fain, uri, last = (part.format(n) for n in (1, 2, 3, 5))
    return (
        f"CASE WHEN {last} = '' THEN NULL WHEN {fain} = '{NONE}' THEN concat('ASST_AGG_', {uri}, '_', {agency}) "
        f"ELSE concat('ASST_NON_', {fain}, '_', {agency}) END"
    )


def sql_key_from_parts(agency: str, parent_agency: str, piid: str, mod: str, parent_piid: str, number: str,
                       is_idv: str) -> tuple[str, str]:
    """SQL for (transaction key, award key) of the 2018 layout, which has the parts and not the keys."""
    none = f"'{NONE}'"
    parent, parent_at = f"coalesce({parent_piid}, {none})", f"coalesce({parent_agency}, {none})"
    transaction = (
        f"CASE WHEN {is_idv} THEN concat({agency}, '_{NONE}_', {piid}, '_', {mod}, '_{NONE}_{NONE}') "
        f"ELSE concat({agency}, '_', {parent_at}, '_', {piid}, '_', {mod}, '_', {parent}, '_', "
        f"coalesce({number}, '0')) END"
    )
    award = (
        f"CASE WHEN {is_idv} THEN concat('CONT_IDV_', {piid}, '_', {agency}) "
        f"ELSE concat('CONT_AWD_', {piid}, '_', {agency}, '_', {parent}, '_', {parent_at}) END"
    )
    missing = f"{agency} IS NULL OR {piid} IS NULL OR {mod} IS NULL"
    return f"CASE WHEN {missing} THEN NULL ELSE {transaction} END", f"CASE WHEN {missing} THEN NULL ELSE {award} END"
