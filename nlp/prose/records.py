"""Award pages and other 'Name: value' records, and table rows, read by their fields and columns.

Belongs here: which field or column is vendor, agency, amount, description. Does not belong here: free prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Final

from nlp.evidence import Service as AwardService
from nlp.prose.agencies import find_agencies
from nlp.prose.amounts import find_amounts, find_dates
from nlp.prose.candidates import Candidate, _features, maker_name
from nlp.prose.categories import Sign, Verdict, sign_of_facility, sign_of_prior, signs_of, verdicts
from nlp.prose.companies import Company
from nlp.prose.context import Analysed, Part
from nlp.prose.mentions import Mention
from nlp.prose.relations import Link
from nlp.prose.structure import fields
from nlp.prose.vendors import looks_never
from nlp.prose.vocabulary import searcher
from nlp.reader import Award, award_reader

_VENDOR: Final = (
    "recipient",
    "recipient name",
    "awardee",
    "contractor",
    "vendor",
    "vendor name",
    "contractor name",
    "company",
    "awarded to",
    "contractor awarded name",
    "legal business name",
    "operator",
    "supplier",
    "prime contractor",
)
_AGENCY: Final = (
    "awarding agency",
    "agency",
    "funding agency",
    "contracting agency",
    "department",
    "sub-tier",
    "office",
    "awarding sub agency",
    "contracting office",
    "buyer",
    "customer",
    "sub tier",
    "department/ind. agency",
)
_SAYS: Final = (
    "description",
    "description of requirement",
    "title",
    "product or service",
    "service",
    "requirement",
    "product",
    "services",
    "award description",
    "subject",
    "scope",
    "product or service code",
    "purpose",
)
_MONEY: Final = (
    "federal action obligation",
    "obligated amount",
    "award amount",
    "amount",
    "contract award dollar amount",
    "total obligation",
    "value",
    "obligation",
    "contract value",
    "contract award amount",
    "current award amount",
)
_DATE: Final = (
    "action date",
    "date signed",
    "award date",
    "signed date",
    "contract award date",
    "start date",
    "date",
    "effective date",
)
_ENDED: Final = re.compile(
    r"(?i)terminat\w+ (?:for|this|the|contract|in)|(?:full|partial|complete) termination|"
    r"\bclose[- ]?out|is (?:hereby )?terminated"
)
_COLUMN_VENDOR: Final = re.compile(
    r"(?i)operator|contractor|vendor|company|recipient|awardee|supplier|managed by|firm|provider|owner"
)


def candidates(analysed: Analysed) -> Iterator[Candidate]:
    """Candidates out of the document's records and tables."""
    for _, group in groupby(analysed.parts, key=lambda p: (p.sentence.block, p.sentence.kind)):
        parts = list(group)
        if parts[0].sentence.kind == "row":
            for part in parts:
                yield from _row(analysed, part)
    run: list[Part] = []
    for part in analysed.parts:
        if part.sentence.kind == "field":
            run.append(part)
            continue
        if run and part.sentence.block != run[-1].sentence.block:
            yield from _record(analysed, run)
            run = []
    if run:
        yield from _record(analysed, run)


def _record(analysed: Analysed, parts: list[Part]) -> Iterator[Candidate]:
    """One record: its award reading when it names a recipient and an agency."""
    text = analysed.text
    named = fields(text, [p.sentence for p in parts])

    def first(names: tuple[str, ...]) -> str:
        return next((text[slice(*named[n])].strip() for n in names if n in named), "")

    vendor, says = first(_VENDOR), [text[slice(*named[n])].strip() for n in _SAYS if n in named]
    agency = next(
        (m for n in _AGENCY if n in named for m in find_agencies(text[slice(*named[n])]) if m.role == "agency"), None
    )
    if not vendor or agency is None or not says:
        return
    psc = first(("product or service", "product or service code", "psc"))
    reading = award_reader().read(
        Award(
            descriptions=tuple(says[:1]) if says[0] != psc else (says[0],),
            agency=agency.text if agency.id != "ice" else "U.S. Immigration and Customs Enforcement",
            recipient=vendor,
            psc=psc,
            naics=first(("naics",)),
            office=first(("awarding office", "contracting office", "office")),
        )
    )
    said = next(n for n in _SAYS if n in named)
    place = next(p for p in parts if p.sentence.start <= named[said][0] < p.sentence.end)
    shift = named[said][0] - place.sentence.start
    amount = next(
        (replace(m, note="obligated") for n in _MONEY if n in named for m in find_amounts(text[slice(*named[n])])), None
    )
    dates = [m.note for n in _DATE if n in named for m in find_dates(text[slice(*named[n])])]
    relation = "ended" if _ENDED.search(" ".join(says)) else "provides"
    for service in reading.services:
        made = _award(place, shift, vendor, agency, service)
        yield from _told(
            analysed, replace(made, relation=relation, amount=amount, date=next(iter(dates), None)), service
        )


