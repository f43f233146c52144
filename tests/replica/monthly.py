"""The monthly archive (usaspending.md §6.3): Full files by fiscal year and agency, Delta files or none at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.replica.agencies import TOPTIERS, Toptier
from tests.replica.csvzip import Part, write_zip
from tests.replica.derive import fiscal_year, fraction
from tests.replica.errors import refuse
from tests.replica.ingest import Row
from tests.replica.layouts import Layout, columns
from tests.replica.store import Store
from tests.replica.traps import Traps

_FIRST_YEAR = 2008
_DAY = 6  # file dates are the sixth of the month
_KINDS: dict[str, tuple[Layout, tuple[str, ...]]] = {
    "contracts": ("transaction_contracts", ("contracts", "idvs")),
    "assistance": ("transaction_assistance", ("grants", "direct_payments", "loans", "other")),
}


def publications(today: date) -> tuple[date, date]:
    """The latest publication's date on that day, and the one before."""
    last = today.replace(day=_DAY)
    if today.day < _DAY:
        last = _month_before(last)
    return last, _month_before(last)


def _month_before(day: date) -> date:
    return date(day.year - (day.month == 1), 12 if day.month == 1 else day.month - 1, _DAY)


class Monthly:
    """Lists and makes the archive's files; zips lie in ``folder``."""

    def __init__(self, store: Store, traps: Traps, folder: Path, *, rows_per_file: int) -> None:
        self.store, self.traps, self.folder, self.rows_per_file = store, traps, folder, rows_per_file
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def agencies(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST bulk_download/list_agencies/: the only place where the download's agency ids are to be had."""
        if body.get("type") not in {"award_agencies", "account_agencies"}:
            raise refuse(400, "Missing one or more required body parameters: type")
        listed = [
            ({"name": t.name, "toptier_agency_id": t.bulk_id, "toptier_code": t.code}, t.cfo)
            for t in TOPTIERS.values()
        ]  # fmt: skip
        subs: list[dict[str, str]] = []
        if body.get("agency"):
            top = _by_id(body["agency"])
            found = self.store.select(
                "DISTINCT awarding_sub", "tx", "awarding_top = ?", [top.name if top else ""], "ORDER BY awarding_sub"
            )
            subs = [{"subtier_agency_name": name} for (name,) in found]
        return {
            "agencies": {
                "cfo_agencies": [entry for entry, cfo in listed if cfo],
                "other_agencies": [entry for entry, cfo in listed if not cfo],
            },
            "sub_agencies": subs,
        }

    def files(self, body: dict[str, Any], base: str) -> dict[str, Any]:
        """POST bulk_download/list_monthly_files/."""
        for name in ("agency", "fiscal_year", "type"):
            if body.get(name) in (None, ""):
                raise refuse(400, f"Missing one or more required body parameters: {name}")
        kind = body["type"]
        if kind not in _KINDS:
            raise refuse(400, f"Invalid parameter for type: {kind}")
        top = None if body["agency"] == "all" else _by_id(body["agency"])
        if body["agency"] != "all" and top is None:
            return {"monthly_files": []}
        year = int(body["fiscal_year"])
        stamp = publications(self.store.today)[0]
        names = [
            (year, f"FY{year}_{top.code if top else 'All'}_{kind.title()}_Full_{stamp:%Y%m%d}.zip"),
            (None, f"FY(All)_{top.code if top else 'All'}_{kind.title()}_Delta_{stamp:%Y%m%d}.zip"),
        ]
        return {
            "monthly_files": [
                {
                    "fiscal_year": shown,
                    "agency_name": top.name if top else "All",
                    "agency_acronym": top.abbreviation if top else None,
                    "type": kind,
                    "updated_date": stamp.isoformat(),
                    "file_name": name,
                    "url": f"{base}/award_data_archive/{name}",
                }
                for shown, name in names
                if self._published(name)
            ]
        }

    def file(self, name: str) -> Path | None:
        """The zip of that name, made on first demand; None where the service publishes no such file."""
        if not self._published(name):
            return None
        with self._lock:
            path = self.folder / f"{self.store.generation}-{name}"
            if not path.exists():
                write_zip(path, [self._part(name)], rows_per_file=self.rows_per_file)
            return path

    def _published(self, name: str) -> bool:
        parts = _parse(name)
        if parts is None:
            return False
        year, code, kind, delta, stamp = parts
        if stamp != f"{publications(self.store.today)[0]:%Y%m%d}" or (code != "All" and code not in TOPTIERS):
            return False
        if delta:
            absent = fraction(self.traps.seed, "nodelta", stamp) < 0.5
            return not (self.traps.on("nodelta") and absent) and any(True for _ in self._delta(code, kind))
        if not _FIRST_YEAR <= int(year) <= fiscal_year(self.store.today):
            return False
        return self.traps.on("headeronly") or bool(self._full(year, code, kind))

    def _part(self, name: str) -> Part:
        parts = _parse(name)
        if parts is None:
            raise ValueError(f"{name} is no archive file name")
        year, code, kind, delta, _ = parts
        layout = columns(_KINDS[kind][0])
        stem = name.removesuffix(".zip")
        if delta:
            leading = ["correction_delete_ind", *(["agency_id"] if kind == "contracts" else [])]
            return Part(stem, [*leading, *layout], self._delta(code, kind))
        return Part(stem, layout, [self.store.rows[n] for n in self._full(year, code, kind)])

    def _full(self, year: str, code: str, kind: str) -> list[int]:
        stamp = publications(self.store.today)[0].isoformat()
        text, values = self._scope(code, kind)
        start, end = f"{int(year) - 1}-10-01", f"{year}-09-30"
        found = self.store.select(
            "id", "tx", f"{text} AND action_date BETWEEN ? AND ? AND last_modified <= ?", [*values, start, end, stamp],
            "ORDER BY id",
        )  # fmt: skip
        return [n for (n,) in found]

    def _scope(self, code: str, kind: str) -> tuple[str, list[Any]]:
        groups = _KINDS[kind][1]
        text, values = f"grp IN ({', '.join('?' * len(groups))})", list(groups)
        return (text, values) if code == "All" else (f"{text} AND awarding_code = ?", [*values, code])

    def _delta(self, code: str, kind: str) -> Iterator[Row]:
        """What changed between the last two publications: '' new, C corrected, D deleted (keys and date only)."""
        last, before = publications(self.store.today)
        text, values = self._scope(code, kind)
        found = self.store.select(
            "id", "tx", f"{text} AND last_modified > ? AND last_modified <= ?",
            [*values, before.isoformat(), last.isoformat()], "ORDER BY id",
        )  # fmt: skip
        corrected = self.store.corrected()
        changed = [self.store.rows[n] for (n,) in found]
        for row in changed:
            key = row.get("contract_transaction_unique_key") or row["assistance_transaction_unique_key"]
            yield {**row, "correction_delete_ind": "C" if key in corrected else "", **_agency_column(row)}
        if self.traps.on("deltad"):
            for number, day in self.store.deleted():
                row = self.store.rows[number]
                if before.isoformat() < day <= last.isoformat() and _belongs(row, code, kind):
                    yield _tombstone(row, day)
            for row in changed[:2]:
                yield _tombstone(_never_seen(row), last.isoformat())


def _belongs(row: Row, code: str, kind: str) -> bool:
    return (code in {"All", row.get("awarding_agency_code")}) and (
        ("contract_transaction_unique_key" in row) == (kind == "contracts")
    )


def _agency_column(row: Row) -> Row:
    return {"agency_id": row["awarding_sub_agency_code"]} if "contract_transaction_unique_key" in row else {}


def _tombstone(row: Row, day: str) -> Row:
    kept = ("contract_transaction_unique_key", "assistance_transaction_unique_key")
    keys = {name: row[name] for name in kept if name in row}
    return {"correction_delete_ind": "D", **_agency_column(row), **keys, "last_modified_date": day}


def _never_seen(row: Row) -> Row:
    """A row deleted upstream before anyone saw it: its key follows the form, its modification never existed."""
    key = row.get("contract_transaction_unique_key", "")
    parts = key.split("_")
    if len(parts) != 6:
        return row | {"assistance_transaction_unique_key": "9999_NEVER-SEEN"}
    parts[3] = "PX9999"
    return row | {"contract_transaction_unique_key": "_".join(parts)}


def _by_id(number: Any) -> Toptier | None:
    return next((t for t in TOPTIERS.values() if str(t.bulk_id) == str(number)), None)


def _parse(name: str) -> tuple[str, str, str, bool, str] | None:
    """(year or '(All)', agency code, kind, delta?, stamp) of an archive file's name."""
    parts = name.removesuffix(".zip").split("_")
    if len(parts) != 5 or not parts[0].startswith("FY") or parts[2].lower() not in _KINDS:
        return None
    year, delta = parts[0].removeprefix("FY"), parts[3] == "Delta"
    if parts[3] not in {"Full", "Delta"} or (year == "(All)") != delta or not (delta or year.isdigit()):
        return None
    return year, parts[1], parts[2].lower(), delta, parts[4]
