"""Shared fixtures: the development data beside the checkout, and `--clauses` (docs of the law's coverage)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared_folder() -> Path | None:
    """The development data, or None where it is absent: the product and its normal tests do not need it."""
    named = os.environ.get("SECTION3C_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    return folder if (folder / "data").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("development data (../shared) is not beside this checkout")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--clauses", action="store_true", help="print which tests cover which clause, run nothing")


def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.getoption("--clauses"):
        return
    covered: dict[str, list[str]] = {}
    for item in session.items:
        for mark in item.iter_markers("clause"):
            for clause in mark.args:
                covered.setdefault(str(clause), []).append(item.nodeid)
    for clause in sorted(covered):
        print(f"{clause}")
        for test in covered[clause]:
            print(f"    {test}")
    pytest.exit("clauses printed", returncode=0)
