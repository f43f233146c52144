"""Made files in official layouts, for tests: rows are given by the columns that matter, the rest is blank."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from crawlers.parsing import Limits, ParseContext
from crawlers.usaspending import csvfile
from crawlers.usaspending.layouts import official_header

AS_OF = date(2026, 11, 22)
CONTRACT = {
    "contract_transaction_unique_key": "7012_-NONE-_70CDCR24P00000001_0_-NONE-_0",
    "contract_award_unique_key": "CONT_AWD_70CDCR24P00000001_7012_-NONE-_-NONE-",
    "award_id_piid": "70CDCR24P00000001", "modification_number": "0", "federal_action_obligation": "1000.50",
    "action_date": "2024-05-06", "last_modified_date": "2024-05-07", "awarding_sub_agency_code": "7012",
    "awarding_sub_agency_name": "U.S. Immigration and Customs Enforcement", "funding_sub_agency_code": "7055",
    "recipient_name": "MADE UP COMPANY, LLC", "transaction_description": "GUARD SERVICES",
}
ASSISTANCE = {
    "assistance_transaction_unique_key": "7590_90ZU0001_-NONE-_93.676_0",
    "assistance_award_unique_key": "ASST_NON_90ZU0001_7590", "award_id_fain": "90ZU0001", "modification_number": "0",
    "federal_action_obligation": "5000000.00", "action_date": "2024-01-02", "last_modified_date": "2024-01-09",
    "awarding_sub_agency_code": "7590", "funding_sub_agency_code": "7590", "recipient_name": "MADE UP SHELTER, INC.",
    "assistance_type_code": "04", "business_types_code": "MR", "transaction_description": "SHELTER CARE",
}


def csv_text(rows: Iterable[Mapping[str, str]], header: Sequence[str] | None = None, layout: str =
             "contract_transaction") -> str:
    """A CSV in an official header, or the one given."""
    names = list(header or official_header(layout))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow([row.get(name, "") for name in names])
    return out.getvalue()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of the files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def context(folder: Path | None = None, **more: Any) -> ParseContext:
    """A context for direct calls of parsers."""
    return ParseContext(capture_id="c1", source="test", as_of=AS_OF, folder=folder, **more)


def read(body: bytes | str, known: ParseContext | None = None, limits: Limits | None = None
         ) -> tuple[list[dict[str, Any]], ParseContext]:
    """All rows that the CSV parser reads, and the context with its reports."""
    known = known or context(limits=limits or Limits())
    payload = io.BytesIO(body.encode() if isinstance(body, str) else body)
    return [row for _, batch in csvfile.parse(payload, known) for row in batch.to_pylist()], known
