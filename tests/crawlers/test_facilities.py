"""Facility lists in the layouts of the years: workbooks made here, headings wherever ICE puts them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawlers.archive import EvidenceArchive
from crawlers.facilities.lists import cells, detect, parse
from crawlers.importing import ImportRefused, import_file
from crawlers.load import load
from crawlers.parsing import (
    BombError,
    EncryptedArchiveError,
    NotDataError,
    ParseContext,
    ParseError,
    TruncatedFileError,
    UnknownLayoutError,
)
from crawlers.run import crawl
from crawlers.sources import load as load_source
from records.lake import read_table
from records.published import FACILITY
from records.workspace import Workspace
from tests.crawlers.workbooks import Cell, Rows, xlsx
from tests.replica.facilities import Facilities
from tests.replica.plain import Answer, Asked, PlainServer, running

NOTE = "ICE Detention Statistics. Data are current as of 07/11/2026 and change until locked."
FY26: list[Cell] = [
    "Name",
    "Address",
    "City",
    "State",
    "Zip",
    "AOR",
    "Type Detailed",
    "Male/Female",
    "FY26 ALOS",
    "Level A",
    "Level B",
    "Level C",
    "Level D",
    "Male Crim",
    "Male Non-Crim",
    "Female Crim",
    "Female Non-Crim",
    "ICE Threat Level 1",
    "ICE Threat Level 2",
    "ICE Threat Level 3",
    "No ICE Threat Level",
    "Mandatory",
    "Guaranteed Minimum",
    "Last Inspection Type",
    "Last Inspection End Date",
    "Last Inspection Standard",
    "Last Final Rating",
]
LANTERN: list[Cell] = [
    "LANTERN HILL PROCESSING CENTER",
    "1 Pier Road",
    "Harbor",
    "TX",
    76574.0,
    "SNA",
    "CDF",
    "Female/Male",
    31.5,
    1,
    2,
    3,
    4,
    10.25,
    20.5,
    1.25,
    2,
    1,
    1,
    1,
    1,
    3,
    480.0,
    "ODO",
    "2025-11-01",
    "PBNDS 2011",
    "Good",
]
MEADOW: list[Cell] = [
    "Meadow County Jail",
    "2 Court St",
    "Meadow",
    "NJ",
    7101.0,
    "NEW",
    "USMS IGA",
    "Male",
    12,
    1,
    0,
    0,
    0,
    3,
    4,
    0,
    0,
    1,
    1,
    1,
    1,
    1,
    "N/A",
    "ORSA",
    None,
    "NDS 2019",
    "N/A",
]

FY26_BOOK: dict[str, Rows] = {
    "Header": [["U.S. Immigration and Customs Enforcement"]],
    "ATD FY26 YTD": [["Name", "Count"], ["Ankle", 5]],
    "Detention FY26": [["Total", 1], ["ICE Currently Detained", 56397]],
    "Facilities FY26": [
        [],
        ["ICE FACILITIES DATA, FY26"],
        [],
        ["This list is limited to facilities with a population."],
        [],
        [],
        [],
        [None] * 9 + ["ADP: Detainee Classification Level"],
        [],
        FY26,
        LANTERN,
        MEADOW,
        [],
        ["Total", None, None, None, None, None, None, None, 43],
    ],
    "Footnotes": [["", NOTE]],
}
EXTRA_FY19 = [
    "Last Inspection Rating - Final",
    "Last Inspection Date",
    "Second to Last Inspection Type",
    "Second to Last Inspection Standard",
    "Second to Last Inspection Rating",
    "Second to Last Inspection Date",
]
FY19_BOOK: dict[str, Rows] = {
    "Facilities EOYFY19 ": [
        ["ICE FACILITIES DATA, EOY FY19 (as of 09/30/2019)"],
        [],
        [],
        [],
        [],
        [*FY26[:8], "FY19 ALOS", *FY26[9:24], "Last Inspection Standard", *EXTRA_FY19],
        [*LANTERN[:24], "PBNDS 2008", "Meets Standard", 43500, "ORSA", "NDS 2000", "Acceptable", 43100],
    ]
}
FY23_BOOK: dict[str, Rows] = {
    "Facilities FY23": [
        ["Facilities", "", "", "", "", "", "", "", "as of January 5, 2023"],
        [
            *FY26[:8],
            "FY23 ALOS",
            *FY26[9:23],
            "ODO Inspection End Date",
            "ODO Last Inspection Standard",
            "ODO Final Rating",
            "Last Nakamoto Inspection Standard",
            "Last Nakamoto Inspection Rating - Final",
            "Last Nakamoto Inspection Date",
        ],
        [*LANTERN[:23], "2022-10-01", "NDS", "Superior", "NDS", "Meets Standard", "2022-01-02"],
    ]
}
FOIA = [
    "DETLOC",
    "Name",
    "Address",
    "City",
    "County",
    "State",
    "Zip",
    "Circuit",
    "AOR",
    "Docket",
    "Type",
    "Type Detailed",
    "ICE Funded",
    "Facility Operator",
    "Facility Owner",
    "Over/Under 72",
    "Facility Administrator",
    "Telephone",
    "FY17 ADP",
]
FOIA_ROW = [
    "LHPC",
    "LANTERN HILL PROCESSING CENTER",
    "1 Pier Road",
    "Harbor",
    "Kent",
    "Texas",
    "76574",
    "5",
    "SNA",
    "SND",
    "CDF",
    "CDF",
    "Y",
    "Lantern Detention Services, LLC (830) 555-0199 ops@lantern.example",
    "Harbor Lantern Corp",
    "Over 72",
    "Jane Q. Warden",
    "830-555-0100",
    "1,204.5",
]
FOIA_BOOK: dict[str, Rows] = {
    "Facility List - Main": [
        ["Facility List"],
        [],
        ["Report effective 11/06/2017"],
        [],
        [],
        [],
        [],
        [],
        FOIA,
        FOIA_ROW,
    ],
    "Codes": [["CDF", "Contract Detention Facility"]],
}


def read(raw: bytes, **hints: Any) -> tuple[list[dict[str, Any]], ParseContext]:
    context = ParseContext(capture_id="c1", source="facilities", as_of=date(2026, 11, 1), hints=hints)
    return [row for _, batch in parse(io.BytesIO(raw), context) for row in batch.to_pylist()], context


def csv_of(rows: Rows, delimiter: str = ",") -> bytes:
    import csv

    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([[("" if c is None else c) for c in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


@pytest.mark.clause("§2.4")
def test_the_workbook_of_2026_with_headings_ten_rows_down_among_other_sheets() -> None:
    rows, context = read(xlsx(FY26_BOOK), filename="FY26_detentionStats07202026.xlsx")
    assert [(r["name"], r["state"], r["zip"], r["agreement"], r["field_office"]) for r in rows] == [
        ("LANTERN HILL PROCESSING CENTER", "TX", "76574", "CDF", "SNA"),
        ("Meadow County Jail", "NJ", "07101", "USMS IGA", "NEW"),
    ]
    assert rows[0]["average_daily_population"] == 34.0
    assert (rows[0]["guaranteed_minimum"], rows[1]["guaranteed_minimum"]) == (480, None)
    assert rows[0]["as_of"] == date(2026, 7, 20), "the file's own date goes before notes on other sheets"
    assert rows[0]["facility_key"] == "LANTERN HILL PROCESSING CENTER | TX"
    assert rows[0]["locator"] == "xlsx:Facilities FY26#11"
    assert rows[0]["operator"] is None, "this list names no operators"
    assert context.problems == [], [str(p) for p in context.problems]


@pytest.mark.parametrize(("book", "day"), [(FY19_BOOK, date(2019, 9, 30)), (FY23_BOOK, date(2023, 1, 5))])
def test_other_years_have_other_headings_in_other_rows(book: dict[str, Rows], day: date) -> None:
    rows, context = read(xlsx(book))
    assert [(r["name"], r["city"], r["as_of"], r["average_daily_population"]) for r in rows] == [
        ("LANTERN HILL PROCESSING CENTER", "Harbor", day, 34.0)
    ]
    assert not [p for p in context.problems if p.severity != "note"], [str(p) for p in context.problems]


@pytest.mark.parametrize(
    "raw",
    [xlsx(FOIA_BOOK), csv_of(FOIA_BOOK["Facility List - Main"]), csv_of(FOIA_BOOK["Facility List - Main"], ";")],
    ids=["xlsx", "csv", "semicolons"],
)
def test_a_list_with_operators_keeps_companies_and_no_person(raw: bytes) -> None:
    (row,), context = read(raw)
    assert (row["operator"], row["owner"]) == ("Lantern Detention Services, LLC", "Harbor Lantern Corp")
    assert (row["state"], row["average_daily_population"], row["as_of"]) == ("TX", 1204.5, date(2017, 11, 6))
    assert "Warden" not in str(row)
    assert "555" not in str(row)
    assert not [p for p in context.problems if p.severity != "note"], [str(p) for p in context.problems]


def test_a_heading_that_nobody_knows_is_reported_and_so_is_a_list_without_a_day() -> None:
    book: dict[str, Rows] = {
        "Facilities": [["Facility", "City", "State", "Moat depth"], ["Lantern Hill", "Harbor", "ZZ", 3]]
    }
    rows, context = read(xlsx(book))
    assert rows[0]["as_of"] is None
    assert rows[0]["state"] is None
    assert {p.kind for p in context.problems} == {"unknown_column", "undated", "state"}
    assert "Moat depth" in [p.column for p in context.problems]


def test_several_years_side_by_side_are_all_read() -> None:
    book = {"Facilities FY25": FY26_BOOK["Facilities FY26"], "Facilities FY26": FY26_BOOK["Facilities FY26"]}
    rows, _ = read(xlsx(book))
    assert {r["locator"].split("#")[0] for r in rows} == {"xlsx:Facilities FY25", "xlsx:Facilities FY26"}
    assert len(rows) == 4


def test_cells_are_read_back_in_place() -> None:
    raw = xlsx(FY26_BOOK)
    rows, _ = read(raw)
    found = dict(cells(io.BytesIO(raw), {(r["locator"], "name") for r in rows}))
    assert {place: name for (place, _), name in found.items()} == {r["locator"]: r["name"] for r in rows}


def test_hostile_and_broken_files_are_refused_clearly() -> None:
    good = xlsx(FY26_BOOK)
    with pytest.raises(TruncatedFileError, match="broken zip"):
        read(good[: len(good) // 2])
    with pytest.raises(NotDataError, match="no workbook"):
        read(b"<!DOCTYPE html><html>Access Denied</html>")
    with pytest.raises(NotDataError):
        read(b"")
    with pytest.raises(EncryptedArchiveError):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnknownLayoutError, match="no sheet has a table of facilities"):
        read(xlsx({"Sheet1": [["a", "b"], ["c", "d"]]}))
    with pytest.raises(ParseError):
        read(b"PK\x05\x06" + b"\0" * 18)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<x/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (64 << 20))
    with pytest.raises(BombError, match="unpacks to"):
        read(bomb.getvalue())


def test_entities_in_a_workbook_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET-WORDS")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    raw = xlsx({"Facilities FY26": [FY26, ["&e; HILL JAIL", *LANTERN[1:]]]}, doctype).replace(b"&amp;e;", b"&e;")
    try:
        rows, _ = read(raw)
    except ParseError:
        return
    assert "TOP-SECRET-WORDS" not in str(rows)


def test_import_tells_a_facility_list_from_other_files(tmp_path: Path) -> None:
    for name, raw, expected in (
        ("list.xlsx", xlsx(FY26_BOOK), "facility_list"),
        ("foia.csv", csv_of(FOIA_BOOK["Facility List - Main"]), "facility_list"),
        ("other.xlsx", xlsx({"S": [["Name", "City", "State"], ["Acme", "Harbor", "TX"]]}), None),
        ("award.csv", b"contract_transaction_unique_key,award_id_piid\n1,2\n", None),
        ("page.csv", b"<html></html>", None),
        ("notes.txt", b"Name,City,State,AOR\n", None),
    ):
        (tmp_path / name).write_bytes(raw)
        assert detect(tmp_path / name) == expected, name


# ---- the crawl ------------------------------------------------------------------------------------------------------

PAGE = """<html><body><h1>Detention Management</h1>
<a href="/doclib/detention/FY25_detentionStats09242025.xlsx">FY25</a>
<a href="https://www.ice.gov/doclib/detention/FY26_detentionStats07202026.xlsx">FY26</a>
<a href="/doclib/detention/FY26_detentionStats01082026.xlsx">older</a>
<a href="/doclib/facilityInspections/dedicatedNonDedicatedFacilityList.xlsx">list</a>
<a href="/doclib/about.pdf">about</a></body></html>"""


@pytest.fixture
def ice() -> Iterator[PlainServer]:
    book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    pages = {
        "/detain/detention-management": Answer(PAGE.encode(), media_type="text/html"),
        "/doclib/detention/FY26_detentionStats07202026.xlsx": Answer(xlsx(FY26_BOOK), media_type=book),
        "/doclib/facilityInspections/dedicatedNonDedicatedFacilityList.xlsx": Answer(xlsx(FOIA_BOOK), media_type=book),
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /secret\n", media_type="text/plain"),
    }

    def answer(asked: Asked) -> Answer:
        return pages.get(asked.path, Answer(b"nothing", 404, "text/plain"))

    with running(PlainServer(answer)) as server:
        yield server


@pytest.mark.clause("§2.4")
def test_the_newest_workbook_and_the_lists_are_fetched_and_loaded(ice: PlainServer, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data").ensure()
    report = crawl("facilities", workspace=workspace, run_id="r1", base_url=ice.base)
    assert report.ok, report.problems
    assert len(report.harvests) == 2
    assert not [a for a, _ in ice.log if "01082026" in a.path or "FY25" in a.path]
    loaded = load(report.harvests, EvidenceArchive(workspace.evidence), workspace.lake, source="facilities")
    assert loaded.ok, loaded.problems
    rows = read_table(workspace.lake, "facility", FACILITY).to_pylist()
    assert len(rows) == 3
    assert {r["operator"] for r in rows} == {None, "Lantern Detention Services, LLC"}


def test_a_page_without_lists_is_a_problem(ice: PlainServer, tmp_path: Path) -> None:
    ice.answer = lambda _asked: Answer(
        b"<html><body>" + b"<p>Moved.</p>" * 500 + b"</body></html>", media_type="text/html"
    )
    report = crawl("facilities", workspace=Workspace(tmp_path / "d").ensure(), run_id="r1", base_url=ice.base)
    assert not report.ok
    assert any("names no facility list" in problem for problem in report.problems), report.problems


def test_an_access_denied_page_in_place_of_a_file_is_told_and_loads_nothing(tmp_path: Path) -> None:
    with running(PlainServer(Facilities(traps=frozenset({"denied"})).answer)) as server:
        report = crawl("facilities", workspace=Workspace(tmp_path / "d").ensure(), run_id="r1", base_url=server.base)
    assert not report.ok and not report.harvests
    assert any("access denied" in problem for problem in report.problems), report.problems


def test_the_stand_in_run_by_hand_is_read_whole(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data").ensure()
    with running(PlainServer(Facilities().answer)) as server:
        report = crawl("facilities", workspace=workspace, run_id="r1", base_url=server.base)
    loaded = load(report.harvests, EvidenceArchive(workspace.evidence), workspace.lake, source="facilities",
                  assertions=load_source("facilities").assertions)
    assert loaded.ok and loaded.rows == {"facility": 60} and not loaded.problems, loaded.problems


def test_a_facility_list_handed_in_is_archived_and_loaded_and_other_spreadsheets_are_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data")
    path = tmp_path / "FY26_detentionStats07202026.xlsx"
    path.write_bytes(xlsx(FY26_BOOK))
    assert import_file(path, workspace).rows["facility"] == 2
    rows = read_table(workspace.lake, "facility", FACILITY).to_pylist()
    assert {r["as_of"] for r in rows} == {date(2026, 7, 20)}
    other = tmp_path / "budget.xlsx"
    other.write_bytes(xlsx({"Budget": [["Item", "Amount"], ["Pencils", 3]]}))
    with pytest.raises(ImportRefused, match="no list of detention facilities"):
        import_file(other, workspace)


def test_a_workbook_damaged_anywhere_is_refused_or_read_but_never_ends_the_night() -> None:
    good, rng = xlsx(FY26_BOOK), random.Random(7)
    refused = 0
    for _ in range(150):
        bad = bytearray(good)
        for _ in range(3):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        try:
            read(bytes(bad))
        except ParseError:
            refused += 1
    assert refused > 20
