"""What the words of company names mean: spellings, legal forms, endings, structure, trades, places, rarity.

Belongs here: loading those data files and asking them. Does not belong here: taking a name apart (spelling).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from cleanco import termdata
from pydantic import Field

from ordinance.loader import Data, load_yaml

DATA: Final = Path(__file__).resolve().parent / "data"
_PUNCTUATION: Final = re.compile(r"[^A-Z0-9]+")


class Kind(IntEnum):
    """What a word says: who it is (NAME), or only structure, a trade or a place."""

    NAME = 0
    STRUCTURE = 1
    TRADE = 2
    PLACE = 3


class WordData(Data):
    """data/words.yaml."""

    about: str
    spellings: dict[str, tuple[str, ...]]
    empty: tuple[str, ...]
    forms: dict[str, tuple[str, ...]]
    not_forms: tuple[str, ...]
    share_words: tuple[str, ...]
    domains: tuple[str, ...]
    structure: tuple[str, ...]
    trades: dict[str, tuple[str, ...]] = Field(min_length=2)
    places: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """The data of ``words.yaml``, the rarity table and the ordinary words, ready to be asked."""

    spelling: Mapping[str, str]
    empty: frozenset[str]
    forms: Mapping[tuple[str, ...], str]  # words of a legal form -> its one spelling
    form_ends: frozenset[str]  # last words of legal forms
    sure_forms: frozenset[str]  # forms that are one wherever they stand
    shares: frozenset[str]
    kinds: Mapping[str, Kind]
    trades: Mapping[str, int]  # word -> number of its trade, from 1
    trade_names: tuple[str, ...]
    ordinary: frozenset[str]
    counts: Mapping[str, int]
    names: int  # how many names the counts were taken over

    def rarity(self, word: str) -> float:
        """Bits that sharing this word is worth by its rarity alone: log2 of names per name that has it."""
        return math.log2((self.names + 1) / (self.counts.get(word, 0) + 1))


def stem(word: str) -> str:
    """The word without a plural's ending: SERVICES and SERVICE, PROPERTIES and PROPERTY are one."""
    if len(word) < 4 or word[-1] != "S" or word[-2] in "SUI":
        return word
    return word[:-3] + "Y" if word.endswith("IES") and len(word) > 5 else word[:-1]


@lru_cache(maxsize=1)
def words() -> Words:
    """The shipped words, read once. Raises OrdinanceError when a data file is broken."""
    data = load_yaml(DATA / "words.yaml", WordData)
    spelling = {stem(short.replace(" ", "")): one for name, shorts in data.spellings.items()
                for one in [stem(name.replace(" ", ""))] for short in (*shorts, name)}
    spelling |= {short: spelling[stem(short)] for shorts in data.spellings.values() for short in shorts
                 if " " not in short}

    def one(word: str) -> str:
        plain = word.replace(" ", "")
        return spelling.get(plain) or spelling.get(stem(plain)) or stem(plain)

    kinds = {one(word): Kind.PLACE for word in data.places}
    trades: dict[str, int] = {}
    for number, listed in enumerate(data.trades.values(), start=1):
        for word in listed:
            trades.setdefault(one(word), number)
    kinds |= dict.fromkeys(trades, Kind.TRADE)
    kinds |= {one(word): Kind.STRUCTURE for word in data.structure}
    counts, total = _rarity()
    forms = _forms(data)
    return Words(
        spelling=spelling, empty=frozenset(data.empty), forms=forms,
        form_ends=frozenset(form[-1] for form in forms),
        sure_forms=frozenset({"INC", "INCORPORATED", "LLC", "CORP", "CORPORATION", "LTD", "PLLC", "LLP", "GMBH"}),
        shares=frozenset(data.share_words), kinds=kinds, trades=trades, trade_names=tuple(data.trades),
        ordinary=_ordinary(), counts=counts, names=total,
    )


def _forms(data: WordData) -> dict[tuple[str, ...], str]:
    """Legal forms by their words: cleanco's, without those that are ordinary words here, and ours."""
    barred = frozenset(data.not_forms)
    found: dict[tuple[str, ...], str] = {}
    listed = [term for group in (termdata.terms_by_type, termdata.terms_by_country) for terms in group.values()
              for term in terms]
    for term in listed:
        upper = term.upper()
        if not upper.isascii():
            continue
        joined = _PUNCTUATION.sub("", upper.replace(".", ""))
        spaced = tuple(word for word in _PUNCTUATION.split(upper.replace(".", "")) if word)
        if joined in barred or len(joined) < 2:
            continue
        found.setdefault(spaced, joined)
        found.setdefault((joined,), joined)
    for form, spellings in data.forms.items():
        for written in (*spellings, form):
            found[tuple(written.split())] = form
    return {form: name for form, name in found.items() if form not in {(word,) for word in barred}}


@lru_cache(maxsize=1)
def _rarity() -> tuple[dict[str, int], int]:
    with (DATA / "rarity.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return {word: int(count) for word, count in rows[2:]}, int(rows[0][1])


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    lines = (DATA / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
