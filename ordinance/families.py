"""Well-known companies of this field: their names over time, identifiers, and who controlled whom from when to when.

Belongs here: the model of ``families.yaml`` and its checks, and the companies that ``products.yaml`` and
``priors.yaml`` name. Does not belong here: finding out who is the same company or whose subsidiary (``entities``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, Fault, OrdinanceError, load_yaml
from ordinance.priors import priors
from ordinance.products import products

FILE: Final = DATA / "families.yaml"
NameKind = Literal["legal", "former", "dba", "brand", "press", "ticker"]
Control = Literal["subsidiary", "division", "joint_venture", "acquired", "affiliate"]
#: A day, a month or a year, as exactly as it is known.
PartialDate = Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")]
#: Entries of products.yaml and priors.yaml that stand for many companies say what they do: a word of theirs that is no
#: particle is in lower case ('Face-matching makers').
_COLLECTIVE: Final = re.compile(r"^Other |\s(?!of\b|and\b|the\b)[a-z]")
_BRACKET: Final = re.compile(r"\s*\([^()]*\)\s*$")


class ListedName(Data):
    """A name and when it was in use. ``since`` and ``until`` are as exact as they are known."""

    name: str = Field(min_length=2)
    kind: NameKind
    since: PartialDate | None = None
    until: PartialDate | None = None
    reason: str | None = None


class ListedCompany(Data):
    """A company: ``name`` is its legal name today, or (``press``) the name it is known by. Identifiers if certain."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=2)
    name_kind: Literal["legal", "press"] = "legal"
    names: tuple[ListedName, ...] = ()
    cik: str | None = Field(default=None, pattern=r"^\d{10}$")
    lei: str | None = Field(default=None, pattern=r"^[A-Z0-9]{18}\d{2}$")
    uei: tuple[str, ...] = ()
    reason: str = Field(min_length=3)
    standing: str | None = None


class ListedEdge(Data):
    """``child`` was controlled by ``parent`` from ``since`` to ``until``.

    ``ended_by`` says how control ended (spun_off, sold, merged): evidence filed later with the old parent is stale.
    """

    child: str
    parent: str
    control: Control
    since: PartialDate | None = None
    until: PartialDate | None = None
    ended_by: Literal["spun_off", "sold", "merged"] | None = None
    reason: str = Field(min_length=3)
    standing: str | None = None

    @model_validator(mode="after")
    def _dates(self) -> ListedEdge:
        if self.child == self.parent:
            raise ValueError(f"'{self.child}' cannot be its own parent")
        if self.since and self.until and first_day(self.since) > last_day(self.until):
            raise ValueError(f"ends ({self.until}) before it begins ({self.since})")
        if self.ended_by and not self.until:
            raise ValueError("says how it ended but not when: add until")
        return self


class Families(Data):
    """families.yaml. ``standing`` holds for every row that does not say otherwise; ``ordinary`` are one-word names that
    are ordinary words too, in capitals: alone they never tell a company."""

    about: str
    standing: str
    ordinary: frozenset[str]
    companies: tuple[ListedCompany, ...]
    edges: tuple[ListedEdge, ...]


def first_day(text: str) -> date:
    """The first day that a partial date may mean."""
    return date.fromisoformat(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))


def last_day(text: str) -> date:
    """The last day that a partial date may mean."""
    if len(text) == 10:
        return date.fromisoformat(text)
    year, month = (int(text[:4]), 12) if len(text) == 4 else (int(text[:4]), int(text[5:]))
    after = date(year + month // 12, month % 12 + 1, 1)
    return after - timedelta(days=1)


@lru_cache(maxsize=1)
def families() -> Families:
    """The listed companies and edges, those of products.yaml and priors.yaml added.

    Raises OrdinanceError when the file is wrong, when an id stands twice, or when an edge names an unknown company.
    """
    data = load_yaml(FILE, Families)
    own = {company.id for company in data.companies}
    named = _ids_by_name(data)
    added = [company for company in _makers() if company.id not in own and company.name.casefold() not in named]
    made = data.model_copy(update={"companies": (*data.companies, *added)})
    faults = list(_faults(made))
    if faults:
        raise OrdinanceError("ordinance/families.yaml", [Fault(1, "", fault) for fault in faults])
    return made


@lru_cache(maxsize=1)
def listed_ids() -> dict[str, str]:
    """Listed id of each maker and vendor that the law's lists name: its own, or that of the company of its name."""
    data = families()
    ids, named = {company.id for company in data.companies}, _ids_by_name(data)
    return {one.id: one.id if one.id in ids else named[one.name.casefold()] for one in _makers()}


def _ids_by_name(data: Families) -> dict[str, str]:
    """Listed id by every name that tells a company (brands are products, tickers are securities)."""
    return {
        name.casefold(): company.id
        for company in data.companies
        for name in (company.name, *(n.name for n in company.names if n.kind not in ("brand", "ticker")))
    }


def _faults(data: Families) -> Iterator[str]:
    ids = [company.id for company in data.companies]
    for name in sorted(set(ids)):
        if ids.count(name) > 1:
            yield f"the company '{name}' stands twice; keep one."
    known = set(ids)
    for edge in data.edges:
        for end in (edge.child, edge.parent):
            if end not in known:
                yield f"the edge {edge.child} -> {edge.parent} names '{end}', which is no company of the list."


def _makers() -> Iterator[ListedCompany]:
    """Makers and vendors that the law's lists name, by the name shown there; entries for many companies left out."""
    brands: dict[str, list[str]] = {}
    for product in products().products:
        brands.setdefault(product.maker, []).append(product.name)
    seen: set[str] = set()
    entries = [(maker.id, maker.name, "maker named in ordinance/products.yaml") for maker in products().makers]
    entries += [(vendor.id, vendor.name, "vendor named in ordinance/priors.yaml") for vendor in priors().vendors]
    for key, shown, reason in entries:
        name = _BRACKET.sub("", shown)
        if key in seen or _COLLECTIVE.search(name):
            continue
        seen.add(key)
        names = tuple(ListedName(name=brand, kind="brand") for brand in dict.fromkeys(brands.get(key, ())))
        yield ListedCompany(id=key, name=name, name_kind="press", names=names, reason=reason)
