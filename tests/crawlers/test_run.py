"""The parent's side of a crawl: what a killed child leaves, what a run that goes on does not fetch again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from crawlers.run import CrawlError, Event, confirm, crawl, finished_windows
from tests.crawlers.conftest import Asked, Crawls, Server, http, raw

CSV = b"a,b\n1,2\n"
ROOT = Path(__file__).resolve().parents[2]


def pages(server: Server, count: int) -> list[str]:
    found = {f"/{n}": http(CSV + b"%d\n" % n) for n in range(count)}
    server.pages |= found
    return list(found)


def test_parent_imports_no_scrapy() -> None:
    code = "import sys, crawlers.run; print([m for m in sys.modules if m.split('.')[0] in ('scrapy', 'twisted')])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_killed_child_is_an_error_with_its_log_and_its_captures_are_kept(crawls: Crawls, server: Server) -> None:
    [path] = pages(server, 1)
    with pytest.raises(CrawlError, match=r"killed by signal 9(?s:.*)run again and it goes on(?s:.*)Spider opened"):
        crawls(path, spider="Dies")
    archive = crawls.archive
    archive.recover()
    assert [c.verdict for c in archive.captures()] == ["ok"] and list(archive.verify()) == []


def test_run_after_a_kill_fetches_only_what_is_not_archived(crawls: Crawls, server: Server) -> None:
    paths = pages(server, 3)
    options = {"window": "2026-11-08..2026-11-22"}
    with pytest.raises(CrawlError):
        crawls(paths[0], spider="Dies", options=options)
    again = crawls(*paths, options=options, run_id="r2")
    assert again.ok, again.problems
    assert again.stats["resumed"] == 1
    assert server.paths() == paths
    assert [w["window"] for w in finished_windows("made", workspace=crawls.workspace)] == [options["window"]]
    assert {crawls.archive.get(h.capture_id).uri for h in again.harvests} == {server.url + p for p in paths}
    fresh = crawls(*paths, options=options, run_id="r3")
    assert fresh.ok and fresh.stats["resumed"] == 0, "a finished window is crawled afresh"


def test_journal_is_kept_until_the_crawl_is_confirmed(crawls: Crawls, server: Server) -> None:
    paths = pages(server, 2)
    options = {"window": "w1", "keep_journal": True}
    crawls(*paths, options=options)
    assert finished_windows("made", workspace=crawls.workspace) == []
    assert crawls(*paths, options=options, run_id="r2").stats["resumed"] == 2
    confirm("made", workspace=crawls.workspace, run_id="r2", options=options)
    assert [w["run_id"] for w in finished_windows("made", workspace=crawls.workspace)] == ["r2"]
    assert crawls(*paths, options=options, run_id="r3").stats["resumed"] == 0


def test_damaged_capture_is_fetched_again_not_resumed(crawls: Crawls, server: Server) -> None:
    paths = pages(server, 1)
    options = {"window": "w1", "keep_journal": True}
    made = crawls.archive.get(crawls(*paths, options=options).harvests[0].capture_id)
    path = crawls.workspace.evidence / made.warc_file
    damaged = bytearray(path.read_bytes())
    damaged[made.warc_offset + made.warc_length // 2] ^= 0xFF
    path.write_bytes(damaged)
    again = crawls(*paths, options=options, run_id="r2")
    assert again.stats["resumed"] == 0 and len(server.asked) == 2


def test_bad_captures_are_not_resumed(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = http(b"down", 500, "text/plain")
    crawls("/a", options={"window": "w"}, tries=1)
    server.pages["/a"] = http(CSV)
    again = crawls("/a", options={"window": "w"}, run_id="r2")
    assert again.ok and again.stats["resumed"] == 0


def test_events_come_as_they_happen_and_prints_do_not_mix_in(crawls: Crawls, server: Server) -> None:
    paths = pages(server, 3)
    seen: list[Event] = []
    folder = crawls.source("Many")
    report = crawl("made", workspace=crawls.workspace, run_id="r1", base_url=server.url, progress=seen.append,
                   options={"source_folder": str(folder), "paths": paths})
    assert report.ok, report.problems
    assert [e.kind for e in seen if e.kind != "note"] == ["harvest"] * 3 + ["done"]
    assert "a library prints to stdout" in report.log.read_text()


def test_error_in_the_listener_stops_the_child(crawls: Crawls, server: Server) -> None:
    async def never(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    server.pages |= {"/0": http(CSV), "/1": never}

    def listen(event: Event) -> None:
        if event.kind == "harvest":
            raise KeyboardInterrupt

    folder = crawls.source("Many")
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        crawl("made", workspace=crawls.workspace, run_id="r1", base_url=server.url, progress=listen,
              options={"source_folder": str(folder), "paths": ["/0", "/1"]})
    assert time.monotonic() - started < 30
    archive = crawls.archive
    archive.recover()
    assert len(list(archive.captures())) == 1 and list(archive.verify()) == []


PARENT = textwrap.dedent("""
    import json, sys
    from pathlib import Path
    from crawlers.run import crawl
    from records.workspace import Workspace
    data, base, options = sys.argv[1:]
    crawl("made", workspace=Workspace(Path(data)), run_id="r1", base_url=base, options=json.loads(options),
          progress=lambda event: print(event.kind, flush=True))
