"""Whom a source is asked about: companies behind the published candidates, securities of a city's holdings.

Belongs here: filling the spider options that a source's YAML names (``asks``), and taking turns where there are more
than a run may ask (state/asked/SOURCE.json). Does not belong here: how a source is asked (spiders), who is who
(entities): a registry is asked by a name, and what it answers is evidence for later. No Dagster.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.journal import read_json, write_json
from pipelines.night import StageError
from records import lake
from records.published import COMPANY_ALIAS
from records.workspace import Workspace

if TYPE_CHECKING:
    from crawlers.sources import Source

HOLDINGS_VARIABLE = "SECTION3C_HOLDINGS"
_MOST_NAMES = 20_000
_NAMES = """
SELECT name, max(score) AS score FROM (
    SELECT company AS name, score FROM candidate
    UNION ALL SELECT parent, score FROM candidate WHERE parent IS NOT NULL
    UNION ALL SELECT n.name, c.score FROM company_name AS n JOIN candidate AS c USING (company_id)
    UNION ALL SELECT p.parent, c.score FROM company_parent AS p JOIN candidate AS c USING (company_id)
    WHERE p.parent IS NOT NULL
) GROUP BY name ORDER BY score DESC, name"""


def wishes(workspace: Workspace, source: Source) -> dict[str, Any]:
    """Spider options for this run; none for a source that needs not be told whom to ask about.

    Raises StageError for a holdings file that cannot be read, WarehouseError for a damaged published version.
    """
    if source.asks is None:
        return {}
    supply = _Supply(workspace)
    before = read_json(_path(workspace, source.name)) or {}
    found: dict[str, Any] = {}
    for option, kind in source.asks.options.items():
        values = supply.of(kind, source)
        turns = {value: str(before.get(f"{option} {value}", "")) for value in values}
        if values:
            found[option] = sorted(values, key=turns.__getitem__)[: source.asks.at_most]
    return found


def remember(workspace: Workspace, source: str, asked: dict[str, Any], day: date) -> None:
    """Note on which day each was asked about, so that the others come next."""
    if asked:
        known = read_json(_path(workspace, source)) or {}
        known |= {f"{option} {value}": day.isoformat() for option, values in asked.items() for value in values}
        write_json(_path(workspace, source), known)


class _Supply:
    """What a run can tell a source, in order of the candidates' scores."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._names: list[str] | None = None
        self._keys: dict[str, set[str]] | None = None

    def of(self, kind: str, source: Source) -> list[str]:
        """All that there is of a kind."""
        if kind == "holding_ids":
            return holding_ids()
        if kind == "holding_isins":
            from crawlers.openfigi.identifiers import is_isin, isin_of

            return list(dict.fromkeys(isin for one in holding_ids() if (isin := one if is_isin(one) else isin_of(one))))
        names = self._wanted()
        if kind == "company_names":  # one whose identifier is known is asked for by that, where the source takes it
            kinds = set(source.asks.options.values()) if source.asks else set()
            known = [key for wish, key in (("company_ciks", "cik:"), ("company_leis", "lei:")) if wish in kinds]
            return [name for name in names if not any(self._known(name, key) for key in known)]
        scheme = {"company_ciks": "cik:", "company_leis": "lei:"}[kind]
        return list(dict.fromkeys(key.removeprefix(scheme) for name in names for key in self._known(name, scheme)))

    def _wanted(self) -> list[str]:
        if self._names is None:
            self._names = candidate_names(self._workspace)
        return self._names

    def _known(self, name: str, scheme: str) -> list[str]:
        from crawlers.corporate import comparable

        if self._keys is None:
            self._keys = {}
            for key, alias in _aliases(self._workspace):
                self._keys.setdefault(comparable(alias), set()).add(key)
        return sorted(key for key in self._keys.get(comparable(name), ()) if key.startswith(scheme))


def candidate_names(workspace: Workspace) -> list[str]:
    """Names of candidate companies and their parents, those of the strongest first, one of each spelling.

    Empty where nothing is published yet. Raises WarehouseError for a damaged version.
    """
    from crawlers.corporate import comparable
    from pipelines import published
    from warehouse import reader

    if published.version(workspace) is None:
        return []
    rows = reader.query(workspace, _NAMES, max_rows=_MOST_NAMES).table.column("name").to_pylist()
    first: dict[str, str] = {}
    for name in rows:
        first.setdefault(comparable(name), name)
    first.pop("", None)
    return list(first.values())


def holding_ids() -> list[str]:
    """CUSIP, CINS and ISIN of the city's holdings file, none where SECTION3C_HOLDINGS names none.

    Raises StageError for a file that cannot be read.
    """
    named = os.environ.get(HOLDINGS_VARIABLE, "").strip()
    if not named:
        return []
    from crawlers.openfigi.holdings import identifiers
    from crawlers.parsing import ParseError

    try:
        return identifiers(Path(named))
    except (ParseError, OSError) as problem:
        raise StageError(f"the holdings file that {HOLDINGS_VARIABLE} names cannot be used: {problem}") from problem


def _aliases(workspace: Workspace) -> Iterable[tuple[str, str]]:
    """(key, name) of the companies that the lake knows by CIK or LEI, under names they have or had."""
    import pyarrow.parquet as pq

    seen: set[tuple[str, str]] = set()
    for path in lake.files(workspace.lake, "company_alias"):
        rows = pq.read_table(path, columns=["company_key", "name", "kind"], schema=COMPANY_ALIAS).to_pylist()
        seen |= {(row["company_key"], row["name"]) for row in rows
                 if row["kind"] != "ticker" and row["company_key"].startswith(("cik:", "lei:"))}
    return seen


def _path(workspace: Workspace, source: str) -> Path:
    return workspace.state / "asked" / f"{source}.json"
