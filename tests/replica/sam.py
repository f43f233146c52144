"""``python -m tests.replica sam --notices FILE...``: a stand-in for SAM.gov's list, search and descriptions.

Belongs here: SAM.gov's answers as its sheet records them, over real notices (bulk CSV, plain or gzipped, or a Parquet
file that knows the department only). Does not belong here: sockets (plain).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from crawlers.sam.columns import OFFICIAL
from crawlers.sam.departments import department_code
from tests.replica.plain import Answer, Asked, PlainServer

LIST = "/api/prod/fileextractservices/v1/api/download/Contract Opportunities/datagov/ContractOpportunitiesFullCSV.csv"
MIRROR = "/Contract Opportunities/datagov/ContractOpportunitiesFullCSV.csv"
ARCHIVED = "/Contract Opportunities/Archived Data/FY"
SEARCHES = ("/opportunities/v2/search", "/prod/opportunities/v2/search")
TEXTS = "/prod/opportunities/v1/noticedesc"
FILES = "/api/prod/opps/v3/opportunities/resources/files/"

TRAPS = {
    "headeronly": "the list holds a header only (July 2026), on both addresses",
    "mirrorgood": "with headeronly or page: only sam.gov's own address is bad",
    "page": "the list's address answers with an HTML page and status 200",
    "truncated": "the first download of the list breaks off in the middle",
    "shrunk": "the list has lost half of its rows",
    "quota": "429 without Retry-After once the day's quota is used, nextAccessTime in the body",
    "fault": "the 429 comes wrapped in a fault object",
    "ignored": "unknown parameters, deptname and subtier among them, are silently ignored",
    "nodates": "posting dates are ignored as well",
    "single": "a list of one element comes as the element itself",
    "nulltext": "some descriptions are the word null; asking for them gives 404 Description Not Found",
    "nozone": "some deadlines come without a zone",
}
TYPE_LETTERS = {"u": "Justification", "p": "Presolicitation", "a": "Award Notice", "r": "Sources Sought",
                "s": "Special Notice", "o": "Solicitation", "g": "Sale of Surplus Property",
                "k": "Combined Synopsis/Solicitation", "i": "Intent to Bundle Requirements (DoD-Funded)"}
_KNOWN = {"api_key", "postedFrom", "postedTo", "ptype", "limit", "offset", "noticeid", "solnum", "title", "state",
          "zip", "ncode", "ccode", "typeOfSetAside", "rdlfrom", "rdlto", "organizationCode", "organizationName"}
DATA_TRAPS = frozenset({"ignored", "nulltext", "nozone"})
Row = dict[str, str]


def load(paths: list[Path]) -> list[Row]:
    """Rows by official column, of several files; a notice in more than one file stays in each of its versions."""
    rows: dict[tuple[str, str], Row] = {}
    for path in paths:
        found = _parquet(path) if path.suffix == ".parquet" else _csv(path)
        for row in found:
            rows.setdefault((row["NoticeId"], "" if len(paths) == 1 else row["Description"]), row)
    return list(rows.values())


def _csv(path: Path) -> list[Row]:
    raw = path.read_bytes()
    if raw.startswith(b"\x1f\x8b"):
        raw = gzip.decompress(raw)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    csv.field_size_limit(1 << 24)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{name: row.get(name) or "" for name in OFFICIAL} for row in rows]


def _parquet(path: Path) -> list[Row]:
    """Notices that know their department only; the rest of the 47 columns is empty, as when it is hidden."""
    import pyarrow.parquet as pq

    rows = []
    for item in pq.read_table(path).to_pylist():
        row = dict.fromkeys(OFFICIAL, "")
        row |= {"NoticeId": item["notice_id"], "Title": item["title"] or "", "Sol#": item["sol"] or "",
                "Department/Ind.Agency": item["agency"] or "", "PostedDate": item["posted"] or "",
                "Type": item["notice_type"] or "", "BaseType": item["notice_type"] or "", "Active": "Yes",
                "Link": f"https://sam.gov/workspace/contract/opp/{item['notice_id']}/view",
                "Description": item["summary"] or ""}
        rows.append(row)
    return rows


def bulk(rows: list[Row]) -> bytes:
    """The list as SAM.gov writes it: Windows-1252, every field quoted, CR LF."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, OFFICIAL, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("cp1252", "replace")


