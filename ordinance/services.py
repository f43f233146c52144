"""The three services of §2.2-2.4 as data: categories with their kinds, the words that speak for and against them.

Belongs here: the models of ``services*.yaml`` and their checks. Does not belong here: searching text (``nlp``),
products and makers (``products.py``), what a code or an office makes likely (``priors.py``).

A *signal* is vocabulary: phrases that mean one thing, in named fields. A *rule* is evidence: when its signals
stand in the same award (or description, or sentence), it speaks for or against a category with so many bits
(log2 of odds). Bits add up; see docs/reader.md.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from pydantic import Field, field_validator, model_validator

from ordinance.loader import DATA, Data, load_yaml
from ordinance.phrases import parse

FieldName = Literal["descriptions", "recipient", "parent", "psc", "naics", "office", "agency"]
Certainty = Literal["clear", "arguable"]
CATEGORIES: Final = ("data_broker", "extreme_vetting", "detention")
Id = str
_RULE_FILES: Final = ("services_context.yaml", "services_data_broker.yaml", "services_extreme_vetting.yaml",
                      "services_detention.yaml")


class Kind(Data):
    """What is supplied within a category: a prong and product of §2.2, a kind of analytics, a support of §2.4."""

    id: Id = Field(pattern=r"^[a-z][a-z_.]*$")
    name: str
    meaning: str
    hints: tuple[Id, ...] = ()


class Category(Data):
    """One category of service with its clause, its base rate and its kinds (the first is the default)."""

    id: Literal["data_broker", "extreme_vetting", "detention"]
    clause: str = Field(pattern=r"^§\d")
    name: str
    definition: str
    base_bits: float = Field(lt=0, description="log2 odds that an award nobody has read is of this category")
    kinds: tuple[Kind, ...] = Field(min_length=1)


class Thresholds(Data):
    """The sums of bits from which a finding is shown: as clear, as arguable."""

    clear: float
    arguable: float


class Services(Data):
    """services.yaml: the categories and when a finding is shown."""

    categories: tuple[Category, ...]
    thresholds: Thresholds

    def category(self, name: str) -> Category:
        """The category of that id. Raises KeyError when there is none."""
        for item in self.categories:
            if item.id == name:
                return item
        raise KeyError(name)


class Signal(Data):
    """Vocabulary with one meaning. ``never`` are longer phrases inside which a hit means something else."""

    id: Id = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    phrases: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    codes: tuple[str, ...] = Field(default=(), description="PSC or NAICS codes, or their beginnings")
    of: tuple[Id, ...] = Field(default=(), description="other signals: any of them is this one too")
    fields: tuple[FieldName, ...] = ("descriptions",)

    @field_validator("phrases", "never")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for phrase in value:
            parse(phrase)
        return value

    @model_validator(mode="after")
    def _not_empty(self) -> Signal:
        if not (self.phrases or self.codes or self.of):
            raise ValueError(f"signal '{self.id}' has neither phrases nor codes nor other signals")
        if self.codes and not set(self.fields) <= {"psc", "naics"}:
            raise ValueError(f"signal '{self.id}': codes stand only in the fields psc and naics")
        return self


class Rule(Data):
    """Evidence for (bits above 0) or against (below 0) a category, when the signals stand together.

    ``certainty: arguable`` says of evidence for, that alone it makes an arguable finding; of evidence against,
    that it makes a clear finding arguable but drops nothing.
    """

    id: Id = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    category: Literal["data_broker", "extreme_vetting", "detention"]
    all: tuple[Id, ...] = ()
    any: tuple[Id, ...] = ()
    none: tuple[Id, ...] = ()
    within: Literal["award", "description", "sentence"] = "award"
    bits: float
    certainty: Certainty = "clear"
    kind: str | None = None
    group: str | None = Field(default=None, description="of rules of one group only the strongest counts")
    why: str = ""

    @model_validator(mode="after")
    def _needs_signals(self) -> Rule:
        if not (self.all or self.any):
            raise ValueError(f"rule '{self.id}' names no signal in 'all' or 'any'")
        return self


class RuleFile(Data):
    """One services_*.yaml: signals and rules."""

    about: str
    signals: tuple[Signal, ...] = ()
    rules: tuple[Rule, ...] = ()


@lru_cache(maxsize=1)
def services() -> Services:
    """The categories. Raises OrdinanceError naming file, line and field when the data is wrong."""
    return load_yaml(DATA / "services.yaml", Services)


@lru_cache(maxsize=1)
def rule_files() -> tuple[RuleFile, ...]:
    """All vocabulary files, in a fixed order. Raises OrdinanceError as above."""
    return tuple(load_yaml(DATA / name, RuleFile) for name in _RULE_FILES)


def check(signals: tuple[Signal, ...], rules: tuple[Rule, ...], law: Services) -> list[str]:
    """Sentences about what does not fit together across files: unknown signals, unknown kinds, double ids."""
    faults: list[str] = []
    known: set[str] = set()
    for signal in signals:
        if signal.id in known:
            faults.append(f"signal '{signal.id}' is defined twice")
        known.add(signal.id)
    faults += [f"signal '{s.id}' is made of '{o}', which no file defines" for s in signals for o in s.of
               if o not in known]
    kinds = {category.id: {kind.id for kind in category.kinds} for category in law.categories}
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            faults.append(f"rule '{rule.id}' is defined twice")
        seen.add(rule.id)
        faults += [f"rule '{rule.id}' names the signal '{name}', which no file defines"
                   for name in (*rule.all, *rule.any, *rule.none) if name not in known]
        if rule.kind is not None and rule.kind not in kinds[rule.category]:
            faults.append(f"rule '{rule.id}': '{rule.kind}' is no kind of {rule.category}")
    for category in law.categories:
        faults += [f"kind '{kind.id}' of {category.id} hints at the signal '{name}', which no file defines"
                   for kind in category.kinds for name in kind.hints if name not in known]
    return faults
