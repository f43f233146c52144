"""The kinds of evidence an Administrator may rely on (§3.3.a-d).

Belongs here: the kinds and which lake records are of which kind. Does not belong here: how much a piece of evidence
weighs (``weights``), which kinds one city admits (``jurisdiction``).
"""

from __future__ import annotations

from typing import Final

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

_FILE: Final = DATA / "evidence.yaml"


class EvidenceKind(Data):
    """One kind of evidence; fields as said in evidence.yaml."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    name: str
    clause: str = Field(pattern=r"^§3\.3\.[a-d]$")
    record_kinds: tuple[str, ...] = Field(min_length=1)
    needs_verification: bool
    alone_enough: bool
    federal_contracting: bool
    federal_data: bool
    meaning: str = Field(min_length=20)


class Reliability(Data):
    """A tier of outlets; ``alone``: what it reports makes a candidate by itself."""

    tier: str = Field(pattern=r"^[a-z]+$")
    alone: bool
    says: str = Field(min_length=10)


class EvidenceKinds(Data):
    """The whole of evidence.yaml: each record kind is of one kind of evidence, and each letter of §3.3 is there."""

    kinds: tuple[EvidenceKind, ...]
    reliability: tuple[Reliability, ...] = Field(min_length=1)
    context: dict[str, str]

    @model_validator(mode="after")
    def _coherent(self) -> EvidenceKinds:
        for what, values in (("id", [k.id for k in self.kinds]),
                             ("record kind", [r for k in self.kinds for r in k.record_kinds]),
                             ("tier", [r.tier for r in self.reliability])):
            twice = sorted({v for v in values if values.count(v) > 1})
            if twice:
                raise ValueError(f"each {what} may stand once only; given twice: {', '.join(twice)}")
        absent = sorted({f"§3.3.{letter}" for letter in "abcd"} - {k.clause for k in self.kinds})
        if absent:
            raise ValueError(f"no kind of evidence for {', '.join(absent)}; add one, cities switch it off themselves")
        return self


def kinds() -> tuple[EvidenceKind, ...]:
    """All kinds of evidence. Raises OrdinanceError when the file is faulty."""
    return load_yaml(_FILE, EvidenceKinds).kinds


def kind(kind_id: str) -> EvidenceKind:
    """One kind. Raises KeyError naming the known ids."""
    for one in kinds():
        if one.id == kind_id:
            return one
    raise KeyError(f"no kind of evidence '{kind_id}'; known: {', '.join(k.id for k in kinds())}")


def kind_of_record(record_kind: str) -> EvidenceKind:
    """The kind of evidence a lake record is (statement.record_kind). Raises KeyError for an unlisted record kind."""
    for one in kinds():
        if record_kind in one.record_kinds:
            return one
    raise KeyError(f"no kind of evidence for records of kind '{record_kind}'; add it to ordinance/evidence.yaml")


def tiers() -> tuple[Reliability, ...]:
    """All tiers of outlets."""
    return load_yaml(_FILE, EvidenceKinds).reliability


def reliability(tier: str) -> Reliability:
    """A tier of outlets. Raises KeyError naming the known ones."""
    for one in tiers():
        if one.tier == tier:
            return one
    raise KeyError(f"no reliability tier '{tier}'; add it to ordinance/evidence.yaml")


def context(relation: str) -> str | None:
    """Why a relation makes no candidate, in words; None for one that is not listed as context."""
    return load_yaml(_FILE, EvidenceKinds).context.get(relation)
