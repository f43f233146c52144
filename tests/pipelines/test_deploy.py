"""The settings files: keys Dagster does not know fail here, and each variant keeps the rules of one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config_schema

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "pipelines" / "dagster.yaml", *sorted((ROOT / "deploy").glob("dagster.*.yaml"))]


def read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_dagster_knows_every_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "USER", "PASSWORD", "DATABASE"):
        monkeypatch.setenv(f"SECTION3C_PG_{name}", "x")
    settings = read(path)
    result = process_config(dagster_instance_config_schema(), settings)
    assert result.success, [error.message for error in result.errors or []]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_the_rules_of_one_machine_hold(path: Path) -> None:
    found = read(path)
    assert found["telemetry"]["enabled"] is False
    assert found["run_retries"] == {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False}
    assert found["run_monitoring"]["enabled"] is True
    assert found["concurrency"]["pools"] == {"default_limit": 1, "granularity": "run"}
    assert found["concurrency"]["runs"]["tag_concurrency_limits"] == [
        {"key": "section3c/writes", "value": "workspace", "limit": 1}
    ]


def test_an_unknown_key_is_found() -> None:
    settings = read(FILES[0]) | {"run_retriez": {"enabled": True}}
    assert not process_config(dagster_instance_config_schema(), settings).success


def test_no_secret_and_no_machine_path_in_deploy() -> None:
    for path in (ROOT / "deploy").iterdir():
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            assert not ("password:" in line and line.split("password:")[1].strip()), f"{path.name}: {line}"
        assert "/home/" not in text
