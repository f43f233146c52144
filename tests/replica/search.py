"""The search endpoints: transactions by page, exact counts, awards by page and by cursor (usaspending.md §§2, 3)."""

from __future__ import annotations

from typing import Any

from tests.replica.derive import fraction
from tests.replica.errors import MESSAGE_EARLIEST, checked_number, empty_503, html_500, missing, refuse, wrong_enum
from tests.replica.fields import AWARD, AWARD_SUMS, TRANSACTION
from tests.replica.filters import Where, where
from tests.replica.store import GROUPS, Store
from tests.replica.traps import Traps

_WINDOW = 50_000
_CAP = 10_000
# How far a row may wander among equals between two requests: measured dumps show duplicates on adjacent pages only.
_WANDER = 24

_SORT = {
    "Action Date": "action_date", "Action Type": "action_type", "Award ID": "piid", "Mod": "mod",
    "Transaction Amount": "amount", "Recipient Name": "recipient", "Recipient UEI": "uei", "Award Type": "type",
    "Awarding Agency": "awarding_top", "Awarding Sub Agency": "awarding_sub", "Funding Agency": "funding_top",
    "Funding Sub Agency": "funding_sub", "internal_id": "internal", "generated_internal_id": "award",
    "Transaction Description": "description", "Issued Date": "action_date", "NAICS": "naics", "PSC": "psc",
    "naics_code": "naics", "naics_description": "naics_name", "product_or_service_code": "psc",
    "product_or_service_description": "psc_name", "cfda_number": "cfda",
}  # fmt: skip
_AWARD_SORT = {
    "Award ID": "piid", "Award Amount": "amount", "Last Modified Date": "last_modified", "Recipient Name": "recipient",
    "Base Obligation Date": "signed", "internal_id": "internal", "generated_internal_id": "award",
}  # fmt: skip


