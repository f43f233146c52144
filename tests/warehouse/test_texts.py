"""Statements from notices, articles and attachments: what they say, where it stands in the bytes, what it makes."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from crawlers.archive import EvidenceArchive
from crawlers.documents import extract
from records.lake import read_table
from records.published import DOCUMENT
from records.workspace import Workspace
from tests.crawlers.documents_made import archive as zip_of
from tests.crawlers.documents_made import pdf, word
from tests.warehouse.archived import flip
from tests.warehouse.text_readers import SentenceReader
from tests.warehouse.texts_archived import (
    AWARD,
    DEAL,
    OTHER,
    REQUEST,
    article,
    night,
    notice,
    notices,
    outlets,
    put,
    read_in,
)
from warehouse import checks, evidence, pages, reader
from warehouse.packet import export, verify_packet
from warehouse.places import read_back
from warehouse.text_places import places
from warehouse.text_vendors import posted_name

ASKED = 'ICE seeks a "license plate" search tool &amp; support. Questions go to jane.roe@ice.dhs.gov or 202-555-0147.'
NO = "Plain Sight Data Inc denies any license plate work for ICE."
GIVEN = "Grimhold Guards LLC operates detention beds for ICE."


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published night over three notices, a story in two papers, a partisan page, a denial and a person."""
    folder = tmp_path_factory.mktemp("texts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECTION3C_OUTLETS", str(outlets(folder)))
        workspace = Workspace(folder / "data").ensure()
        notices(workspace, [
            notice(REQUEST, ASKED),
            notice(OTHER, "Chairs for the lobby, thirty of them.", Title="Chairs", Sol="X1"),
            notice(AWARD, GIVEN, Type="Award Notice", Awardee="Grimhold Guards LLC", Title="Beds", Sol="X2-0001"),
        ])  # fmt: skip
        article(workspace, "https://courier.example/2024/plates", DEAL)
        article(workspace, "https://gazette.example/wire/plates", DEAL)
        article(workspace, "https://leaflet.example/plates", "Sunken Eye Inc sells license plate scans to ICE, we say.")
        article(workspace, "https://leaflet.example/more", "Grimhold Guards LLC runs detention for ICE, all of it.")
        article(workspace, "https://courier.example/2024/no", NO)
        article(workspace, "https://courier.example/2024/pat", "Pat Doe watches license plate numbers for ICE.")
        article(workspace, "https://courier.example/2024/jail", "Marsh County rents out detention cells to ICE.")
        night(workspace)
    return workspace


