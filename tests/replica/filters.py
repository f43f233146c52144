"""Filters of the search endpoints (usaspending.md §3.1): checked as the service checks them, turned into SQL.

Names it does not know it ignores and says so in ``messages``: that is the trap. A filter the service knows and the
replica does not is refused openly, for a stand-in must not answer a question it did not understand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.replica.errors import html_500, missing, refuse, wrong_enum, wrong_type
from tests.replica.store import GROUP_OF, GROUPS

EARLIEST = "2007-10-01"
_DATE_TYPES = {"action_date", "date_signed", "last_modified_date", "new_awards_only"}
_TOO_EARLY = (
    "Field '{key}' value '{text}': {name} falls before the earliest available search date of 2007-10-01. For data "
    "going back to 2000-10-01, use either the Custom Award Download feature on the website or one of our download or "
    "bulk_download API endpoints as listed on https://api.usaspending.gov/docs/endpoints"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_HERE = {
    "tas_codes", "treasury_account_components", "def_codes", "place_of_performance_locations",
    "place_of_performance_scope", "recipient_locations", "recipient_scope", "recipient_type_names", "object_class",
    "program_activity", "legal_entities", "award_unique_id", "description", "program_activities",
}  # fmt: skip
_LISTS = {
    "set_aside_type_codes": "set_aside", "extent_competed_type_codes": "competed",
    "contract_pricing_type_codes": "pricing", "program_numbers": "cfda",
}  # fmt: skip


@dataclass
class Where:
    """A condition over ``tx`` with its values, and the request's filter names that were not used."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        self.parts.append(text)
        self.values.extend(values)

    @property
    def text(self) -> str:
        return " AND ".join(f"({part})" for part in self.parts)

    def messages(self) -> list[str]:
        """The service's only hint that a filter name was misspelt."""
        if not self.unused:
            return []
        names = ", ".join(repr(name) for name in self.unused)
        return [f"The following filters from the request were not used: {{{names}}}"]


def where(filters: Any, *, strict_types: bool, award_level: bool = False) -> Where:
    """Condition for a request's filters. ``award_level`` has spending_by_award's harsher ways: 500 for bad dates.

    ``strict_types``: award_type_codes required (all search endpoints but the count).
    """
    if filters is None or (award_level and not isinstance(filters, dict)):
        raise missing("filters")
    if not isinstance(filters, dict):
        raise wrong_type("filters", filters, "object")
    if strict_types and not filters.get("award_type_codes"):
        raise missing("filters|award_type_codes")
    built = Where()
    for name, value in filters.items():
        if name in _NOT_HERE:
            raise refuse(501, f"The replica does not implement the filter '{name}'")
        handler = _HANDLERS.get(name)
        if handler:
            handler(built, value, award_level)
        elif name in _LISTS:
            _codes(built, name, value)
        else:
            built.unused.append(name)
    return built


def _strings(key: str, value: Any, award_level: bool) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong_type(f"filters|{key}", value, "lis" if award_level else "array", 422 if award_level else 400)
    if any(_CONTROL.search(item) for item in value):
        raise html_500()
    return value


def _types(built: Where, value: Any, award_level: bool) -> None:
    codes = _strings("award_type_codes", value, award_level)
    if any(code not in GROUP_OF for code in codes):
        raise wrong_enum("filters|award_type_codes", sorted(GROUP_OF))
    if award_level and len({GROUP_OF[code] for code in codes}) > 1:
        raise refuse(
            422,
            {"message": "'award_type_codes' must only contain types from one group.",
             "award_type_groups": {group: list(kinds) for group, kinds in GROUPS.items()}},
        )  # fmt: skip
    # An IDC of unknown sort stands for each of its sorts: the old files do not say which.
    if {"IDV_B_A", "IDV_B_B", "IDV_B_C"} <= set(codes):
        codes = [*codes, "IDV_B"]
    built.add(f"type IN ({_marks(codes)})", *codes)


def _agencies(built: Where, value: Any, award_level: bool) -> None:
    sides: dict[str, list[str]] = {"awarding": [], "funding": []}
    found: dict[str, list[str]] = {"awarding": [], "funding": []}
    if not isinstance(value, list):
        raise wrong_type("filters|agencies", value, "array")
    for entry in value:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise missing("filters" if award_level else "filters|agencies|name")
        side, tier = entry.get("type"), entry.get("tier")
        if side not in sides or tier not in {"toptier", "subtier"}:
            if award_level:
                raise html_500()
            key, allowed = ("type", ["awarding", "funding"]) if side not in sides else ("tier", ["toptier", "subtier"])
            raise wrong_enum(f"filters|agencies|{key}", allowed)
        text = f"{side}_{'top' if tier == 'toptier' else 'sub'} = ?"
        found[side].append(entry["name"])
        if tier == "subtier" and entry.get("toptier_name"):
            text += f" AND {side}_top = ?"
            found[side].append(entry["toptier_name"])
        sides[side].append(f"({text})")
    for side, texts in sides.items():
        if texts:
            built.add(" OR ".join(texts), *found[side])


def _periods(built: Where, value: Any, award_level: bool) -> None:
    if not isinstance(value, list):
        raise wrong_type("filters|time_period", value, "array")
    texts: list[str] = []
    bounds: list[str] = []
    for period in value:
        start, end, kind = _period(period, award_level)
        texts.append(_PERIOD_SQL[(kind, award_level)])
        bounds += [start, end]
    if texts:
        built.add(" OR ".join(f"({text})" for text in texts), *bounds)


