"""Official award files (USAspending downloads, archive layouts) as rows for resolution: who, parent, numbers, day.

Belongs here: the columns of those layouts. Does not belong here: parsing into the lake (crawlers), rules.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from entities.families.edges import is_government

#: What a layout calls the recipient: prefixes of name, uei, duns and parent columns.
_PREFIXES: Final = ("recipient", "subawardee", "prime_awardee")
_DAYS: Final = ("action_date", "award_latest_action_date", "subaward_action_date", "award_base_action_date")
_KEYS: Final = ("contract_award_unique_key", "contract_transaction_unique_key", "subaward_number", "award_id_piid")
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def award_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows as ``entities.resolution.gather.add_records`` takes them, recipients of a row one by one.

    Raises OSError, UnicodeDecodeError or csv.Error for what cannot be read.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as stream:
        for number, row in enumerate(csv.DictReader(stream), 2):
            for prefix in _PREFIXES:
                if row.get(prefix + "_name"):
                    yield _row(row, prefix, f"{path.name}:{number}")


def _row(row: Mapping[str, str], prefix: str, place: str) -> dict[str, Any]:
    day = next((found for name in _DAYS if (found := _day(row.get(name)))), None)
    name = row[prefix + "_name"]

    def of(*columns: str) -> str | None:
        return next((row[column] for column in columns if row.get(column)), None)

    return {
        "recipient": name, "recipient_dba": of(prefix + "_doing_business_as_name"),
        "recipient_uei": of(prefix + "_uei"), "recipient_duns": of(prefix + "_duns"),
        "parent": of(prefix + "_parent_name"), "parent_uei": of(prefix + "_parent_uei"),
        "parent_duns": of(prefix + "_parent_duns"), "state": of(prefix + "_state_code"),
        "entity": "government" if is_government(name) else "company", "first_action": day, "last_action": day,
        "records": 1, "record_key": of(*_KEYS) or place,
    }  # fmt: skip


def _day(text: str | None) -> date | None:
    """ISO days, or day/month/year as archive files of 2018 have them."""
    slashed = _SLASHED.match(text or "")
    try:
        if slashed:
            return date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