def rows(workspace: Workspace, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.query(workspace, sql).table.to_pylist()
    return found


@pytest.mark.clause("§3.3.b")
def test_a_request_is_shown_and_names_nobody(filled: Workspace) -> None:
    (one,) = rows(filled, "SELECT * FROM statement WHERE relation = 'requested'")
    assert (one["vendor"], one["company_id"], one["record_kind"]) == ("(nobody yet)", None, "notice")
    assert "asked for by the agency" in one["excluded"] and one["agency_role"] == "posting"
    assert not rows(filled, "SELECT * FROM statement_bits JOIN statement USING (statement_id) WHERE company_id IS NULL")


@pytest.mark.clause("§3.3.a")
def test_outlets_not_held_reliable_support_but_make_no_candidate(filled: Workspace) -> None:
    told = {row["company"]: row for row in rows(filled, "SELECT * FROM candidate")}
    assert sorted(told) == ["Grimhold Guards LLC", "Plain Sight Data Inc"]
    (lone,) = rows(filled, "SELECT * FROM statement WHERE vendor = 'Sunken Eye Inc'")
    assert not lone["alone"] and lone["excluded"] is None and lone["reliability"] == "partisan"
    guards = told["Grimhold Guards LLC"]
    assert guards["evidence"] == "federal_notice, reliable_source" and guards["statements"] == 2
    assert guards["obligated"] is None and guards["records"] == 2


def test_copies_of_one_story_count_once_and_denials_count_against(filled: Workspace) -> None:
    (one,) = rows(filled, "SELECT * FROM candidate WHERE company = 'Plain Sight Data Inc'")
    bars = {row["bar"]: row for row in rows(filled, "SELECT w.* FROM candidate_weight AS w JOIN candidate USING "
                                                    "(candidate_id) WHERE company = 'Plain Sight Data Inc'")}
    assert float(one["contradiction"]) == -1.0 and one["denials"] == 1
    assert bars["contradiction"]["label"] == "the company denies it in 1 texts"
    assert float(bars["reliability"]["bits"]) == 0.0 and float(bars["amount"]["bits"]) == 0.0
    assert one["score"] == sum(row["bits"] for row in bars.values())
    assert one["words"] == DEAL.split(". The city")[0] + "."
    (deal, *_) = rows(filled, "SELECT * FROM statement WHERE relation = 'provides' AND outlet_id = 'courier' "
                              "AND vendor LIKE 'Plain%'")
    assert (float(deal["amount"]), deal["amount_kind"], deal["date_said"]) == (2.5e6, "contract", "2023")
    assert str(deal["first_action"]) == "2023-01-01" and str(deal["stated_on"]) == "2024-01-05"


def test_persons_and_governments_make_no_candidate(filled: Workspace) -> None:
    assert not rows(filled, "SELECT * FROM statement WHERE vendor LIKE '%Doe%'")
    (jail,) = rows(filled, "SELECT * FROM statement WHERE vendor = 'Marsh County'")
    assert jail["excluded"].startswith("government body")


def test_every_word_is_read_back_from_bytes_and_shown_in_its_sentence(filled: Workspace) -> None:
    report = evidence.verify(filled)
    assert report.ok and report.statements == 8, [str(f) for f in report.findings]
    kept = rows(filled, "SELECT places, words FROM statement_span")
    assert all(place.startswith("bytes:") for row in kept for place in row["places"] or ()), kept
    cells = sorted(row["words"] for row in kept if row["places"] is None)
    assert cells == ["Beds", "Grimhold Guards LLC", "Plate data"]
    (one,) = rows(filled, "SELECT statement_id FROM statement WHERE relation = 'requested'")
    shown = evidence.show(filled, one["statement_id"])
    word, sentence = shown["words"][0], shown["words"][-1]
    assert sentence["words"] == 'ICE seeks a "license plate" search tool & support.' and sentence["found"]
    assert word["text"] == sentence["text"] and word["before"].endswith('ICE seeks a "')
    screen = Console(record=True, width=200, file=io.StringIO())
    pages.evidence(shown, screen)
    told = screen.export_text()
    assert told.count('seeks a "license plate" search tool') == 1 and "rule r1, +4.00 bits, at bytes:" in told


def test_one_flipped_byte_withdraws_and_restoring_brings_back(filled: Workspace, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(filled.root, workspace.root)
    archive = EvidenceArchive(workspace.evidence)
    (page,) = (c for c in archive.captures() if c.uri.endswith("leaflet.example/more"))
    whole = (workspace.evidence / page.warc_file).read_bytes()
    flip(workspace, page)
    found = evidence.verify(workspace)
    assert found.failed == [page.capture_id] and len(found.withdrawn) == 1
    night(workspace)
    (gone,) = rows(workspace, "SELECT * FROM withdrawn_statement")
    assert gone["capture_id"] == page.capture_id
    assert rows(workspace, "SELECT statements FROM candidate WHERE company LIKE 'Grim%'") == [{"statements": 1}]
    (workspace.evidence / page.warc_file).write_bytes(whole)
    assert evidence.verify(workspace).restored == [page.capture_id]
    night(workspace)
    assert not rows(workspace, "SELECT * FROM withdrawn_statement")


def test_a_quiet_night_rereads_nothing_and_a_changed_text_alone_is_read(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECTION3C_OUTLETS", str(filled.root.parent / "outlets.yaml"))
    workspace = Workspace(tmp_path / "copy")
    shutil.copytree(filled.root, workspace.root)
    quiet = SentenceReader()
    made, built = night(workspace, quiet)
    assert made.skipped and built.skipped and not quiet.given
    article(workspace, "https://courier.example/2024/plates", DEAL.replace("provides", "denies giving"), day=8)
    again = SentenceReader()
    made, built = night(workspace, again)
    assert len(again.given) == 1 and "denies giving ICE" in again.given[0]["text"]
    assert not checks.run(workspace, built).failures
    stands = rows(workspace, "SELECT current, findings FROM document WHERE record_key LIKE '%courier%plates' "
                             "ORDER BY current")
    assert stands == [{"current": False, "findings": None}, {"current": True, "findings": 1}]


def test_a_finding_whose_words_are_elsewhere_is_refused_alone(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data").ensure()
    notices(workspace, [notice(REQUEST, ASKED)])
    made, _ = night(workspace, SentenceReader(shift=2))
    assert made.rows["statement"] == 0 and made.counts["refused: words that are not in the text"] == 1
    assert "is not at" in made.refused[0]


def test_the_packet_holds_the_page_and_checks_without_the_archive(filled: Workspace, tmp_path: Path) -> None:
    (one,) = rows(filled, "SELECT candidate_id FROM candidate WHERE company LIKE 'Plain%'")
    made = export(filled, one["candidate_id"], tmp_path / "packet.wacz", html=tmp_path / "packet.html")
    assert verify_packet(made.path).findings == []
    page = (tmp_path / "packet.html").read_text(encoding="utf-8")
    assert "<mark>license plate</mark>" in page and "courier.example" in page and "denies" in page


@pytest.mark.parametrize(("posted", "name"), [
    ("GRIMHOLD GUARDS, LLC Salt Lake City UT 84101 USA", "GRIMHOLD GUARDS, LLC"),
    ("Plain Sight Data Inc. Boca Raton FL 33431 USA", "Plain Sight Data Inc."),
    ("THE LOCKSMITHS San Juan PR 00918-1234 USA", "THE LOCKSMITHS"),
    ("Harbour Works Norfolk VA 23510 USA", "Harbour Works"),
    ("Grimhold Guards", "Grimhold Guards"), ("CO-OP OF CO Denver CO 80014 USA", "CO-OP OF CO"),
])  # fmt: skip
def test_the_name_in_a_posted_awardee(posted: str, name: str) -> None:
    assert posted_name(posted) == name


@pytest.mark.parametrize(("name", "body", "kind"), [
    ("sow.docx", word("Scope.", "Grimhold Guards LLC operates detention beds."), "application/octet-stream"),
    ("page.html", b"<html><body><p>Grimhold Guards LLC operates <b>detention</b> beds &amp; cots.</p></body></html>",
     "text/html"),
    ("all.zip", zip_of({"a/sow.docx": word("Grimhold Guards LLC operates detention beds.")}), "application/zip"),
    ("note.txt", "Caf\u00e9: Grimhold Guards LLC operates detention beds.".encode("cp1252"), "text/plain"),
])  # fmt: skip
def test_attachments_lead_back_to_their_file(tmp_path: Path, name: str, body: bytes, kind: str) -> None:
    workspace = Workspace(tmp_path / "data").ensure()
    capture = put(workspace, "sam_api", f"https://sam.gov/files/{name}", body, kind, 3)
    read_in(workspace, capture, "attachment", "b1", notice=REQUEST, filename=name, media_type=kind)
    (row,) = read_table(workspace.lake, "document", DOCUMENT).to_pylist()
    start = row["text"].index("Guards LLC")
    words = row["text"][start : row["text"].index("beds") + 4]
    where = places(row["text"], row["segments"], start, start + len(words), row["locator"])
    span = {"words": words, "places": where, "locator": row["locator"], "column": "text"}
    (shown,) = read_back(EvidenceArchive(workspace.evidence), capture, [span])
    assert where is not None and shown.start is not None and shown.text is not None
    assert shown.text[shown.start :].startswith(words) and "<" not in shown.text


def test_places_in_a_pdf_are_read_back_in_the_sandbox(tmp_path: Path) -> None:
    body = pdf(["Nothing here.", "Grimhold Guards LLC operates\ndetention beds for ICE."])
    workspace = Workspace(tmp_path / "data").ensure()
    capture = put(workspace, "sam_api", "https://sam.gov/files/sow.pdf", body, "application/pdf", 3)
    found = extract(body)
    at = found.text.index("operates")
    words = found.text[at : at + len("operates detention beds")]
    where = places(found.text, found.segment_rows(), at, at + len(words), "document:text")
    assert where is not None and all(place.startswith("pdf:page=2;chars=") for place in where)
    archive = EvidenceArchive(workspace.evidence)
    span = {"words": words, "places": where, "locator": "document:text", "column": "text"}
    (shown,) = read_back(archive, capture, [span])
    assert shown.text is not None and shown.start is not None and shown.text[:shown.start].endswith("LLC ")
    (other,) = read_back(archive, capture, [span | {"words": words.replace("beds", "cots")}])
    assert other.start is None
