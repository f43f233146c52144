"""Companies through the night: joined with reasons, found by any name, judged by persons, undone without a trace."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from records.ids import candidate_id
from records.lake import write_partition
from records.published import COMPANY_ALIAS, FAMILY_EDGE
from records.workspace import Workspace
from section3c import app
from tests.warehouse.built import SEEN, night
from tests.warehouse.rows import transaction, write
from warehouse import checks, company_judging, company_pages, publish
from warehouse.build import BuildReport
from warehouse.engine import WarehouseError

BEDS, MORE, PLATES, FORMER = (f"CONT_AWD_{n}_7012_GS00F0001X_4730" for n in ("A", "B", "C", "D"))
UEI, OTHER = "ABCDEF123456", "GHJKLM123457"
COMPANY, NAME_ONLY = f"uei:{UEI}", "name:HOLLOWAY DETENTION LLC"


def row(capture: str, number: int, award: str, name: str, **more: object) -> dict[str, object]:
    return transaction(capture, number, award_key=award, recipient=name, transaction_key=f"T{number}",
                       description="DETENTION BEDS", **more)  # fmt: skip


def fill(workspace: Workspace) -> None:
    seen = {"source": "sec", "capture_id": "c3", "locator": "bytes:1-9"}
    write(workspace, [
        row("c1", 1, BEDS, "HOLLOWAY DETENTION LLC", recipient_uei=UEI, recipient_duns="123456780",
            parent="HOLLOWAY GROUP INC", parent_uei=OTHER),
        row("c1", 2, MORE, "HOLLOWAY DETENTION, L.L.C."),
        row("c2", 3, PLATES.replace("GS00F0001X", "-NONE-"), "Holloway Detention Services Inc"),
        row("c2", 4, FORMER, "JOAN DOE", business_flags=["sole_proprietorship"]),
    ], "d1")  # fmt: skip
    edge = dict.fromkeys(FAMILY_EDGE.names) | seen | {
        "child_key": "name:MERIDIAN CARE LLC", "child": "Meridian Care <b>LLC", "parent_key": "cik:0000000077",
        "parent": "Holloway Group, Inc.", "control": "subsidiary", "as_of": dt.date(2023, 2, 1)}  # fmt: skip
    also = edge | {"child_key": "name:HOLLOWAY DETENTION LLC", "child": "Holloway Detention, LLC"}
    alias = dict.fromkeys(COMPANY_ALIAS.names) | seen | {
        "company_key": "cik:0000000077", "name": "Barrow Corrections Corp", "kind": "former",
        "valid_to": dt.date(2011, 5, 1)}  # fmt: skip
    for table, schema, rows in (("family_edge", FAMILY_EDGE, [edge, also]), ("company_alias", COMPANY_ALIAS, [alias])):
        batches = pa.Table.from_pylist(rows, schema=schema).to_batches()
        write_partition(workspace.lake, table, "sec", "b1", schema, batches)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, BuildReport]:
    workspace = Workspace(tmp_path_factory.mktemp("companies")).ensure()
    fill(workspace)
    report = night(workspace, SEEN)
    assert checks.run(workspace, report).ok, checks.run(workspace, report).failures
    publish.publish(workspace, report.version, {})
    return workspace, report


@pytest.fixture
def own(made: tuple[Workspace, BuildReport], tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(made[0].root, workspace.root)
    return workspace


def said(workspace: Workspace, *arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1", "TERM": "dumb"}).invoke(
        app, ["company", *arguments, "--data", str(workspace.root)])  # fmt: skip
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def table(report: BuildReport, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(report.file), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_name_only_and_uei_rows_of_one_company_are_one_with_the_reason(made: tuple[Workspace, BuildReport]) -> None:
    found = table(made[1], "SELECT old_company_id, new_company_id, why FROM company_rekey")
    rekeyed = {row[0]: row[1:] for row in found}
    assert rekeyed[NAME_ONLY][0] == COMPANY and "contractor of vehicle GS00F0001X" in str(rekeyed[NAME_ONLY][1])
    assert rekeyed["duns:123456780"][0] == COMPANY
    assert rekeyed["sub:cik:0000000077/HOLLOWAY DETENTION LLC"][0] == COMPANY
    assert rekeyed["cik:0000000077"][0] == f"uei:{OTHER}"  # both own a company of one name
    assert "name:HOLLOWAY DETENTION SERVICES INC" not in rekeyed
    old = candidate_id(NAME_ONLY, "detention")
    assert table(made[1], f"SELECT candidate_id FROM candidate_rekey WHERE old_candidate_id = '{old}'") == [
        (candidate_id(COMPANY, "detention"),)]  # fmt: skip


def test_natural_persons_are_in_no_table_of_companies(made: tuple[Workspace, BuildReport]) -> None:
    for name in ("company", "company_alias", "company_rekey", "company_link", "company_review", "company_edge"):
        found = table(made[1], f"SELECT count(*) FROM {name} AS t WHERE contains(upper(t::VARCHAR), 'JOAN')")
        assert found == [(0,)], name


@pytest.mark.clause("§2.6")
def test_a_profile_shows_names_family_candidates_and_doubts(made: tuple[Workspace, BuildReport]) -> None:
    workspace, _ = made
    (found,) = company_pages.find(workspace, "Barrow Corrections Corporation")
    page = company_pages.profile(workspace, found.company_id)
    assert page.company_id == f"uei:{OTHER}"
    assert {link.to_id for link in page.owned} == {COMPANY, "sub:cik:0000000077/MERIDIAN CARE B LLC"}
    assert [c["company_id"] for c in page.family_candidates] == [COMPANY]
    assert {(n["name"], n["kind"]) for n in page.names} >= {("Barrow Corrections Corp", "former")}
    below = company_pages.profile(workspace, NAME_ONLY)
    assert (below.company_id, below.rekeyed_from) == (COMPANY, NAME_ONLY)
    assert [link.to_id for link in below.owners[0]] == [f"uei:{OTHER}"]
    assert {s["record_key"] for s in below.statements} == {BEDS, MORE}
    assert any(r["rule"] == "matcher" for r in below.reviews), below.reviews
    with pytest.raises(WarehouseError, match="no company has the id"):
        company_pages.profile(workspace, "uei:NOBODY")


@pytest.mark.clause("§2.6")
def test_a_chain_leads_from_the_citys_vendor_to_the_federal_recipient(made: tuple[Workspace, BuildReport]) -> None:
    links = company_pages.family_chain(made[0], "sub:cik:0000000077/MERIDIAN CARE B LLC", COMPANY)
    assert links is not None and [link.to_id for link in links] == [f"uei:{OTHER}", COMPANY]
    assert "c3 bytes:1-9" in links[0].evidence and links[0].reason and links[0].source == "exhibit21"
    assert company_pages.family_chain(made[0], COMPANY, "name:HOLLOWAY DETENTION SERVICES INC") is None
    picture = ET.fromstring(company_pages.family_svg(made[0], f"uei:{OTHER}").encode())
    assert len(picture.findall(".//{http://www.w3.org/2000/svg}rect")) == 3
    assert not [one for one in picture.iter() if one.tag.endswith("}b")]


def content(workspace: Workspace, report: BuildReport) -> Iterator[tuple[str, str]]:
    for name, hashes in report.hashes.items():
        if name != "meta":
            yield name, hashes[1]


@pytest.mark.clause("§3.3")
def test_a_judgement_survives_every_run_and_its_undo_leaves_no_trace(own: Workspace) -> None:
    before = dict(content(own, night(own, SEEN)))
    other = "name:HOLLOWAY DETENTION SERVICES INC"
    line = company_judging.judge(own, COMPANY, other, "same", reason="same licence number", by="Clerk")
    assert line.evidence_sha256 and line.matcher_version and line.score_bits is not None
    joined = night(own, SEEN)
    for _ in range(2):  # a later run, with new rows, does not overturn it
        assert table(joined, f"SELECT new_company_id, why FROM company_rekey WHERE old_company_id = '{other}'") == [
            (COMPANY, "Clerk judged them the same (" + line.at[:10] + "): same licence number")]  # fmt: skip
        write(own, [row("c2", 9, "CONT_AWD_Z_7012_-NONE-_-NONE-", "ELM ROAD DETENTION LLC")], "d2")
        joined = night(own, SEEN)
    publish.publish(own, joined.version, {})
    (standing,) = company_judging.standing(own)
    assert not standing.stale, "joining the two is no change of what the person saw"
    with pytest.raises(WarehouseError, match="line 1 of the journal says so already"):
        company_judging.judge(own, other, COMPANY, "same", reason="again", by="Clerk")
    shutil.rmtree(own.lake / "transaction" / "source=usaspending" / "batch=d2")
    company_judging.undo(own, 1, reason="another company's licence", by="Second")
    assert dict(content(own, night(own, SEEN))) == before


def test_different_holds_apart_what_rules_would_join_and_says_so(own: Workspace) -> None:
    company_judging.judge(own, COMPANY, NAME_ONLY, "different", reason="another state's register", by="Clerk")
    report = night(own, SEEN)
    assert checks.run(own, report).ok
    assert table(report, f"SELECT count(*) FROM company_rekey WHERE old_company_id = '{NAME_ONLY}'") == [(0,)]
    assert table(report, "SELECT count(*) FROM company_link WHERE outcome = 'held'")[0][0]
    assert table(report, f"SELECT count(*) FROM candidate WHERE company_id = '{NAME_ONLY}'") == [(1,)]


def test_a_journal_that_was_changed_stops_the_run_and_names_the_line(own: Workspace) -> None:
    company_judging.judge(own, COMPANY, NAME_ONLY, "different", reason="r", by="Clerk")
    path = own.root / "judgements" / "companies.jsonl"
    path.write_text(path.read_text().replace('"different"', '"same"'))
    with pytest.raises(WarehouseError, match=r"companies\.jsonl:1"):
        night(own, SEEN)


@pytest.mark.parametrize(("change", "check"), [
    ("UPDATE company_rekey SET new_company_id = old_company_id", "rekey_leads_home"),
    ("INSERT INTO company_rekey SELECT company_id, 'uei:X', 'n', 'record', 'w' FROM statement LIMIT 1",
     "rekey_leads_home"),
    ("DELETE FROM company WHERE starts_with(company_id, 'sub:')", "family_known"),
    ("UPDATE company_edge SET evidence = ''", "edge_has_source"),
])  # fmt: skip
def test_each_check_of_companies_fails_on_what_it_is_for(own: Workspace, change: str, check: str) -> None:
    report = night(own, SEEN)
    with duckdb.connect(str(report.file)) as con:
        con.execute(change)
    assert check in {failure.check for failure in checks.run(own, report).failures}


def test_the_verbs(own: Workspace, tmp_path: Path) -> None:
    code, text = said(own, "Holloway Detention LLC", "--svg", str(tmp_path / "f.svg"))
    assert code == 0 and "HOLLOWAY GROUP INC" in text and "exhibit21" in text
    ET.parse(tmp_path / "f.svg")
    code, text = said(own, "holloway")
    assert code == 2 and COMPANY in text and f"uei:{OTHER}" in text
    code, text = said(own, "Nobody At All Ltd")
    assert code == 1 and "no company is known by" in text
    code, text = said(own, "show", COMPANY, "--format", "json")
    assert json.loads(text)["company_id"] == COMPANY
    code, text = said(own, "chain", "Meridian Care b LLC", "Holloway Detention LLC")
    assert code == 0 and text.count("Holloway Group") + text.count("HOLLOWAY GROUP") >= 2
    assert said(own, "chain", COMPANY, "listed:palantir")[0] == 1
    code, text = said(own, "judge", COMPANY, "uei:NOBODY", "same", "--reason", "r")
    assert code == 1 and "no company has the id" in text
    code, text = said(own, "judge", COMPANY, NAME_ONLY, "perhaps", "--reason", "r")
    assert code == 1 and "same, different, unsure" in text
    code, text = said(own, "judge", COMPANY, NAME_ONLY, "unsure", "--reason", "r\x1b[31m", "--by", "Clerk")
    assert code == 0 and "line 1" in text
    code, text = said(own, "judgements")
    assert code == 0 and "unsure" in text and "\x1b[31m" not in text
    assert said(own, "undo", "7", "--reason", "r")[0] == 1
    assert said(own, "reviews", "--format", "csv")[1].startswith("a,a_name,b,b_name")
