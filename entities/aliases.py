"""The dated alias table: every name of a company, its kind, when it was in use, and who says so.

Belongs here: rows from the ordinance's list, and finding the company that a written name tells. Does not belong here:
whether two companies are one (entities.resolution), names as scores (the matcher).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from entities.names import normalise, split_dba
from entities.resolution.spelling import core, distinctive, has_form
from ordinance.families import Families, ListedName, first_day, last_day

LISTED: Final = "ordinance/families.yaml"
#: Kinds of names that tell a company. Brands are products, tickers are securities, others are for display.
TELLING: Final = frozenset({"legal", "former", "dba", "press"})


@dataclass(frozen=True)
class Alias:
    """A name of ``company_id`` (or of an id as filed). ``source`` is a capture's source or a file of the ordinance."""

    company_id: str
    name: str
    kind: str
    source: str
    reason: str
    valid_from: date | None = None
    valid_to: date | None = None
    capture_id: str | None = None
    locator: str | None = None


class Told(NamedTuple):
    """What a written name tells: the company, or None, and why (not)."""

    company_id: str | None
    reason: str
    choices: tuple[str, ...] = ()


def listed_aliases(data: Families) -> Iterator[Alias]:
    """Rows of the ordinance's list, each with its reason and its standing ('general knowledge ...')."""
    for company in data.companies:
        standing = company.standing or data.standing
        own = ListedName(name=company.name, kind=company.name_kind)
        for name in (own, *company.names):
            for shown in _with_dba(name.name):
                yield Alias(
                    f"listed:{company.id}", shown, name.kind, LISTED,
                    f"{name.reason or company.reason}{_exactly(name)} ({standing})",
                    first_day(name.since) if name.since else None, last_day(name.until) if name.until else None,
                )  # fmt: skip


def _exactly(name: ListedName) -> str:
    """The days as exactly as the list gives them: columns hold whole days."""
    return "".join(f", {word} {day}" for word, day in (("since", name.since), ("until", name.until)) if day)


def merged(aliases: Iterable[Alias]) -> list[Alias]:
    """A name that one company filed under several ids is one row, from the first day to the last."""
    made: dict[tuple[str, ...], Alias] = {}
    for alias in aliases:
        key: tuple[str, ...] = (alias.company_id, alias.name, alias.kind, alias.source)
        if alias.source != "award":
            key = (*key, alias.reason, str(alias.valid_from), str(alias.valid_to))
        elif key in made:
            first, second = sorted((made[key], alias), key=lambda one: (one.valid_to or date.min, one.reason))
            begun = min((one.valid_from for one in (first, second) if one.valid_from), default=None)
            alias = replace(second, valid_from=begun)  # noqa: PLW2901 (the merged row takes its place)
        made[key] = alias
    return list(made.values())


def doubted(aliases: Iterable[Alias]) -> list[Alias]:
    """A trade name that award records give to several companies tells none of them: it is kept as 'other', told so.

    Subawards often carry the prime contractor's trade name.
    """
    rows = list(aliases)
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for alias in rows:
        if alias.kind == "dba" and alias.source == "award":
            holders[normalise(alias.name)].add(alias.company_id)
    return [
        replace(a, kind="other", reason=f"{a.reason}; filed as a trade name of {count} companies, so it tells none")
        if a.kind == "dba" and a.source == "award" and (count := len(holders[normalise(a.name)])) > 1 else a
        for a in rows
    ]


def _with_dba(name: str) -> tuple[str, ...]:
    legal, trade = split_dba(name)
    return (legal, trade) if trade else (legal,)


class AliasIndex:
    """Companies by their names. ``preferred`` are companies with federal records or listed: they win over companies
    known from registers alone."""

    def __init__(self, aliases: Iterable[Alias], company_of: Mapping[str, str], preferred: frozenset[str]) -> None:
        self._full: defaultdict[str, set[str]] = defaultdict(set)
        self._core: defaultdict[str, set[str]] = defaultdict(set)
        self._why: dict[tuple[str, str], Alias] = {}
        self._preferred = preferred
        for alias in aliases:
            if alias.kind not in TELLING:
                continue
            company = company_of.get(alias.company_id, alias.company_id)
            key = normalise(alias.name)
            self._full[key].add(company)
            self._core[core(alias.name)].add(company)
            self._why.setdefault((key, company), alias)
            self._why.setdefault((core(alias.name), company), alias)

    def tell(self, name: str) -> Told:
        """The one company that a name written in a text tells, by an exact alias in one spelling.

        A name without a legal form meets names that have one. Several companies, or a name too short or ordinary:
        none, with the choices for a person.
        """
        key = normalise(name)
        found = self._full.get(key) or (set() if has_form(name) else self._core.get(key, set()))
        if not found:
            return Told(None, "no company of this name is known")
        narrowed = found & self._preferred or found
        if len(narrowed) > 1:
            return Told(None, f"{len(narrowed)} companies have the name {key}", tuple(sorted(narrowed)))
        company = min(narrowed)
        alias = self._why.get((key, company)) or self._why[(core(name), company)]
        # the list's own full name with its legal form ('BI Incorporated') is no mere short name
        if not distinctive(key) and not (has_form(name) and alias.source == LISTED):
            return Told(None, f"the name {key} is too short or ordinary to tell a company alone", (company,))
        return Told(company, f"'{alias.name}' is a {alias.kind} name of one known company only ({alias.source})")
