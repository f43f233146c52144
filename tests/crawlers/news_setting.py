"""Shared by the news tests: outlets that exist only on the replica, and a crawl of them in a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from crawlers.archive import EvidenceArchive
from crawlers.load import LoadReport, load
from crawlers.news.outlets import Outlets
from crawlers.run import CrawlReport, crawl
from ordinance.loader import load_yaml
from records.workspace import Workspace

_OUTLET = """
  - id: {id}
    name: {name}
    home: https://www.{id}.example
    feeds: [{feeds}]
    sitemaps: [{sitemaps}]
    kind: newspaper
    reliability: established
    terms: Written for the tests, free to all.
    robots: The replica's own, as the test sets it.
"""


def outlets_file(path: Path, count: int = 4, *, sitemaps: bool = True) -> Outlets:
    """Write an outlets file: feeds for all, sitemaps (one, an index) for every second."""
    text = "about: Outlets of the tests.\noutlets:\n"
    for n in range(count):
        name = f"ledger{n}"
        site = f"https://www.{name}.example"
        feeds = [f"{site}/rss.xml"] if n % 2 == 0 else [f"{site}/rss.xml", f"{site}/atom.xml"]
        maps = [f"{site}/news-sitemap.xml", f"{site}/sitemap-index.xml"] if sitemaps and n % 2 == 0 else []
        text += _OUTLET.format(id=name, name=f"The Ledger {n}", feeds=", ".join(feeds), sitemaps=", ".join(maps))
    path.write_text(text, encoding="utf-8")
    return load_yaml(path, Outlets)


@dataclass
class NewsCrawls:
    """Crawls against a replica, and what they bring into the lake."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / "data")

    @property
    def archive(self) -> EvidenceArchive:
        return EvidenceArchive(self.workspace.evidence)

    def crawl(self, base: str | None, run_id: str = "r1", source: str = "news", **given: Any) -> CrawlReport:
        return crawl(source, workspace=self.workspace, run_id=run_id, base_url=base, **given)

    def load(self, report: CrawlReport) -> LoadReport:
        return load(report.harvests, self.archive, self.workspace.lake, source=report.source,
                    scratch=self.workspace.state)

    def rows(self, table: str, source: str = "news") -> list[Mapping[str, Any]]:
        folder = self.workspace.lake / table / f"source={source}"
        files = sorted(folder.rglob("*.parquet")) if folder.exists() else []
        found: pa.Table = ds.dataset(files).to_table() if files else None
        return list(found.to_pylist()) if found is not None else []
