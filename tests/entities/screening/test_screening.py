"""Screening a city's lists: what is found, as what, what is not shown, what a person dismissed."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from entities.families.edges import Edge
from entities.screening import log
from entities.screening.columns import guess
from entities.screening.engine import Screener, screen
from entities.screening.entries import entries
from entities.screening.intake import read_list
from entities.screening.model import Entry, Kind, KnownName, Paper, ScreeningError, ScreeningResult, Target, Watch
from entities.screening.persons import private_person
from entities.screening.watching import file_watch, listed_watch
from records.workspace import Workspace

TODAY = dt.date(2026, 11, 28)


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch(
        "test", "v1",
        [Target("a", "Harrow Detention LLC", "candidate", "detention", "clear", "strong", 7.0, "k1", "s1"),
         Target("d", "Quillon Data Inc", "candidate", "data_broker", "arguable", "doubtful", 1.0, "k2", "s2")],
        [KnownName("a", "Harrow Detention LLC", "legal", "award"),
         KnownName("b", "Marlpit Holdings Inc", "legal", "sec"),
         KnownName("c", "Ostrava Catering Corp", "legal", "sec"), KnownName("d", "Quillon Data Inc", "legal", "award"),
         KnownName("x", "Unrelated Works Inc", "legal", "sec")],
        [Edge("a", "b", "subsidiary", "exhibit21", "list of subsidiaries", days="since 2015", evidence="c1",
              valid_from=dt.date(2015, 1, 1)),
         Edge("c", "b", "subsidiary", "exhibit21", "list of subsidiaries", evidence="c1")],
        {("cusip6", "037833"): "d", ("lei", "529900T8BM49AURSDO55"): "a"},
        {("cusip", "594918104"): Paper("QUILLON DATA", "")}, bands=("doubtful", "likely", "strong"),
    )  # fmt: skip


def run(watch: Watch | Screener, *names: str, kind: Kind = Kind.VENDORS, **more: object) -> ScreeningResult:
    listed = [Entry(name, (number,)) for number, name in enumerate(names, 1)]
    return screen(listed, watch, kind, today=TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.clause("§3.1")
@pytest.mark.clause("§2.6")
def test_a_vendor_is_the_company_its_family_or_nothing(watch: Watch) -> None:
    told = run(watch, "HARROW DETENTION, L.L.C.", "Ostrava Catering Corporation", "UNRELATED WORKS INC", "Harrow Cafe")
    assert [(hit.entry.name, hit.outcome) for hit in told.hits] == [
        ("HARROW DETENTION, L.L.C.", "same"), ("Ostrava Catering Corporation", "family")]  # fmt: skip
    same, family = told.hits
    assert same.target.evidence_id == "s1"
    assert not same.chain
    assert [link.words for link in family.chain] == [
        "Ostrava Catering Corp is a subsidiary of Marlpit Holdings Inc",
        "Harrow Detention LLC is a subsidiary of Marlpit Holdings Inc since 2015"]  # fmt: skip
    assert [(link.from_id, link.to_id) for link in family.chain] == [("c", "b"), ("b", "a")]
    assert "Ostrava" in family.reason


def test_a_family_holds_on_its_days_only(watch: Watch) -> None:
    assert run(watch, "Marlpit Holdings Inc", as_of=dt.date(2020, 1, 1)).hits[0].outcome == "family"
    assert not run(watch, "Marlpit Holdings Inc", as_of=dt.date(2010, 1, 1)).hits


def test_bands_narrow_and_an_unknown_one_is_told(watch: Watch) -> None:
    assert run(watch, "Quillon Data Inc").hits
    assert not run(watch, "Quillon Data Inc", min_band="likely").hits
    with pytest.raises(ScreeningError, match="doubtful, likely, strong"):
        run(watch, "x", min_band="huge")


def test_private_persons_are_passed_over_unless_they_are_a_known_company(watch: Watch) -> None:
    assert all(map(private_person, ("JANE Q SAMPLE", "Sample, Jane", "ROBERT SAMPLE MD")))
    assert not any(map(private_person, ("JANE SAMPLE LLC", "HARROW DETENTION", "SAMPLE CATERING", "JOHN DEERE")))
    watched = Watch("t", "v", [Target("p", "Sample", "candidate")],
                    [KnownName("p", "Sample Data Inc", "legal", "award"), KnownName("p", "Alvarado LLC", "legal", "x")])
    told = run(watched, "JANE Q SAMPLE", "XIOMARRA ALVARADO")
    assert not told.hits, "a given name that no list has counts too where only a surname is shared"
    assert told.counts["private_persons_passed_over"] == 2


@pytest.mark.clause("§4.1")
def test_holdings_go_by_identifier_first(watch: Watch) -> None:
    listed = [Entry("Renamed Paper Co", (1,), {"isin": "US0378331005"}),
              Entry("Odd Name", (2,), {"cusip": "594918104"})]
    told = screen(listed, watch, Kind.HOLDINGS)
    assert {hit.entry.rows[0]: hit.target.company_id for hit in told.hits} == {1: "d", 2: "d"}
    first = next(hit for hit in told.hits if hit.entry.rows == (1,))
    assert "CUSIP6 037833" in first.reason
    assert first.outcome == "review", "the names have nothing in common: a person looks"


def test_a_holdings_name_may_carry_its_register(watch: Watch) -> None:
    assert run(watch, "QUILLON DATA INC DEL", kind=Kind.HOLDINGS).hits[0].outcome == "same"


@pytest.mark.clause("§3.1")
def test_contracts_are_sorted_by_what_must_be_bid_first(watch: Watch, tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("Vendor;Contract No;Start Date;End Date;Renewal Date;Lead Time\n"
                    "Harrow Detention LLC;C1;1/1/2024;6/30/2027;;30\n"
                    "Harrow Detention LLC;C2;2024-01-01;2030-01-01;2027-03-01;\n"
                    "Harrow Detention LLC;C3;2019-01-01;2020-01-01;;\n"
                    "Harrow Detention LLC;C4;2024-01-01;soon;;\n")  # fmt: skip
    sheet = read_list(file)
    read = entries(sheet, guess(sheet.columns, sheet.rows, Kind.CONTRACTS), Kind.CONTRACTS)
    told = screen(read.entries, watch, Kind.CONTRACTS, today=TODAY)
    assert [(hit.entry.contract, hit.next_what, hit.bid_by) for hit in told.hits] == [
        ("C2", "renewal", dt.date(2026, 9, 2)), ("C1", "end", dt.date(2027, 5, 31)), ("C3", "", None), ("C4", "", None)]
    assert any("end hold no date" in note for note in read.notes)


def test_a_dismissed_hit_stays_away_until_a_fact_changes(watch: Watch, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data")
    file = tmp_path / "v.csv"
    file.write_text("Vendor\nHarrow Detention LLC\n")
    sheet = read_list(file)
    told = run(watch, "Harrow Detention LLC")
    number = log.record(workspace, told, sheet, {"name": "Vendor"}, "clerk")
    with pytest.raises(ScreeningError, match="needs its reason"):
        log.dismiss(workspace, told.hits[0].hit_id, reason=" ", by="clerk")
    log.dismiss(workspace, told.hits[0].hit_id, reason="another Harrow, see registration", by="clerk")
    again = run(watch, "HARROW DETENTION LLC", dismissed=log.dismissed(workspace))
    assert not again.hits
    assert len(again.dismissed) == 1
    changed = Watch(watch.against, "v2", watch.targets,
                    [*watch.names, KnownName("a", "Harrow Prisons Inc", "former", "sec")], watch.edges)  # fmt: skip
    assert run(changed, "Harrow Detention LLC", dismissed=log.dismissed(workspace)).hits
    log.dismiss(workspace, told.hits[0].hit_id, reason="it is the same after all", by="clerk", undo=True)
    assert run(watch, "Harrow Detention LLC", dismissed=log.dismissed(workspace)).hits
    line = log.screenings(workspace)[0]
    assert line["screening_id"] == number
    assert line["file_sha256"] == sheet.sha256
    assert line["hits"][0]["evidence_id"] == "s1"


def test_a_persons_judgement_counts_more_than_names(watch: Watch) -> None:
    judged = Watch("t", "v", watch.targets, watch.names, judged={("name:HARROW DETENTION LLC", "a"): "different"})
    assert not run(judged, "Harrow Detention LLC").hits


@pytest.mark.parametrize(("name", "body", "said"), [
    ("a.pdf", b"%PDF-1.7 x", "is a PDF"), ("a.csv", b" \n", "is empty"),
    ("a.csv", b"Code,Amount\n1,2\n", "--map name="),
    ("a.xlsx", b"PK\x03\x04broken", "cut off or damaged"), ("a.xml", b"<a/>", "without an infoTable"),
    ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "cannot be read safely"), ("a.csv", b"Vendor\n", "no rows"),
])  # fmt: skip
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, name: str, body: bytes, said: str) -> None:
    file = tmp_path / name
    file.write_bytes(body)
    with pytest.raises(ScreeningError, match=said):
        sheet = read_list(file)
        guess(sheet.columns, sheet.rows, Kind.VENDORS)


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "big.csv"
    with file.open("wb") as out:
        out.truncate(10_000_000_000)  # sparse: takes no disk
    with pytest.raises(ScreeningError, match="10,000 MB"):
        read_list(file)


def test_a_zip_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    with zipfile.ZipFile(file, "w") as out:
        out.writestr("list.csv", "a,b")
    with pytest.raises(ScreeningError, match="no workbook"):
        read_list(file)


def test_a_workbook_with_titles_above_and_latin_text_in_csv(tmp_path: Path) -> None:
    book = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(book)) as out:
        sheet = out.add_worksheet("Payees")
        sheet.write(0, 0, "City of Sampleton, payees of 2026")
        sheet.write_row(2, 0, ["Payee Name", "Payee Number", "Total"])
        sheet.write_row(3, 0, ["Café Müller GmbH", 12, 10.5])
    table = read_list(book)
    assert guess(table.columns, table.rows, Kind.VENDORS) == {"name": "Payee Name", "amount": "Total"}
    assert table.rows == [["Café Müller GmbH", "12", "10.5"]]
    text = tmp_path / "list.csv"
    text.write_bytes("Vendor Name|Vendor ID\nCafé Müller GmbH|7\nGarçon Données SARL|8\n".encode("cp1252"))
    read = read_list(text)
    assert [row[0] for row in read.rows] == ["Café Müller GmbH", "Garçon Données SARL"]
    assert guess(read.columns, read.rows, Kind.VENDORS, {"name": "vendor id"}) == {"name": "Vendor ID"}


def test_invalid_identifiers_are_told_and_not_used(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("Issuer,CUSIP,Fund\nQuillon Data Inc,037833100,Pension\nOther Co,037833101,Pension\n")
    sheet = read_list(file)
    read = entries(sheet, guess(sheet.columns, sheet.rows, Kind.HOLDINGS), Kind.HOLDINGS)
    assert [dict(entry.ids) for entry in read.entries] == [{"cusip": "037833100"}, {}]
    assert read.entries[1].bad_ids == ("CUSIP 037833101",)
    assert any("CUSIP" in note for note in read.notes)


def test_the_ordinances_own_lists_and_a_watch_file_know_families(tmp_path: Path) -> None:
    listed = run(listed_watch(), "TASER INTERNATIONAL INC", "VIGILANT SOLUTIONS LLC", "ACCENT ON LANGUAGES INC",
                 "CORNELY CO", "BI-RITE CATERING LLC", "GENERAL PLUMBING SUPPLY", "COMMUNITY MUSIC CENTER")  # fmt: skip
    assert {hit.entry.name: hit.target.company for hit in listed.hits} == {
        "TASER INTERNATIONAL INC": "Axon Enterprise, Inc.", "VIGILANT SOLUTIONS LLC": "Vigilant Solutions, LLC"}
    file = tmp_path / "watch.csv"
    file.write_text("name,category,state,evidence_id\nVigilant Solutions,data_broker,determined,s9\n")
    told = run(file_watch(file), "MOTOROLA SOLUTIONS INC")
    hit = told.hits[0]
    assert (len(told.hits), hit.outcome, hit.target.state, hit.target.evidence_id) == (1, "family", "determined", "s9")
    assert len(told.hits[0].chain) == 2
