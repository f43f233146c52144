"""The replica's memory: every transaction once, what of it is visible today, and fast selection by SQL.

Belongs here: visibility (a row shows on its last-modified date), deletions and corrections, selections.
Does not belong here: anything of HTTP, of filters' wording or of answers' shapes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import date
from pathlib import Path
from typing import Any

from tests.replica import derive
from tests.replica.ingest import Loaded, Row

GROUPS: dict[str, tuple[str, ...]] = {
    "contracts": ("A", "B", "C", "D"),
    "idvs": ("IDV_A", "IDV_B", "IDV_B_A", "IDV_B_B", "IDV_B_C", "IDV_C", "IDV_D", "IDV_E"),
    "grants": ("02", "03", "04", "05", "F001", "F002"),
    "direct_payments": ("06", "10", "F006", "F007"),
    "loans": ("07", "08", "F003", "F004"),
    "other": ("09", "11", "-1", "F005", "F008", "F009", "F010"),
}
GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}

_COLUMNS = (
    "id INTEGER PRIMARY KEY", "key TEXT", "award TEXT", "internal INTEGER", "type TEXT", "grp TEXT",
    "awarding_top TEXT", "awarding_sub TEXT", "funding_top TEXT", "funding_sub TEXT", "awarding_code TEXT",
    "action_date TEXT", "last_modified TEXT", "signed TEXT", "amount REAL", "piid TEXT", "mod TEXT", "recipient TEXT",
    "uei TEXT", "psc TEXT", "psc_name TEXT", "naics TEXT", "naics_name TEXT", "cfda TEXT", "set_aside TEXT",
    "competed TEXT", "pricing TEXT", "description TEXT", "action_type TEXT", "words TEXT", "deleted TEXT",
)  # fmt: skip
_AWARDS = """
CREATE TEMP TABLE award AS
SELECT award, internal, max(type) AS type, max(grp) AS grp, sum(amount) AS amount, min(action_date) AS signed,
       max(action_date) AS latest, max(last_modified) AS last_modified, piid, max(recipient) AS recipient,
       group_concat(id) AS ids
FROM tx WHERE last_modified <= :today AND deleted IS NULL GROUP BY award
"""
_IDC = {"A": "IDV_B_A", "B": "IDV_B_B", "C": "IDV_B_C"}


def type_code(row: Row) -> str:
    """Award type code as the API's filters spell it; the CSV splits IDV types over two columns."""
    if row.get("award_or_idv_flag") == "IDV" and row.get("idv_type_code"):
        if row["idv_type_code"] == "B":
            return _IDC.get(row.get("type_of_idc_code", ""), "IDV_B")
        return f"IDV_{row['idv_type_code']}"
    return row.get("award_type_code") or row.get("assistance_type_code", "")


