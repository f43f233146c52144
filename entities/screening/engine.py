"""Screens a list: every party held against the names and identifiers of watched companies and their families.

Belongs here: searching, deciding, walking families, dismissals, order. Does not belong here: reading files (intake),
the warehouse (``warehouse.screening``), the log (log).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from entities.families.graph import Family, Step
from entities.matching.identifiers import clean
from entities.matching.index import NameIndex
from entities.matching.matcher import Match, Matcher, Outcome
from entities.screening.kin import chains, link
from entities.screening.model import (
    FAMILY,
    FAMILY_REVIEW,
    REVIEW,
    SAME,
    Entry,
    Hit,
    Kind,
    KnownName,
    Link,
    ScreeningError,
    ScreeningResult,
    Target,
    Watch,
)
from entities.screening.naming import verdict, without_place
from entities.screening.order import ORDER, by_date, by_weight, dated
from entities.screening.persons import perhaps_person, private_person
from ordinance.screening import screening
from records.ids import digest

_CANDIDATES: Final = 8  # names looked at a party
_MATCHED: Final = 3  # companies kept a party
_RELATIVES: Final = 5  # family members named a hit, the nearest first; the others are counted


@dataclass(frozen=True)
class _Found:
    """A company that a party's name or identifiers tell."""

    company_id: str
    outcome: str
    bits: float
    reason: str
    name: str
    kind: str


class Screener:
    """A watch made ready to be asked: names searched, families walked, on one day. Build once, screen many lists."""

    def __init__(self, watch: Watch, as_of: date | None = None, min_band: str | None = None) -> None:
        """Raises ScreeningError for a band the watch has none of, and when nothing is watched."""
        self.watch, self.as_of = watch, as_of
        targets = _banded(watch, min_band)
        self.targets: defaultdict[str, list[Target]] = defaultdict(list)
        for target in targets:
            self.targets[target.company_id].append(target)
        if not self.targets:
            raise ScreeningError(f"nothing to hold the list against: {watch.against} has no company"
                                 + (f" of band {min_band} or above" if min_band else ""))  # fmt: skip
        self.family = Family(watch.edges)
        self._relatives: dict[str, list[tuple[Target, list[Step]]]] = {}
        reached = self._reached()
        self.names = [name for name in watch.names if name.company_id in reached]
        self.matcher = Matcher()
        self._index = NameIndex([name.name for name in self.names], self.matcher)
        self._display = {name.company_id: name.name for name in reversed(self.names)}
        self._by_company: defaultdict[str, list[KnownName]] = defaultdict(list)
        for name in self.names:
            self._by_company[name.company_id].append(name)

    def _reached(self) -> set[str]:
        """Targets and everything that hangs together with them by control."""
        seen: set[str] = set()
        ask = set(self.targets)
        while ask:
            one = ask.pop()
            seen.add(one)
            near = {e.parent for e in self.family.parents(one, self.as_of)}
            near |= {e.child for e in self.family.children(one, self.as_of)}
            ask |= near - seen
        return seen

    def relatives(self, company: str) -> list[tuple[Target, list[Step]]]:
        """Targets of the company's family, nearest first, each with the chain of control to it."""
        if company not in self._relatives:
            found: list[tuple[Target, list[Step]]] = []
            for other, chain in chains(self.family, company, self.as_of).items():
                found += [(target, chain) for target in self.targets.get(other, ())]
            self._relatives[company] = sorted(found, key=lambda one: (len(one[1]), one[0].company, one[0].category))
        return self._relatives[company]

    def by_names(self, written: Sequence[str], threshold: float | None) -> list[list[_Found]]:
        """Companies that each name tells, the surest first."""
        hits = self._index.search_many(written, _CANDIDATES)
        found: list[dict[str, _Found]] = [{} for _ in written]
        pairs = list(zip(hits.query.tolist(), hits.position.tolist(), hits.code.tolist(), strict=True))
        matches = self.matcher.explain_many([written[query] for query, _, _ in pairs],
                                            [self.names[position].name for _, position, _ in pairs])
        for (query, position, code), match in zip(pairs, matches, strict=True):
            known = self.names[position]
            outcome = self._outcome(written[query], known, match, code, threshold)
            if outcome is None:
                continue
            made = _Found(known.company_id, outcome, match.bits, _reason(match, known), known.name, known.kind)
            old = found[query].get(known.company_id)
            if old is None or (ORDER[made.outcome], -made.bits) < (ORDER[old.outcome], -old.bits):
                found[query][known.company_id] = made
        return [sorted(one.values(), key=lambda f: (ORDER[f.outcome], -f.bits, f.company_id)) for one in found]

    def _outcome(self, written: str, known: KnownName, match: Match, code: int, threshold: float | None) -> str | None:
        held_back = code < 2 or match.outcome is Outcome.REVIEW
        return verdict(written, known.name, match, held_back, threshold)

    def by_ids(self, entry: Entry) -> list[_Found]:
        """Companies that the identifiers tell; a ticker alone, or names that have nothing in common, is a review."""
        found = []
        for kind, value in _expanded(entry):
            paper = self.watch.papers.get((kind, value))
            company = self.watch.ids.get((kind, value)) or (paper and self.watch.ids.get(_id(paper.issuer_id))) or None
            if company is None or company not in self._by_company:
                continue
            names = self._by_company[company]
            best = max(self.matcher.explain_many([entry.name] * len(names), [n.name for n in names]),
                       key=lambda match: match.bits)  # fmt: skip
            sure = kind != "ticker" and best.bits > screening().bits.review - 4
            said = f"the same {kind.upper()} {value}" + (" by the register of securities" if paper else "")
            doubt = "" if sure else "; the names or a ticker alone leave it to a person"
            found.append(_Found(company, SAME if sure else REVIEW, best.bits, f"{said}{doubt}; names: {best.reason}",
                                names[0].name, f"{kind} {value}"))  # fmt: skip
        return found

    def label(self, company: str) -> str:
        """A company's name for people."""
        return self._display.get(company, company)

    def facts(self, entry: Entry, found: _Found, target: Target, chain: Sequence[Link]) -> str:
        """Hash over what says that the party is this company: names, identifiers, chain. A dismissal holds for it."""
        names = sorted(f"{n.name}|{n.kind}" for n in self._by_company.get(found.company_id, ()))
        links = [f"{one.from_id}>{one.to_id}:{one.control}" for one in chain]
        return digest(json.dumps([entry.key, sorted(entry.ids.items()), found.company_id, target.company_id, names,
                                  links]), length=32)  # fmt: skip


