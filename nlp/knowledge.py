"""The ordinance's data as one network of signals and rules, checked once and ready to search with.

Belongs here: making signals and rules out of products, makers, vendors and facilities, and resolving unions. Does
not belong here: the data (``ordinance/*.yaml``), searching (``nlp.phrasing``), adding up (``nlp.evidence``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ordinance import priors as priors_module
from ordinance import products as products_module
from ordinance import services as services_module
from ordinance.priors import Facility, Vendor
from ordinance.products import Maker, Product
from ordinance.services import Rule, Services, Signal

PUBLIC_BODY: Final = "vendor.public_body"
_GIVEN: Final = ("facility.certain", "facility.unsure", PUBLIC_BODY)  # signals made here, not in a file


class KnowledgeError(ValueError):
    """The vocabulary files do not fit together; the message lists every fault."""


@dataclass(frozen=True)
class Knowledge:
    """Signals to search for, rules to add up, and what products, makers and facilities stand behind them."""

    law: Services
    signals: tuple[Signal, ...]
    rules: tuple[Rule, ...]
    parents: dict[str, tuple[str, ...]]  # signal -> every signal it is one of
    products: dict[str, Product]  # by signal id
    makers: dict[str, Maker]  # by maker id
    facilities: dict[str, Facility]  # by signal id
    name_signals: frozenset[str]  # signals that must stand at the beginning of a name


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Everything the reader knows. Raises OrdinanceError or KnowledgeError naming what is wrong and where."""
    law = services_module.services()
    files = services_module.rule_files()
    goods = products_module.products()
    places = priors_module.priors()
    signals: list[Signal] = [signal for file in files for signal in file.signals]
    rules: list[Rule] = [rule for file in files for rule in file.rules]
    name_signals: set[str] = set()
    parents: dict[str, set[str]] = {}

    def add(signal: Signal, *, name: bool = False, unions: tuple[str, ...] = ()) -> None:
        signals.append(signal)
        parents.setdefault(signal.id, set()).update(unions)
        if name:
            name_signals.add(signal.id)

    for maker in goods.makers:
        add(Signal(id=f"maker.{maker.id}", phrases=maker.names, never=maker.never, fields=("recipient", "parent")),
            name=True)
        rules += _maker_rules(maker)
    for product in goods.products:
        add(Signal(id=f"product.{product.id}", phrases=product.aliases, never=product.never))
        rules.append(_product_rule(product))
    for vendor in places.vendors:
        add(Signal(id=f"vendor.{vendor.id}", phrases=vendor.names, never=vendor.never, fields=("recipient", "parent")),
            name=True, unions=vendor.groups)
        rules.append(_vendor_rule(vendor))
    for place in places.facilities:
        add(Signal(id=f"facility.{place.id}", phrases=place.aliases, never=place.never),
            unions=("facility.certain" if place.certain else "facility.unsure",))
    for signal in signals:
        for part in signal.of:
            parents.setdefault(part, set()).add(signal.id)
    groups = {group for vendor in places.vendors for group in vendor.groups}
    known = [*signals, *(Signal(id=name, phrases=("placeholder",)) for name in sorted({*_GIVEN, *groups}))]
    faults = services_module.check(tuple(known), tuple(rules), law)
    kinds: dict[str, set[str]] = {c.id: {kind.id for kind in c.kinds} for c in law.categories}
    faults += products_module.check(goods, {s.id for s in known}, kinds)
    if faults:
        raise KnowledgeError("ordinance/services*.yaml, products.yaml, priors.yaml do not fit together:\n  "
                             + "\n  ".join(faults))
    return Knowledge(law, tuple(signals), tuple(rules), _closure(parents),
                     {f"product.{p.id}": p for p in goods.products}, {m.id: m for m in goods.makers},
                     {f"facility.{f.id}": f for f in places.facilities}, frozenset(name_signals))


def _product_rule(product: Product) -> Rule:
    needs = (*product.needs, f"maker.{product.maker}") if product.needs else ()
    return Rule(id=f"product.{product.id}", category=product.category, all=(f"product.{product.id}",), any=needs,
                none=product.not_with, bits=product.bits, certainty=product.certainty, kind=product.kind,
                group="product", why=f"{product.name} of {product.maker}")


def _maker_rules(maker: Maker) -> list[Rule]:
    if maker.category is None:
        return []
    return [Rule(id=f"maker.{maker.id}", category=maker.category, all=(f"maker.{maker.id}",), none=maker.not_with,
                 bits=maker.bits, certainty=maker.certainty, kind=maker.kind, group="vendor",
                 why=f"what {maker.name} sells to these agencies")]


def _vendor_rule(vendor: Vendor) -> Rule:
    return Rule(id=f"vendor.{vendor.id}", category=vendor.category, all=(f"vendor.{vendor.id}",), any=vendor.needs,
                none=vendor.not_with, bits=vendor.bits, certainty=vendor.certainty, kind=vendor.kind, group="vendor",
                why=f"what {vendor.name} is known for")


def _closure(parents: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Every union a signal belongs to, unions of unions included."""
    def above(name: str, seen: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for parent in parents.get(name, ()):
            if parent not in seen:
                found |= {parent} | above(parent, seen | {parent})
        return found

    return {name: tuple(sorted(above(name, frozenset({name})))) for name in parents}
