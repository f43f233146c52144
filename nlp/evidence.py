"""Adds evidence up: signals found in one award, rules that fire, bits, and the services they amount to.

Belongs here: rule evaluation, sums, certainty, kind, the deciding words. Does not belong here: searching text
(``nlp.phrasing``), vocabulary and weights (``ordinance``), entity kind (``nlp.entity``).

For each category: sum = base bits + of every group of rules the strongest one that fires (bits for and against).
``clear`` when the sum without arguable evidence reaches the threshold; ``arguable`` when only the full sum does.
The trained model (``nlp.model``) may add an opinion: where the rules find nothing and little speaks against it, a
strong one surfaces the category as arguable, never clear; it takes nothing away that rules found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.knowledge import Knowledge
from nlp.model.linear import MODEL_RULE, Calibration, Opinion
from ordinance.services import Category, Rule

_MOST_WORDS = 12
_HINT_BITS = 3.0
_MODEL_MARGIN = 0.5  # bits above the threshold that an opinion just strong enough amounts to
_MOST_MODEL = 4.0  # bits above it that the strongest amounts to
_AGAINST = -2.5  # rules that say so much against a category leave the model no say


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal found: field, description index (-1 for other fields), sentence, exact span and words."""

    signal: str
    field: str
    index: int
    sentence: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """Words that decided, the rule they served and their part of its bits (negative speaks against)."""

    text: str
    description: int
    field: str
    start: int
    end: int
    rule: str
    bits: float


@dataclass(frozen=True, slots=True)
class Service:
    """A service found in an award; ``score`` is the probability that the category applies (see docs/reader.md).

    ``bits`` is the sum behind it, base bits included; the words' bits and the base bits add up to it. ``by_model``:
    the trained model alone found it.
    """

    category: str
    kind: str
    certainty: str
    score: float
    product: str | None
    maker: str | None
    facility: str | None
    words: tuple[Word, ...]
    bits: float
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class _Fired:
    rule: Rule
    hits: tuple[Hit, ...]


class Weigher:
    """Evaluates the rules of one body of knowledge; holds no state between awards."""

    def __init__(
        self, known: Knowledge, calibration: Mapping[str, Calibration], surface: Mapping[str, float] | None = None
    ) -> None:
        self._known = known
        self._calibration = calibration
        self._surface = surface or {}
        self._by_trigger: dict[str, list[Rule]] = defaultdict(list)
        for rule in known.rules:
            for trigger in rule.all[:1] or rule.any:
                self._by_trigger[trigger].append(rule)

    def services(self, hits: Sequence[Hit], opinions: Mapping[str, Opinion] | None = None) -> tuple[Service, ...]:
        """All services the hits, and where given the model's opinions, amount to, in the order of the law."""
        facts: dict[str, list[Hit]] = defaultdict(list)
        for hit in hits:
            facts[hit.signal].append(hit)
            for parent in self._known.parents.get(hit.signal, ()):
                facts[parent].append(hit)
        fired: dict[str, list[_Fired]] = defaultdict(list)
        for rule in {r.id: r for name in facts for r in self._by_trigger.get(name, ())}.values():
            outcome = _fire(rule, facts)
            if outcome is not None:
                fired[rule.category].append(outcome)
        found = (self._weigh(category, fired.get(category.id, []), facts)
                 or self._surfaced(category, fired.get(category.id, []), facts, (opinions or {}).get(category.id))
                 for category in self._known.law.categories)
        return tuple(service for service in found if service is not None)

    def _surfaced(
        self, category: Category, fired: list[_Fired], facts: Mapping[str, list[Hit]], opinion: Opinion | None
    ) -> Service | None:
        """What only the model finds: arguable, with the words its opinion rests on."""
        if opinion is None or not opinion.features or opinion.bits < self._surface[category.id]:
            return None
        against = sum(item.rule.bits for item in _strongest([f for f in fired if f.rule.bits < 0]))
        if against <= _AGAINST:
            return None
        above = min(_MODEL_MARGIN + opinion.bits - self._surface[category.id], _MOST_MODEL)
        bits = self._known.law.thresholds.arguable + above
        words = _model_words(category.id, opinion, bits - category.base_bits)
        return Service(category.id, _kind(category, [f for f in fired if f.rule.bits > 0], facts), "arguable",
                       self._score("model", bits), None, None,
                       self._facility(facts) if category.id == "detention" else None, words, bits, True)

    def _score(self, how: str, bits: float) -> float:
        return round(self._calibration[how].probability(bits), 4)

    def _weigh(self, category: Category, fired: list[_Fired], facts: Mapping[str, list[Hit]]) -> Service | None:
        if not fired:
            return None
        limits = self._known.law.thresholds
        kept = _strongest([f for f in fired if f.rule.bits > 0 or f.rule.certainty == "clear"])
        total = category.base_bits + sum(item.rule.bits for item in kept)
        clear_kept = _strongest([item for item in fired if item.rule.certainty == "clear" or item.rule.bits < 0])
        clear_total = category.base_bits + sum(item.rule.bits for item in clear_kept)
        if clear_total >= limits.clear:
            certainty, counted, bits = "clear", clear_kept, max(total, clear_total)
        elif total >= limits.arguable:
            certainty, counted, bits = "arguable", kept, total
        else:
            return None
        product_id, maker = self._product(category.id, fired)
        return Service(category.id, _kind(category, counted, facts), certainty,
                       self._score(certainty, bits), product_id, maker,
                       self._facility(facts) if category.id == "detention" else None, _words(counted), bits)

    def _product(self, category: str, fired: Iterable[_Fired]) -> tuple[str | None, str | None]:
        """The strongest product named and its maker's name."""
        best: tuple[float, str] | None = None
        for item in fired:
            product = self._known.products.get(item.rule.id)
            if product is not None and product.category == category:
                best = max(best or (0.0, ""), (product.bits, item.rule.id))
        if best is None:
            return None, None
        product = self._known.products[best[1]]
        return product.id, product.maker

    def _facility(self, facts: Mapping[str, list[Hit]]) -> str | None:
        for name in facts:
            if name in self._known.facilities:
                return self._known.facilities[name].name
        return None


