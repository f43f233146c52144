"""Crawls of SEC EDGAR through its replica: the real spider, archive, parsers and lake; SEC's lists as parsed."""

from __future__ import annotations

import csv
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

from crawlers.archive import EvidenceArchive
from crawlers.load import LoadReport, load
from crawlers.parsing import BadPageError, ParseContext
from crawlers.run import CrawlReport, crawl
from crawlers.sec.index import documents, exhibits
from crawlers.sec.lists import annual_reports, cik_key, parse_submissions, parse_tickers
from crawlers.sources import load as load_source
from crawlers.verdicts import Seen, judge
from records.lake import read_table
from records.published import COMPANY_ALIAS, FAMILY_EDGE
from records.workspace import Workspace
from tests.replica.plain import PlainServer, running
from tests.replica.sec import MADE_UP, Sec


@dataclass
class Night:
    """One installation against one replica."""

    workspace: Workspace
    service: Sec
    server: PlainServer

    def crawl(self, run: str = "r1", **options: Any) -> CrawlReport:
        return crawl("sec", workspace=self.workspace, run_id=run, base_url=self.server.base, options=options)

    def load(self, report: CrawlReport) -> LoadReport:
        return load(report.harvests, EvidenceArchive(self.workspace.evidence), self.workspace.lake, source="sec")

    def rows(self, table: str) -> list[dict[str, Any]]:
        schema = FAMILY_EDGE if table == "family_edge" else COMPANY_ALIAS
        return list(read_table(self.workspace.lake, table, schema).to_pylist())


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("SECTION3C_CONTACT", "A test, test@example.org")
    with ExitStack() as stack:
        def start(*traps: str) -> Night:
            service = Sec(traps=frozenset(traps))
            server = stack.enter_context(running(PlainServer(service.answer)))
            return Night(Workspace(tmp_path / "data").ensure(), service, server)

        yield start


@pytest.mark.clause("§2.6")
@pytest.mark.parametrize("traps", [(), ("sharded",), ("viewer",), ("amended",), ("flaky",)])
def test_names_former_names_and_subsidiaries_of_those_asked_for(night: Any, traps: tuple[str, ...]) -> None:
    one = night(*traps)
    report = one.crawl(names=["HARBOR LANTERN CORPORATION", "Nobody At All LLC"], cik=["1000102"])
    if "amended" in traps:  # the amendment has no index in the stand-in: told, and the next report is read
        report.problems = [problem for problem in report.problems if "10-K/A" not in problem]
    assert report.problems == []
    assert any("Nobody At All LLC" in note for note in report.notes)
    loaded = one.load(report)
    assert loaded.ok, loaded.problems
    edges = {(e["child"], e["parent_key"]): e for e in one.rows("family_edge")}
    assert set(edges) == {
        ("Harbor Detention Services, LLC", "cik:0001000101"), ("Harbor Records, Inc.", "cik:0001000101"),
        ("Quiet Detention Services, LLC", "cik:0001000102"), ("Quiet Records, Inc.", "cik:0001000102")}
    edge = edges["Harbor Detention Services, LLC", "cik:0001000101"]
    assert (edge["parent"], edge["jurisdiction"], edge["as_of"], edge["control"]) == (
        "Harbor Lantern Corp", "Texas", date(2025, 12, 31), "subsidiary")
    names = {(a["name"], a["kind"], a["valid_from"], a["valid_to"]) for a in one.rows("company_alias")
             if a["company_key"] == "cik:0001000101"}
    assert ("OLD PIER CORP", "former", date(1994, 1, 13), date(2004, 6, 30)) in names
    assert ("Harbor Lantern Corp", "legal", date(2019, 2, 1), None) in names
    assert ("HLC-P", "ticker", None, None) in names


def test_an_insiders_record_leaves_nothing(night: Any) -> None:
    one = night()
    report = one.crawl(cik=[1000103])
    one.load(report)
    assert "Doe" not in str(one.rows("company_alias"))


