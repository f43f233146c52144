"""Reads one document: gate, analysis, candidates of prose, records and tables, statements.

Belongs here: the order of the steps and what is known of the document beside its text (a notice's agency, type and
awardee). Does not belong here: Arrow and processes (``nlp.documents``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nlp.prose import candidates as prose_candidates
from nlp.prose import records
from nlp.prose.candidates import Candidate
from nlp.prose.context import analyse
from nlp.prose.gate import opens
from nlp.prose.notices import notice_candidates
from nlp.prose.statements import Statement, statements


@dataclass(frozen=True)
class Text:
    """A document as given: its text and what is known beside it."""

    text: str
    title: str = ""
    kind: str = "article"
    agency_id: str | None = None
    notice_type: str | None = None
    awardee: str | None = None
    publisher: str = ""


def read_text(document: Text) -> tuple[bool, list[Statement]]:
    """(whether the gate let it through, its statements)."""
    given = document.text
    document = replace(document, text=_whole(given), title=_whole(document.title))
    told = document.agency_id is not None
    if not opens(f"{document.title}\n{document.text}") and not told:
        return False, []
    return True, statements(given, candidates_of(document))


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which no matcher takes; as long as before."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def candidates_of(document: Text) -> Iterator[Candidate]:
    """All candidates of one document, before thresholds; what training learns from."""
    analysed = analyse(document.text, document.title)
    yield from prose_candidates.candidates(analysed)
    yield from records.candidates(analysed)
    yield from notice_candidates(
        analysed, document.kind, document.agency_id, document.notice_type, document.awardee, document.title
    )
