"""After a crash: nothing that was acknowledged is lost, nothing torn stays, healing twice changes nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from crawlers.archive import ArchiveError, EvidenceArchive
from crawlers.warc_index import index_path, read_lines
from tests.crawlers.conftest import exchange

ROOT = Path(__file__).resolve().parents[2]

WRITER = textwrap.dedent("""
    import random, sys
    from pathlib import Path
    from crawlers.archive import EvidenceArchive
    from tests.crawlers.conftest import exchange
    rng = random.Random(7)
    with EvidenceArchive(Path(sys.argv[1])).writer("src", sys.argv[2]) as writer:
        for n in range(100000):
            made = writer.write(exchange(f"https://a.example/{n}", rng.randbytes(rng.choice([10, 5000, 400000]))))
            print(made.capture_id, flush=True)
""")


@pytest.fixture
def written(tmp_path: Path) -> tuple[EvidenceArchive, Path]:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        for n in range(4):
            made = writer.write(exchange(f"https://a.example/{n}", b"%d" % n * 3000))
    return archive, tmp_path / made.warc_file


@pytest.mark.parametrize("after", [3, 17, 40])
def test_killed_while_writing_loses_nothing_it_acknowledged(tmp_path: Path, after: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "r1"], stdout=subprocess.PIPE,
                             cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline().strip() for _ in range(after)]
    os.kill(child.pid, signal.SIGKILL)
    told += child.stdout.read().split()
    child.wait()
    child.stdout.close()
    archive = EvidenceArchive(tmp_path)
    archive.recover()
    assert list(archive.verify()) == []
    known = {c.capture_id for c in archive.captures()}
    assert {t for t in told if len(t) == 21} <= known
    assert archive.recover() == []


def test_every_cut_of_a_file_heals_to_its_whole_records(written: tuple[EvidenceArchive, Path]) -> None:
    archive, path = written
    whole, index = path.read_bytes(), index_path(path).read_bytes()
    ends = [e.end for e in archive.entries_of(f"src/{path.name}")]
    for cut in [*range(1, len(whole), 211), *ends, *(e - 1 for e in ends), *(e + 1 for e in ends[:-1])]:
        path.write_bytes(whole[:cut])
        index_path(path).write_bytes(index)
        fresh = EvidenceArchive(path.parent.parent)
        fresh.recover()
        assert list(fresh.verify()) == [], cut
        assert len(list(fresh.captures())) == sum(end <= cut for end in ends[1:])
        left = b"".join(p.read_bytes() for p in path.parent.glob("*.torn"))
        assert path.read_bytes() + left == whole[:cut], "torn bytes are set aside, none is lost"
        for torn in path.parent.glob("*.torn"):
            torn.unlink()


@pytest.mark.parametrize("damage", ["gone", "torn line", "altered line", "a line less"])
def test_index_is_made_again_from_the_records(written: tuple[EvidenceArchive, Path], damage: str) -> None:
    archive, path = written
    expected = list(archive.captures())
    index = index_path(path)
    lines = index.read_bytes().splitlines(keepends=True)
    if damage == "gone":
        index.unlink()
    elif damage == "torn line":
        index.write_bytes(b"".join(lines)[:-20])
    elif damage == "altered line":
        index.write_bytes(b"".join([*lines[:2], lines[2].replace(b"example", b"exbmple"), *lines[3:]]))
    else:
        index.write_bytes(b"".join(lines[:-1]))
    assert list(EvidenceArchive(path.parent.parent).verify()), "verify says so before it is healed"
    fresh = EvidenceArchive(path.parent.parent)
    assert len(fresh.recover()) == 1
    assert list(fresh.captures()) == expected
    assert list(fresh.verify()) == []
    assert fresh.recover() == []
    assert all(entry for _, entry in read_lines(index))


def test_open_archive_sees_what_another_process_healed(written: tuple[EvidenceArchive, Path]) -> None:
    archive, path = written
    before = list(archive.captures())
    path.write_bytes(path.read_bytes()[:-5])
    EvidenceArchive(path.parent.parent).recover()
    assert list(archive.captures()) == before[:-1]


def test_file_being_written_is_left_alone(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange())
        index_path(tmp_path / made.warc_file).write_bytes(b"")
        assert EvidenceArchive(tmp_path).recover() == []
    assert len(EvidenceArchive(tmp_path).recover()) == 1


def test_failed_write_leaves_the_file_whole_and_the_next_goes_to_a_new_one(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        first = writer.write(exchange())
        with pytest.raises(ArchiveError, match="never was: cannot be read to archive it"):
            writer.write(exchange("https://a.example/2", tmp_path / "never was"))
        second = writer.write(exchange("https://a.example/3", b"after"))
    assert list(archive.captures()) == [first, second]
    assert list(archive.verify()) == []


def test_full_disk_is_a_clear_error(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange())
        whole = (tmp_path / made.warc_file).read_bytes()

        class Full:
            def write(self, _data: bytes) -> int:
                raise OSError(28, "No space left on device")

            def close(self) -> None:
                pass

        writer._file = Full()  # type: ignore[assignment]
        with pytest.raises(ArchiveError, match=r"No space left on device.*Free space"):
            writer.write(exchange("https://a.example/2"))
        assert writer.write(exchange("https://a.example/3", b"3")).warc_file != made.warc_file
    assert (tmp_path / made.warc_file).read_bytes() == whole
    assert list(archive.verify()) == []
