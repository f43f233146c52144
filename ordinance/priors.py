"""What a record's other columns make likely: operators of detention, facilities, and who is a person or government.

Belongs here: the models of ``priors.yaml`` (vendors, facilities) and ``entities.yaml`` (§2.6). Product and service
codes are signals with ``codes`` in services_context.yaml. Does not belong here: searching text (``nlp``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field, field_validator

from ordinance.loader import DATA, Data, load_yaml
from ordinance.phrases import parse
from ordinance.products import _parsed
from ordinance.services import Certainty


class Vendor(Data):
    """A vendor known for one service. The prior is evidence, never proof: ``needs`` says beside what it counts."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    names: tuple[str, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()
    category: Literal["data_broker", "extreme_vetting", "detention"]
    kind: str
    certainty: Certainty
    bits: float
    needs: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    groups: tuple[str, ...] = Field(default=(), description="signals this vendor's name also gives (vendor.*)")

    _names = field_validator("names", "never")(_parsed)


class Facility(Data):
    """A place where people are held: by itself enough where ``certain``, else only a sign."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    aliases: tuple[str, ...] = Field(min_length=1)
    never: tuple[str, ...] = ()
    operator: str = ""
    certain: bool = True

    _aliases = field_validator("aliases", "never")(_parsed)


class Priors(Data):
    """priors.yaml."""

    about: str
    vendors: tuple[Vendor, ...]
    facilities: tuple[Facility, ...]


class EntityWords(Data):
    """entities.yaml: what makes a recipient a government body, a nonprofit or a person (§2.6)."""

    about: str
    government_flags: tuple[str, ...]
    nonprofit_flags: tuple[str, ...]
    company_flags: tuple[str, ...]
    government_phrases: tuple[str, ...]
    government_starts: tuple[str, ...]
    government_ends: tuple[str, ...]
    never_government: tuple[str, ...]
    nonprofit_phrases: tuple[str, ...]
    never_nonprofit: tuple[str, ...]
    company_words: frozenset[str]
    name_suffixes: frozenset[str]
    given_names: frozenset[str]
    never_individual: tuple[str, ...]

    @field_validator("government_phrases", "government_starts", "never_government", "nonprofit_phrases",
                     "never_nonprofit", "never_individual")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for phrase in value:
            parse(phrase)
        return value


@lru_cache(maxsize=1)
def priors() -> Priors:
    """Vendors and facilities. Raises OrdinanceError naming file, line and field when the data is wrong."""
    return load_yaml(DATA / "priors.yaml", Priors)


@lru_cache(maxsize=1)
def entity_words() -> EntityWords:
    """The words of §2.6. Raises OrdinanceError as above."""
    return load_yaml(DATA / "entities.yaml", EntityWords)
