from __future__ import annotations

import ast
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import crawlers.documents
from crawlers.documents import DocumentLimits, DocumentPool, Extracted, extract
from crawlers.documents.pool import PoolError, _Child
from crawlers.documents.types import from_json, to_json
from tests.crawlers import documents_made as made

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's locks are Linux's")


@pytest.fixture(scope="module")
def pool() -> Iterator[DocumentPool]:
    with DocumentPool() as one:
        yield one


def locked(body: str, port: int = 0) -> str:
    """What a locked-down process says when it tries something."""
    code = ("import os, socket, sys, subprocess, threading, ctypes\nfrom pathlib import Path\n"
            "from crawlers.documents import sandbox\nheld = sandbox.lock_down(4 << 30)\n"
            f"port = {port}\ntry:\n    {body}\nexcept BaseException as problem:\n    print(type(problem).__name__)\n"
            "else:\n    print('done')\n")
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
                         check=False)
    return run.stdout.strip() or f"exit {run.returncode}"


def in_force() -> set[str]:
    with DocumentPool() as one:
        return set(one.protections())


@LINUX
@pytest.mark.parametrize("attempt", [
    "socket.socket()", "socket.create_connection(('127.0.0.1', port), 2)", "os.fork()",
    "os.execv('/bin/true', ['true'])", "os.posix_spawn('/bin/true', ['true'], {})", "os.kill(os.getppid(), 0)",
    "subprocess.run(['true'])",
])
def test_a_locked_process_has_no_network_and_starts_nothing(attempt: str) -> None:
    if "seccomp" not in in_force():
        pytest.skip("this kernel has no seccomp filters for us")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert locked(attempt, server.getsockname()[1]) == "PermissionError"