def test_without_anybody_asked_for_only_the_list_is_fetched(night: Any) -> None:
    one = night()
    report = one.crawl()
    assert report.ok
    assert list(one.service.asked) == ["/files/company_tickers.json"]
    assert [h.parser for h in report.harvests] == ["sec_tickers"]


@pytest.mark.parametrize("trap", ["undeclared", "undeclared200"])
def test_the_undeclared_tool_page_ends_the_crawl_and_is_no_evidence(
    night: Any, trap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECTION3C_CONTACT", "nobody")
    one = night(trap)
    report = one.crawl(cik=[1000101])
    assert not report.ok
    assert "SEC refused" in report.problems[0]
    assert "SECTION3C_CONTACT" in report.problems[0]
    assert sum(one.service.asked.values()) == 1, "asked on after the door was shut"
    assert report.stats["verdicts"]["block_page"] == 1
    assert not report.harvests


@pytest.mark.parametrize("trap", ["rate", "rate200"])
def test_the_traffic_limit_page_ends_the_crawl_and_keeps_what_came(night: Any, trap: str) -> None:
    one = night(trap)
    report = one.crawl(cik=[1000101, 1000102])
    assert not report.ok
    assert "ten minutes" in report.problems[-1]
    assert sum(one.service.asked.values()) == 5
    assert len(report.harvests) == 3, "list, submissions and exhibit came before the door was shut"


def test_an_exhibit_outside_its_filing_is_not_fetched(night: Any) -> None:
    one = night("outside")
    report = one.crawl(cik=[1000101])
    assert any("outside its filing" in problem for problem in report.problems)
    assert not [path for path in one.service.asked if "/999/" in path]


def test_an_unknown_cik_and_a_malformed_one_are_told(night: Any) -> None:
    report = night().crawl(cik=[42, "xyz"])
    assert any("no company with CIK 0000000042" in note for note in report.notes)
    assert any("'xyz' is no CIK" in problem for problem in report.problems)


def test_replay_gives_the_same_harvests_and_each_day_is_a_partition_of_its_own(night: Any) -> None:
    one = night()
    live = one.crawl(cik=[1000101])
    again = crawl("sec", workspace=one.workspace, run_id="r2", mode="replay", options={"cik": [1000101]})
    assert again.ok, again.problems
    assert again.harvests == live.harvests
    one.load(live)
    later = live.harvests
    live.harvests = [h._replace(batch="2099-01-01") for h in later]
    one.load(live)
    assert len(one.rows("family_edge")) == 4, "the earlier crawl's edges stand beside the later one's"


def test_sec_is_asked_at_most_ten_times_a_second_over_both_hosts() -> None:
    source = load_source("sec")
    assert source.politeness.concurrency == 1
    assert len(source.hosts) / source.politeness.delay_seconds <= 10


@pytest.mark.shared
def test_the_recorded_refusal_is_recognised(shared: Path) -> None:
    page = (shared / "api" / "examples" / "sec" / "rate-exceeded.html").read_bytes()
    seen = Seen(status=200, media_type="text/html", head=page, tail=page, length=len(page), received=len(page))
    assert judge(seen, ("text/html",), load_source("sec").block_markers).verdict == "block_page"


# ---- parsers --------------------------------------------------------------------------------------------------------


def context() -> ParseContext:
    return ParseContext(capture_id="c", source="sec", as_of=date(2026, 11, 1))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"<html>", b'{"0": 1}', b"[" * 100_000])
def test_lists_that_are_none_are_refused(body: bytes) -> None:
    with pytest.raises(BadPageError):
        list(parse_tickers(io.BytesIO(body), context()))
    with pytest.raises(BadPageError):
        list(parse_submissions(io.BytesIO(body), context()))


