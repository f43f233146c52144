"""Finds phrases in text: a cheap many-pattern gate first, spaCy's matchers only where it opens.

Belongs here: compiling the ordinance's phrases to spaCy patterns and returning exact spans. Does not belong here:
the phrases (``ordinance``), what a find is worth (``nlp.evidence``).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import ahocorasick_rs
import spacy
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc

from nlp.text import END, Speller, Words, words
from ordinance.phrases import Part, Pattern, parse

_CACHED_TEXTS = 60_000
_CACHED_LENGTH = 20_000  # characters; longer texts hardly ever come twice, and would fill the memory


@dataclass(frozen=True, slots=True)
class Find:
    """A phrase found: the key it belongs to, its character span in the text, and the sentence it stands in."""

    key: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True)
class Vocabulary:
    """Phrases of one key, the longer phrases inside which they do not count, and whether they must come first."""

    phrases: tuple[str, ...]
    never: tuple[str, ...] = ()
    anchored: bool = False


@dataclass
class _Compiled:
    literal: list[tuple[str, ...]] = field(default_factory=list)
    patterned: list[Pattern] = field(default_factory=list)


class Finder:
    """Searches one kind of text (descriptions, recipient names, ...) for the phrases of many keys.

    Thread-unsafe like spaCy's matchers; each process builds its own.
    """

    def __init__(self, vocabulary: Mapping[str, Vocabulary], speller: Speller | None = None) -> None:
        self._nlp = spacy.blank("en")
        self._never = frozenset(key for key, entry in vocabulary.items() if entry.never)
        self._anchored = frozenset(key for key, entry in vocabulary.items() if entry.anchored)
        compiled = {name: _compile(phrases) for key, entry in vocabulary.items()
                    for name, phrases in ((key, entry.phrases), (f"!{key}", entry.never)) if phrases}
        self._literals = PhraseMatcher(self._nlp.vocab, attr="ORTH")
        self._matchers: dict[str, Matcher] = {}
        opens: dict[str, set[str]] = {}
        for name, entry in compiled.items():
            if entry.literal:
                self._literals.add(name, [Doc(self._nlp.vocab, words=list(pattern)) for pattern in entry.literal])
                for literal in entry.literal:
                    opens.setdefault(f" {max(literal, key=len)} ", set()).add("")
            if entry.patterned:
                matcher = Matcher(self._nlp.vocab)
                matcher.add(name, [[_token(part) for part in pattern] for pattern in entry.patterned])
                self._matchers[name] = matcher
                for pattern in entry.patterned:
                    for anchor in anchors(pattern):
                        opens.setdefault(anchor, set()).add(name)
        self._anchors = list(opens)
        self._opens = [opens[anchor] for anchor in self._anchors]
        self._gate = ahocorasick_rs.AhoCorasick(self._anchors) if self._anchors else None
        self._speller = speller
        self._remembered = lru_cache(maxsize=_CACHED_TEXTS)(self._find)

    def find(self, text: str) -> tuple[Find, ...]:
        """All finds in the text, in order. Same text, same answer; remembered for the most recent texts."""
        return self._remembered(text) if len(text) <= _CACHED_LENGTH else self._find(text)

    def _find(self, text: str) -> tuple[Find, ...]:
        if self._gate is None or not text:
            return ()
        cut = words(text, self._speller)
        hits = self._gate.find_matches_as_indexes(cut.joined(), overlapping=True)
        names: set[str] = set()
        for index in {hit[0] for hit in hits}:
            names |= self._opens[index]
        if not names:
            return ()
        with self._nlp.vocab.memory_zone() if hasattr(self._nlp.vocab, "memory_zone") else self._nlp.memory_zone():
            spans = self._spans(cut, names)
        return self._finds(cut, spans)

    def _spans(self, cut: Words, names: set[str]) -> dict[str, list[tuple[int, int]]]:
        doc = Doc(self._nlp.vocab, words=list(cut.folded))
        spans: dict[str, list[tuple[int, int]]] = {}
        strings = self._nlp.vocab.strings
        if "" in names:
            for key, start, end in self._literals(doc):
                spans.setdefault(strings[key], []).append((start, end))
        for name in names - {""}:
            for _, start, end in self._matchers[name](doc):
                spans.setdefault(name, []).append((start, end))
        return {name: _longest(found) for name, found in spans.items()}

    def _finds(self, cut: Words, spans: dict[str, list[tuple[int, int]]]) -> tuple[Find, ...]:
        sentence_of: list[int] = []
        number = 0
        for word in cut.folded:
            sentence_of.append(number)
            number += word == END
        finds: list[Find] = []
        for name, found in spans.items():
            if name.startswith("!"):
                continue
            barred = spans.get(f"!{name}", []) if name in self._never else []
            for start, end in found:
                if _overlaps(barred, start, end):
                    continue
                if name in self._anchored and start > (1 if cut.folded[0] == "the" else 0):
                    continue
                finds.append(Find(name, cut.starts[start], cut.ends[end - 1], sentence_of[start]))
        finds.sort(key=lambda f: (f.start, f.end, f.key))
        return tuple(finds)


def _compile(phrases: tuple[str, ...]) -> _Compiled:
    compiled = _Compiled()
    for phrase in phrases:
        for pattern in parse(phrase):
            if all(len(part.words) == 1 and not part.prefixes for part in pattern):
                compiled.literal.append(tuple(part.words[0] for part in pattern))
            else:
                compiled.patterned.append(pattern)
    return compiled


def _token(part: Part) -> dict[str, object]:
    if part.gap:
        return {"ORTH": {"NOT_IN": [END]}, "OP": f"{{0,{part.gap}}}"}
    if len(part.words) == 1 and not part.prefixes:
        return {"ORTH": part.words[0]}
    if not part.prefixes:
        return {"ORTH": {"IN": list(part.words)}}
    return {"ORTH": {"REGEX": "^(?:" + "|".join([*(f"{w}$" for w in part.words), *part.prefixes]) + ")"}}


def anchors(pattern: Pattern) -> list[str]:
    """Strings of which one stands in the joined text whenever the pattern matches: the most telling part's."""
    def cost(part: Part) -> tuple[int, int]:
        return (len(part.words) + len(part.prefixes), -min(len(w) for w in (*part.words, *part.prefixes)))

    best = min((part for part in pattern if not part.gap), key=cost)
    return [*(f" {word} " for word in best.words), *(f" {prefix}" for prefix in best.prefixes)]


def _longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans without those that overlap an earlier or longer one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(set(spans), key=lambda s: (s[0] - s[1], s[0])):
        if not _overlaps(kept, start, end):
            insort(kept, (start, end))
    return kept


def _overlaps(apart: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a span meets one of ``apart``, which are in order and do not meet each other."""
    after = bisect_left(apart, (end, 0))  # the first that begins at or beyond the end
    return after > 0 and apart[after - 1][1] > start
