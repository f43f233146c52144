"""Who posted a notice, told from columns, numbers, offices, mail domains and words; measured on real rows."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from crawlers.sam.agency import Notice, resolve
from crawlers.sam.offices import by_number, by_prefix
from ordinance.agencies import find_agency
from tests.replica.sam import Row, load

DHS = "HOMELAND SECURITY, DEPARTMENT OF"
GSA = "GENERAL SERVICES ADMINISTRATION"
LISTED = {"7012": "ice", "7014": "cbp", "7003": "uscis"}


@pytest.mark.clause("§2.5")
@pytest.mark.parametrize(("given", "agency", "how"), [
    (Notice(department=DHS, subtier_code="7012"), "ice", "code"),
    (Notice(department=DHS, subtier="US CUSTOMS AND BORDER PROTECTION"), "cbp", "name"),
    (Notice(department=DHS, office="US CITIZENSHIP  IMMIGRATION SVCS"), "uscis", "office"),
    (Notice(department=DHS, office_code="70CMSW"), "ice", "office"),
    (Notice(department=DHS, office="DETENTION COMPLIANCE AND REMOVALS"), "ice", "office"),
    (Notice(department=DHS, office="AIR AND MARINE CONTRACTING DIVISION"), "cbp", "office"),
    (Notice(department=DHS, solicitation="NOI-70CDCR26R00000014"), "ice", "solicitation_number"),
    (Notice(department=DHS, solicitation="70B01C25R00000220_2"), "cbp", "solicitation_number"),
    (Notice(department=DHS, solicitation="70CMSW-033126"), "ice", "solicitation_number"),
    (Notice(department=DHS, solicitation="192126NYCPARKING-RFI"), "ice", "solicitation_number"),
    (Notice(department=DHS, solicitation="192117VHQ4CCC0131"), "ice", "solicitation_number"),
    (Notice(department=DHS, solicitation="RFQ 192131FEP00000061"), "ice", "solicitation_number"),
    (Notice(department=DHS, solicitation="ATVs_PR20157892"), "cbp", "solicitation_number"),
    (Notice(department=DHS, solicitation="USCISFY26CONFERENCECALL3rdQUARTER"), "uscis", "solicitation_number"),
    (Notice(department=DHS, award_number="HSCEDM14J00031"), "ice", "solicitation_number"),
    (Notice(solicitation="70SBUR26I00000012"), "uscis", "solicitation_number"),
    (Notice(department=DHS, solicitation="FY26-1", mails="a.person@cbp.dhs.gov"), "cbp", "contact"),
    (Notice(department=DHS, solicitation="JA-26-0024-1", title="Business Support II",
            text="ICE requires continued operations and maintenance"), "ice", "text"),
    (Notice(department=DHS, title="Tactical Infrastructure for the U.S. Border Patrol"), "cbp", "text"),
])
def test_the_agency_is_told(given: Notice, agency: str, how: str) -> None:
    told = resolve(given)
    assert (told.agency_id, told.how) == (agency, how)
    assert told.certain
    assert told.words


@pytest.mark.parametrize("given", [
    Notice(department=GSA, title="Wellesley Island Grounds, Snow and Ice"),
    Notice(department=DHS, title="Wellesley Island Grounds, Snow and Ice"),
    Notice(title="Wellesley Island Grounds, Snow and Ice", text="Snow and ice removal at the land port of entry."),
    Notice(department="DEPT OF DEFENSE", solicitation="SPE3SE26T0615", title="41--ICE MAKING MACHINE,"),
    Notice(department=DHS, title="WELLESLEY ISLAND GROUNDS, SNOW AND ICE REMOVAL"),
    Notice(department=DHS, title="Dry ice", text="Purchase of ICE for coolers"),
    Notice(department="JUSTICE, DEPARTMENT OF", solicitation="15B10626P00000233",
           title="FCC BUTNER ICE MACHINES AND DISPENSERS"),
])
def test_frozen_water_is_not_immigration_and_customs_enforcement(given: Notice) -> None:
    assert resolve(given).agency_id != "ice"


@pytest.mark.parametrize("given", [
    Notice(department=DHS, subtier_code="7008", text="with U.S. Immigration and Customs Enforcement aboard"),
    Notice(department=DHS, solicitation="70Z03826QB0000080", text="as CBP and ICE do"),
    Notice(department=DHS, solicitation="70FB7026I00000002", title="Meals", text="DHS ICE is another component"),
    Notice(department=DHS, solicitation="52000QR260023277", title="FM200 hoses"),
])
def test_a_text_that_mentions_ice_does_not_move_another_components_notice(given: Notice) -> None:
    told = resolve(given)
    assert told.agency_id is None
    assert told.subtier_code in ("7008", "7022")


def test_a_notice_of_another_department_for_ice_counts_as_doubtful() -> None:
    told = resolve(Notice(department="DEPT OF DEFENSE", solicitation="W911SD26QA028", title="Soft-sided facilities",
                          text="on behalf of the Department of Homeland Security, Immigration and Customs Enforcement"))
    assert (told.agency_id, told.how, told.certain) == ("ice", "text", False)
    assert told.words == "Immigration and Customs Enforcement"


def test_headquarters_without_a_word_of_immigration_is_doubtful() -> None:
    told = resolve(Notice(department=DHS, solicitation="JA-2026-04-1292", title="Document Management Services"))
    assert (told.agency_id, told.certain) == ("dhs", False)


def test_words_are_verbatim() -> None:
    text = "The  U.S. Customs\nand Border Protection intends to buy"
    told = resolve(Notice(department=DHS, text=text))
    assert told.words is not None
    assert told.words in text


def _rows(shared: Path) -> list[Row]:
    examples = shared / "api" / "examples" / "sam" / "ContractOpportunities_sample_reserialised_2026-04-24.csv"
    return load([shared / "data" / "notices" / "ContractOpportunities_official_columns.csv.gz", examples])


def _hidden(row: Row, *, contacts: bool = True) -> Notice:
    """A row without code, sub-tier and office columns."""
    return Notice(department=row["Department/Ind.Agency"], solicitation=row["Sol#"], award_number=row["AwardNumber"],
                  mails=row["PrimaryContactEmail"] + " " + row["SecondaryContactEmail"] if contacts else None,
                  title=row["Title"], text=row["Description"])


@pytest.mark.shared
@pytest.mark.clause("§2.5")
@pytest.mark.parametrize("contacts", [True, False])
def test_hidden_columns_are_resolved_for_ice_cbp_and_uscis(
    shared: Path, contacts: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = _rows(shared)
    ours = [row for row in rows if row["FPDS Code"] in LISTED]
    right = [row for row in ours if resolve(_hidden(row, contacts=contacts)).agency_id == LISTED[row["FPDS Code"]]]
    others = [row for row in rows if row["FPDS Code"] and row["FPDS Code"] not in LISTED]
    surely: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for row in others:
        told = resolve(_hidden(row, contacts=contacts))
        if told.agency_id in LISTED.values():
            (surely if told.certain else doubtful)[row["Title"]] += 1
    with capsys.disabled():
        print(f"\nhidden columns (contacts {'kept' if contacts else 'hidden too'}): {len(right)} of {len(ours)} rows "
              f"of ICE, CBP, USCIS resolved; of {len(others)} others {surely.total()} surely, {doubtful.total()} "
              "doubtfully taken for one")
    assert len(ours) >= 6
    assert len(right) >= 0.95 * len(ours)
    assert not surely


@pytest.mark.shared
def test_words_alone_find_most_of_the_notices_whose_number_tells(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The Parquet file knows the department only: where the number tells the sub-tier, is the text enough?"""
    ours = right = wrong = others = 0
    for row in load([shared / "data" / "notices" / "sam_notices.parquet"]):
        told = by_number(row["Sol#"], "070") if row["Department/Ind.Agency"] == DHS else None
        if told is None:
            continue
        found = resolve(Notice(department=DHS, title=row["Title"], text=row["Description"]))
        agency = found.agency_id if found.agency_id in LISTED.values() and found.certain else None
        if told[0] in LISTED:
            ours += 1
            right += agency == LISTED[told[0]]
            wrong += agency not in (None, LISTED[told[0]])
        else:
            others += 1
            wrong += agency is not None
    with capsys.disabled():
        print(f"\nwords alone: {right} of {ours} notices of ICE, CBP, USCIS; {wrong} wrong among these and {others} "
              "others")
    assert right >= 0.6 * ours
    assert wrong <= 0.02 * (ours + others)


