"""Products, facilities, known vendors and services in a sentence, by the ordinance's phrases.

Belongs here: searching with the award reader's Finder and the prose vocabulary. Does not belong here: the phrases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nlp.knowledge import Knowledge, knowledge
from nlp.phrasing import Finder, Vocabulary
from nlp.prose.mentions import Mention
from ordinance.priors import Vendor, priors
from ordinance.products import Maker, Product
from ordinance.prose import ProseService, prose, prose_services
from ordinance.services import Signal

_PLACE_WORD: Final = (
    r"(?:Detention|Processing|Correctional|Corrections|Residential|Staging|Transitional|Reception|Holding|Influx|"
    r"Deportation|Intake) (?:Center|Centre|Facility|Complex|Institution|Annex|Camp|Site|Hub|Shelter)"
)
_PLACE: Final = re.compile(rf"(?:(?:[A-Z][\w.’'-]+|of|and) ){{1,5}}{_PLACE_WORD}\b")
_GROWN: Final = re.compile(
    rf"(?: [A-Z][\w.’'-]+){{0,3}}? (?:{_PLACE_WORD}|Annex|Jail|Prison|Hall|Shelter|Center)\b(?: \([A-Z]{{2,7}}\))?"
)
_IMMIGRATION: Final = re.compile(r"ICE|Immigration|Detention|Processing|Deportation|Staging|Influx")


@dataclass(frozen=True)
class Prior:
    """What a known vendor's name makes likely: category and kind with certainty; ``name`` is how it is known."""

    id: str
    name: str
    category: str | None
    kind: str | None
    certainty: str


@dataclass(frozen=True)
class Service:
    """A service phrase in a sentence, in the sentence's characters."""

    start: int
    end: int
    text: str
    id: str
    category: str
    kind: str
    certainty: str
    bits: float
    immigration: bool = False


class Searcher:
    """Compiled once a process: finders for names, products, facilities and services."""

    def __init__(self, known: Knowledge | None = None) -> None:
        self.known = known or knowledge()
        data = priors()
        self.makers: dict[str, Maker] = dict(self.known.makers)
        self.vendors: dict[str, Vendor] = {v.id: v for v in data.vendors}
        self.services: dict[str, ProseService] = {s.id: s for s in prose_services()}
        self._not_alone = frozenset(prose().not_alone)
        self._priors = {
            **{
                f"vendor.{v.id}": Prior(f"vendor.{v.id}", v.name, v.category, v.kind, v.certainty) for v in data.vendors
            },
            **{
                f"maker.{m.id}": Prior(f"maker.{m.id}", m.name, m.category, m.kind, m.certainty)
                for m in self.makers.values()
            },
        }
        names = {f"maker.{m.id}": Vocabulary(m.names, m.never) for m in self.makers.values() if m.id != "ice_self"}
        names |= {f"vendor.{v.id}": Vocabulary(v.names, v.never) for v in data.vendors}
        self._names = Finder(names)
        self._letters = [
            (key, re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-]| (?:code|spatial))"))
            for key, forms in prose().prose_names.items()
        ]
        goods = {key: Vocabulary(p.aliases, p.never) for key, p in self.known.products.items()}
        places = {key: Vocabulary(f.aliases, f.never) for key, f in self.known.facilities.items()}
        self._things = Finder({**goods, **places})
        self._services = Finder(_service_vocabulary(self.known))

    def prior(self, key: str) -> Prior | None:
        """What is known of a maker or vendor by its key ('maker.palantir', 'vendor.geo')."""
        return self._priors.get(key)

    def names(self, text: str) -> list[Mention]:
        """Known makers and vendors, written with a capital; names that are ordinary words only when completed."""
        found = []
        for key, pattern in self._letters:
            found += [
                Mention("vendor", m.start(), m.end(), m.group(), key, m.group(), 1.0, key)
                for m in pattern.finditer(text)
            ]
        for find in self._names.find(text):
            end = _plain_end(text, find.start, find.end)
            words = text[find.start : end]
            if not words[0].isupper() and not words[0].isdigit():
                continue
            if words.lower().rstrip("s") in self._not_alone or words.lower() in self._not_alone:
                continue
            found.append(Mention("vendor", find.start, end, words, find.key, words, 1.0, find.key))
        return found

    def things(self, text: str) -> list[Mention]:
        """Products and facilities by name, written with a capital."""
        found = []
        for find in self._things.find(text):
            plain = _plain_end(text, find.start, find.end)
            words = text[find.start : plain]
            if not words[0].isupper() and not words[0].isdigit():
                continue
            if find.key.startswith("facility."):
                facility = self.known.facilities[find.key]
                grown = _GROWN.match(text, plain)
                end = grown.end() if grown else plain
                found.append(
                    Mention(
                        "facility",
                        find.start,
                        end,
                        text[find.start : end],
                        find.key,
                        facility.name,
                        1.0 if facility.certain else 0.5,
                        find.key,
                    )
                )
                continue
            product = self.known.products[find.key]
            if product.maker != "ice_self" and not _ordinary(product, words):
                found.append(Mention("product", find.start, plain, words, find.key, product.name, 1.0, find.key))
        taken = [(m.start, m.end) for m in found]
        for match in _PLACE.finditer(text):
            start = match.start() + (4 if match.group().startswith("The ") else 0)
            if all(match.end() <= s or start >= e for s, e in taken):
                words = text[start : match.end()]
                found.append(
                    Mention(
                        "facility",
                        start,
                        match.end(),
                        words,
                        "facility.by_name",
                        words,
                        0.8 if _IMMIGRATION.search(words) else 0.3,
                        "facility.by_name",
                    )
                )
        return found

    def services_in(self, text: str) -> list[Service]:
        """Service phrases; of one category the finds stay, overlapping or not, in order of place."""
        found = []
        for find in self._services.find(text):
            entry = self.services[find.key]
            found.append(
                Service(
                    find.start,
                    find.end,
                    text[find.start : find.end],
                    entry.id,
                    entry.category,
                    entry.kind,
                    entry.certainty,
                    entry.bits,
                    entry.immigration,
                )
            )
        return found


def _plain_end(text: str, start: int, end: int) -> int:
    """The end without the possessive that the folding of words takes along."""
    return end - 2 if text[start:end].endswith(("'s", "’s", "'S", "’S")) else end


def _ordinary(product: Product, words: str) -> bool:
    """'Clear' at a sentence's beginning is no product; CLEAR is."""
    return bool(product.needs) and not words.isupper()


def _service_vocabulary(known: Knowledge) -> dict[str, Vocabulary]:
    signals: dict[str, Signal] = {signal.id: signal for signal in known.signals}
    made: dict[str, Vocabulary] = {}
    for entry in prose_services():
        phrases, never = list(entry.phrases), list(entry.never)
        for name in entry.signals:
            signal = signals.get(name)
            if signal is None:
                raise ValueError(
                    f"prose_services.yaml: service '{entry.id}' uses the signal '{name}', "
                    "which no services file defines"
                )
            phrases += signal.phrases
            never += signal.never
        made[entry.id] = Vocabulary(tuple(dict.fromkeys(phrases)), tuple(dict.fromkeys(never)))
    return made


@lru_cache(maxsize=1)
def searcher() -> Searcher:
    """This process's searcher. Raises OrdinanceError or KnowledgeError when the data is wrong."""
    return Searcher()