""")


def test_child_ends_when_its_parent_is_killed(crawls: Crawls, server: Server) -> None:
    asked: list[float] = []

    async def slow(seen: Asked, writer: asyncio.StreamWriter) -> None:
        asked.append(seen.at)
        await asyncio.sleep(0.1)
        await http(CSV)(seen, writer)

    paths = [f"/{n}" for n in range(500)]
    server.pages = dict.fromkeys(paths, slow)
    options = json.dumps({"source_folder": str(crawls.source("Many")), "paths": paths})
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(crawls.workspace.root), server.url, options],
                              cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True)
    assert parent.stdout is not None
    while parent.stdout.readline().strip() != "harvest":
        pass
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    time.sleep(1.0)
    count = len(asked)
    time.sleep(0.6)
    assert len(asked) == count < 100


def test_public_host_is_not_asked_without_a_contact(crawls: Crawls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECTION3C_CONTACT", raising=False)
    with pytest.raises(CrawlError, match="Set SECTION3C_CONTACT to a mail address"):
        crawls("/a", base=None)


@pytest.mark.parametrize(("change", "why"), [
    ({"spider": "Nobody"}, "cannot be loaded"),
    ({"spider": "CSV"}, "cannot be loaded"),
    ({"base": "http://api.example.org"}, "must be https"),
    ({"mode": "rewind"}, "not live or replay"),
    ({"replay": Path("nowhere.warc.gz"), "mode": "replay"}, "no WARC archive here"),
])
def test_what_cannot_be_crawled_is_said_plainly(crawls: Crawls, change: dict[str, str], why: str) -> None:
    with pytest.raises(CrawlError, match=why):
        crawls("/a", **change)  # type: ignore[arg-type]


def test_unknown_source_names_the_known_ones(crawls: Crawls) -> None:
    folder = crawls.source()
    with pytest.raises(CrawlError, match=r"no source 'other' \(known: made\)"):
        crawl("other", workspace=crawls.workspace, run_id="r1", options={"source_folder": str(folder)})


def test_crashed_run_is_healed_by_the_next(crawls: Crawls, server: Server) -> None:
    paths = pages(server, 1)
    crawls(*paths)
    file = next(crawls.workspace.evidence.glob("*/*.warc.gz"))
    with file.open("ab") as stream:
        stream.write(b"\x1f\x8b\x08torn")
    assert any("7 torn bytes set aside" in note for note in crawls(*paths, run_id="r2").notes)
    assert list(crawls.archive.verify()) == []


def test_dropped_connections_without_an_answer_are_no_captures(crawls: Crawls, server: Server) -> None:
    server.pages["/a"] = raw(b"")
    report = crawls("/a", tries=1)
    assert report.stats["captures"] == 0 and not report.ok
