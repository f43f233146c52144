"""Watches that need no warehouse: the companies the ordinance's lists name, or a file of names.

Belongs here: names, targets and families from those two. Does not belong here: published candidates
(``warehouse.screening``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from entities.aliases import TELLING
from entities.ids import company_id
from entities.matching.identifiers import KINDS
from entities.resolution.gather import Known, add_listed
from entities.resolution.resolver import Resolution, resolve
from entities.screening.columns import guess
from entities.screening.entries import entries
from entities.screening.intake import Sheet, read_list
from entities.screening.model import Kind, KnownName, ScreeningError, Target, Watch
from ordinance.families import families

_STATE: Final = ("state", "decision", "determination", "status")
_CATEGORY: Final = ("category", "categories")
_EVIDENCE: Final = ("evidence_id", "evidence", "best_statement_id")
_ID: Final = ("company_id", "company id")


@lru_cache(maxsize=1)
def _listed() -> Resolution:
    known = Known()
    add_listed(known, families())
    return resolve(known)


def listed_watch() -> Watch:
    """Every company of ``ordinance/families.yaml``, ``products.yaml`` and ``priors.yaml`` with its family."""
    who = _listed()
    watch = _base("the ordinance's own lists", "ordinance")
    watch.targets = [Target(company, _shown(who, company), "listed") for company in sorted(_companies(who))]
    return watch


def file_watch(path: Path, state: str = "watched", mapping: Mapping[str, str] | None = None) -> Watch:
    """The companies of a file: a column of names; company_id, category, state, evidence_id and identifiers if there.

    Each is the listed company that its name tells, else a company of its own; families are those of the ordinance's
    lists. Raises ScreeningError as ``read_list`` and ``guess`` do.
    """
    sheet = read_list(path)
    fields = guess(sheet.columns, sheet.rows, Kind.HOLDINGS, mapping)
    who = _listed()
    watch = _base(f"the file {sheet.file}", f"file {sheet.sha256[:12]}")
    said = {what: _column(sheet, names) for what, names in
            (("state", _STATE), ("category", _CATEGORY), ("evidence", _EVIDENCE), ("id", _ID))}  # fmt: skip
    for entry in entries(sheet, fields, Kind.CONTRACTS).entries:
        row = sheet.rows[entry.rows[0] - 1]
        cell = {what: row[at].strip() if at is not None and at < len(row) else "" for what, at in said.items()}
        told = who.of_name(entry.name).company_id
        listed = cell["id"] if cell["id"] else told if told.startswith("listed:") else company_id(
            entry.ids.get("uei"), entry.ids.get("duns"), entry.name)  # fmt: skip
        watch.targets.append(Target(listed, entry.name, cell["state"] or state, cell["category"],
                                    evidence_id=cell["evidence"]))  # fmt: skip
        watch.names.append(KnownName(listed, entry.name, "legal", sheet.file))
        for kind in KINDS:
            if kind in entry.ids:
                watch.ids[kind, entry.ids[kind]] = listed
                if kind == "cusip":
                    watch.ids["cusip6", entry.ids[kind][:6]] = listed
    if not watch.targets:
        raise ScreeningError(f"{path}: names no company")
    return watch


def _base(against: str, version: str) -> Watch:
    who = _listed()
    names = [KnownName(a.company_id, a.name, a.kind, a.source, a.valid_to) for a in who.aliases if a.kind in TELLING]
    ids: dict[tuple[str, str], str] = {}
    for company in families().companies:
        own = who.of(f"listed:{company.id}")
        ids |= {("uei", uei): own for uei in company.uei}
        ids |= {(kind, value): own for kind, value in (("cik", company.cik), ("lei", company.lei)) if value}
        for name in company.names:
            if name.kind == "ticker":
                ids["ticker", name.name] = own
    return Watch(against, version, [], names, list(who.edges), ids)


def _companies(who: Resolution) -> set[str]:
    return {who.of(f"listed:{company.id}") for company in families().companies}


def _shown(who: Resolution, company: str) -> str:
    order = {"legal": 0, "press": 1}
    named = [a for a in who.aliases if a.company_id == company and a.kind in order and a.valid_to is None]
    return min(named, key=lambda a: order[a.kind]).name if named else company


def _column(sheet: Sheet, names: tuple[str, ...]) -> int | None:
    plain = [column.strip().casefold() for column in sheet.columns]
    return next((plain.index(name) for name in names if name in plain), None)
