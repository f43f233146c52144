"""Harvests into the lake: whole batches or none, captures that fail, repeats, assertions; cells read back in place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers import load as loading
from crawlers.archive import EvidenceArchive, Exchange
from crawlers.load import LoadReport, load
from crawlers.locate import LocateError, cells
from crawlers.run import Harvest
from crawlers.sources import Assertions, FillRate, Volume
from records.lake import read_table
from records.schemas import SUBAWARD, TRANSACTION
from tests.crawlers.official import CONTRACT, csv_text, zipped

SUB = {"prime_award_unique_key": "CONT_AWD_P_7012_-NONE-_-NONE-", "prime_award_piid": "P", "subaward_number": "1",
       "subaward_amount": "5.00", "subaward_action_date": "2024-01-01", "subawardee_name": "SUB, INC.",
       "subaward_sam_report_id": "r1", "prime_award_awarding_sub_agency_code": "7012",
       "subawardee_business_types": "FOR-PROFIT ORGANIZATION,S CORPORATION"}


class Home:
    """An archive and a lake in a folder."""

    def __init__(self, folder: Path) -> None:
        self.archive, self.lake = EvidenceArchive(folder / "evidence"), folder / "lake"

    def capture(self, body: bytes | str, verdict: str = "ok") -> str:
        with self.archive.writer("usaspending", "r1") as writer:
            return writer.write(Exchange(
                uri="https://files.usaspending.gov/x.zip", status=200, fetched_at=datetime(2026, 11, 22, tzinfo=UTC),
                headers=(("Content-Type", "text/csv"),), body=body.encode() if isinstance(body, str) else body,
                verdict=verdict)).capture_id

    def load(self, *captures: str, batch: str = "b1", parser: str = "usaspending_csv",
             assertions: Assertions | None = None) -> LoadReport:
        return load([Harvest(c, parser, batch, {}) for c in captures], self.archive, self.lake, source="usaspending",
                    assertions=assertions)

    def keys(self) -> list[str]:
        return sorted(read_table(self.lake, "transaction", TRANSACTION)["transaction_key"].to_pylist())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def row(number: int, **more: str) -> dict[str, str]:
    return CONTRACT | {"contract_transaction_unique_key": f"k{number}"} | more


def test_rows_of_all_captures_and_tables_of_a_batch_are_written(home: Home) -> None:
    both = zipped({"t.csv": csv_text([row(1)]), "s.csv": csv_text([SUB], layout="subaward_contract")})
    report = home.load(home.capture(both), home.capture(csv_text([row(2), row(1)])))
    assert report.ok and report.rows == {"transaction": 3, "subaward": 1}
    assert report.duplicates == 1, "the same row in two captures; compose removes it"
    assert home.keys() == ["k1", "k1", "k2"]
    sub = read_table(home.lake, "subaward", SUBAWARD).to_pylist()[0]
    assert sub["subaward_key"] == "r1|1"
    assert sub["business_flags"] == ["for_profit_organization", "subchapter_scorporation"]
    assert report.headline() == "3 transactions, 1 subawards, 1 repeated"


def test_loading_again_replaces_and_an_emptied_table_is_emptied(home: Home) -> None:
    both = zipped({"t.csv": csv_text([row(1)]), "s.csv": csv_text([SUB], layout="subaward_contract")})
    home.load(home.capture(both))
    home.load(home.capture(csv_text([row(5)])))
    assert home.keys() == ["k5"]
    assert read_table(home.lake, "subaward", SUBAWARD).num_rows == 0


def test_a_failed_capture_leaves_the_old_partition_standing(home: Home) -> None:
    home.load(home.capture(csv_text([row(1)])))
    report = home.load(home.capture(csv_text([row(2)])), home.capture("<html>down</html>"))
    assert not report.ok and home.keys() == ["k1"]
    assert any("is a web page" in problem for problem in report.problems)
    assert any("was left" in problem for problem in report.problems)


def test_a_failed_capture_does_not_lose_the_others_of_a_new_batch(home: Home) -> None:
    bad, good = home.capture(csv_text([row(9)]) + "a,b\r\n"), home.capture(csv_text([row(2)]))
    report = home.load(bad, good)
    assert not report.ok and home.keys() == ["k2"], "nothing of the bad capture, all of the good one"


def test_a_large_capture_that_fails_late_leaves_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "HELD_ROWS", 10)
    monkeypatch.setattr("crawlers.usaspending.csvfile.BATCH_ROWS", 2048)
    many = csv_text([row(n) for n in range(30_000)])
    report = home.load(home.capture(many + '"never closed'), home.capture(csv_text([row(70_000)])))
    assert not report.ok and home.keys() == ["k70000"]
    assert len(list(home.lake.rglob("*.parquet"))) == 1
    assert home.load(home.capture(many)).rows == {"transaction": 30_000}


def test_batches_stand_apart(home: Home) -> None:
    good, bad = home.capture(csv_text([row(1)])), home.capture("nothing")
    harvests = [Harvest(good, "usaspending_csv", "b1", {}), Harvest(bad, "usaspending_csv", "b2", {})]
    report = load(harvests, home.archive, home.lake, source="usaspending")
    assert [(b.batch, b.ok) for b in report.batches] == [("b1", True), ("b2", False)]
    assert home.keys() == ["k1"]


@pytest.mark.parametrize(("parser", "verdict", "said"), [
    ("nonsense", "ok", "no parser 'nonsense'"), ("usaspending_csv", "block_page", "verdict is block_page"),
])
def test_what_is_no_evidence_is_not_parsed(home: Home, parser: str, verdict: str, said: str) -> None:
    report = home.load(home.capture(csv_text([row(1)]), verdict), parser=parser)
    assert not report.ok and said in report.problems[0] and home.keys() == []


def test_an_unknown_capture_is_named(home: Home) -> None:
    assert "no such capture" in home.load("c123").problems[0]


def test_a_flipped_byte_in_the_archive_is_a_failed_capture(home: Home) -> None:
    capture = home.archive.get(home.capture(zipped({"a.csv": csv_text([row(n) for n in range(300)])})))
    warc = home.archive.folder / capture.warc_file
    body = bytearray(warc.read_bytes())
    body[capture.warc_offset + capture.warc_length // 2] ^= 1
    warc.write_bytes(body)
    report = home.load(capture.capture_id)
    assert not report.ok and home.keys() == []


def test_nothing_to_load_is_said(home: Home) -> None:
    report = home.load()
    assert report.ok and report.skipped and report.headline() == "nothing to load"


def test_assertions_of_the_source_are_checked(home: Home) -> None:
    wanted = Assertions(fill_rates=(FillRate(table="transaction", column="psc", minimum=0.5),),
                        volume=(Volume(table="transaction", per="window", minimum=5),))
    report = home.load(home.capture(csv_text([row(1)])), assertions=wanted)
    assert any("psc: is filled in 0.0% of 1 rows" in problem for problem in report.problems)
    assert any("1 rows in this window, expected 5" in problem for problem in report.problems)
    assert home.keys() == ["k1"], "an assertion warns; the checks before publication decide"


def test_two_loads_of_the_same_captures_are_equal(home: Home) -> None:
    captures = [home.capture(csv_text([row(n)])) for n in (3, 1, 2)]
    home.load(*captures)
    first = read_table(home.lake, "transaction", TRANSACTION)
    home.load(*captures)
    assert read_table(home.lake, "transaction", TRANSACTION).equals(first)


FACTS = ("description", "recipient", "psc", "naics", "awarding_subtier", "base_description")


@pytest.mark.clause("§3.3.b")
def test_cells_are_found_where_rows_say_they_stand(home: Home) -> None:
    texts = ['  "CLEAR" \r\n, x', "PEÑA — café", "plain", ""]
    rows = [row(n, transaction_description=text, recipient_name="" if n == 2 else f"R {n}", recipient_name_raw="RAW")
            for n, text in enumerate(texts)]
    for body in (csv_text(rows), csv_text(rows).encode("cp1252"), zipped({"a.csv": csv_text(rows)})):
        capture = home.capture(body)
        home.load(capture)
        found = read_table(home.lake, "transaction", TRANSACTION).to_pylist()
        wanted = {(r["locator"], column) for r in found for column in FACTS}
        with home.archive.payload(home.archive.get(capture)) as payload:
            got = cells(payload, "usaspending_csv", wanted)
        assert got == {(r["locator"], c): r[c] for r in found for c in FACTS if r[c] is not None}


def test_cells_of_a_search_page_are_found(home: Home) -> None:
    page = {"results": [{"generated_internal_id": "CONT_AWD_P_7012_-NONE-_-NONE-", "Mod": "0", "Award ID": "P",
                         "Action Date": "2024-01-01", "Transaction Amount": 1.5, "Transaction Description": "GUARD"}],
            "page_metadata": {"hasNext": False}}
    body = json.dumps(page).encode()
    capture = home.capture(body)
    home.load(capture, parser="usaspending_search")
    with home.archive.payload(home.archive.get(capture)) as payload:
        got = cells(payload, "usaspending_search", {("json:$.results[0]", "description"), ("json:$.results[9]", "psc")})
    assert got == {("json:$.results[0]", "description"): "GUARD"}


@pytest.mark.parametrize(("parser", "locator"), [
    ("usaspending_csv", "json:$.results[0]"), ("usaspending_csv", "csv:-#0"), ("usaspending_search", "csv:-#1"),
    ("other", "csv:-#1"),
])
def test_places_that_cannot_be_are_refused(home: Home, parser: str, locator: str) -> None:
    capture = home.capture(csv_text([row(1)]) if parser == "usaspending_csv" else '{"results": []}')
    with home.archive.payload(home.archive.get(capture)) as payload, pytest.raises(LocateError):
        cells(payload, parser, {(locator, "description")})
