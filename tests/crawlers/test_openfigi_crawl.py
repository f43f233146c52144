"""OpenFIGI: check digits, the mapping through its replica, answers told apart by position."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.archive import EvidenceArchive
from crawlers.load import load
from crawlers.openfigi.identifiers import cusip_digit, is_cins, is_cusip, is_isin, isin_digit, isin_of, kind_of
from crawlers.openfigi.mapping import parse
from crawlers.parsing import BadPageError, ParseContext
from crawlers.run import CrawlReport, crawl
from records.lake import read_table
from records.published import SECURITY
from records.workspace import Workspace
from tests.replica.openfigi import OpenFigi
from tests.replica.plain import PlainServer, running


@dataclass
class Night:
    """One installation against one replica."""

    workspace: Workspace
    service: OpenFigi
    server: PlainServer

    def crawl(self, run: str = "r1", **options: Any) -> CrawlReport:
        return crawl("openfigi", workspace=self.workspace, run_id=run, base_url=self.server.base, options=options)

    def rows(self, report: CrawlReport) -> list[dict[str, Any]]:
        done = load(report.harvests, EvidenceArchive(self.workspace.evidence), self.workspace.lake, source="openfigi")
        assert done.ok, done.problems
        return list(read_table(self.workspace.lake, "security", SECURITY).to_pylist())


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("SECTION3C_OPENFIGI_KEY", raising=False)
    with ExitStack() as stack:
        def start(*traps: str) -> Night:
            service = OpenFigi(frozenset(traps))
            server = stack.enter_context(running(PlainServer(service.answer)))
            return Night(Workspace(tmp_path / "data").ensure(), service, server)

        yield start


def cusips(count: int) -> list[str]:
    return [f"{n:08d}{cusip_digit(f'{n:08d}')}" for n in range(10_000_000, 10_000_000 + count)]


@pytest.mark.clause("§4.1")
@pytest.mark.parametrize("traps", [(), ("venues",), ("rate",), ("old",), ("five",)])
def test_each_identifier_has_its_answer(night: Any, traps: tuple[str, ...]) -> None:
    one = night(*traps)
    ids = ["594918104", "US4592001014", "G1151C101", "MSFT", *cusips(4), "594918105"]
    report = one.crawl(ids=ids)
    assert report.ok, report.problems
    rows = {r["id_value"]: r for r in one.rows(report)}
    assert (rows["594918104"]["id_type"], rows["594918104"]["name"], rows["594918104"]["figi"]) == (
        "CUSIP", "MICROSOFT CORP", "BBG000BPH459")
    assert (rows["G1151C101"]["id_type"], rows["G1151C101"]["outcome"]) == ("CINS", "found"), "a letter first is CINS"
    assert rows["US4592001014"]["ticker"] == "IBM"
    assert {rows[c]["outcome"] for c in cusips(4)} == {"none"}
    assert len(rows) == 8
    assert any("594918105" in note for note in report.notes), "a wrong check digit is not asked"
    assert max(one.service.sizes) == 5


def test_ten_jobs_may_be_asked_and_are_halved_where_the_service_takes_five(night: Any) -> None:
    one = night("five")
    report = one.crawl(ids=cusips(13), jobs=50)
    assert report.ok, report.problems
    assert one.service.sizes == [5, 5, 3]
    assert any("413" in note for note in report.notes)
    assert len(one.rows(report)) == 13
    other = night()
    other.crawl("r2", ids=cusips(13), jobs=50)
    assert other.service.sizes == [10, 3], "without a key ten are the most, whatever is asked for"


def test_a_key_allows_a_hundred_and_is_nowhere_on_disk(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_OPENFIGI_KEY", "good-key")
    one = night()
    report = one.crawl(ids=cusips(120))
    assert report.ok, report.problems
    assert one.service.sizes == [100, 20]
    assert len(one.rows(report)) == 120
    for file in one.workspace.root.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            raw += gzip.decompress(raw) if file.suffix == ".gz" else b""
            assert b"good-key" not in raw, f"the key stands in {file.name}"


def test_a_bad_key_is_told_without_telling_it(night: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_OPENFIGI_KEY", "bad-key-55")
    report = night().crawl(ids=["594918104"])
    assert "SECTION3C_OPENFIGI_KEY" in report.problems[0]
    assert "bad-key-55" not in str(report.problems + report.notes)


def test_a_batch_with_a_result_missing_is_not_loaded(night: Any) -> None:
    one = night("short")
    report = one.crawl(ids=["594918104", "037833100"])
    assert not report.ok
    assert any(not proof["ok"] for proof in report.proofs)
    done = load(report.harvests, EvidenceArchive(one.workspace.evidence), one.workspace.lake, source="openfigi")
    assert not done.ok
    assert "1 results for 2 jobs" in done.problems[0]


def test_a_page_instead_of_json_is_no_answer(night: Any) -> None:
    report = night("page").crawl(ids=["594918104"])
    assert not report.ok
    assert not report.harvests


def test_replay_asks_for_the_same_batches(night: Any) -> None:
    one = night()
    live = one.crawl(ids=cusips(7))
    again = crawl("openfigi", workspace=one.workspace, run_id="r2", mode="replay", options={"ids": cusips(7)})
    assert again.ok, again.problems
    assert again.harvests == live.harvests


# ---- parser ---------------------------------------------------------------------------------------------------------


def rows_of(body: Any, *jobs: dict[str, str]) -> tuple[list[dict[str, Any]], ParseContext]:
    context = ParseContext(capture_id="c", source="openfigi", as_of=date(2026, 1, 1), hints={"jobs": list(jobs)})
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [row for _, batch in parse(io.BytesIO(raw), context) for row in batch.to_pylist()], context


JOB = {"idType": "ID_CUSIP", "idValue": "594918104"}


@pytest.mark.parametrize("body", [b"", b"<html>", {}, [], [{}, {}], b"[" * 100_000])
def test_answers_that_are_none_are_refused(body: Any) -> None:
    with pytest.raises(BadPageError):
        rows_of(body, JOB)


def test_errors_of_one_job_leave_the_others() -> None:
    rows, context = rows_of([{"error": "Invalid idValue format."}, {"warning": "No identifier found."}, {},
                             {"error": "Who?"},
                             {"data": [{"figi": "B", "name": "X", "moon": 1}]}], JOB, JOB, JOB, JOB, JOB)
    assert [row["outcome"] for row in rows] == ["invalid", "none", "invalid", "found"]
    assert {p.kind for p in context.problems} == {"row", "told", "unknown_field"}


# ---- check digits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cusip", "isin"), [
    ("594918104", "US5949181045"), ("037833100", "US0378331005"), ("459200101", "US4592001014"),
    ("38259P508", "US38259P5089"), ("17275R102", "US17275R1023"), (" 59491810-4 ", "US5949181045"),
])
def test_a_cusip_makes_its_isin(cusip: str, isin: str) -> None:
    assert isin_of(cusip) == isin
    assert is_isin(isin)


def test_canadian_issuers_have_another_prefix_and_digit() -> None:
    assert isin_of("136375102", "CA") == "CA1363751027"


@pytest.mark.parametrize("identifier", ["G1151C101", "594918105", "59491810", "5949181040", "", "59491810*",
                                        "ÀÀÀÀÀÀÀÀ1"])
def test_what_makes_no_isin(identifier: str) -> None:
    assert isin_of(identifier) is None


def test_cins_numbers_are_cusips_in_form_but_not_converted() -> None:
    assert is_cusip("G1151C101")
    assert is_cins("G1151C101")
    assert kind_of("G1151C101") == "ID_CINS"
    assert not is_cins("594918104")


@pytest.mark.parametrize(("said", "kind"), [("US5949181045", "ID_ISIN"), ("594918104", "ID_CUSIP"), ("MSFT", "TICKER"),
                                            ("BRK.B", "TICKER"), ("US5949181046", None), ("12345", None), ("", None)])
def test_identifiers_are_told_apart_by_form_and_digit(said: str, kind: str | None) -> None:
    assert kind_of(said) == kind


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(eight: str, place: int, by: int) -> None:
    whole = eight + str(cusip_digit(eight))
    assert is_cusip(whole)
    if eight[place].isdigit():
        other = eight[:place] + str((int(eight[place]) + by) % 10) + eight[place + 1:]
        assert not is_cusip(other + whole[8])
    made = f"US{whole}"
    assert is_isin(f"{made}{isin_digit(made)}")
    assert not is_isin(f"{made}{(isin_digit(made) + by) % 10}")
