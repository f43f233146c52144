from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ordinance import weights
from records.ids import candidate_id
from records.workspace import Workspace
from tests.warehouse.built import COUNTY, RESOLD, SEEN, fill, night
from tests.warehouse.rows import captures, transaction, write
from warehouse import table_files
from warehouse.build import BuildReport, build, content_hashes
from warehouse.engine import WarehouseError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path).ensure()
    fill(made)
    return made


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    made = Workspace(tmp_path_factory.mktemp("first")).ensure()
    fill(made)
    return night(made)


def ask(report: BuildReport, sql: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(report.file), read_only=True) as con:
        rows: list[dict[str, Any]] = con.sql(sql).to_arrow_table().to_pylist()
        return rows


def test_candidates_are_companies_that_may_be_and_others_are_shown_with_the_reason(first: BuildReport) -> None:
    report = first
    found = ask(report, "SELECT * FROM candidate ORDER BY company, category")
    assert [(c["company"], c["category"]) for c in found] == [
        ("CARAHSOFT TECHNOLOGY CORP", "data_broker"), ("FEDS UNITED, LLC", "detention"),
        ("LexisNexis Risk Solutions Inc.", "data_broker"), ("WEST PUBLISHING CORPORATION", "data_broker")]  # fmt: skip
    assert all(c["candidate_id"] == candidate_id(c["company_id"], c["category"]) for c in found)
    assert found[2]["via"] == found[0]["company_id"]
    excluded = ask(report, "SELECT record_key, vendor, reason FROM excluded_statement ORDER BY record_key")
    assert [e["record_key"] for e in excluded] == [COUNTY, "CONT_AWD_X_7012_-NONE-_-NONE-"]
    assert "§2.6" in excluded[0]["reason"]
    named = ask(report, "SELECT (SELECT string_agg(name) FROM company) || (SELECT string_agg(company_id) FROM company) "
                        "|| (SELECT string_agg(name) FROM company_name) AS all_names")  # fmt: skip
    assert "DOE" not in named[0]["all_names"]
    assert RESOLD in {s["record_key"] for s in ask(report, "SELECT record_key FROM statement")}


def test_score_adds_up_and_agrees_with_the_law_as_data(first: BuildReport) -> None:
    report = first
    (west,) = ask(report, "SELECT * FROM candidate WHERE company LIKE 'WEST%'")
    bars = ask(report, f"SELECT * FROM candidate_weight WHERE candidate_id = '{west['candidate_id']}'")
    assert sum(b["bits"] for b in bars) == west["score"]
    assert west["score"] == west["service"] + west["identity"] + west["corroboration"] + west["contradiction"]
    by = {b["bar"]: float(b["bits"]) for b in bars}
    law = weights.weights()
    as_of = dt.date(2024, 2, 1)
    assert by["prior"] == law.prior.bits
    assert by["source"] == weights.source_bits("award", "recipient")
    assert math.isclose(by["reading"], weights.reading_bits(0.9), abs_tol=0.0006)
    assert math.isclose(by["recency"], weights.recency_bits(dt.date(2023, 12, 1), as_of), abs_tol=0.0006)
    assert by["amount"] == weights.amount_bits(2000100.0)
    assert by["corroboration"] == weights.corroboration_bits(1, 1, 1)
    assert next(b["words"] for b in bars if b["bar"] == "reading") == "LICENSE PLATE READER"
    assert (west["parent"], west["obligated"]) == ("Thomson Reuters Corporation", Decimal("2000100.00"))


