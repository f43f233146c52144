"""Pages of the transaction search, its questions and how they are narrowed, against an in-memory service."""

from __future__ import annotations

import asyncio
import io
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crawlers.parsing import BadPageError
from crawlers.spiders.usaspending_slices import Slicer
from crawlers.usaspending import asking, search
from crawlers.usaspending.asking import ALL_TYPES, GROUPS, Slice
from crawlers.usaspending.windows import Window
from ordinance.agencies import crawl_targets
from tests.crawlers.official import context

ICE = crawl_targets()[0]
ROW: dict[str, Any] = {
    "generated_internal_id": "CONT_AWD_P1_7012_-NONE-_-NONE-", "internal_id": 1, "Award ID": "P1", "Mod": "0",
    "Action Date": "2024-05-06", "Transaction Amount": 10.5, "Transaction Description": "GUARDS",
    "Recipient Name": "MADE UP, LLC", "Awarding Sub Agency": ICE.subtier, "Award Type": "DEFINITIVE CONTRACT",
}


def page(rows: list[dict[str, Any]], *, more: Any = False, **extra: Any) -> bytes:
    return json.dumps({"results": rows, "page_metadata": {"page": 1, "hasNext": more}} | extra).encode()


def read(body: bytes) -> tuple[list[dict[str, Any]], Any]:
    found = context()
    return [r for _, b in search.parse(io.BytesIO(body), found) for r in b.to_pylist()], found


def test_a_page_is_read_with_places_in_it() -> None:
    rows, found = read(page([ROW, ROW | {"Mod": "P00001", "Transaction Amount": "-3.20"}]))
    assert [r["locator"] for r in rows] == ["json:$.results[0]", "json:$.results[1]"]
    assert rows[0]["transaction_key"] == "7012_-NONE-_P1_0_-NONE-_0"
    assert (rows[0]["key_origin"], rows[0]["award_type_code"]) == ("derived", "D")
    assert [r["obligation"] for r in rows] == [Decimal("10.50"), Decimal("-3.20")]
    assert found.problems == []


@pytest.mark.parametrize(("body", "said"), [
    (b"<html>", "is no JSON"), (b"[]", "no list 'results'"), (b'{"results": 3}', "no list 'results'"),
    (page([ROW], more=None), "says nothing of further pages"),
    (page([ROW], messages=["The following filters from the request were not used: {'agency'}"]), "another question"),
    (page([{k: v for k, v in ROW.items() if k != "Mod"}]), "lack the field 'Mod'"),
])
def test_a_page_of_another_shape_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(BadPageError, match=said):
        read(body)


def test_bad_values_of_a_page_are_reported() -> None:
    bad = [ROW | {"Action Date": "2206-01-01"}, ROW | {"Action Date": "soon"}, ROW | {"Transaction Amount": 1e13},
           ROW | {"Transaction Amount": "x"}, ROW | {"generated_internal_id": "?"}, ROW | {"New Field": 1}]
    rows, found = read(page(bad))
    assert len(rows) == 5
    assert {(p.kind, p.rows) for p in found.problems} == {
        ("day", (0,)), ("date", (1,)), ("absurd", (2,)), ("amount", (3,)), ("no_key", (4,)), ("unknown_column", ())}


def test_every_award_type_is_asked_for_and_sides_apart() -> None:
    body = asking.bulk_body("funding", crawl_targets(), Window(date(2024, 1, 1), date(2024, 1, 31)), subawards=True)
    assert set(body["filters"]["prime_award_types"]) == set(ALL_TYPES) and "F010" in ALL_TYPES
    assert {agency["type"] for agency in body["filters"]["agencies"]} == {"funding"}


@pytest.mark.parametrize("answer", [{}, {"results": []}, {"results": {"contracts": "1"}}, {"results": {"new": 1}},
                                    {"results": {"contracts": 1}, "messages": ["x were not used: {'agencies'}"]}])
def test_a_count_of_another_shape_is_refused(answer: Any) -> None:
    with pytest.raises(BadPageError):
        asking.counts(answer)


