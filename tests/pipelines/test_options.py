"""Options: contradictions are refused by name, and a trip through run config changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.options import OptionsError, RunOptions, parse_base_urls
from pipelines.settings import Settings, SettingsError, settings
from records.workspace import Workspace


def test_options_survive_run_config(tmp_path: Path) -> None:
    options = RunOptions(
        workspace=Workspace(tmp_path), mode="live", base_urls={"usaspending": "http://127.0.0.1:1"},
        date_from=date(2024, 1, 1), date_to=date(2024, 2, 1), path="search", workers=2, full_verify=True,
        sources=("usaspending",),
    )
    assert RunOptions.from_config(options.to_config(), ("usaspending",)) == options


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mode": "replay"}, "--replay ARCHIVE"),
        ({"mode": "replay", "replay": Path("nowhere.warc.gz")}, "does not exist"),
        ({"mode": "live", "replay": Path("x.warc.gz")}, "exclude each other"),
        ({"mode": "dream"}, "live, replay, stored"),
        ({"path": "shortcut"}, "auto, bulk or search"),
        ({"date_from": date(2024, 2, 1), "date_to": date(2024, 1, 1)}, "lies after"),
        ({"workers": -1}, "workers"),
        ({"sources": ("usaspnding",)}, "there is no source 'usaspnding'"),
    ],
)
def test_contradictions_are_named(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    with pytest.raises(OptionsError, match=told):
        RunOptions(workspace=Workspace(tmp_path), **given).checked()


def test_a_live_crawl_must_say_whom_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = RunOptions(workspace=Workspace(tmp_path), mode="live", sources=("usaspending",))
    monkeypatch.delenv("SECTION3C_CONTACT", raising=False)
    with pytest.raises(OptionsError, match=r"SECTION3C_CONTACT is not set.*api\.usaspending\.gov"):
        options.checked()
    assert replace(options, base_urls={"usaspending": "http://127.0.0.1:9"}).checked().sources == ("usaspending",)
    monkeypatch.setenv("SECTION3C_CONTACT", "records@city.example")
    assert options.checked().sources == ("usaspending",)


def test_base_urls() -> None:
    found = parse_base_urls(["http://127.0.0.1:8000", "sam_notices=https://api.example.org"])
    options = RunOptions(base_urls=found)
    assert options.base_url("usaspending") == "http://127.0.0.1:8000"
    assert options.base_url("sam_notices") == "https://api.example.org"
    assert options.base_url("sam_api") is None
    with pytest.raises(OptionsError, match="neither an address"):
        parse_base_urls(["127.0.0.1:8000"])


def test_a_run_against_a_stand_in_asks_no_other_publisher(tmp_path: Path) -> None:
    sent = RunOptions(workspace=Workspace(tmp_path), mode="live", base_urls={"usaspending": "http://127.0.0.1:8000"})
    assert sent.checked().sources == ("usaspending",)
    with pytest.raises(OptionsError, match="no source 'usaspnding'"):
        replace(sent, base_urls={"usaspnding": "http://127.0.0.1:8000"}).checked()


def test_what_is_stored_is_published_without_any_source(tmp_path: Path) -> None:
    assert RunOptions(workspace=Workspace(tmp_path), mode="stored").checked().sources == ()


def test_no_date_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="date_from '24/01/01'"):
        RunOptions.from_config({"data": str(tmp_path), "mode": "live", "date_from": "24/01/01"})


def test_settings_can_be_replaced_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = settings.__wrapped__
    monkeypatch.setenv("SECTION3C_TIMEZONE", "America/Los_Angeles")
    found = fresh()
    assert isinstance(found, Settings)
    assert found.timezone == "America/Los_Angeles"
    monkeypatch.setenv("SECTION3C_TIMEZONE", "Mars/Olympus")
    with pytest.raises(SettingsError, match="SECTION3C_TIMEZONE"):
        fresh()
