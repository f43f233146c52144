"""Official files handed in, read to candidates: ORR's grants by office; hostile texts do no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crawlers.importing import import_file
from nlp.awards import read_batches
from nlp.version import reader_version
from records.workspace import Workspace
from section3c import app
from tests.crawlers.official import ASSISTANCE, CONTRACT, csv_text
from warehouse import evidence, listings, reader
from warehouse.build import build
from warehouse.compose import compose
from warehouse.publish import publish
from warehouse.statements import make

ORR, HEAD_START = "ACF OFFICE OF REFUGEE RESETTLEMENT", "ACF OFFICE OF HEAD START"
HOSTILE = {
    "escape": "DETENTION BEDS \x1b[2J\x1b]0;owned\x07", "formula": '=HYPERLINK("http://evil.example") DETENTION BEDS',
    "markup": "<script>alert(1)</script> [bold]x[/] [link=http://e]DETENTION BEDS[/link]",
    "direction": "DETENTION BEDS \u202egpj.exe\u202c", "endless": "DETENTION BEDS " + "A" * 1_000_000,
    "lines": 'DETENTION BEDS\r\nSECOND, "LINE"\t', "sql": "'; DROP TABLE award; -- DETENTION BEDS",
}


def grant(number: int, recipient: str, office: str, **more: str) -> dict[str, str]:
    """An assistance row as ACF files it: sub-tier 7590, the office only by name."""
    fain = f"90ZU{number:04d}"
    return ASSISTANCE | {
        "assistance_transaction_unique_key": f"7590_{fain}_-NONE-_93.676_0", "award_id_fain": fain,
        "assistance_award_unique_key": f"ASST_NON_{fain}_7590", "recipient_name": recipient,
        "awarding_agency_code": "075", "awarding_agency_name": "Department of Health and Human Services",
        "awarding_sub_agency_name": "Administration for Children and Families", "awarding_office_name": office,
        "funding_agency_code": "075", "funding_sub_agency_name": "Administration for Children and Families",
        "funding_office_name": office, "cfda_number": "93.676", "business_types_code": "M",
        "transaction_description": "RESIDENTIAL SHELTER FOR UNACCOMPANIED ALIEN CHILDREN",
    } | more


def contract(number: int, description: str, recipient: str) -> dict[str, str]:
    piid = f"70CDCR24P9{number:07d}"
    return CONTRACT | {
        "contract_transaction_unique_key": f"7012_-NONE-_{piid}_0_-NONE-_0", "award_id_piid": piid,
        "contract_award_unique_key": f"CONT_AWD_{piid}_7012_-NONE-_-NONE-", "transaction_description": description,
        "recipient_name": recipient, "recipient_uei": f"MADEUP{number:06d}",
    }


def published(folder: Path, text: str) -> Workspace:
    """The file through import, composition, the real reader, build and publication."""
    path = folder / "official.csv"
    path.write_text(text, encoding="utf-8", newline="")
    workspace = Workspace(folder / "data")
    assert import_file(path, workspace).ok
    compose(workspace)
    make(workspace, read_batches, reader_version=reader_version())
    made = build(workspace)
    publish(workspace, made.version, {name: list(pair) for name, pair in made.hashes.items()})
    return workspace


def rows(workspace: Workspace, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.query(workspace, sql).table.to_pylist()
    return found


@pytest.mark.clause("§2.5")
@pytest.mark.clause("§2.6")
def test_orr_grants_filed_under_acf_are_found_by_their_office_and_others_are_not(tmp_path: Path) -> None:
    quiet = "SHELTER CARE"
    workspace = published(tmp_path, csv_text([
        grant(1, "MADE UP SHELTERS, INC.", ORR), grant(2, "MADE UP INFLUX LLC", ORR, business_types_code="R"),
        grant(3, "CITY OF ANYTOWN", ORR, business_types_code="C"),
        grant(4, "MADE UP NURSERY, INC.", HEAD_START, transaction_description=quiet),
        grant(5, "MADE UP NEW CODE LLC", ORR, assistance_type_code="F003"),
    ], layout="assistance_transaction"))
    assert rows(workspace, "SELECT count(*) AS n FROM award WHERE award_kind = 'assistance'") == [{"n": 5}]
    found = listings.candidates(workspace, agency="orr").table.to_pylist()
    assert sorted((c["company"], c["category"]) for c in found) == [
        ("MADE UP INFLUX LLC", "detention"), ("MADE UP NEW CODE LLC", "detention"),
        ("MADE UP SHELTERS, INC.", "detention")]
    (city,) = listings.exclusions(workspace).table.to_pylist()
    assert "CITY OF ANYTOWN" in city.values()
    assert not rows(workspace, "SELECT 1 FROM candidate WHERE company LIKE '%NURSERY%'")
    assert evidence.verify(workspace).ok


@pytest.mark.clause("§8")
def test_hostile_texts_stand_as_filed_and_reach_no_terminal_or_spreadsheet_alive(tmp_path: Path) -> None:
    names = {"escape": "EVIL \x1b[2J CORP", "formula": "=CMD|' /C calc'!A0 LLC", "markup": "<img src=x> [red]INC[/]"}
    workspace = published(tmp_path, csv_text(
        [contract(n, text, names.get(name, f"{name.upper()} LLC")) for n, (name, text) in enumerate(HOSTILE.items())]))
    filed = {r["description"] for r in rows(workspace, "SELECT description FROM award_text")}
    assert filed >= set(HOSTILE.values()), "every character stands as filed"
    found = listings.candidates(workspace).table.to_pylist()
    assert len(found) == len(HOSTILE) and {c["words"] for c in found} == {"DETENTION BEDS"}
    assert evidence.verify(workspace).ok
    runner, folder = CliRunner(), ["--data", str(workspace.root)]
    shown = [runner.invoke(app, ["candidates", "--format", form, *folder]) for form in ("table", "json", "csv")]
    for one in found:
        page = runner.invoke(app, ["evidence", "show", one["evidence_id"], "--format", "json", *folder])
        assert page.exit_code == 0 and len(page.output) < 20_000, "a description of a million characters is cut"
        shown += [page, runner.invoke(app, ["candidate", one["candidate_id"], *folder]),
                  runner.invoke(app, ["evidence", "show", one["evidence_id"], *folder])]
    endless = next(c["evidence_id"] for c in found if c["company"] == "ENDLESS LLC")
    assert evidence.show(workspace, endless)["words"][0]["left_out"][1] > 990_000
    assert len(evidence.show(workspace, endless, whole=True)["words"][0]["text"]) > 1_000_000
    shown.append(runner.invoke(app, ["sql", "SELECT recipient, t.description FROM award JOIN award_text t "
                                            "USING (award_key) WHERE length(t.description) < 9999", *folder]))
    for result in shown:
        assert result.exit_code == 0, result.output
        assert not {"\x1b", "\x07", "\u202e"} & set(result.output)
    assert any("<script>alert(1)</script> [bold]x[/]" in result.output for result in shown), "markup is text"
    sheet = tmp_path / "out.csv"
    assert runner.invoke(app, ["candidates", "--format", "csv", "--out", str(sheet), *folder]).exit_code == 0
    cells = [cell for line in sheet.read_text(encoding="utf-8").splitlines() for cell in line.split(",")]
    assert any(cell.startswith("'=CMD") for cell in cells) and not any(cell.startswith(("=", "@")) for cell in cells)


@pytest.mark.parametrize("asked", [("--category", "detentoin"), ("--agency", "ICE"), ("--certainty", "sure")])
def test_an_unknown_value_is_an_error_that_names_the_known_ones(tmp_path: Path, asked: tuple[str, str]) -> None:
    told = CliRunner().invoke(app, ["candidates", *asked, "--data", str(tmp_path)])
    assert told.exit_code == 1 and f"there is no {asked[0][2:]} '{asked[1]}'" in told.output
    assert {"--category": "detention", "--agency": "ice, cbp", "--certainty": "arguable"}[asked[0]] in told.output
