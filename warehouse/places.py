"""Reads words back in place: from a span's capture, row and column to the text in the archived bytes.

Belongs here: which parser reads a locator, fetching cells, comparing words. Does not belong here: what follows from a
mismatch (evidence.py), how it is shown (showing.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from crawlers.archive import ArchiveError, Capture, EvidenceArchive
from crawlers.decoding import UndecodableError
from crawlers.locate import Cell, cells
from crawlers.parsing import ParseError
from crawlers.warc_read import DamagedRecordError
from warehouse.engine import WarehouseError

#: A locator's scheme tells the reader of its capture; a source with another one adds it here.
PARSER_OF: Final = {"csv": "usaspending_csv", "json": "usaspending_search"}


class PlaceError(WarehouseError):
    """A capture cannot be read back at all; the message says why."""


def texts(
    archive: EvidenceArchive, capture: Capture, wanted: Iterable[Cell], scratch: Path | None = None
) -> dict[Cell, str]:
    """The text of each (locator, column) as archived; cells that are not there are left out.

    Raises PlaceError when the payload cannot be read: damage, or a locator of no known form.
    """
    by_parser: defaultdict[str, set[Cell]] = defaultdict(set)
    for locator, column in wanted:
        parser = PARSER_OF.get(locator.partition(":")[0])
        if parser is None:
            raise PlaceError(f"'{locator}' has no known form: {', '.join(f'{scheme}:' for scheme in PARSER_OF)}")
        by_parser[parser].add((locator, column))
    found: dict[Cell, str] = {}
    for parser, some in by_parser.items():
        try:
            with archive.payload(capture) as payload:
                found |= cells(payload, parser, some, folder=scratch)
        except (ArchiveError, DamagedRecordError, UndecodableError, ParseError, ValueError, OSError) as error:
            raise PlaceError(f"its payload cannot be read back: {error}") from error
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
