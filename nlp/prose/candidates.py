"""Every (sentence, vendor, category) that may be a statement, with the features it is judged by.

Belongs here: putting links, categories, agency, amount and date of a sentence together. Does not belong here: the
weights (``scoring``), one statement out of many sentences (``statements``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from nlp.prose.categories import (
    Sign,
    Verdict,
    sign_of_facility,
    sign_of_prior,
    sign_of_product,
    signs_beside,
    signs_of,
    verdicts,
)
from nlp.prose.companies import Company
from nlp.prose.context import Analysed, Part
from nlp.prose.mentions import Mention
from nlp.prose.relations import Link, Turned, agency_at, links, product_links, relation_of, requested, turns
from nlp.prose.trace import Trace
from nlp.prose.vocabulary import searcher
from ordinance.products import Product

_BACK: Final = 3  # sentences in which a customer named before still counts
_RUNS: Final = frozenset({"t.vendor_runs", "t.vendor_holds"})  # saying so names the service
_RUNS_BITS: Final = 1.0
_OPERATOR_BITS: Final = 3.2  # less than words that say who runs it
_WRONG_MONEY: Final = frozenset({"acquisition_price", "funding", "revenue", "donation", "penalty", "budget"})
_NO_MAKER: Final = re.compile(r"\b(?:makers|other|laboratories|data)\b", re.IGNORECASE)


@dataclass
class Candidate:
    """What one sentence may state of one vendor: relation, category with its signs, features of its sureness."""

    part: Part
    vendor: str | None
    relation: str
    agency: Mention | None
    agency_how: str  # linked, sentence, implied, before, title
    verdict: Verdict
    links: list[Link]
    turned: list[Turned]
    mention: Mention | None = None
    amount: Mention | None = None
    date: str | None = None
    via: str | None = None
    maker: str | None = None
    features: dict[str, float] = field(default_factory=dict)
    score: float = 0.0


def candidates(analysed: Analysed) -> Iterator[Candidate]:
    """All candidates of a document, sentence by sentence."""
    for number, part in enumerate(analysed.parts):
        if part.full and part.sentence.kind not in ("field", "row"):
            yield from _of_part(analysed, number, part)


def _of_part(analysed: Analysed, number: int, part: Part) -> Iterator[Candidate]:
    made = part.trace
    found = links(made)
    by_company: dict[str, tuple[Company, Mention, list[Link]]] = {}
    for at, mention in enumerate(made.mentions):
        if mention.role != "vendor":
            continue
        for company in analysed.companies_of(mention):
            entry = by_company.setdefault(company.name, (company, mention, []))
            entry[2].extend(link for link in found if link.vendor == at)
    for company, mention, own in by_company.values():
        yield from _of_vendor(analysed, number, part, made, company, mention, own)
    yield from _of_products(analysed, number, part, made, {name for name, (_, _, own) in by_company.items() if own})
    asked = requested(made)
    if asked is not None and not any(own for _, _, own in by_company.values()):
        yield from _of_request(analysed, number, part, made, asked)


def _of_vendor(
    analysed: Analysed, number: int, part: Part, made: Trace, company: Company, mention: Mention, own: list[Link]
) -> Iterator[Candidate]:
    if not own and (told := _known_operator(company, part, mention)) is not None:
        own = [told]
    turned = turns(made, max(own, key=lambda link: link.bits)) if own else []
    relation, decided = relation_of(own, turned) if own else ("mentioned_only", None)
    span = (decided.start, decided.end) if decided else (mention.start, mention.end)
    if relation == "provides" and not company.id and any(t.rule == "n.pressure" for t in turned):
        relation = "mentioned_only"  # of whom is protested against, only what is known makes a supplier
    signs, products = _signs(analysed, number, part, company, span)
    ran = next((link for link in own if link.rule in _RUNS), None)
    if ran is not None:
        signs.append(
            Sign("detention", "security", "clear", _RUNS_BITS, "service", ran.rule, start=ran.start, end=ran.end)
        )
    agency, how = _customer(analysed, number, part, made, decided, own)
    for verdict in verdicts(signs):
        if agency is None and how != "implied":
            continue
        candidate = Candidate(
            part, analysed.companies.fullest(company), relation, agency, how, verdict, own, turned, mention
        )
        candidate.amount = _amount(part, mention, decided)
        candidate.date = _date(part, decided)
        candidate.features = _features(candidate, company)
        yield candidate
        yield from _makers(analysed, candidate, company, products)


def _known_operator(company: Company, part: Part, mention: Mention) -> Link | None:
    """A known operator of detention beside a place it runs, or beside words of immigration detention: a weaker link."""
    prior = searcher().prior(company.id) if company.id else None
    if prior is None or prior.category != "detention" or prior.certainty != "clear":
        return None
    places = [m for m in part.mentions if m.role == "facility" and m.sure >= 0.8]
    if not places and not any(s.immigration and s.category == "detention" for s in part.services):
        return None
    bits = _OPERATOR_BITS if places else _OPERATOR_BITS - 0.6
    return Link(-1, "operator.beside", "provides", bits, None, False, mention.start, mention.end, (0, 0))


def _makers(
    analysed: Analysed, candidate: Candidate, company: Company, products: list[tuple[Mention, Product]]
) -> Iterator[Candidate]:
    """The makers of products that somebody else sells: second vendors of the same service, by way of the seller."""
    seen: set[str] = set()
    for mention, product in products:
        name = maker_name(analysed, product)
        if (
            name is None
            or product.category != candidate.verdict.category
            or name in seen
            or _same(analysed, name, company)
        ):
            continue
        seen.add(name)
        other = Candidate(
            candidate.part,
            name,
            candidate.relation,
            candidate.agency,
            candidate.agency_how,
            candidate.verdict,
            candidate.links,
            candidate.turned,
            mention,
            None,
            candidate.date,
            candidate.vendor,
            features=dict(candidate.features),
        )
        candidate.maker = name
        yield other


def _of_products(analysed: Analysed, number: int, part: Part, made: Trace, linked: set[str]) -> Iterator[Candidate]:
    """Products an agency buys or uses, without their maker in the sentence."""
    for at, link in product_links(made):
        mention = made.mentions[at]
        product = searcher().known.products.get(mention.id)
        name = mention.name if mention.id == "local" else maker_name(analysed, product) if product else None
        if name is None or name in linked:
            continue
        company = analysed.companies.find(name) or Company(
            name, id=f"maker.{product.maker}" if product else "", sure=0.8
        )
        if company.name in linked:
            continue
        turned = turns(made, link)
        relation, _ = relation_of([link], turned)
        signs, _ = _signs(analysed, number, part, company, (link.start, link.end))
        agency, how = _customer(analysed, number, part, made, link, [link])
        for verdict in verdicts(signs):
            candidate = Candidate(
                part,
                analysed.companies.fullest(company),
                relation,
                agency,
                how,
                verdict,
                [link],
                turned,
                mention,
                _amount(part, mention, link),
                _date(part, link),
            )
            candidate.features = _features(candidate, company)
            yield candidate


def _of_request(analysed: Analysed, number: int, part: Part, made: Trace, asked: Link) -> Iterator[Candidate]:
    agency, how = _customer(analysed, number, part, made, asked, [asked])
    signs = signs_of(part.services, (asked.start, len(part.text)))
    signs += [sign_of_facility(m, immigration=True) for m in part.mentions if m.role == "facility" and m.sure > 0.5]
    for verdict in verdicts(signs)[:2]:
        if agency is not None:
            candidate = Candidate(part, None, "requested", agency, how, verdict, [asked], turns(made, asked))
            candidate.amount, candidate.date = _amount(part, None, asked), _date(part, asked)
            candidate.features = _features(candidate, None)
            yield candidate


def _signs(
    analysed: Analysed, number: int, part: Part, company: Company, span: tuple[int, int]
) -> tuple[list[Sign], list[tuple[Mention, Product]]]:
    search = searcher()
    signs = signs_of(part.services, span)
    products: list[tuple[Mention, Product]] = []
    for mention in part.mentions:
        if mention.role == "product" and mention.id in search.known.products:
            product = search.known.products[mention.id]
            products.append((mention, product))
            signs.append(sign_of_product(mention, product.category, product.kind, product.certainty))
        elif mention.role == "facility":
            signs.append(sign_of_facility(mention, immigration=part.has("agency")))
    prior = search.prior(company.id) if company.id else None
    told = sign_of_prior(prior) if prior else None
    if told is not None:
        signs.append(told)
    for beside in _beside(analysed, number, part):
        signs += signs_beside(beside.services)
        signs += [
            replace(sign_of_product(m, p.category, p.kind, p.certainty), bits=2.8, start=-1, end=-1)
            for m, p in _products_of(company, beside)
        ]
    return signs, products


def _products_of(company: Company, part: Part) -> list[tuple[Mention, Product]]:
    """The company's own products in a part."""
    known = searcher().known.products
    return [
        (m, known[m.id])
        for m in part.mentions
        if m.role == "product" and m.id in known and company.id == f"maker.{known[m.id].maker}"
    ]


