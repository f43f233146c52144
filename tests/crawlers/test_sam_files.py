"""The bulk CSV and the API's answers as payloads: places of bytes, every official column, hostile files."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawlers.parsing import (
    BadCsvError,
    BadPageError,
    BombError,
    Limits,
    MissingColumnError,
    NotDataError,
    ParseContext,
    ParseError,
    TruncatedFileError,
    UnknownLayoutError,
)
from crawlers.sam import api, bulk, detect
from crawlers.sam.columns import OFFICIAL
from crawlers.sam.mapped import decode
from tests.replica.sam import Row, Sam, load
from tests.replica.sam import bulk as write

SAMPLE = Path(__file__).resolve().parents[1] / "golden" / "sam_notices" / "list" / "response.body"
ID = "0123456789abcdef0123456789abcdef"


def context(url: str = "") -> ParseContext:
    return ParseContext(capture_id="c1", source="sam_notices", as_of=date(2026, 4, 25), url=url)


def read(payload: bytes, where: ParseContext | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"notice": [], "document": []}
    for table, batch in bulk.parse(io.BytesIO(payload), where or context()):
        found[table] += batch.to_pylist()
    return found["notice"], found["document"]


def row(**changed: str) -> Row:
    base = dict.fromkeys(OFFICIAL, "")
    base |= {"NoticeId": ID, "Title": "A title", "Sol#": "70CDCR26R00000014", "PostedDate": "2026-04-24 10:00:00-04",
             "Department/Ind.Agency": "HOMELAND SECURITY, DEPARTMENT OF", "Type": "Solicitation",
             "Description": "Text."}
    return base | {key.replace("_", " "): value for key, value in changed.items()}


def test_the_header_is_detected() -> None:
    assert detect(list(OFFICIAL))
    assert detect(["\ufeffNoticeId", *OFFICIAL[1:], "AttachmentCount", "Attachments"])
    assert not detect(["contract_transaction_unique_key", "award_id_piid"])
    assert not detect([])


@pytest.mark.clause("§3.3.b")
def test_every_segment_leads_back_to_its_bytes() -> None:
    raw = SAMPLE.read_bytes()
    _, documents = read(raw)
    assert len(documents) > 20
    covered = length = 0
    for document in documents:
        length += len(document["text"])
        for segment in document["segments"]:
            words = decode(raw[segment["byte_start"] : segment["byte_end"]])[0]
            assert words == document["text"][segment["start"] : segment["end"]]
            covered += segment["end"] - segment["start"]
    assert covered > 0.98 * length


def test_quotes_newlines_and_both_encodings() -> None:
    text = 'He said "go",\r\n\r\nthen – “Ünder” 5" pipe'
    for payload in (write([row(Description=text)]), write([row(Description=text)]).decode("cp1252").encode("utf-8"),
                    b"\xef\xbb\xbf" + write([row(Description=text)]).decode("cp1252").encode("utf-8")):
        (notice,), (document,) = read(payload)
        assert document["text"] == text
        for segment in document["segments"]:
            words = decode(payload[segment["byte_start"] : segment["byte_end"]])[0]
            assert words == text[segment["start"] : segment["end"]]
        assert notice["locator"] == "csv:-#1"


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_packed_files_are_read(pack: str) -> None:
    raw = SAMPLE.read_bytes()
    if pack == "gzip":
        packed = gzip.compress(raw)
    else:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ContractOpportunitiesFullCSV.csv", raw)
        packed = out.getvalue()
    plain, found = read(raw)[0], read(packed)[0]
    assert [n["version_sha256"] for n in found] == [n["version_sha256"] for n in plain]


def test_no_contact_of_an_official_is_kept() -> None:
    notices, documents = read(write([row(
        PrimaryContactFullname="Jane Doe", PrimaryContactEmail="jane.doe@ice.dhs.gov", PrimaryContactPhone="2025550123",
        Description="Write to Jane Doe, jane.doe@ice.dhs.gov or call 202-555-0123.")]))
    kept = json.dumps([notices, documents], default=str)
    assert "Jane" not in kept
    assert "jane" not in kept
    assert "555" not in kept


def test_a_repeated_row_is_kept_once_and_a_changed_one_is_a_version() -> None:
    where = context()
    notices, _ = read(write([row(), row(), row(Title="Another title")]), where)
    assert len(notices) == 2
    assert [p.count for p in where.problems if p.kind == "repeated"] == [1]


@pytest.mark.parametrize(("payload", "error", "words"), [
    (b"", UnknownLayoutError, "empty"),
    (write([]), bulk.HeaderOnlyError, "no empty day|say nothing of the day"),
    (write([row()])[:-40], TruncatedFileError, "broke off"),
    (b"<!DOCTYPE html><html><title>Maintenance</title>", NotDataError, "web page"),
    (b'{"message": "Forbidden"}', NotDataError, "JSON"),
    (b"a,b,c\r\n1,2,3\r\n", UnknownLayoutError, "no SAM.gov file"),
    (gzip.compress(write([row()]))[:-20], TruncatedFileError, "cut off"),
    (b"PK\x03\x04 not really", TruncatedFileError, "zip"),
    (write([row()]).replace(b'"Description"', b'"Beschreibung"'), MissingColumnError, "Description"),
    (write([row()]).replace(b'"SetASide"', b'"Sol#"'), BadCsvError, "more than once"),
])
def test_files_that_are_no_list_get_clear_errors(payload: bytes, error: type[ParseError], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        read(payload)
    assert len(str(caught.value)) < 600


def test_a_field_of_fifty_megabytes_is_refused_in_bounded_memory() -> None:
    payload = write([row(Title="x" * (50 << 20))])
    tracemalloc.start()
    with pytest.raises(BadCsvError, match="longer than 8 MB"):
        read(payload)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


def test_a_long_title_is_cut_and_reported() -> None:
    where = context()
    (notice,), _ = read(write([row(Title="y" * 5000)]), where)
    assert len(notice["title"]) == 2000
    assert any(p.kind == "length" for p in where.problems)


def test_a_gzip_bomb_stops() -> None:
    bomb = gzip.compress(write([row(Description="z" * 1_000_000 + "\n")] * 30))
    where = ParseContext(capture_id="c1", source="s", as_of=date(2026, 1, 1),
                         limits=Limits(ratio=50, ratio_floor=1 << 20))
    with pytest.raises(BombError, match="unpacks to more"):
        read(bomb, where)


def test_nul_and_invalid_bytes_do_not_lose_the_row() -> None:
    payload = write([row(Description="A\x00B")]).replace(b"A title", b"A\x81\x9d title\x00")
    (notice,), (document,) = read(payload)
    assert document["text"] == "AB"
    assert "\x00" not in notice["title"]


def test_rows_that_do_not_fit_are_reported_and_too_many_refuse_the_file() -> None:
    good = write([row(NoticeId=f"{n:032x}") for n in range(50)])
    where = context()
    notices, _ = read(good + b'"too","few"\r\n', where)
    assert len(notices) == 50
    assert [(p.kind, p.severity, p.rows) for p in where.problems if p.kind == "row"] == [("row", "error", (51,))]
    with pytest.raises(BadCsvError, match="are no notices"):
        read(good + b'"too","few"\r\n' * 40)


def test_unknown_columns_types_and_values_are_reported() -> None:
    where = context()
    payload = write([row(Type="Brand New", PostedDate="soon", AwardDate="never", **{"Award$": "1e99"})])
    (notice,), _ = read(payload.replace(b'"PopZip"', b'"PopPlanet"'), where)
    assert notice["type"] == "other"
    assert notice["posted_at"] is None
    kinds = Counter((p.kind, p.column) for p in where.problems)
    assert kinds[("type", "Type")] == kinds[("value", "PostedDate")] == kinds[("value", "Award$")] == 1
    assert kinds[("unknown_column", "PopPlanet")] == 1


# ---- the API --------------------------------------------------------------------------------------------------------


def page(items: Any) -> bytes:
    return json.dumps({"totalRecords": 1, "limit": 1, "offset": 0, "opportunitiesData": items, "links": []}).encode()


def notices_of(payload: bytes, where: ParseContext | None = None) -> list[dict[str, Any]]:
    return [row for _, batch in api.parse_page(io.BytesIO(payload), where or context()) for row in batch.to_pylist()]


def item(**changed: Any) -> dict[str, Any]:
    base = {"noticeId": ID, "title": "T", "solicitationNumber": " 70CDCR26R00000014 ", "postedDate": "2026-04-24",
            "fullParentPathName": "HOMELAND SECURITY, DEPARTMENT OF.US IMMIGRATION AND CUSTOMS ENFORCEMENT.U.S. OFFICE",
            "fullParentPathCode": "070.7012.70CDCR", "type": "Sources Sought", "baseType": "Sources Sought",
            "responseDeadLine": "2026-05-01T12:00:00-04:00", "award": None, "pointOfContact": None, "active": "Yes",
            "description": "null", "placeOfPerformance": None}
    return base | changed


def test_a_page_and_the_list_read_the_same_notice_alike() -> None:
    rows = load([SAMPLE])
    listed, _ = read(write(rows))
    service = Sam(rows)
    built = [service._item(one) for one in rows]
    paged = notices_of(page(built))
    assert len(paged) == len(listed)
    for one, other in zip(listed, paged, strict=True):
        for name in ("notice_id", "type", "procurement_key", "agency_id", "award_number", "award_amount",
                     "response_due", "solicitation_id", "title", "naics_code", "psc_code", "set_aside"):
            assert one[name] == other[name], (name, one[name], other[name])


def test_shapes_the_service_was_seen_to_send() -> None:
    (one,) = notices_of(page([item(award={"awardee": {}})]))
    assert (one["agency_id"], one["agency_how"], one["office"]) == ("ice", "code", "U.S. OFFICE")
    assert one["awardee"] is None
    (single,) = notices_of(page(item()))
    assert single["notice_id"] == ID
    assert notices_of(json.dumps({"totalRecords": 0}).encode()) == []
    where = context()
    notices_of(page([item(brandNew=1), "text", item(noticeId="short")]), where)
    assert {(p.kind, p.column) for p in where.problems} == {("unknown_field", "brandNew"), ("row", None)}


@pytest.mark.parametrize("payload", [b"", b"[]", b"<html>", b'{"error": 1}', b"\xff\xfe", b"[" * 100_000])
def test_answers_that_are_no_page_are_refused(payload: bytes) -> None:
    with pytest.raises(BadPageError):
        notices_of(payload)


def test_a_description_leads_back_to_its_bytes() -> None:
    text = "<p>Detention &amp; transport of 500 \"persons\"\n\u00e9 \U0001f600 at jane@ice.dhs.gov</p>"
    url = f"https://api.sam.gov/prod/opportunities/v1/noticedesc?noticeid={ID}&api_key=withheld"
    for raw in (json.dumps({"description": text}).encode(),
                json.dumps({"description": text}, ensure_ascii=False).encode()):
        ((_, batch),) = api.parse_text(io.BytesIO(raw), context(url))
        (document,) = batch.to_pylist()
        assert document["record_key"] == ID
        assert document["text"] == "Detention & transport of 500 \"persons\"\né \U0001f600 at [e-mail]"
        covered = 0
        for segment in document["segments"]:
            words = raw[segment["byte_start"] : segment["byte_end"]].decode()
            assert words == document["text"][segment["start"] : segment["end"]]
            covered += len(words)
        assert covered >= 40


def test_a_description_without_its_notice_is_refused() -> None:
    with pytest.raises(BadPageError, match="was not asked for one notice"):
        list(api.parse_text(io.BytesIO(b'{"description": "x"}'), context("https://api.sam.gov/x")))
