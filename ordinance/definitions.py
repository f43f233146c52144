"""The definitions of the law, quoted, with the ids the product uses for the three categories.

Belongs here: quotes and ids. Does not belong here: the words that betray a service in a record (``services``), or
what one city covers (``jurisdiction``).
"""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

CategoryId = Literal["data_broker", "extreme_vetting", "detention"]
CATEGORY_IDS: Final[tuple[CategoryId, ...]] = ("data_broker", "extreme_vetting", "detention")
_FILE: Final = DATA / "definitions.yaml"


class Prong(Data):
    """One alternative of a definition (§2.2 a and b)."""

    id: str = Field(pattern=r"^[a-z]$")
    text: str = Field(min_length=20)


class Definition(Data):
    """A defined term: its clause and its exact words; ``category`` is true for the three covered services."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    clause: str = Field(pattern=r"^§[0-9.]+$")
    term: str
    category: bool
    text: str = Field(min_length=20)
    prongs: tuple[Prong, ...] = ()


class Source(Data):
    """Where the words are from."""

    title: str
    publisher: str


class Definitions(Data):
    """The whole of definitions.yaml."""

    source: Source
    definitions: tuple[Definition, ...]

    @model_validator(mode="after")
    def _complete(self) -> Definitions:
        found = tuple(d.id for d in self.definitions if d.category)
        if found != CATEGORY_IDS:
            raise ValueError(f"the categories must be {', '.join(CATEGORY_IDS)}, in this order; the software knows "
                             "these three. A city that covers fewer says so in its jurisdiction file")
        return self


def definitions() -> tuple[Definition, ...]:
    """All defined terms in the law's order. Raises OrdinanceError when the file is faulty."""
    return load_yaml(_FILE, Definitions).definitions


def definition(term_id: str) -> Definition:
    """One defined term. Raises KeyError naming the known ids."""
    for one in definitions():
        if one.id == term_id:
            return one
    raise KeyError(f"no definition '{term_id}'; known: {', '.join(d.id for d in definitions())}")
