"""A workspace with real award rows, composed, read by rules and built."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from records.workspace import Workspace
from tests.warehouse.readers import RuleReader
from tests.warehouse.rows import captures, subaward, transaction, write
from warehouse.build import BuildReport, build
from warehouse.compose import compose
from warehouse.statements import make

SEEN = captures(("c1", "2024-01-01"), ("c2", "2024-02-01"), ("c3", "2024-02-01"))
COUNTY = "CONT_AWD_70CDCR20DIG000001_7012_-NONE-_-NONE-"
RESOLD = "CONT_AWD_70CTD018FR0000001_7012_-NONE-_-NONE-"


def fill(workspace: Workspace) -> None:
    write(workspace, [
        transaction("c1", 1, recipient_uei="L997DB4PEJL8", parent="THOMSON REUTERS (MARKETS) LLC",
                    parent_uei="ERQ7UKKC3791"),
        transaction("c1", 2, modification="P00001", obligation=Decimal("2000000.00"),
                    action_date=dt.date(2023, 12, 1)),
        transaction("c2", 3, award_key=COUNTY, description="DETENTION BEDS", recipient="COUNTY OF ESSEX",
                    business_flags=["us_local_government"]),
        transaction("c2", 4, award_key=RESOLD, description="ACCURINT SEATS", recipient="CARAHSOFT TECHNOLOGY CORP"),
        transaction("c2", 5, award_key="CONT_AWD_X_7012_-NONE-_-NONE-", description="DETENTION", recipient="DOE, JANE",
                    business_flags=["sole_proprietorship"]),
        transaction("c2", 6, award_key="CONT_AWD_Y_7012_-NONE-_-NONE-", description="OFFICE CHAIRS"),
    ], "d1")  # fmt: skip
    write(workspace, [subaward("c3", 1)], "s1", table="subaward")


def copied(first: Workspace, folder: Path) -> tuple[Workspace, BuildReport]:
    """A workspace that was built already, copied, with its report: building takes a second, copying none."""
    workspace = Workspace(folder / "copy")
    shutil.copytree(first.root, workspace.root)
    report = build(workspace, captures=SEEN)
    assert report.skipped
    return workspace, report


def night(workspace: Workspace, seen: pa.Table = SEEN) -> BuildReport:
    compose(workspace, captures=seen)
    make(workspace, RuleReader(), reader_version=RuleReader.version, captures=seen)
    return build(workspace, captures=seen)
