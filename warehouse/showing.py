"""One piece of evidence, shown: the words in place in the archived bytes, with their capture, hash and file.

Belongs here: gathering what stands behind a statement, capture or candidate id. Does not belong here: drawing it
(pages.py), verifying everything (evidence.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import duckdb

from crawlers.archive import Capture, EvidenceArchive
from records.schemas import STATEMENT_SPAN
from records.workspace import Workspace
from warehouse.captures import FAILED
from warehouse.engine import WarehouseError, lake_view
from warehouse.places import PlaceError, read_back
from warehouse.reader import Reader, connect
from warehouse.text_readback import AROUND, Shown

_MOST: Final = 500
#: Characters of an archived text shown on either side of the words, unless all of it is asked for.
_BESIDE: Final = 2_000
#: Rule of a span that is a whole sentence, not what decided it.
SENTENCE: Final = "sentence"


def show(workspace: Workspace, identifier: str, *, whole: bool = False) -> dict[str, Any]:
    """What stands behind a statement ('s...'), capture ('c...') or candidate ('k...') id.

    A statement comes with ``words``: each with the archived ``text`` of its cell, ``highlight`` [start, end) in it,
    ``before`` and ``after`` (up to 160 characters), ``left_out`` (characters before and after what is shown,
    0 with ``whole``: a text may have a million), ``found`` (False when the words are not there), locator, column and
    ``capture`` (address, hashes, WARC file and offset, when fetched). Raises WarehouseError for an unknown id.
    """
    with connect(workspace) as reader:
        kinds = {"s": _statement, "c": _capture, "k": _candidate}
        make = kinds.get(identifier[:1])
        found = make(workspace, reader, identifier) if make else None
        if found is None:
            raise WarehouseError(
                f"no statement, capture or candidate '{identifier}' in version {reader.version}; "
                "`section3c candidates` lists evidence ids"
            )
        for word in found.get("words") or ():
            word.update(_within_reach(word, _BESIDE if not whole else None))
        return {**found, "id": identifier, "version": reader.version}


def _rows(reader: Reader, sql: str, *parameters: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reader.query(sql, parameters, max_rows=_MOST).table.to_pylist()
    return rows


def _statement(workspace: Workspace, reader: Reader, key: str) -> dict[str, Any] | None:
    spans = _rows(reader, "SELECT * FROM statement_span WHERE statement_id = ? ORDER BY position", key)
    stated = _rows(reader, "SELECT * FROM statement WHERE statement_id = ?", key)
    withdrawn = _rows(reader, "SELECT * FROM withdrawn_statement WHERE statement_id = ?", key)
    if not stated and not withdrawn:
        return None
    if withdrawn:
        spans = _withdrawn_spans(workspace, key)
    return {
        "kind": "statement",
        "statement": stated[0] if stated else None,
        "withdrawn": withdrawn[0] if withdrawn else None,
        "words": in_place(workspace, spans),
    }


def _withdrawn_spans(workspace: Workspace, key: str) -> list[dict[str, Any]]:
    """A withdrawn statement's spans are in the lake only."""
    with duckdb.connect(":memory:") as con:
        lake_view(con, workspace.lake, "statement_span", STATEMENT_SPAN)
        sql = "SELECT * FROM lake_statement_span WHERE statement_id = ? ORDER BY position"
        rows: list[dict[str, Any]] = con.sql(sql, params=[key]).to_arrow_table().to_pylist()
        return rows


def _capture(workspace: Workspace, reader: Reader, key: str) -> dict[str, Any] | None:
    archive = EvidenceArchive(workspace.evidence)
    capture = _archived(archive, key)
    if capture is None:
        return None
    statements = _rows(
        reader, "SELECT DISTINCT statement_id FROM statement_span WHERE capture_id = ? ORDER BY statement_id", key
    )
    return {
        "kind": "capture",
        "capture": _described(archive, capture),
        "statements": [row["statement_id"] for row in statements],
    }


