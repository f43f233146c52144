"""From candidates to a document's statements: one for each vendor, agency, category and relation, best words first.

Belongs here: the statement's shape, thresholds, putting sentences together. Does not belong here: scoring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from nlp.entity import EntityReader
from nlp.prose.candidates import Candidate
from nlp.prose.companies import key as folded
from nlp.prose.scoring import bits, score

SHOWN: Final = {
    "provides": 0.42,
    "ended": 0.42,
    "proposed": 0.45,
    "requested": 0.4,
    "bid_or_attended": 0.4,
    "indirect_access": 0.4,
    "denied": 0.4,
    "mentioned_only": 0.5,
}
_CLEAR_FROM: Final = 0.5  # a statement that is less likely is shown as arguable, whatever the service


@dataclass(frozen=True)
class TextWord:
    """Words that decided, in the document's characters (TEXT_FOUND's ``words``)."""

    text: str
    role: str
    start: int
    end: int
    rule: str
    bits: float


@dataclass(frozen=True)
class Statement:
    """One statement with the fields of ``records.schemas.TEXT_FOUND``."""

    vendor: str | None
    entity: str
    entity_reason: str
    agency_id: str
    agency: str
    agency_certain: bool
    category: str
    kind: str
    relation: str
    certainty: str
    score: float
    product: str | None
    maker: str | None
    facility: str | None
    via: str | None
    amount: float | None
    amount_kind: str | None
    date: str | None
    sentence: str
    start: int
    end: int
    words: tuple[TextWord, ...]
    features: dict[str, float] = field(default_factory=dict, compare=False)


def statements(text: str, found: Iterable[Candidate]) -> list[Statement]:
    """The statements of a document, in order of their sentences."""
    best: dict[tuple[str, str, str, str, float | None], Statement] = {}
    key: tuple[str, str, str, str, float | None]
    candidates = list(found)
    described = {
        (c.vendor, c.verdict.category) for c in candidates if c.verdict.described and c.verdict.certainty == "clear"
    }
    for candidate in candidates:
        if not candidate.verdict.described and (candidate.vendor, candidate.verdict.category) in described:
            candidate.verdict.certainty = candidate.verdict.known
        made = statement(text, candidate)
        if made.score < SHOWN[made.relation]:
            continue
        key = (folded(made.vendor or ""), made.category, made.relation, made.agency_id, None)
        if made.amount is not None and key in best and best[key].amount not in (None, made.amount):
            key = (*key[:4], made.amount)
        known = best.get(key)
        best[key] = made if known is None else _joined(known, made)
    return sorted(best.values(), key=lambda s: (s.start, s.vendor or "", s.category))


def _joined(one: Statement, other: Statement) -> Statement:
    """Two sentences for one statement: the likelier speaks, what only the other tells is taken over."""
    first, second = (one, other) if one.score >= other.score else (other, one)
    return replace(
        first,
        certainty="clear" if "clear" in (one.certainty, other.certainty) else "arguable",
        date=first.date or second.date,
        product=first.product or second.product,
        facility=first.facility or second.facility,
        via=first.via or second.via,
        amount=first.amount if first.amount is not None else second.amount,
        amount_kind=first.amount_kind if first.amount is not None else second.amount_kind,
    )


def statement(text: str, candidate: Candidate) -> Statement:
    """One candidate as a statement, scored."""
    part, verdict = candidate.part, candidate.verdict
    likely = round(score(candidate.features), 4)
    entity, reason = _entities().read(candidate.vendor) if candidate.vendor else ("company", "nobody is named")
    agency = candidate.agency
    implied = "orr" if any(s.rule == "det.children" for s in verdict.signs) else "ice"
    amount = candidate.amount
    certainty = verdict.certainty if likely >= _CLEAR_FROM else "arguable"
    return Statement(
        candidate.vendor,
        "company" if entity == "individual" else entity,
        reason,
        agency.id if agency else implied,
        agency.name if agency else implied.upper(),
        bool(agency and agency.sure >= 0.5),
        verdict.category,
        verdict.kind,
        candidate.relation,
        certainty,
        likely,
        verdict.product,
        candidate.maker,
        verdict.facility,
        candidate.via,
        amount.value if amount else None,
        (amount.note or "contract") if amount else None,
        candidate.date,
        part.sentence.of(text),
        part.sentence.start,
        part.sentence.end,
        _words(text, candidate),
        candidate.features,
    )


def _words(text: str, candidate: Candidate) -> tuple[TextWord, ...]:
    """The deciding words with the bits their features add; with the rest as 'other' they sum to the log odds."""
    at = candidate.part.sentence.start
    shares = bits(candidate.features)
    made: list[TextWord] = []

    def add(start: int, end: int, role: str, rule: str, worth: float) -> None:
        made.append(TextWord(text[at + start : at + end], role, at + start, at + end, rule, round(worth, 3)))

    linked = sum(shares.pop(name, 0.0) for name in ("link", "more_links", "no_link", "other_customer", "turns"))
    for link in sorted(candidate.links, key=lambda k: -k.bits)[:1]:
        add(link.start, link.end, "relation", link.rule, linked)
    if candidate.mention is not None:
        m = candidate.mention
        add(
            m.start,
            m.end,
            "vendor",
            m.rule,
            sum(shares.pop(n, 0.0) for n in ("known", "ending", "guessed", "reference", "prior")),
        )
    if candidate.agency is not None and candidate.agency_how in ("linked", "sentence"):
        add(
            candidate.agency.start,
            candidate.agency.end,
            "agency",
            candidate.agency.rule,
            sum(shares.pop(n, 0.0) for n in ("agency_linked", "agency_sentence", "agency_doubtful")),
        )
    placed = [sign for sign in candidate.verdict.signs if sign.start >= 0]
    worth = sum(shares.pop(n, 0.0) for n in ("category", "product", "service", "facility")) if placed else 0.0
    total = sum(sign.bits for sign in placed) or 1.0
    for sign in sorted(placed, key=lambda s: -s.bits):
        add(
            sign.start,
            sign.end,
            sign.source if sign.source != "prior" else "vendor",
            sign.rule,
            worth * sign.bits / total,
        )
    for role, mention in (("amount", candidate.amount),):
        if mention is not None:
            add(mention.start, mention.end, role, mention.rule, 0.0)
    rest = sum(shares.values())
    made.append(TextWord("", "other", at, at, "+".join(sorted(shares)), round(rest, 3)))
    return tuple(sorted(made, key=lambda w: -abs(w.bits)))


def looks_public(name: str) -> bool:
    """Whether a name is a public body's (§2.6)."""
    return _entities().read(name)[0] == "government"


@lru_cache(maxsize=1)
def _entities() -> EntityReader:
    return EntityReader()
