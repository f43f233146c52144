"""The published version as a watch for screening: candidates, names and families, identifiers, securities; and hits
as a table for files.

Belongs here: reading the warehouse for a screening, hits to an Arrow table, workbooks. Does not belong here: the rules
(``entities.screening``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import xlsxwriter

from entities.aliases import TELLING
from entities.matching.identifiers import KINDS, clean
from entities.screening.model import Hit, Kind, KnownName, Paper, ScreeningResult, Target, Watch
from ordinance.weights import weights
from records.cells import safe_cell
from records.workspace import Workspace
from warehouse import reader
from warehouse.companies import judgements
from warehouse.family_rows import edge

_MOST: Final = 5_000_000
_SECONDS: Final = 300.0
_CANDIDATES: Final = """
SELECT c.company_id, c.company, c.category, c.certainty, c.band, c.score::DOUBLE AS score, c.candidate_id,
    c.best_statement_id
FROM candidate AS c LEFT JOIN company AS o USING (company_id)
WHERE coalesce(o.entity, 'company') NOT IN ('individual', 'government') AND NOT starts_with(c.company_id, 'person:')
"""
_NAMES: Final = """
SELECT DISTINCT company_id, name, kind, source, valid_to FROM company_alias
WHERE list_contains($kinds, kind) AND NOT starts_with(company_id, 'person:')
UNION SELECT company_id, company, 'legal', 'candidate', NULL FROM candidate WHERE company IS NOT NULL
ORDER BY ALL
"""
_EDGES: Final = "SELECT * FROM company_edge WHERE standing <> 'self' ORDER BY ALL"
_IDS: Final = """
SELECT old_company_id AS id, new_company_id AS company_id FROM company_rekey
UNION SELECT company_id, company_id FROM company
UNION SELECT 'ticker:' || name, company_id FROM company_alias WHERE kind = 'ticker' ORDER BY ALL
"""
_PAPERS: Final = """
SELECT id_type, id_value, any_value(name ORDER BY figi) AS name, any_value(issuer_key ORDER BY figi) AS issuer
FROM security WHERE outcome = 'found' AND id_type IN ('CUSIP', 'ISIN') GROUP BY ALL ORDER BY ALL
"""
_WIDE: Final = 60  # characters of a column of a workbook


def published_watch(workspace: Workspace) -> Watch:
    """Published candidates and their families, persons' judgements included. Raises WarehouseError when nothing is."""
    with reader.connect(workspace) as session:
        def rows(sql: str, asked: dict[str, Any] | None = None) -> list[dict[str, Any]]:
            found = session.query(sql, asked or (), max_rows=_MOST, seconds=_SECONDS)
            listed: list[dict[str, Any]] = found.table.to_pylist()
            return listed

        watch = Watch(
            "candidates of the published version", session.version,
            [Target(one["company_id"], one["company"], "candidate", one["category"], one["certainty"], one["band"],
                    one["score"], one["candidate_id"], one["best_statement_id"]) for one in rows(_CANDIDATES)],
            [KnownName(one["company_id"], one["name"], one["kind"], one["source"],
                       one["valid_to"] if one["kind"] == "former" else None)
             for one in rows(_NAMES, {"kinds": sorted(TELLING)})],
            [edge(row) for row in rows(_EDGES)], _ids(rows(_IDS)),
            {(one["id_type"].lower(), one["id_value"]): Paper(one["name"] or "", one["issuer"] or "")
             for one in rows(_PAPERS)},
            bands=tuple(band.name for band in weights().bands),
        )  # fmt: skip
    return with_judgements(watch, workspace)


def with_judgements(watch: Watch, workspace: Workspace) -> Watch:
    """The watch with what persons judged of companies in this installation. Raises WarehouseError for a bad journal."""
    for one in judgements(workspace):
        for a, b in ((one.a, one.b), (one.b, one.a)):
            watch.judged[a, b] = one.verdict
    return watch


def _ids(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        kind, _, value = row["id"].partition(":")
        if kind in KINDS and (good := clean(kind, value)):
            found[kind, good] = row["company_id"]
    return found


def hits_table(result: ScreeningResult) -> pa.Table:
    """Hits as a table, one a row, most pressing first; what a kind of list does not have is left out."""
    columns: dict[str, list[Any]] = {}
    for hit in result.hits:
        for name, value in _cells(hit, result.kind, result.version).items():
            columns.setdefault(name, []).append(value)
    if not columns:
        return pa.table({"hit_id": pa.array([], pa.string())})
    return pa.table(columns)


def write_workbook(table: pa.Table, path: Path, about: dict[str, str]) -> None:
    """The hits as an XLSX, and a second sheet that says what was screened. No cell can act as a formula or link."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("hits")
        for at, name in enumerate(table.column_names):
            sheet.write_string(0, at, name, bold)
            values = table.column(name).to_pylist()
            sheet.set_column(at, at, min(_WIDE, max([len(name), *(len(str(v)) for v in values[:200])]) + 1))
            for row, value in enumerate(values, 1):
                if isinstance(value, int | float):
                    sheet.write_number(row, at, value)
                elif hasattr(value, "isoformat"):
                    sheet.write_datetime(row, at, value, day)
                elif value is not None:
                    sheet.write_string(row, at, safe_cell(str(value)))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(table.num_rows, 1), max(len(table.column_names) - 1, 0))
        notes = book.add_worksheet("screening")
        notes.set_column(0, 1, _WIDE)
        for row, (what, said) in enumerate(about.items()):
            notes.write_string(row, 0, what, bold)
            notes.write_string(row, 1, safe_cell(said))


def _cells(hit: Hit, kind: Kind, version: str) -> dict[str, Any]:
    entry, target = hit.entry, hit.target
    cells: dict[str, Any] = {"hit_id": hit.hit_id, "outcome": hit.outcome, "name": entry.name}
    if kind is Kind.CONTRACTS:
        cells |= {"contract": entry.contract, "bid_by": hit.bid_by, "next_date": hit.next_date,
                  "next_what": hit.next_what, "start": entry.dates.get("start"), "end": entry.dates.get("end")}
    if kind is Kind.HOLDINGS:
        cells |= {"fund": entry.fund, "share_class": entry.share_class,
                  "ids": ", ".join(f"{one.upper()} {value}" for one, value in entry.ids.items()),
                  "invalid_ids": ", ".join(entry.bad_ids)}
    cells |= {
        "company": target.company, "state": target.state, "categories": ", ".join(hit.categories),
        "certainty": target.certainty, "band": target.band, "bits": hit.bits, "reason": hit.reason,
        "chain": "; ".join(f"{link.words} ({link.source}, {link.known})" for link in hit.chain),
        "also_in_family": "; ".join(hit.also), "evidence_id": target.evidence_id, "candidate_id": target.candidate_id,
        "company_id": target.company_id, "matched_id": hit.matched_id, "amount": entry.amount,
        "rows": ", ".join(str(row) for row in entry.rows[:20]) + (" ..." if len(entry.rows) > 20 else ""),
        "version": version,
    }  # fmt: skip
    return cells
