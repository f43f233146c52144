"""The text reader over Arrow: DOCUMENT_INPUT batches in, DOCUMENT_READING batches out, in order, in processes.

Belongs here: batches, reading identical content once, the process pool. Does not belong here: what a text says
(``nlp.prose``), storing readings (``warehouse``).
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, fields
from typing import Any, Final

import pyarrow as pa

from nlp.prose.reader import Text, read_text
from nlp.prose.statements import Statement
from nlp.version import reader_version
from records.schemas import DOCUMENT_INPUT, DOCUMENT_READING

_REMEMBERED: Final = 20_000  # readings kept while one call lasts
_AHEAD: Final = 3  # batches in flight a worker
_COLUMNS: Final = ("text", "title", "kind", "agency_id", "notice_type", "awardee", "publisher")
_Read = tuple[bool, list[dict[str, Any]]]


def read_documents(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """DOCUMENT_INPUT batches to DOCUMENT_READING batches, one for one, rows in order; identical content is read once.

    Pure: the result depends on the rows, the code, the model and the ordinance data only, not on ``workers``. With more
    than one worker documents are read in processes started afresh (spawn). Raises ValueError when a batch lacks a
    column or ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    known: dict[bytes, _Read] = {}
    if workers == 1:
        for batch in batches:
            for key, text in _texts(batch):
                if key not in known:
                    known[key] = read_plain(text)
            yield _answer(batch, known)
        return
    with ProcessPoolExecutor(max_workers=workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: deque[tuple[pa.RecordBatch, dict[bytes, Future[_Read]]]] = deque()
        asked: dict[bytes, Future[_Read]] = {}
        for batch in batches:
            for key, text in _texts(batch):
                if key not in known and key not in asked:
                    asked[key] = pool.submit(read_plain, text)
            waiting.append((batch, {key: asked[key] for key, _ in _texts(batch) if key in asked}))
            if len(waiting) >= workers * _AHEAD:
                yield _collect(*waiting.popleft(), known)
        while waiting:
            yield _collect(*waiting.popleft(), known)


def read_plain(text: Text) -> _Read:
    """One document as (read, statements in TEXT_FOUND's fields)."""
    read, found = read_text(text)
    return read, [_plain(statement) for statement in found]


def _collect(
    batch: pa.RecordBatch, futures: Mapping[bytes, Future[_Read]], known: dict[bytes, _Read]
) -> pa.RecordBatch:
    known.update({key: future.result() for key, future in futures.items()})
    return _answer(batch, known)


def _answer(batch: pa.RecordBatch, known: dict[bytes, _Read]) -> pa.RecordBatch:
    rows = []
    for identifier, (key, _) in zip(batch.column("document_id").to_pylist(), _texts(batch), strict=True):
        read, found = known[key]
        rows.append({"document_id": identifier, "read": read, "statements": found, "reader_version": reader_version()})
    while len(known) > _REMEMBERED:
        known.pop(next(iter(known)))
    return pa.RecordBatch.from_pylist(rows, schema=DOCUMENT_READING)


def _texts(batch: pa.RecordBatch) -> Iterator[tuple[bytes, Text]]:
    missing = [name for name in DOCUMENT_INPUT.names if name not in batch.schema.names]
    if missing:
        raise ValueError(f"the batch lacks {', '.join(missing)}; the reader needs every column of DOCUMENT_INPUT")
    for row in batch.select(list(_COLUMNS)).to_pylist():
        text = Text(
            **{
                name: row[name] if name in ("agency_id", "notice_type", "awardee") else row[name] or ""
                for name in _COLUMNS
            }
        )
        yield hashlib.sha256(repr(text).encode("utf-8", "surrogatepass")).digest(), text


def _plain(statement: Statement) -> dict[str, Any]:
    plain = {
        item.name: getattr(statement, item.name) for item in fields(statement) if item.name not in ("words", "features")
    }
    return {**plain, "words": [asdict(word) for word in statement.words]}
