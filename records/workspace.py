"""Where an installation keeps its things: one folder, ``SECTION3C_DATA`` or ``./data``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """The installation's folder. Evidence is append-only, the lake is replaceable, versions are read-only."""

    root: Path

    @classmethod
    def default(cls) -> Workspace:
        """From the environment variable SECTION3C_DATA, else ``data`` in the working folder."""
        return cls(Path(os.environ.get("SECTION3C_DATA") or "data").absolute())

    @property
    def evidence(self) -> Path:
        """WARC files and their index, one folder a source."""
        return self.root / "evidence"

    @property
    def lake(self) -> Path:
        """Parquet: lake/TABLE/source=S/batch=B/*.parquet."""
        return self.root / "lake"

    @property
    def warehouse(self) -> Path:
        """wh-VERSION.duckdb files and the pointer ``current``."""
        return self.root / "warehouse"

    @property
    def state(self) -> Path:
        """Crawl journals, caches and Dagster's own storage: all of it can be rebuilt, except journals in flight."""
        return self.root / "state"

    @property
    def casework(self) -> Path:
        """Files of casework: what was uploaded, sealed or sent. Cannot be made again."""
        return self.root / "casework"

    @property
    def casework_database(self) -> Path:
        """Human decisions, append-only (SQLite), unless PostgreSQL keeps them. Cannot be made again."""
        return self.root / "casework.sqlite"

    @property
    def secret_key(self) -> Path:
        """Key of the site's sessions and signed links; readable by its owner alone."""
        return self.state / "secret.key"

    def ensure(self) -> Workspace:
        """Make the folders; safe to repeat."""
        for folder in (self.evidence, self.lake, self.warehouse, self.state, self.casework):
            folder.mkdir(parents=True, exist_ok=True)
        return self
