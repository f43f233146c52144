from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from records.workspace import Workspace
from tests.warehouse.built import copied, fill, night
from tests.warehouse.rows import captures, transaction, write
from warehouse import checks
from warehouse.build import BuildReport
from warehouse.engine import WarehouseError
from warehouse.publish import publish


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace(tmp_path_factory.mktemp("first")).ensure()
    fill(made)
    night(made)
    return made


@pytest.fixture
def built(first: Workspace, tmp_path: Path) -> tuple[Workspace, BuildReport]:
    return copied(first, tmp_path)


def spoil(report: BuildReport, *statements: str) -> None:
    with duckdb.connect(str(report.file)) as con:
        for sql in statements:
            con.execute(sql)


def test_a_sound_version_passes_and_every_kind_of_check_ran(built: tuple[Workspace, BuildReport]) -> None:
    result = checks.run(*built)
    assert result.ok, [str(f) for f in result.failures]
    assert result.count > 60


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("INSERT INTO award SELECT * FROM award LIMIT 1", "award: key is unique"),
        ("UPDATE candidate SET score = score + 0.001", "score_adds_up"),
        ("UPDATE candidate_weight SET bits = bits + 1 WHERE bar = 'prior'", "score_adds_up"),
        ("UPDATE candidate_weight SET statement_id = 'other' WHERE bar = 'source'", "bars_are_of_the_best"),
        ("DELETE FROM candidate_weight WHERE bar = 'reading'", "score_adds_up"),
        ("UPDATE capture SET verdict = 'block_page'", "span_capture_ok"),
        ("DELETE FROM capture WHERE capture_id = 'c2'", "row_capture_known"),
        ("DELETE FROM statement_span", "statement_has_words"),
        ("UPDATE statement SET record_key = 'x' WHERE statement_id = (SELECT min(statement_id) FROM statement)",
         "statement_record_known"),
        ('UPDATE statement_span SET "end" = "end" + 1', "span_length"),
        ("DELETE FROM company", "company_known"),
        ("UPDATE award SET obligated = obligated + 1", "award_adds_up"),
        ("UPDATE statement SET excluded = NULL", "excluded_make_no_candidate"),
        ("UPDATE statement SET excluded = 'government'", "excluded_make_no_candidate"),
        ("UPDATE company SET name = 'DOE, JANE' WHERE entity = 'individual'", "persons_not_named"),
        ("UPDATE statement_bits SET bits = NULL", "weight_for_every_statement"),
        ("UPDATE award_action SET action_date = DATE '2031-01-01'", "no_future_dates"),
        ("UPDATE award_action SET recipient = NULL", "award_action.recipient fill rate"),
        ("UPDATE statement SET vendor = NULL", "statement.vendor is filled"),
        ("DELETE FROM award_text", "award_text: rows of the lake"),
        ("DELETE FROM statement", "statement: rows of the lake"),
    ],
)  # fmt: skip
def test_each_check_fails_on_what_it_is_for(
    built: tuple[Workspace, BuildReport], sql: str, check: str
) -> None:
    workspace, report = built
    spoil(report, sql)
    result = checks.run(workspace, report)
    assert check in {failure.check for failure in result.failures}


def test_all_failures_are_told_at_once(built: tuple[Workspace, BuildReport]) -> None:
    workspace, report = built
    spoil(report, "UPDATE candidate SET score = 0", "DELETE FROM award_text")
    result = checks.run(workspace, report)
    with pytest.raises(WarehouseError, match=r"(?s)award_text: rows of the lake.*score|score.*award_text: rows"):
        result.raise_if_failed()


def test_loss_of_rows_against_the_last_version_blocks_unless_accepted(built: tuple[Workspace, BuildReport]) -> None:
    workspace, _ = built
    many = [transaction("c2", n, award_key=f"CONT_AWD_M{n}_7012_-NONE-_-NONE-") for n in range(100)]
    write(workspace, many, "d2")
    first = night(workspace)
    publish(workspace, first.version, {})
    assert checks.run(workspace, first).ok
    write(workspace, many[:80], "d2")
    second = night(workspace)
    result = checks.run(workspace, second)
    assert {"award: drift", "award_action: drift"} <= {f.check for f in result.failures}
    accepted = checks.run(workspace, second, accept_drift=True)
    assert accepted.ok and len(accepted.warnings) >= 2


def test_withdrawn_statements_warn_and_do_not_block(built: tuple[Workspace, BuildReport]) -> None:
    workspace, first_version = built
    publish(workspace, first_version.version, {})
    bad = captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), ("c3", "2024-02-01"), bad=["c1", "c3"])
    result = checks.run(workspace, night(workspace, bad))
    assert result.ok, [str(f) for f in result.failures]
    assert "withdrawn" in result.warnings[0]