def _beside(analysed: Analysed, number: int, part: Part) -> list[Part]:
    """The sentences before and after in the same block, or the paragraph a heading stands over."""
    near = []
    for other in (number - 1, number + 1):
        if 0 <= other < len(analysed.parts):
            beside = analysed.parts[other]
            if beside.sentence.block == part.sentence.block and beside.sentence.kind == part.sentence.kind:
                near.append(beside)
    return near


def _customer(
    analysed: Analysed, number: int, part: Part, made: Trace, decided: Link | None, own: list[Link]
) -> tuple[Mention | None, str]:
    """The agency: in the linking words, in the sentence, said by the service, named shortly before, in the title."""
    for link in ([decided] if decided else []) + own:
        agency = agency_at(made, link)
        if agency is not None:
            surer = next((m for m in part.agencies if m.sure >= 0.5), agency)
            return agency if agency.sure >= 0.5 else surer, "linked"
    if part.agencies:
        at = decided.start if decided else 0
        return min(part.agencies, key=lambda m: abs(m.start - at)), "sentence"
    for back in range(1, _BACK + 1):
        if number - back >= 0:
            before = analysed.parts[number - back]
            if before.agencies and part.sentence.block - before.sentence.block <= 1:
                return before.agencies[-1], "before"
    for ahead in (number + 1, number + 2):
        if ahead < len(analysed.parts):
            after = analysed.parts[ahead]
            if after.agencies and part.sentence.block == after.sentence.block:
                return after.agencies[0], "after"
    implied = next((s for s in part.services if s.immigration), None)
    place = next((m for m in part.mentions if m.role == "facility" and m.sure >= 0.8), None)
    if implied is not None or place is not None:
        return (analysed.title_agencies[0], "title") if analysed.title_agencies else (None, "implied")
    return (analysed.title_agencies[0], "title") if analysed.title_agencies else (None, "none")


