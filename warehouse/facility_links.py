"""Which places of detention awards and notices name: published facility lists looked for in their texts.

Belongs here: which texts are searched and what is kept of a mention. Does not belong here: finding names
(entities.facilities), what a text says about a place (nlp).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import duckdb
import pyarrow as pa

from entities.facilities import FacilityNames, Place
from warehouse import shapes
from warehouse.engine import arrow_batches

_PLACES: Final = "SELECT DISTINCT name, state, city FROM lake_facility ORDER BY ALL"
# Notices of listed agencies only: others name jails for other reasons.
_TEXTS: Final = {
    "award": "SELECT t.award_key AS record_key, t.text_index, t.description AS text, a.place_state, a.place_city "
             "FROM lake_award_text AS t JOIN lake_award AS a ON t.award_key = a.award_key",
    "notice": "SELECT o.record_key, NULL::INTEGER AS text_index, d.text, o.place_state, o.place_city "
              "FROM lake_document AS d JOIN documents AS o "
              "ON d.filename = o.filename AND d.file_row_number = o.file_row_number "
              "WHERE o.kind = 'notice' AND o.current AND o.listed_agency_id IS NOT NULL",
}  # fmt: skip
_BATCH: Final = 1_000


def links(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """FACILITY_LINK rows: one a record and facility, the surest mention. Needs table documents and lake views."""
    names = FacilityNames(Place(*row) for row in con.execute(_PLACES).fetchall())
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for link in _mentions(con, names):
        key = (link["record_kind"], link["record_key"], link["facility_key"])
        if key not in found or _rank(link) < _rank(found[key]):
            found[key] = link
    return pa.Table.from_pylist([found[key] for key in sorted(found)], schema=shapes.FACILITY_LINK)


def _mentions(con: duckdb.DuckDBPyConnection, names: FacilityNames) -> Iterator[dict[str, Any]]:
    for kind, query in _TEXTS.items() if names else ():
        for batch in arrow_batches(con, query, _BATCH):
            for row in batch.to_pylist():
                for mention in names.find(row["text"], state=row["place_state"], city=row["place_city"]):
                    yield {
                        "record_kind": kind, "record_key": row["record_key"], "facility_key": mention.key,
                        "how": mention.how, "words": mention.words, "text_index": row["text_index"],
                        "start": mention.start, "end": mention.end,
                    }  # fmt: skip


def _rank(link: dict[str, Any]) -> tuple[bool, int, int]:
    """With the state before without, the first text, the first words."""
    return link["how"] != "name_and_state", link["text_index"] or 0, link["start"]
