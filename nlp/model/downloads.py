"""Awards out of a folder of official downloads, for training: one object an award, in the fields of `classify`.

Belongs here: the column names of USAspending's award, transaction and subaward files and of its search's export. Does
not belong here: evidence and provenance (``crawlers`` loads the same files for that), labels, training.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from nlp.cli import ClassifyError

# field -> the columns it may stand in, first that is there and filled wins
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("contract_award_unique_key", "assistance_award_unique_key", "Generated Award ID", "subaward_fsrs_report_id"),
    "piid": ("award_id_piid", "prime_award_piid", "Award ID"),
    "agency": ("awarding_sub_agency_name", "prime_award_awarding_sub_agency_name", "Agency"),
    "office": ("awarding_office_name", "prime_award_awarding_office_name"),
    "recipient": ("subawardee_name", "recipient_name", "Recipient Name"),
    "psc_code": ("product_or_service_code",),
    "psc": ("product_or_service_code_description", "Product/Service Description"),
    "naics_code": ("naics_code", "prime_award_naics_code"),
    "naics": ("naics_description", "prime_award_naics_description", "NAICS Description"),
}
_TEXTS: Final = ("prime_award_base_transaction_description", "award_description", "transaction_description",
                 "Transaction Description")
_SUBAWARD_TEXT: Final = "subaward_description"
_LONGEST: Final = 131_072


def read_folder(folder: Path) -> list[dict[str, Any]]:
    """Every award of the CSV files (also .csv.gz) under a folder, sorted by id, all its descriptions together.

    Raises ClassifyError where there is none, or a file is no such download.
    """
    files = sorted(p for p in folder.rglob("*") if p.name.endswith((".csv", ".csv.gz"))) if folder.is_dir() else []
    if not files:
        raise ClassifyError(f"{folder}: holds no .csv or .csv.gz file of USAspending awards")
    awards: dict[str, dict[str, Any]] = {}
    for file in files:
        for row in _rows(file):
            award = _award(row)
            if award is None:
                continue
            known = awards.setdefault(award["id"], award)
            known["descriptions"] = list(dict.fromkeys([*known["descriptions"], *award["descriptions"]]))
    return [awards[key] for key in sorted(awards)]


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(min(sys.maxsize, 16 * _LONGEST))
    opener = gzip.open if file.name.endswith(".gz") else open
    try:
        with opener(file, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
            table = csv.DictReader(lines)
            names = set(table.fieldnames or ())
            if not names & set(_COLUMNS["recipient"]) or not names & {*_TEXTS, _SUBAWARD_TEXT}:
                raise ClassifyError(f"{file.name}: has no column of a recipient and a description as USAspending names "
                                    "them; is it a download of awards?")
            yield from table
    except (OSError, csv.Error) as problem:
        raise ClassifyError(f"{file.name}: cannot be read ({problem})") from problem


def _award(row: Mapping[str, str]) -> dict[str, Any] | None:
    def value(name: str) -> str:
        return next((text.strip() for column in _COLUMNS[name] if (text := row.get(column) or "").strip()), "")

    texts = [row.get(_SUBAWARD_TEXT)] if _SUBAWARD_TEXT in row else [row.get(name) for name in _TEXTS]
    found = [text.strip() for text in texts if text and text.strip()]
    key = value("id") or value("piid") + "/" + (row.get("parent_award_id") or "")
    if not found or key == "/":
        return None
    return {name: value(name) for name in _COLUMNS} | {"id": key, "descriptions": found}
