"""The packet's WARC files: captures copied byte for byte out of the archive, and the packet's own page beside them.

Belongs here: copying gzip members, checking them on the way, where each lies in the packet. Does not belong here:
the zip and its index.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from warcio.statusandheaders import StatusAndHeaders

from crawlers.archive import EvidenceArchive
from crawlers.warc_index import Entry, Place
from crawlers.warc_read import DamagedRecordError, open_record
from crawlers.warc_records import Sha256Writer, warc_date_text
from warehouse.packet.cdxj import Request
from warehouse.packet.gather import Contents, PacketError

EVIDENCE: Final = "evidence.warc.gz"
PAGE: Final = "page.warc.gz"
_CHUNK: Final = 1 << 20
_OURS: Final = uuid.UUID("6d0e3c33-7b7c-5a53-9c4e-3c3c3c3c3c3c")  # namespace of the packet's own record ids


@dataclass(frozen=True)
class Copied:
    """Where a capture's response (or resource) lies in the packet's WARC, and the request it answers."""

    capture_id: str
    offset: int
    length: int
    record_type: str
    request: Request | None


def copy_evidence(archive: EvidenceArchive, contents: Contents, target: Path) -> dict[str, Copied]:
    """Write the captures' records, each file's warcinfo before them; by capture id where each lies.

    Every gzip member is copied as it is and hashed on the way. Raises PacketError where one is not as it was written.
    """
    by_file: dict[str, list[Entry]] = {}
    for kept in contents.kept:
        by_file.setdefault(kept.entry.warc_file, []).append(kept.entry)
    copied: dict[str, Copied] = {}
    with target.open("wb") as out:
        for name in sorted(by_file):
            wanted = {entry.places[-1].offset: entry for entry in by_file[name]}
            path = archive.folder / name
            with _open(path) as source:
                for info in _warcinfos(archive.entries_of(name), wanted):
                    _copy(source, info, out, path)
                for _, entry in sorted(wanted.items()):
                    places = [(place, _copy(source, place, out, path)) for place in entry.places]
                    if entry.capture is not None:
                        place, offset = places[-1]
                        copied[entry.capture.capture_id] = Copied(
                            entry.capture.capture_id, offset, place.length, place.type,
                            _request(source, entry, path))
    return copied


def write_page(page: bytes, url: str, contents: Contents, target: Path) -> tuple[int, int]:
    """Write the packet's page as a record of its own, for replay programs; offset and length of its record."""
    moment = warc_date_text(max(kept.capture.fetched_at for kept in contents.kept))
    writer = Sha256Writer(filebuf := BytesIO(), gzip=True, warc_version="1.1")
    info = writer.create_warcinfo_record(PAGE, {"software": "section3c", "format": "WARC File Format 1.1",
                                               "description": f"page of the packet for {contents.id}, not evidence"})
    info.rec_headers.replace_header("WARC-Date", moment)
    info.rec_headers.replace_header("WARC-Record-ID", _record_id(contents, "warcinfo"))
    writer.write_record(info)
    start = filebuf.tell()
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8"),
                                       ("Content-Length", str(len(page)))], protocol="HTTP/1.1")
    headers = {"WARC-Date": moment, "WARC-Record-ID": _record_id(contents, "page"),
               "WARC-Payload-Digest": f"sha256:{hashlib.sha256(page).hexdigest()}"}
    writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(page), length=len(page),
                                                  http_headers=http, warc_headers_dict=headers))
    target.write_bytes(filebuf.getvalue())
    return start, filebuf.tell() - start


def _record_id(contents: Contents, what: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(_OURS, f'{contents.version}/{contents.id}/{what}')}>"


def _warcinfos(entries: Iterable[Entry], wanted: dict[int, Entry]) -> list[Place]:
    """The file's warcinfo records that stand before a wanted record."""
    last = max(wanted)
    return [entry.places[0] for entry in entries if entry.run is not None and entry.places[0].type == "warcinfo"
            and entry.places[0].offset < last]


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as problem:
        raise PacketError(f"{path} cannot be opened ({problem.strerror}): restore it from a copy") from None


def _copy(source: BinaryIO, place: Place, out: BinaryIO, path: Path) -> int:
    """Copy one gzip member; its offset in the packet."""
    start, left, digest = out.tell(), place.length, hashlib.sha256()
    source.seek(place.offset)
    while left and (piece := source.read(min(_CHUNK, left))):
        digest.update(piece)
        out.write(piece)
        left -= len(piece)
    if left or digest.hexdigest() != place.sha256:
        raise PacketError(f"{path} at byte {place.offset}: the record is not as it was written. "
                          "Run `section3c evidence verify`, and restore the file from a copy.")
    return start


def _request(source: BinaryIO, entry: Entry, path: Path) -> Request | None:
    """Method, media type and body of the request, for the index."""
    asked = next((place for place in entry.places if place.type == "request"), None)
    if asked is None:
        return None
    try:
        record = open_record(source, asked.offset)
        body = b"".join(record.stored())
    except DamagedRecordError as problem:
        raise PacketError(f"{path}: damaged {problem}") from None
    kind = next((value for name, value in record.http_headers() if name.lower() == "content-type"), "")
    method = str(record.http.protocol) if record.http else "GET"
    return Request(method, kind, body)