def _candidate(workspace: Workspace, reader: Reader, key: str) -> dict[str, Any] | None:
    found = _rows(reader, "SELECT * FROM candidate WHERE candidate_id = ?", key)
    if not found:
        return None
    statements = _rows(
        reader, "SELECT statement_id FROM statement_bits WHERE candidate_id = ? ORDER BY place, statement_id", key
    )
    best = _statement(workspace, reader, found[0]["best_statement_id"])
    return {
        "kind": "candidate",
        "candidate": found[0],
        "waterfall": _rows(reader, "SELECT * FROM candidate_weight WHERE candidate_id = ? ORDER BY position", key),
        "statements": [row["statement_id"] for row in statements],
        "statement": best["statement"] if best else None,
        "words": best["words"] if best else [],
    }


def _archived(archive: EvidenceArchive, capture_id: str) -> Capture | None:
    try:
        return archive.get(capture_id)
    except KeyError:
        return None


def _described(archive: EvidenceArchive, capture: Capture) -> dict[str, Any]:
    failed = archive.failed().get(capture.capture_id)
    return asdict(capture) | ({"verdict": FAILED, "verdict_reason": failed} if failed else {})


def in_place(workspace: Workspace, spans: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each span, in order, with the archived text around it as ``show`` has it; what cannot be read back says why."""
    archive = EvidenceArchive(workspace.evidence)
    some = list(spans)
    read: dict[int, Shown] = {}
    captures: dict[str, dict[str, Any] | None] = {}
    problems: dict[str, str] = {}
    for capture_id in dict.fromkeys(span["capture_id"] for span in some):
        capture = _archived(archive, capture_id)
        captures[capture_id] = _described(archive, capture) if capture else None
        if capture is None:
            problems[capture_id] = "the capture is not in the archive"
            continue
        own = [at for at, span in enumerate(some) if span["capture_id"] == capture_id]
        try:
            read.update(zip(own, read_back(archive, capture, [some[at] for at in own], workspace.state), strict=True))
        except PlaceError as error:
            problems[capture_id] = str(error)
    found = [
        _shown(span, read.get(at, Shown(None, None)))
        | {"capture": captures[span["capture_id"]], "problem": problems.get(span["capture_id"])}
        for at, span in enumerate(some)
    ]
    _within_sentences(some, found)
    return found


def _within_sentences(spans: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """Words of a text that stand in its quoted sentence are shown there, not each in surroundings of its own."""
    quoted = [(s, f) for s, f in zip(spans, found, strict=True) if s["rule"] == SENTENCE and f["found"]]
    for span, shown in zip(spans, found, strict=True):
        if span["rule"] == SENTENCE or not shown["found"] or span["places"] is None:
            continue
        for sentence, around in quoted:
            same = all(span[name] == sentence[name] for name in ("statement_id", "capture_id", "locator"))
            if same and sentence["start"] <= span["start"] and span["end"] <= sentence["end"]:
                start = around["highlight"][0] + span["start"] - sentence["start"]
                shown.update(_shown(span, Shown(around["text"], start)))
                break


def _within_reach(word: dict[str, Any], beside: int | None) -> dict[str, Any]:
    """The word's archived text cut to what stands beside the words, with the highlight where it is then."""
    text, highlight = word["text"], word["highlight"]
    if beside is None or text is None:
        return {"left_out": [0, 0]}
    start, end = highlight or (0, 0)
    first, last = max(0, start - beside), min(len(text), end + beside)
    return {"text": text[first:last], "highlight": [start - first, end - first] if highlight else None,
            "left_out": [first, len(text) - last]}


def _shown(span: dict[str, Any], there: Shown) -> dict[str, Any]:
    text, start = there
    end = None if start is None else start + len(span["words"])
    found = text is not None and start is not None
    return {
        **{name: span[name] for name in ("words", "column", "locator", "places", "rule", "bits", "transaction_key")},
        "found": found,
        "text": text,
        "highlight": [start, end] if found else None,
        "before": text[max(0, start - AROUND) : start] if text is not None and start is not None else "",
        "after": text[end : (end or 0) + AROUND] if text is not None and end is not None else "",
    }
