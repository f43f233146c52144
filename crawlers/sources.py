"""Sources: what is crawled, from whom, under which terms, how politely, and what a good night looks like.

Belongs here: the model of ``crawlers/sources/NAME.yaml`` and which addresses a source may be fetched from.
Does not belong here: any source's own format (spiders, parsers), any HTTP.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ordinance.loader import Data, load_yaml

FOLDER: Final = Path(__file__).resolve().parent / "sources"
_PORTS: Final = {"https": 443, "http": 80}
_NAME: Final = r"^[a-z][a-z0-9_]{1,40}$"

Text = Annotated[str, Field(min_length=1)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]


class SourceError(ValueError):
    """A source cannot be used as asked; the message says which, why and what to do."""


class Licence(Data):
    """Terms under which the publisher releases the data."""

    name: Text
    url: str | None = None


class Robots(Data):
    """``obey`` follows robots.txt by RFC 9309; ``api_documented`` does not ask, for the recorded reason."""

    policy: Literal["obey", "api_documented"]
    reason: Text


class Politeness(Data):
    """How hard a host may be pressed. Seconds throughout."""

    delay_seconds: float = Field(default=1.0, ge=0, le=600)
    concurrency: int = Field(default=1, ge=1, le=16)
    tries: int = Field(default=5, ge=1, le=20)
    backoff_seconds: float = Field(default=2.0, ge=0, le=600)
    backoff_cap_seconds: float = Field(default=300.0, ge=0, le=3600)
    retry_after_cap_seconds: float = Field(default=3600.0, ge=0, le=86400)


class Limits(Data):
    """Where a fetch is stopped: bytes as received and as decoded, seconds for one exchange, redirects."""

    max_body_bytes: int = Field(default=64 << 20, ge=1)
    max_decoded_bytes: int = Field(default=256 << 20, ge=1)
    timeout_seconds: float = Field(default=120.0, gt=0, le=86400)
    download_timeout_seconds: float = Field(default=3600.0, gt=0, le=86400)
    max_redirects: int = Field(default=5, ge=0, le=20)


class Volume(Data):
    """How many rows of a lake table one window (or day, or file) normally brings."""

    table: Text
    per: Literal["window", "day", "file"] = "window"
    minimum: int = Field(default=0, ge=0)
    maximum: int | None = Field(default=None, ge=0)


class FillRate(Data):
    """Least share of rows (0 to 1) in which a column must be filled."""

    table: Text
    column: Text
    minimum: float = Field(ge=0, le=1)


class Assertions(Data):
    """What a good night looks like; checked before publication."""

    volume: tuple[Volume, ...] = ()
    fill_rates: tuple[FillRate, ...] = ()


Wish = Literal["company_names", "company_ciks", "company_leis", "holding_ids", "holding_isins"]


class Asks(Data):
    """What a source is asked about, where it must be told: spider options, and what a run fills each with.

    ``options`` name the kind of thing (names, CIK and LEI of candidate companies and their parents, identifiers of the
    city's holdings). A run asks at most ``at_most`` of each, those that have waited longest first.
    """

    options: dict[str, Wish] = Field(min_length=1)
    at_most: int = Field(ge=1, le=10_000)


class Source(Data):
    """One source. ``spider`` is ``module:Class``; ``hosts`` are all hosts it may be fetched from; ``windows`` says that
    it is asked for a span of days (--from, --to), where the others are taken as they stand."""

    name: str = Field(pattern=_NAME)
    title: Text
    publisher: Text
    licence: Licence
    cadence: Literal["nightly", "weekly", "monthly", "yearly", "once", "on_demand"]
    coverage: Text
    documentation: str | None = None
    contact: str | None = None
    base_url: str = Field(pattern=r"^https?://[^/\s]+$")
    base_url_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    hosts: tuple[Host, ...] = Field(min_length=1)
    spider: str = Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")
    robots: Robots
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    media_types: tuple[Text, ...] = Field(min_length=1)
    block_markers: tuple[Text, ...] = ()
    secret_parameters: tuple[Text, ...] = ()
    assertions: Assertions = Assertions()
    windows: bool = False
    asks: Asks | None = None

    @model_validator(mode="after")
    def _base_is_a_host_of_the_source(self) -> Source:
        host = urlsplit(self.base_url).hostname
        if host not in self.hosts and not is_loopback(host or ""):
            raise ValueError(f"base_url's host '{host}' is not in hosts; add it there or correct base_url")
        return self

    @property
    def url_variable(self) -> str:
        """Environment variable that overrides the base address: SECTION3C_NAME_URL unless the YAML names another."""
        return self.base_url_env or f"SECTION3C_{self.name.upper()}_URL"

    @property
    def local(self) -> bool:
        """True when the base address is on this machine (a replica): no delays, its host and port allowed."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    def refuses(self, url: str) -> str | None:
        """Why an address may not be fetched for this source, None when it may.

        Public hosts: https, default port, named in ``hosts``. A loopback base address: that very host and port.
        """
        fault = _malformed(url)
        if fault is not None:
            return fault
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port or _PORTS[parts.scheme]
        base = urlsplit(self.base_url)
        if (parts.scheme, host, port) == (base.scheme, base.hostname, base.port or _PORTS[base.scheme]):
            return None
        if is_private(host):
            return f"'{host}' is a private address"
        if host not in self.hosts:
            return f"host '{host}' is not one of the source's hosts ({', '.join(self.hosts)})"
        if parts.scheme != "https" or port != 443:
            return "public hosts are fetched by https on port 443 only"
        return None

    def based_at(self, base_url: str | None = None) -> Source:
        """The source at another base address: the argument, else the environment's, else its own.

        A loopback address (a replica) drops the delays, which are there for public hosts; any other must be
        https. Raises SourceError.
        """
        chosen = (base_url or os.environ.get(self.url_variable) or "").rstrip("/")
        if not chosen or chosen == self.base_url:
            return self
        parts = urlsplit(chosen)
        host = (parts.hostname or "").lower()
        if parts.scheme not in _PORTS or not host or parts.path or parts.query:
            raise SourceError(f"{self.name}: base address '{chosen}' is not like https://host or "
                              f"http://127.0.0.1:8000. Correct --base-url or {self.url_variable}.")
        if is_loopback(host):
            patient = self.politeness.model_copy(update={"delay_seconds": 0.0, "backoff_seconds": 0.05,
                                                         "backoff_cap_seconds": 2.0})
            return self.model_copy(update={"base_url": chosen, "politeness": patient})
        if parts.scheme != "https":
            raise SourceError(f"{self.name}: base address '{chosen}' must be https (only a loopback address may be "
                              f"http). Correct --base-url or {self.url_variable}.")
        return self.model_copy(update={"base_url": chosen, "hosts": (*self.hosts, host)})


def _malformed(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "the address or its port cannot be read"
    if parts.scheme not in _PORTS:
        return f"scheme '{parts.scheme}' is not http or https"
    if parts.username is not None or parts.password is not None:
        return "the address carries a user name"
    return None


def is_loopback(host: str) -> bool:
    """True for localhost and addresses of this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_private(host: str) -> bool:
    """True for names and addresses that are no public host: loopback, private, link-local, reserved."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


def load(name: str, folder: Path | None = None) -> Source:
    """The source of that name. Raises SourceError when there is none, OrdinanceError for faults in its file."""
    folder = folder or FOLDER
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(p.stem for p in sorted(folder.glob("*.yaml"))) or "none"
        raise SourceError(f"there is no source '{name}' (known: {known}). "
                          f"Make one: section3c source new {name} --url URL")
    source = load_yaml(path, Source)
    if source.name != name:
        raise SourceError(f"{path.name}: its name is '{source.name}'; rename the file or the source")
    return source


def all_sources(folder: Path | None = None) -> dict[str, Source]:
    """Every source by name, sorted. Raises as ``load``."""
    return {path.stem: load(path.stem, folder) for path in sorted((folder or FOLDER).glob("*.yaml"))}
