"""Questions to USAspending's API: bulk download jobs, transaction search, counts, and how a question is narrowed.

Belongs here: request bodies and slices. Does not belong here: sending them (crawlers/spiders), reading answers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from crawlers.parsing import BadPageError
from crawlers.usaspending.search import ASKED, PAGE_ROWS, ignored_filters
from crawlers.usaspending.windows import Window
from ordinance.agencies import CrawlTarget

Side = Literal["awarding", "funding"]
SIDES: Final[tuple[Side, ...]] = ("awarding", "funding")

LAST_UPDATED: Final = "api/v2/awards/last_updated/"
BULK: Final = "api/v2/bulk_download/awards/"
STATUS: Final = "api/v2/download/status/"
AGENCIES: Final = "api/v2/bulk_download/list_agencies/"
MONTHLY: Final = "api/v2/bulk_download/list_monthly_files/"
SEARCH: Final = "api/v2/search/spending_by_transaction/"
COUNT: Final = "api/v2/search/spending_by_transaction_count/"

# Award types by the count's groups (usaspending.md 2). Without the F codes new assistance silently disappears.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "contracts": ("A", "B", "C", "D"),
    "idvs": ("IDV_A", "IDV_B", "IDV_B_A", "IDV_B_B", "IDV_B_C", "IDV_C", "IDV_D", "IDV_E"),
    "grants": ("02", "03", "04", "05", "F001", "F002"),
    "direct_payments": ("06", "10", "F006", "F007"),
    "loans": ("07", "08", "F003", "F004"),
    "other": ("09", "11", "-1", "F005", "F008", "F009", "F010"),
}
ALL_TYPES: Final = tuple(code for codes in GROUPS.values() for code in codes)
SUBAWARD_TYPES: Final = ("procurement", "grant")
#: Rows aimed at in a slice: under a page, with room for days that hold more than their share.
_AIM: Final = 60
# Orders in which a slice that needs several pages is read. Ties change places between requests, so one order can
# repeat rows and miss others; another order breaks other ties.
PASSES: Final[tuple[tuple[str, str], ...]] = (
    ("Award ID", "asc"), ("Award ID", "desc"), ("Recipient Name", "asc"), ("Transaction Description", "desc"),
)


def bulk_body(side: Side, targets: Sequence[CrawlTarget], window: Window, *, subawards: bool) -> dict[str, Any]:
    """A bulk job: every award type of the listed sub-tiers on one side (awarding and funding would be AND-ed)."""
    filters: dict[str, Any] = {
        "prime_award_types": list(ALL_TYPES),
        "date_type": window.by,
        "date_range": {"start_date": str(window.start), "end_date": str(window.end)},
        "agencies": [_agency(side, target) for target in targets],
    }
    if subawards:
        filters["sub_award_types"] = list(SUBAWARD_TYPES)
    return {"filters": filters, "file_format": "csv"}


@dataclass(frozen=True)
class Slice:
    """One question to the search: a sub-tier on one side, days, award types."""

    side: Side
    target: CrawlTarget
    window: Window
    types: tuple[str, ...] = ALL_TYPES

    def __str__(self) -> str:
        """For messages."""
        types = "" if self.types == ALL_TYPES else f" types {','.join(self.types)}"
        return f"{self.side} {self.target.code} {self.window}{types}"

    def filters(self) -> dict[str, Any]:
        """The filters of search and count alike."""
        period = {"start_date": str(self.window.start), "end_date": str(self.window.end), "date_type": self.window.by}
        return {"agencies": [_agency(self.side, self.target)], "time_period": [period],
                "award_type_codes": list(self.types)}

    def count_body(self) -> dict[str, Any]:
        """Asks how many rows there are, exactly."""
        return {"filters": self.filters()}

    def page_body(self, page: int = 1, sort: str = "Award ID", order: str = "asc") -> dict[str, Any]:
        """Asks for a page of a hundred rows."""
        return {"filters": self.filters(), "fields": ASKED, "limit": PAGE_ROWS, "page": page, "sort": sort,
                "order": order}

    def narrower(self, counts: Mapping[str, int]) -> list[Slice]:
        """Smaller slices that together are this one, empty when it cannot be narrowed; ``counts`` by group."""
        total = sum(counts.values())
        if self.window.days > 1:
            return [replace(self, window=part) for part in self.window.split(math.ceil(total / _AIM) or 1)]
        filled = [tuple(code for code in GROUPS[group] if code in self.types) for group, n in counts.items() if n]
        filled = [codes for codes in filled if codes]
        if len(filled) > 1:
            return [replace(self, types=codes) for codes in filled]
        codes = filled[0] if filled else ()
        if len(codes) > 1:
            return [replace(self, types=(code,)) for code in codes]
        return []


def counts(answer: object) -> dict[str, int]:
    """A count's answer by group. Raises BadPageError for another shape, or when a filter was ignored."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, dict) or not all(isinstance(n, int) for n in results.values()):
        raise BadPageError("has no counts in 'results'", where="count", do="Ask again; the API may have changed")
    unknown = set(results) - set(GROUPS)
    if unknown:
        raise BadPageError(f"counts groups no list names: {', '.join(sorted(unknown))}", where="count",
                           do="Add the group's award types to crawlers/usaspending/asking.py")
    assert isinstance(answer, dict)
    refused = ignored_filters(answer)
    if refused:
        raise BadPageError(f"answers another question: {refused}", where="count",
                           do="A filter's name is wrong or gone: correct it in crawlers/usaspending")
    return results


def _agency(side: Side, target: CrawlTarget) -> dict[str, str]:
    return {"type": side, "tier": "subtier", "name": target.subtier, "toptier_name": target.toptier}
