"""Which service a linked sentence is about: products, service phrases, facilities, what a known vendor sells.

Belongs here: weighing a sentence's (and its neighbours') signs of a category for one vendor. Does not belong here: how
sure the whole statement is (``scoring``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nlp.prose.mentions import Mention
from nlp.prose.vocabulary import Prior, Service

_NEAR: Final = 60  # characters around the linking words in which a service phrase counts in full
_FAR_SHARE: Final = 0.55
_BESIDE_SHARE: Final = 0.45  # of what stands in a neighbouring sentence
_PRODUCT_BITS: Final = 4.0
_PRIOR_CLEAR: Final = 3.2
_PRIOR_ARGUABLE: Final = 2.2
_FACILITY_BITS: Final = 3.2
_SECOND_MANY: Final = 3  # phrases that make a second category worth showing beside a much stronger one
_SECOND_LEAST: Final = 2.4  # bits that a second category needs


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a category: where it stands (-1: nowhere in the sentence), its rule and bits."""

    category: str
    kind: str
    certainty: str
    bits: float
    source: str  # product, service, facility, prior, beside
    rule: str
    text: str = ""
    start: int = -1
    end: int = -1


@dataclass
class Verdict:
    """A category for one vendor in one sentence with the signs that speak for it."""

    category: str
    kind: str
    certainty: str
    bits: float
    signs: list[Sign] = field(default_factory=list)
    product: str | None = None
    facility: str | None = None
    known: str = "clear"  # the certainty the vendor's prior has

    @property
    def described(self) -> bool:
        """Whether the sentence says what is supplied, and not only the vendor's name."""
        return any(sign.source not in ("prior", "beside") for sign in self.signs)

    def share(self, source: str) -> float:
        """Bits of the signs of one source."""
        return sum(sign.bits for sign in self.signs if sign.source == source)


def signs_of(services: Iterable[Service], span: tuple[int, int]) -> list[Sign]:
    """A sentence's service phrases, in full near the linking words, in part farther off."""
    made = []
    for service in services:
        near = service.start <= span[1] + _NEAR and service.end >= span[0] - _NEAR
        made.append(
            Sign(
                service.category,
                service.kind,
                service.certainty,
                service.bits * (1.0 if near else _FAR_SHARE),
                "service",
                service.id,
                service.text,
                service.start,
                service.end,
            )
        )
    return made


def signs_beside(services: Iterable[Service]) -> list[Sign]:
    """A neighbouring sentence's service phrases."""
    return [Sign(s.category, s.kind, s.certainty, s.bits * _BESIDE_SHARE, "beside", s.id, s.text) for s in services]


def sign_of_prior(prior: Prior) -> Sign | None:
    """What a known vendor is known to sell."""
    if prior.category is None or prior.kind is None:
        return None
    clear = prior.certainty == "clear"
    return Sign(
        prior.category, prior.kind, prior.certainty, _PRIOR_CLEAR if clear else _PRIOR_ARGUABLE, "prior", prior.id
    )


def sign_of_product(mention: Mention, category: str, kind: str, certainty: str) -> Sign:
    """A product of the vendor, named in the sentence."""
    return Sign(
        category, kind, certainty, _PRODUCT_BITS, "product", mention.id, mention.text, mention.start, mention.end
    )


def sign_of_facility(mention: Mention, *, immigration: bool) -> Sign:
    """A place of detention in the sentence; a plain jail tells less."""
    return Sign(
        "detention",
        "security",
        "clear",
        _FACILITY_BITS * max(mention.sure, 0.4 if immigration else 0.3),
        "facility",
        mention.id,
        mention.text,
        mention.start,
        mention.end,
    )


def verdicts(signs: list[Sign]) -> list[Verdict]:
    """The categories the signs speak for, strongest first; a second one only where it stands on its own."""
    by_category: dict[str, list[Sign]] = defaultdict(list)
    for sign in signs:
        by_category[sign.category].append(sign)
    made = [_verdict(category, found) for category, found in sorted(by_category.items())]
    made.sort(key=lambda v: -v.bits)
    if not made:
        return []
    first, rest = made[0], made[1:]
    kept = [first]
    for other in rest:
        own = other.share("product") + other.share("service")
        many = sum(sign.source == "service" for sign in other.signs) >= _SECOND_MANY
        if own >= _SECOND_LEAST and (other.bits >= 0.5 * first.bits or many):
            if not other.share("product") and (first.share("prior") or other.bits < 0.9 * first.bits):
                other.certainty = "arguable"
            kept.append(other)
    return kept


def _verdict(category: str, signs: list[Sign]) -> Verdict:
    """Signs of one source weigh less and less: the strongest in full, each further one a third."""
    total = 0.0
    for source in {sign.source for sign in signs}:
        found = sorted((s.bits for s in signs if s.source == source), reverse=True)
        total += found[0] + sum(found[1:3]) / 3
    votes: dict[tuple[str, str], float] = defaultdict(float)
    for sign in signs:
        votes[sign.kind, sign.certainty] += sign.bits
    clear = sum(bits for (_, certainty), bits in votes.items() if certainty == "clear")
    kinds: dict[str, float] = defaultdict(float)
    for (kind, _), bits in votes.items():
        kinds[kind] += bits
    kind = max(sorted(kinds), key=lambda k: kinds[k])
    product = next((s.rule.removeprefix("product.") for s in signs if s.source == "product"), None)
    facility = next((s.rule.removeprefix("facility.") for s in signs if s.source == "facility"), None)
    sources = {sign.source for sign in signs}
    alone = len(sources) == 1 and bool(
        sources & {"prior", "beside"}
    )  # what it does is nowhere said, or only of somebody
    doubtful = alone or clear < 1.5 or votes[kind, "arguable"] > votes[kind, "clear"]
    known = next((s.certainty for s in signs if s.source == "prior"), "clear")
    return Verdict(
        category, kind, "arguable" if doubtful else "clear", round(total, 3), signs, product, facility, known
    )
