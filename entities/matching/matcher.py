"""Whether two names, or two records, are one company: bits, an outcome and reasons. The way in for other rooms.

Belongs here: putting features, scorecard, identifiers and caution together. Does not belong here: searching lists
(index), files (files). Everything is symmetric: the order of the two sides never matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from entities.matching.encoding import Names, Vocabulary, encode, joined
from entities.matching.features import features
from entities.matching.identifiers import compare
from entities.matching.pairs import I64, best_rows, reading_pairs
from entities.matching.reasons import Reason, explain
from entities.matching.scorecard import Scorecard, shipped
from entities.matching.words import Kind

_REMEMBERED: Final = 1_000_000  # names of batches kept prepared
_CHUNK: Final = 8_192  # reading pairs compared at once: small enough for the processor's cache
_UNRELATED: Final = -4.0  # bits of names below which one identifier is a question, not an answer
_IDENTIFIED: Final = 12.0  # bits an identifier adds
_DIFFERENT_ID: Final = -2.0


class Outcome(StrEnum):
    """What the matcher says. Only ``same`` may be acted on without a person."""

    SAME = "same"
    REVIEW = "review"
    DIFFERENT = "different"


_SHORT: Final = "a name of one short or ordinary word confirms nothing by itself: a person should look"
_CODES: Final = (Outcome.DIFFERENT, Outcome.REVIEW, Outcome.SAME)


@dataclass(frozen=True)
class Match:
    """Two names compared. ``bits`` is the sum of the reasons' bits; identity only. ``corroboration`` and
    ``contradiction`` (at least 0 each) are what address, state and industry say beside it, never added in."""

    bits: float
    outcome: Outcome
    reasons: tuple[Reason, ...]
    corroboration: float = 0.0
    contradiction: float = 0.0
    notes: tuple[str, ...] = ()
    version: str = ""

    @property
    def same(self) -> bool:
        """The outcome is ``same``."""
        return self.outcome is Outcome.SAME

    @property
    def reason(self) -> str:
        """All reasons as one line of words."""
        return "; ".join([*(str(reason) for reason in self.reasons), *self.notes])


@dataclass(frozen=True)
class Party:
    """A record to compare: a name, identifiers by kind (``identifiers.KINDS``) and what may corroborate."""

    name: str
    ids: Mapping[str, str | None] = field(default_factory=dict)
    address: str | None = None
    state: str | None = None
    industry: str | None = None  # a NAICS code


@dataclass(frozen=True)
class Scores:
    """Many pairs compared: bits, outcome codes (0 different, 1 review, 2 same), and which readings said so."""

    bits: NDArray[np.float32]
    code: NDArray[np.int8]
    rows_a: I64  # the readings that agree best
    rows_b: I64

    def outcomes(self) -> list[Outcome]:
        """The outcomes as words."""
        return [_CODES[code] for code in self.code]

    @property
    def same(self) -> NDArray[np.bool_]:
        """Where the outcome is ``same``."""
        found: NDArray[np.bool_] = self.code == 2
        return found


class Matcher:
    """Compares names by one scorecard. Keeps a vocabulary that grows; use one for many calls, in one thread."""

    def __init__(self, scorecard: Scorecard | None = None) -> None:
        self.scorecard = scorecard or shipped()
        self.vocabulary = Vocabulary()
        self._places: dict[str | None, int] = {}
        self._names = self.encode([])

    @property
    def version(self) -> str:
        """Names the weights and thresholds, for judgements to cite."""
        return self.scorecard.version

    def encode(self, names: Sequence[str | None]) -> Names:
        """Names prepared once for any number of comparisons."""
        return encode(names, self.vocabulary)

    def score(self, a: str | None, b: str | None) -> Match:
        """One pair of names, with reasons in words. ``score(a, b) == score(b, a)``."""
        return next(self.explain_many([a], [b]))

    def explain_many(self, a: Sequence[str | None], b: Sequence[str | None]) -> Iterator[Match]:
        """Pairs a[i], b[i] in their order, each with its reasons; ten times the work of ``score_many``."""
        for at in range(0, len(a), _CHUNK):
            sides = [sorted((one or "", two or "")) for one, two in zip(a[at : at + _CHUNK], b[at : at + _CHUNK],
                                                                        strict=True)]
            left, right = self.encode([one for one, _ in sides]), self.encode([two for _, two in sides])
            every = np.arange(len(sides))
            rows_a, rows_b, owner = reading_pairs(left, right, every, every)
            table = features(left, right, rows_a, rows_b, self.vocabulary)
            best = best_rows(self.scorecard.bits(table), owner)
            table, rows_a, rows_b = table[best], rows_a[best], rows_b[best]
            bits, short = self.scorecard.bits(table), self._short(left, right, rows_a, rows_b)
            for row, code in enumerate(self._codes(bits, short)):
                reasons = explain(self.scorecard, table[row], left, right, int(rows_a[row]), int(rows_b[row]),
                                  self.vocabulary)
                notes = (_SHORT,) if short[row] and bits[row] >= self.scorecard.same else ()
                yield Match(round(float(bits[row]), 3), _CODES[int(code)], reasons, notes=notes, version=self.version)

    def score_many(self, a: Sequence[str | None], b: Sequence[str | None]) -> Scores:
        """Pairs a[i], b[i]; a name is read once, over calls too. Raises ValueError when the lengths differ."""
        if len(a) != len(b):
            raise ValueError(f"score_many: {len(a)} names beside {len(b)}")
        self._remember(a, b)
        left = np.fromiter(map(self._places.__getitem__, a), np.int64, len(a))
        right = np.fromiter(map(self._places.__getitem__, b), np.int64, len(b))
        return self.score_encoded(self._names, self._names, left, right)

    def _remember(self, a: Sequence[str | None], b: Sequence[str | None]) -> None:
        """Prepares the names not met before; forgets all when there are very many."""
        new = [name for name in dict.fromkeys(chain(a, b)) if name not in self._places]
        if len(self._places) + len(new) > _REMEMBERED:
            self._places, self._names = {}, self.encode([])
            new = list(dict.fromkeys(chain(a, b)))
        if new:
            self._places.update(zip(new, range(len(self._names), len(self._names) + len(new)), strict=True))
            self._names = joined(self._names, self.encode(new))

    def score_encoded(self, a: Names, b: Names, left: I64, right: I64) -> Scores:
        """Pairs of prepared names: name ``left[i]`` of ``a`` with name ``right[i]`` of ``b``."""
        bits, code = np.empty(len(left), np.float32), np.empty(len(left), np.int8)
        at_a, at_b = np.empty(len(left), np.int64), np.empty(len(left), np.int64)
        # pairs of short names together: the work of a chunk grows with its longest names
        order = np.argsort(a.count[a.first[left]].astype(np.int32) * b.count[b.first[right]], kind="stable")
        for at in range(0, len(left), _CHUNK):
            part = order[at : at + _CHUNK]
            rows_a, rows_b, owner = reading_pairs(a, b, left[part], right[part])
            value = self.scorecard.bits(features(a, b, rows_a, rows_b, self.vocabulary))
            best = best_rows(value, owner)
            bits[part] = value[best]
            at_a[part], at_b[part] = rows_a[best], rows_b[best]
            code[part] = self._codes(value[best], self._short(a, b, at_a[part], at_b[part]))
        return Scores(bits, code, at_a, at_b)

    def score_parties(self, a: Party, b: Party) -> Match:
        """Two records: identifiers first, then names; address, state and industry beside them as separate numbers."""
        named = self.score(a.name, b.name)
        ids = compare(a.ids, b.ids)
        reasons, outcome = list(named.reasons), named.outcome
        notes = list(named.notes)
        if ids.same:
            reasons.insert(0, Reason(_IDENTIFIED, f"the same {' and '.join(kind.upper() for kind in ids.same)}"))
            if ids.firm and named.bits > _UNRELATED and not ids.differ:
                outcome = Outcome.SAME
            else:
                outcome = Outcome.REVIEW
                notes.append("one identifier, but unrelated names: a person should look" if named.bits <= _UNRELATED
                             else "other identifiers disagree, or only a ticker is shared: a person should look")
        elif ids.differ:
            reasons.insert(0, Reason(_DIFFERENT_ID, f"another {' and '.join(kind.upper() for kind in ids.differ)}"))
            outcome = Outcome.REVIEW if outcome is Outcome.SAME else outcome
            notes.append("one name under several identifiers: sites and former registrations are usual")
        support, against, said = _beside(a, b)
        return replace(named, bits=round(sum(reason.bits for reason in reasons), 3), outcome=outcome,
                       reasons=tuple(reasons), corroboration=support, contradiction=against, notes=(*notes, *said))

    def _codes(self, bits: NDArray[np.float32], short: NDArray[np.bool_]) -> NDArray[np.int8]:
        code = np.where(bits >= self.scorecard.same, 2, np.where(bits >= self.scorecard.review, 1, 0)).astype(np.int8)
        return np.where(short & (code == 2), np.int8(1), code)

    def _short(self, a: Names, b: Names, rows_a: I64, rows_b: I64) -> NDArray[np.bool_]:
        """Where all that is shared of a one-word name is a short or ordinary word, the two not filed alike in full."""
        known = self.vocabulary.arrays()
        wa, wb = a.word[rows_a], b.word[rows_b]
        count_a, count_b = (wa > 0).sum(1), (wb > 0).sum(1)
        lone = (count_a == 1) | (count_b == 1)
        weak = known.ordinary | (known.kind != Kind.NAME)
        plain = np.where(count_a == 1, weak[wa[:, 0]], False) | np.where(count_b == 1, weak[wb[:, 0]], False)
        fa, fb = a.form[rows_a], b.form[rows_b]
        filed_alike = (count_a == count_b) & (fa == fb) & (fa > 0)
        found: NDArray[np.bool_] = lone & plain & ~filed_alike
        return found


def _beside(a: Party, b: Party) -> tuple[float, float, list[str]]:
    """(corroboration, contradiction, words) of address, state and industry; each blank on one side says nothing."""
    support, against, said = 0.0, 0.0, []
    for what, one, two, bits_for, bits_against in _facts(a, b):
        if not one or not two:
            continue
        if one == two:
            support += bits_for
            said.append(f"the same {what} ({one.title()}) corroborates")
        else:
            against += bits_against
            said.append(f"another {what} ({one.title()}, {two.title()}) speaks against it")
    return support, against, said


def _facts(a: Party, b: Party) -> Iterator[tuple[str, str, str, float, float]]:
    def plain(value: str | None) -> str:
        return " ".join("".join(char if char.isalnum() else " " for char in (value or "").upper()).split())

    one, two = sorted((a, b), key=lambda party: (party.name, party.address or "", party.state or "",
                                                 party.industry or ""))
    yield "address", plain(one.address), plain(two.address), 8.0, 0.0
    yield "state", plain(one.state), plain(two.state), 2.0, 1.0
    yield "industry", plain(one.industry)[:3], plain(two.industry)[:3], 2.0, 1.5


@lru_cache(maxsize=1)
def shared_matcher() -> Matcher:
    """One matcher for callers that compare now and then."""
    return Matcher()


def match(name_a: str | None, name_b: str | None) -> Match:
    """Two names by the shipped scorecard: ``match('The GEO Group, Inc.', 'GEO GROUP INC').same``."""
    return shared_matcher().score(name_a, name_b)
