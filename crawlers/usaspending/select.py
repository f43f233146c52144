"""The SQL that turns one official CSV into lake columns: keys, dates, amounts, flags, fact hash, checks.

Belongs here: expressions over columns of a recognised layout. Does not belong here: running them (csvfile.py).

Text stands in the lake exactly as filed (evidence points into it); codes are trimmed and padded; a date or amount
that cannot be believed becomes null and sets a bit of ``_checks``, which csvfile.py reports with its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import pyarrow as pa

from crawlers.usaspending import keys
from crawlers.usaspending.layouts import Layout, columns, flag_sources
from records.schemas import SUBAWARD, TRANSACTION, is_provenance

SCHEMAS: Final = {"transaction": TRANSACTION, "subaward": SUBAWARD}
FIRST_DAY: Final = date(1900, 1, 1)
LAST_PERIOD_DAY: Final = date(2100, 1, 1)
ABSURD_DOLLARS: Final = 10**12
_NOT_SELECTED: Final = frozenset({"source", "capture_id", "locator", "business_flags", "fact_sha256"})
_PADDED: Final = {
    "awarding_toptier_code": 3, "funding_toptier_code": 3, "awarding_subtier_code": 4, "funding_subtier_code": 4,
    "recipient_duns": 9, "parent_duns": 9, "parent_agency": 4,
}  # fmt: skip
_CODES: Final = frozenset({
    "transaction_key", "award_key", "award_type_code", "idv_type_code", "idc_type_code", "piid", "parent_piid",
    "modification", "action_type_code", "delete_code", "award_flag", "transaction_number", "psc_code", "naics_code",
    "recipient_uei", "parent_uei", "recipient_cage", "subaward_report",
})  # fmt: skip
_EVIDENCE_TEXTS: Final = ("description", "base_description", "prime_description", "recipient")
_SHOULD_NOT: Final = {
    "date": "is no date and was left empty",
    "day": "is before 1900 or in the future and was left empty",
    "amount": "is no amount and was left empty",
    "absurd": "is above a trillion dollars and was left empty",
    "mojibake": "shows signs of a wrong character encoding upstream; kept as filed",
    "award_key": "has no known form; kept as filed",
    "no_key": "gives the row no key: the row was left out",
}


@dataclass(frozen=True)
class Check:
    """One bit of ``_checks``: what it says of a row."""

    kind: str
    column: str

    @property
    def message(self) -> str:
        """What is said of the rows it marks."""
        return _SHOULD_NOT[self.kind]


@dataclass
class Selection:
    """The query over a relation named ``rows`` and what its helper columns mean."""

    query: str
    checks: list[Check] = field(default_factory=list)


def official(layout: Layout, header: Sequence[str], column: str) -> list[str]:
    """The header's columns that fill a lake column, in order of preference."""
    return [name for name in layout.columns.get(column, ()) if name in header]


def date_columns(layout: Layout) -> list[str]:
    """Lake columns of a layout that hold dates."""
    schema = SCHEMAS[layout.table]
    return [c for c in layout.columns if c in schema.names and pa.types.is_date(schema.field(c).type)]


def used_columns(layout: Layout, header: Sequence[str]) -> list[str]:
    """The official columns the query reads; the CSV reader skips all others."""
    flags = [name for name in flag_sources(header) if name] if layout.flags == "columns" else []
    named = [name for column in layout.columns for name in official(layout, header, column)]
    return list(dict.fromkeys([*named, *flags]))


def quoted(name: str) -> str:
    """An identifier as SQL."""
    return '"' + name.replace('"', '""') + '"'


def build(layout: Layout, header: Sequence[str], *, as_of: date, day_first: bool | None,
          keep: frozenset[str] | None) -> Selection:
    """The query. ``day_first`` is None where all dates are ISO; ``keep`` fills the column ``_keep``."""
    schema = SCHEMAS[layout.table]
    names = [name for name in schema.names if name not in _NOT_SELECTED]
    raw = ", ".join(f"{_raw(layout, header, c)} AS {c}" for c in layout.columns)
    first = f"SELECT {raw}, {_flags(layout, header)} AS _flags FROM rows"  # noqa: S608
    second = f"SELECT *, {', '.join(_derived(layout))} FROM ({first})"  # noqa: S608
    selection = Selection("")
    typed = [f"{_typed(layout, schema.field(n), day_first)} AS {n}" for n in names]
    third = f"SELECT {', '.join(typed)}, _flags, {_helpers(layout, schema)} FROM ({second})"  # noqa: S608
    bounded = [f"{_bounded(schema.field(n), as_of)} AS {n}" for n in names]
    bits = _checks(layout, schema, as_of, selection.checks)
    kept = _keep(keep)
    fourth = f"SELECT {', '.join(bounded)}, _flags, {bits} AS _checks, {kept} AS _keep FROM ({third})"  # noqa: S608
    key = ""
    if layout.table == "subaward":
        key = " REPLACE (coalesce(subaward_key, 'row-' || left(fact_sha256, 24)) AS subaward_key)"
    hashed = f"SELECT *, {fact_hash(layout.table)} AS fact_sha256 FROM ({fourth})"  # noqa: S608
    selection.query = f"SELECT *{key} FROM ({hashed})"  # noqa: S608
    return selection


