"""The lake's writer: a partition is replaced whole or not at all, whatever moment the process dies at."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from records.files import sync
from records.lake import LakeError, files, partition_path, partitions, read_table, replacing, write_partition
from tests.records.crash_writer import SCHEMA, batch

OLD, NEW = [1, 2, 3], [10, 20]


def values(lake: Path) -> list[int]:
    found: list[int] = sorted(read_table(lake, "award", SCHEMA).column("value").to_pylist())
    return found


def write(lake: Path, *numbers: int, name: str = "b1") -> int:
    return write_partition(lake, "award", "usaspending", name, SCHEMA, [batch(*numbers)])


def leftovers(lake: Path) -> list[str]:
    return sorted(p.name for p in lake.rglob(".*") if p.name != ".lock")


def test_a_partition_is_replaced_whole(tmp_path: Path) -> None:
    assert write(tmp_path, *OLD) == 3
    write(tmp_path, 7, name="b2")
    assert write(tmp_path, *NEW) == 2
    assert values(tmp_path) == [7, 10, 20]
    assert [p.name for p in partitions(tmp_path, "award")] == ["batch=b1", "batch=b2"]
    assert [f.name for f in files(tmp_path, "award")] == ["part-0.parquet"] * 2
    assert leftovers(tmp_path) == []


def test_a_crash_before_any_step_leaves_the_old_partition_or_the_new_one(tmp_path: Path) -> None:
    """§ way of the data, 3: every file-system step of the writer is a place to die at, and all are tried."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.records.crash_writer", str(tmp_path)],
        capture_output=True, text=True, cwd=root, check=True, timeout=60,
    )  # fmt: skip
    steps, last = map(int, done.stdout.split())
    assert steps >= 8 and last == 0, done.stderr
    outcomes = []
    for step in range(1, steps + 1):
        lake = tmp_path / f"step-{step}"
        outcomes.append(values(lake))
        assert outcomes[-1] in (OLD, NEW), step
        assert [name for name in leftovers(lake) if not name.startswith(".tmp-")] == [], step
        assert write(lake, 99) == 1
        assert values(lake) == [99], step
    assert OLD in outcomes and NEW in outcomes
    assert sorted(outcomes, key=lambda found: found == NEW) == outcomes  # once new, never old again
    assert values(tmp_path / f"step-{steps + 1}") == NEW


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ({"batch=b1": OLD, ".new-batch=b1": NEW}, NEW),
        ({".old-batch=b1": OLD, ".new-batch=b1": NEW}, NEW),
        ({"batch=b1": NEW, ".old-batch=b1": OLD}, NEW),
        ({".old-batch=b1": OLD}, OLD),
        ({".new-batch=b1": NEW}, NEW),
        ({"batch=b1": OLD, ".old-batch=b1": OLD, ".new-batch=b1": NEW}, NEW),
    ],
)
def test_what_a_crash_between_the_renames_leaves_is_healed(
    tmp_path: Path, standing: dict[str, list[int]], expected: list[int]
) -> None:
    for number, (name, held) in enumerate(standing.items()):
        made = tmp_path / f"made{number}"
        write(made, *held)
        target = tmp_path / "lake" / "award" / "source=usaspending" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        partition_path(made, "award", "usaspending", "b1").replace(target)
    assert values(tmp_path / "lake") == expected
    assert leftovers(tmp_path / "lake") == []
    write(tmp_path / "lake", 5)
    assert values(tmp_path / "lake") == [5]


def test_a_failing_stream_changes_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch(4)
        raise OSError("the disk went away")

    write(tmp_path, *OLD)
    with pytest.raises(OSError, match="the disk went away"):
        write_partition(tmp_path, "award", "usaspending", "b1", SCHEMA, broken())
    assert values(tmp_path) == OLD
    assert leftovers(tmp_path) == []


def test_a_batch_of_another_shape_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, *OLD)
    wrong = pa.record_batch([pa.array(["1"])], names=["value"])
    with pytest.raises(LakeError, match="award: batch 1 has"):
        write_partition(tmp_path, "award", "usaspending", "b1", SCHEMA, [batch(1), wrong])
    assert values(tmp_path) == OLD


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "", ".tmp", "a b", "x" * 200, "nul\x00"])
def test_a_name_cannot_leave_the_lake(tmp_path: Path, name: str) -> None:
    with pytest.raises(LakeError, match="cannot name a partition"):
        partition_path(tmp_path, "award", "usaspending", name)
    with pytest.raises(LakeError):
        partition_path(tmp_path, name, "usaspending", "b1")


def test_a_table_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_table(tmp_path, "award", SCHEMA).num_rows == 0
    assert read_table(tmp_path, "award", SCHEMA).schema == SCHEMA
    assert write_partition(tmp_path, "award", "usaspending", "none", SCHEMA, []) == 0
    assert read_table(tmp_path, "award", SCHEMA).num_rows == 0


def test_old_rubbish_is_swept_and_a_running_writer_is_not(tmp_path: Path) -> None:
    write(tmp_path, 1)
    folder = partition_path(tmp_path, "award", "usaspending", "b1").parent
    long_ago = time.time() - 7200
    for name in (".tmp-dead", ".tmp-growing"):
        (folder / name).mkdir()
        (folder / name / "part-0.parquet").write_bytes(b"x")
    os.utime(folder / ".tmp-dead" / "part-0.parquet", (long_ago, long_ago))
    for name in (".tmp-dead", ".tmp-growing"):
        os.utime(folder / name, (long_ago, long_ago))
    write(tmp_path, 2)
    assert leftovers(tmp_path) == [".tmp-growing"]


def test_readers_never_miss_a_partition_that_is_being_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that lists, or heals, between a writer's two renames would hide the partition or break the writer."""
    write(tmp_path, 0)
    failures: list[str] = []
    stop = threading.Event()
    plain = sync

    def slow(path: Path) -> None:
        time.sleep(0.001)
        plain(path)

    monkeypatch.setattr("records.lake.sync", slow)

    def read() -> None:
        while not stop.is_set():
            if len(partitions(tmp_path, "award")) != 1:
                failures.append("partition not listed")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for number in range(60):
            write(tmp_path, number)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert values(tmp_path) == [59]


def test_two_writers_of_one_partition_leave_one_of_them_whole(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(20):
                write(tmp_path, number, number)
        except (OSError, LakeError) as error:
            errors.append(error)

    writers = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert errors == []
    assert len(set(values(tmp_path))) == 1 and len(values(tmp_path)) == 2
    assert leftovers(tmp_path) == []


def test_any_folder_can_be_replaced(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    with replacing(target) as folder:
        (folder / "a.txt").write_text("one")
    with pytest.raises(KeyError), replacing(target) as folder:
        (folder / "a.txt").write_text("two")
        raise KeyError("x")
    assert (target / "a.txt").read_text() == "one"
