"""Outlets: who publishes, where, how reliable, on which terms (crawlers/outlets.yaml, or a city's own file).

Belongs here: the model of that file and how its addresses stand at a base address. Does not belong here: any
judgement of reliability beyond the tier a city gives (§3.3.a).
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from crawlers.sources import is_loopback, is_private
from ordinance.loader import Data, load_yaml

FILE: Final = Path(__file__).resolve().parents[1] / "outlets.yaml"
VARIABLE: Final = "SECTION3C_OUTLETS"
Address = Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$", max_length=500)]
Tier = Literal["official", "established", "specialised", "partisan", "unrated"]


class Outlet(Data):
    """One outlet. ``hosts`` are further hosts its articles stand on; ``gate`` 'all' fetches everything it announces.

    ``crawl`` False keeps it for its tier and its name only: its terms or robots.txt forbid automated collection.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    name: str = Field(min_length=2)
    home: Address
    hosts: tuple[str, ...] = ()
    feeds: tuple[Address, ...] = ()
    sitemaps: tuple[Address, ...] = ()
    kind: Literal["newspaper", "broadcaster", "wire", "nonprofit_newsroom", "magazine", "trade_press",
                  "agency_newsroom", "oversight", "advocacy"]
    reliability: Tier
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    terms: str = Field(min_length=10)
    robots: str = Field(min_length=10)
    sitemaps_from_robots: bool = Field(default=False, description="take the news sitemaps that robots.txt names")
    gate: Literal["words", "all"] = "words"
    crawl: bool = True

    @property
    def domains(self) -> tuple[str, ...]:
        """Every host of it, without www."""
        own = urlsplit(self.home).hostname or ""
        return tuple(dict.fromkeys(host.removeprefix("www.") for host in (own, *self.hosts)))

    @model_validator(mode="after")
    def _addresses_are_its_own(self) -> Outlet:
        for address in (self.home, *self.feeds, *self.sitemaps):
            parts = urlsplit(address)
            host = parts.hostname or ""
            if is_loopback(host):
                continue
            if is_private(host):
                raise ValueError(f"'{address}' is on a private address")
            if parts.scheme != "https":
                raise ValueError(f"'{address}' must be https")
        return self

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if host != host.lower() or "/" in host or ":" in host or is_private(host):
                raise ValueError(f"'{host}' is not the name of a public host")
        return value


class Outlets(Data):
    """The whole file."""

    about: str
    outlets: tuple[Outlet, ...]

    @model_validator(mode="after")
    def _once(self) -> Outlets:
        ids = [one.id for one in self.outlets]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"each id may stand once; given twice: {', '.join(twice)}")
        return self

    @cached_property
    def by_id(self) -> dict[str, Outlet]:
        """Outlets by id."""
        return {one.id: one for one in self.outlets}

    @cached_property
    def by_domain(self) -> dict[str, Outlet]:
        """Outlets by host without www; a host:port too where the outlet is on this machine."""
        found = {domain: one for one in reversed(self.outlets) for domain in one.domains}
        return found | {urlsplit(one.home).netloc: one for one in self.outlets}

    def of(self, url: str) -> Outlet | None:
        """The outlet that publishes an address: its host, or a host above it (news.example.org of example.org)."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        if parts.netloc in self.by_domain:
            return self.by_domain[parts.netloc]
        host = parts.hostname or ""
        if is_loopback(host):  # a replica that stands in for all (see at_base)
            host = parts.path.lstrip("/").partition("/")[0]
        labels = host.removeprefix("www.").split(".")
        names = (".".join(labels[at:]) for at in range(max(1, len(labels) - 1)))
        return next((self.by_domain[name] for name in names if name in self.by_domain), None)


def outlets(path: Path | None = None) -> Outlets:
    """The outlets: of ``path``, else of the file that SECTION3C_OUTLETS names, else the project's own.

    Raises OrdinanceError naming file, line and field when the file is wrong.
    """
    named = os.environ.get(VARIABLE)
    return load_yaml(path or (Path(named) if named else FILE), Outlets)


def at_base(url: str, base: str) -> str:
    """An outlet's address as it is asked: itself, or ``BASE/HOST/PATH`` where the base address is a replica's.

    The stand-in of all outlets on one loopback port; outlets that are on this machine themselves stay as they are.
    """
    parts = urlsplit(url)
    if not is_loopback(urlsplit(base).hostname or "") or is_loopback(parts.hostname or ""):
        return url
    return f"{base}/{parts.netloc}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