def _fire(rule: Rule, facts: Mapping[str, list[Hit]]) -> _Fired | None:
    """The rule with the hits that made it fire, or None."""
    if any(name not in facts for name in rule.all) or (rule.any and not any(name in facts for name in rule.any)):
        return None
    if rule.within == "award":
        return None if any(name in facts for name in rule.none) else _Fired(rule, _hits(rule, facts))
    for place in _places(rule, facts):
        here = {name: [h for h in facts[name] if h.index < 0 or _place(rule, h) == place]
                for name in (*rule.all, *rule.any, *rule.none) if name in facts}
        if all(here.get(name) for name in rule.all) and (not rule.any or any(here.get(n) for n in rule.any)) \
                and not any(here.get(name) for name in rule.none):
            return _Fired(rule, _hits(rule, here))
    return None


def _place(rule: Rule, hit: Hit) -> tuple[int, int]:
    return (hit.index, hit.sentence if rule.within == "sentence" else 0)


def _places(rule: Rule, facts: Mapping[str, list[Hit]]) -> list[tuple[int, int]]:
    return sorted({_place(rule, hit) for name in (*rule.all, *rule.any) for hit in facts.get(name, ())
                   if hit.index >= 0})


def _hits(rule: Rule, facts: Mapping[str, list[Hit]]) -> tuple[Hit, ...]:
    """One hit a required signal, and of the alternatives the ones present: one each, first seen."""
    chosen = [facts[name][0] for name in rule.all if facts.get(name)]
    chosen += [facts[name][0] for name in rule.any if facts.get(name)]
    return tuple(dict.fromkeys(chosen))


def _strongest(fired: Iterable[_Fired]) -> list[_Fired]:
    """Of each group the rule with the most bits for, and the one with the most against; the rest all."""
    best: dict[tuple[str, bool], _Fired] = {}
    for item in sorted(fired, key=lambda f: f.rule.id):
        slot = (item.rule.group or item.rule.id, item.rule.bits > 0)
        rival = best.get(slot)
        if rival is None or abs(item.rule.bits) > abs(rival.rule.bits):
            best[slot] = item
    return list(best.values())


def _kind(category: Category, counted: Iterable[_Fired], facts: Mapping[str, list[Hit]]) -> str:
    votes: dict[str, float] = defaultdict(float)
    for item in counted:
        if item.rule.kind is not None and item.rule.bits > 0:
            votes[item.rule.kind] += item.rule.bits / 2
    for kind in category.kinds:
        votes[kind.id] += _HINT_BITS * sum(1 for name in kind.hints if name in facts)
    order = {kind.id: -position for position, kind in enumerate(category.kinds)}
    return max(votes, key=lambda name: (votes[name], order[name]))


def _model_words(category: str, opinion: Opinion, bits: float) -> tuple[Word, ...]:
    """The words the model's opinion rests on, its bits shared out by their weights."""
    whole = sum(weight for _, weight in opinion.features)
    rule = f"{MODEL_RULE}{category}"
    return tuple(Word(f.text, f.index, f.field, f.start, f.end, rule, round(bits * weight / whole, 3))
                 for f, weight in opinion.features)


def _words(counted: Iterable[_Fired]) -> tuple[Word, ...]:
    """The deciding words, strongest first; a rule's bits are shared by its words, so that they add up."""
    made: list[Word] = []
    for item in counted:
        share = item.rule.bits / max(1, len(item.hits))
        made += [Word(h.text, h.index, h.field, h.start, h.end, item.rule.id, round(share, 3)) for h in item.hits]
    made.sort(key=lambda w: (-abs(w.bits), w.description, w.start, w.rule))
    return tuple(made[:_MOST_WORDS])