def screen(
    entries: Sequence[Entry], watch: Watch | Screener, kind: Kind = Kind.VENDORS, *, as_of: date | None = None,
    threshold: float | None = None, min_band: str | None = None, dismissed: Collection[tuple[str, str, str]] = (),
    today: date | None = None,
) -> ScreeningResult:
    """Every hit of a list. ``dismissed``: (name in one spelling, company id, facts) that a person called false alarms.

    ``as_of``: families on that day (None: now); ``threshold``: bits for ``same``; ``today``: the day contracts' dates
    are counted from. Raises ScreeningError for an unknown band or an empty watch. Pure: reads and writes no file.
    """
    asked = watch if isinstance(watch, Screener) else Screener(watch, as_of, min_band)
    written = [_written(entry, asked.watch, kind) for entry in entries]
    flat = list(dict.fromkeys(name for names in written for name in names))
    told = dict(zip(flat, asked.by_names(flat, threshold), strict=True))
    hits: list[Hit] = []
    counts: Counter[str] = Counter(parties=len(entries), rows=sum(len(entry.rows) for entry in entries))
    for entry, names in zip(entries, written, strict=True):
        companies = _together([*asked.by_ids(entry), *(one for name in names for one in told[name])], entry, asked)
        told_all = len(companies)
        person = private_person(entry.name)
        companies = [one for one in companies
                     if one.outcome == SAME or not (person or perhaps_person(entry.name, one.name))]
        counts["private_persons_passed_over"] += not companies and (person or told_all > 0)
        made = [hit for found in companies for hit in _hits(asked, entry, found)]
        hits += _once(made)
    hidden = set(dismissed)
    shown = [hit for hit in hits if (hit.entry.key, hit.target.company_id, hit.facts) not in hidden]
    gone = [hit for hit in hits if (hit.entry.key, hit.target.company_id, hit.facts) in hidden]
    counts.update({name: sum(hit.outcome == name for hit in shown) for name in ORDER})
    counts["dismissed"] = len(gone)
    timed = [dated(hit, today or as_of or date.today()) for hit in shown]  # noqa: DTZ011 (the office's own day)
    timed.sort(key=by_date if kind is Kind.CONTRACTS else by_weight)
    return ScreeningResult(kind, asked.watch.against, asked.watch.version, asked.matcher.version, asked.as_of,
                           tuple(timed), tuple(gone), dict(counts))  # fmt: skip


