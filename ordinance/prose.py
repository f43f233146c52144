"""How texts state who supplies whom: the models of ``prose.yaml`` and ``prose_services.yaml``.

Belongs here: word groups, statement templates, services as journalists and notices name them, and organisations that
are never vendors. Does not belong here: searching text (``nlp.prose``), award vocabulary (``services*.yaml``).

A *template* is a sequence of words and places. Places are VENDOR, AGENCY, FACILITY, PRODUCT, MONEY, DATE, OTHER (a
customer that is no immigration agency); ``<group>`` is any word of a group; ``..`` up to two words, ``...`` up to
five, ``^`` up to ten within the clause, ``~`` up to fourteen, never across a semicolon and never across another
vendor; ``[word]`` may be missing; ``(a|b)`` either; ``word*`` a beginning. A sentence's own words are lower case
without plural endings.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from pydantic import Field, field_validator, model_validator

from ordinance.loader import DATA, Data, load_yaml
from ordinance.phrases import parse

Relation = Literal[
    "provides", "ended", "proposed", "requested", "bid_or_attended", "indirect_access", "denied", "mentioned_only"
]
_GROUP: Final = re.compile(r"<([a-z_]+)>")
_PLACES: Final = frozenset({"VENDOR", "AGENCY", "FACILITY", "PRODUCT", "MONEY", "OTHER", "DATE"})


class Template(Data):
    """A way of stating a relation: ``bits`` of evidence that what stands in VENDOR does so for AGENCY."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    relation: Relation = "provides"
    bits: float
    forms: tuple[str, ...] = Field(min_length=1)
    agency: bool = Field(default=True, description="False where the form does not itself name the customer")


class Turn(Data):
    """Words that turn what a sentence says: into another relation, or less sure. ``unless`` takes the turn away."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    relation: Relation | None = None
    bits: float = 0.0
    forms: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()


class Prose(Data):
    """prose.yaml."""

    about: str
    groups: dict[str, tuple[str, ...]]
    templates: tuple[Template, ...]
    turns: tuple[Turn, ...]
    requests: tuple[str, ...] = Field(description="templates by which an agency asks for a service, no vendor yet")
    generic_vendors: tuple[str, ...] = Field(description="nouns that stand for a vendor named before")
    generic_agencies: dict[str, tuple[str, ...]] = Field(description="agency id -> words that mean it without its name")
    agency_offices: dict[str, tuple[str, ...]] = Field(description="'agency office' -> the office's names")
    prose_names: dict[str, tuple[str, ...]] = Field(
        description="'vendor.id' or 'maker.id' -> further names in texts, letter by letter"
    )
    never_agency: tuple[str, ...] = Field(description="regular expressions: ICE in them is no agency")
    other_customers: tuple[str, ...]
    never_vendor: tuple[str, ...] = Field(description="whole names that are never vendors, folded")
    never_vendor_words: tuple[str, ...] = Field(description="words that mark a name as advocacy, press, school, body")
    not_alone: tuple[str, ...] = Field(description="names that are ordinary words or other firms' unless completed")
    company_nouns: tuple[str, ...]
    slots: tuple[str, ...] = Field(description="regular expressions after which a capitalised name is a vendor's")
    subject_slots: tuple[str, ...] = Field(description="regular expressions before which a capitalised name is one")
    gate_agency: tuple[str, ...] = Field(description="beginnings of words, one of which a text with a statement has")
    gate_whole: tuple[str, ...] = Field(description="whole words that serve as well")
    gate_supply: tuple[str, ...] = Field(description="beginnings of words of supplying, one of which it has too")
    name_endings: tuple[str, ...]
    product_nouns: tuple[str, ...]

    @model_validator(mode="after")
    def _readable(self) -> Prose:
        forms = [form for t in self.templates for form in t.forms] + list(self.requests)
        forms += [form for t in self.turns for form in (*t.forms, *t.unless)]
        for form in forms:
            for group in _GROUP.findall(form):
                if group not in self.groups:
                    raise ValueError(f"form '{form}': no group '{group}'")
            for word in re.findall(r"\b[A-Z]{4,}\b", form):
                if word not in _PLACES:
                    raise ValueError(f"form '{form}': '{word}' is no place; places are {', '.join(sorted(_PLACES))}")
        return self


class ProseService(Data):
    """A service as texts name it: own phrases, and the award reader's signals that say the same."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_.]*$")
    category: Literal["data_broker", "extreme_vetting", "detention"]
    kind: str
    certainty: Literal["clear", "arguable"] = "clear"
    bits: float = Field(default=3.0, gt=0)
    signals: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    immigration: bool = Field(default=False, description="the words themselves say that the customer is immigration")

    @field_validator("phrases", "never")
    @classmethod
    def _readable(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for phrase in value:
            parse(phrase)
        return value


class ProseServices(Data):
    """prose_services.yaml."""

    about: str
    services: tuple[ProseService, ...]


@lru_cache(maxsize=1)
def prose() -> Prose:
    """The templates and words. Raises OrdinanceError naming file, line and field when the data is wrong."""
    return load_yaml(DATA / "prose.yaml", Prose)


@lru_cache(maxsize=1)
def prose_services() -> tuple[ProseService, ...]:
    """The services as texts name them. Raises OrdinanceError as above."""
    return load_yaml(DATA / "prose_services.yaml", ProseServices).services
