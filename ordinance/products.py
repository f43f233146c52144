"""Products and their makers: who is behind CLEAR, Accurint, ICM or GOST when a reseller sells it.

Belongs here: the model of ``products.yaml`` and its checks. Does not belong here: searching text (``nlp``),
corporate families beyond a maker's own names (``entities``).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from pydantic import Field, field_validator

from ordinance.loader import DATA, Data, load_yaml
from ordinance.phrases import parse
from ordinance.services import Certainty


def _parsed(value: tuple[str, ...]) -> tuple[str, ...]:
    for phrase in value:
        parse(phrase)
    return value


class Product(Data):
    """A product that places its award in a category. ``never``: longer phrases in which the name is another thing.

    ``needs``: the name alone is ambiguous, and one of these signals (or the maker as recipient) must stand in
    the same award. ``not_with``: signals beside which the name is something else (furniture for RAVEN).
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    maker: str
    aliases: tuple[str, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    category: Literal["data_broker", "extreme_vetting", "detention"]
    kind: str
    certainty: Certainty = "clear"
    bits: float = Field(default=9.0, gt=0)

    _aliases = field_validator("aliases", "never")(_parsed)


class Maker(Data):
    """A maker with the beginnings of the names it trades under, and what its name alone makes likely.

    ``names`` match the recipient (or parent) from its first word, so that LASALLE CORRECTIONS is not LASALLE
    AB-EXPRESS. ``category`` is set only where nearly all the maker sells to these agencies is of that category.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    names: tuple[str, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()
    category: Literal["data_broker", "extreme_vetting", "detention"] | None = None
    kind: str | None = None
    certainty: Certainty = "arguable"
    bits: float = 0.0
    not_with: tuple[str, ...] = ()

    _names = field_validator("names", "never")(_parsed)


class Products(Data):
    """products.yaml."""

    about: str
    makers: tuple[Maker, ...]
    products: tuple[Product, ...]


@lru_cache(maxsize=1)
def products() -> Products:
    """The products. Raises OrdinanceError naming file, line and field when the data is wrong."""
    return load_yaml(DATA / "products.yaml", Products)


def check(data: Products, signals: set[str], kinds: Mapping[str, set[str]]) -> list[str]:
    """Sentences about what does not fit: unknown makers, kinds, signals, double ids."""
    faults: list[str] = []
    makers = [maker.id for maker in data.makers]
    names = [product.id for product in data.products]
    faults += [f"'{name}' is defined twice in products.yaml" for name in sorted({*makers, *names})
               if makers.count(name) > 1 or names.count(name) > 1]
    for product in data.products:
        if product.maker not in makers:
            faults.append(f"product '{product.id}': no maker '{product.maker}'")
        if product.kind not in kinds[product.category]:
            faults.append(f"product '{product.id}': '{product.kind}' is no kind of {product.category}")
        faults += [f"product '{product.id}': no signal '{name}'"
                   for name in (*product.needs, *product.not_with) if name not in signals]
    for maker in data.makers:
        if maker.category and maker.kind is not None and maker.kind not in kinds[maker.category]:
            faults.append(f"maker '{maker.id}': '{maker.kind}' is no kind of {maker.category}")
        faults += [f"maker '{maker.id}': no signal '{name}'" for name in maker.not_with if name not in signals]
    return faults