class Search:
    """Answers of the search endpoints over a store."""

    def __init__(self, store: Store, traps: Traps) -> None:
        self.store, self.traps = store, traps
        self._asked = 0

    def transactions(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST search/spending_by_transaction/. Pages may overlap where the sort column has equal values."""
        fields = _names(body)
        unknown = [name for name in fields if name not in TRANSACTION]
        if unknown:
            raise wrong_enum("fields", sorted(TRANSACTION))
        found = self._where(body, award_level=False, strict_types=True)
        limit = checked_number(body, "limit", 10, 1, 100)
        page = checked_number(body, "page", 1, 1, None)
        order = _order(body)
        sort = body.get("sort")
        if sort is None:
            raise missing("sort")
        if sort not in fields:
            raise refuse(400, f"Sort value not found in fields: {sort}")
        self._depth(page, limit, f"Page #{page} of size {limit} is over the maximum result limit ({_WINDOW}). "
                    "Consider using custom data downloads to obtain large data sets.")  # fmt: skip
        column = _SORT.get(sort, "id")
        ranked = self.store.select(
            f"id, {column}, internal", "tx", found.text, found.values, f"ORDER BY {column} {order}, id"
        )
        start = (page - 1) * limit
        window = self._shuffled(ranked, start, start + limit)
        more = len(ranked) > start + limit
        rows = self.store.rows
        return {
            "limit": limit,
            "results": [_printed(rows[n], internal, fields) for n, _, internal in window],
            "page_metadata": page_metadata(page, more),
            "messages": [MESSAGE_EARLIEST, *found.messages()],
        }

    def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST search/spending_by_transaction_count/: exact."""
        found = self._where(body, award_level=False, strict_types=False)
        counted = dict(self.store.select("grp, count(*)", "tx", found.text, found.values, "GROUP BY grp"))
        return {"results": {group: counted.get(group, 0) for group in GROUPS}, "messages": found.messages()}

    def awards(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST search/spending_by_award/: page mode (hasNext capped at 10,000) or cursor mode."""
        found = self._where(body, award_level=True, strict_types=True)
        fields = _names(body)
        limit, page = self._award_page(body)
        sort = body.get("sort") or fields[0]
        if sort not in fields:
            raise refuse(400, f"Sort value '{sort}' not found in requested fields: {fields}")
        order = _order(body, award_level=True)
        column = _AWARD_SORT.get(sort, "internal")
        ranked = self.store.select(
            f"award, internal, {column}, ids, amount, last_modified, signed", "award",
            f"award IN (SELECT award FROM tx WHERE last_modified <= ? AND deleted IS NULL AND {found.text})",
            [self.store.today.isoformat(), *found.values], f"ORDER BY {column} {order}, internal {order}",
        )  # fmt: skip
        one, two = body.get("last_record_unique_id"), body.get("last_record_sort_value")
        if (one is None) != (two is None):
            raise html_500()
        if one is not None:
            start = next((n + 1 for n, row in enumerate(ranked) if row[1] == int(one)), len(ranked))
            more = len(ranked) - start > limit
        else:
            start = (page - 1) * limit
            total = min(len(ranked), _CAP) if self.traps.on("cap10k") else len(ranked)
            more = total - start > limit
        window = ranked[start : start + limit]
        last = window[-1] if window and more else None
        return {
            "spending_level": "awards",
            "limit": limit,
            "results": [self._award(row, fields) for row in window],
            "page_metadata": {
                "page": page,
                "hasNext": more,
                "last_record_unique_id": last[1] if last else None,
                "last_record_sort_value": str(last[2]) if last else "None",
            },
            "messages": [MESSAGE_EARLIEST, *found.messages()],
        }

    def _award_page(self, body: dict[str, Any]) -> tuple[int, int]:
        page = body.get("page", 1)
        if not isinstance(page, int) or page < 1:
            raise html_500()
        limit = checked_number(body, "limit", 10, 1, 100)
        if (page - 1) * limit >= _WINDOW and body.get("last_record_unique_id") is None and self.traps.on("deep"):
            raise refuse(
                422,
                f"Page #{page} with limit {limit} is over the maximum result limit {_WINDOW}. Please provide the "
                "'last_record_sort_value' and 'last_record_unique_id' to paginate sequentially.",
            )
        return limit, page

    def _award(self, row: tuple[Any, ...], fields: list[str]) -> dict[str, Any]:
        _, internal, _, ids, total, modified, signed = row
        sums = {"amount": round(total, 2), "last_modified": modified, "signed": signed}
        members = [self.store.rows[int(n)] for n in ids.split(",")]
        base = min(members, key=lambda member: (member["action_date"], member.get("modification_number", "")))
        asked = [name for name in fields if name in AWARD or name in AWARD_SUMS]
        shown: dict[str, Any] = {"internal_id": internal}
        for name in asked:
            shown[name] = sums[AWARD_SUMS[name]] if name in AWARD_SUMS else AWARD[name](base, internal)
        if "Awarding Agency" in asked:
            shown |= {name: AWARD[name](base, internal) for name in ("awarding_agency_id", "agency_slug")}
        shown["generated_internal_id"] = AWARD["generated_internal_id"](base, internal)
        return shown

    def _where(self, body: dict[str, Any], *, award_level: bool, strict_types: bool) -> Where:
        found = where(body.get("filters"), strict_types=strict_types, award_level=award_level)
        if found.unused and not self.traps.on("ignored"):
            raise refuse(400, found.messages()[0])
        return found

    def _depth(self, page: int, limit: int, message: str) -> None:
        if not self.traps.on("deep"):
            return
        if (page - 1) * limit >= _WINDOW:
            raise refuse(422, message)
        if page * limit + 1 > _WINDOW:
            raise empty_503()

    def _shuffled(self, ranked: list[tuple[Any, ...]], start: int, stop: int) -> list[tuple[Any, ...]]:
        """The slice, with rows of equal sort value wandering a few places, another way at each request."""
        if not self.traps.on("ties"):
            return ranked[start:stop]
        self._asked += 1
        low, high = max(0, start - _WANDER), min(len(ranked), stop + _WANDER)

        def place(rank: int) -> tuple[float, int]:
            first = last = rank
            while first > max(0, rank - _WANDER) and ranked[first - 1][1] == ranked[rank][1]:
                first -= 1
            while last < min(len(ranked) - 1, rank + _WANDER) and ranked[last + 1][1] == ranked[rank][1]:
                last += 1
            moved = rank + (fraction(self.traps.seed, self._asked, ranked[rank][0]) * 2 - 1) * _WANDER / 2
            return min(max(moved, first), last), rank

        wandering = sorted(range(low, high), key=place)
        return [ranked[rank] for rank in wandering[start - low : start - low + (stop - start)]]


def _printed(row: dict[str, str], internal: int, fields: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"internal_id": internal}
    for name in fields:
        value = TRANSACTION[name](row, internal)
        if name == "recipient_id" and value is None:
            raise html_500()  # the server matches a regular expression against None
        shown[name] = value
    shown["generated_internal_id"] = TRANSACTION["generated_internal_id"](row, internal)
    return shown


def _names(body: dict[str, Any]) -> list[str]:
    fields = body.get("fields")
    if not fields:
        raise missing("fields")
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise refuse(400, f"Invalid value in 'fields'. '{fields}' is not a valid type (array).")
    return fields


def _order(body: dict[str, Any], *, award_level: bool = False) -> str:
    order = body.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise html_500() if award_level else wrong_enum("order", ["asc", "desc"])
    return str(order)


def page_metadata(page: int, more: bool) -> dict[str, Any]:
    """Where a page stands; keys as recorded."""
    return {
        "page": page,
        "next": page + 1 if more else None,
        "previous": page - 1 if page > 1 else None,
        "hasNext": more,
        "hasPrevious": page > 1,
    }
