"""Exhibit 21 in the shapes it is filed in: pages of our own, and the three real ones beside the checkout."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawlers.parsing import BombError, NotDataError, ParseContext
from crawlers.sec import exhibit21
from crawlers.sec.exhibit21 import name_at

Row = tuple[str, str | None]


def listed(page: str | bytes, registrant: str = "Harbor Lantern Corporation", **hints: Any
           ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], ParseContext]:
    """(edges, aliases, context) of a page."""
    raw = page.encode() if isinstance(page, str) else page
    context = ParseContext(capture_id="c1", source="sec", as_of=date(2026, 11, 1),
                           hints={"cik": 1234567, "registrant": registrant, **hints})
    edges: list[dict[str, Any]] = []
    aliases: list[dict[str, Any]] = []
    for table, batch in exhibit21.parse(io.BytesIO(raw), context):
        (edges if table == "family_edge" else aliases).extend(batch.to_pylist())
    return edges, aliases, context


def pairs(page: str, **more: Any) -> list[Row]:
    return [(row["child"], row["jurisdiction"]) for row in listed(page, **more)[0]]


ONE_TABLE = """<html><body><p align=right>Exhibit 21.1</p><p><b>SUBSIDIARIES OF HARBOR LANTERN CORPORATION</b></p>
<table><tr><th>Name of Subsidiary</th><th></th><th>State or Other Jurisdiction of Incorporation</th></tr>
<tr><td>Lantern Records Services, Inc.</td><td></td><td>Delaware</td></tr>
<tr><td>State Street Lantern Bank and Trust Company</td><td></td><td>Massachusetts</td></tr>
<tr><td>Lantern Labuan Ltd.</td><td></td><td>F.T. of Somewhere</td></tr>
<tr><td colspan=3>17</td></tr></table></body></html>"""


def test_one_table_with_headings_and_a_place_that_no_list_knows() -> None:
    assert pairs(ONE_TABLE) == [
        ("Lantern Records Services, Inc.", "Delaware"),
        ("State Street Lantern Bank and Trust Company", "Massachusetts"),
        ("Lantern Labuan Ltd.", "F.T. of Somewhere"),
    ]


NESTED = """<html><body><div>Subsidiaries of the Registrant</div><table>
<tr><td><p style="margin-left:0pt">Lantern Holdings LLC</p></td><td>Delaware</td></tr>
<tr><td><p style="margin-left:12pt">Lantern Transport, Inc.</p></td><td>Texas</td></tr>
<tr><td><p style="margin-left:24pt">Lantern Air Charter Ltd.</p></td><td>Nevada</td></tr>
<tr><td><p style="margin-left:12pt">&nbsp;Lantern Vetting, L.P.</p></td><td>Texas</td></tr>
<tr style="display:none"><td>Ghost Company, Inc.</td><td>Delaware</td></tr>
<tr><td>Lantern UK plc</td><td>England and Wales</td></tr></table></body></html>"""


def test_nested_indents_say_under_whom() -> None:
    edges, _, _ = listed(NESTED)
    assert [(e["child"], e["note"]) for e in edges] == [
        ("Lantern Holdings LLC", None),
        ("Lantern Transport, Inc.", "listed under Lantern Holdings LLC"),
        ("Lantern Air Charter Ltd.", "listed under Lantern Transport, Inc."),
        ("Lantern Vetting, L.P.", "listed under Lantern Holdings LLC"),
        ("Lantern UK plc", None),
    ]
    assert {e["parent_key"] for e in edges} == {"cik:0001234567"}, "the list is the registrant's, whoever is between"


STEPS = """<table>
<tr><td colspan=4>Name</td><td>Jurisdiction of Organization</td></tr>
<tr><td colspan=4>Lantern Holdings LLC</td><td>Delaware</td></tr>
<tr><td></td><td colspan=3>Lantern Data, Inc.</td><td>Ohio</td></tr>
<tr><td></td><td></td><td colspan=2>Lantern Plates Company</td><td>Ohio</td></tr>
<tr><td></td><td colspan=3>Lantern Beds LLC</td><td>Arizona</td></tr></table>"""


def test_names_that_step_to_the_right_in_columns_of_their_own() -> None:
    edges, _, _ = listed(STEPS)
    assert [(e["child"], e["jurisdiction"], e["note"]) for e in edges] == [
        ("Lantern Holdings LLC", "Delaware", None),
        ("Lantern Data, Inc.", "Ohio", "listed under Lantern Holdings LLC"),
        ("Lantern Plates Company", "Ohio", "listed under Lantern Data, Inc."),
        ("Lantern Beds LLC", "Arizona", "listed under Lantern Holdings LLC"),
    ]


MULTI = """<html><body><table>
<tr><td><b>Subsidiary</b></td><td><b>State</b></td><td>&nbsp;</td><td><b>Subsidiary</b></td><td><b>State</b></td></tr>
<tr><td>Alder Beds, Inc.</td><td>DE</td><td></td><td>Birch Guards, LLC</td><td>N.Y.</td></tr>
<tr><td>Cedar Food Services Corp.</td><td>CA</td><td></td><td>Dogwood Medical, P.C.</td><td>D.C.</td></tr>
<tr><td>Elm Transport LLC</td><td>TX</td><td></td><td></td><td></td></tr></table></body></html>"""


def test_two_lists_side_by_side() -> None:
    assert pairs(MULTI) == [
        ("Alder Beds, Inc.", "DE"), ("Birch Guards, LLC", "N.Y."), ("Cedar Food Services Corp.", "CA"),
        ("Dogwood Medical, P.C.", "D.C."), ("Elm Transport LLC", "TX"),
    ]


SHARES = """<html><body><table>
<tr><td>Name of Company <sup>(1)</sup></td><td colspan=2>Percentage Owned</td><td>Country of Incorporation</td></tr>
<tr><td>Lantern Joint Custody GmbH <sup>(2)</sup></td><td>51.5</td><td>%</td><td>Germany</td></tr>
<tr><td>Lantern Gate (3)<i> (2)</i></td><td>100</td><td>%</td><td>France</td></tr>
<tr><td>Lantern Pool S.p.A.*</td><td>33.333</td><td>%</td><td>Italy</td></tr></table>
<p>(1) All companies are consolidated unless stated otherwise.</p>
<p>(2) Held together with a partner who has equal rights.</p>
<p>* Accounted for by the equity method since 2024.</p></body></html>"""


def test_shares_and_footnotes() -> None:
    edges, _, _ = listed(SHARES)
    assert [(e["child"], e["ownership_percent"], e["jurisdiction"], e["note"]) for e in edges] == [
        ("Lantern Joint Custody GmbH", 51.5, "Germany", "(2) Held together with a partner who has equal rights."),
        ("Lantern Gate (3)", 100.0, "France", "(2) Held together with a partner who has equal rights."),
        ("Lantern Pool S.p.A.", 33.333, "Italy", "(*) Accounted for by the equity method since 2024."),
    ]


PRE = """<html><body><pre>
                                                           EXHIBIT 21

                 SUBSIDIARIES OF HARBOR LANTERN CORPORATION
                          As of June 30, 2003

