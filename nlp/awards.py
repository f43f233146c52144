"""The award reader over Arrow: READING_INPUT batches in, READING batches out, in order, in this or more processes.

Belongs here: batches, reading identical content once, the process pool, the reader's version. Does not belong
here: what is found and why (``nlp.reader``), storing readings (``warehouse``).
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from nlp.evidence import Service
from nlp.reader import Award, AwardReader, Reading, award_reader
from nlp.version import reader_version
from records.schemas import READING, READING_INPUT

_REMEMBERED: Final = 400_000  # readings kept while one call lasts; older contents are simply read again
_CHUNK: Final = 256
_AHEAD: Final = 4  # batches in flight a worker


def read_one(record: Mapping[str, Any], reader: AwardReader | None = None) -> dict[str, Any]:
    """One award (READING_INPUT's fields as a dict; missing ones are empty) as a dict with READING's fields."""
    award = award_of(record)
    return {"award_key": str(record.get("award_key") or ""),
            **_plain((reader or award_reader()).read(award, with_model=True)),
            "reader_version": reader_version()}


def read_batches(batches: Iterable[pa.RecordBatch], *, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """READING_INPUT batches to READING batches, one for one, rows in order; identical content is read once.

    Pure: the result depends on the rows, the code and the ordinance data only, not on ``workers``. With more
    than one worker batches are read in processes started afresh (spawn). Raises ValueError when a batch lacks
    a column or ``workers`` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, not {workers}")
    known: dict[bytes, dict[str, Any]] = {}
    if workers == 1:
        for batch in batches:
            yield _answer(batch, known, {})
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        waiting: deque[tuple[pa.RecordBatch, list[tuple[list[bytes], Future[list[dict[str, Any]]]]]]] = deque()
        asked: set[bytes] = set()
        for batch in batches:
            waiting.append((batch, _ask(pool, batch, known, asked)))
            if len(waiting) >= workers * _AHEAD:
                yield _collect(*waiting.popleft(), known)
        while waiting:
            yield _collect(*waiting.popleft(), known)


def _ask(
    pool: ProcessPoolExecutor, batch: pa.RecordBatch, known: Mapping[bytes, object], asked: set[bytes]
) -> list[tuple[list[bytes], Future[list[dict[str, Any]]]]]:
    """Sends the contents nobody has asked for yet to the pool, in chunks; later batches wait for the same answer."""
    fresh: dict[bytes, Award] = {}
    for award in _awards(batch):
        key = _content(award)
        if key not in known and key not in asked:
            fresh[key] = award
    asked.update(fresh)
    items = iter(fresh.items())
    futures = []
    while chunk := list(islice(items, _CHUNK)):
        futures.append(([key for key, _ in chunk], pool.submit(_read_chunk, [award for _, award in chunk])))
    return futures


def _collect(
    batch: pa.RecordBatch, futures: list[tuple[list[bytes], Future[list[dict[str, Any]]]]],
    known: dict[bytes, dict[str, Any]],
) -> pa.RecordBatch:
    answers: dict[bytes, dict[str, Any]] = {}
    for keys, future in futures:
        answers.update(zip(keys, future.result(), strict=True))
    return _answer(batch, known, answers)


def _read_chunk(awards: list[Award]) -> list[dict[str, Any]]:
    reader = award_reader()
    return [_plain(reader.read(award, with_model=True)) for award in awards]


def _answer(
    batch: pa.RecordBatch, known: dict[bytes, dict[str, Any]], answers: dict[bytes, dict[str, Any]]
) -> pa.RecordBatch:
    known.update(answers)
    reader = award_reader() if not answers else None
    rows: list[dict[str, Any]] = []
    for key, award in zip(batch.column("award_key").to_pylist(), _awards(batch), strict=True):
        content = _content(award)
        reading = known.get(content)
        if reading is None:
            reader = reader or award_reader()
            reading = known[content] = _plain(reader.read(award, with_model=True))
        rows.append({"award_key": key, **reading, "reader_version": reader_version()})
    while len(known) > _REMEMBERED:
        known.pop(next(iter(known)))
    return pa.RecordBatch.from_pylist(rows, schema=READING)


def _awards(batch: pa.RecordBatch) -> Iterator[Award]:
    missing = [name for name in READING_INPUT.names if name not in batch.schema.names]
    if missing:
        raise ValueError(f"the batch lacks {', '.join(missing)}; the reader needs every column of READING_INPUT")
    for row in batch.select(READING_INPUT.names).to_pylist():
        yield award_of(row)


def award_of(row: Mapping[str, Any]) -> Award:
    """READING_INPUT's fields as the reader takes them; missing ones are empty."""
    def text(name: str) -> str:
        return str(row.get(name) or "")

    return Award(
        descriptions=tuple(str(item or "") for item in row.get("descriptions") or ()),
        agency=text("agency"), office=text("office"), recipient=text("recipient"), parent=text("parent"),
        psc_code=text("psc_code"), psc=text("psc"), naics_code=text("naics_code"), naics=text("naics"),
        business_flags=tuple(str(flag) for flag in row.get("business_flags") or ()),
    )


def _content(award: Award) -> bytes:
    return hashlib.sha256(repr(award).encode("utf-8", "surrogatepass")).digest()


def _plain(reading: Reading) -> dict[str, Any]:
    return {"entity": reading.entity, "entity_reason": reading.entity_reason,
            "services": [_service(service) for service in reading.services]}


def _service(service: Service) -> dict[str, Any]:
    plain = asdict(service)
    del plain["bits"], plain["by_model"]
    plain["words"] = [asdict(word) for word in service.words]
    return plain