class Sam:
    """The service: ``answer`` takes a request; ``traps`` may be changed while it runs."""

    def __init__(self, rows: list[Row], traps: frozenset[str] = frozenset(), *, quota: int = 10,
                 keys: tuple[str, ...] = ()) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.rows, self.traps, self.quota, self.keys = rows, traps, quota, keys
        self.used: Counter[str] = Counter()
        self.downloads = 0
        #: Attachments by notice id: bytes and name; others have a text of the stand-in's own.
        self.files: dict[str, tuple[bytes, str]] = {}
        self._lock = threading.Lock()
        self._lists: dict[tuple[int, bool], bytes] = {}

    def answer(self, asked: Asked) -> Answer:
        """What SAM.gov would say."""
        path = asked.path.rstrip("/")
        if path in (LIST, MIRROR):
            return self._list(mirror=path == MIRROR)
        if ARCHIVED in path:
            return Answer(bulk(self.rows), media_type="text/csv")
        if path in SEARCHES:
            return self._metered(asked) or self._search(asked)
        if path == TEXTS:
            return self._metered(asked) or self._text(asked)
        if path.startswith(FILES):
            return self._file(path.removeprefix(FILES).split("/")[0])
        return _error(404, "Not Found")

    def _file(self, notice: str) -> Answer:
        """As SAM.gov serves them: type unknown, name in Content-Disposition."""
        body, name = self.files.get(notice, (b"Statement of work (a stand-in's text).\n", "SOW.txt"))
        return Answer(body, media_type="application/octet-stream",
                      headers={"Content-Disposition": f'attachment; filename="{name}"'})

    # ---- the list --------------------------------------------------------------------------------------------

    def _list(self, *, mirror: bool) -> Answer:
        with self._lock:
            self.downloads += 1
            number = self.downloads
        spared = mirror and "mirrorgood" in self.traps
        if "page" in self.traps and not spared:
            return Answer(b"<!DOCTYPE html><html><head><title>SAM.gov | System maintenance</title></head><body>"
                          b"<h1>SAM.gov is down for maintenance</h1></body></html>", media_type="text/html")
        if "headeronly" in self.traps and not spared:
            return Answer(bulk([]), media_type="text/csv")
        rows = self.rows[: len(self.rows) // 2] if "shrunk" in self.traps else self.rows
        key = (len(rows), mirror)
        if key not in self._lists:
            self._lists[key] = bulk(rows)
        return Answer(self._lists[key], media_type="text/csv", cut="truncated" in self.traps and number == 1,
                      headers={"Accept-Ranges": "bytes"} if mirror else {})

    # ---- the search ------------------------------------------------------------------------------------------

    def _metered(self, asked: Asked) -> Answer | None:
        key = asked.first("api_key")
        if not key:
            return _error(403, "No api_key was supplied")
        if self.keys and key not in self.keys:
            return _error(403, "An invalid api_key was supplied")
        with self._lock:
            self.used[key] += 1
            over = "quota" in self.traps and self.used[key] > self.quota
        if not over:
            return None
        body: dict[str, Any] = {
            "code": "900804", "message": "Message throttled out", "nextAccessTime": "2099-Sep-09 00:00:00+0000 UTC",
            "description": "You have exceeded your quota .You can access API after 2099-Sep-09 00:00:00+0000 UTC",
        }
        return Answer(json.dumps({"fault": body} if "fault" in self.traps else body).encode(), 429)

    def _search(self, asked: Asked) -> Answer:
        unknown = {name for name, _ in asked.query} - _KNOWN
        if unknown and "ignored" not in self.traps:
            return _error(400, f"unknown parameter {sorted(unknown)[0]}")
        start, end = asked.first("postedFrom"), asked.first("postedTo")
        if not start or not end:
            return _error(400, "PostedFrom and PostedTo are mandatory")
        try:
            first, last = (datetime.strptime(text, "%m/%d/%Y").date() for text in (start, end))  # noqa: DTZ007
        except ValueError:
            return _error(400, "Invalid Date Entered. Expected date format is MM/dd/yyyy")
        if (last - first).days > 365:
            return _error(400, "Date range must be 1 year(s) apart")
        limit, offset = int(asked.first("limit", "1") or 1), int(asked.first("offset", "0") or 0)
        if not 0 <= limit <= 1000:
            return _error(400, "Limit valid range is 0-1000. Please provide valid input.")
        wanted = [row for row in self.rows
                  if "nodates" in self.traps or str(first) <= row["PostedDate"][:10] <= str(last)]
        letters = asked.first("ptype")
        if letters:
            kinds = {TYPE_LETTERS.get(letter) for letter in letters.split(",")}
            wanted = [row for row in wanted if row["Type"] in kinds]
        if asked.first("noticeid"):
            wanted = [row for row in wanted if row["NoticeId"] == asked.first("noticeid")]
        if not wanted:
            return _error(404, "No Data found")
        items: Any = [self._item(row) for row in wanted[offset * limit : (offset + 1) * limit]]
        if "single" in self.traps and len(items) == 1:
            items = items[0]
        return Answer(json.dumps({"totalRecords": len(wanted), "limit": limit, "offset": offset,
                                  "opportunitiesData": items, "links": []}).encode())

    def _item(self, row: Row) -> dict[str, Any]:
        path, code = _path(row)
        award = None
        if row["AwardNumber"]:
            award = {"date": row["AwardDate"], "number": row["AwardNumber"], "amount": row["Award$"],
                     "awardee": {"name": row["Awardee"]}}
        due = row["ResponseDeadLine"]
        nulled = "nulltext" in self.traps and not row["Description"]
        where = f"https://api.sam.gov{TEXTS}?noticeid={row['NoticeId']}"
        return {
            "noticeId": row["NoticeId"], "title": row["Title"], "solicitationNumber": row["Sol#"] or None,
            "fullParentPathName": path, "fullParentPathCode": code, "postedDate": row["PostedDate"][:10],
            "type": row["Type"], "baseType": row["BaseType"], "archiveType": row["ArchiveType"] or "auto15",
            "archiveDate": row["ArchiveDate"] or None, "typeOfSetAsideDescription": row["SetASide"] or None,
            "typeOfSetAside": row["SetASideCode"] or None,
            "responseDeadLine": (due[:19] if "nozone" in self.traps else due) or None,
            "naicsCode": row["NaicsCode"] or None, "naicsCodes": [row["NaicsCode"]] if row["NaicsCode"] else [],
            "classificationCode": row["ClassificationCode"] or None, "active": "Yes", "award": award,
            "pointOfContact": [{"fax": "", "type": "primary", "email": "a.person@example.gov", "phone": "555-0100",
                                "title": None, "fullName": "Alex Person"}],
            "description": "null" if nulled else where, "organizationType": "OFFICE", "officeAddress": None,
            "placeOfPerformance": {"city": {"name": row["PopCity"]}, "state": {"code": row["PopState"]},
                                   "country": {"code": row["PopCountry"]}},
            "additionalInfoLink": None, "uiLink": row["Link"], "links": [],
            "resourceLinks": [f"https://sam.gov{FILES}{row['NoticeId']}/download"],
        }

    def _text(self, asked: Asked) -> Answer:
        found = next((row for row in self.rows if row["NoticeId"] == asked.first("noticeid")), None)
        if found is None or not found["Description"]:
            return _error(404, "Description Not Found")
        text = found["Description"].replace("&", "&amp;").replace("<", "&lt;").replace("\n", "</p>\n<p>")
        return Answer(json.dumps({"description": f"<p>{text}</p>"}).encode())


def _path(row: Row) -> tuple[str, str | None]:
    names = [row["Department/Ind.Agency"], row["Sub-Tier"], row["Office"]]
    codes = [row["CGAC"] or department_code(None, names[0]) or "", row["FPDS Code"], row["AAC Code"]]
    if not names[1]:
        return names[0], codes[0]
    return ".".join(names), ".".join(codes)


def _error(status: int, message: str) -> Answer:
    return Answer(json.dumps({"errorCode": str(status), "errorMessage": message}).encode(), status)


def chosen(text: str) -> frozenset[str]:
    """Trap names of a command line: none, data (those that spoil no night) or a comma list."""
    if text in ("", "none"):
        return frozenset()
    return DATA_TRAPS if text == "data" else frozenset(name.strip() for name in text.split(",") if name.strip())


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments or data."""
    listed = "\n".join(f"  {name:12} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica sam", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notices", type=Path, nargs="+", required=True, help="bulk CSV (.csv, .csv.gz) or Parquet")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--traps", default="data", help="none, data or a comma list")
    parser.add_argument("--quota", type=int, default=10)
    given = parser.parse_args(argv)
    try:
        service = Sam(load(given.notices), chosen(given.traps), quota=given.quota)
    except (OSError, ValueError, KeyError) as error:
        print(f"replica: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        return server.serve_by_hand(f"sam replica on {server.base}: {len(service.rows)} notices", service.traps)
