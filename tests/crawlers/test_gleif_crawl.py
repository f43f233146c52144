"""Crawls of GLEIF through its replica, and its recorded answers."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.gleif.records import parse, parse_isins
from crawlers.gleif.relations import parse as parse_relations
from crawlers.gleif.relations import parse_exception
from crawlers.load import load
from crawlers.parsing import BadPageError, ParseContext
from crawlers.run import CrawlReport, crawl
from crawlers.sources import load as load_source
from records.lake import read_table
from records.published import COMPANY_ALIAS, FAMILY_EDGE, SECURITY
from records.workspace import Workspace
from tests.replica.gleif import DETENTION, HARBOR, HOLDING, Gleif, lei
from tests.replica.plain import PlainServer, running

SCHEMAS = {"company_alias": COMPANY_ALIAS, "family_edge": FAMILY_EDGE, "security": SECURITY}


@dataclass
class Night:
    """One installation against one replica."""

    workspace: Workspace
    service: Gleif
    server: PlainServer

    def crawl(self, run: str = "r1", **options: Any) -> CrawlReport:
        return crawl("gleif", workspace=self.workspace, run_id=run, base_url=self.server.base, options=options)

    def rows(self, report: CrawlReport, table: str) -> list[dict[str, Any]]:
        done = load(report.harvests, EvidenceArchive(self.workspace.evidence), self.workspace.lake, source="gleif")
        assert done.ok, done.problems
        return list(read_table(self.workspace.lake, table, SCHEMAS[table]).to_pylist())


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:
        def start(*traps: str) -> Night:
            service = Gleif(traps=frozenset(traps))
            server = stack.enter_context(running(PlainServer(service.answer)))
            return Night(Workspace(tmp_path / "data").ensure(), service, server)

        yield start


@pytest.mark.clause("§2.6")
@pytest.mark.parametrize("traps", [(), ("rate",)])
def test_parents_are_followed_up_with_names_and_days(night: Any, traps: tuple[str, ...]) -> None:
    one = night(*traps)
    report = one.crawl(names=["LANTERN DETENTION SERVICES LLC"], children=False)
    assert report.ok, report.problems
    edges = {(e["child_key"], e["control"]): e for e in one.rows(report, "family_edge")}
    direct = edges[f"lei:{DETENTION}", "direct_parent"]
    assert (direct["child"], direct["parent"], direct["parent_key"], direct["valid_from"], direct["as_of"]) == (
        "Lantern Detention Services, LLC", "Harbor Lantern Holdings LLC", f"lei:{HOLDING}", date(2011, 5, 6),
        date(2026, 11, 20))
    assert edges[f"lei:{DETENTION}", "ultimate_parent"]["parent_key"] == f"lei:{HARBOR}"
    assert edges[f"lei:{HOLDING}", "direct_parent"]["parent_key"] == f"lei:{HARBOR}", "the parent's parent"
    exception = edges[f"lei:{HARBOR}", "reporting_exception"]
    assert (exception["parent_key"], exception["note"]) in {("none:direct", "NON_CONSOLIDATING"), ("none:ultimate",
                                                                                                  "NON_CONSOLIDATING")}


@pytest.mark.parametrize("traps", [(), ("small",)])
def test_children_are_paged_to_their_total_with_names_first(night: Any, traps: tuple[str, ...]) -> None:
    one = night(*traps)
    report = one.crawl(lei=[HOLDING])
    assert report.ok, (report.problems, report.proofs)
    edges = one.rows(report, "family_edge")
    below = [e for e in edges if e["parent_key"] == f"lei:{HOLDING}" and e["control"] == "direct_parent"]
    assert len({e["child_key"] for e in below}) == 32
    assert all(e["child"] != e["child_key"].removeprefix("lei:") for e in below), "each child has its name"
    assert all(proof["ok"] for proof in report.proofs)
    assert len(report.proofs) >= 2


def test_former_and_trade_names_and_securities(night: Any) -> None:
    one = night()
    report = one.crawl(cusips=["594918104", "594918105"], children=False, securities=True)
    assert report.ok, report.problems
    assert any("594918105" in note for note in report.notes), "a wrong check digit is told"
    names = {(a["name"], a["kind"]) for a in one.rows(report, "company_alias") if a["company_key"] == f"lei:{HARBOR}"}
    assert names == {("HARBOR LANTERN CORPORATION", "legal"), ("OLD PIER CORPORATION", "former"), ("Harbor Lantern",
                                                                                                   "dba")}
    found = {(s["id_value"], s["issuer_key"], s["outcome"]) for s in one.rows(report, "security")}
    assert found == {("US5949181045", f"lei:{HARBOR}", "found"), ("US0378331005", f"lei:{HARBOR}", "found")}


def test_an_isin_that_nobody_has_is_an_answer(night: Any) -> None:
    one = night()
    report = one.crawl(isins=["US4592001014", "US4592001015"])
    assert any("'US4592001015' is no ISIN" in problem for problem in report.problems)
    assert [(s["id_value"], s["outcome"]) for s in one.rows(report, "security")] == [("US4592001014", "none")]


def test_a_sole_proprietor_leaves_nothing(night: Any) -> None:
    one = night()
    report = one.crawl(lei=[lei(900)])
    assert "Doe" not in str(one.rows(report, "company_alias"))


def test_a_successor_is_an_edge_and_natural_persons_are_a_reason_only(night: Any) -> None:
    one = night()
    report = one.crawl(lei=[lei(901)])
    edges = {e["control"]: e for e in one.rows(report, "family_edge")}
    assert (edges["acquired"]["parent_key"], edges["acquired"]["valid_from"]) == (f"lei:{HOLDING}", date(2020, 6, 30))
    assert edges["reporting_exception"]["note"] == "NATURAL_PERSONS"


def test_unknown_and_malformed_leis_are_told(night: Any) -> None:
    one = night()
    report = one.crawl(lei=[lei(777), "nonsense"], names=["Zzyzx Nobody"])
    assert any("does not know LEI" in note for note in report.notes)
    assert any("'nonsense' is no LEI" in problem for problem in report.problems)
    assert any("no entity named 'Zzyzx Nobody'" in note for note in report.notes)


def test_a_list_that_goes_in_circles_or_falls_short_is_no_success(night: Any) -> None:
    looped = night("loop", "small").crawl("r1", lei=[HOLDING])
    assert any("came twice" in problem for problem in looped.problems)
    short = night("short").crawl("r2", lei=[HOLDING])
    assert not short.ok
    assert any(not proof["ok"] for proof in short.proofs)


def test_links_that_lead_elsewhere_are_not_followed(night: Any) -> None:
    one = night("foreign")
    report = one.crawl(lei=[DETENTION])
    assert any("not followed" in problem for problem in report.problems)
    assert not [a for a, _ in one.server.log if "elsewhere" in a.path]


def test_answers_without_data_are_problems(night: Any) -> None:
    report = night("nodata").crawl(lei=[DETENTION])
    assert any("has no data" in problem for problem in report.problems)


def test_sixty_requests_a_minute_at_most() -> None:
    manners = load_source("gleif").politeness
    assert manners.delay_seconds >= 1
    assert manners.concurrency == 1


def test_replay_gives_the_same_harvests(night: Any) -> None:
    one = night()
    live = one.crawl(lei=[DETENTION], children=False)
    again = crawl("gleif", workspace=one.workspace, run_id="r2", mode="replay",
                  options={"lei": [DETENTION], "children": False})
    assert again.ok, again.problems
    assert again.harvests == live.harvests


# ---- parsers --------------------------------------------------------------------------------------------------------


def context(**hints: Any) -> ParseContext:
    return ParseContext(capture_id="c", source="gleif", as_of=date(2026, 11, 1), hints=hints)


@pytest.mark.parametrize("parser", [parse, parse_relations, parse_exception, parse_isins])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": 1}', b"<html>", b"\xff\xfe", b"{" * 100_000])
def test_answers_that_are_none_are_refused(parser: Any, body: bytes) -> None:
    with pytest.raises(BadPageError):
        list(parser(io.BytesIO(body), context()))


@pytest.mark.parametrize("parser", [parse, parse_relations, parse_exception, parse_isins])
def test_rows_that_are_none_are_told_and_left_out(parser: Any) -> None:
    told = context()
    body = {"data": [{}, {"attributes": None}, {"attributes": {"lei": "x"}}, {"id": "\ud800"}]}
    assert list(parser(io.BytesIO(json.dumps(body).encode()), told)) == []
    assert sum(p.count for p in told.problems if p.severity == "error") == 4


@pytest.mark.shared
def test_every_recorded_answer_is_read_without_a_problem(shared: Path) -> None:
    folder = shared / "api" / "examples" / "gleif" / "live_2025-05"
    read: Counter[str] = Counter()
    for file in sorted(folder.glob("*.json")):
        parser: Any = parse
        if "relationship" in file.name:
            parser = parse_relations
        elif "exception" in file.name:
            parser = parse_exception
        elif "isins" in file.name:
            parser = parse_isins
        elif "completions" in file.name:
            continue
        told = context()
        with file.open("rb") as payload:
            for table, batch in parser(payload, told):
                read[table] += batch.num_rows
        assert not [p for p in told.problems if p.kind != "person"], (file.name, [str(p) for p in told.problems])
    assert read["family_edge"] >= 6
    assert read["company_alias"] > 40
    assert read["security"] == 15
