"""Which federal agencies count (§2.5), and whether an award is one of theirs.

Belongs here: the agency list of ``agencies.yaml`` and the match of an award's awarding and funding side against
it. Does not belong here: what the award buys (nlp), which agencies one city covers (``jurisdiction``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

Side = Literal["awarding", "funding"]
Role = Literal["awarding", "funding", "both"]
_FILE: Final = DATA / "agencies.yaml"
_CODE: Final = r"^[0-9A-Z]{4}$"
_Filed = tuple[str | None, str | None, str | None]  # sub-tier code, sub-tier, office


class Subtier(Data):
    """A sub-tier code with its exact USAspending name; ``name_shared``: the name alone does not identify it."""

    code: str = Field(pattern=_CODE)
    name: str = Field(min_length=3)
    name_shared: bool = False


class Agency(Data):
    """One federal immigration agency, or an office that pays or buys for one; fields as said in agencies.yaml."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    aliases: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    role: Literal["agency", "buyer", "part"]
    counts: Literal["always", "doubtful", "if_told"]
    counts_when: tuple[Side, ...] = Field(min_length=1)
    parent: str | None
    toptier_code: str = Field(pattern=r"^[0-9]{3}$")
    toptier: str
    subtiers: tuple[Subtier, ...] = ()
    offices: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    crawl: bool
    named_in_law: bool
    reason: str = Field(min_length=20)
    successors: tuple[str, ...] = ()
    ended: date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and abbreviation it goes by."""
        return (self.name, *self.aliases, *self.abbreviations)


class AgencyList(Data):
    """The whole of agencies.yaml; ids, codes and names must each point to one agency only."""

    agencies: tuple[Agency, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _coherent(self) -> AgencyList:
        ids = [a.id for a in self.agencies]
        codes = [s.code for a in self.agencies for s in a.subtiers]
        names = [n for a in self.agencies for n in _keys(a)]
        for what, values in (("id", ids), ("sub-tier code", codes), ("name or alias", names)):
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"each {what} may stand in one agency only; given twice: {', '.join(twice)}")
        for agency in self.agencies:
            unknown = sorted({*agency.successors, *([agency.parent] if agency.parent else [])} - set(ids))
            if unknown:
                raise ValueError(f"agency '{agency.id}' points to ids that are not in the list: {', '.join(unknown)}")
            if agency.crawl and not agency.subtiers:
                raise ValueError(f"agency '{agency.id}' has crawl: true but no sub-tier to ask USAspending for")
        return self


@dataclass(frozen=True, slots=True)
class AgencyMatch:
    """The agency that makes an award count, on which side, whether surely, and why in words.

    ``also`` names further agencies the award counts for (awarded by CBP, funded by ICE), for cities that cover
    only some of them.
    """

    id: str
    role: Role
    certain: bool
    reason: str
    also: tuple[str, ...] = ()


class CrawlTarget(NamedTuple):
    """What a source asks USAspending for: names as its search filters match them, letter by letter."""

    subtier: str
    toptier: str
    code: str


def agencies() -> tuple[Agency, ...]:
    """All agencies of agencies.yaml. Raises OrdinanceError when the file is faulty.

    ``match_award`` and ``find_agency`` read the file once a process; restart to see an edit.
    """
    return load_yaml(_FILE, AgencyList).agencies


def agency(agency_id: str) -> Agency:
    """The agency with that id. Raises KeyError naming the known ids."""
    for one in agencies():
        if one.id == agency_id:
            return one
    raise KeyError(f"no agency '{agency_id}'; known: {', '.join(a.id for a in agencies())}")


def find_agency(name: str) -> Agency | None:
    """The agency that goes by this name, alias, abbreviation or sub-tier code alone, any case; else None."""
    index = _index()
    return index.by_code.get(name.strip().upper()) or index.by_name.get(_key(name))


def crawl_targets() -> list[CrawlTarget]:
    """Sub-tiers the nightly source asks for, in order of importance, each name once. Ask for awarding and funding."""
    targets = {
        (s.name, a.toptier): CrawlTarget(s.name, a.toptier, s.code)
        for a in reversed(agencies()) if a.crawl for s in reversed(a.subtiers)
    }
    return list(reversed(targets.values()))


def match_award(
    awarding_subtier_code: str | None = None,
    awarding_subtier: str | None = None,
    awarding_office: str | None = None,
    funding_subtier_code: str | None = None,
    funding_subtier: str | None = None,
    funding_office: str | None = None,
    text: str | None = None,
) -> AgencyMatch | None:
    """The immigration agency that awards or funds the award (§2.5), or None.

    Codes decide before names; a short name ('ICE') does as a sub-tier's name. ``text`` (descriptions) is read only
    where codes and offices leave doubt: it can make a doubtful award sure, or name the agency a buyer acts for.
    An award of an agency that is not listed counts, as doubtful, when its text names a listed one (§8: shown,
    not dropped). Remembered by arguments, so cheap over millions of rows.
    """
    awarding = (awarding_subtier_code, awarding_subtier, awarding_office)
    funding = (funding_subtier_code, funding_subtier, funding_office)
    found, settled = _match_filed(awarding, funding)
    return found if settled or not text else _match_told(awarding, funding, text)


# ---- how it is decided ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    agency: Agency
    certain: bool
    reason: str


@dataclass(frozen=True)
class _Index:
    by_code: dict[str, Agency]
    by_name: dict[str, Agency]
    offices: tuple[tuple[re.Pattern[str], Agency], ...]
    words: tuple[tuple[re.Pattern[str], Agency], ...]
    telling: dict[str, re.Pattern[str]]


def _key(name: str) -> str:
    """A name without case, punctuation, 'U.S.' in front and '&'."""
    text = re.sub(r"[^a-z0-9]+", " ", name.casefold().replace("&", " and ").replace("u.s.", "us")).strip()
    return re.sub(r"^(?:the )?(?:united states|us) (?=\w{4,} )", "", text)


def _keys(one: Agency) -> set[str]:
    shared = {s.name for s in one.subtiers if s.name_shared}
    return {_key(n) for n in (*one.names, *(s.name for s in one.subtiers)) if n not in shared}


def _phrases(words: Iterable[str]) -> re.Pattern[str]:
    parts = sorted({re.sub(r"[^A-Z0-9]+", " ", w.upper()).strip() for w in words}, key=lambda w: (-len(w), w))
    return re.compile(r"(?<![A-Z0-9])(?:" + "|".join(map(re.escape, parts)) + r")(?![A-Z0-9])")


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]+", " ", text.upper())


@lru_cache(maxsize=4)
def _index_of(listed: tuple[Agency, ...]) -> _Index:
    return _Index(
        by_code={s.code: a for a in listed for s in a.subtiers},
        by_name={key: a for a in listed for key in _keys(a)},
        offices=tuple((_phrases(a.offices), a) for a in listed if a.offices),
        words=tuple((_phrases(a.words), a) for a in listed if a.words),
        telling={a.id: _phrases(a.telling) for a in listed if a.telling},
    )


@lru_cache(maxsize=1)
def _index() -> _Index:
    return _index_of(agencies())


def _blank(value: str | None) -> str:
    return (value or "").strip()


def _filed(code: str | None, subtier: str | None) -> Agency | None:
    """By code; by name only where no code stands, since a code that is not listed says: another department's."""
    index = _index()
    if _blank(code):
        return index.by_code.get(_blank(code).upper())
    return index.by_name.get(_key(_blank(subtier))) if _blank(subtier) else None


