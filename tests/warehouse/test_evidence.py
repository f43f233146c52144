from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawlers.archive import EvidenceArchive
from records.lake import files
from records.workspace import Workspace
from tests.warehouse.archived import archive_page, flip, load_page, night, result, two_pages
from tests.warehouse.rows import PLATES
from warehouse import evidence
from warehouse.engine import WarehouseError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path).ensure()


def statements(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute("SELECT statement_id, vendor FROM statement ORDER BY vendor").fetchall()


@pytest.mark.clause("§3.3.b")
def test_every_hash_and_span_is_recomputed_and_words_are_shown_in_place(workspace: Workspace) -> None:
    first, _ = two_pages(workspace)
    built = night(workspace)
    report = evidence.verify(workspace)
    assert (report.ok, report.captures, report.spans, report.statements) == (True, 2, 2, 2)
    ((guards, _), (plates, _)) = statements(built.file)
    shown = evidence.show(workspace, plates)
    (word,) = shown["words"]
    start, end = word["highlight"]
    assert word["text"][start:end] == word["words"] == "LICENSE PLATE READER"
    assert word["before"].endswith("ACCESS TO ") and word["after"].startswith(" DATABASE – “")
    capture = word["capture"]
    assert (capture["capture_id"], capture["uri"], capture["payload_sha256"], capture["warc_offset"]) == (
        first.capture_id, first.uri, first.payload_sha256, first.warc_offset)  # fmt: skip
    assert evidence.show(workspace, first.capture_id)["statements"] == [plates]
    with duckdb.connect(str(built.file), read_only=True) as con:
        key = con.execute("SELECT candidate_id FROM candidate WHERE best_statement_id = ?", [guards]).fetchall()[0][0]
    page = evidence.show(workspace, key)
    assert page["words"][0]["found"] and sum(b["bits"] for b in page["waterfall"]) == page["candidate"]["score"]


def test_one_flipped_byte_is_named_and_its_statements_leave_the_next_version(workspace: Workspace) -> None:
    first, second = two_pages(workspace)
    built = night(workspace)
    (_, (plates, _)) = statements(built.file)
    path = flip(workspace, first)
    report = evidence.verify(workspace)
    assert not report.ok and report.failed == [first.capture_id] and report.withdrawn == [plates]
    finding = report.findings[0]
    assert (finding.warc_file, finding.capture_id) == (first.warc_file, first.capture_id)
    assert finding.offset <= first.warc_offset
    assert evidence.verify(workspace).failed == [first.capture_id]
    assert len(EvidenceArchive(workspace.evidence).failed()) == 1
    next_version = night(workspace)
    assert [vendor for _, vendor in statements(next_version.file)] == ["GUARDS LLC"]
    shown = evidence.show(workspace, plates)
    assert shown["withdrawn"]["capture_id"] == first.capture_id
    assert shown["words"][0]["capture"]["verdict"] == "failed_verification"
    # restored from a copy: sound again, published again
    flip(workspace, first)
    assert evidence.verify(workspace).restored == [first.capture_id]
    assert len(statements(night(workspace).file)) == 2
    assert path.exists() and second.warc_file != ""


def test_other_evidence_of_the_same_row_stands_in_for_a_capture_that_fails(workspace: Workspace) -> None:
    first, _ = two_pages(workspace)
    again = archive_page(workspace, [
        result(PLATES, "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE – “RENEWAL”",
               "WEST PUBLISHING CORPORATION")], 3, "again")  # fmt: skip
    load_page(workspace, again, "d3")
    night(workspace)
    flip(workspace, first)
    assert first.capture_id in evidence.verify(workspace).failed
    built = night(workspace)
    assert len(statements(built.file)) == 2
    with duckdb.connect(str(built.file), read_only=True) as con:
        used = {row[0] for row in con.execute("SELECT capture_id FROM statement_span").fetchall()}
    assert again.capture_id in used and first.capture_id not in used


def test_words_that_are_not_in_place_fail_their_capture(workspace: Workspace) -> None:
    first, _ = two_pages(workspace)
    night(workspace)
    (path,) = files(workspace.lake, "statement_span")
    spans = pq.read_table(path)
    moved = [row | ({"start": row["start"] + 1, "end": row["end"] + 1} if row["capture_id"] == first.capture_id else {})
             for row in spans.to_pylist()]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(moved, schema=spans.schema), path)
    report = evidence.verify(workspace)
    assert report.failed == [first.capture_id]
    assert "is not at" in report.findings[0].what and "json:$.results[0]" in report.findings[0].what


def test_verification_can_be_limited_to_files(workspace: Workspace) -> None:
    first, second = two_pages(workspace)
    night(workspace)
    flip(workspace, first)
    part = evidence.verify(workspace, warc_files={second.warc_file})
    assert part.ok and part.captures == 1 and part.spans == 1


def test_an_unknown_id_says_what_to_do(workspace: Workspace) -> None:
    two_pages(workspace)
    night(workspace)
    for wrong in ("s0", "c0", "k0", "zzz", ""):
        with pytest.raises(WarehouseError, match="section3c candidates"):
            evidence.show(workspace, wrong)
