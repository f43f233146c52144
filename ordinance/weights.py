"""The evidence weights of a candidate's score, in bits, and the arithmetic they mean.

Belongs here: the model of ``weights.yaml`` and each bar's formula as a pure function; the warehouse's SQL must agree
with them (``rows`` gives it the tables). Does not belong here: which statements a candidate has (``warehouse``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, model_validator

from ordinance.evidence import tiers
from ordinance.loader import DATA, Data, load_yaml

_FILE: Final = DATA / "weights.yaml"
_DAYS_OF_YEAR: Final = 365.25
Bits = Annotated[float, Field(ge=-20, le=20)]
Group = Literal["service", "identity", "corroboration", "contradiction"]


class Weight(Data):
    """Bits with the words the waterfall shows beside them."""

    bits: Bits
    says: str = Field(min_length=5)


class SourceWeight(Weight):
    """Worth of a record's saying so, by record kind and the vendor's role in it ('*': any other role)."""

    record_kind: str
    vendor_role: str


class Certainty(Data):
    """Bits by certainty of the reading."""

    clear: Weight
    arguable: Weight


class Reading(Data):
    """How a reader's probability becomes bits."""

    factor: float = Field(ge=0, le=2)
    floor: Bits
    cap: Bits
    says: str


class Recency(Data):
    """How age takes bits away: one bit for each half-life after the grace period."""

    grace_years: float = Field(ge=0)
    half_life_years: float = Field(gt=0)
    floor: float = Field(le=0)
    unknown: float = Field(le=0)
    says: str


class Step(Weight):
    """Bits from an amount in US dollars on; ``at_least`` null is the step below all others."""

    at_least: float | None


class Corroboration(Data):
    """Bits for further records, agencies and kinds of evidence, together at most ``cap``."""

    per_doubling_of_records: float = Field(ge=0)
    per_further_agency: float = Field(ge=0)
    per_further_kind: float = Field(ge=0)
    cap: float = Field(ge=0)
    says: str


class Contradiction(Data):
    """Bits against, together at least ``floor``."""

    declared_otherwise: Weight
    denied: Weight
    terminated: Weight
    floor: float = Field(le=0)


class Entity(Data):
    """Doubt about the vendor's being a Person or Entity (§2.6); governments make no candidate at all."""

    company: Weight
    nonprofit: Weight
    individual: Weight


class AgencyDoubt(Data):
    """Doubt about the agency's being one for immigration (§2.5)."""

    certain: Weight
    doubtful: Weight


class Relation(Data):
    """Relations that make a candidate; all others are context."""

    provides: Weight
    ended: Weight


class Band(Data):
    """A word for a score from ``at_least`` on; null is the lowest."""

    at_least: float | None
    name: str
    says: str


