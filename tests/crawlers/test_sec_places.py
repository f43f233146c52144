"""Where values of corporate records stand: every locator of the golden pages is read back in place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from crawlers.locate import cells
from crawlers.parsers import PARSERS
from crawlers.parsing import ParseContext
from crawlers.sec.places import at_end, is_place, looks_like_company
from tests.crawlers.golden import GOLDEN

#: Column of each table whose text stands at the locator, as the publisher wrote it.
SAID = {"company_alias": "name", "family_edge": "child", "facility": "name", "security": "name"}
CASES = [case for source in ("sec", "facilities") for case in sorted((GOLDEN / source).iterdir())]


@pytest.mark.parametrize("case", [*CASES, GOLDEN / "gleif" / "record", GOLDEN / "openfigi" / "mapping"],
                         ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_names_are_read_back_in_place(case: Path) -> None:
    request = json.loads((case / "request.json").read_text(encoding="utf-8"))
    context = ParseContext(capture_id="c", source="s", as_of=date.fromisoformat(request["as_of"]),
                           url=request.get("uri", ""), hints=request.get("hints", {}))
    with (case / "response.body").open("rb") as payload:
        rows = [(table, row) for table, batch in PARSERS[request["parser"]](payload, context)
                for row in batch.to_pylist()]
    wanted = {(row["locator"], SAID[table]): row[SAID[table]] for table, row in rows if row[SAID[table]]}
    assert wanted
    with (case / "response.body").open("rb") as payload:
        assert cells(payload, request["parser"], set(wanted)) == wanted


def test_reasons_and_isins_are_read_back_in_place() -> None:
    for name, locator, said in (("exception", "json:$.data.attributes.reason", "NON_CONSOLIDATING"),
                                ("isins", "json:$.data[2].attributes.isin", "US59515FJ684")):
        case = GOLDEN / "gleif" / name
        parser = json.loads((case / "request.json").read_text())["parser"]
        with (case / "response.body").open("rb") as payload:
            assert cells(payload, parser, {(locator, "x")}) == {(locator, "x"): said}


def test_places_that_are_not_there_are_left_out() -> None:
    case = GOLDEN / "sec" / "exhibit21"
    with (case / "response.body").open("rb") as payload:
        assert cells(payload, "sec_exhibit21", {("bytes:9-1", "child"), ("bytes:1-99999999", "child"), ("x",
                                                                                                        "y")}) == {}
    case = GOLDEN / "gleif" / "record"
    with (case / "response.body").open("rb") as payload:
        assert cells(payload, "gleif_records", {("json:$.data[7].nothing", "name")}) == {}


@pytest.mark.parametrize("said", [
    "Delaware", "DE", "N.Y.", "Delaware, U.S.", "Russia/Kazakhstan", "a Texas limited partnership", "England and Wales",
    "Wilmington, Delaware", "Ontario, Canada", "Trinidad and Tobago", "Cayman Islands exempted company",
    "The Netherlands",
])
def test_places_of_organisation(said: str) -> None:
    assert is_place(said)


@pytest.mark.parametrize("said", ["", "Georgia Power Company", "Texas Gas Inc.", "Apple Inc., Delaware", "Inc.", "17",
                                  "de"])
def test_what_is_no_place(said: str) -> None:
    assert not is_place(said)


def test_a_place_at_the_end_of_a_line() -> None:
    assert at_end("Foo Inc., a Delaware corporation") == ("Foo Inc.", "Delaware")
    assert at_end("Foo de Mexico, S.A. de C.V., Mexico") == ("Foo de Mexico, S.A. de C.V.", "Mexico")
    assert at_end("Foo (UK) Limited") is None
    assert at_end("Foo, Inc.") is None


def test_sentences_are_no_companies() -> None:
    assert looks_like_company("Lantern AS")
    assert not looks_like_company("As of June 30, 2003")
    assert not looks_like_company("The following companies have been omitted by Lantern Inc.")
