from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from lxml import html
from typer.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawlers.archive import Capture, EvidenceArchive, Exchange
from records.workspace import Workspace
from section3c import SAMPLE, app
from tests.warehouse.archived import archive_page, flip, load_page, night, result
from tests.warehouse.rows import PLATES
from warehouse.engine import WarehouseError
from warehouse.packet import Exported, PacketError, export, verify_packet
from warehouse.packet.cdxj import Line, Request, compressed, key

HOSTILE = ('IGF::CL::IGF <script>alert(1)</script> "><img src=x onerror=alert(2)> LICENSE PLATE READER DATABASE '
           "\u202egnp.exe\x1b[31m &amp; </blockquote>")
EVIL = "WEST <b onmouseover=alert(3)>PUBLISHING</b> ' \" CORPORATION"


class Made(NamedTuple):
    workspace: Workspace
    packet: Exported
    candidate: str


def fetched_again(workspace: Workspace, rows: list[dict[str, Any]]) -> Capture:
    """The same answer to another request: archived as a revisit."""
    archive = EvidenceArchive(workspace.evidence)
    earlier = list(archive.captures())[-1]
    with archive.payload(earlier) as stream:
        body = stream.read()
    assert all(row["Transaction Description"].encode() in body for row in rows)
    with archive.writer("usaspending", "run-4") as writer:
        return writer.write(Exchange(
            uri=earlier.uri, status=200, method="POST", request_body=b"page 4", body=body,
            headers=(("Content-Type", "application/json"),),
            fetched_at=dt.datetime(2024, 1, 4, tzinfo=dt.UTC)))  # fmt: skip


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A published workspace: two awards behind one candidate, hostile words, the second's page a revisit."""
    workspace = Workspace(tmp_path_factory.mktemp("packet") / "data").ensure()
    more = "CONT_AWD_70CMSD20FR0000077_7012_GS35F0001_4730"
    first = archive_page(workspace, [result(PLATES, HOSTILE, EVIL, **{"Recipient UEI": "L997DB4PEJL8"})], 1)
    rows = [
        result(more, "SUBSCRIPTION TO LICENSE PLATE READER " + "AND OTHER THINGS " * 200, EVIL,
               **{"Recipient UEI": "L997DB4PEJL8"}),
        result("CONT_AWD_70X_7012_-NONE-_-NONE-", "OFFICE CHAIRS", "CHAIRS INC"),
    ]  # fmt: skip
    archive_page(workspace, rows, 2, "-otherwise")
    second = fetched_again(workspace, rows)
    assert second.revisit_of is not None
    archive_page(workspace, [result("CONT_AWD_70Y_7012_-NONE-_-NONE-", "DESKS", "DESKS INC")], 3)
    load_page(workspace, first, "d1")
    load_page(workspace, second, "d2")
    night(workspace)
    return workspace