def maker_name(analysed: Analysed, product: Product | None) -> str | None:
    """The maker of a product by its name in the document, else as the ordinance data has it."""
    if product is None:
        return None
    maker = searcher().makers.get(product.maker)
    if maker is None or _NO_MAKER.search(maker.name):
        return None
    plain = maker.name.split(" (")[0]
    company = analysed.companies.find(plain)
    return analysed.companies.fullest(company) if company is not None else plain


def _same(analysed: Analysed, name: str, company: Company) -> bool:
    found = analysed.companies.find(name)
    return found is company or name == company.name or (found is not None and bool(found.id) and found.id == company.id)


def _amount(part: Part, mention: Mention | None, link: Link | None) -> Mention | None:
    """The amount nearest to the linking words that can be a contract's."""
    amounts = [m for m in part.mentions if m.role == "amount" and m.note not in _WRONG_MONEY]
    if not amounts or link is None:
        return None
    paired = [
        m
        for m in amounts
        if mention is not None
        and m.end <= mention.start
        and re.fullmatch(r"\s+(?:\w+\s+){0,2}(?:to|for|with|on)\s+(?:the\s+)?", part.text[m.end : mention.start])
    ]
    if paired:
        return paired[-1]
    inside = [m for m in amounts if link.start - 25 <= m.start and m.end <= link.end + 25]
    if mention is not None and len(inside) > 1:
        return min(inside, key=lambda m: min(abs(m.end - mention.start), abs(m.start - mention.end)))
    if inside:
        return inside[0]
    vendors = {m.name for m in part.mentions if m.role == "vendor"}
    return amounts[0] if len(amounts) == 1 and len(vendors) <= 1 and not part.has("other") and amounts[0].note else None


def _date(part: Part, link: Link | None) -> str | None:
    dates = [m for m in part.mentions if m.role == "date"]
    if not dates or link is None:
        return None
    return min(dates, key=lambda m: max(link.start - m.end, m.start - link.end, 0)).note


def _features(c: Candidate, company: Company | None) -> dict[str, float]:
    best = max((link.bits for link in c.links), default=0.0)
    known = company is not None and bool(company.id)
    kinds = {"heading": c.part.sentence.kind == "heading", "list": c.part.sentence.kind == "list"}
    sure = c.mention.sure if c.mention is not None else 1.0
    made = {
        "link": best / 4,
        "more_links": min(1.0, max(0, len(c.links) - 1) / 2),
        "no_link": float(not c.links),
        "agency_linked": float(c.agency_how == "linked"),
        "agency_sentence": float(c.agency_how == "sentence"),
        "agency_before": float(c.agency_how == "before"),
        "agency_after": float(c.agency_how == "after"),
        "agency_implied": float(c.agency_how == "implied"),
        "agency_title": float(c.agency_how == "title"),
        "agency_none": float(c.agency is None),
        "agency_doubtful": float(c.agency is not None and c.agency.sure < 0.5),
        "category": min(1.5, c.verdict.bits / 6),
        "product": float(c.verdict.share("product") > 0),
        "service": min(1.0, c.verdict.share("service") / 4),
        "facility": float(c.verdict.share("facility") > 1),
        "prior": min(1.0, c.verdict.share("prior") / 3),
        "beside": min(1.0, c.verdict.share("beside") / 2),
        "known": float(known),
        "ending": float(c.mention is not None and c.mention.rule == "ending"),
        "guessed": float(not known and sure < 0.7),
        "reference": float(c.mention is not None and c.mention.generic),
        "other_customer": float(any(link.other for link in c.links)),
        "other_near": float(c.part.has("other") and not any(link.other for link in c.links)),
        "turns": sum(t.bits for t in c.turned),
        **{name: float(value) for name, value in kinds.items()},
    }
    return {name: round(value, 4) for name, value in made.items() if value}
