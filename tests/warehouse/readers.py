"""Readers for tests: rules written out here, so that a test says what is read, and by which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from records.schemas import READING

#: (words, category, kind, certainty, product, maker)
RULES = (
    ("LICENSE PLATE READER", "data_broker", "aggregates", "clear", None, None),
    ("ACCURINT", "data_broker", "resells", "clear", "accurint", "LexisNexis Risk Solutions"),
    ("DETENTION", "detention", "operation", "clear", None, None),
    ("SOCIAL MEDIA", "extreme_vetting", "analytics", "arguable", None, None),
)


class RuleReader:
    """Finds RULES in descriptions and PSC; counts the contents it was given."""

    version = "rules-1"

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def __call__(self, batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = batch.to_pylist()
            self.given.extend(rows)
            yield pa.Table.from_pylist([self._read(row) for row in rows], schema=READING).to_batches()[0]

    def _read(self, row: dict[str, Any]) -> dict[str, Any]:
        services = []
        for words, category, kind, certainty, product, maker in RULES:
            found = list(self._words(row, words))
            if found:
                services.append({"category": category, "kind": kind, "certainty": certainty, "score": 0.9,
                                 "product": product, "maker": maker, "facility": None, "words": found})  # fmt: skip
        flags = row["business_flags"] or []
        entity, reason = "company", "no flag says otherwise"
        if any("government" in flag for flag in flags):
            entity, reason = "government", flags[0]
        elif "sole_proprietorship" in flags:
            entity, reason = "individual", "sole_proprietorship"
        return {"award_key": row["award_key"], "entity": entity, "entity_reason": reason, "services": services,
                "reader_version": self.version}  # fmt: skip

    def _words(self, row: dict[str, Any], words: str) -> Iterator[dict[str, Any]]:
        texts = [("descriptions", i, text) for i, text in enumerate(row["descriptions"])]
        texts += [(name, -1, row[name] or "") for name in ("psc", "office", "recipient")]
        for name, index, text in texts:
            start = text.find(words)
            if start >= 0:
                yield {"text": words, "description": index, "field": name, "start": start,
                       "end": start + len(words), "rule": words.lower().replace(" ", "_"), "bits": 4.0}  # fmt: skip
