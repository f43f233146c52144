from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entities.resolution.journal import JournalError, Seen, in_effect, judge, read, undo


def test_lines_are_chained_signed_and_take_effect_until_undone(tmp_path: Path) -> None:
    path = tmp_path / "judgements" / "companies.jsonl"
    judge(path, "uei:A", "name:X Y", "same", reason="the letterhead", by="Clerk", seen=Seen("ab" * 32, "m1", 12.5))
    judge(path, "name:X Y", "uei:A", "different", reason="another city\x1b[31m \ud800", by="Clerk")
    (now,) = in_effect(read(path))
    assert (now.verdict, now.number, now.score_bits) == ("different", 2, None)
    undo(path, 2, reason="wrong line", by="Second")
    (now,) = in_effect(read(path))
    assert (now.verdict, now.matcher_version, now.score_bits) == ("same", "m1", 12.5)
    undo(path, 3, reason="it was right", by="Second")
    assert in_effect(read(path))[0].verdict == "different"
    with pytest.raises(JournalError, match="undone already"):
        undo(path, 3, reason="again", by="Second")
    with pytest.raises(JournalError, match="no line 9"):
        undo(path, 9, reason="x", by="y")


@pytest.mark.parametrize("change", ["verdict", "drop", "swap"])
def test_a_changed_line_is_found_and_named(tmp_path: Path, change: str) -> None:
    path = tmp_path / "companies.jsonl"
    for name in ("B", "C", "D"):
        judge(path, "uei:A", f"uei:{name}", "same", reason="r", by="p")
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "verdict":
        lines[1] = lines[1].replace(b'"same"', b'"different"')
    elif change == "drop":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError, match=r"companies\.jsonl:2"):
        read(path)
    with pytest.raises(JournalError, match=r"companies\.jsonl:2"):
        judge(path, "uei:A", "uei:E", "same", reason="r", by="p")


def test_a_line_that_a_crash_cut_short_counts_for_nothing_and_the_next_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "companies.jsonl"
    judge(path, "uei:A", "uei:B", "same", reason="r", by="p")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 2, "ev')
    assert len(read(path)) == 1
    assert judge(path, "uei:A", "uei:C", "unsure", reason="r", by="p").number == 2
    assert [line["number"] for line in read(path)] == [1, 2]
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_writers_at_the_same_time_each_get_a_line(tmp_path: Path) -> None:
    path = tmp_path / "companies.jsonl"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: judge(path, "uei:A", f"uei:B{n}", "same", reason="r", by="p"), range(24)))
    assert [line["number"] for line in read(path)] == list(range(1, 25))


@pytest.mark.parametrize(
    ("a", "b", "verdict", "reason", "by", "says"),
    [
        ("uei:A", "uei:A", "same", "r", "p", "given twice"),
        ("uei:A", "person:1", "same", "r", "p", "no company id"),
        ("uei:A", "unidentified:x", "same", "r", "p", "no company id"),
        ("uei:A", "name: ", "same", "r", "p", "no company id"),
        ("uei:A", "uei:B", "maybe", "r", "p", "same, different, unsure"),
        ("uei:A", "uei:B", "same", "  ", "p", "reason"),
        ("uei:A", "uei:B", "same", "r" * 5000, "p", "4000"),
        ("uei:A", "uei:B", "same", "r", " ", "name of who"),
    ],
)
def test_what_is_no_judgement_is_refused_and_nothing_written(
    tmp_path: Path, a: str, b: str, verdict: str, reason: str, by: str, says: str
) -> None:
    with pytest.raises(JournalError, match=says):
        judge(tmp_path / "j.jsonl", a, b, verdict, reason=reason, by=by)
    assert not (tmp_path / "j.jsonl").exists()
