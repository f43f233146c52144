"""Reading folders of award files of any known layout into official rows; every distinct transaction once.

Belongs here: recognising a file by its header, renaming, joining what several files say of one transaction.
Does not belong here: what the server does with the rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, cast

from tests.replica import derive
from tests.replica.agencies import SUBTIERS, official_names, subtier_code
from tests.replica.layouts import Layout, columns
from tests.replica.tidy import DataError, clean, is_money, money

Row = dict[str, str]

_DUMP = {
    "Agency", "Award ID", "Recipient Name", "Federal Action Obligation", "Action Date", "Modification",
    "Product/Service Description", "NAICS Description", "Transaction Description", "Generated Award ID",
}  # fmt: skip

_RENAMED_2018 = {
    "parent_award_id": "parent_award_id_piid",
    "award_description": "transaction_description",
    "gfe_gfp": "government_furnished_property",
    "gfe_gfp_code": "government_furnished_property_code",
    "alaskan_native_owned_corporation_or_firm": "alaskan_native_corporation_owned_firm",
    "native_hawaiian_owned_business": "native_hawaiian_organization_owned_firm",
    "tribally_owned_business": "tribally_owned_firm",
    "receives_grants": "receives_financial_assistance",
    "receives_contracts_and_grants": "receives_contracts_and_financial_assistance",
    "commercial_item_test_program": "simplified_procedures_for_certain_commercial_items",
    "commercial_item_test_program_code": "simplified_procedures_for_certain_commercial_items_code",
    "foreign_owned_and_located": "foreign_owned",
}
_RENAMED_SUMMARY = {
    "total_obligated_amount": "total_dollars_obligated",
    "total_outlayed_amount": "total_outlayed_amount_for_overall_award",
    "disaster_emergency_fund_codes": "disaster_emergency_fund_codes_for_overall_award",
    "award_base_action_date": "action_date",
    **{
        f"{side}_amount_from_{act}": f"{side}_amount_from_{act}_for_overall_award"
        for side in ("outlayed", "obligated")
        for act in ("COVID-19_supplementals", "IIJA_supplemental")
    },
}
# A summary speaks of the whole award: these of its columns say nothing about a single transaction of it.
_NOT_OF_A_TRANSACTION = {
    "action_date", "last_modified_date", "number_of_actions", "modification_number", "transaction_number",
    "federal_action_obligation", "transaction_description", "action_date_fiscal_year",
    "contract_transaction_unique_key",
}  # fmt: skip
_CURRENT = {
    name: name.replace("commercial_item_test_program", "simplified_procedures_for_certain_commercial_items")
    for name in ("commercial_item_test_program", "commercial_item_test_program_code")
}


@dataclass
class Loaded:
    """What a folder holds: distinct transactions and subawards as official rows (blank columns left out)."""

    transactions: list[Row] = field(default_factory=list)
    subawards: list[Row] = field(default_factory=list)
    files: int = 0
    rows_read: int = 0
    collapsed: int = 0


def rows(folder: Path | str) -> Iterator[Row]:
    """Every distinct transaction under the folder with all official columns (297, or 112 for assistance).

    Columns the files do not give are blank strings. For choosing rows and writing them as official CSVs.
    Raises DataError for a file of unknown layout or a bad cell.
    """
    for row in load(Path(folder)).transactions:
        yield {name: row.get(name, "") for name in columns(layout_of(row))}


def layout_of(row: Row) -> Layout:
    """Layout name of a transaction row, by its key."""
    return "transaction_contracts" if "contract_transaction_unique_key" in row else "transaction_assistance"


def load(folder: Path, *, funding: str = "blank") -> Loaded:
    """Read every CSV (plain or gzip) under the folder. Raises DataError naming file and row.

    ``funding='same'`` fills an absent funding agency with the awarding one, as most upstream rows have it.
    """
    paths = sorted(p for p in folder.rglob("*") if p.name.endswith((".csv", ".csv.gz")))
    if not paths:
        raise DataError(f"{folder}: no .csv or .csv.gz files here; name a folder like data/awards")
    loaded = Loaded(files=len(paths))
    parsed: list[tuple[int, Row]] = []
    seen_subawards: set[tuple[tuple[str, str], ...]] = set()
    for path in paths:
        header, records = _read(path)
        kind = _kind(path, header)
        for number, record in enumerate(records, start=1):
            loaded.rows_read += 1
            try:
                row = kind.make(record)
            except DataError as error:
                raise DataError(f"{path.name}, data row {number}: {error}") from error
            if kind.subaward:
                facts = tuple(sorted(row.items()))
                if facts in seen_subawards:
                    loaded.collapsed += 1
                else:
                    seen_subawards.add(facts)
                    loaded.subawards.append(row)
            else:
                parsed.append((kind.rank, row))
    _join(parsed, loaded)
    if funding == "same":
        for row in loaded.transactions:
            _fund(row)
    return loaded


def _fund(row: Row) -> None:
    if not row.get("funding_sub_agency_code"):
        row["funding_sub_agency_code"] = row["awarding_sub_agency_code"]
        official_names(row)


def _read(path: Path) -> tuple[list[str], Iterator[Row]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    raw = path.open("rb")
    text = io.TextIOWrapper(
        cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if path.name.endswith(".gz") else raw,
        encoding="utf-8-sig",
        newline="",
    )
    reader = csv.reader(text, strict=True)
    header = next(reader, [])

    def records() -> Iterator[Row]:
        with raw, text:
            for number, values in enumerate(reader, start=1):
                if len(values) != len(header):
                    raise DataError(f"{path.name}, data row {number}: {len(values)} cells under {len(header)} columns")
                yield dict(zip(header, values, strict=True))

    return header, records()


@dataclass(frozen=True)
class _Kind:
    rank: int
    make: Callable[[Row], Row]
    subaward: bool = False


def _kind(path: Path, header: Iterable[str]) -> _Kind:
    names = set(header)
    if names == _DUMP:
        return _Kind(1, _from_dump)
    if "contract_transaction_unique_key" in names or "assistance_transaction_unique_key" in names:
        return _Kind(3, _from_official)
    if "prime_award_unique_key" in names and "subaward_amount" in names:
        return _Kind(0, _from_subaward, subaward=True)
    if "contract_award_unique_key" in names and "total_obligated_amount" in names:
        return _Kind(0, _from_summary)
    if {"award_id_piid", "modification_number", "action_date", "awarding_sub_agency_code"} <= names:
        return _Kind(2, _from_2018)
    raise DataError(
        f"{path}: a CSV of unknown layout (first columns: {', '.join(list(header)[:4])}). Known are the ten-column "
        "search dump, official transactions, prime award summaries, subawards and the 2018 award files"
    )


def _from_dump(record: Row) -> Row:
    code = subtier_code(record["Agency"])
    if code is None:
        raise DataError(f"agency '{record['Agency']}' is unknown to the replica; add it to tests/replica/agencies.py")
    parts = derive.split_award_key(record["Generated Award ID"])
    kind = derive.award_type(parts["piid"], parts["parent_piid"])
    row = {
        "contract_award_unique_key": record["Generated Award ID"],
        "award_id_piid": record["Award ID"],
        "modification_number": record["Modification"],
        "transaction_number": "0",
        "parent_award_agency_id": parts["parent_agency"],
        "parent_award_agency_name": SUBTIERS.get(parts["parent_agency"], ("", ""))[0].upper(),
        "parent_award_id_piid": parts["parent_piid"],
        "federal_action_obligation": money(record["Federal Action Obligation"]),
        "action_date": record["Action Date"],
        "awarding_sub_agency_code": code,
        "recipient_name": record["Recipient Name"],
        "award_or_idv_flag": "AWARD",
        "award_type_code": kind[0],
        "award_type": kind[1],
        "transaction_description": record["Transaction Description"],
        "product_or_service_code_description": record["Product/Service Description"],
        "naics_description": record["NAICS Description"],
    }
    return clean(row)


def _from_official(record: Row) -> Row:
    return clean({_CURRENT.get(name, name): value for name, value in record.items()})


def _from_subaward(record: Row) -> Row:
    row = {re.sub("_fsrs_report_", "_sam_report_", name): value for name, value in record.items()}
    stamp = "subaward_sam_report_last_modified_date"
    kept = row.get(stamp, "")
    tidy = clean(row)
    if kept:
        tidy[stamp] = kept
    return tidy


def _from_2018(record: Row) -> Row:
    row = clean({_RENAMED_2018.get(name, name): value for name, value in record.items()}, day_first=True)
    for place in ("recipient", "primary_place_of_performance"):
        district, state = row.pop(f"{place}_congressional_district", ""), row.get(f"{place}_state_code", "")
        if district and state:
            short = place.removeprefix("primary_")
            row[f"prime_award_transaction_{short}_cd_original"] = f"{state}-{district.zfill(2)}"
    row["contract_award_unique_key"] = derive.award_key(row)
    return _known(_two_decimals(row))


def _from_summary(record: Row) -> Row:
    renamed = {
        _RENAMED_SUMMARY.get(name, name).replace("prime_award_summary_", "prime_award_transaction_"): value
        for name, value in record.items()
    }
    row = clean({_CURRENT.get(name, name): value for name, value in renamed.items()})
    row["federal_action_obligation"] = row.get("total_dollars_obligated", "0")
    row["transaction_description"] = row.get("prime_award_base_transaction_description", "")
    row["modification_number"] = row["transaction_number"] = "0"
    return _known(_two_decimals(row))


def _two_decimals(row: Row) -> Row:
    return {name: money(value) if is_money(name) and name != "award_type" else value for name, value in row.items()}


def _known(row: Row) -> Row:
    official = set(columns("transaction_contracts"))
    return {name: value for name, value in row.items() if name in official and value}


def _join(parsed: list[tuple[int, Row]], loaded: Loaded) -> None:
    """One row a transaction: exact repeats fall together, summaries fill what their award's transactions lack."""
    best: dict[str, tuple[int, Row]] = {}
    awards: dict[str, list[Row]] = {}
    for rank, row in sorted(parsed, key=lambda item: -item[0]):
        award = row.get("contract_award_unique_key") or row.get("assistance_award_unique_key", "")
        if rank == 0 and award in awards:
            for mine in awards[award]:
                for name, value in row.items():
                    if name not in _NOT_OF_A_TRANSACTION:
                        mine.setdefault(name, value)
            loaded.collapsed += 1
            continue
        key = _finish(row)
        if key in best:
            loaded.collapsed += 1
            for name, value in row.items():
                best[key][1].setdefault(name, value)
            continue
        best[key] = (rank, row)
        awards.setdefault(award, []).append(row)
    loaded.transactions = [row for _, row in best.values()]


def _finish(row: Row) -> str:
    """Fill in what the service always has; returns the transaction's key."""
    day = date.fromisoformat(row["action_date"])
    row["action_date_fiscal_year"] = str(derive.fiscal_year(day))
    if "assistance_award_unique_key" in row:
        key, award = row["assistance_transaction_unique_key"], row["assistance_award_unique_key"]
    else:
        award = row["contract_award_unique_key"]
        key = row.get("contract_transaction_unique_key") or derive.transaction_key(row)
        row["contract_transaction_unique_key"] = key
    row.setdefault("last_modified_date", derive.modified_after(day, key).isoformat())
    row.setdefault("usaspending_permalink", f"https://www.usaspending.gov/award/{award}/")
    return key