class Store:
    """Transactions and subawards. Thread-safe; every change of what is visible raises ``generation``."""

    def __init__(self, loaded: Loaded, today: date, state_file: Path | None = None) -> None:
        self.rows = sorted(loaded.transactions, key=_key)
        self.subawards = loaded.subawards
        self.internal = derive.internal_ids([_award(row) for row in self.rows])
        self.award_of = {number: key for key, number in self.internal.items()}
        self.generation = 0
        self._first_today = today
        self._today = today
        self._state_file = state_file
        self._changes: list[dict[str, Any]] = []
        self._lock = threading.RLock()
        self._cache: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        self._sql = sqlite3.connect(":memory:", check_same_thread=False)
        self._sql.execute(f"CREATE TABLE tx ({', '.join(_COLUMNS)})")
        self._fill()
        if state_file and state_file.exists():
            kept = json.loads(state_file.read_text(encoding="utf-8"))
            self._today = date.fromisoformat(kept["today"])
            for change in kept["changes"]:
                self._apply(change)
        self._refresh()

    def _fill(self) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        signed: dict[str, str] = {}
        for row in self.rows:
            award = _award(row)
            signed[award] = min(signed.get(award, "9999"), row["action_date"])
        self._sql.executemany(
            f"INSERT INTO tx VALUES ({marks})",
            (_record(n, row, self.internal[_award(row)], signed[_award(row)]) for n, row in enumerate(self.rows)),
        )
        for columns in ("awarding_sub, last_modified", "awarding_sub, action_date", "funding_sub, last_modified",
                        "funding_sub, action_date", "award", "key"):  # fmt: skip
            self._sql.execute(f"CREATE INDEX i_{columns.replace(', ', '_')} ON tx ({columns})")

    @property
    def today(self) -> date:
        """The service's day: rows modified later are not yet there."""
        return self._today

    def move_today(self, day: date) -> None:
        """Another day, other visible rows."""
        with self._lock:
            self._today = day
            self._refresh()

    def delete(self, key: str) -> None:
        """Delete a transaction upstream today: it vanishes, and the next delta says D. Raises KeyError."""
        self._change({"key": key, "deleted": self._today.isoformat()})

    def correct(self, key: str, values: Row) -> None:
        """Correct a transaction's columns upstream today; a ``last_modified_date`` to come hides the row until then.

        Raises KeyError for an unknown key.
        """
        self._change({"key": key, "values": values, "on": self._today.isoformat()})

    def reset(self) -> None:
        """Back to the day and rows the server started with."""
        with self._lock:
            for change in reversed(self._changes):
                if "before" in change:
                    self._replace(self._find(change["key"]), change["before"])
                else:
                    self._sql.execute("UPDATE tx SET deleted = NULL WHERE key = ?", (change["key"],))
            self._changes, self._today = [], self._first_today
            self._refresh()

    def select(self, what: str, source: str, where: str, values: list[Any], order: str = "") -> list[tuple[Any, ...]]:
        """Rows of a selection over visible ``tx`` or ``award``; cached until something changes."""
        visible = "last_modified <= ? AND deleted IS NULL" if source == "tx" else "?"
        text = f"SELECT {what} FROM {source} WHERE {visible} AND {where or '1'} {order}"
        with self._lock:
            wanted = (self.generation, text, *values)
            if wanted not in self._cache:
                if len(self._cache) > 64:
                    self._cache.clear()
                first = self._today.isoformat() if source == "tx" else 1
                self._cache[wanted] = self._sql.execute(text, [first, *values]).fetchall()
            return self._cache[wanted]

    def deleted(self) -> list[tuple[int, str]]:
        """(id, day) of the transactions deleted upstream so far."""
        with self._lock:
            return self._sql.execute("SELECT id, deleted FROM tx WHERE deleted IS NOT NULL").fetchall()

    def corrected(self) -> set[str]:
        """Keys of the transactions corrected upstream so far."""
        return {change["key"] for change in self._changes if "values" in change}

    def count(self) -> int:
        """Distinct transactions visible today."""
        found: int = self.select("count(*)", "tx", "", [])[0][0]
        return found

    def _change(self, change: dict[str, Any]) -> None:
        with self._lock:
            self._apply(change)
            self._refresh()

    def _apply(self, change: dict[str, Any]) -> None:
        number = self._find(change["key"])
        if "values" in change:
            change["before"] = self.rows[number]
            self._replace(number, {**self.rows[number], "last_modified_date": change["on"], **change["values"]})
        else:
            self._sql.execute("UPDATE tx SET deleted = ? WHERE id = ?", (change["deleted"], number))
        self._changes.append(change)

    def _find(self, key: str) -> int:
        found = self._sql.execute("SELECT id FROM tx WHERE key = ?", (key,)).fetchone()
        if found is None:
            raise KeyError(key)
        number: int = found[0]
        return number

    def _replace(self, number: int, row: Row) -> None:
        self.rows[number] = row
        signed = self._sql.execute("SELECT signed FROM tx WHERE id = ?", (number,)).fetchone()[0]
        marks = ", ".join("?" * len(_COLUMNS))
        record = _record(number, row, self.internal[_award(row)], signed)
        self._sql.execute(f"REPLACE INTO tx VALUES ({marks})", record)

    def _refresh(self) -> None:
        self.generation += 1
        self._cache.clear()
        self._sql.execute("DROP TABLE IF EXISTS award")
        self._sql.execute(_AWARDS, {"today": self._today.isoformat()})
        self._sql.execute("CREATE INDEX temp.i_award ON award (award)")
        if self._state_file:
            kept = {"today": self._today.isoformat(), "changes": self._changes}
            self._state_file.write_text(json.dumps(kept), encoding="utf-8")


def _key(row: Row) -> str:
    return row.get("contract_transaction_unique_key") or row["assistance_transaction_unique_key"]


def _award(row: Row) -> str:
    return row.get("contract_award_unique_key") or row["assistance_award_unique_key"]


def _record(number: int, row: Row, internal: int, signed: str) -> tuple[Any, ...]:
    get = row.get
    kind = type_code(row)
    piid = get("award_id_piid") or get("award_id_fain") or get("award_id_uri")
    words = " ".join(
        get(name, "")
        for name in ("recipient_name", "recipient_uei", "recipient_parent_uei", "transaction_description",
                     "award_id_piid", "award_id_fain", "product_or_service_code_description", "naics_description",
                     "product_or_service_code", "naics_code", "solicitation_identifier")
    )  # fmt: skip
    return (
        number, _key(row), _award(row), internal, kind, GROUP_OF.get(kind, "other"),
        get("awarding_agency_name"), get("awarding_sub_agency_name"), get("funding_agency_name"),
        get("funding_sub_agency_name"), get("awarding_agency_code"), row["action_date"], row["last_modified_date"],
        signed, float(get("federal_action_obligation") or 0), piid, get("modification_number"), get("recipient_name"),
        get("recipient_uei"), get("product_or_service_code"), get("product_or_service_code_description"),
        get("naics_code"), get("naics_description"), get("cfda_number"), get("type_of_set_aside_code"),
        get("extent_competed_code"), get("type_of_contract_pricing_code"), get("transaction_description"),
        get("action_type_code"), words.upper(), None,
    )  # fmt: skip
