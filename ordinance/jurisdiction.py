"""One city's law: what it covers, whom it lets decide, which evidence and which deadlines (``jurisdiction.yaml``).

Belongs here: the model of a jurisdiction file and questions put to it. Does not belong here: casework, a city's
holidays, the shared definitions (``definitions``) and agencies (``agencies``).

A field whose value no source gave holds an assumed value (the model ordinance's, where it has one) and is named under
``not_found``, so that a page can say "assumed" and nobody takes a guess for the city's law.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator, model_validator

from ordinance import deadlines
from ordinance.agencies import AgencyMatch, agencies
from ordinance.deadlines import Allowance, LastDay
from ordinance.definitions import CategoryId
from ordinance.evidence import kinds
from ordinance.loader import DATA, Data, Fault, OrdinanceError, load_yaml

_PRESETS: Final = DATA / "presets"
_NAME: Final = re.compile(r"[a-z0-9_-]+")
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$")]


class Enactment(Data):
    """The text that is law: title, citation, dates (null: not known or not yet), and whether it is in force."""

    title: str
    citation: str | None
    status: Literal["template", "in_force", "not_enacted"]
    adopted: date | None
    effective: date | None


class CategoryCover(Data):
    """Which of the three services the law covers."""

    data_broker: bool
    extreme_vetting: bool
    detention: bool


class AgencyCover(Data):
    """``all``: every listed federal immigration agency (§2.5); ``listed``: only these ids."""

    mode: Literal["all", "listed"]
    ids: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> AgencyCover:
        known = {a.id for a in agencies()}
        unknown = sorted(set(self.ids) - known)
        if unknown:
            raise ValueError(f"no agency {', '.join(unknown)} in ordinance/agencies.yaml; known: "
                             f"{', '.join(sorted(known))}")
        if (self.mode == "listed") != bool(self.ids):
            raise ValueError("give ids with mode: listed, and none with mode: all")
        return self


class EvidenceCover(Data):
    """Evidence kinds the Administrator may rely on; ``fallback`` only where none of the others says anything."""

    admitted: tuple[str, ...] = Field(min_length=1)
    fallback: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> EvidenceCover:
        known = {k.id for k in kinds()}
        unknown = sorted({*self.admitted, *self.fallback} - known)
        if unknown:
            raise ValueError(f"no kind of evidence {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        both = sorted(set(self.admitted) & set(self.fallback))
        if both:
            raise ValueError(f"stands under both admitted and fallback: {', '.join(both)}")
        return self


class PurposeTest(Data):
    """A service counts only when supplied for immigration enforcement (AB 2597); ``words``: the law's own."""

    required: bool
    words: str | None = None

    @model_validator(mode="after")
    def _coherent(self) -> PurposeTest:
        if self.required and not self.words:
            raise ValueError("a purpose test needs the law's words")
        return self


class Waiver(Data):
    """Who may allow a contract all the same, who asks, by which standard, weighing what (§3.1)."""

    requested_by: str | None
    decided_by: str
    standard: str
    considerations: tuple[str, ...]


class Titles(Data):
    """What this city calls its offices; null where it has none."""

    administrator: str
    council: str
    mayor: str | None
    attorney: str


class Annual(Data):
    """Yearly dates as MM-DD (§5.3); null where the law sets none."""

    department_certification: MonthDay | None
    public_report: MonthDay | None


class Companion(Data):
    """A neighbouring law that the same office screens for, with another test (border-wall ordinances: bidding)."""

    title: str
    citation: str | None
    bidding_is_enough: bool
    says: str


class Reference(Data):
    """Where a fact of this file was found."""

    id: str
    what: str
    url: str | None = None


class NotFound(Data):
    """A field for which no source was found: its value is assumed."""

    field: str
    looked_in: str


class Jurisdiction(Data):
    """One city's, county's or state's law. See docs/ordinance.md."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    name: str
    kind: Literal["template", "city", "county", "state"]
    state: str | None = Field(pattern=r"^[A-Z]{2}$")
    enactment: Enactment
    categories: CategoryCover
    agencies: AgencyCover
    evidence: EvidenceCover
    construed_broadly: bool
    purpose_test: PurposeTest
    bidding_is_enough: bool
    investments: bool
    deadlines: dict[str, Allowance]
    last_day: LastDay
    annual: Annual
    waiver: Waiver
    titles: Titles
    languages: tuple[Language, ...] = Field(min_length=1)
    companions: tuple[Companion, ...] = ()
    not_found: tuple[NotFound, ...] = ()
    sources: tuple[Reference, ...] = Field(min_length=1)
    notes: tuple[str, ...] = ()

    @field_validator("deadlines")
    @classmethod
    def _every_step(cls, given: dict[str, Allowance]) -> dict[str, Allowance]:
        wrong = sorted(set(given) ^ {s.id for s in deadlines.steps()})
        if wrong:
            raise ValueError("must have every step of ordinance/deadlines.yaml once and no other; missing or "
                             f"unknown: {', '.join(wrong)}")
        return given

    @model_validator(mode="after")
    def _coherent(self) -> Jurisdiction:
        for gap in self.not_found:
            if not _has(self, gap.field):
                raise ValueError(f"not_found names '{gap.field}', which is no field of this file")
        return self

    def covers_category(self, category: CategoryId) -> bool:
        """Whether the law covers the service."""
        return bool(getattr(self.categories, category))

    def covers_agency(self, agency: str | AgencyMatch) -> bool:
        """Whether the law covers the agency, or any of those an award counts for."""
        if self.agencies.mode == "all":
            return True
        named = {agency} if isinstance(agency, str) else {agency.id, *agency.also}
        return bool(named & set(self.agencies.ids))

    def admits(self, evidence_kind: str, *, others: Collection[str] = ()) -> bool:
        """Whether the Administrator may rely on that kind, given the ``others`` there are for the same finding."""
        if evidence_kind in self.evidence.admitted:
            return True
        return evidence_kind in self.evidence.fallback and not set(others) & set(self.evidence.admitted)

    def due(self, step: str, start: date, holidays: Collection[date] = ()) -> date:
        """The last day for a step that an event on ``start`` set going. Raises KeyError for an unknown step."""
        deadlines.step(step)
        return deadlines.due_date(start, self.deadlines[step], holidays, self.last_day)

    def assumed(self, field: str) -> bool:
        """True where the field, or the part of the file it stands in, was not found for this city."""
        return any(field == gap.field or field.startswith(gap.field + ".") for gap in self.not_found)


def presets() -> tuple[str, ...]:
    """Names of the jurisdictions that come with the product."""
    return tuple(sorted(p.stem for p in _PRESETS.glob("*.yaml")))


def load_jurisdiction(path_or_preset: str | Path) -> Jurisdiction:
    """A preset by its name ('berkeley'), or a jurisdiction file by its path.

    Raises OrdinanceError listing every fault of the file, or the presets where neither name nor file exists.
    """
    text = str(path_or_preset)
    if _NAME.fullmatch(text) and not Path(text).is_file():
        if text not in presets():
            raise OrdinanceError(text, [Fault(1, "", f"is no preset; choose {', '.join(presets())}, or give the path "
                                              "of a jurisdiction file.")])
        return load_yaml(_PRESETS / f"{text}.yaml", Jurisdiction)
    return load_yaml(text, Jurisdiction)


def _has(model: Data, field: str) -> bool:
    value: object = model
    for name in field.split("."):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, Data) and name in type(value).model_fields:
            value = getattr(value, name)
        else:
            return False
    return True
