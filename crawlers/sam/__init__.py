"""SAM.gov contract opportunities: the bulk CSV and the Opportunities API, into NOTICE and DOCUMENT records.

Belongs here: SAM.gov's formats and what a notice says about itself. Does not belong here: fetching (crawlers.spiders),
which agencies count (ordinance.agencies), what a notice buys (nlp). Source: SAM.gov, described in docs/sam.md.
"""

from __future__ import annotations

from typing import Final

from crawlers.sam.columns import REQUIRED

BULK_PARSER: Final = "sam_bulk"
PAGE_PARSER: Final = "sam_opportunities"
TEXT_PARSER: Final = "sam_noticedesc"


def detect(header: list[str]) -> bool:
    """True when a CSV's header is that of the Contract Opportunities bulk file (47 official columns, or more).

    A part of them is enough to know the file; the parser then names what is missing.
    """
    present = {name.strip().lstrip("\ufeff") for name in header}
    return {"NoticeId", "Sol#"} <= present and len(present & set(REQUIRED)) >= len(REQUIRED) - 2
