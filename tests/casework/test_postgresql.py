"""The same suite on PostgreSQL: every test of casework and web again, in a server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.casework import postgresql

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(postgresql.missing() is not None, reason=str(postgresql.missing()))
def test_the_suite_passes_on_postgresql_too() -> None:
    if os.environ.get("SECTION3C_CASEWORK_URL"):
        pytest.skip("this is that run")
    with postgresql.server() as url:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-m", "not slow", "tests/casework", "tests/web"],
            cwd=ROOT, env={**os.environ, "SECTION3C_CASEWORK_URL": url}, capture_output=True, text=True, timeout=800,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout or "..." in done.stdout
