"""Decides, from title, summary and keywords, which announced articles are fetched. Recall first (§8).

Belongs here: matching phrases of words. Does not belong here: the phrases (discovery.yaml, ordinance/*.yaml), or any
judgement of an article (nlp).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from crawlers.news.discovery import discovery
from crawlers.news.outlets import outlets
from ordinance.agencies import agencies
from ordinance.phrases import Pattern, fold, parse
from ordinance.products import products

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MAX_WORDS: Final = 12
_LETTERS: Final = 3  # phrases.parse wants so many letters of every prefix


def passes(said: str, outlet: str | None = None) -> tuple[str, ...] | None:
    """The words for which an article is fetched, None when it is not. An outlet with gate 'all' passes whatever
    it publishes (then the words may be none)."""
    found = tuple(gate().words(said))[:_MAX_WORDS]
    if found:
        return found
    listed = outlets().by_id.get(outlet or "")
    return () if listed is not None and listed.gate == "all" else None


class Gate:
    """Phrases to look for; ``words`` gives those a text has, as it writes them."""

    def __init__(self, phrases: Iterable[str], cased: Iterable[str]) -> None:
        self._by_word: dict[str, list[Pattern]] = defaultdict(list)
        self._by_prefix: dict[str, list[tuple[str, Pattern]]] = defaultdict(list)  # by the prefix's first letters
        for phrase in dict.fromkeys(phrases):
            for pattern in parse(phrase):
                for word in pattern[0].words:
                    self._by_word[word].append(pattern)
                for prefix in pattern[0].prefixes:
                    self._by_prefix[prefix[:_LETTERS]].append((prefix, pattern))
        marks = sorted(set(cased), key=len, reverse=True)
        self._cased = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, marks)) + r")(?![\w-]|\.\w)")

    def words(self, text: str) -> list[str]:
        """The words found, each once, in the text's order."""
        tokens = [(fold(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]
        folded = [token[0] for token in tokens]
        found = [(m.start(), m[0]) for m in self._cased.finditer(text)]
        for at, word in enumerate(folded):
            patterns = self._by_word.get(word, ())
            beginnings = self._by_prefix.get(word[:_LETTERS], ())
            for pattern in (*patterns, *(p for prefix, p in beginnings if word.startswith(prefix))):
                end = _read(pattern, folded, at)
                if end is not None:
                    found.append((tokens[at][1], text[tokens[at][1]: tokens[end - 1][2]]))
        return list(dict.fromkeys(words for _, words in sorted(found)))


def _read(pattern: Pattern, words: list[str], at: int) -> int | None:
    """Where the pattern ends that begins at a word, None when it does not stand there."""
    if not pattern:
        return at
    part = pattern[0]
    if part.gap:
        ends = (_read(pattern[1:], words, at + skip) for skip in range(part.gap + 1))
        return next((end for end in ends if end is not None), None)
    if at >= len(words) or not part.reads(words[at]):
        return None
    return _read(pattern[1:], words, at + 1)


@lru_cache(maxsize=1)
def gate() -> Gate:
    """The gate from discovery.yaml and the ordinance's agencies, products and makers."""
    given = discovery().gate
    listed = [a for a in agencies() if a.counts == "always"]
    goods = products()
    left_out = set(given.makers_left_out)
    phrases = [
        *(phrase for phrases in given.words.values() for phrase in phrases),
        *(_words(name) for a in listed for name in (a.name, *a.aliases, *a.words) if " " in name),
        *(alias for p in goods.products if not p.needs for alias in p.aliases),
        *(name for m in goods.makers if m.category for name in m.names if name not in left_out),
    ]
    return Gate(phrases, [*given.cased, *(mark for a in listed for mark in a.abbreviations if len(mark) > 2)])


def _words(name: str) -> str:
    return " ".join(_WORD.findall(name))
