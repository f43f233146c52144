"""Labelled texts: relations in JSON lines, a manifest of the documents, the texts themselves, and their reading.

Belongs here: reading and checking those files, and handing the texts to the reader as its contract asks. Does not
belong here: comparing (``relations``).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import pyarrow as pa

from nlp.cli import ClassifyError
from ordinance.services import CATEGORIES
from records.schemas import DOCUMENT_INPUT

RELATIONS: Final = ("provides", "ended", "proposed", "requested", "bid_or_attended", "indirect_access", "denied",
                    "mentioned_only")
CANDIDATE: Final = frozenset({"provides", "ended"})  # LABELLING.md: only these make a candidate
# What a manifest calls a text, and which kind of document the reader is told it is; all others are articles.
_KINDS: Final = {"solicitation": "notice", "notice": "notice", "attachment": "attachment", "filing": "filing",
                 "federal_register": "federal_register", "award_record": "report", "action_record": "report",
                 "fpds_page": "report", "report": "report", "city": "city"}
_BATCH: Final = 16
_MOST_BYTES: Final = 20_000_000
Reader = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Relation:
    """One labelled relation: who supplies which service, in these words; ``clear`` False where it may be disputed."""

    document: str
    vendor: str
    category: str | None
    relation: str
    clear: bool
    evidence: str


@dataclass(frozen=True)
class LabelledText:
    """One document that is measured: every relation it states is among ``relations``."""

    document: str
    text: str
    kind: str
    title: str
    published: date | None
    negative: bool
    relations: tuple[Relation, ...]


def load(labels: Path, texts: Path | None = None, manifest: Path | None = None) -> list[LabelledText]:
    """The measured documents of a labels file, in order of their names.

    ``texts`` (default: the folder ``text`` beside the labels) holds the documents; ``manifest`` (default:
    ``manifest.csv`` beside the labels, where there is one) says which documents are measured: those annotated, and
    those labelled negative (``neg``, ``hard_neg``), in which nothing is to be found. Without one only documents with
    a row count. Raises ClassifyError naming file, line or document and what to do.
    """
    try:
        rows = _rows(labels)
        listing = manifest or labels.with_name("manifest.csv")
        listed = _manifest(listing) if manifest or listing.exists() else {}
        return [_document(name, rows, listed, texts or labels.with_name("text"))
                for name in sorted(_measured(rows, listed))]
    except OSError as problem:
        raise ClassifyError(f"{problem.filename or labels}: {problem.strerror}. Check the name") from problem


def read(documents: Iterable[LabelledText]) -> dict[str, list[dict[str, Any]]]:
    """document -> statements the text reader finds. Raises ClassifyError where this version has no text reader."""
    try:
        reader = cast(Reader, import_module("nlp.documents").read_documents)
    except ModuleNotFoundError as problem:
        if problem.name != "nlp.documents":
            raise
        raise ClassifyError("this version of section3c has no text reader (nlp.documents), so relations in texts "
                            "cannot be measured") from problem
    found: dict[str, list[dict[str, Any]]] = {}
    for batch in reader(_batches(documents)):
        for row in batch.to_pylist():
            found[row["document_id"]] = row["statements"] or []
    return found


def _batches(documents: Iterable[LabelledText]) -> Iterator[pa.RecordBatch]:
    rows = [{"document_id": d.document, "kind": d.kind, "title": d.title, "text": d.text, "published": d.published,
             "publisher": None, "agency_id": None, "notice_type": None, "awardee": None} for d in documents]
    for start in range(0, len(rows), _BATCH):
        yield pa.RecordBatch.from_pylist(rows[start : start + _BATCH], schema=DOCUMENT_INPUT)


def _rows(labels: Path) -> dict[str, list[Relation]]:
    found: dict[str, list[Relation]] = {}
    for number, line in enumerate(labels.read_text(encoding="utf-8", errors="strict").splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{labels.name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as problem:
            raise ClassifyError(f"{place}: is not JSON ({problem}); write one JSON object a line") from None
        if not isinstance(row, dict) or not isinstance(row.get("doc"), str) or "/" in row["doc"]:
            raise ClassifyError(f"{place}: needs 'doc', the name of a text file without folders")
        entries = found.setdefault(row["doc"], [])
        relation = _relation(row, place)
        if relation is not None:
            entries.append(relation)
    if not found:
        raise ClassifyError(f"{labels}: holds no labelled relation to measure against")
    return found


def _relation(row: Mapping[str, Any], place: str) -> Relation | None:
    """None for a row that says only that its document states nothing."""
    vendor, category, relation = row.get("vendor"), row.get("category"), row.get("relation")
    if not vendor or relation in (None, "none"):
        return None
    if relation not in RELATIONS:
        raise ClassifyError(f"{place}: 'relation' must be one of {', '.join(RELATIONS)}")
    if category not in (*CATEGORIES, "none", None):
        raise ClassifyError(f"{place}: 'category' must be one of {', '.join(CATEGORIES)}, none")
    clear = row["certainty"] == "clear" if row.get("certainty") else row.get("confidence", "high") == "high"
    return Relation(row["doc"], str(vendor), category if category in CATEGORIES else None, relation, clear,
                    str(row.get("evidence") or ""))


def _manifest(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines)
        if not {"doc", "label"} <= set(table.fieldnames or ()):
            raise ClassifyError(f"{path}: needs the columns doc and label (where known annotated, kind, title, date)")
        return {row["doc"]: row for row in table}


def _measured(rows: Mapping[str, object], listed: Mapping[str, Mapping[str, str]]) -> set[str]:
    def counts(row: Mapping[str, str]) -> bool:
        return row["label"] in ("neg", "hard_neg") or row.get("annotated", "").lower() in ("true", "1", "yes")

    return set(rows) | {name for name, row in listed.items() if counts(row)}


def _document(
    name: str, rows: Mapping[str, list[Relation]], listed: Mapping[str, Mapping[str, str]], folder: Path
) -> LabelledText:
    path = folder / name
    if path.stat().st_size > _MOST_BYTES:
        raise ClassifyError(f"{path}: is larger than {_MOST_BYTES:,} bytes; that is no text of one document")
    relations, entry = tuple(rows.get(name, ())), listed.get(name, {})
    makes_candidate = any(r.relation in CANDIDATE and r.category for r in relations)
    negative = entry.get("label") in ("neg", "hard_neg") if entry else not relations
    text = path.read_bytes().decode("utf-8", "replace")
    return LabelledText(name, text, _KINDS.get(entry.get("kind", ""), "article"), entry.get("title", ""),
                        _day(entry.get("date", "")), negative and not makes_candidate, relations)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
