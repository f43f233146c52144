"""The evidence archive: what is written is found again, byte for byte, and whatever is altered is named."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawlers.archive import ArchiveError, Capture, EvidenceArchive, Finding, ImportedFile
from crawlers.archive_types import Headers
from records.schemas import CAPTURE
from tests.crawlers.conftest import exchange


def test_capture_has_the_fields_of_the_schema_in_its_order() -> None:
    assert list(Capture.__dataclass_fields__) == CAPTURE.names


@pytest.mark.clause("§3.3.b")
def test_written_is_read_again_with_status_headers_and_decoded_payload(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    headers: Headers = (("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("X-A", "1"), ("X-A", "2"))
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange("https://a.example/q?b=1", gzip.compress(b'{"a": 1}'), method="POST",
                                     request_body=b"{}", headers=headers, status=422, verdict="error",
                                     verdict_reason="status 422"))
    assert archive.get(made.capture_id) == made
    assert archive.payload(made).read() == b'{"a": 1}'
    assert archive.payload_seekable(made).read() == b'{"a": 1}'
    assert archive.response(made) == (422, headers)
    assert (made.method, made.status, made.media_type, made.payload_bytes) == ("POST", 422, "application/json", 8)
    assert (made.verdict, made.verdict_reason) == ("error", "status 422")
    assert list(archive.verify()) == []


def test_another_tool_reads_the_files_and_agrees_on_every_digest(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1", info={"contact": "clerk@city.example"}) as writer:
        writer.write(exchange(body=b"a" * 100_000))
        writer.write(exchange("https://a.example/y", b"a" * 100_000))
        file = tmp_path / writer.write(exchange("https://a.example/z", b"")).warc_file
    with file.open("rb") as stream:
        kinds = []
        records = ArchiveIterator(stream, check_digests="raise")
        for record in records:
            record.content_stream().read()
            kinds.append(record.rec_type)
            assert record.rec_headers.protocol == "WARC/1.1"
            assert (record.rec_headers.get_header("WARC-Block-Digest") or "").startswith("sha256:")
    assert kinds == ["warcinfo", "request", "response", "request", "revisit", "request", "response"]


def test_identical_payload_is_written_once_and_both_captures_give_it(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    body = random.Random(1).randbytes(200_000)
    with archive.writer("src", "r1") as writer:
        first = writer.write(exchange("https://a.example/1", body))
        second = writer.write(exchange("https://a.example/2", body))
        again = writer.write(exchange("https://a.example/1", body))
    assert (first.revisit_of, second.revisit_of) == (None, first.capture_id)
    assert second.warc_length < 1500 < first.warc_length
    assert again.capture_id == first.capture_id and again.warc_offset != first.warc_offset
    fresh = EvidenceArchive(tmp_path)
    assert [fresh.payload(c).read() == body for c in fresh.captures()] == [True] * 3
    assert fresh.table().num_rows == 2
    assert fresh.table().schema.equals(CAPTURE)
    assert list(fresh.verify()) == []


def test_same_stored_bytes_under_another_coding_are_no_revisit(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    body = gzip.compress(b"text")
    with archive.writer("src", "r1") as writer:
        plain = writer.write(exchange("https://a.example/f.gz", body))
        coded = writer.write(exchange("https://a.example/f", body, headers=(("Content-Encoding", "gzip"),)))
    assert coded.revisit_of is None
    assert archive.payload(plain).read() == body
    assert archive.payload(coded).read() == b"text"


def test_rotation_keeps_every_capture_readable(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1", rotate_bytes=5_000) as writer:
        made = [writer.write(exchange(f"https://a.example/{n}", random.Random(n).randbytes(2_000))) for n in range(9)]
    assert len({c.warc_file for c in made}) > 2
    assert [archive.payload(c).read() for c in archive.captures()] == [random.Random(n).randbytes(2_000)
                                                                      for n in range(9)]
    assert list(archive.verify()) == []


def test_two_writers_at_once_have_files_of_their_own(tmp_path: Path) -> None:
    archive, other = EvidenceArchive(tmp_path), EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as one, other.writer("src", "r1") as two:
        a = one.write(exchange("https://a.example/1", b"1"))
        b = two.write(exchange("https://a.example/2", b"2"))
        assert a.warc_file != b.warc_file
        assert archive.get(b.capture_id) == b
        assert archive.recover() == []


def test_large_body_streams_from_and_to_disk(tmp_path: Path) -> None:
    path = tmp_path / "body"
    block = random.Random(3).randbytes(1 << 20)
    with path.open("wb") as file:
        for _ in range(40):
            file.write(block)
    archive = EvidenceArchive(tmp_path / "evidence")
    tracemalloc.start()
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange(body=path, headers=(("Content-Type", "application/zip"),)))
    size = 0
    with archive.payload(made) as stream:
        while chunk := stream.read(1 << 16):
            size += len(chunk)
    assert list(archive.verify()) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == made.payload_bytes == 40 << 20
    assert peak < 12 << 20


def test_payload_seekable_of_a_large_capture_is_on_disk(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange(body=b"x" * (9 << 20)))
    found = archive.payload_seekable(made)
    assert not isinstance(found, io.BytesIO)
    found.seek(-3, 2)
    assert found.read() == b"xxx"


def test_import_is_a_resource_under_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "given.csv"
    path.write_bytes(b"a,b\n1,2\n")
    archive = EvidenceArchive(tmp_path / "evidence")
    with archive.writer("import", "r1") as writer:
        made = writer.write_import(ImportedFile(path=path, filename="All Prime/é.csv", media_type="text/csv",
                                                fetched_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert made.uri == f"urn:section3c:import:{made.payload_sha256}/All%20Prime%2F%C3%A9.csv"
    assert (made.method, made.status) == ("IMPORT", None)
    assert archive.payload(made).read() == b"a,b\n1,2\n"
    assert list(archive.verify()) == []


def test_undecodable_body_is_kept_as_stored(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange(body=b"no gzip", headers=(("Content-Encoding", "gzip"),), decodable=False))
        odd = writer.write(exchange("https://a.example/br", b"brotli", headers=(("Content-Encoding", "br"),)))
    assert archive.payload(made).read() == b"no gzip"
    assert archive.payload(odd).read() == b"brotli"
    assert list(archive.verify()) == []


def test_handed_over_archive_gives_the_same_captures_without_its_index(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path / "evidence")
    path = tmp_path / "f.csv"
    path.write_bytes(b"f")
    with archive.writer("src", "r9", info={"base_url": "http://127.0.0.1:9"}) as writer:
        writer.write(exchange("https://a.example/1", gzip.compress(b"same"), headers=(("Content-Encoding", "gzip"),)))
        writer.write(exchange("https://a.example/2", gzip.compress(b"same"), headers=(("Content-Encoding", "gzip"),)))
        writer.write(exchange("https://a.example/3", b"{}", method="POST", request_body=b"q", verdict="captcha",
                              verdict_reason="mark\r\nX: y"))
        writer.write_import(ImportedFile(path=path, filename="f", media_type=None, fetched_at=datetime.now(UTC)))
    file = next((tmp_path / "evidence" / "src").glob("*.warc.gz"))
    given = EvidenceArchive.from_warc(tmp_path / "evidence", tmp_path / "index")
    expected = list(archive.captures())
    found = list(given.captures())
    assert [c.verdict_reason for c in found][2] == "mark  X: y"
    assert [c for n, c in enumerate(found) if n != 2] == [c for n, c in enumerate(expected) if n != 2]
    assert [c.capture_id for c in found] == [c.capture_id for c in expected]
    assert list(given.verify()) == []
    alone = EvidenceArchive.from_warc(file, tmp_path / "index2")
    assert [alone.payload(c).read() for c in alone.captures()] == [b"same", b"same", b"{}", b"f"]
    with pytest.raises(ArchiveError, match="reading only"):
        alone.writer("src", "r1")


def test_handed_over_archive_that_is_none_or_is_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(ArchiveError, match=r"Give a file ending in \.warc\.gz"):
        EvidenceArchive.from_warc(tmp_path / "x.txt", tmp_path / "i")
    (tmp_path / "x.warc.gz").write_bytes(gzip.compress(b"hello"))
    with pytest.raises(ArchiveError, match=r"x\.warc\.gz: damaged at byte 0: not a WARC record"):
        EvidenceArchive.from_warc(tmp_path / "x.warc.gz", tmp_path / "i")


def test_adopted_archive_is_copied_once_and_readable(tmp_path: Path) -> None:
    given = EvidenceArchive(tmp_path / "given")
    with given.writer("src", "r1") as writer:
        made = writer.write(exchange())
    own = EvidenceArchive(tmp_path / "own")
    names = own.adopt(tmp_path / "given")
    assert own.adopt(tmp_path / "given" / made.warc_file) == names == {made.warc_file}
    assert own.payload(own.get(made.capture_id)).read() == b"payload"
    assert list(own.verify()) == [] and own.recover() == []


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """An archive of four records and a revisit, and its bytes."""
    folder = tmp_path_factory.mktemp("small")
    archive = EvidenceArchive(folder)
    with archive.writer("src", "r1") as writer:
        writer.write(exchange("https://a.example/1", b"payload one"))
        writer.write(exchange("https://a.example/2", b"payload one"))
        made = writer.write(exchange("https://a.example/3", b"payload two", method="POST", request_body=b"{}"))
    path = folder / made.warc_file
    return path, path.read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_found_and_named(small: tuple[Path, bytes], where: float, bit: int) -> None:
    path, whole = small
    at = int(where * len(whole))
    damaged = bytearray(whole)
    damaged[at] ^= 1 << bit
    archive = EvidenceArchive(path.parent.parent)
    entries = archive.entries_of(f"src/{path.name}")
    hit = next(e for e in entries if e.places[0].offset <= at < e.end)
    path.write_bytes(damaged)
    try:
        findings = list(archive.verify())
    finally:
        path.write_bytes(whole)
    place = next(p for p in hit.places if p.offset <= at < p.end)
    assert (f"src/{path.name}", place.offset) in {(f.warc_file, f.offset) for f in findings}
    named = {f.capture_id for f in findings}
    assert (hit.capture.capture_id if hit.capture else None) in named
    if hit.capture and place.type == "response" and hit.capture.uri.endswith("/1"):
        assert len(named) == 2, "the capture whose revisit points here is named too"


def test_verify_of_given_captures_reads_only_them_and_the_payload_they_point_to(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        first = writer.write(exchange("https://a.example/1", b"same"))
        revisit = writer.write(exchange("https://a.example/2", b"same"))
        other = writer.write(exchange("https://a.example/3", b"other"))
    path = tmp_path / first.warc_file
    damaged = bytearray(path.read_bytes())
    damaged[first.warc_offset + 12] ^= 1
    path.write_bytes(damaged)
    assert list(archive.verify([other])) == []
    assert {f.capture_id for f in archive.verify([revisit])} >= {revisit.capture_id}
    assert "at byte" in str(next(archive.verify([first])))


def test_altered_payload_is_never_read_to_its_end(tmp_path: Path) -> None:
    """The index is the witness: a record rewritten with digests that agree among themselves is refused too."""
    archive = EvidenceArchive(tmp_path / "a")
    forged = EvidenceArchive(tmp_path / "b")
    with archive.writer("src", "r1") as one, forged.writer("src", "r1") as two:
        made = one.write(exchange(body=b"obligated 1000000"))
        other = two.write(exchange(body=b"obligated 9000000"))
    record = (tmp_path / "b" / other.warc_file).read_bytes()[other.warc_offset:][: other.warc_length]
    path = tmp_path / "a" / made.warc_file
    path.write_bytes(path.read_bytes()[: made.warc_offset] + record)
    with pytest.raises(ArchiveError, match="SHA-256 differs from the index"):
        archive.payload(made).read()
    path.unlink()
    with pytest.raises(ArchiveError, match="cannot be opened"):
        archive.payload(made)


def test_missing_file_and_bytes_slipped_in_are_found(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        made = writer.write(exchange())
    path = tmp_path / made.warc_file
    whole = path.read_bytes()
    path.write_bytes(whole + gzip.compress(b"slipped in"))
    assert [f.what for f in archive.verify() if "in no index line" in f.what]
    path.unlink()
    assert {f.what for f in archive.verify()} == {"the WARC file is missing"}


def test_failures_are_journalled_and_cleared(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    archive.mark_failed(Finding(warc_file="f", offset=1, what="payload differs", capture_id="c1", uri="u"))
    archive.mark_failed(Finding(warc_file="f", offset=2, what="gone", capture_id="c2", uri="u"))
    assert EvidenceArchive(tmp_path).failed() == {"c1": "payload differs", "c2": "gone"}
    archive.clear_failed("c1")
    assert archive.failed() == {"c2": "gone"}


def test_damaged_payload_is_not_pointed_to_again(tmp_path: Path) -> None:
    archive = EvidenceArchive(tmp_path)
    with archive.writer("src", "r1") as writer:
        first = writer.write(exchange("https://a.example/1", b"same"))
        archive.mark_failed(Finding(warc_file=first.warc_file, offset=first.warc_offset, what="damaged",
                                    capture_id=first.capture_id))
        assert writer.write(exchange("https://a.example/2", b"same")).revisit_of is None


def test_name_that_could_leave_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot name evidence"):
        EvidenceArchive(tmp_path).writer("../x", "r1")
