"""read_documents by its contract: batches in and out, exact sentences, the gate, identical texts, faults."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from nlp.documents import read_documents
from records.schemas import DOCUMENT_INPUT, DOCUMENT_READING

TEXT = (
    "The county board met on Tuesday.\n\nICE signed a $2.5 million contract with Harrow Data Inc., a Boise-based data "
    "broker, in March 2024 for access to\nits license plate reader database. A spokesman declined to comment.\n"
)


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    """DOCUMENT_INPUT rows with what is not given left empty."""
    full = [{"document_id": str(n), "kind": "article", "text": "", **row} for n, row in enumerate(rows)]
    return pa.RecordBatch.from_pylist(full, schema=DOCUMENT_INPUT)


def read(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The readings of the rows."""
    readings: list[dict[str, Any]] = pa.Table.from_batches(
        list(read_documents([batch(*rows)])), schema=DOCUMENT_READING
    ).to_pylist()
    return readings


@pytest.mark.clause("§3.3.a")
def test_statement_has_its_fields_and_exact_sentence() -> None:
    (reading,) = read({"text": TEXT})
    (found,) = reading["statements"]
    assert found["sentence"] == TEXT[found["start"] : found["end"]]
    assert found["sentence"].startswith("ICE signed") and found["sentence"].endswith("database.")
    assert (found["vendor"], found["agency_id"], found["category"], found["kind"]) == (
        "Harrow Data Inc.",
        "ice",
        "data_broker",
        "b.licence_plate",
    )
    assert (found["relation"], found["certainty"], found["amount"], found["amount_kind"], found["date"]) == (
        "provides",
        "clear",
        2_500_000,
        "contract",
        "2024-03",
    )
    for word in found["words"]:
        assert word["text"] == TEXT[word["start"] : word["end"]]


def test_gate_is_shut_for_other_news_and_rows_stay_in_order() -> None:
    readings = read({"text": "The bakery on Main Street won a prize for its rye."}, {"text": TEXT}, {"text": TEXT})
    assert [r["document_id"] for r in readings] == ["0", "1", "2"]
    assert [r["read"] for r in readings] == [False, True, True]
    assert readings[1]["statements"] == readings[2]["statements"] != []


def test_award_notice_speaks_of_its_awardee() -> None:
    (reading,) = read(
        {
            "kind": "notice",
            "title": "Skip tracing services for ERO",
            "agency_id": "ice",
            "awardee": "Lowfell LLC",
            "notice_type": "Award Notice",
            "text": "The contractor shall locate aliens by skip tracing.",
        }
    )
    (found,) = reading["statements"]
    assert (found["vendor"], found["relation"], found["category"]) == ("Lowfell LLC", "provides", "data_broker")


def test_missing_column_and_workers_are_named() -> None:
    with pytest.raises(ValueError, match="awardee"):
        list(read_documents([batch({"text": TEXT}).drop_columns(["awardee"])]))
    with pytest.raises(ValueError, match="workers"):
        list(read_documents([], workers=0))
