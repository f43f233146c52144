"""Reads one award: searches its columns for signals, weighs them, decides the entity kind.

Belongs here: the input's shape and the pass over its fields. Does not belong here: Arrow and process pools
(``nlp.awards``), files (``nlp.cli``).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache

from nlp.entity import EntityReader
from nlp.evidence import Hit, Service, Weigher
from nlp.knowledge import PUBLIC_BODY, Knowledge, knowledge
from nlp.model.features import Feature, features
from nlp.model.linear import Model, model
from nlp.phrasing import Finder, Vocabulary
from nlp.text import Speller
from ordinance.phrases import fold
from ordinance.services import CATEGORIES, Signal

_TEXT_FIELDS = ("recipient", "parent", "psc", "naics", "office", "agency")


@dataclass(frozen=True)
class Award:
    """What the reader is given: one award's columns as filed; ``descriptions`` are distinct, base first."""

    descriptions: tuple[str, ...] = ()
    agency: str = ""
    office: str = ""
    recipient: str = ""
    parent: str = ""
    psc_code: str = ""
    psc: str = ""
    naics_code: str = ""
    naics: str = ""
    business_flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What the reader found: entity kind with its reason, and the services."""

    entity: str
    entity_reason: str
    services: tuple[Service, ...]


class AwardReader:
    """Compiled once a process; ``read`` is a pure function of the award."""

    def __init__(self, known: Knowledge | None = None) -> None:
        self._known = known or knowledge()
        self._use(model())
        self._entities = EntityReader()
        spelled = {s.id: s.phrases for s in self._known.signals if s.id.startswith("spelling.")}
        speller = Speller(map(fold, spelled["spelling.words"]), spelled["spelling.real_words"])
        self._finders = {
            field: Finder(_vocabulary(self._known, field), speller if field == "descriptions" else None)
            for field in ("descriptions", *_TEXT_FIELDS)
        }
        self._codes = [(signal, code, field) for signal in self._known.signals for code in signal.codes
                       for field in signal.fields]

    def using(self, trained: Model) -> AwardReader:
        """The same reader with another model; the compiled vocabulary is shared."""
        other = copy(self)
        other._use(trained)
        return other

    def _use(self, trained: Model) -> None:
        self._model = trained
        surface = dict(zip(CATEGORIES, trained.surface, strict=True))
        self._weigher = Weigher(self._known, trained.calibration, surface)

    def read(self, award: Award, *, with_model: bool = False) -> Reading:
        """Services and entity kind of one award; same award, same reading.

        ``with_model`` lets the trained model surface what rules do not find: for awards, whose text it learnt from.
        """
        entity, reason = self._entities.read(award.recipient, award.business_flags)
        hits = self._hits(award)
        if entity == "government":
            hits.append(Hit(PUBLIC_BODY, "recipient", -1, 0, 0, len(award.recipient), award.recipient))
        opinions = self._model.opinions(award_features(award)) if with_model else None
        services = self._weigher.services(hits, opinions)
        present = {hit.signal for hit in hits}
        return Reading(entity, reason, tuple(self._with_maker(service, present) for service in services))

    def _hits(self, award: Award) -> list[Hit]:
        hits: list[Hit] = []
        finder = self._finders["descriptions"]
        for index, text in enumerate(award.descriptions):
            hits += [Hit(f.key, "descriptions", index, f.sentence, f.start, f.end, text[f.start:f.end])
                     for f in finder.find(text)]
        for field in _TEXT_FIELDS:
            text = str(getattr(award, field))
            if text:
                hits += [Hit(f.key, field, -1, 0, f.start, f.end, text[f.start:f.end])
                         for f in self._finders[field].find(text)]
        for signal, code, field in self._codes:
            value = award.psc_code if field == "psc" else award.naics_code
            if value and value.startswith(code):
                hits.append(Hit(signal.id, f"{field}_code", -1, 0, 0, len(value), value))
        return hits

    def _with_maker(self, service: Service, present: set[str]) -> Service:
        """Names the maker beside a reseller; the maker's own sale needs no second vendor."""
        if service.maker is None:
            return service
        maker = self._known.makers[service.maker]
        shown = None if f"maker.{maker.id}" in present or maker.id == "ice_self" else maker.name
        return replace(service, maker=shown)


def award_features(award: Award) -> Iterator[Feature]:
    """What the trained model looks at of an award."""
    columns = {name: str(getattr(award, name)) for name in _TEXT_FIELDS}
    return features(columns, award.descriptions, (award.psc_code, award.naics_code))


def _vocabulary(known: Knowledge, field: str) -> dict[str, Vocabulary]:
    def of(signal: Signal) -> Vocabulary:
        return Vocabulary(signal.phrases, signal.never, anchored=signal.id in known.name_signals)

    return {signal.id: of(signal) for signal in known.signals
            if field in signal.fields and signal.phrases and not signal.id.startswith("spelling.")}


@lru_cache(maxsize=1)
def award_reader() -> AwardReader:
    """This process's reader. Raises OrdinanceError or KnowledgeError when the data is wrong."""
    return AwardReader()
