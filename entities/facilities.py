"""Finds places of detention in texts by name and state: awards and notices name the place, seldom who runs it.

Belongs here: matching names of published lists in a text. Does not belong here: reading lists (crawlers.facilities),
what a text says about a place (nlp), joining tables (warehouse).

A name is matched word by word whatever its case, punctuation and usual abbreviations (CTR, DET, FAC, CO, SPC). A name
that is ordinary by itself ('County Jail'), or that stands in several states, counts only where the state is said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import ahocorasick_rs

from records.ids import facility_key
from records.places import STATES

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPELLED: Final[Mapping[str, str]] = {
    "CTR": "CENTER", "CNTR": "CENTER", "CENTRE": "CENTER", "CTRS": "CENTER", "DET": "DETENTION",
    "DTN": "DETENTION", "DETN": "DETENTION", "FAC": "FACILITY", "FCLTY": "FACILITY", "FACIL": "FACILITY",
    "PROC": "PROCESSING", "PROCESS": "PROCESSING", "PROCES": "PROCESSING", "CORR": "CORRECTIONAL",
    "CORREC": "CORRECTIONAL", "CORRECTIONS": "CORRECTIONAL", "CORRECTION": "CORRECTIONAL", "INST": "INSTITUTION",
    "INSTITUTE": "INSTITUTION", "CNTY": "COUNTY", "CTY": "COUNTY", "CO": "COUNTY", "DEPT": "DEPARTMENT",
    "SHERIFFS": "SHERIFF", "SHERIFF'S": "SHERIFF", "SVC": "SERVICE", "SVCS": "SERVICE", "SERVICES": "SERVICE",
    "FED": "FEDERAL", "REG": "REGIONAL", "REGL": "REGIONAL", "RES": "RESIDENTIAL", "FAM": "FAMILY",
    "IMM": "IMMIGRATION", "CONTR": "CONTRACT", "N": "NORTH", "S": "SOUTH", "ST": "SAINT", "FT": "FORT",
    "MT": "MOUNT",
}
_ACRONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "SPC": ("SERVICE", "PROCESSING", "CENTER"), "CDF": ("CONTRACT", "DETENTION", "FACILITY"),
    "IPC": ("ICE", "PROCESSING", "CENTER"), "FRC": ("FAMILY", "RESIDENTIAL", "CENTER"),
}
#: Words that say what kind of place it is, not which.
_GENERIC: Final = frozenset({
    "CENTER", "DETENTION", "FACILITY", "PROCESSING", "CORRECTIONAL", "INSTITUTION", "COUNTY", "JAIL", "PRISON",
    "SERVICE", "ICE", "FEDERAL", "REGIONAL", "RESIDENTIAL", "FAMILY", "IMMIGRATION", "CONTRACT", "STATE", "CITY",
    "DEPARTMENT", "SHERIFF", "POLICE", "OFFICE", "HOLD", "HOLDING", "ROOM", "STAGING", "ANNEX", "COMPLEX", "UNIT",
    "CAMP", "HOUSE", "OF", "THE", "AND", "FOR", "AT", "JUVENILE", "ADULT", "NORTH", "SOUTH", "EAST", "WEST",
    "CENTRAL", "NEW", "MAIN", "US", "BUREAU", "DIVISION", "PARISH", "BOROUGH", "TRANSITIONAL", "JUSTICE",
    "PUBLIC", "SAFETY", "LAW", "ENFORCEMENT", "SECURE", "CORRECTIONALS", "HOTEL", "INN", "HOSPITAL", "MEDICAL",
    "DISTRICT",
})
_KIND: Final = frozenset({
    "CENTER", "DETENTION", "FACILITY", "PROCESSING", "CORRECTIONAL", "INSTITUTION", "JAIL", "PRISON",
    "RESIDENTIAL", "STAGING", "ANNEX", "COMPLEX", "SPC", "CDF",
})


class Place(NamedTuple):
    """A facility of a published list."""

    name: str
    state: str | None = None
    city: str | None = None


@dataclass(frozen=True)
class Mention:
    """A facility named in a text: its key (``records.ids.facility_key``) and where.

    Characters ``start`` to ``end`` of the text are ``words``. ``how``: 'name_and_state' where the state is said or
    given, else 'name'.
    """

    key: str
    start: int
    end: int
    words: str
    how: str


@dataclass(frozen=True)
class _Name:
    place: Place
    key: str
    plain: bool  # ordinary by itself: the state or city must be said
    lone: bool  # one word, often a town's: the state must be said


class FacilityNames:
    """Names of facilities, ready to be looked for. Make it once, use it on every text."""

    def __init__(self, places: Iterable[Place]) -> None:
        by_words: defaultdict[str, dict[str, _Name]] = defaultdict(dict)
        for place in places:
            key = facility_key(place.name, place.state)
            for words in _variants(place.name):
                plain = not any(word not in _GENERIC and not word.isdigit() for word in words)
                lone = len(words) == 1
                if lone and (plain or words[0] in _GENERIC):
                    continue  # one ordinary word names no place
                by_words[_joined(words)].setdefault(key, _Name(place, key, plain, lone))
        self._names = {words: tuple(found.values()) for words, found in by_words.items()}
        self._patterns = sorted(self._names)
        self._search = ahocorasick_rs.AhoCorasick(self._patterns) if self._patterns else None

    def __bool__(self) -> bool:
        """False where there is no name to look for."""
        return self._search is not None

    def find(self, text: str, *, state: str | None = None, city: str | None = None) -> list[Mention]:
        """Facilities that the text names, in its order, the longest name where several overlap.

        ``state`` and ``city`` are the place of performance, where the record has one: with them, a name that stands in
        several states is that state's. A name whose own state is contradicted by the given one is left out, unless the
        text says its state. Pure; text of any length, in one pass.
        """
        if self._search is None:
            return []
        tokens = list(_tokens(text))
        joined, starts = _stream(tokens)
        said = _states_said(text)
        given = (state or "").strip().upper()
        given = given if given in STATES else next((code for code, name in STATES.items() if name == given), "")
        hits = sorted(((start, end, self._patterns[number]) for number, start, end in
                       self._search.find_matches_as_indexes(joined, overlapping=True)),
                      key=lambda hit: (hit[0], -hit[1]))
        found: list[Mention] = []
        for start, end, words in hits:
            first, last = starts[start + 1], starts[end - 2]  # a space stands at both ends
            begin, stop = tokens[first][1], tokens[last][2]
            if found and begin < found[-1].end:
                continue
            chosen = self._choose(self._names[words], said, given, (city or "").upper(), text.upper())
            if chosen is not None:
                name, how = chosen
                found.append(Mention(name.key, begin, stop, text[begin:stop], how))
        return found

    @staticmethod
    def _choose(names: tuple[_Name, ...], said: set[str], given: str, city: str, text: str) -> tuple[_Name, str] | None:
        """The one facility that a name means here; None when it may be several, or too little is said."""
        def in_city(name: _Name) -> bool:
            own = (name.place.city or "").upper()
            return bool(own) and (own == city or re.search(rf"\b{re.escape(own)}\b", text) is not None)

        near = [name for name in names if name.place.state and (name.place.state == given or name.place.state in said)]
        if len(near) > 1:
            near = [name for name in near if name.place.state == given] or [name for name in near if in_city(name)]
        if len(near) == 1:
            return near[0], "name_and_state"
        if near or (given and all(name.place.state and name.place.state != given for name in names)):
            return None
        alone = names[0] if len(names) == 1 else None
        if alone is not None and not alone.lone and (not alone.plain or in_city(alone)):
            return alone, "name"
        return None


def _variants(name: str) -> Iterator[tuple[str, ...]]:
    """The words of a name, and of its usual shorter forms: without a bracket, and without what follows a dash."""
    seen: set[tuple[str, ...]] = set()
    bracketed = re.findall(r"\(([^()]{3,60})\)", name)
    forms = [name, re.sub(r"\s*\([^()]*\)", " ", name), *(one for one in bracketed if len(one.split()) > 1)]
    for form in forms:
        words = tuple(word for word, _, _ in _tokens(form))
        while words and words[0] in ("THE",):
            words = words[1:]
        if words and words not in seen:
            seen.add(words)
            yield words
    # 'KARNES COUNTY IMMIGRATION PROCESSING CENTER' is called 'Karnes County Processing Center' too
    base = tuple(word for word, _, _ in _tokens(forms[1]))
    short = tuple(word for word in base if word not in ("ICE", "IMMIGRATION", "CONTRACT"))
    if short != base and len(short) >= 3 and short not in seen and _KIND & set(short):
        yield short


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Words in one spelling, with the characters they stand at. An acronym's words share its place."""
    for found in _WORD.finditer(text):
        word = found[0].upper().replace("’", "'")
        if word in _ACRONYMS:
            for one in _ACRONYMS[word]:
                yield one, found.start(), found.end()
        else:
            yield _SPELLED.get(word, word.replace("'", "")), found.start(), found.end()


def _joined(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def _stream(tokens: list[tuple[str, int, int]]) -> tuple[str, list[int]]:
    """The words as one text, and the number of the word at each of its characters (a space is the next word's, at the
    end the last one's)."""
    pieces: list[str] = [" "]
    owner = [0]
    for number, (word, _, _) in enumerate(tokens):
        pieces.append(f"{word} ")
        owner += [number] * (len(word) + 1)
    return "".join(pieces), owner


def _states_said(text: str) -> set[str]:
    """States named in full, or by code in capitals beside a comma ('Pearsall, TX')."""
    said = {match[1] for match in re.finditer(r",\s*([A-Z]{2})\b(?!\w)", text) if match[1] in STATES}
    said |= {match[1] for match in re.finditer(r"\b([A-Z]{2})\s+\d{5}\b", text) if match[1] in STATES}
    words = [found[0].upper() for found in _WORD.finditer(text)]
    pairs = {*words, *(f"{a} {b}" for a, b in pairwise(words)), *(" ".join(three) for three in zip(
        words, words[1:], words[2:], strict=False))}
    return said | {code for code, name in STATES.items() if name in pairs}
