"""What a run is asked to do. Plain data that survives a trip through JSON; no stage, no Dagster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from records.workspace import Workspace

Mode = Literal["live", "replay", "stored"]
Route = Literal["auto", "bulk", "search"]
DEFAULT_SOURCE = "usaspending"
CONTACT_VARIABLE = "SECTION3C_CONTACT"


class RunError(Exception):
    """A run cannot begin; the message says why and what to do. Nothing was changed."""


class OptionsError(RunError, ValueError):
    """Options that contradict each other; the message says which and what to give instead."""


@dataclass(frozen=True)
class RunOptions:
    """One run's wishes.

    Dates are inclusive, of whatever kind the source's windows are; None leaves them to the source. ``sources`` empty
    means those in the archive to replay, else those that ``base_urls`` (by source name) sends elsewhere, else all
    nightly ones. Mode ``stored`` crawls nothing: it publishes what the lake holds (after an import, say).
    ``workers`` 0 means one a core. ``full_verify`` recomputes all evidence; ``accept_drift`` publishes, for once,
    although rows were lost.
    """

    workspace: Workspace = field(default_factory=Workspace.default)
    mode: Mode = "live"
    replay: Path | None = None
    base_urls: Mapping[str, str] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    path: Route = "auto"
    workers: int = 0
    full_verify: bool = False
    accept_drift: bool = False
    sources: tuple[str, ...] = ()

    def base_url(self, source: str) -> str | None:
        """Another base address for a source, None for its own."""
        return self.base_urls.get(source)

    def checked(self) -> RunOptions:
        """The same options with defaults filled in. Raises OptionsError naming the option that is wrong."""
        if self.mode not in get_args(Mode):
            raise OptionsError(f"mode '{self.mode}' is unknown: use {', '.join(get_args(Mode))}")
        if self.path not in get_args(Route):
            raise OptionsError(f"path '{self.path}' is unknown: use auto, bulk or search")
        if self.mode == "replay" and self.replay is None:
            raise OptionsError("a replay needs an archive: give --replay ARCHIVE (a .warc.gz file or a folder of them)")
        if self.mode == "replay" and self.replay is not None and not self.replay.exists():
            raise OptionsError(f"the archive to replay does not exist: {self.replay}")
        if self.mode == "live" and self.replay is not None:
            raise OptionsError("live and replay exclude each other: give one of --live and --replay ARCHIVE")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise OptionsError(f"--from {self.date_from} lies after --to {self.date_to}: swap them")
        if self.workers < 0:
            raise OptionsError(f"workers must not be negative, got {self.workers}")
        chosen = self._chosen()
        if self.mode == "live":
            self._refuse_nameless(chosen)
        return replace(self, workers=self.workers or default_workers(), sources=chosen,
                       replay=self.replay.absolute() if self.replay else None)

    def _refuse_nameless(self, sources: tuple[str, ...]) -> None:
        """Public hosts are not crawled without saying whom to write to; told once, before any crawl is started."""
        from crawlers.sources import load

        if os.environ.get(CONTACT_VARIABLE, "").strip():
            return
        public = [s for s in (load(name).based_at(self.base_url(name)) for name in sources)
                  if not s.local and not s.contact]
        if public:
            raise OptionsError(
                f"{CONTACT_VARIABLE} is not set, and a live crawl must say whom to write to: "
                f"export {CONTACT_VARIABLE}=address@city.example (it goes to {', '.join(s.base_url for s in public)})"
            )

    def _chosen(self) -> tuple[str, ...]:
        """The sources named, else those in the archive to replay, else those sent elsewhere, else all nightly ones.

        A run against a stand-in must not ask other publishers on the way.
        """
        from crawlers.sources import all_sources

        if self.mode == "stored":
            return ()
        known = all_sources()
        for name in (*self.sources, *self.base_urls):
            if name not in known:
                raise OptionsError(f"there is no source '{name}': use one of {', '.join(known)}")
        if self.sources:
            return tuple(dict.fromkeys(self.sources))
        if self.replay is None:
            return tuple(name for name in known if name in self.base_urls) or nightly_sources()
        found = tuple(name for name in known if name in sources_in(self.replay))
        if not found:
            raise OptionsError(f"{self.replay} holds no crawl of a known source ({', '.join(known)}): "
                               "give a .warc.gz file, or a folder of them, that section3c wrote")
        return found

    def to_config(self) -> dict[str, Any]:
        """The options as Dagster run config and as the journal keeps them."""
        return {
            "data": str(self.workspace.root),
            "mode": self.mode,
            "replay": str(self.replay) if self.replay else "",
            "base_urls": dict(self.base_urls),
            "date_from": self.date_from.isoformat() if self.date_from else "",
            "date_to": self.date_to.isoformat() if self.date_to else "",
            "path": self.path,
            "workers": self.workers,
            "full_verify": self.full_verify,
            "accept_drift": self.accept_drift,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], sources: tuple[str, ...] = ()) -> RunOptions:
        """Inverse of to_config. Raises OptionsError for a date that is none."""
        data = str(config.get("data") or "")
        replay = str(config.get("replay") or "")
        return cls(
            workspace=Workspace(Path(data).absolute()) if data else Workspace.default(),
            mode=config["mode"],
            replay=Path(replay) if replay else None,
            base_urls=dict(config.get("base_urls") or {}),
            date_from=_day(config.get("date_from"), "date_from"),
            date_to=_day(config.get("date_to"), "date_to"),
            path=config.get("path") or "auto",
            workers=int(config.get("workers") or 0),
            full_verify=bool(config.get("full_verify")),
            accept_drift=bool(config.get("accept_drift")),
            sources=sources,
        )


def default_workers() -> int:
    """Processes for the reader: one a core, at most eight, since each holds a model in memory."""
    return max(1, min(8, os.cpu_count() or 1))


def parse_base_urls(given: list[str]) -> dict[str, str]:
    """``NAME=URL``, or ``URL`` for the source usaspending, as a mapping. Raises OptionsError for anything else."""
    found: dict[str, str] = {}
    for text in given:
        bare = text.startswith(("http://", "https://"))
        name, _, url = (DEFAULT_SOURCE, "", text) if bare else text.partition("=")
        if not url.startswith(("http://", "https://")):
            raise OptionsError(f"--base-url '{text}' is neither an address nor NAME=address, "
                               "as in usaspending=http://127.0.0.1:8000")
        found[name.strip()] = url.strip()
    return found


def nightly_sources() -> tuple[str, ...]:
    """Sources whose cadence is nightly. Raises OptionsError where there is none."""
    from crawlers.sources import all_sources

    found = tuple(name for name, source in all_sources().items() if source.cadence == "nightly")
    if not found:
        raise OptionsError("no source in crawlers/sources has the cadence 'nightly'")
    return found


def sources_in(archive: Path) -> set[str]:
    """Sources of the WARC files of an archive, as each file's first record (warcinfo) names them."""
    from crawlers.warc_read import DamagedRecordError, examine
    from crawlers.warc_scan import warcinfo_fields

    found = set()
    for path in sorted(archive.rglob("*.warc.gz")) if archive.is_dir() else [archive]:
        try:
            with path.open("rb") as file:
                first = examine(file, 0)
        except DamagedRecordError as error:
            raise OptionsError(f"{path} is no WARC file that can be read: {error}") from error
        if first.type == "warcinfo" and (name := warcinfo_fields(first).get("source")):
            found.add(name)
    return found


def _day(text: object, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise OptionsError(f"{name} '{text}' is no date: write YYYY-MM-DD") from error