NAME                                             STATE OF INCORPORATION
----                                             ----------------------
Lantern Correctional Services, Inc. ............ Tennessee
  Lantern Youth Services, LLC .................. Florida
Lantern Management Company of the
  Northern Territories, Inc.                     Alberta
Lantern Leasing Partners                         Delaware
                                   2
</pre></body></html>"""


def test_preformatted_text_with_leaders_and_wrapped_names() -> None:
    edges, _, context = listed(PRE)
    assert [(e["child"], e["jurisdiction"]) for e in edges] == [
        ("Lantern Correctional Services, Inc.", "Tennessee"),
        ("Lantern Youth Services, LLC", "Florida"),
        ("Lantern Management Company of the Northern Territories, Inc.", "Alberta"),
        ("Lantern Leasing Partners", "Delaware"),
    ]
    assert edges[0]["as_of"] == date(2003, 6, 30)
    assert edges[1]["note"] == "listed under Lantern Correctional Services, Inc."
    assert not [p for p in context.problems if p.severity != "note"]


EDGAR_TEXT = """<DOCUMENT>
<TYPE>EX-21
<TEXT>
<TABLE>
<CAPTION>
                                                    Jurisdiction of
Subsidiary                                          Incorporation
<S>                                                 <C>
Lantern Systems Corp.                               Virginia
Lantern Biometrics B.V.                             The Netherlands
</TABLE>
</TEXT>
</DOCUMENT>
"""


def test_edgars_own_plain_text_tables() -> None:
    assert pairs(EDGAR_TEXT) == [("Lantern Systems Corp.", "Virginia"), ("Lantern Biometrics B.V.", "The Netherlands")]


SENTENCES = """<html><body><p>EXHIBIT 21</p><p>SUBSIDIARIES OF THE REGISTRANT</p>
<p>Harbor Lantern Corporation</p>
<p>Lantern Analytics, Inc., a Delaware corporation</p><p>Lantern Tracing LLC (Florida)</p>
<p>Lantern Holdings &#8211; Ontario, Canada</p><ul><li>Lantern Kitchens, Ltd., Texas</li></ul>
<p>Lantern Air, Inc.&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;Nevada</p></body></html>"""


def test_lines_without_any_table() -> None:
    assert pairs(SENTENCES) == [
        ("Lantern Analytics, Inc.", "Delaware"), ("Lantern Tracing LLC", "Florida"),
        ("Lantern Holdings", "Ontario, Canada"), ("Lantern Kitchens, Ltd.", "Texas"), ("Lantern Air, Inc.", "Nevada"),
    ]


GROUPED = """<html><body><div>Subsidiaries of Harbor Lantern Corporation</div>
<div><b>Delaware</b></div><div>Lantern One, Inc.</div><div>Lantern Two, LLC</div>
<div><b>Texas</b></div><div>Lantern Three, L.P.</div>
<div><b>Joint Ventures:</b></div><div><b>Puerto Rico</b></div><div>Lantern Isla, Inc. (50% owned)</div></body></html>"""


def test_lists_grouped_by_place_and_by_control() -> None:
    edges, _, _ = listed(GROUPED)
    assert [(e["child"], e["jurisdiction"], e["control"], e["ownership_percent"]) for e in edges] == [
        ("Lantern One, Inc.", "Delaware", "subsidiary", None), ("Lantern Two, LLC", "Delaware", "subsidiary", None),
        ("Lantern Three, L.P.", "Texas", "subsidiary", None),
        ("Lantern Isla, Inc.", "Puerto Rico", "joint_venture", 50.0),
    ]


STACKED = """<html><body><table><tr><td>Name</td><td>Where Organized</td></tr>
<tr><td><div>Lantern North, Inc.</div><div>Lantern South, Inc.</div><div>Lantern East, Inc.</div></td>
<td><div>Maine</div><div>Georgia</div><div>Delaware</div></td></tr>
<tr><td>Lantern<br>Western Holdings, Inc.</td><td>Washington</td></tr></table></body></html>"""


def test_a_whole_list_in_one_row_and_a_name_broken_over_lines() -> None:
    assert pairs(STACKED) == [
        ("Lantern North, Inc.", "Maine"), ("Lantern South, Inc.", "Georgia"), ("Lantern East, Inc.", "Delaware"),
        ("Lantern Western Holdings, Inc.", "Washington"),
    ]


TRADE = """<html><body><table>
<tr><td>Legal Name</td><td>Jurisdiction</td><td>Names Under Which It Does Business</td></tr>
<tr><td>Lantern Care, LLC (formerly Old Pier Care, LLC)</td><td>Oregon</td><td>Pier Care</td></tr>
<tr><td>Lantern Records Group, Inc. d/b/a QuickLocate</td><td>Utah</td><td>None</td></tr></table></body></html>"""


def test_trade_and_former_names_become_aliases() -> None:
    edges, aliases, _ = listed(TRADE)
    assert [e["child"] for e in edges] == ["Lantern Care, LLC", "Lantern Records Group, Inc."]
    assert [(a["company_key"], a["name"], a["kind"]) for a in aliases] == [
        ("name:LANTERN CARE LLC", "Pier Care", "dba"), ("name:LANTERN CARE LLC", "Old Pier Care, LLC", "former"),
        ("name:LANTERN RECORDS GROUP INC", "QuickLocate", "dba"),
    ]


CONTINUED = """<html><body><table>
<tr><td>Subsidiary</td><td>Percent of Voting Stock</td><td>State or Country of Organization</td></tr>
<tr><td>Lantern A Ltd.</td><td>100</td><td>Bermuda</td></tr></table><div>3</div><hr>
<table><tr><td>Lantern B Ltd.</td><td>100</td><td>Sark</td></tr>
<tr><td>Lantern C Ltd.</td><td>80</td><td>Alderney</td></tr></table></body></html>"""


def test_a_table_that_goes_on_after_a_page_break_keeps_its_columns() -> None:
    edges, _, _ = listed(CONTINUED)
    assert [(e["child"], e["ownership_percent"], e["jurisdiction"]) for e in edges] == [
        ("Lantern A Ltd.", 100.0, "Bermuda"), ("Lantern B Ltd.", 100.0, "Sark"), ("Lantern C Ltd.", 80.0, "Alderney"),
    ]


OMITTED = """<html><body><p>Exhibit 21</p><p>Subsidiaries of Harbor Lantern Corporation</p><p>The names of all
subsidiaries have been omitted because, considered in the aggregate, they would not constitute a significant
subsidiary.</p></body></html>"""


def test_a_page_that_only_says_that_all_are_omitted_is_no_fault() -> None:
    edges, _, context = listed(OMITTED)
    assert edges == []
    assert [(p.kind, p.severity) for p in context.problems] == [("omitted", "note")]


def test_a_page_with_nothing_to_read_is_reported() -> None:
    edges, _, context = listed("<html><body><p>Hello there.</p></body></html>")
    assert edges == []
    assert "no_rows" in {p.kind for p in context.problems if p.severity == "warning"}


def test_the_registrants_own_line_is_no_subsidiary_and_where_it_is_listed_first_nobody_is_under_it() -> None:
    page = """<table><tr><td>Harbor Lantern Corp.</td><td>Delaware</td></tr>
    <tr><td>&nbsp;&nbsp;&nbsp;Lantern One, Inc.</td><td>Ohio</td></tr></table>"""
    edges, _, _ = listed(page)
    assert [(e["child"], e["note"]) for e in edges] == [("Lantern One, Inc.", None)]


@pytest.mark.parametrize("page", [ONE_TABLE, NESTED, STEPS, MULTI, SHARES, PRE, EDGAR_TEXT, SENTENCES, GROUPED, TRADE])
def test_every_name_leads_back_to_its_bytes(page: str) -> None:
    edges, _, _ = listed(page)
    assert edges
    places = {e["locator"]: e["child"] for e in edges}
    found = dict(name_at(io.BytesIO(page.encode()), {(place, "child") for place in places}))
    for place, child in places.items():
        assert place.startswith("bytes:"), (child, place)
        assert found[place, "child"] == child


def test_the_report_date_of_the_filing_dates_the_edges() -> None:
    edges, _, _ = listed(PRE, report_date="2003-06-28")
    assert {e["as_of"] for e in edges} == {date(2003, 6, 28)}


# ---- hostile input --------------------------------------------------------------------------------------------------


def test_hostile_pages_give_clear_errors_or_no_rows() -> None:
    with pytest.raises(NotDataError, match="refuses"):
        listed("<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body>x</body></html>")
    with pytest.raises(BombError, match="larger than"):
        listed(b"<p>" + b"x" * (25 << 20))
    with pytest.raises(NotDataError, match="whose subsidiaries"):
        context = ParseContext(capture_id="c", source="sec", as_of=date(2026, 1, 1), url="https://example.org/x")
        list(exhibit21.parse(io.BytesIO(b"<p>x</p>"), context))
    deep = "<div>" * 20_000 + "Lantern One, Inc." + "<table><tr><td>" * 3000
    listed(deep)
    xxe = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><html><body><p>&e; Lantern, Inc. (Ohio)</p></body>'
    assert "root:" not in str(listed(xxe)[0])
    nul = "<table><tr><td>Lantern\x00 One, Inc.</td><td>Ohio</td></tr></table>"
    assert all("\x00" not in e["child"] for e in listed(nul)[0])
    bad = b"<table><tr><td>Lantern \xff\xfe Two, Inc.</td><td>Ohio</td></tr></table>"
    assert len(listed(bad)[0]) == 1


def test_an_endless_line_takes_no_endless_time() -> None:
    import time

    # processor time: the wall clock of a busy machine says nothing of the parser
    started = time.process_time()
    listed("<p>" + "Lantern of (a " * 60_000 + "</p>")
    listed("<table><tr><td>" + "x " * 200_000 + "</td><td>" + ", " * 100_000 + "</td></tr></table>")
    assert time.process_time() - started < 10


# ---- acceptance: the three real pages -----------------------------------------------------------------------------


def real(shared: Path, name: str, registrant: str, cik: int) -> tuple[list[dict[str, Any]], bytes]:
    raw = (shared / "api" / "examples" / "sec" / f"ex21_{name}.html").read_bytes()
    return listed(raw, registrant=registrant, cik=cik)[0], raw


@pytest.mark.shared
@pytest.mark.parametrize(("name", "registrant", "cik", "count", "places"), [
    ("aapl", "Apple Inc.", 320193, 19, {"Ireland": 3, "Singapore": 2, "Japan": 2, "Delaware, U.S.": 1,
                                        "Nevada, U.S.": 1}),
    ("jpm", "JPMORGAN CHASE & CO", 19617, 18, {"United States": 9, "United Kingdom": 4, "Luxembourg": 2, "India": 1}),
    ("xom", "EXXON MOBIL CORP", 34088, 116, {"Delaware": 42, "Bahamas": 12, "Qatar": 5, "Texas": 2,
                                             "Russia/Kazakhstan": 1}),
])
def test_every_subsidiary_of_a_real_page_with_its_jurisdiction(
    shared: Path, name: str, registrant: str, cik: int, count: int, places: dict[str, int]
) -> None:
    edges, raw = real(shared, name, registrant, cik)
    assert len(edges) == count
    assert all(edge["jurisdiction"] for edge in edges)
    for place, rows in places.items():
        assert sum(edge["jurisdiction"] == place for edge in edges) == rows, place
    found = dict(name_at(io.BytesIO(raw), {(edge["locator"], "child") for edge in edges}))
    assert [found[edge["locator"], "child"] for edge in edges] == [edge["child"] for edge in edges]


@pytest.mark.shared
def test_spot_checks_of_the_real_pages(shared: Path) -> None:
    xom = {e["child"]: e for e in real(shared, "xom", "EXXON MOBIL CORP", 34088)[0]}
    assert xom["QatarEnergy LNG S (2)"]["ownership_percent"] == 30.517, "the bracketed number is the name's"
    assert xom["QatarEnergy LNG S (3)"]["ownership_percent"] == 30.0
    assert xom["Mozambique Rovuma Venture S.p.A."]["ownership_percent"] == 35.714
    assert "equity method" in xom["Barzan Gas Company Limited"]["note"]
    assert xom["ExxonMobil (China) Investment Co. Ltd."]["note"] is None
    assert all(e["ownership_percent"] is not None for e in xom.values())
    assert {e["as_of"] for e in xom.values()} == {date(2025, 12, 31)}
    jpm = {e["child"]: e for e in real(shared, "jpm", "JPMORGAN CHASE & CO", 19617)[0]}
    assert jpm["J.P. Morgan Securities plc"]["note"] == "listed under J.P. Morgan Capital Holdings Limited"
    assert jpm["JPMorgan Asset Management Holdings (Luxembourg) S.à r.l."]["jurisdiction"] == "Luxembourg"
    aapl = {e["child"]: e for e in real(shared, "aapl", "Apple Inc.", 320193)[0]}
    assert aapl["Apple Computer Trading (Shanghai) Co., Ltd."]["jurisdiction"] == "China"
