"""Journals and pacing: torn lines do no harm, old answers expire, hosts get their turns."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.decoding import UndecodableError, content_coding, decode
from crawlers.journal import Journal, finish_window, finished_windows
from crawlers.middlewares.politeness import Pacer


def test_answers_and_notes_survive_and_a_torn_line_does_no_harm(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "src 2026-11-08..2026-11-22")
    journal.record("f1", "c1")
    journal.put("job", {"file": "a.zip"})
    with journal.path.open("ab") as file:
        file.write(b'{"request": "f2", "capt')
    again = Journal(tmp_path, "src 2026-11-08..2026-11-22")
    again.record("f3", "c3")
    last = Journal(tmp_path, "src 2026-11-08..2026-11-22")
    assert [last.answer(f) for f in ("f1", "f2", "f3")] == ["c1", None, "c3"]
    assert last.get("job") == {"file": "a.zip"} and last.get("other", 1) == 1
    assert Journal(tmp_path, "src other").answer("f1") is None
    last.finish()
    assert Journal(tmp_path, "src 2026-11-08..2026-11-22").answer("f1") is None


def test_old_journal_is_started_afresh(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "k")
    journal.record("f1", "c1")
    os.utime(journal.path, (time.time() - 90_000,) * 2)
    assert Journal(tmp_path, "k").answer("f1") is None


def test_windows_are_listed_oldest_first(tmp_path: Path) -> None:
    for window in ("a", "b"):
        finish_window(tmp_path, window, "r")
    assert [w["window"] for w in finished_windows(tmp_path)] == ["a", "b"]
    assert finished_windows(tmp_path / "none") == []


def test_turns_of_one_host_are_a_delay_apart_and_other_hosts_do_not_wait() -> None:
    async def run() -> tuple[list[float], float]:
        pacer = Pacer(0.1)
        started = time.monotonic()
        times: list[float] = []

        async def one() -> None:
            await pacer.turn("a")
            times.append(time.monotonic() - started)

        other = asyncio.create_task(pacer.turn("b"))
        await asyncio.gather(one(), one(), one())
        await other
        return sorted(times), time.monotonic() - started

    times, _ = asyncio.run(run())
    assert times[0] < 0.09 and times[1] >= 0.1 and times[2] >= 0.2


def test_pause_holds_every_waiter_and_outlives_the_process(tmp_path: Path) -> None:
    async def run(pacer: Pacer) -> float:
        started = time.monotonic()
        await asyncio.gather(pacer.turn("a"), pacer.turn("a"))
        return time.monotonic() - started

    pacer = Pacer(0.0, tmp_path / "pauses.json")
    pacer.pause("a", 0.3, keep=True)
    assert asyncio.run(run(Pacer(0.0, tmp_path / "pauses.json"))) >= 0.25
    pacer.slow_down("a", 0.2)
    assert asyncio.run(run(pacer)) >= 0.2


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "x-gzip", "deflate", "raw"]), st.integers(1, 700))
def test_codings_are_undone_whatever_the_chunks(body: bytes, coding: str, size: int) -> None:
    import gzip
    import zlib

    packed = gzip.compress(body) if "gzip" in coding else zlib.compress(body)
    if coding == "raw":
        engine = zlib.compressobj(wbits=-15)
        packed = engine.compress(body) + engine.flush()
    chunks = [packed[n : n + size] for n in range(0, len(packed), size)]
    assert b"".join(decode(chunks, "deflate" if coding == "raw" else coding)) == body


@pytest.mark.parametrize(("coding", "data"), [
    ("br", b"x"), ("gzip, gzip", b"x"), ("gzip", b"x" * 30), ("gzip", b"\x1f\x8b"), ("gzip", b"\x1f"),
])
def test_what_cannot_be_undone_is_said(coding: str, data: bytes) -> None:
    with pytest.raises(UndecodableError):
        list(decode([data], coding))


def test_coding_is_read_from_headers() -> None:
    assert content_coding([("content-encoding", " GZIP ")]) == "gzip"
    assert content_coding([("Content-Encoding", "identity"), ("X", "gzip")]) is None
    assert content_coding([("Content-Encoding", "gzip"), ("Content-Encoding", "br")]) == "gzip, br"
