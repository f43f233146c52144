"""Files handed in by an analyst: archived, loaded, refused with a reason; the development data round-trips."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.importing import ImportRefused, import_file
from crawlers.locate import cells
from records.lake import read_table
from records.schemas import TRANSACTION
from records.workspace import Workspace
from tests.crawlers.official import CONTRACT, csv_text, zipped


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data")


def write(folder: Path, name: str, body: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


@pytest.mark.clause("§3.3.b")
def test_a_file_is_archived_and_loaded_once_however_often(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path, "download.zip", zipped({"C_1.csv": csv_text([CONTRACT])}))
    for _ in range(2):
        report = import_file(path, workspace)
        assert report.ok and report.rows == {"transaction": 1}
    rows = read_table(workspace.lake, "transaction", TRANSACTION).to_pylist()
    assert [r["source"] for r in rows] == ["import"]
    archive = EvidenceArchive(workspace.evidence)
    capture = archive.get(rows[0]["capture_id"])
    assert (capture.method, capture.status) == ("IMPORT", None)
    with archive.payload(capture) as payload:
        assert payload.read() == path.read_bytes()
    assert list(archive.verify()) == []


@pytest.mark.parametrize(("name", "body", "said"), [
    ("a.csv", "", "is empty"), ("a.zip", b"PK\x03\x04broken", "no readable directory"),
    ("page.csv", "<html>login</html>", "is a web page"), ("other.csv", "a,b\n1,2\n", "no official USAspending layout"),
    ("cut.csv", csv_text([])[:-5], "ends inside its header"), ("rows.csv", csv_text([CONTRACT])[:-4], "its last row"),
    ("a.xlsx", b"PK\x03\x04", "is a spreadsheet"), ("book.csv", zipped({"[Content_Types].xml": "x"}), "spreadsheet"),
])
def test_what_cannot_be_loaded_is_refused_with_the_reason(
    tmp_path: Path, workspace: Workspace, name: str, body: bytes | str, said: str
) -> None:
    with pytest.raises(ImportRefused, match=said):
        import_file(write(tmp_path, name, body), workspace)
    assert not list(workspace.lake.rglob("*.parquet")) or read_table(
        workspace.lake, "transaction", TRANSACTION).num_rows == 0


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path, workspace: Workspace) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(30 << 30)  # sparse: takes no room, but would take minutes to read
    begun = time.monotonic()
    with pytest.raises(ImportRefused, match=r"is 30\.0 GiB, above the limit of 8\.0 GiB, and was not read.*--largest"):
        import_file(path, workspace)
    assert time.monotonic() - begun < 2 and not list(workspace.evidence.rglob("*.warc.gz"))
    small = write(tmp_path, "small.csv", csv_text([CONTRACT]))
    with pytest.raises(ImportRefused, match="above the limit"):
        import_file(small, workspace, largest=small.stat().st_size - 1)
    assert import_file(small, workspace, largest=small.stat().st_size).ok


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(ImportRefused, match="no such file"):
        import_file(tmp_path / "gone.csv", workspace)
    with pytest.raises(ImportRefused, match="one by one"):
        import_file(tmp_path, workspace)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "rows"), [
    ("transactions/CBP_ICE_FY2024.csv", 10_226), ("archive/ICE_FY2013-2017_award_latest.csv.gz", 3_469),
    ("archive/Contracts_PrimeAwardSummaries_2025-03-21_H19M57S23_1.csv", 1_369),
    ("archive/Contracts_Subawards_2025-03-28_H03M23S17_1.csv", 482), ("archive/us-local-gov-ice-contracts.csv", 720),
])
def test_the_real_files_are_read_whole_and_every_text_is_found_again(
    shared: Path, workspace: Workspace, name: str, rows: int
) -> None:
    report = import_file(shared / "data" / "awards" / name, workspace)
    assert report.ok and sum(report.rows.values()) == rows and report.problems == []
    table = next(iter(report.rows))
    found = [r for b in [read_table(workspace.lake, table, _schema(table))] for r in b.to_pylist()]
    facts = ("description", "recipient", "awarding_office") + (("psc", "naics") if table == "transaction" else ())
    archive = EvidenceArchive(workspace.evidence)
    with archive.payload(archive.get(found[0]["capture_id"])) as payload:
        got = cells(payload, "usaspending_csv", {(r["locator"], c) for r in found for c in facts})
    assert got == {(r["locator"], c): r[c] for r in found for c in facts if r[c] is not None}


def _schema(table: str) -> object:
    from crawlers.load import TABLES

    return TABLES[table]