def _by_office(host: str, office: str) -> _Claim | None:
    plain = _plain(office)
    for pattern, one in _index().offices:
        if (not host or not one.hosts or host in one.hosts) and pattern.search(plain):
            return _Claim(one, True, f"office '{office}' is {one.name}'s")
    return None


def _claim(side: Side, code: str | None, subtier: str | None, office: str | None, text: str | None) -> _Claim | None:
    """What one side of the award claims, from what is filed and, if given, the text."""
    host, filed = _blank(code).upper(), _filed(code, subtier)
    if filed and not host and filed.subtiers:
        host = filed.subtiers[0].code
    shown = _blank(subtier) or host
    if filed and filed.counts == "always":
        claim: _Claim | None = _Claim(filed, True, f"{side} agency '{shown}' is {filed.name}")
    else:
        claim = _by_office(host, _blank(office)) if _blank(office) and (filed or not shown) else None
        claim = claim or (_by_text(filed, shown, text) if text and (filed or shown) else None)
        if claim is None and filed and filed.counts == "doubtful":
            claim = _Claim(filed, False, f"{side} agency '{shown}' has or buys immigration work only in part, and "
                                         "neither office nor text says that this award is part of it")
    return claim if claim and side in claim.agency.counts_when else None


def _by_text(filed: Agency | None, shown: str, text: str) -> _Claim | None:
    plain, index = _plain(text), _index()
    for pattern, one in index.words:
        if found := pattern.search(plain):
            reason = f"award of '{shown}' whose text names {one.name} ('{found[0]}')"
            return _Claim(one, filed is not None, reason)
    telling = index.telling.get(filed.id) if filed else None
    if filed and telling and (found := telling.search(plain)):
        return _Claim(filed, True, f"award of '{shown}' whose text tells of immigration work ('{found[0]}')")
    return None


def _combine(awarding: _Claim | None, funding: _Claim | None) -> AgencyMatch | None:
    if awarding is None or funding is None:
        one = awarding or funding
        role: Role = "awarding" if awarding else "funding"
        return AgencyMatch(one.agency.id, role, one.certain, one.reason) if one else None
    if awarding.agency.id == funding.agency.id:
        best = awarding if awarding.certain or not funding.certain else funding
        return AgencyMatch(best.agency.id, "both", best.certain, best.reason)
    # Two agencies: the surer, then the agency itself before a buyer, then the one that awards.
    sides: list[tuple[Side, _Claim]] = [("awarding", awarding), ("funding", funding)]
    sides.sort(key=lambda s: (not s[1].certain, s[1].agency.role != "agency"))
    (side, first), (_, second) = sides
    also = (second.agency.id,) if second.certain else ()
    return AgencyMatch(first.agency.id, side, first.certain, first.reason, also)


@lru_cache(maxsize=100_000)
def _match_filed(awarding: _Filed, funding: _Filed) -> tuple[AgencyMatch | None, bool]:
    """The match without text, and whether text could change nothing."""
    found = _combine(_claim("awarding", *awarding, None), _claim("funding", *funding, None))
    return found, found is not None and found.certain


@lru_cache(maxsize=20_000)
def _match_told(awarding: _Filed, funding: _Filed, text: str) -> AgencyMatch | None:
    return _combine(_claim("awarding", *awarding, text), _claim("funding", *funding, text))
