"""Writes the packet: a WACZ 1.1.1 file, the same bytes every time for the same version of the warehouse.

Belongs here: the zip's members, their list with hashes, the command's work from candidate to file. Does not belong
here: what the page says (page), the records (warcs), the index's format (cdxj).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from crawlers.archive import EvidenceArchive
from records.workspace import Workspace
from warehouse.packet import cdxj, warcs
from warehouse.packet.gather import Contents, PacketError, gather
from warehouse.packet.page import page as draw

WACZ_VERSION: Final = "1.1.1"
FACTS: Final = "packet/evidence.json"
SHOWN: Final = "packet/index.html"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 1 << 20
_INDEX: Final = "index.cdx.gz"


@dataclass(frozen=True)
class Exported:
    """A packet that was written."""

    path: Path
    candidate_id: str
    version: str
    captures: int
    passages: int
    sha256: str
    size: int
    html: Path | None


def export(
    workspace: Workspace, candidate_id: str, out: Path | None = None, *, html: Path | None = None,
    words_only: bool = False,
) -> Exported:
    """Write the packet of a candidate (its id, or the beginning of it) to ``out`` (default CANDIDATE.wacz here).

    ``html`` also writes the page beside it. Files appear whole or not at all. Raises PacketError, WarehouseError.
    """
    contents = gather(workspace, candidate_id, words_only=words_only)
    if not contents.kept:
        raise PacketError(f"no capture stands behind {contents.id}")
    target = out or Path(f"{contents.id}.wacz")
    if not target.parent.is_dir():
        raise PacketError(f"{target.parent} is no folder: make it first, or give another --out")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".packet-") as scratch:
        members, page = _members(EvidenceArchive(workspace.evidence), contents, Path(scratch))
        made = Path(scratch) / "packet.wacz"
        _zip(members, made)
        with made.open("rb+") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        size = made.stat().st_size
        if html is not None:
            beside = Path(scratch) / "beside.html"
            beside.write_bytes(page)
            beside.replace(html)
        made.replace(target)
    return Exported(path=target, candidate_id=contents.id, version=contents.version, captures=len(contents.kept),
                    passages=len(contents.passages), sha256=sha256, size=size, html=html)


def _members(archive: EvidenceArchive, contents: Contents, scratch: Path) -> tuple[dict[str, Path | bytes], bytes]:
    """Every member but the package's own two, in the order of the zip; and the page."""
    evidence, replay = scratch / warcs.EVIDENCE, scratch / warcs.PAGE
    copied = warcs.copy_evidence(archive, contents, evidence)
    page = draw(contents, copied).encode()
    url = f"http://packet.section3c.invalid/{contents.id}/index.html"  # RFC 2606: nobody's
    place = warcs.write_page(page, url, contents, replay)
    cdx, idx = cdxj.compressed(_lines(contents, copied, page, url, place), _INDEX)
    members: dict[str, Path | bytes] = {
        f"archive/{warcs.EVIDENCE}": evidence, f"archive/{warcs.PAGE}": replay,
        f"indexes/{_INDEX}": cdx, "indexes/index.idx": idx, "pages/pages.jsonl": _pages(contents, url),
        SHOWN: page, FACTS: _facts(contents, copied),
    }
    package = _package(members, contents, url)
    members["datapackage.json"] = package
    members["datapackage-digest.json"] = _json({
        "path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(package).hexdigest()}"})
    return members, page


def _lines(contents: Contents, copied: dict[str, warcs.Copied], page: bytes, url: str,
           place: tuple[int, int]) -> list[str]:
    lines = []
    for kept in contents.kept:
        one, there = kept.capture, copied[kept.capture.capture_id]
        stored = kept.entry.stored_sha256 or one.payload_sha256
        line = cdxj.Line(one.uri, one.fetched_at, {
            "mime": "warc/revisit" if there.record_type == "revisit" else one.media_type or "application/octet-stream",
            "status": str(one.status or 200),
            "digest": f"sha256:{stored}", "length": str(there.length), "offset": str(there.offset),
            "filename": warcs.EVIDENCE})
        lines.append(line.text(there.request))
    own = cdxj.Line(url, _latest(contents), {
        "mime": "text/html", "status": "200", "digest": f"sha256:{hashlib.sha256(page).hexdigest()}",
        "length": str(place[1]), "offset": str(place[0]), "filename": warcs.PAGE})
    return [*lines, own.text()]