def fact_names(table: str) -> list[str]:
    """The columns a row's fact hash covers, in order; the business flags follow as they were filed."""
    left_out = {"fact_sha256", "business_flags"}
    return [f.name for f in SCHEMAS[table] if not is_provenance(f) and f.name not in left_out]


def fact_hash(table: str) -> str:
    """SQL of the fact hash: SHA-256 of the values as text, 0x1F between them, 0x00 for null."""
    parts = [f"coalesce({name}::VARCHAR, chr(0))" for name in (*fact_names(table), "_flags")]
    return f"sha256(concat({', chr(31), '.join(parts)}))"


def _raw(layout: Layout, header: Sequence[str], column: str) -> str:
    names = [quoted(name) for name in official(layout, header, column)]
    if not names:
        return "NULL::VARCHAR"
    value = names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"
    if column in _PADDED:
        width = _PADDED[column]
        value = f"trim({value})"
        return f"CASE WHEN length({value}) < {width} AND regexp_full_match({value}, '[0-9]+') " \
               f"THEN lpad({value}, {width}, '0') ELSE nullif({value}, '') END"
    return f"nullif(trim({value}), '')" if column in _CODES else value


def _flags(layout: Layout, header: Sequence[str]) -> str:
    """One text a row: a letter for each official flag, or the list as filed. Few texts are distinct."""
    if layout.flags == "columns":
        letters = [f"coalesce(left({quoted(n)}, 1), '-')" if n else "'-'" for n in flag_sources(header)]
        return f"translate(concat({', '.join(letters)}), 'fFT', '--t')"
    return _raw(layout, header, "business_types") if layout.flags != "none" else "NULL::VARCHAR"


def _derived(layout: Layout) -> list[str]:
    """Keys under the names k_transaction, k_award, k_origin."""
    if layout.keys == "subaward":
        return ["subaward_report || '|' || subaward_number AS k_transaction", "award_key AS k_award"]
    if layout.keys == "filed":
        contract = layout.name == "contract_transaction"
        build_key = keys.sql_award_key_of_contract if contract else keys.sql_award_key_of_assistance
        return ["transaction_key AS k_transaction", "'filed' AS k_origin",
                f"coalesce(award_key, {build_key('transaction_key')}) AS k_award"]
    if layout.keys == "summary":
        return [f"'{keys.SUMMARY_PREFIX}' || award_key AS k_transaction", "award_key AS k_award",
                "'derived' AS k_origin"]
    if layout.keys == "search":
        return [f"{keys.sql_transaction_key('award_key', 'modification')} AS k_transaction", "award_key AS k_award",
                "'derived' AS k_origin"]
    transaction, award = keys.sql_key_from_parts(
        "awarding_subtier_code", "parent_agency", "piid", "modification", "parent_piid", "transaction_number",
        "upper(award_flag) = 'IDV'")
    return [f"{transaction} AS k_transaction", f"{award} AS k_award", "'derived' AS k_origin"]


_SPECIAL: Final = {
    "transaction_key": "k_transaction",
    "subaward_key": "k_transaction",
    "prime_award_key": "k_award",
    "award_key": "k_award",
    "key_origin": "k_origin",
    "award_kind": "CASE WHEN starts_with(k_award, 'CONT_IDV_') THEN 'idv' WHEN starts_with(k_award, 'ASST_') "
                  "THEN 'assistance' ELSE 'contract' END",
}


def _typed(layout: Layout, column: pa.Field, day_first: bool | None) -> str:
    name: str = column.name
    if name in _SPECIAL:
        return _SPECIAL[name]
    found = _composed(layout, name)
    if found is None and name not in layout.columns:
        found = f"NULL::{_sql_type(column)}"
    elif found is None and pa.types.is_date(column.type):
        found = _as_date(name, day_first)
    elif found is None and pa.types.is_decimal(column.type):
        found = f"TRY_CAST(trim({name}) AS DECIMAL(18,2))"
    return found or name