def _banded(watch: Watch, least: str | None) -> list[Target]:
    if least is None:
        return watch.targets
    if least not in watch.bands:
        raise ScreeningError(f"there is no band '{least}' in {watch.against}; bands are "
                             f"{', '.join(watch.bands) or 'none: leave --min-band out'}")  # fmt: skip
    rank = {band: number for number, band in enumerate(watch.bands)}
    return [target for target in watch.targets if rank.get(target.band, -1) >= rank[least]]


def _written(entry: Entry, watch: Watch, kind: Kind) -> list[str]:
    """The names to search for a party: as written; of a holding also what the register calls its paper."""
    if kind is not Kind.HOLDINGS:
        return [entry.name]
    papers = (watch.papers.get(key) for key in _expanded(entry))
    return list(dict.fromkeys([without_place(entry.name), *(paper.name for paper in papers if paper and paper.name)]))


def _expanded(entry: Entry) -> Iterable[tuple[str, str]]:
    """Its identifiers; a CUSIP also as its issuer's six characters, an ISIN of the US or Canada by the CUSIP in it."""
    for kind, value in entry.ids.items():
        yield kind, value
        cusip = value if kind == "cusip" else value[2:11] if kind == "isin" and value[:2] in ("US", "CA") else ""
        if cusip and (good := clean("cusip", cusip)):
            yield "cusip", good
            yield "cusip6", good[:6]


def _id(text: str) -> tuple[str, str]:
    kind, _, value = text.partition(":")
    return kind, value


def _together(found: Iterable[_Found], entry: Entry, asked: Screener) -> list[_Found]:
    """One a company, the surest first, persons' judgements obeyed; a less sure one of the same family is left out."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda f: (ORDER[f.outcome], -f.bits, f.company_id)):
        said = asked.watch.judged.get((f"name:{entry.key}", one.company_id))
        if said == "different" or any(one.company_id == other.company_id for other in kept):
            continue
        judged = replace(one, outcome=SAME, reason=f"a person judged them the same; {one.reason}") if said == "same" \
            else one  # fmt: skip
        if kept and (ORDER[judged.outcome] > ORDER[kept[0].outcome] or _kin(asked, kept[0], judged)):
            continue
        kept.append(judged)
    return kept[:_MATCHED]


def _kin(asked: Screener, one: _Found, other: _Found) -> bool:
    return asked.family.chain(one.company_id, other.company_id, asked.as_of) is not None


def _hits(asked: Screener, entry: Entry, found: _Found) -> list[Hit]:
    """Of a company that is watched itself, one hit; else one a relative that is, the nearest."""
    own = asked.targets.get(found.company_id, [])
    relatives = asked.relatives(found.company_id)
    kin = list(dict.fromkeys(asked.label(target.company_id) for target, _ in relatives))
    if own:
        return [_hit(asked, entry, found, own, [], kin)]
    groups: dict[str, tuple[list[Target], list[Step]]] = {}
    for target, chain in relatives:
        groups.setdefault(target.company_id, ([], chain))[0].append(target)
    return [_hit(asked, entry, found, targets, chain, kin) for targets, chain in list(groups.values())[:_RELATIVES]]


def _hit(asked: Screener, entry: Entry, found: _Found, targets: list[Target], chain: list[Step], kin: list[str]) -> Hit:
    best = max(targets, key=lambda t: (t.state not in ("candidate", "listed"), t.score or 0.0, t.category))
    links = tuple(link(step, asked.label, asked.as_of) for step in chain)
    outcome = found.outcome if not chain else FAMILY if found.outcome == SAME else FAMILY_REVIEW
    facts = asked.facts(entry, found, best, links)
    also = [name for name in kin if name != asked.label(best.company_id)]
    more = [f"and {len(also) - _RELATIVES} more"] if len(also) > _RELATIVES else []
    return Hit(
        "h" + digest(entry.key, entry.contract, entry.fund, best.company_id, facts, length=12), entry, outcome,
        round(found.bits, 2), found.reason, found.company_id, found.name, found.kind, best, links,
        tuple(dict.fromkeys(t.category for t in targets if t.category)), (*also[:_RELATIVES], *more), facts,
    )  # fmt: skip


def _once(hits: list[Hit]) -> list[Hit]:
    """One hit a target: the surest."""
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.target.company_id, hit)
    return list(best.values())


def _reason(match: Match, known: KnownName) -> str:
    until = f", in use until {known.until}" if known.until else ""
    return f"'{known.name}' is a {known.kind} name ({known.source}{until}); {match.reason}"
