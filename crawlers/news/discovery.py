"""discovery.yaml: the words that make an announced article worth fetching, GDELT's questions, the crawl's limits.

Belongs here: the model of that file. Does not belong here: matching (``gate``), asking (spiders).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, field_validator

from ordinance.loader import Data, load_yaml
from ordinance.phrases import parse

FILE: Final = Path(__file__).resolve().parent / "discovery.yaml"


class GateWords(Data):
    """Phrases by topic (the topics are for people) and abbreviations that count in capitals only."""

    cased: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]]
    makers_left_out: tuple[str, ...] = ()

    @field_validator("words")
    @classmethod
    def _readable(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for phrases in value.values():
            for phrase in phrases:
                parse(phrase)
        return value


class Query(Data):
    """One question to GDELT, for one category of service."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    category: Literal["data_broker", "extreme_vetting", "detention"]
    query: str = Field(min_length=5, max_length=900)


class GdeltLimits(Data):
    """How GDELT is asked. Seconds, minutes and hours as the names say."""

    window_hours: int = Field(ge=1, le=24 * 90)
    overlap_hours: int = Field(ge=0, le=72)
    smallest_window_minutes: int = Field(ge=15)
    tries: int = Field(ge=1, le=5)
    pause_seconds: float = Field(ge=5, le=600)
    give_up_after: int = Field(ge=1)


class CrawlLimits(Data):
    """How much one run fetches."""

    articles_a_run: int = Field(ge=1)
    articles_an_outlet: int = Field(ge=1)
    sitemap_depth: int = Field(ge=0, le=5)
    sitemaps_an_outlet: int = Field(ge=1)
    refetch_versions: int = Field(ge=1)
    refetch_days: int = Field(ge=0)
    lead_days: int = Field(ge=0)


class Discovery(Data):
    """The whole file."""

    about: str
    gate: GateWords
    queries: tuple[Query, ...]
    gdelt: GdeltLimits
    crawl: CrawlLimits


def discovery() -> Discovery:
    """The file. Raises OrdinanceError naming file, line and field when it is wrong."""
    return load_yaml(FILE, Discovery)