def _pages(contents: Contents, url: str) -> bytes:
    """The packet's page first, then the captured pages that a browser can show."""
    listed: list[dict[str, Any]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Evidence", "hasText": False}]
    name = contents.candidate["company"] or contents.candidate["company_id"]
    listed.append({"id": contents.id, "url": url, "ts": _stamp(_latest(contents)), "title": f"Evidence packet: {name}"})
    for kept in contents.kept:
        one = kept.capture
        if one.method == "GET" and (one.media_type or "") in ("text/html", "application/xhtml+xml"):
            listed.append({"id": one.capture_id, "url": one.uri, "ts": _stamp(one.fetched_at), "title": one.uri})
    return b"".join(_json(line) for line in listed)


def _facts(contents: Contents, copied: dict[str, warcs.Copied]) -> bytes:
    """What the page says, for programs: checked by ``verify_packet``."""
    spans = ("statement_id", "position", "words", "column", "locator", "start", "end", "rule", "bits", "capture_id",
             "transaction_key", "places")
    captures = [asdict(kept.capture) | {"roles": kept.roles, "packet_file": f"archive/{warcs.EVIDENCE}",
                                        "packet_offset": copied[kept.capture.capture_id].offset,
                                        "packet_length": copied[kept.capture.capture_id].length}
                for kept in contents.kept]
    return _json({
        "format": "section3c-packet-1", "version": contents.version, "meta": contents.meta,
        "candidate": contents.candidate, "waterfall": contents.waterfall, "statements": contents.statements,
        "passages": [{name: passage[name] for name in spans} for passage in contents.passages], "captures": captures,
        "names": contents.names, "parents": contents.parents,
    }, indent=1)


def _package(members: dict[str, Path | bytes], contents: Contents, url: str) -> bytes:
    """The list of members (Frictionless data package), with nothing of this machine or of today in it."""
    name = contents.candidate["company"] or contents.candidate["company_id"]
    resources = []
    for path, body in members.items():
        digest, size = _hash(body)
        resources.append({"name": path.rpartition("/")[2].lower(), "path": path, "hash": f"sha256:{digest}",
                          "bytes": size})
    return _json({
        "profile": "data-package", "wacz_version": WACZ_VERSION, "software": "section3c",
        "title": f"Evidence packet: {name}, {contents.candidate['category']}",
        "description": f"Captures behind candidate {contents.id} of version {contents.version}",
        "created": _stamp(_latest(contents)), "mainPageUrl": url, "mainPageDate": _stamp(_latest(contents)),
        "resources": resources,
    }, indent=1)


def _zip(members: dict[str, Path | bytes], target: Path) -> None:
    """Members stored, not deflated (WACZ wants it of WARCs; so bytes depend on no compressor), times fixed."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as out:
        for name, body in members.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            _, info.file_size = _hash(body) if isinstance(body, bytes) else ("", body.stat().st_size)
            if isinstance(body, bytes):
                out.writestr(info, body)
                continue
            with body.open("rb") as source, out.open(info, "w", force_zip64=info.file_size >= 1 << 31) as entry:
                while piece := source.read(_CHUNK):
                    entry.write(piece)


def _hash(body: Path | bytes) -> tuple[str, int]:
    if isinstance(body, bytes):
        return hashlib.sha256(body).hexdigest(), len(body)
    with body.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), body.stat().st_size


def _latest(contents: Contents) -> datetime:
    return max(kept.capture.fetched_at for kept in contents.kept)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: Any, indent: int | None = None) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=indent is not None, indent=indent, default=_plain) + "\n"
            ).encode("utf-8", "replace")


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"a packet cannot say {type(value).__name__}")
