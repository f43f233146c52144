"""What a sentence states between a vendor and an agency: the templates that read it, and the words that turn it.

Belongs here: matching ``ordinance/prose.yaml`` on a sentence's trace. Does not belong here: which service it is and how
sure the statement is (``candidates``, ``scoring``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nlp.prose.mentions import Mention
from nlp.prose.trace import Trace, compiled, listed
from ordinance.prose import Template, Turn, prose

_PLACE: Final = re.compile(r"([AOFPMNV])(\d+(?:_\d+)*) ")
_SPECIAL_MARGIN: Final = 0.7
_WHOLE: Final = frozenset({"n.call_to_end", "n.until", "n.pressure", "n.industry_day", "n.history"})  # of the sentence
_BEFORE: Final = 40  # characters of the trace before a match in which a turn still speaks of it


@dataclass(frozen=True, slots=True)
class Link:
    """One template that read the sentence for one vendor mention; ``start``/``end`` in the sentence."""

    vendor: int
    rule: str
    relation: str
    bits: float
    agency: int | None
    other: bool
    start: int
    end: int
    row: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Turned:
    """A turn that applies: its rule, what it makes of the relation, its bits."""

    rule: str
    relation: str | None
    bits: float


def links(made: Trace) -> list[Link]:
    """Every template that reads the sentence, for every vendor in its VENDOR place."""
    row = listed(made.row)
    found: dict[tuple[int, str], Link] = {}
    for template, pattern, needs in _templates():
        if any(letter not in row for letter in needs):
            continue
        for match in pattern.finditer(row):
            place = match.groupdict().get("vendor")
            if place is None:
                continue
            for number in place[1:].split("_"):
                link = _link(made, row, template, match, int(number))
                known = found.get((link.vendor, link.rule))
                if known is None or (known.agency is None and link.agency is not None):
                    found[link.vendor, link.rule] = link
    return list(found.values())


def product_links(made: Trace) -> list[tuple[int, Link]]:
    """Templates that read a product's name without its maker: (product mention, link with vendor -1)."""
    row = listed(made.row)
    found: list[tuple[int, Link]] = []
    for template in prose().templates:
        if template.id != "t.agency_product":
            continue
        for form in template.forms:
            for match in compiled(form).finditer(row):
                link = _link(made, row, template, match, -1)
                found += [
                    (int(m.group(2)), link)
                    for m in _PLACE.finditer(row, match.start(), match.end())
                    if m.group(1) == "P"
                ]
    return found


def requested(made: Trace) -> Link | None:
    """The way an agency asks for a service here, if it does."""
    row = listed(made.row)
    for form in prose().requests:
        match = compiled(form).search(row)
        if match is not None:
            return _link(made, row, Template(id="t.request", relation="requested", bits=3.0, forms=(form,)), match, -1)
    return None


def turns(made: Trace, link: Link) -> list[Turned]:
    """The turns that stand in the matched words or just before and after them."""
    row = listed(made.row)
    before = re.split(r"[,;] ", row[max(0, link.row[0] - _BEFORE) : link.row[0]])[-1]
    after = re.split(r"[,;] ", row[link.row[1] : link.row[1] + _BEFORE])[0]
    start, end = link.row[0] - len(before), link.row[1] + len(after)
    found = []
    for turn, patterns, excused in _turns():
        low, high = (0, len(row)) if turn.id in _WHOLE else (start, end)
        if any(p.search(row, low, high) for p in patterns) and not any(p.search(row, low, high) for p in excused):
            found.append(Turned(turn.id, turn.relation, turn.bits))
    return found


def relation_of(found: list[Link], turned: list[Turned]) -> tuple[str, Link]:
    """The relation the links of one vendor state together, and the link that decides it."""
    best = max(found, key=lambda link: link.bits)
    special = max((link for link in found if link.relation != "provides"), key=lambda link: link.bits, default=None)
    decided = special if special is not None and special.bits >= best.bits - _SPECIAL_MARGIN else best
    relation = decided.relation
    named = {turn.rule for turn in turned}
    if relation == "ended" and "n.call_to_end" in named:
        relation = "provides"
    if relation == "provides":
        for rule, turned_to in (
            ("n.until", "ended"),
            ("n.industry_day", "bid_or_attended"),
            ("n.denial", "denied"),
            ("n.no_contract", "mentioned_only"),
            ("n.plan", "proposed"),
        ):
            if rule in named and "n.call_to_end" not in named:
                relation = turned_to
                break
    return relation, decided


def _link(made: Trace, row: str, template: Template, match: re.Match[str], vendor: int) -> Link:
    start, end = made.span(match.start(), match.end())
    places = [(m.group(1), int(m.group(2).split("_")[0])) for m in _PLACE.finditer(row, match.start(), match.end())]
    agencies = [number for letter, number in places if letter == "A"]
    other = any(letter == "O" for letter, _ in places)
    return Link(
        vendor,
        template.id,
        template.relation,
        template.bits,
        agencies[-1] if agencies else None,
        other,
        start,
        end,
        (match.start(), match.end()),
    )


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[Template, re.Pattern[str], str], ...]:
    letters = {"VENDOR": "V", "AGENCY": "A", "MONEY": "M", "PRODUCT": "P"}
    return tuple(
        (
            template,
            compiled(form),
            "".join(v for k, v in letters.items() if k in form and f"({k}" not in form and f"|{k}" not in form),
        )
        for template in prose().templates
        for form in template.forms
    )


@lru_cache(maxsize=1)
def _turns() -> tuple[tuple[Turn, tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]], ...]:
    return tuple((turn, tuple(map(compiled, turn.forms)), tuple(map(compiled, turn.unless))) for turn in prose().turns)


def agency_at(made: Trace, link: Link) -> Mention | None:
    """The agency mention in the link's words."""
    return None if link.agency is None else made.mentions[link.agency]


def vendors_of(made: Trace) -> Iterator[tuple[int, Mention]]:
    """The vendor mentions with their numbers in the trace."""
    return ((number, m) for number, m in enumerate(made.mentions) if m.role == "vendor")