def test_new_fields_are_noticed_and_impossible_days_left_out() -> None:
    told = context()
    body = {"cik": "1", "name": "X\x00 Corp \ud800", "entityType": "operating", "sic": "1", "somethingNew": 1,
            "formerNames": [
        {"name": "Later Corp", "from": "2020-01-01T00:00:00.000Z", "to": "2010-01-01T00:00:00.000Z"}, {"name": ""}]}
    rows = [r for _, b in parse_submissions(io.BytesIO(json.dumps(body).encode()), told) for r in b.to_pylist()]
    assert [(r["name"], r["valid_from"], r["valid_to"]) for r in rows] == [("X Corp", None, None), ("Later Corp", None,
                                                                                                    None)]
    assert {p.kind for p in told.problems} == {"unknown_field", "dates", "row"}


def test_ciks_in_every_spelling() -> None:
    assert cik_key(320193) == cik_key("320193") == cik_key("0000320193") == "cik:0000320193"
    assert [cik_key(bad) for bad in (None, "", "abc", "-1", 0, "12345678901")] == [None] * 6


def test_annual_reports_of_uneven_columns() -> None:
    found = annual_reports({"accessionNumber": ["a-1", "a-2"], "form": ["10-K", "8-K", "10-K"],
                            "filingDate": ["2026-01-02", "x"],
                            "reportDate": ["", ""]})
    assert [(one.accession, one.filed) for one in found] == [("a-1", date(2026, 1, 2))]
    assert annual_reports({"form": "10-K"}) == []


def test_an_index_without_documents_is_refused() -> None:
    for page in (b"", b"<html><body>gone</body></html>", b"\xff\xfe\x00"):
        with pytest.raises(BadPageError):
            documents(page, "index")
    page = Sec()._filing(MADE_UP[0], "x-index.htm").body
    assert exhibits(documents(page, "index"), "EX-21") == [f"{MADE_UP[0].folder}/ex211.htm"]


@pytest.mark.shared
def test_recorded_answers_are_read_whole(shared: Path) -> None:
    folder = shared / "api" / "examples" / "sec"
    told = context()
    with (folder / "company_tickers_first200.json").open("rb") as file:
        rows = [r for _, b in parse_tickers(file, told) for r in b.to_pylist()]
    listed = json.loads((folder / "company_tickers_first200.json").read_text())
    assert sum(r["kind"] == "ticker" for r in rows) == len(listed)
    assert sum(r["kind"] == "legal" for r in rows) == len({one["cik_str"] for one in listed.values()})
    assert told.problems == []
    with (folder / "submissions_trimmed_CIK0001771340.json").open("rb") as file:
        told = context()
        assert list(parse_submissions(file, told)) == [], "an insider is a natural person"
    assert {p.kind for p in told.problems} == {"person"}


@pytest.mark.shared
def test_former_names_come_out_as_the_recorded_history_has_them(shared: Path) -> None:
    """The history is one row a name with its days; put through SEC's own shape it comes back the same."""
    by_cik: dict[str, list[dict[str, str]]] = {}
    with gzip.open(shared / "data" / "matching" / "sec_former_names.csv.gz", "rt", encoding="utf-8",
                   newline="") as file:
        for row in csv.DictReader(file):
            by_cik.setdefault(row["cik"], []).append(row)
    checked = 0
    for cik, rows in list(by_cik.items())[:3000]:
        now = [row for row in rows if not row["end_date"]]
        if len(now) != 1:
            continue
        body = {"cik": cik, "name": now[0]["name"], "entityType": "operating", "sic": "1", "formerNames": [
            {"name": r["name"], "from": f"{r['start_date']}T05:00:00.000Z", "to": f"{r['end_date']}T05:00:00.000Z"}
            for r in rows if r["end_date"]]}
        got = [r for _, b in parse_submissions(io.BytesIO(json.dumps(body).encode()), context()) for r in b.to_pylist()]
        want = {(" ".join(r["name"].split()), r["start_date"], r["end_date"]) for r in rows if r["end_date"]
                and r["end_date"] >= r["start_date"]}
        assert {(g["name"], str(g["valid_from"]), str(g["valid_to"])) for g in got if g["kind"] == "former"
                and g["valid_from"]} == want
        checked += 1
    assert checked > 1000