@pytest.fixture(scope="module")
def made(standing: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("out")
    candidate = only_candidate(standing)
    return Made(standing, export(standing, candidate, folder / "one.wacz", html=folder / "one.html"), candidate)


def only_candidate(workspace: Workspace) -> str:
    (path,) = workspace.warehouse.glob("wh-*.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        (found,) = con.execute("SELECT candidate_id FROM candidate").fetchall()
    return str(found[0])


def member(packet: Path, name: str) -> bytes:
    with zipfile.ZipFile(packet) as held:
        return held.read(name)


def rewritten(packet: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(packet) as held:
        members = {info.filename: held.read(info) for info in held.infolist()}
    change(members)
    with zipfile.ZipFile(target, "w") as out:
        for name, data in members.items():
            out.writestr(name, data)
    return target


@pytest.mark.clause("§5.2")
@pytest.mark.clause("§3.3.b")
def test_a_packet_holds_just_the_captures_behind_its_candidate_byte_for_byte(made: Made) -> None:
    archive = EvidenceArchive(made.workspace.evidence)
    facts = json.loads(member(made.packet.path, "packet/evidence.json"))
    held = member(made.packet.path, "archive/evidence.warc.gz")
    assert made.packet.captures == len(facts["captures"]) == 3 < len(list(archive.captures()))
    for one in facts["captures"]:
        original = (made.workspace.evidence / one["warc_file"]).read_bytes()
        record = original[one["warc_offset"]:one["warc_offset"] + one["warc_length"]]
        assert held[one["packet_offset"]:one["packet_offset"] + one["packet_length"]] == record
        found = archive.entries_of(one["warc_file"])
        (entry,) = (e for e in found if e.capture and e.capture.capture_id == one["capture_id"])
        for place in entry.places:  # the request too
            assert original[place.offset:place.offset + place.length] in held


def test_every_program_of_warcs_can_read_it(made: Made, tmp_path: Path) -> None:
    kinds = []
    for name in ("evidence.warc.gz", "page.warc.gz"):
        path = tmp_path / name
        path.write_bytes(member(made.packet.path, f"archive/{name}"))
        with path.open("rb") as file:
            kinds.append([record.rec_type for record in ArchiveIterator(file, check_digests="raise")])
        checker = Checker(_Arguments([str(path)]))
        assert checker.process_all() == 0
    whole = ["warcinfo", "request", "response"]
    assert kinds == [[*whole, *whole, "warcinfo", "request", "revisit"], ["warcinfo", "response"]]


class _Arguments(NamedTuple):
    inputs: list[str]
    verbose: bool = False


def test_the_index_leads_to_each_record(made: Made) -> None:
    data = member(made.packet.path, "indexes/index.cdx.gz")
    lines = gzip.decompress(data).decode().splitlines()
    assert lines == sorted(lines) and len(lines) == 4
    for line in lines:
        place = json.loads(line[line.index("{"):])
        warc = member(made.packet.path, f"archive/{place['filename']}")
        record = gzip.decompress(warc[int(place["offset"]):int(place["offset"]) + int(place["length"])])
        assert record.startswith(b"WARC/1.1\r\n") and f"WARC-Target-URI: {place['url']}\r\n".encode() in record
        assert f"WARC-Payload-Digest: {place['digest']}".encode() in record
    posts = [line for line in lines if '"method": "POST"' in line]
    assert len(posts) == 3 and all("?__wb_method=post" in line for line in posts)
    meta, block = member(made.packet.path, "indexes/index.idx").decode().splitlines()
    assert '"cdxj-gzip-1.0"' in meta and json.loads(block[block.index("{"):])["length"] == len(data)


def test_the_list_of_members_is_complete_and_pages_open_on_the_index(made: Made) -> None:
    package = json.loads(member(made.packet.path, "datapackage.json"))
    assert package["wacz_version"] == "1.1.1" and package["profile"] == "data-package"
    with zipfile.ZipFile(made.packet.path) as held:
        assert {one["path"] for one in package["resources"]} == (
            set(held.namelist()) - {"datapackage.json", "datapackage-digest.json"})
        assert all(info.compress_type == zipfile.ZIP_STORED for info in held.infolist())
    head, first, *_ = (json.loads(line) for line in member(made.packet.path, "pages/pages.jsonl").splitlines())
    assert head["format"] == "json-pages-1.0" and first["url"] == package["mainPageUrl"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["ts"])


def test_the_same_version_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = export(made.workspace, made.candidate[:6], tmp_path / "other name.wacz")
    assert again.path.read_bytes() == made.packet.path.read_bytes() and again.sha256 == made.packet.sha256
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other name.wacz"]
    assert str(made.workspace.root).encode() not in made.packet.path.read_bytes()


@pytest.mark.clause("§3.3.b")
def test_the_page_quotes_every_passage_with_its_hash_and_address(made: Made) -> None:
    page = member(made.packet.path, "packet/index.html")
    assert made.packet.html is not None and made.packet.html.read_bytes() == page
    tree = html.fromstring(page.decode())
    facts = json.loads(member(made.packet.path, "packet/evidence.json"))
    marked = [mark.text_content() for mark in tree.iter("mark")]
    assert marked == [passage["words"] for passage in facts["passages"]] and len(marked) == made.packet.passages == 2
    text = tree.text_content()
    for one in facts["captures"]:
        for shown in (one["capture_id"], one["payload_sha256"], one["uri"], one["fetched_at"][:19].replace("T", " ")):
            assert text.count(shown) >= 1 + ("words" in one["roles"])
        assert f"at byte {one['warc_offset']:,}, {one['warc_length']:,} bytes" in text
        assert text.count(f"{one['warc_file']} at byte {one['warc_offset']:,}") == 1 + ("words" in one["roles"])
        assert f"at byte {one['packet_offset']:,}" in text
    bits = [cell.text_content() for cell in tree.xpath("//table//td[@class='n']")]
    assert bits[-1] == f"{float(facts['candidate']['score']):+.3f}"
    assert abs(sum(map(float, bits[:-1])) - float(bits[-1])) < 1e-9
    (long,) = (quote for quote in tree.iter("blockquote") if "SUBSCRIPTION" in quote.text_content())
    assert len(long.text_content()) < 700 and long.text_content().endswith("…")


def test_hostile_words_are_words_in_the_page(made: Made) -> None:
    page = member(made.packet.path, "packet/index.html").decode()
    tree = html.fromstring(page)
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "code", "dl", "dt", "dd", "bdi",
        "table", "thead", "tbody", "tr", "th", "td", "b", "svg", "rect", "section", "blockquote", "mark", "a", "span"}
    names = {name for element in tree.iter() for name in element.attrib}
    assert not any(name.startswith("on") for name in names) and "style" not in names and "src" not in names
    assert "<script>alert(1)</script>" in tree.text_content() and "<script" not in page
    assert "\u202e" not in page and "\x1b" not in page and "\\u202egnp.exe\\u001b[31m" in page
    policy = tree.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert all(link.startswith(("#", "https://api.usaspending.gov/")) for link in tree.xpath("//a/@href"))


def test_a_sound_packet_is_found_sound_without_its_archive(made: Made, tmp_path: Path) -> None:
    alone = tmp_path / "alone.wacz"
    alone.write_bytes(made.packet.path.read_bytes())
    report = verify_packet(alone)
    assert (report.ok, report.members, report.captures, report.passages) == (True, 7, 3, 2)
    assert (report.candidate_id, report.version) == (made.candidate, made.packet.version)


@pytest.mark.parametrize("name", [
    "archive/evidence.warc.gz", "archive/page.warc.gz", "indexes/index.cdx.gz", "indexes/index.idx",
    "pages/pages.jsonl", "packet/index.html", "packet/evidence.json",
])
def test_one_changed_byte_of_any_member_is_named(made: Made, tmp_path: Path, name: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        data = bytearray(members[name])
        data[len(data) // 2] ^= 1
        members[name] = bytes(data)

    report = verify_packet(rewritten(made.packet.path, tmp_path / "x.wacz", change))
    assert len(report.findings) == 1 and report.findings[0].startswith(f"{name}: ")


def relisted(members: dict[str, bytes]) -> None:
    """A forger's care: the lists agree with the members again."""
    package = json.loads(members["datapackage.json"])
    for one in package["resources"]:
        data = members[one["path"]]
        one |= {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
    members["datapackage.json"] = json.dumps(package).encode()
    members["datapackage-digest.json"] = json.dumps({
        "hash": f"sha256:{hashlib.sha256(members['datapackage.json']).hexdigest()}"}).encode()


def forge(**changes: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        facts = json.loads(members["packet/evidence.json"])
        for name, value in changes.items():
            table, _, column = name.partition("__")
            facts[table][0][column] = value
        members["packet/evidence.json"] = json.dumps(facts).encode()
        relisted(members)

    return change


def altered_payload(members: dict[str, bytes]) -> None:
    data = members["archive/evidence.warc.gz"]
    facts = json.loads(members["packet/evidence.json"])
    places = [(one["packet_offset"], one["packet_offset"] + one["packet_length"]) for one in facts["captures"]]
    start, end = next(place for place in places if b"LICENSE PLATE" in gzip.decompress(data[place[0]:place[1]]))
    record = gzip.decompress(data[start:end]).replace(b"LICENSE PLATE", b"LICENCE PLATE")
    members["archive/evidence.warc.gz"] = data[:start] + gzip.compress(record) + data[end:]
    relisted(members)


@pytest.mark.parametrize(("change", "says"), [
    (forge(passages__words="FACE RECOGNITION"), "is not in description"),
    (forge(captures__payload_sha256="0" * 64), "payload_sha256 is"),
    (forge(captures__uri="https://example.org/"), "uri is"),
    (forge(captures__capture_id="c" + "0" * 20), "only in the"),
    (altered_payload, "digest"),
    (lambda members: members.pop("packet/index.html"), "packet/index.html: listed, but not in the zip"),
    (lambda members: members.update({"packet/more.js": b"x"}), "packet/more.js: in the zip, but not listed"),
    (lambda members: members.update({"datapackage.json": members["datapackage.json"] + b" "}), "datapackage-digest"),
])
def test_a_forged_packet_is_found_out(
    made: Made, tmp_path: Path, change: Callable[[dict[str, bytes]], object], says: str
) -> None:
    report = verify_packet(rewritten(made.packet.path, tmp_path / "x.wacz", lambda members: void(change(members))))
    assert not report.ok and any(says in finding for finding in report.findings), report.findings


def void(_: object) -> None:
    """Drops a value."""


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_packet_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.wacz"
    path.write_bytes(data)
    with pytest.raises(PacketError, match=r"x\.wacz is no packet|not an evidence packet"):
        verify_packet(path)
    with pytest.raises(PacketError):
        verify_packet(tmp_path / "absent.wacz")


@pytest.mark.parametrize("facts", [b"[]", b"{}", b'{"candidate": 5}', b"not json"])
def test_a_packet_with_other_lists_is_refused(made: Made, tmp_path: Path, facts: bytes) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["packet/evidence.json"] = facts
        relisted(members)

    with pytest.raises(PacketError):
        verify_packet(rewritten(made.packet.path, tmp_path / "x.wacz", change))


def test_damaged_evidence_makes_no_packet(standing: Workspace, tmp_path: Path) -> None:
    capture = next(iter(EvidenceArchive(standing.evidence).captures()))
    candidate = only_candidate(standing)
    flip(standing, capture)
    try:
        with pytest.raises(PacketError, match="section3c evidence verify"):
            export(standing, candidate, tmp_path / "x.wacz")
        assert list(tmp_path.iterdir()) == []
    finally:
        flip(standing, capture)
    with pytest.raises(PacketError, match="no folder"):
        export(standing, candidate, tmp_path / "absent" / "x.wacz")
    with pytest.raises(WarehouseError, match="section3c candidates"):
        export(standing, "kzz", tmp_path / "x.wacz")


def test_the_verbs(made: Made, tmp_path: Path) -> None:
    out = tmp_path / "x.wacz"
    data = ["--data", str(made.workspace.root)]
    ran = CliRunner().invoke(app, ["evidence", "export", made.candidate, "--out", str(out), *data])
    assert ran.exit_code == 0 and "3 captures, 2 passages" in ran.output and out.exists()
    assert CliRunner().invoke(app, ["evidence", "check", str(out)]).exit_code == 0
    out.write_bytes(out.read_bytes().replace(b"LICENSE PLATE READER", b"LICENSE PLATE READEN"))
    ran = CliRunner().invoke(app, ["evidence", "check", str(out)])
    assert ran.exit_code == 1 and "packet/index.html" in ran.output


def test_keys_of_addresses() -> None:
    assert key("HTTPS://www2.Example.ORG:443/A/b/?z=1&a=2#f") == "org,example)/a/b?a=2&z=1"
    assert key("http://example.org:8080") == "org,example:8080)/"
    assert key("http://example.org/a/b/") == "org,example)/a/b" and key("http://example.org/?") == "org,example)/"
    assert key("http://a.org/x?B=2&b=1&a=%C3%A9 é") == "org,a)/x?a=%c3%a9%20%c3%a9&b=1&b=2"
    assert key("urn:import:My file é.csv") == "urn:import:my%20file%20%c3%a9.csv"
    assert key("http://[broken") == "http://[broken" and " " not in key("http://a/\t b\n")


@pytest.mark.parametrize(("kind", "body", "query"), [
    ("application/json", b'{"page": 1, "filters": {"a": [1, 2]}, "sort": true}', "page=1&a=1&a.2_=2&sort=True"),
    ("application/x-www-form-urlencoded; charset=utf-8", b"a=b+c", "a=b c"),
    ("application/octet-stream", b"\x00\xff", "__wb_post_data=AP8="), ("application/json", b"{", "__wb_post_data=ew=="),
    ("", b"", ""),
])
def test_requests_with_bodies_have_keys_of_their_own(kind: str, body: bytes, query: str) -> None:
    line = Line("http://a.org/x", dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC), {}).text(Request("POST", kind, body))
    assert line.count("\n") == 1 and " 20240102030405 {" in line
    assert json.loads(line[line.index("{"):])["requestBody"] == query
    assert line.startswith("org,a)/x?") and "__wb_method=post" in line


def test_long_indexes_have_blocks_that_stand_alone() -> None:
    lines = [f"org,a)/{n:05} 20240101000000 {{}}\n" for n in range(7000)]
    data, listed = compressed(reversed(lines), "index.cdx.gz")
    assert gzip.decompress(data).decode() == "".join(lines)
    places = [json.loads(line[line.index("{"):]) for line in listed.decode().splitlines()[1:]]
    assert len(places) == 3
    for at, place in enumerate(places):
        block = gzip.decompress(data[place["offset"]:place["offset"] + place["length"]]).decode()
        assert block == "".join(lines[at * 3000:at * 3000 + 3000])


@pytest.mark.slow
@pytest.mark.clause("§3.3.b")
def test_every_candidate_of_the_bundled_sample_has_a_packet(tmp_path: Path) -> None:
    from pipelines.foreground import RunOptions, run_with_progress

    workspace = Workspace(tmp_path / "data")
    assert run_with_progress(workspace, RunOptions(mode="replay", replay=SAMPLE)).ok
    (path,) = workspace.warehouse.glob("wh-*.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        ids = [row[0] for row in con.execute("SELECT candidate_id FROM candidate ORDER BY score DESC").fetchall()]
    assert len(ids) > 20
    for candidate in ids[:20]:
        made = export(workspace, candidate, tmp_path / "x.wacz")
        report = verify_packet(made.path)
        assert report.ok and report.captures == made.captures > 0 and report.passages == made.passages > 0