class Service:
    """Stands where the spider asks: exact counts, pages whose ties change places between requests."""

    def __init__(self, rows: list[dict[str, Any]], *, shuffle: bool = True, lose: int = 0) -> None:
        self.rows, self.shuffle, self.lose = rows, shuffle, lose
        self.draw = random.Random(7)
        self.pages: list[dict[str, Any]] = []
        self.silence = 0

    def _found(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        filters = body["filters"]
        period = filters["time_period"][0]
        return [r for r in self.rows if period["start_date"] <= r["Action Date"] <= period["end_date"]
                and r["type"] in filters["award_type_codes"]]

    async def post(self, path: str, body: dict[str, Any], *, resumable: bool = True) -> tuple[Any, Any]:
        del resumable
        rows = self._found(body)
        if path == asking.COUNT:
            return {"results": {g: sum(r["type"] in codes for r in rows) for g, codes in GROUPS.items()}}, None
        if self.shuffle:
            self.draw.shuffle(rows)
        rows.sort(key=lambda r: str(r[body["sort"]]), reverse=body["order"] == "desc")
        rows = [row for row in rows if row not in self.rows[: self.lose]]
        start = (body["page"] - 1) * body["limit"]
        self.pages.append(body)
        text = page(rows[start : start + body["limit"]], more=len(rows) > start + body["limit"])
        return None, SimpleNamespace(body=text)


def gather(service: Service, window: Window) -> tuple[tuple[int, int, list[str]], set[tuple[str, ...]]]:
    seen: set[tuple[str, ...]] = set()

    def harvest(response: Any) -> None:
        seen.update(search.identity(row) for row in json.loads(response.body)["results"])

    slicer = Slicer(cast(Any, service), cast(Callable[[Any], object], harvest))
    return asyncio.run(slicer.fetch(Slice("awarding", ICE, window))), seen


def rows_of(days: int, a_day: int, types: str = "ABCD") -> list[dict[str, Any]]:
    start = date(2024, 1, 1)
    return [ROW | {"generated_internal_id": f"CONT_AWD_P{d}X{n}_7012_-NONE-_-NONE-", "Award ID": f"P{n % 3}",
                   "Action Date": str(start + timedelta(days=d)), "type": types[n % len(types)]}
            for d in range(days) for n in range(a_day)]


def test_slices_are_narrowed_until_each_fits_a_page() -> None:
    service = Service(rows_of(30, 20))
    (expected, got, wrong), seen = gather(service, Window(date(2024, 1, 1), date(2024, 1, 30), "action_date"))
    assert (expected, got, wrong) == (600, 600, []) and len(seen) == 600
    assert {body["page"] for body in service.pages} == {1}, "a page cannot overlap itself"


def test_a_crowded_day_is_narrowed_by_award_type() -> None:
    service = Service(rows_of(1, 320))
    (expected, got, wrong), seen = gather(service, Window(date(2024, 1, 1), date(2024, 1, 1), "action_date"))
    assert (expected, got, wrong) == (320, 320, []) and len(seen) == 320
    assert {body["page"] for body in service.pages} == {1}


def test_a_crowded_day_of_one_type_is_read_in_several_orders_until_whole() -> None:
    """The measured trap: pages sorted on ties repeat rows and miss others (usaspending.md 3.3)."""
    rows = rows_of(1, 250, "A")
    for number, row in enumerate(rows):
        row["Recipient Name"] = f"R{number}"
    service = Service(rows)
    (expected, got, wrong), seen = gather(service, Window(date(2024, 1, 1), date(2024, 1, 1), "action_date"))
    assert (expected, got, wrong) == (250, 250, []) and len(seen) == 250
    assert len(service.pages) > 3, "one reading of this day is never whole with this shuffle"


def test_rows_that_never_come_are_a_recorded_fault() -> None:
    service = Service(rows_of(1, 250, "A"), shuffle=False, lose=5)
    (expected, got, wrong), _ = gather(service, Window(date(2024, 1, 1), date(2024, 1, 1), "action_date"))
    assert (expected, got) == (250, 245)
    assert wrong == ["awarding 7012 action_date:2024-01-01:2024-01-01 types A: 245 different rows after 4 readings, "
                     "250 counted"]


def test_true_duplicates_on_one_page_count_as_often_as_they_stand() -> None:
    rows = rows_of(1, 240, "A")
    service = Service([*rows, rows[0], rows[0]], shuffle=False)
    (expected, got, wrong), _ = gather(service, Window(date(2024, 1, 1), date(2024, 1, 1), "action_date"))
    assert (expected, got, wrong) == (242, 242, [])
