"""Replay: the same spider over an archive gives the same harvests, and asks nobody."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from scrapy.http import Request

from crawlers.archive import ArchiveError, EvidenceArchive
from crawlers.replay import ReplayStore, archived_response, key
from records.workspace import Workspace
from tests.crawlers.conftest import Crawls, Server, exchange, http, turns

CSV = b"a,b\n1,2\n"


def test_archive_handed_over_replays_in_another_workspace(crawls: Crawls, server: Server, tmp_path: Path) -> None:
    server.pages |= {"/a": turns(http(b"busy", 503, "text/plain", Retry_After="1"), http(CSV)),
                     "/b": http(gzip.compress(CSV), Content_Encoding="gzip"), "/c": http(b"", 302, Location="/a"),
                     "/d": http(b"<html><title>Request Access</title>", kind="text/html")}
    live = crawls("/a", "/b", "/c", "/d", tries=2)
    [file] = crawls.workspace.evidence.glob("*/*.warc.gz")
    other = Crawls(tmp_path / "other", server)
    other.folder.mkdir()
    asked = len(server.asked)
    replayed = other("/a", "/b", "/c", "/d", mode="replay", replay=file, tries=2, base=None)
    assert len(server.asked) == asked
    assert sorted(replayed.harvests) == sorted(live.harvests)
    assert replayed.problems == live.problems and len(live.problems) == 1
    assert replayed.stats["verdicts"] == live.stats["verdicts"] == {"ok": 3, "block_page": 1}
    assert replayed.stats["captures"] == 0
    own = EvidenceArchive(Workspace(other.folder / "data").evidence)
    assert {c.capture_id for c in own.captures()} == {c.capture_id for c in crawls.archive.captures()}
    assert own.payload(own.get(replayed.harvests[0].capture_id)).read() == CSV


def test_large_capture_replays_from_disk(crawls: Crawls, server: Server) -> None:
    body = bytes(range(256)) * (10 << 12)
    server.pages["/big"] = http(body, kind="application/zip")
    live = crawls("/big", max_body=16 << 20, max_decoded=16 << 20)
    assert crawls("/big", mode="replay", run_id="r2").harvests == live.harvests
    assert live.harvests[0].context == {"length": len(body)}


def test_miss_names_the_request(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = http(CSV)
    crawls("/a")
    report = crawls("/a", "/other?x=1", mode="replay", run_id="r2")
    assert len(report.harvests) == 1
    assert f"the archive holds no answer to GET {server.url}/other?x=1" in report.problems[0]


def test_one_run_can_be_replayed_alone(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = turns(http(CSV), http(b"a,b\n3,4\n"))
    first, second = crawls("/a"), crawls("/a", run_id="r2")
    assert first.harvests != second.harvests
    again = crawls("/a", mode="replay", run_id="r3", options={"replay_run": "r2"})
    assert again.harvests == second.harvests


def test_damaged_archive_is_a_problem_not_a_row(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = http(random.Random(2).randbytes(3000))
    made = crawls.archive.get(crawls("/a").harvests[0].capture_id)
    path = crawls.workspace.evidence / made.warc_file
    whole = path.read_bytes()
    for part in (0.02, 0.3, 0.6, 0.9):
        damaged = bytearray(whole)
        damaged[made.warc_offset + int(made.warc_length * part)] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(ArchiveError, match="is damaged"):
            archived_response(crawls.archive, made, Request(made.uri))
    report = crawls("/a", mode="replay", run_id="r2")
    assert report.harvests == [] and "is damaged" in report.problems[0]


def test_answers_come_in_recorded_order_and_the_last_repeats(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = [writer.write(exchange("https://a.example/s?b=2&a=1", b"%d" % n)) for n in (1, 2, 2, 3)]
    store = ReplayStore(archive.captures())
    wanted = key("GET", "https://a.example/s?a=1&b=2", None)
    given = [store.answer(wanted) for _ in range(6)]
    assert [c.capture_id for c in given if c] == [made[n].capture_id for n in (0, 1, 2, 3, 3, 3)]
    assert store.answer(key("POST", "https://a.example/s?a=1&b=2", None)) is None
    assert store.answer(key("GET", "https://a.example/s?a=1&b=2", "0" * 64)) is None


@pytest.mark.parametrize("url", ["https://a.example/x?api_key=SECRET&q=1", "https://a.example/x?q=1&api_key=OTHER#f"])
def test_keys_of_an_api_are_neither_archived_nor_part_of_the_question(url: str) -> None:
    from crawlers.middlewares.evidence import public_uri

    assert "SECRET" not in public_uri(url, frozenset({"api_key"}))
    asked = {key("GET", public_uri(u, frozenset({"api_key"})), None) for u in (url, "https://a.example/x?api_key=&q=1")}
    assert len(asked) == 1