def test_old_terminated_and_repeated_records_weigh_as_the_law_says(workspace: Workspace) -> None:
    more = [transaction("c1", 20 + n, award_key=f"CONT_AWD_Z{n}_7012_-NONE-_-NONE-", recipient_uei="L997DB4PEJL8",
                        action_date=dt.date(2012, 1, 1), obligation=Decimal(0),
                        action_type_code="F" if n < 2 else None) for n in range(3)]  # fmt: skip
    write(workspace, more, "d9")
    report = night(workspace)
    (west,) = ask(report, "SELECT * FROM candidate WHERE company LIKE 'WEST%'")
    assert west["records"] == 4
    assert float(west["corroboration"]) == pytest.approx(weights.corroboration_bits(4, 1, 1), abs=0.0006)
    assert float(west["contradiction"]) == 2 * weights.weights().contradiction.terminated.bits
    old = ask(report, "SELECT recency_bits FROM statement_bits ORDER BY recency_bits")[0]["recency_bits"]
    assert float(old) == pytest.approx(weights.recency_bits(dt.date(2012, 1, 1), dt.date(2024, 2, 1)), abs=0.0006)


def test_same_input_is_the_same_version_and_skipped_and_built_again_has_the_same_hashes(workspace: Workspace) -> None:
    first = night(workspace)
    again = night(workspace)
    assert again.skipped and (again.version, again.hashes) == (first.version, first.hashes)
    first.file.unlink()
    rebuilt = night(workspace)
    assert not rebuilt.skipped and rebuilt.version == first.version
    assert rebuilt.hashes == first.hashes == {n: tuple(h) for n, h in content_hashes(rebuilt.file).items()}
    write(workspace, [transaction("c2", 1, award_key="CONT_AWD_N_7012_-NONE-_-NONE-")], "d2")
    changed = night(workspace)
    assert changed.version != first.version
    assert changed.hashes["award"] != first.hashes["award"]
    assert changed.hashes["subaward"] == first.hashes["subaward"]


def test_facts_hash_does_not_depend_on_where_rows_were_seen(first: BuildReport, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other").ensure()
    fill(other)
    write(other, [transaction("c3", 44, award_key="CONT_AWD_Y_7012_-NONE-_-NONE-", description="OFFICE CHAIRS")],
          "d2")  # fmt: skip
    second = night(other, captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), ("c3", "2023-02-01")))
    for name, (facts, _) in first.hashes.items():
        if name not in ("capture", "source_health"):
            assert facts == second.hashes[name][0], name
    assert first.hashes["award_action"][1] != second.hashes["award_action"][1]


def test_statements_of_a_failing_capture_are_withdrawn_with_reason(workspace: Workspace, first: BuildReport) -> None:
    second = night(workspace, captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), ("c3", "2024-02-01"), bad=["c1"]))
    assert second.version != first.version
    (gone,) = ask(second, "SELECT * FROM withdrawn_statement")
    assert (gone["capture_id"], gone["reason"], gone["warc_file"]) == ("c1", "damaged", "usaspending/a.warc.gz")
    assert ask(second, "SELECT * FROM candidate WHERE company LIKE 'WEST%'") == []
    assert ask(second, "SELECT count(*) AS n FROM statement_span WHERE capture_id = 'c1'")[0]["n"] == 0


def test_every_table_and_column_says_what_it_is(first: BuildReport) -> None:
    report = first
    bare = ask(report, "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL "
                       "AND table_name NOT IN (SELECT view_name FROM duckdb_views())")  # fmt: skip
    assert bare == []
    assert ask(report, "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL") == []


def test_tables_are_ordered_by_their_own_references() -> None:
    names = table_files.names(table_files.load())
    for before, after in [("withdrawn_statement", "statement"), ("statement", "candidate_weight"),
                          ("candidate_weight", "candidate"), ("meta", "statement_bits")]:  # fmt: skip
        assert names.index(before) < names.index(after)


def test_a_circle_or_a_file_that_does_not_parse_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("-- A.\nSELECT * FROM b")
    (tmp_path / "b.sql").write_text("-- B.\nSELECT * FROM a")
    with pytest.raises(WarehouseError, match="circle"):
        table_files.load(tmp_path)
    (tmp_path / "a.sql").write_text("-- A.\nSELEC 1")
    with pytest.raises(WarehouseError, match=r"a\.sql"):
        table_files.load(tmp_path)


def test_building_before_composing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="compose and statements first"):
        build(Workspace(tmp_path).ensure(), captures=SEEN)
