"""A document taken apart: its sentences with all that the components found, and references resolved.

Belongs here: running the pipeline over the parts that matter and putting a document's companies together. Does not
belong here: relations and statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from nlp.prose.agencies import back_references, find_agencies
from nlp.prose.companies import Companies, Company, key
from nlp.prose.mentions import Mention, Role, apart
from nlp.prose.pipeline import pipeline
from nlp.prose.references import TOGETHER, described_vendors, generic_vendors, local_products
from nlp.prose.structure import Sentence, sentences
from nlp.prose.trace import Trace, trace
from nlp.prose.vocabulary import Service, searcher

_REACH: Final = 2  # sentences around a telling one that are read too
_MOST_PARTS: Final = 4_000  # sentences of one document that are read in full
_PLACES: Final = frozenset(
    {"center", "centre", "facility", "complex", "annex", "jail", "prison", "camp", "institution"}
)
_OVERLONG: Final = re.compile(r"\S{300,}")  # no word of any language; tokenizers choke on it
_META: Final = frozenset({"url", "origin", "label", "kind", "truncated", "source", "image", "view in browser"})


@dataclass
class Part:
    """A sentence of the document with what stands in it; mentions and services in the sentence's characters."""

    sentence: Sentence
    text: str
    mentions: list[Mention] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    full: bool = False

    @property
    def agencies(self) -> list[Mention]:
        """The agencies it names."""
        return [m for m in self.mentions if m.role == "agency"]

    @property
    def trace(self) -> Trace:
        """Its words and places in a row."""
        return trace(self.text, self.mentions)

    def has(self, role: str) -> bool:
        """Whether a mention of that role stands in it."""
        return any(m.role == role for m in self.mentions)


@dataclass
class Analysed:
    """The whole document: parts in order, companies, products it explains itself, agencies of the title."""

    text: str
    parts: list[Part]
    companies: Companies
    products: dict[str, str]
    title_agencies: list[Mention]

    def companies_of(self, mention: Mention) -> list[Company]:
        """The companies a vendor mention stands for: one, or several for 'both companies'."""
        found = [self.companies.find(name) for name in mention.name.split(TOGETHER)]
        return [company for company in found if company is not None]


def analyse(text: str, title: str = "") -> Analysed:
    """Cuts the text, finds everything in the parts that matter, resolves references."""
    search = searcher()
    parts = []
    for sentence in sentences(text):
        words = _OVERLONG.sub(lambda match: "x" * len(match.group()), re.sub(r"\s", " ", sentence.of(text)))
        if sentence.kind == "field" and words.split(":", 1)[0].strip().lower() in _META:
            continue
        parts.append(Part(sentence, words))
    for part in parts:
        part.mentions = [*find_agencies(part.text), *search.things(part.text), *search.names(part.text)]
        part.services = search.services_in(part.text)
    _read_fully(_telling(parts))
    companies = Companies(text)
    companies.add(m for p in parts if p.full for m in p.mentions if m.role == "vendor")
    products = local_products([(p.text, p.mentions) for p in parts if p.full], companies)
    _resolve(parts, companies, products)
    return Analysed(text, parts, companies, products, [m for m in find_agencies(title) if m.role == "agency"])


def _telling(parts: list[Part]) -> list[Part]:
    """The parts that name an agency, facility, product, known vendor or service, and those around them."""
    wanted: set[int] = set()
    for number, part in enumerate(parts):
        if part.mentions or part.services:
            wanted.update(range(max(0, number - _REACH), min(len(parts), number + _REACH + 1)))
    return [parts[number] for number in sorted(wanted)][:_MOST_PARTS]


def _read_fully(parts: list[Part]) -> None:
    """Runs the pipeline; a surname whose full name stands anywhere in the document is no vendor."""
    surnames: set[str] = set()
    for part, doc in zip(parts, pipeline().pipe((p.text for p in parts), batch_size=64), strict=True):
        part.mentions, part.services, part.full = doc._.finds, doc._.services, True
        surnames.update(name.split()[-1] for name in doc._.people)
    for part in parts:
        part.mentions = [m for m in part.mentions if m.role != "vendor" or m.id or m.text not in surnames]


