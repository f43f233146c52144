"""Notices of public agencies (SAM.gov): the agency is known, the text says what is asked for, an awardee may be named.

Belongs here: a notice as a whole. Does not belong here: sentences inside it (``candidates``), records (``records``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nlp.prose.candidates import Candidate
from nlp.prose.categories import Sign, Verdict
from nlp.prose.context import Analysed, Part
from nlp.prose.mentions import Mention
from nlp.prose.records import record_features
from nlp.reader import Award, award_reader
from ordinance.agencies import agency as listed_agency

_AWARD: Final = re.compile(r"(?i)award")
_ASKS: Final = re.compile(
    r"(?i)solicitation|sources sought|request for|presolicitation|combined|special notice|intent|rfi|rfp|rfq"
)
_SOLE: Final = re.compile(r"(?i)sole source|intent to (?:award|negotiate|sole)|justification")
_MOST: Final = 12_000  # characters of the text that the award vocabulary is tried on


def notice_candidates(
    analysed: Analysed, kind: str, agency_id: str | None, notice_type: str | None, awardee: str | None, title: str
) -> Iterator[Candidate]:
    """What a notice as a whole states: an award to its awardee, or a request with nobody named yet."""
    if kind not in ("notice", "attachment") or agency_id is None or not analysed.parts:
        return
    type_ = notice_type or ""
    relation = (
        "provides"
        if awardee and _AWARD.search(type_)
        else "proposed"
        if awardee and _SOLE.search(type_)
        else "requested"
    )
    if relation == "requested" and not _ASKS.search(type_):
        return
    known = listed_agency(agency_id)
    reading = award_reader().read(
        Award(
            descriptions=tuple(t for t in (title, analysed.text[:_MOST]) if t),
            agency=known.name,
            recipient=awardee or "",
        )
    )
    short = known.abbreviations[0] if known.abbreviations else known.name
    agency = Mention("agency", 0, 0, "", agency_id, short, 1.0 if known.counts == "always" else 0.4, "notice.agency")
    for service in reading.services:
        place, signs = _placed(
            analysed,
            title,
            [(w.text, w.rule) for w in service.words if w.bits > 0],
            service.category,
            service.kind,
            service.certainty,
        )
        verdict = Verdict(
            service.category, service.kind, service.certainty, 6.0, signs, service.product, service.facility
        )
        made = Candidate(place, awardee or None, relation, agency, "record", verdict, [], [], maker=service.maker)
        made.features = record_features(service)
        yield made


def _placed(
    analysed: Analysed, title: str, words: list[tuple[str, str]], category: str, kind: str, certainty: str
) -> tuple[Part, list[Sign]]:
    """The first sentence in which the strongest word stands, else the first; the words as signs where they stand."""
    for text, rule in words:
        for part in analysed.parts:
            at = part.text.find(" ".join(text.split()))
            if at >= 0:
                return part, [
                    Sign(category, kind, certainty, 3.0, "service", rule, text, at, at + len(" ".join(text.split())))
                ]
    return analysed.parts[0], [Sign(category, kind, certainty, 3.0, "service", rule, text) for text, rule in words[:3]]
