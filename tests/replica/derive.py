"""What the files lack and the service has: keys, ids, award types, last-modified dates.

All of it is a pure function of the row's own values, so two servers over the same files agree.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date, timedelta

NONE = "-NONE-"

_CONTRACT_TYPES = {
    "A": "BPA CALL", "B": "PURCHASE ORDER", "C": "DELIVERY ORDER", "D": "DEFINITIVE CONTRACT",
    "IDV_A": "GWAC", "IDV_B": "INDEFINITE DELIVERY CONTRACT", "IDV_B_A": "IDC - REQUIREMENTS",
    "IDV_B_B": "INDEFINITE DELIVERY / INDEFINITE QUANTITY", "IDV_B_C": "IDC - DEFINITE QUANTITY", "IDV_C": "FSS",
    "IDV_D": "BOA", "IDV_E": "BPA",
}  # fmt: skip


def fraction(*parts: object) -> float:
    """A number in [0, 1) that depends on the parts and on nothing else."""
    text = "\x1f".join(str(p) for p in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def modified_after(action: date, key: str) -> date:
    """A last-modified date as the service's lags were measured (usaspending.md §1).

    Never under two days, median about a week, one row in ten later than two months, the last ones at 300 days.
    """
    share, within = fraction("lag-band", key), fraction("lag-days", key)
    low, high = (2, 10) if share < 0.6 else (10, 60) if share < 0.9 else (60, 301)
    return action + timedelta(days=low + int(within * (high - low)))


def split_award_key(key: str) -> dict[str, str]:
    """Parts of a generated contract award id (usaspending.md §4); blank where it says -NONE-.

    Raises ValueError for an id of another form.
    """
    parts = key.split("_")
    if parts[:2] == ["CONT", "AWD"] and len(parts) == 6:
        named = dict(zip(("piid", "agency", "parent_piid", "parent_agency"), parts[2:], strict=True))
    elif parts[:2] == ["CONT", "IDV"] and len(parts) == 4:
        named = {"piid": parts[2], "agency": parts[3], "parent_piid": NONE, "parent_agency": NONE}
    else:
        raise ValueError(f"'{key}' is no generated contract award id")
    return {name: "" if value == NONE else value for name, value in named.items()}


def award_key(row: dict[str, str]) -> str:
    """Generated award id of a contract row that has none (usaspending.md §4)."""
    agency = row["awarding_sub_agency_code"]
    if row.get("award_or_idv_flag") == "IDV":
        return f"CONT_IDV_{row['award_id_piid']}_{agency}"
    parent, parent_agency = row.get("parent_award_id_piid") or NONE, row.get("parent_award_agency_id") or NONE
    return f"CONT_AWD_{row['award_id_piid']}_{agency}_{parent}_{parent_agency}"


def transaction_key(row: dict[str, str]) -> str:
    """Transaction unique key of a contract row that has none: agency, parent agency, PIID, mod, parent PIID, number."""
    parts = split_award_key(row["contract_award_unique_key"])
    return "_".join(
        (parts["agency"], parts["parent_agency"] or NONE, parts["piid"], row.get("modification_number") or "0",
         parts["parent_piid"] or NONE, row.get("transaction_number") or "0")
    )  # fmt: skip


def award_type(piid: str, parent_piid: str) -> tuple[str, str]:
    """Award type code and name for a row that has none, from the PIID's instrument letter (FAR 4.1603, place 9)."""
    if parent_piid:
        code = "A" if parent_piid[8:9] == "A" else "C"
    else:
        code = "B" if piid[8:9] in {"P", "V", "M", "W"} else "D"
    return code, _CONTRACT_TYPES[code]


def type_name(code: str) -> str | None:
    """Official name of a contract or IDV award type code."""
    return _CONTRACT_TYPES.get(code)


def internal_ids(keys: list[str]) -> dict[str, int]:
    """Nine-digit database ids for award keys: stable while the set of awards only grows, never shared by two."""
    taken: dict[int, str] = {}
    for key in sorted(keys):
        number = 50_000_000 + int(fraction("award-id", key) * 250_000_000)
        while number in taken:
            number += 1
        taken[number] = key
    return {key: number for number, key in taken.items()}


def recipient_hash(name: str, uei: str, level: str) -> str:
    """The service's recipient id: a UUID over the recipient's identity, with its level."""
    return f"{uuid.UUID(hashlib.md5((uei or name).encode(), usedforsecurity=False).hexdigest())}-{level}"


def fiscal_year(day: date) -> int:
    """Federal fiscal year of a day: October starts the next one."""
    return day.year + (day.month >= 10)