_PERIOD_SQL = {
    ("action_date", False): "action_date BETWEEN ? AND ?",
    ("date_signed", False): "signed BETWEEN ? AND ?",
    ("last_modified_date", False): "last_modified BETWEEN ? AND ?",
    ("new_awards_only", False): "action_date BETWEEN ? AND ? AND action_date = signed",
    # usaspending.md §2: the start compares the latest action, the end the date signed.
    ("action_date", True): "award IN (SELECT award FROM award WHERE latest >= ? AND signed <= ?)",
    ("date_signed", True): "award IN (SELECT award FROM award WHERE signed BETWEEN ? AND ?)",
    ("last_modified_date", True): "award IN (SELECT award FROM award WHERE last_modified BETWEEN ? AND ?)",
    ("new_awards_only", True): "award IN (SELECT award FROM award WHERE signed BETWEEN ? AND ?)",
}


def _period(period: Any, award_level: bool) -> tuple[str, str, str]:
    key = "filters|time_period"
    if not isinstance(period, dict):
        raise wrong_type(key, period, "object")
    kind = period.get("date_type") or "action_date"
    if kind not in _DATE_TYPES:
        raise html_500() if award_level else wrong_enum(f"{key}|date_type", sorted(_DATE_TYPES))
    bounds = []
    for name in ("start_date", "end_date"):
        if name not in period:
            raise missing("filters" if award_level else f"{key}|{name}")
        text = period[name]
        try:
            if not isinstance(text, str) or len(text) != 10:
                raise ValueError(text)
            date.fromisoformat(text)
        except ValueError:
            raise (html_500() if award_level else wrong_type(f"{key}|{name}", text, "date")) from None
        if text < EARLIEST:
            raise (html_500() if award_level else refuse(422, _TOO_EARLY.format(key=key, text=text, name=name)))
        bounds.append(text)
    return bounds[0], bounds[1], kind


def _keywords(built: Where, value: Any, award_level: bool) -> None:
    words = _strings("keywords", value, award_level)
    for word in words:
        if len(word) < 3:
            raise refuse(422, f"Field 'filters|keywords' value '{word}' is below min '3' items")
    built.add(" OR ".join(["instr(words, ?) > 0"] * len(words)) or "1", *(word.upper() for word in words))


def _award_ids(built: Where, value: Any, award_level: bool) -> None:
    texts, found = [], []
    for word in _strings("award_ids", value, award_level):
        exact = word.startswith('"') and word.endswith('"') and len(word) > 1
        texts.append("piid = ?" if exact else "instr(piid, ?) > 0")
        found.append(word.strip('"'))
    built.add(" OR ".join(texts) or "1", *found)


def _code_tree(column: str) -> Callable[[Where, Any, bool], None]:
    """psc_codes and naics_codes: a list, or {require, exclude}; a PSC path ends in the code or its first letters."""

    def handler(built: Where, value: Any, award_level: bool) -> None:
        key = f"filters|{column}_codes"
        if isinstance(value, list):
            value = {"require": value}
        if not isinstance(value, dict):
            raise wrong_type(key, value, "object")
        for side in ("require", "exclude"):
            codes = [item[-1] if isinstance(item, list) and item else item for item in value.get(side) or []]
            codes = [code for code in codes if isinstance(code, str) and code]  # blanks are dropped without a word
            if codes:
                text = " OR ".join([f"{column} LIKE ? || '%'"] * len(codes))
                built.add(text if side == "require" else f"{column} IS NULL OR NOT ({text})", *codes)

    return handler


def _recipients(built: Where, value: Any, award_level: bool) -> None:
    words = _strings("recipient_search_text", value, award_level)
    text = " OR ".join(["instr(upper(coalesce(recipient, '') || ' ' || coalesce(uei, '')), ?) > 0"] * len(words))
    built.add(text or "1", *(word.upper() for word in words))


def _amounts(built: Where, value: Any, award_level: bool) -> None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise wrong_type("filters|award_amounts", value, "array")
    texts: list[str] = []
    bounds: list[int] = []
    for item in value:
        for name, sign in (("lower_bound", ">="), ("upper_bound", "<=")):
            bound = item.get(name)
            if bound is not None and not isinstance(bound, int):
                raise wrong_type(f"filters|award_amounts|{name}", bound, "integer")
            if bound is not None and bound >= 0:  # negative bounds are dropped without a word
                texts.append(f"award IN (SELECT award FROM award WHERE amount {sign} ?)")
                bounds.append(bound)
    if texts:
        built.add(" AND ".join(texts), *bounds)


def _codes(built: Where, name: str, value: Any) -> None:
    codes = _strings(name, value, award_level=False)
    built.add(f"{_LISTS[name]} IN ({_marks(codes)})", *codes)


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


_HANDLERS: dict[str, Callable[[Where, Any, bool], None]] = {
    "award_type_codes": _types,
    "agencies": _agencies,
    "time_period": _periods,
    "keywords": _keywords,
    "award_ids": _award_ids,
    "psc_codes": _code_tree("psc"),
    "naics_codes": _code_tree("naics"),
    "recipient_search_text": _recipients,
    "award_amounts": _amounts,
}