def _resolve(parts: list[Part], companies: Companies, products: dict[str, str]) -> None:
    """Adds what abbreviations, product names and references stand for, in reading order."""
    agency: Mention | None = None
    agency_at = -10
    recent: list[Mention] = []
    for number, part in enumerate(parts):
        if not part.full:
            continue
        extra = _short_forms(part, companies) + _explained(part, products) + _named_elsewhere(part, companies)
        if number - agency_at <= 6:
            extra += back_references(part.text, agency)
        part.mentions = apart([*part.mentions, *extra])
        part.mentions += described_vendors(
            part.text, part.mentions, _operator(part, companies) or _next_vendor(parts, number)
        )
        near = [m for m in recent if number - int(m.note) <= 3] or _main_company(companies, number)
        part.mentions = apart([*part.mentions, *generic_vendors(part.text, part.mentions, near)])
        for mention in part.mentions:
            if mention.role == "agency" and not mention.generic:
                agency, agency_at = mention, number
            if mention.role == "vendor" and not mention.generic:
                recent.append(replace(mention, note=str(number)))
        recent = recent[-12:]


def _main_company(companies: Companies, number: int) -> list[Mention]:
    """The company a document is about: named at least twice and twice as often as any other; else nobody."""
    ranked = sorted((c for c in companies.all() if c.sure >= 0.6), key=lambda c: -c.count)
    if not ranked or ranked[0].count < 2 or (len(ranked) > 1 and ranked[1].count * 2 > ranked[0].count):
        return []
    main = ranked[0]
    return [Mention("vendor", 0, 0, main.name, main.id, main.name, main.sure, "main_company", note=str(number))]


def _operator(part: Part, companies: Companies) -> Mention | None:
    """The company of this document that is known to run a facility of this sentence."""
    known = searcher().known.facilities
    for mention in part.mentions:
        facility = known.get(mention.id)
        company = companies.find(facility.operator) if facility is not None and facility.operator else None
        if company is not None:
            return Mention("vendor", 0, 0, company.name, company.id, company.name, 0.9, "facility.operator")
    return None


def _next_vendor(parts: list[Part], number: int) -> Mention | None:
    """The first vendor of the sentence after, in the same block."""
    if number + 1 >= len(parts) or parts[number + 1].sentence.block != parts[number].sentence.block:
        return None
    return next((m for m in parts[number + 1].mentions if m.role == "vendor"), None)


def _short_forms(part: Part, companies: Companies) -> list[Mention]:
    """Abbreviations and short names of the document's companies that no component took for a vendor."""
    found = []
    taken = [(m.start, m.end) for m in part.mentions if m.role not in ("never", "date")]
    for short, full in companies.short_forms().items():
        place = next((m for m in searcher().things(full) if m.role == "facility"), None)
        if place is not None and full.split()[-1].lower() in _PLACES:
            found += [
                Mention("facility", m.start(), m.end(), m.group(), place.id, place.name, place.sure, "short_form")
                for m in re.finditer(rf"(?<![\w-]){re.escape(short.upper())}(?![\w-])", part.text)
                if all(m.end() <= s or m.start() >= e for s, e in taken)
            ]
            continue
        company = companies.find(full)
        if company is None or len(short) < 2:
            continue
        for match in re.finditer(rf"(?<![\w-]){re.escape(short)}(?![\w-])", part.text, re.IGNORECASE):
            if (
                match.group()[0].isupper()
                and company.forms
                and all(match.end() <= s or match.start() >= e for s, e in taken)
            ):
                found.append(
                    Mention(
                        "vendor", match.start(), match.end(), match.group(), company.id, company.name, 0.9, "short_form"
                    )
                )
    return found


def _named_elsewhere(part: Part, companies: Companies) -> list[Mention]:
    """Full names of the document's companies in sentences where no component saw them."""
    found = []
    known = [(m.start, m.end) for m in part.mentions if m.id or m.role in ("agency", "other", "amount", "date")]
    for company in companies.all():
        if len(company.name) < 5 or company.sure < 0.6 or company.name not in part.text:
            continue
        for match in re.finditer(rf"(?<![\w-]){re.escape(company.name)}(?![\w-])", part.text):
            if all(match.end() <= s or match.start() >= e for s, e in known):
                found.append(
                    Mention(
                        "vendor",
                        match.start(),
                        match.end(),
                        match.group(),
                        company.id,
                        company.name,
                        company.sure,
                        "named_elsewhere",
                    )
                )
    return found


def _explained(part: Part, products: dict[str, str]) -> list[Mention]:
    """Products the document explains, wherever their names stand."""
    found = []
    for name, maker in products.items():
        for match in re.finditer(rf"(?<![\w-])[A-Z]\w*(?:[ -]\w+){{0,{len(name.split()) - 1}}}(?![\w-])", part.text):
            if key(match.group()) == name:
                role: Role = "product" if maker else "never"
                found.append(
                    Mention(role, match.start(), match.end(), match.group(), "local", maker, 0.8, "product.local")
                )
    return found
