"""What two readings of names have in common and what not, as numbers a scorecard can add up. Symmetric by make.

Belongs here: the facts of a pair, whole arrays at once. Does not belong here: which words are met (alignment), their
weights (scorecard), reasons in words (reasons).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from entities.matching.alignment import Side, align
from entities.matching.encoding import Names, Vocabulary
from entities.matching.words import Kind

I64 = NDArray[np.int64]
F32 = NDArray[np.float32]
Column = NDArray[Any]  # float32 or bool, one value a pair

FEATURES: Final = (
    "shared", "rarest", "whole", "part", "left_more", "left_less", "rarest_left", "rarest_left_less",
    "both_left", "structure_left", "trade_left", "trade_clash", "trade_same", "place_left", "place_both",
    "same_words", "same_letters", "letters", "letters_low", "first", "first_lone", "similar", "initials", "form_same",
    "form_clash", "form_missing", "number_clash", "one_word", "one_word_rarity", "nothing", "generic_only",
    "contained", "contained_rarity", "head_contained", "common_first", "lone_left", "lone_left_rarity",
    "ordinary_only", "ordinary_left",
)


def features(a: Names, b: Names, left: I64, right: I64, vocabulary: Vocabulary) -> F32:
    """(pairs, features) of readings ``left`` of ``a`` and ``right`` of ``b``; swapping the sides changes nothing."""
    known = vocabulary.arrays()
    one, two = Side(a, left, known), Side(b, right, known)
    align(one, two, known)
    out: dict[str, Column] = {}
    _shares(out, one, two)
    _rests(out, one, two)
    _kinds(out, one, two)
    _letters(out, a, b, left, right)
    _forms(out, a.form[left], b.form[right])
    _shape(out, one, two)
    table = np.empty((len(left), len(FEATURES)), np.float32)
    for at, name in enumerate(FEATURES):
        table[:, at] = out[name]
    table[(one.count == 0) | (two.count == 0)] = 0
    return table


def _shares(out: dict[str, Column], one: Side, two: Side) -> None:
    """How much both say: in bits of rarity, and as a share of each."""
    got_a, got_b = (one.rarity * one.near).sum(0), (two.rarity * two.near).sum(0)
    cover_a, cover_b = _over(got_a, one.rarity.sum(0)), _over(got_b, two.rarity.sum(0))
    shared = (got_a + got_b) / 2
    out["shared"] = np.minimum(shared, 40) / 10
    out["rarest"] = np.minimum((one.rarity * one.met).max(0), (two.rarity * two.met).max(0)) / 10
    out["whole"], out["part"] = np.minimum(cover_a, cover_b), np.maximum(cover_a, cover_b)
    out["nothing"] = shared == 0
    distinct = (one.met & (one.kind == Kind.NAME)).any(0) & (two.met & (two.kind == Kind.NAME)).any(0)
    out["generic_only"] = ~distinct & (shared > 0)
    out["similar"] = one.alike | two.alike


def _rests(out: dict[str, Column], one: Side, two: Side) -> None:
    """What only one of them says, of words that tell who it is."""
    name_a = one.rarity * (one.rest & (one.kind == Kind.NAME))
    name_b = two.rarity * (two.rest & (two.kind == Kind.NAME))
    left_a, left_b = name_a.sum(0), name_b.sum(0)
    out["left_more"], out["left_less"] = np.maximum(left_a, left_b) / 10, np.minimum(left_a, left_b) / 10
    top_a, top_b = name_a.max(0), name_b.max(0)
    out["rarest_left"], out["rarest_left_less"] = np.maximum(top_a, top_b) / 10, np.minimum(top_a, top_b) / 10
    any_a, any_b = np.asarray(one.rest.any(0)), np.asarray(two.rest.any(0))
    out["both_left"] = any_a & any_b
    out["same_words"] = ~any_a & ~any_b & (one.count > 0)
    out["number_clash"] = np.asarray((one.digits & one.rest).any(0) | (two.digits & two.rest).any(0))
    contained = (any_a ^ any_b) & ~out["nothing"]
    out["contained"], out["contained_rarity"] = contained, contained * out["rarest"]


def _kinds(out: dict[str, Column], one: Side, two: Side) -> None:
    """What kinds of words stand in one name only: structure, trades that clash or agree, places."""
    def count(side: Side, kind: Kind) -> Column:
        return np.asarray((side.rest & (side.kind == kind)).sum(0))

    out["structure_left"] = np.asarray(np.maximum(count(one, Kind.STRUCTURE), count(two, Kind.STRUCTURE)))
    bits_a, bits_b = (np.bitwise_or.reduce(np.where(side.rest, side.trade, 0), axis=0) for side in (one, two))
    out["trade_left"] = np.asarray((bits_a > 0) ^ (bits_b > 0))
    out["trade_same"] = np.asarray((bits_a & bits_b) > 0)
    out["trade_clash"] = np.asarray((bits_a > 0) & (bits_b > 0) & ~out["trade_same"])
    place_a, place_b = np.asarray(count(one, Kind.PLACE) > 0), np.asarray(count(two, Kind.PLACE) > 0)
    out["place_left"], out["place_both"] = place_a ^ place_b, place_a & place_b


def _letters(out: dict[str, Column], a: Names, b: Names, left: I64, right: I64) -> None:
    """How alike the names are letter by letter, spaces aside (0.6 and less counts against)."""
    alike = process.cpdist(a.compact[left], b.compact[right], scorer=Indel.normalized_similarity, dtype=np.float32)
    out["same_letters"] = alike == 1.0
    out["letters"] = np.maximum(alike - np.float32(0.6), 0) * np.float32(2.5)
    out["letters_low"] = np.maximum(np.float32(0.6) - alike, 0) * np.float32(2.5)


def _forms(out: dict[str, Column], fa: NDArray[np.int8], fb: NDArray[np.int8]) -> None:
    out["form_same"] = (fa == fb) & (fa > 0)
    out["form_clash"] = (fa != fb) & (fa > 0) & (fb > 0)
    out["form_missing"] = (fa == 0) ^ (fb == 0)


def _shape(out: dict[str, Column], one: Side, two: Side) -> None:
    """Whether they begin alike, and whether one of them is a single word or initials."""
    first = one.met[0] & two.met[0]
    out["first"] = first
    out["first_lone"] = first & (np.minimum(one.met.sum(0), two.met.sum(0)) == 1)
    out["head_contained"] = out["contained"] & first
    out["common_first"] = first * np.maximum(0, 1 - np.minimum(one.rarity[0], two.rarity[0]) / 10)
    lone = np.minimum(one.count, two.count) == 1
    out["one_word"], out["one_word_rarity"] = lone, lone * out["rarest"]
    named = np.minimum((one.met & (one.kind == Kind.NAME)).sum(0), (two.met & (two.kind == Kind.NAME)).sum(0))
    out["lone_left"] = out["both_left"] & (named == 1)
    out["lone_left_rarity"] = out["lone_left"] * np.maximum(0, 1 - out["rarest"])
    telling = (one.met & (one.kind == Kind.NAME) & ~one.ordinary).any(0) & (
        two.met & (two.kind == Kind.NAME) & ~two.ordinary).any(0)
    out["ordinary_only"] = ~telling & (named > 0)
    out["ordinary_left"] = out["ordinary_only"] & out["both_left"]
    out["initials"] = np.maximum(one.initials_of(two), two.initials_of(one))


def _over(part: F32, whole: F32) -> F32:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