def _composed(layout: Layout, name: str) -> str | None:
    """Columns made of several: deletion mark, type of an IDV, awarding code out of the key where none is filed."""
    if name == "deleted":
        return "coalesce(upper(delete_code) = 'D', false)" if "delete_code" in layout.columns else "false"
    if name == "award_type_code" and "idv_type_code" in layout.columns:
        return ("coalesce(award_type_code, 'IDV_' || idv_type_code || "
                "CASE WHEN idv_type_code = 'B' THEN coalesce('_' || idc_type_code, '') ELSE '' END)")
    if name == "awarding_subtier_code" and layout.keys in ("filed", "search"):
        own = name if name in layout.columns else "NULL"
        source = "split_part(k_transaction, '_', 1)"
        return f"coalesce({own}, CASE WHEN regexp_full_match({source}, '[0-9A-Z]{{4}}') THEN {source} END)"
    return None


def _helpers(layout: Layout, schema: pa.Schema) -> str:
    """Raw texts of dates and amounts, kept one step longer for the checks."""
    found = [f"{c} AS r_{c}" for c in layout.columns if c in schema.names and _converted(schema.field(c))]
    return ", ".join(found)


def _bounded(column: pa.Field, as_of: date) -> str:
    name: str = column.name
    if pa.types.is_date(column.type):
        return f"CASE WHEN {name} BETWEEN DATE '{FIRST_DAY}' AND DATE '{_last_day(name, as_of)}' THEN {name} END"
    if pa.types.is_decimal(column.type):
        return f"CASE WHEN abs({name}) <= {ABSURD_DOLLARS} THEN {name} END"
    return name


def _checks(layout: Layout, schema: pa.Schema, as_of: date, checks: list[Check]) -> str:
    bits: list[str] = []

    def add(kind: str, column: str, condition: str) -> None:
        bits.append(f"CASE WHEN {condition} THEN {1 << len(checks)} ELSE 0 END")
        checks.append(Check(kind, column))

    for name in layout.columns:
        column = schema.field(name) if name in schema.names else None
        if column is None:
            continue
        if pa.types.is_date(column.type):
            add("date", name, f"r_{name} IS NOT NULL AND {name} IS NULL")
            add("day", name, f"{name} < DATE '{FIRST_DAY}' OR {name} > DATE '{_last_day(name, as_of)}'")
        elif pa.types.is_decimal(column.type):
            number = f"TRY_CAST(trim(r_{name}) AS DOUBLE)"
            huge = f"coalesce(abs({number}) > {ABSURD_DOLLARS}, false)"
            add("amount", name, f"r_{name} IS NOT NULL AND {name} IS NULL AND NOT {huge}")
            add("absurd", name, huge)
        elif name in _EVIDENCE_TEXTS:
            add("mojibake", name, f"contains({name}, 'Ã') OR contains({name}, 'â€')")
    key, award = ("transaction_key", "award_key") if layout.table == "transaction" else ("", "prime_award_key")
    add("no_key", award, f"{award} IS NULL" + (f" OR {key} IS NULL" if key else ""))
    add("award_key", award, f"NOT regexp_matches({award}, '^(CONT_(AWD|IDV)|ASST_(NON|AGG))_')")
    return " | ".join(bits)


def _keep(keep: frozenset[str] | None) -> str:
    if keep is None:
        return "true"
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in sorted(keep)) or "NULL"
    sides = (f"coalesce({side}_subtier_code IN ({listed}), false)" for side in ("awarding", "funding"))
    return " OR ".join(sides)


def _as_date(name: str, day_first: bool | None) -> str:
    iso = f"TRY_CAST(left({name}, 10) AS DATE)"
    if day_first is None:
        return iso
    forms = "['%d/%m/%y', '%d/%m/%Y']" if day_first else "['%m/%d/%y', '%m/%d/%Y']"
    slashed = f"CAST(try_strptime(split_part({name}, ' ', 1), {forms}) AS DATE)"
    return f"CASE WHEN contains({name}, '/') THEN {slashed} ELSE {iso} END"


def _last_day(name: str, as_of: date) -> date:
    """Periods of performance lie ahead; an action or a change dated after the capture is a fault (a day's leeway)."""
    return LAST_PERIOD_DAY if name.startswith("period_") else as_of + timedelta(days=1)


def _converted(column: pa.Field) -> bool:
    return bool(pa.types.is_date(column.type) or pa.types.is_decimal(column.type))


def _sql_type(column: pa.Field) -> str:
    if pa.types.is_date(column.type):
        return "DATE"
    return "DECIMAL(18,2)" if pa.types.is_decimal(column.type) else "VARCHAR"


def known_flags() -> tuple[str, ...]:
    """The official flags in the order of the letters in ``_flags``."""
    return columns().flags
