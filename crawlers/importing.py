"""Files an analyst hands in: archived first, then parsed and loaded like any capture.

Belongs here: one file from disk into the archive and the lake. Does not belong here: fetching, parsing.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from crawlers import sam
from crawlers.archive import ArchiveError, EvidenceArchive, ImportedFile
from crawlers.documents.rows import HANDED_IN_PARSER, KINDS
from crawlers.facilities import lists as facility_lists
from crawlers.load import LoadReport, load
from crawlers.run import Harvest
from crawlers.sam.csvscan import header
from crawlers.settling import settle
from records.files import sha256_of
from records.workspace import Workspace

SOURCE: Final = "import"
_CHUNK: Final = 1 << 20
#: Largest file taken in (bytes); a department's fiscal year is a fraction of it.
LARGEST: Final = 8 << 30
_GIB: Final = 1 << 30
_TYPES: Final = {".zip": "application/zip", ".gz": "application/gzip", ".csv": "text/csv", ".xls":
                 "application/vnd.ms-excel", ".xlsx":
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".pdf": "application/pdf",
                 ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                 ".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
_DOCUMENTS: Final = frozenset({".pdf", ".docx", ".doc", ".rtf", ".odt", ".html", ".htm", ".txt", ".md"})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is known of a document handed in: its kind (``crawlers.documents.rows.KINDS``), publisher, title, day of
    publication, and what it belongs to (an address, a notice's id)."""

    kind: str
    publisher: str | None = None
    title: str | None = None
    published: date | None = None
    record: str | None = None


class ImportRefused(Exception):
    """A file cannot be taken in; the message says which, why and what to do. Nothing was loaded."""


def import_file(path: Path, workspace: Workspace, *, progress: Callable[[int, int], None] | None = None,
                largest: int = LARGEST, told: Told | None = None) -> LoadReport:
    """Archive an official USAspending or SAM.gov CSV, CSV.GZ or zip, or a list of detention facilities (XLSX, XLS,
    CSV), as a WARC resource record and load it. With ``told`` the file is a document (PDF, DOCX, XLSX, HTML, text): its
    text is loaded.

    It becomes source 'import', batch = the first twelve digits of its SHA-256: the same file again replaces itself.
    What cannot be parsed stays in the archive. A file of more than ``largest`` bytes is refused before a byte of it
    is read. Raises ImportRefused.
    """
    kind = _checked(path, largest, document=told is not None)
    batch = sha256_of(path)[:12]
    archive = EvidenceArchive(workspace.ensure().evidence)
    now = datetime.now(UTC)
    try:
        archive.recover()
        with archive.writer(SOURCE, f"import-{now:%Y%m%dT%H%M%S}-{batch}") as writer:
            capture = writer.write_import(ImportedFile(path=path, filename=path.name, media_type=_TYPES.get(kind),
                                                       fetched_at=now))
    except (ArchiveError, OSError) as problem:
        raise ImportRefused(f"{path}: cannot be archived ({problem}). Check the disk and try again") from problem
    parser = _parser(path) if told is None else HANDED_IN_PARSER
    hints = {} if told is None else {**asdict(told), "filename": path.name}
    report = load([Harvest(capture.capture_id, parser, batch, hints)], archive, workspace.lake, source=SOURCE,
                  progress=progress)
    settle(workspace.lake, report.rows)
    failed = [p for p in report.details if p.kind == "capture"]
    if failed:
        raise ImportRefused(f"{path.name}: {failed[0].message} (The file is kept in the archive as "
                            f"{capture.capture_id}.)")
    return report


def _parser(path: Path) -> str:
    """The parser of a file, by its header; USAspending's tells what is wrong with a header that nobody knows."""
    if (found := facility_lists.detect(path)) is not None:
        return found
    with path.open("rb") as file:
        return sam.BULK_PARSER if sam.detect(header(file)) else "usaspending_csv"


def _checked(path: Path, largest: int, *, document: bool) -> str:
    if not path.exists():
        raise ImportRefused(f"{path}: no such file. Check the name")
    if not path.is_file():
        raise ImportRefused(f"{path}: is no file. Give the CSV or zip files one by one")
    if path.stat().st_size == 0:
        raise ImportRefused(f"{path}: is empty. Download it again")
    if (size := path.stat().st_size) > largest:
        raise ImportRefused(f"{path}: is {size / _GIB:,.1f} GiB, above the limit of {largest / _GIB:,.1f} GiB, and was "
                            "not read. No download of an agency's fiscal year is that large: check what it is, order "
                            "it by year or agency, or raise the limit (--largest, in GiB)")
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as problem:
        raise ImportRefused(f"{path}: cannot be read ({problem.strerror}). Check its permissions") from problem
    kind = path.suffix.lower()
    if document:
        return kind
    if kind in _DOCUMENTS or start.startswith(b"%PDF"):
        raise ImportRefused(f"{path}: is a document. Say of which kind it is: --kind {', '.join(KINDS)}")
    if kind in (".xlsx", ".xls") or (start.startswith(b"PK") and kind != ".zip" and _is_workbook(path)):
        _spreadsheet(path)
    return kind


def _spreadsheet(path: Path) -> None:
    if facility_lists.detect(path) is None:
        raise ImportRefused(f"{path}: is a spreadsheet, and no list of detention facilities that can be read. Export "
                            "it as CSV with the original column names; if it is a document, say --kind "
                            f"{', '.join(KINDS)}")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
