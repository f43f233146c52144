"""Checks a packet without the archive it came from: every hash, every record, every quoted word.

Belongs here: reading a packet somebody hands over. Does not belong here: making one. A packet is hostile until checked:
no member is unpacked under its own name.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
import zipfile
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from crawlers.archive import ArchiveError, EvidenceArchive
from warehouse.packet import warcs
from warehouse.packet.gather import PacketError
from warehouse.packet.wacz import FACTS, WACZ_VERSION
from warehouse.places import PlaceError, read_back

_PACKAGE: Final = "datapackage.json"
_DIGEST: Final = "datapackage-digest.json"
_LARGEST_JSON: Final = 256 << 20


@dataclass
class PacketReport:
    """What was checked and what differs."""

    candidate_id: str = ""
    version: str = ""
    members: int = 0
    captures: int = 0
    passages: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when everything is as it was written."""
        return not self.findings


def verify_packet(path: Path) -> PacketReport:
    """Recompute every digest, read every record, find every quoted word in place.

    Raises PacketError for a file that is no packet at all (no zip, no list of members); what differs is in the report.
    """
    report = PacketReport()
    try:
        with zipfile.ZipFile(path) as held:
            _listed(held, report)
            if report.findings:
                return report  # what is not what the list says is not read further
            with tempfile.TemporaryDirectory() as scratch:
                _records(held, Path(scratch), report)
    except (zipfile.BadZipFile, OSError, zlib.error, EOFError) as problem:
        raise PacketError(f"{path} is no packet that can be read: {problem}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as problem:  # its own lists have another shape
        raise PacketError(f"{path} is no packet of this program: {type(problem).__name__}: {problem}") from None
    return report


def _listed(held: zipfile.ZipFile, report: PacketReport) -> None:
    """The list against its own digest, then every member against the list."""
    names = [info.filename for info in held.infolist()]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        report.findings.append(f"{twice}: comes twice in the zip")
    package = _object(held, _PACKAGE)
    told = _object(held, _DIGEST).get("hash")
    with held.open(_PACKAGE) as member:
        if told != (found := f"sha256:{_sha256(member)[0]}"):
            report.findings.append(f"{_PACKAGE}: hashes to {found}, {_DIGEST} says {told}")
    if package.get("wacz_version") != WACZ_VERSION:
        report.findings.append(f"{_PACKAGE}: WACZ version {package.get('wacz_version')}, expected {WACZ_VERSION}")
    resources = {str(one.get("path")): one for one in package.get("resources", []) if isinstance(one, dict)}
    for name in sorted(resources.keys() | set(names) - {_PACKAGE, _DIGEST}):
        report.members += 1
        if name not in names:
            report.findings.append(f"{name}: listed, but not in the zip")
        elif name not in resources:
            report.findings.append(f"{name}: in the zip, but not listed")
        else:
            _member(held, name, resources[name], report)


def _member(held: zipfile.ZipFile, name: str, told: dict[str, Any], report: PacketReport) -> None:
    try:
        with held.open(name) as member:
            digest, size = _sha256(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        report.findings.append(f"{name}: damaged ({problem})")
        return
    if (f"sha256:{digest}", size) != (told.get("hash"), told.get("bytes")):
        report.findings.append(f"{name}: {size:,} bytes hashing to sha256:{digest}, listed as {told.get('bytes')} "
                               f"bytes, {told.get('hash')}")


def _records(held: zipfile.ZipFile, scratch: Path, report: PacketReport) -> None:
    facts = _object(held, FACTS)
    report.candidate_id = str(facts["candidate"]["candidate_id"])
    report.version = str(facts["version"])
    warc = scratch / warcs.EVIDENCE
    with held.open(f"archive/{warcs.EVIDENCE}") as member, warc.open("wb") as out:
        shutil.copyfileobj(member, out)
    try:
        archive = EvidenceArchive.from_warc(warc, scratch / "index")
    except ArchiveError as problem:
        report.findings.append(f"archive/{warcs.EVIDENCE}: {problem}")
        return
    report.findings += [f"archive/{finding}" for finding in archive.verify()]
    found = {capture.capture_id: capture for capture in archive.captures()}
    told = {str(one["capture_id"]): one for one in facts["captures"]}
    report.captures = len(found)
    for capture_id in sorted(found.keys() ^ told.keys()):
        where = "records" if capture_id in found else FACTS
        report.findings.append(f"capture {capture_id}: only in the {where}")
    for capture_id in sorted(found.keys() & told.keys()):
        one, said = found[capture_id], told[capture_id]
        for name, value in (("payload_sha256", one.payload_sha256), ("uri", one.uri),
                            ("packet_offset", one.warc_offset), ("packet_length", one.warc_length)):
            if said[name] != value:
                report.findings.append(f"capture {capture_id}: {name} is {value}, {FACTS} says {said[name]}")
    _index(held, report)
    _words(archive, facts["passages"], scratch, report)


def _index(held: zipfile.ZipFile, report: PacketReport) -> None:
    """Every line of the index points to a record that begins there."""
    files = {name: held.read(f"archive/{name}") for name in (warcs.PAGE,)}
    with held.open("indexes/index.cdx.gz") as member, gzip.open(member) as lines:
        previous = b""
        for number, line in enumerate(lines, 1):
            if line < previous:
                report.findings.append(f"indexes/index.cdx.gz line {number}: not sorted")
            previous = line
            place = json.loads(line[line.index(b"{"):])
            name, offset = str(place["filename"]), int(place["offset"])
            with held.open(f"archive/{name}") as warc:
                if name in files:
                    head = files[name][offset:offset + 2]
                else:
                    warc.seek(offset)
                    head = warc.read(2)
            if head != b"\x1f\x8b":
                report.findings.append(f"indexes/index.cdx.gz line {number}: no record at byte {offset} of {name}")


def _words(archive: EvidenceArchive, passages: list[dict[str, Any]], scratch: Path, report: PacketReport) -> None:
    by_capture: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for passage in passages:
        by_capture[str(passage["capture_id"])].append(passage)
    for capture_id, some in sorted(by_capture.items()):
        report.passages += len(some)
        try:
            there = read_back(archive, archive.get(capture_id), some, scratch)
        except (PlaceError, KeyError) as problem:
            report.findings.append(f"capture {capture_id}: {problem}")
            continue
        for passage, shown in zip(some, there, strict=True):
            if shown.start is None:
                report.findings.append(f"statement {passage['statement_id']}: '{passage['words']}' is not in "
                                       f"{passage['column']} at {passage['locator']} of capture {capture_id}")


def _object(held: zipfile.ZipFile, name: str) -> dict[str, Any]:
    try:
        info = held.getinfo(name)
    except KeyError:
        raise PacketError(f"no {name} in it: not an evidence packet") from None
    if info.file_size > _LARGEST_JSON:
        raise PacketError(f"{name} says it has {info.file_size:,} bytes: not an evidence packet")
    try:
        with held.open(info) as member:
            found = json.loads(member.read(_LARGEST_JSON))
    except (ValueError, zlib.error, EOFError, RecursionError) as problem:
        raise PacketError(f"{name} cannot be read: {problem}") from None
    if not isinstance(found, dict):
        raise PacketError(f"{name} is no JSON object: not an evidence packet")
    return found


def _sha256(stream: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(1 << 20):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
