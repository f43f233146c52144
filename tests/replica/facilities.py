"""``python -m tests.replica facilities [--lists DIR]``: a stand-in for ICE's page of detention statistics and lists.

Belongs here: the page that names the files, and the files (made-up facilities, or those of a folder). Does not belong
here: sockets (plain).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from urllib.parse import quote

from tests.crawlers.workbooks import Cell, xlsx
from tests.replica.plain import Answer, Asked, PlainServer

PAGE = "/detain/detention-management"
TRAPS = {
    "moved": "the page names no file",
    "denied": "the files' address answers with an Access Denied page and status 200",
    "robots": "robots.txt forbids the files' folder",
    "truncated": "the first file breaks off in the middle",
}
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {".xlsx": _BOOK, ".xls": "application/vnd.ms-excel", ".csv": "text/csv"}
_HEADINGS = ["Name", "Address", "City", "State", "Zip", "AOR", "Type Detailed", "Male/Female", "FY26 ALOS", "Level A",
             "Level B", "Level C", "Level D", "Guaranteed Minimum"]


def made_up(facilities: int = 60) -> dict[str, bytes]:
    """Files by name: this year's statistics, over facilities that do not exist."""
    rows: list[list[Cell]] = [["ICE FACILITIES DATA, FY26"], [], list(_HEADINGS)]
    for n in range(1, facilities + 1):
        state, agreement = ("TX", "NJ", "LA")[n % 3], ("CDF", "IGSA", "USMS IGA")[n % 3]
        rows.append([f"LANTERN {n:03d} PROCESSING CENTER", f"{n} Pier Road", "Harbor", state, 76574.0, "SNA", agreement,
                     "Female/Male", 31.5, n, 2, 3, 4, 480.0])
    return {"FY26_detentionStats07202026.xlsx": xlsx({"Facilities FY26": rows})}


class Facilities:
    """The service: ``answer`` takes a request; ``traps`` may be changed while it runs."""

    def __init__(self, files: Mapping[str, bytes] | None = None, traps: frozenset[str] = frozenset()) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.files, self.traps = dict(files or made_up()), traps

    def answer(self, asked: Asked) -> Answer:
        """What www.ice.gov would say."""
        if asked.path == "/robots.txt":
            denied = "/doclib/" if "robots" in self.traps else "/search/"
            return Answer(f"User-agent: *\nDisallow: {denied}\n".encode(), media_type="text/plain")
        if asked.path == PAGE:
            return Answer(self._page(), media_type="text/html")
        name = asked.path.rsplit("/", 1)[-1]
        if not asked.path.startswith("/doclib/") or name not in self.files:
            return Answer(b"<html><body>Page not found</body></html>", 404, "text/html")
        if "denied" in self.traps:
            return Answer(b"<html><head><title>Access Denied</title></head><body>You don't have permission to access "
                          b"this server.</body></html>", media_type="text/html")
        return Answer(self.files[name], media_type=_TYPES.get(Path(name).suffix.lower(), "application/octet-stream"),
                      cut="truncated" in self.traps and name == min(self.files))

    def _page(self) -> bytes:
        names = [] if "moved" in self.traps else sorted(self.files)
        links = "".join(f'<p><a href="/doclib/detention/{quote(name)}">{escape(name)}</a></p>' for name in names)
        words = "<p>Detention statistics are published for each fiscal year.</p>" * 60
        return f"<html><head><title>Detention Management</title></head><body>{links}{words}</body></html>".encode()


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments or data."""
    listed = "\n".join(f"  {name:10} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica facilities", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=Path, help="folder of workbooks and CSVs to serve instead of made-up ones")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--traps", default="none", help="none or a comma list")
    given = parser.parse_args(argv)
    try:
        files = made_up() if given.lists is None else {
            file.name: file.read_bytes() for file in sorted(given.lists.iterdir()) if file.suffix.lower() in _TYPES}
        if not files:
            raise ValueError(f"{given.lists} holds no .xlsx, .xls or .csv")
        service = Facilities(files, frozenset(t for t in given.traps.split(",") if t not in ("", "none")))
    except (OSError, ValueError) as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        return server.serve_by_hand(f"facilities replica on {server.base}: {len(files)} files", service.traps)
