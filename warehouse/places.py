"""Reads words back in place: from a span's capture, row and column, or places in a file, to the archived bytes.

Belongs here: which reader a span needs, fetching, comparing words. Does not belong here: what follows from a mismatch
(evidence.py), how it is shown (showing.py), bytes of documents (text_readback.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from crawlers.archive import ArchiveError, Capture, EvidenceArchive
from crawlers.decoding import UndecodableError
from crawlers.documents.pool import PoolError
from crawlers.locate import Cell, cells
from crawlers.parsing import ParseError
from crawlers.sam import BULK_PARSER, PAGE_PARSER
from crawlers.sam.cells import COLUMNS as NOTICE_COLUMNS
from crawlers.warc_read import DamagedRecordError
from warehouse.engine import WarehouseError
from warehouse.text_readback import Shown, read_texts

#: A locator's scheme tells the reader of its capture; a source with another one adds it here.
PARSER_OF: Final = {"csv": "usaspending_csv", "json": "usaspending_search"}
#: The same of columns that notices alone have.
NOTICE_PARSER_OF: Final = {"csv": BULK_PARSER, "json": PAGE_PARSER}
_UNREADABLE: Final = (ArchiveError, DamagedRecordError, UndecodableError, ParseError, PoolError, ValueError, OSError)


class PlaceError(WarehouseError):
    """A capture cannot be read back at all; the message says why."""


def read_back(
    archive: EvidenceArchive, capture: Capture, spans: Sequence[Mapping[str, Any]], scratch: Path | None = None
) -> list[Shown]:
    """Each span's archived text and where its words begin in it, in order; ``start`` None where they are not there.

    The text of a cell is all of it, of a document what stands around the words. Raises PlaceError when the payload
    cannot be read: damage, or a locator of no known form.
    """
    try:
        in_texts = [span for span in spans if span.get("places") is not None]
        of_texts = iter(read_texts(archive, capture, in_texts, scratch) if in_texts else ())
        in_cells = {(span["locator"], span["column"]) for span in spans if span.get("places") is None}
        there = _texts(archive, capture, in_cells, scratch)
    except _UNREADABLE as error:
        raise PlaceError(f"its payload cannot be read back: {error}") from error
    found = []
    for span in spans:
        if span.get("places") is not None:
            found.append(next(of_texts))
        else:
            text = there.get((span["locator"], span["column"]))
            found.append(Shown(text, start_of(text, span)))
    return found


def _texts(
    archive: EvidenceArchive, capture: Capture, wanted: Iterable[Cell], scratch: Path | None
) -> dict[Cell, str]:
    """The text of each (locator, column) as archived; cells that are not there are left out."""
    by_parser: defaultdict[str, set[Cell]] = defaultdict(set)
    for locator, column in wanted:
        known = NOTICE_PARSER_OF if column in NOTICE_COLUMNS else PARSER_OF
        parser = known.get(locator.partition(":")[0])
        if parser is None:
            raise PlaceError(f"'{locator}' has no known form: {', '.join(f'{scheme}:' for scheme in PARSER_OF)}")
        by_parser[parser].add((locator, column))
    found: dict[Cell, str] = {}
    for parser, some in by_parser.items():
        with archive.payload(capture) as payload:
            found |= cells(payload, parser, some, folder=scratch)
    return found


def start_of(text: str | None, span: Mapping[str, Any]) -> int | None:
    """Where the span's words stand in the archived text: None when they do not.

    Codes are trimmed in the lake (never texts), so leading blanks of the archived cell shift the span.
    """
    if text is None:
        return None
    for shift in dict.fromkeys((0, len(text) - len(text.lstrip()))):
        start = int(span["start"]) + shift
        if text[start : int(span["end"]) + shift] == span["words"]:
            return start
    return None
