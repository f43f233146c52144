"""The Federal Register: pages, full texts, and crawls through the replica with its traps."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.federal_register import api, fulltext
from crawlers.federal_register.agencies import agency_of, known, resolve
from crawlers.federal_register.forms import form
from crawlers.load import load
from crawlers.parsing import BadPageError, ParseContext
from crawlers.run import CrawlReport, crawl
from records.lake import read_table
from records.published import DOCUMENT
from records.workspace import Workspace
from tests.replica.federal_register import WALL, Document, FederalRegister, made
from tests.replica.plain import PlainServer, running

DAYS = {"date_from": "2026-11-11", "date_to": "2026-11-20"}
OURS = {"u-s-immigration-and-customs-enforcement", "u-s-customs-and-border-protection", "homeland-security-department",
        "u-s-citizenship-and-immigration-services", "executive-office-for-immigration-review",
        "refugee-resettlement-office"}


def context(url: str = "") -> ParseContext:
    return ParseContext(capture_id="c1", source="federal_register", as_of=date(2026, 11, 21), url=url)


def wanted(documents: list[Document]) -> set[str]:
    return {d.number for d in documents if OURS & set(d.slugs) and d.type in ("NOTICE", "PRORULE")}


class Night:
    """One installation against one replica."""

    def __init__(self, workspace: Workspace, service: FederalRegister, server: PlainServer) -> None:
        self.workspace, self.service, self.server = workspace, service, server

    def crawl(self, run: str = "r1", **options: Any) -> CrawlReport:
        return crawl("federal_register", workspace=self.workspace, run_id=run, base_url=self.server.base,
                     options={**DAYS, **options})

    def documents(self, report: CrawlReport) -> list[dict[str, Any]]:
        done = load(report.harvests, EvidenceArchive(self.workspace.evidence), self.workspace.lake,
                    source="federal_register")
        assert done.ok, done.problems
        return list(read_table(self.workspace.lake, "document", DOCUMENT).to_pylist())


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:
        def start(*traps: str, cap: int = 10_000, documents: list[Document] | None = None) -> Night:
            service = FederalRegister(documents or made(days=5), frozenset(traps), cap=cap)
            server = stack.enter_context(running(PlainServer(service.answer)))
            return Night(Workspace(tmp_path / "data").ensure(), service, server)

        yield start


@pytest.mark.clause("§3.3.b")
@pytest.mark.parametrize("traps", [(), ("rawname",), ("small",)])
def test_every_document_comes_with_abstract_and_full_text(nights: Any, traps: tuple[str, ...]) -> None:
    night = nights(*traps)
    report = night.crawl()
    assert report.ok, (report.problems, report.proofs)
    rows = night.documents(report)
    expected = wanted(night.service.documents)
    assert {r["record_key"] for r in rows if r["access"] == "teaser"} == expected
    assert {r["record_key"] for r in rows if r["access"] == "full"} == expected
    by_number = {d.number: d for d in night.service.documents}
    for row in rows:
        document = by_number[row["record_key"]]
        assert row["title"] == document.title
        assert row["published_at"] == datetime.combine(document.day, datetime.min.time(), UTC)
        assert "Person" not in row["text"]
        assert "example.gov" not in row["text"]
    forms = {r["record_key"]: r["form"] for r in rows if r["access"] == "teaser"}
    assert forms == {r["record_key"]: r["form"] for r in rows if r["access"] == "full"}
    assert {"information_collection", "request_for_information", "proposed_rule", "notice"} == set(forms.values())


def test_an_archive_is_replayed_by_the_windows_it_was_recorded_with(nights: Any) -> None:
    night = nights()
    live = [night.crawl(run, date_from=first, date_to=last) for run, first, last in (
        ("r1", "2026-11-16", "2026-11-18"), ("r2", "2026-11-18", "2026-11-20"))]
    again = crawl("federal_register", workspace=night.workspace, run_id="r3", mode="replay",
                  replay=night.workspace.evidence, base_url=night.server.base)
    assert again.ok, again.problems
    assert {h.capture_id for h in again.harvests} == {h.capture_id for report in live for h in report.harvests}


def test_slices_stay_under_the_services_count(nights: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = made(per_day=6)
    night = nights(documents=documents)
    night.service.cap = 10
    night.service.traps = frozenset({"cap"})
    report = night.crawl(cap=10, texts=False)
    assert report.ok, (report.problems, report.proofs)
    assert len(report.proofs) > 1, "the window was cut into slices"
    assert sum(proof["got"] for proof in report.proofs) == len(wanted(documents))


@pytest.mark.parametrize(("trap", "words"), [
    ("unfiltered", "ignored the agencies"), ("nodates", "ignored the dates"), ("liar", "ignored the dates")])
def test_filters_that_were_ignored_are_noticed(nights: Any, trap: str, words: str) -> None:
    night = nights(trap)
    report = night.crawl(date_from="2026-11-18", date_to="2026-11-19", texts=False)
    assert not report.ok
    assert words in report.problems[0]
    assert not report.harvests


def test_the_wall_is_archived_as_a_block_page_and_nothing_is_taken(nights: Any) -> None:
    night = nights("blocked")
    report = night.crawl()
    assert not report.ok
    assert "block_page" in report.problems[0]
    assert not report.harvests
    assert [c.verdict for c in EvidenceArchive(night.workspace.evidence).captures()] == ["block_page"]


def test_a_renamed_agency_is_found_by_name_and_a_lost_one_reported(nights: Any) -> None:
    night = nights("renamed")
    report = night.crawl(texts=False)
    assert report.ok, report.problems
    assert any("refugee-resettlement-office" in note for note in report.notes)
    asked = {value for request, _ in night.server.log for _, value in request.query}
    assert "ice-renamed" in asked
    assert "u-s-immigration-and-customs-enforcement" not in asked


def test_texts_that_are_late_come_the_next_night_and_others_are_not_fetched_again(nights: Any) -> None:
    night = nights("late")
    report = night.crawl(date_from="2026-11-19", date_to="2026-11-20")
    late = {d.number for d in night.service.documents if d.day == date(2026, 11, 20)} & wanted(night.service.documents)
    told = "".join([*report.notes, *report.problems])
    assert all(number in told for number in late)
    before = sum("/html/" in request.path for request, _ in night.server.log)
    night.service.traps = frozenset()
    second = night.crawl("r2", date_from="2026-11-19", date_to="2026-11-20")
    assert second.ok
    assert sum("/html/" in request.path for request, _ in night.server.log) - before == len(late)


def test_replay_gives_the_same(nights: Any) -> None:
    night = nights()
    live = night.crawl()
    again = crawl("federal_register", workspace=night.workspace, run_id="r9", mode="replay", options=DAYS)
    assert again.ok, again.problems
    assert sorted(again.harvests) == sorted(live.harvests)


# ---- parsers --------------------------------------------------------------------------------------------------------


def page_of(*items: Any) -> bytes:
    return json.dumps({"count": len(items), "description": "x", "results": list(items)}).encode()


def read(parser: Any, payload: bytes, where: ParseContext | None = None) -> list[dict[str, Any]]:
    return [row for _, batch in parser.parse(io.BytesIO(payload), where or context()) for row in batch.to_pylist()]


def test_every_segment_leads_back_to_its_bytes() -> None:
    document = made()[0]
    document.abstract = 'Data on "500,000" identities — é'
    for parser, raw, where in ((api, page_of(*[d.item(False) for d in [document, *made()]]), context()),
                               (fulltext, document.text(), context("https://x/FR-2026-11-20/html/2026-20000.htm"))):
        for row in read(parser, raw, where):
            covered = 0
            for segment in row["segments"]:
                words = raw[segment["byte_start"] : segment["byte_end"]].decode()
                assert words == row["text"][segment["start"] : segment["end"]]
                covered += len(words)
            assert covered > 0.8 * len(row["text"])


def test_a_full_text_is_read_as_printed() -> None:
    document = made()[0]
    (row,) = read(fulltext, document.text())
    assert row["record_key"] == document.number
    assert row["agency_id"] == "ice"
    assert row["form"] == "information_collection"
    assert row["published_at"] == datetime(2026, 11, 20, tzinfo=UTC)
    text = row["text"]
    assert "vendors of identity & location data what they can deliver, and at which price." in text
    assert "FOR FURTHER INFORMATION CONTACT: [contact]" in text
    assert "[name],\n" in text or "[name], Director" in text
    assert "[[Page" not in text


def test_shapes_the_service_was_seen_to_send() -> None:
    assert read(api, b'{"count": 0, "description": "Documents"}') == []
    item = made()[0].item(False)
    item["agencies"] = [{"raw_name": "U.S. Immigration and Customs Enforcement"}]
    (row,) = read(api, page_of(item))
    assert row["agency_id"] == "ice"
    where = context()
    rows = read(api, page_of({**item, "surprise": 1}, "text", {**item, "document_number": "../etc"}), where)
    assert len(rows) == 1
    assert {(p.kind, p.severity) for p in where.problems} == {("unknown_field", "warning"), ("row", "error")}


@pytest.mark.parametrize("number", ["2026-19222", "E8-1234", "C1-2024-12345", "94-1234", "R1-2025-00012"])
def test_document_numbers_of_all_times(number: str) -> None:
    (row,) = read(api, page_of({**made()[0].item(False), "document_number": number}))
    assert row["record_key"] == number


@pytest.mark.parametrize("payload", [b"", b"[]", WALL, b'{"errors":{"agencies":"invalid value"}}', b'{"count": 3}'])
def test_answers_that_are_no_page_are_refused(payload: bytes) -> None:
    with pytest.raises(BadPageError):
        read(api, payload)


def test_texts_of_another_document_or_none_are_refused() -> None:
    with pytest.raises(BadPageError, match="has no <pre>"):
        read(fulltext, WALL)
    with pytest.raises(BadPageError, match="is document 2026-20000, but 2026-1 was asked for"):
        read(fulltext, made()[0].text(), context("https://www.govinfo.gov/content/pkg/FR-2026-11-20/html/2026-1.htm"))
    with pytest.raises(BadPageError, match="names no FR Doc No"):
        read(fulltext, b"<pre>Something</pre>")


def test_forms() -> None:
    assert form("Notice", "Agency Information Collection Activities: Form I-352", "60-Day notice", None) == (
        "information_collection")
    assert form("Notice", "Request for Information: Detention Data", "Notice", None) == "request_for_information"
    assert form("Notice", "Meeting", "Notice of meeting; request for comments", None) == "notice"
    assert form("Proposed Rule", "Fees", None, None) == "proposed_rule"
    assert form("Something", "Fees", None, None) is None


@pytest.mark.clause("§2.5")
def test_agencies_are_those_of_the_ordinance() -> None:
    assert {one.agency for one in known()} >= {"ice", "cbp", "uscis", "eoir", "orr", "dhs"}
    assert agency_of([("homeland-security-department", "Homeland Security Department"),
                      ("coast-guard", "Coast Guard")], "Safety zone; fireworks") != "ice"
    assert agency_of([("homeland-security-department", "Homeland Security Department"),
                      ("u-s-customs-and-border-protection", "U.S. Customs and Border Protection")], "") == "cbp"
    assert agency_of([("fish-and-wildlife-service", "Fish and Wildlife Service")], "Ice seals") is None
    assert resolve([]).names == {}
