"""When nights run and how long their books are kept: night.yaml, with environment variables in front. No Dagster."""

from __future__ import annotations

import os
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

_ENVIRONMENT = {
    "timezone": "SECTION3C_TIMEZONE",
    "nightly": "SECTION3C_NIGHT",
    "weekly": "SECTION3C_WEEKLY",
    "monthly": "SECTION3C_MONTHLY",
    "yearly": "SECTION3C_YEARLY",
    "keep_runs_days": "SECTION3C_KEEP_RUNS_DAYS",
}
SCHEDULE_VARIABLE = "SECTION3C_SCHEDULE"


class SettingsError(ValueError):
    """night.yaml or an environment variable in front of it is wrong; the message names the key."""


class Settings(BaseModel):
    """Contents of night.yaml. Cron expressions are evaluated in ``timezone``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str
    nightly: str = Field(pattern=r"^\S+( \S+){4}$")
    weekly: str = Field(pattern=r"^\S+( \S+){4}$")
    monthly: str = Field(pattern=r"^\S+( \S+){4}$")
    yearly: str = Field(pattern=r"^\S+( \S+){4}$")
    purge: str = Field(pattern=r"^\S+( \S+){4}$")
    freshness_minutes: int = Field(ge=1)
    keep_runs_days: int = Field(ge=1)
    first_day: date
    lock_wait_minutes: int = Field(ge=0)
    stale_after_hours: dict[str, int]

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{name}' is no time zone: use a name like America/Los_Angeles") from error
        return name

    def cron(self, cadence: str) -> str | None:
        """When sources of a cadence run; None for those that run by hand only."""
        return {"nightly": self.nightly, "weekly": self.weekly, "monthly": self.monthly,
                "yearly": self.yearly}.get(cadence)

    def today(self) -> date:
        """The crawl day now."""
        return datetime.now(ZoneInfo(self.timezone)).date()


@cache
def settings() -> Settings:
    """The settings of this process. Raises SettingsError naming the key and where it came from."""
    text = resources.files("pipelines").joinpath("night.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    origin = dict.fromkeys(values, "pipelines/night.yaml")
    for key, variable in _ENVIRONMENT.items():
        if found := os.environ.get(variable):
            values[key], origin[key] = found, f"environment variable {variable}"
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "?"
        raise SettingsError(f"{key} ({origin.get(key, 'missing')}): {first['msg']}") from error


def schedule_runs() -> bool:
    """Whether schedules and sensors start as running: `section3c up` and servers say so, a developer's shell not."""
    return os.environ.get(SCHEDULE_VARIABLE, "stopped").strip().lower() == "running"


def lock_file() -> Path | None:
    """The lock beside the checkout; None where the product was installed without it."""
    path = Path(__file__).resolve().parents[1] / "requirements.lock"
    return path if path.is_file() else None