@pytest.mark.shared
def test_award_numbers_alone_tell_the_agency_of_real_awards(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = str(shared / "data" / "awards" / "transactions" / "*.csv")
    with duckdb.connect() as con:
        found = con.execute(
            """SELECT "Agency", "Award ID", count(*) FROM read_csv(?, all_varchar=true, header=true, quote='"',
               max_line_size=10000000, union_by_name=true) GROUP BY ALL""", [files]).fetchall()
    total = right = wrong = 0
    for agency, piid, rows in found:
        told = by_number(piid, "070")
        listed = find_agency(agency)
        total += rows
        right += rows * bool(told and listed and listed.subtiers[0].code == told[0])
        wrong += rows * bool(told and told[0] in LISTED and listed and listed.subtiers[0].code != told[0])
    with capsys.disabled():
        print(f"\naward numbers: {right / total:.2%} of {total} ICE and CBP transactions told by number, {wrong} wrong")
    assert right / total > 0.99
    assert wrong == 0


@pytest.mark.shared
@pytest.mark.clause("§2.5")
def test_solicitation_numbers_alone_tell_the_agency_of_real_awards(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Awards name the solicitation they came from beside the agency: the number alone, without text, office, contact.

    Numbers of other marketplaces (GSA eBuy, FedBid) say nothing of a buyer and are on no SAM.gov notice: counted apart.
    """
    folder = shared / "data" / "awards" / "archive"
    numbers: dict[str, str] = {}
    with duckdb.connect() as con:
        for name in ("ICE_FY2013-2017_award_latest.csv.gz", "us-local-gov-ice-contracts.csv",
                     "Contracts_PrimeAwardSummaries_2025-03-21_H19M57S23_1.csv"):
            found = con.sql("FROM read_csv($1, all_varchar=true, header=true)", params=[str(folder / name)])
            column = next(one for one in found.columns if one.startswith("solicitation_id"))
            numbers |= dict(found.select(f'"{column}", awarding_sub_agency_code').filter(
                f'"{column}" IS NOT NULL').distinct().fetchall())
    ours = {number: code.zfill(4) for number, code in numbers.items() if code.zfill(4) in LISTED}
    told = {number: resolve(Notice(department=DHS, solicitation=number)).subtier_code for number in ours}
    market = [number for number in ours if re.match(r"(?i)e-?buy|fed\s?bid|rfq\s?\d{6,7}$", number)]
    right = sum(told[number] == code for number, code in ours.items())
    wrong = sum(told[number] in LISTED and told[number] != code for number, code in ours.items())
    with capsys.disabled():
        print(f"\nsolicitation numbers: {right} of {len(ours)} of ICE's tell it alone ({len(market)} of them other "
              f"marketplaces'), {wrong} wrong")
    assert len(ours) > 200
    assert right >= 0.95 * (len(ours) - len(market))
    assert wrong == 0


@pytest.mark.shared
def test_office_codes_agree_with_the_sub_tier_beside_them(shared: Path) -> None:
    wrong: Counter[tuple[str, str, str]] = Counter()
    known = 0
    for row in _rows(shared):
        if row["AAC Code"] and row["FPDS Code"] and len(row["AAC Code"]) == 6:
            told = by_prefix(row["AAC Code"])
            if told and row["AAC Code"][:2] in ("70", "15", "75"):
                known += 1
                if told != row["FPDS Code"]:
                    wrong[row["AAC Code"], row["FPDS Code"], told] += 1
    assert known > 250
    assert not wrong
