"""A text reader for tests: sentences that name a vendor, a service and an agency, by rules written out here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from records.schemas import DOCUMENT_READING

_SENTENCE = re.compile(r"(?:[^.!?\n]|\.(?=\d))+[.!?]")
_VENDOR = re.compile(r"(?:[A-Z][\w&’]+ )+(?:Inc|LLC|Corp|CORPORATION|County)\b|Pat Doe")
_SERVICE = {"license plate": ("data_broker", "aggregates"), "detention": ("detention", "operation")}
_RELATION = {"denies": "denied", "proposes": "proposed", "ended": "ended", "seeks": "requested"}


class SentenceReader:
    """Counts the texts it was given; ``shift`` moves all words, as a faulty reader would."""

    version = "rules-1"

    def __init__(self, shift: int = 0) -> None:
        self.given: list[dict[str, Any]] = []
        self.shift = shift

    def __call__(self, batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = batch.to_pylist()
            self.given.extend(rows)
            yield pa.RecordBatch.from_pylist([self._read(row) for row in rows], schema=DOCUMENT_READING)

    def _read(self, row: dict[str, Any]) -> dict[str, Any]:
        found = [one for sentence in _SENTENCE.finditer(row["text"]) for one in self._said(sentence, row)]
        return {"document_id": row["document_id"], "read": bool(found), "statements": found,
                "reader_version": self.version}  # fmt: skip

    def _said(self, sentence: re.Match[str], row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        said = sentence[0]
        agency = re.search(r"\bICE\b", said)
        service = next((name for name in _SERVICE if name in said), None)
        if agency is None or service is None:
            return
        vendor = _VENDOR.search(said)
        relation = next((kind for word, kind in _RELATION.items() if word in said), "provides")
        category, kind = _SERVICE[service]
        lead = len(said) - len(said.lstrip())
        at = sentence.start() + said.index(service)
        words: list[dict[str, Any]] = [{"text": service, "role": "service", "start": at, "end": at + len(service),
                                        "rule": "r1", "bits": 4.0}]  # fmt: skip
        if vendor:
            begin = sentence.start() + vendor.start()
            words.append({"text": vendor[0], "role": "vendor", "start": begin, "end": begin + len(vendor[0]),
                          "rule": "r2", "bits": 2.0})  # fmt: skip
        for word in words:
            word["start"] += self.shift
            word["end"] += self.shift
        year = re.search(r"in (20\d\d)", said)
        amount = re.search(r"\$([\d.]+) million", said)
        person = vendor is not None and vendor[0] == "Pat Doe"
        yield {
            "vendor": vendor[0] if vendor else None, "relation": relation, "category": category, "kind": kind,
            "entity": "individual" if person else "government" if vendor and "County" in vendor[0] else "company",
            "entity_reason": "its name", "agency_id": "ice", "agency": "ICE", "agency_certain": True,
            "certainty": "clear", "score": 0.9, "product": None, "maker": None, "facility": None, "via": None,
            "amount": float(amount[1]) * 1e6 if amount else None, "amount_kind": "contract" if amount else None,
            "date": year[1] if year else None, "sentence": said.strip(), "start": sentence.start() + lead,
            "end": sentence.end(), "words": words,
        }