@LINUX
def test_a_locked_process_opens_only_its_own_code(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("keys")
    if "landlock" not in in_force():
        pytest.skip("this kernel has no Landlock")
    for path in (str(secret), "/etc/passwd", "/proc/1/environ", str(ROOT / "pyproject.toml")):
        assert locked(f"open({path!r}).read()") == "PermissionError"
    assert locked("open(crawlers.__file__).read()".replace("crawlers", "sandbox")) == "done"


@LINUX
def test_a_locked_process_writes_and_removes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    for attempt in (f"open({str(tmp_path / 'new')!r}, 'w')", f"os.unlink({str(kept)!r})", f"open({str(kept)!r}, 'a')",
                    f"os.rename({str(kept)!r}, {str(tmp_path / 'x')!r})", f"os.truncate({str(kept)!r}, 0)"):
        assert locked(attempt) == "PermissionError"
    assert kept.read_text() == "kept" and list(tmp_path.iterdir()) == [kept]


@LINUX
def test_threads_and_its_own_libraries_still_work_when_locked() -> None:
    assert locked("threading.Thread(target=print).start()") == "done"
    assert locked("import decimal, xml.dom.minidom") == "done"


def test_the_child_gets_nothing_of_our_environment(pool: DocumentPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECTION3C_TEST_KEY", "sealed")
    child = _Child()
    try:
        environment = Path(f"/proc/{child._process.pid}/environ")
        if not environment.exists() or not os.access(environment, os.R_OK):
            pytest.skip("/proc cannot be read here")
        assert b"SECTION3C_TEST_KEY" not in environment.read_bytes()
    finally:
        child.end()


def test_no_reader_imports_network_modules() -> None:
    """Only the pool and its child speak over a socket: the pair they were born with."""
    folder = Path(crawlers.documents.__file__).parent
    for path in sorted(folder.glob("*.py")):
        names = {alias.name.partition(".")[0] for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                 if isinstance(node, ast.Import | ast.ImportFrom)
                 for alias in (node.names if isinstance(node, ast.Import) else [ast.alias(node.module or "")])}
        found = names & {"socket", "urllib", "http", "ssl", "asyncio", "requests", "scrapy", "twisted"}
        assert found <= ({"socket"} if path.name in ("pool.py", "child.py") else set()), path.name


def test_a_sparse_file_of_10_gb_is_refused_before_it_is_read(pool: DocumentPool, tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    with path.open("wb") as file:
        file.truncate(10 << 30)
    started = time.monotonic()
    found = extract(path, pool=pool)
    assert found.verdict == "too_large" and "10,737,418,240 bytes" in found.reason()
    assert time.monotonic() - started < 2


def test_pipes_and_folders_are_refused_without_waiting(pool: DocumentPool, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.pdf"
    os.mkfifo(fifo)
    assert extract(fifo, pool=pool).verdict == "unsupported"
    assert extract(tmp_path, pool=pool).verdict == "unsupported"


@pytest.mark.parametrize("name", ["bomb", "lying", "members", "text"])
def test_zip_bombs_are_stopped(pool: DocumentPool, name: str) -> None:
    makers: dict[str, Callable[[], bytes]] = {
        "bomb": lambda: made.with_members(made.word("x"), {"word/media/a.bin": bytes(40 << 20)}),
        "lying": made.lying_zip,
        "members": lambda: made.archive({f"{n}.txt": b"" for n in range(6000)}),
        "text": lambda: made.with_members(made.word("x"), {
            "word/document.xml": b"<a>" + b"<b/>" * 5_000_000 + b"</a>"}),
    }
    data = makers[name]()
    assert len(data) < 2_000_000
    found = extract(data, pool=pool)
    assert (found.verdict, found.text) == ("corrupt" if name == "lying" else "too_large", "")


@pytest.mark.parametrize("xml", [
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>',
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
])
@pytest.mark.parametrize("member", ["word/document.xml", "[Content_Types].xml", "docProps/app.xml"])
def test_entities_and_document_types_in_office_files_are_refused(pool: DocumentPool, xml: str, member: str) -> None:
    found = extract(made.with_members(made.word("x"), {member: xml.encode()}), pool=pool)
    assert found.verdict == "corrupt" and member in found.reason() and "entities" in found.reason()
    sheet = extract(made.book({"S": made.rows({"A1": "x"})}, members={"xl/sharedStrings.xml": xml.encode()}), pool=pool)
    assert sheet.verdict == "corrupt"


def test_broken_office_files_are_corrupt(pool: DocumentPool) -> None:
    whole = made.word("words that stand here")
    assert extract(whole[: len(whole) // 2], filename="a.docx", pool=pool).verdict == "corrupt"
    assert extract(made.with_members(whole, {"word/document.xml": b"<w:document"}), pool=pool).verdict == "corrupt"
    assert extract(made.with_members(whole, {}, twice="word/document.xml"), pool=pool).verdict == "corrupt"
    for part in ("word/x.xml", "xl/x.xml"):
        hollow = made.archive({"[Content_Types].xml": b"<a/>", part: b"<a/>"})
        assert extract(hollow, pool=pool).verdict == "corrupt"
    deep = b"<a>" * 100_000
    nested = made.with_members(whole, {"word/document.xml": deep + deep.replace(b"<", b"</")})
    assert extract(nested, pool=pool).verdict == "corrupt"
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    assert not extract(bytes(flipped), pool=pool).ok


def test_time_is_up_for_what_does_not_end(pool: DocumentPool) -> None:
    data = made.flate(60 << 20)
    started = time.monotonic()
    found = extract(data, limits=DocumentLimits(wall_seconds=0.05), pool=pool)
    assert found.verdict == "too_large" and "time for one document" in found.reason()
    assert time.monotonic() - started < 20
    found = extract(data, limits=DocumentLimits(cpu_seconds=0, wall_seconds=60), pool=pool)
    assert found.verdict in ("too_large", "no_text")
    assert extract(b"still here", pool=pool).text == "still here"


def test_memory_is_limited(pool: DocumentPool) -> None:
    data = b"x y " * (16 << 20)
    found = extract(data, limits=DocumentLimits(memory_bytes=700 << 20, text_chars=1 << 30), pool=pool)
    assert found.verdict == "too_large" and "memory" in found.reason()
    assert extract(b"still here", pool=pool).ok


def test_text_without_end_is_refused(pool: DocumentPool) -> None:
    found = extract(b"word " * 1000, limits=DocumentLimits(text_chars=1000), pool=pool)
    assert found.verdict == "too_large" and "1,000 characters" in found.reason()


def test_a_child_that_dies_is_replaced(pool: DocumentPool) -> None:
    assert extract(b"one", pool=pool).ok
    child = pool._take()
    pool._idle.put(child)
    os.kill(child._process.pid, signal.SIGKILL)
    child._process.wait()
    assert extract(b"two", pool=pool).text == "two"
    child = pool._take()
    pool._idle.put(child)
    slow = made.flate(100 << 20)
    threading.Timer(0.1, lambda: os.kill(child._process.pid, signal.SIGKILL)).start()
    found = extract(slow, pool=pool)
    assert found.verdict == "too_large"
    assert extract(b"three", pool=pool).text == "three"


def test_children_are_recycled_and_end_with_their_pool() -> None:
    with DocumentPool(files_per_child=2) as pool:
        pids = []
        for _ in range(4):
            assert extract(b"words", pool=pool).ok
            child = pool._idle.queue[-1]
            pids.append(None if child is None else child._process.pid)
        assert pids[0] is not None and pids[1] is None and pids[2] not in (None, pids[0])
        last = pool._take()
        pool._idle.put(last)
    assert last._process.returncode == 0
    with pytest.raises(PoolError, match="closed"):
        extract(b"words", pool=pool)


def test_many_threads_share_a_pool() -> None:
    with DocumentPool(size=2) as pool, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: extract(f"words {n}".encode(), pool=pool).text, range(60)))
    assert found == [f"words {n}" for n in range(60)]


def test_no_file_is_left_behind(pool: DocumentPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for data in (made.word("x"), made.pdf(["x"]), b"%PDF- broken", made.lying_zip()):
        extract(data, pool=pool)
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY  # ours is as it was


@pytest.mark.parametrize("change", [
    {"verdict": "fine"}, {"text": 5}, {"text": "\ud800"}, {"segments": [[5, 3, None, None, None, None, None, None]]},
    {"segments": [[0, 99, None, None, None, None, None, None]]}, {"segments": [[0, 1]]},
    {"segments": [[0, 2, None, None, None, None, None, None], [1, 3, None, None, None, None, None, None]]},
    {"segments": [[0, 1, -4, None, None, None, None, None]]}, {"segments": [[0, 1, None, None, None, 7, None, None]]},
    {"text": "x" * 101},
])
def test_a_childs_answer_is_not_believed(change: dict[str, object]) -> None:
    answer = to_json(Extracted(verdict="ok", format="text", text="words")) | change
    with pytest.raises((ValueError, TypeError, IndexError)):
        from_json(answer, DocumentLimits(text_chars=100))


def test_warm_children_are_fast(pool: DocumentPool) -> None:
    """Ratio in one run: a warm child against starting one for each file."""
    extract(b"warm", pool=pool)
    started = time.monotonic()
    for _ in range(10):
        extract(b"words", pool=pool)
    warm = time.monotonic() - started
    started = time.monotonic()
    with DocumentPool() as other:
        extract(b"words", pool=other)
    assert warm < time.monotonic() - started
