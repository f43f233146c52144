"""Why a pair has its bits, in words: the scorecard's weights gathered under a few headings that add up to the score.

Belongs here: those sentences. Does not belong here: deciding anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from entities.matching.encoding import Names, Vocabulary
from entities.matching.features import FEATURES
from entities.matching.scorecard import Scorecard

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "shared": ("shared", "rarest", "whole", "part", "generic_only", "nothing", "common_first", "similar", "one_word",
               "one_word_rarity", "contained", "contained_rarity", "head_contained", "same_words",
               "ordinary_only"),
    "first": ("first", "first_lone"),
    "letters": ("same_letters", "letters", "letters_low"),
    "left": ("left_more", "left_less", "rarest_left", "rarest_left_less", "both_left", "structure_left",
             "number_clash", "lone_left", "lone_left_rarity", "ordinary_left"),
    "trade": ("trade_left", "trade_clash", "trade_same"),
    "place": ("place_left", "place_both"),
    "initials": ("initials",),
    "form": ("form_same", "form_clash", "form_missing"),
}
assert sorted(name for names in _HEADINGS.values() for name in names) == sorted(FEATURES)


@dataclass(frozen=True)
class Reason:
    """One part of a score: its bits (more than 0 speaks for one company) and the words for it."""

    bits: float
    words: str

    def __str__(self) -> str:
        """'the same letters (+3.7)': words first, since a cell that begins with a sign is a formula."""
        return f"{self.words} ({self.bits:+.1f})"


def explain(scorecard: Scorecard, row: NDArray[np.float32], a: Names, b: Names, at: int, to: int,
            vocabulary: Vocabulary) -> tuple[Reason, ...]:
    """Reasons of one reading pair, the heaviest first; their bits add up to the pair's bits."""
    one, two = _words(a, at, vocabulary), _words(b, to, vocabulary)
    if not one or not two:
        return (Reason(float(scorecard.start), "one of the names says nothing that could name a company"),)
    both = [word for word in one if word in two]
    rest = [word for word in one if word not in two], [word for word in two if word not in one]
    part = dict(zip(FEATURES, row * scorecard.weights, strict=True))
    value = dict(zip(FEATURES, row, strict=True))
    found = [Reason(float(scorecard.start), "two names met at random")]
    for heading, names in _HEADINGS.items():
        bits = float(sum(part[name] for name in names))
        if abs(bits) >= 0.005 or (heading == "shared" and both):
            found.append(Reason(bits, _sentence(heading, value, both, rest, one, two)))
    kept = sorted(found[1:], key=lambda reason: -abs(reason.bits))
    return (found[0], *kept)


def _words(names: Names, at: int, vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.spelled[number] for number in names.word[at] if number]


def _sentence(heading: str, value: dict[str, np.float32], both: list[str], rest: tuple[list[str], list[str]],
              one: list[str], two: list[str]) -> str:
    only = _either(rest)
    few, many = (one, two) if len(one) < len(two) else (two, one)
    none = "no word is the same" if value["nothing"] or value["similar"] else "one joins what the other writes apart"
    said = f"both say {' '.join(both)}" if both else none
    sentences = {
        "shared": said + (", another one is alike" if value["similar"] else "")
        + (", no distinctive word among them" if value["generic_only"] else ""),
        "first": "both begin alike",
        "letters": "the same letters" if value["same_letters"] else "the letters as a whole are alike"
        if value["letters"] else "the letters as a whole differ",
        "left": f"only one says {only}",
        "trade": ("different trades: " if value["trade_clash"] else "one trade in other words: "
                  if value["trade_same"] else "a trade that only one names: ") + only,
        "place": ("different places: " if value["place_both"] else "a place that only one names: ") + only,
        "initials": f"{' '.join(few)} are the initials of {' '.join(many)}",
        "form": "different kinds of legal form" if value["form_clash"] else "a legal form of the same kind"
        if value["form_same"] else "a legal form that only one states",
    }
    return sentences[heading]


def _either(rest: tuple[list[str], list[str]]) -> str:
    return " / ".join(" ".join(words) for words in sorted(rest) if words) or "a part of a word"