class Weights(Data):
    """The whole of weights.yaml."""

    prior: Weight
    source: tuple[SourceWeight, ...] = Field(min_length=1)
    reliability: dict[str, Weight]
    certainty: Certainty
    reading: Reading
    recency: Recency
    amount: tuple[Step, ...] = Field(min_length=1)
    amount_unknown: Weight
    corroboration: Corroboration
    contradiction: Contradiction
    entity: Entity
    agency: AgencyDoubt
    relation: Relation
    bands: tuple[Band, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _coherent(self) -> Weights:
        keys = [(s.record_kind, s.vendor_role) for s in self.source]
        twice = sorted({f"{kind}/{role}" for kind, role in keys if keys.count((kind, role)) > 1})
        if twice:
            raise ValueError(f"source: given twice: {', '.join(twice)}")
        ladders = {"amount": [s.at_least for s in self.amount], "bands": [b.at_least for b in self.bands]}
        for name, starts in ladders.items():
            rest = [x for x in starts[1:] if x is not None]
            if starts[0] is not None or len(rest) != len(starts) - 1 or rest != sorted(set(rest)):
                raise ValueError(f"{name}: the first step has at_least: null, the others rise")
        known = {tier.tier for tier in tiers()}
        if set(self.reliability) != known:
            raise ValueError(f"reliability: give bits for each tier of evidence.yaml: {', '.join(sorted(known))}")
        if self.prior.bits >= 0:
            raise ValueError("prior: must be below 0 bits, else a company without evidence counts as likely")
        if self.certainty.arguable.bits > self.certainty.clear.bits:
            raise ValueError("certainty: arguable must not weigh more than clear")
        if self.agency.doubtful.bits > self.agency.certain.bits:
            raise ValueError("agency: doubtful must not weigh more than certain")
        return self


class WeightRow(NamedTuple):
    """One weight as a flat row, for the warehouse's table ``weight``.

    ``bar`` is the bar of the waterfall; ``key`` what it is looked up by ('clear', 'award/recipient', '1000000.0');
    ``value`` the bits, or the parameter's value where ``key`` names a parameter (factor, half_life_years ...).
    """

    grouping: Group
    bar: str
    key: str
    value: float
    says: str


def weights() -> Weights:
    """The weights. Raises OrdinanceError when the file is faulty."""
    return load_yaml(_FILE, Weights)


def source_bits(record_kind: str, vendor_role: str) -> float:
    """Bits of a record kind and role; the kind's '*' where the role is not listed. Raises KeyError for neither."""
    table = {(s.record_kind, s.vendor_role): s.bits for s in weights().source}
    for role in (vendor_role, "*"):
        if (record_kind, role) in table:
            return table[record_kind, role]
    raise KeyError(f"no weight for a {record_kind} whose vendor is {vendor_role}; add it to ordinance/weights.yaml")


def reading_bits(score: float) -> float:
    """Bits of the reader's probability, between floor and cap. Raises ValueError outside 0..1."""
    rule = weights().reading
    if not 0.0 <= score <= 1.0:
        raise ValueError(f"a reader's score is a probability, not {score}")
    if score in (0.0, 1.0):
        return rule.cap if score else rule.floor
    return min(rule.cap, max(rule.floor, rule.factor * math.log2(score / (1.0 - score))))


def recency_bits(last_action: date | None, as_of: date) -> float:
    """Bits lost by age in years of 365.25 days; never above 0, never below the floor."""
    rule = weights().recency
    if last_action is None:
        return rule.unknown
    years = (as_of - last_action).days / _DAYS_OF_YEAR
    return max(rule.floor, -max(0.0, years - rule.grace_years) / rule.half_life_years) + 0.0


def amount_bits(dollars: float) -> float:
    """Bits of the highest step reached by the total of obligations in US dollars."""
    return [s.bits for s in weights().amount if s.at_least is None or dollars >= s.at_least][-1]


def corroboration_bits(records: int, agencies: int, kinds: int) -> float:
    """Bits for distinct records, agencies and kinds of evidence (each at least 1), capped."""
    if min(records, agencies, kinds) < 1:
        raise ValueError("a candidate has at least one record, one agency and one kind of evidence")
    rule = weights().corroboration
    total = (rule.per_doubling_of_records * math.log2(records) + rule.per_further_agency * (agencies - 1)
             + rule.per_further_kind * (kinds - 1))
    return min(rule.cap, total)


def band(score: float) -> str:
    """The word for a candidate's score in bits."""
    return [b.name for b in weights().bands if b.at_least is None or score >= b.at_least][-1]


def rows() -> list[WeightRow]:
    """All weights as flat rows in the file's order, for the warehouse; keys are documented in WeightRow."""
    return list(_rows(weights()))


def _rows(w: Weights) -> Iterator[WeightRow]:
    yield WeightRow("service", "prior", "prior", w.prior.bits, w.prior.says)
    for s in w.source:
        yield WeightRow("service", "source", f"{s.record_kind}/{s.vendor_role}", s.bits, s.says)
    named: tuple[tuple[Group, str, Data], ...] = (
        ("service", "certainty", w.certainty), ("service", "relation", w.relation),
        ("identity", "entity", w.entity), ("identity", "agency", w.agency),
        ("contradiction", "contradiction", w.contradiction), ("service", "reading", w.reading),
        ("service", "recency", w.recency), ("corroboration", "corroboration", w.corroboration),
    )
    for grouping, bar, part in named:
        general = str(getattr(part, "says", bar))
        for key, value in part:
            if isinstance(value, Weight):
                yield WeightRow(grouping, bar, key, value.bits, value.says)
            elif isinstance(value, float | int):
                yield WeightRow(grouping, bar, key, float(value), general)
    for tier, weight in w.reliability.items():
        yield WeightRow("service", "reliability", tier, weight.bits, weight.says)
    yield WeightRow("service", "amount", "unknown", w.amount_unknown.bits, w.amount_unknown.says)
    for step in w.amount:
        start = "-inf" if step.at_least is None else str(step.at_least)
        yield WeightRow("service", "amount", start, step.bits, step.says)