def _award(place: Part, shift: int, vendor: str, agency: Mention, service: AwardService) -> Candidate:
    """The award reader's finding as a candidate; its words stand in the described field, ``shift`` characters on."""
    signs = []
    for word in [w for w in service.words if w.bits > 0][:6]:
        told = word.field == "descriptions" and word.description == 0
        at = (word.start + shift, word.end + shift) if told else (-1, -1)
        signs.append(Sign(service.category, service.kind, service.certainty, 3.0, "service", word.rule, word.text, *at))
    verdict = Verdict(service.category, service.kind, service.certainty, 6.0, signs, service.product, service.facility)
    made = Candidate(place, vendor, "provides", agency, "record", verdict, [], [], maker=service.maker)
    made.features = record_features(service)
    return made


def record_features(service: AwardService) -> dict[str, float]:
    """What an award reading's own score tells of the statement."""
    arguable = float(service.certainty == "arguable")
    return {"record": 1.0, "record_score": round(service.score, 4), "record_arguable": arguable}


def _told(analysed: Analysed, made: Candidate, service: AwardService) -> Iterator[Candidate]:
    """The recipient's statement, and the maker's when somebody else sells the product."""
    yield made
    product = searcher().known.products.get(f"product.{service.product}") if service.product else None
    name = maker_name(analysed, product)
    if service.maker and name:
        yield replace(made, vendor=name, via=made.vendor, maker=None, amount=None)


def _row(analysed: Analysed, part: Part) -> Iterator[Candidate]:
    """A table's row: the vendor's column by the head, else the cell in which a vendor stands."""
    cells = _cells(part.text)
    heads = (
        [head.strip() for head, _, _ in _cells(" ".join(part.sentence.header.split()))] if part.sentence.header else []
    )
    if part.sentence.header and part.text.strip() == " ".join(part.sentence.header.split()):
        return
    if not part.full or set(part.text.strip()) <= set("|-+:= "):
        return
    chosen = None
    for number, (words, start, end) in enumerate(cells):
        head = heads[number] if number < len(heads) else ""
        if head and _COLUMN_VENDOR.search(head) and re.search(r"[A-Za-z]{2}", words) and not looks_never(words):
            chosen = (words, start, end)
            break
    vendor = next(
        (
            m
            for m in part.mentions
            if m.role == "vendor" and not m.generic and (chosen is None or chosen[1] <= m.start < chosen[2])
        ),
        None,
    )
    if chosen is not None:
        mention = Mention(
            "vendor", chosen[1], chosen[2], chosen[0], vendor.id if vendor else "", chosen[0], 0.9, "column"
        )
    elif vendor is not None:
        mention = vendor
    else:
        return
    yield from _row_candidates(analysed, part, mention, heads)


def _row_candidates(analysed: Analysed, part: Part, mention: Mention, heads: list[str]) -> Iterator[Candidate]:
    company = next(iter(analysed.companies_of(mention)), None) or Company(
        mention.name, id=mention.id, sure=mention.sure
    )
    header = " ".join(heads)
    signs = signs_of([*part.services, *searcher().services_in(header)], (0, len(part.text)))
    signs += [sign_of_facility(m, immigration=True) for m in part.mentions if m.role == "facility"]
    prior = searcher().prior(mention.id) if mention.id else None
    told = sign_of_prior(prior) if prior else None
    signs += [told] if told is not None else []
    agency = next(iter(part.agencies), None) or next((m for m in find_agencies(header) if m.role == "agency"), None)
    how = "linked" if agency is not None else "before"
    agency = agency or _said_before(analysed, part)
    if agency is None:
        return
    amount = next((m for m in part.mentions if m.role == "amount"), None)
    for verdict in verdicts(signs)[:1]:
        made = Candidate(
            part,
            mention.name,
            "provides",
            agency,
            how,
            verdict,
            [
                Link(
                    -1,
                    "table.row",
                    "provides",
                    4.0 if heads else 3.0,
                    None,
                    part.has("other"),
                    mention.start,
                    mention.end,
                    (0, 0),
                )
            ],
            [],
            mention,
            amount,
            None,
        )
        made.features = {**_features(made, company), "row": 1.0}
        yield made


def _said_before(analysed: Analysed, part: Part) -> Mention | None:
    """The agency of the words over the table, or of the title."""
    over = [
        p
        for p in analysed.parts
        if p.sentence.start < part.sentence.start
        and p.sentence.block >= part.sentence.block - 2
        and p.sentence.block != part.sentence.block
    ]
    found = [m for p in over for m in p.agencies]
    return found[-1] if found else next(iter(analysed.title_agencies), None)


def _cells(row: str) -> list[tuple[str, int, int]]:
    """The cells with their places in the row."""
    mark = "|" if "|" in row else "\t" if "\t" in row else ","
    if mark == "," and not re.search(r",\S|, ", row):
        return [(row, 0, len(row))]
    cells, at = [], 0
    for piece in row.split(mark):
        left = len(piece) - len(piece.lstrip())
        words = piece.strip().strip('"*')
        cells.append((words, at + left, at + left + len(words)))
        at += len(piece) + 1
    return cells
