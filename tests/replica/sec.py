"""``python -m tests.replica sec``: a stand-in for SEC EDGAR's list, submissions, filing indexes and exhibits.

Belongs here: EDGAR's answers and refusals as its sheet records them, over made-up companies (or exhibits handed in).
Does not belong here: sockets (plain).
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.replica.plain import Answer, Asked, PlainServer

TRAPS = {
    "undeclared": "who sends no mail address in User-Agent gets the Undeclared Automated Tool page (403)",
    "undeclared200": "the same page, with status 200",
    "rate": "from the fifth request on, the traffic limit page (403), as for ten minutes",
    "rate200": "the same page, with status 200",
    "sharded": "annual reports stand in an older shard only",
    "viewer": "the index links the exhibit through the inline viewer",
    "amended": "the newest annual report is an amendment without the exhibit",
    "flaky": "the first request of every address gets 503",
    "outside": "an index names an exhibit outside its filing",
}
_UNDECLARED = ("<!DOCTYPE html><html><head><title>SEC.gov | Request Access</title></head><body><h1>Your Request "
               "Originates "
               "from an Undeclared Automated Tool</h1><p>Please declare your traffic by updating your user agent to "
               "include company specific information.</p></body></html>")
_LIMIT = ("<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head><body><h1>You’ve "
          "Exceeded the SEC’s Traffic Limit</h1><p>Your request rate has exceeded the SEC’s maximum allowable requests "
          "per "
          "second. Your access to SEC.gov will be limited for 10 minutes.</p></body></html>")
_EXHIBIT = """<html><body><p>EXHIBIT 21.1</p><p>SUBSIDIARIES OF {name}</p><table>
<tr><td>Name</td><td>State of Incorporation</td></tr>
<tr><td>{short} Detention Services, LLC</td><td>Texas</td></tr>
<tr><td>{short} Records, Inc.</td><td>Delaware</td></tr></table></body></html>"""


@dataclass
class Company:
    """One company of the stand-in."""

    cik: int
    name: str
    tickers: list[str] = field(default_factory=list)
    former: list[dict[str, str]] = field(default_factory=list)
    exhibit: bytes | None = None
    person: bool = False

    @property
    def folder(self) -> str:
        return f"/Archives/edgar/data/{self.cik}/000000000026000{self.cik % 1000:03d}"

    @property
    def accession(self) -> str:
        return f"0000000000-26-000{self.cik % 1000:03d}"


MADE_UP = (
    Company(1000101, "Harbor Lantern Corp", ["HLC", "HLC-P"], [
        {"name": "OLD PIER CORP", "from": "1994-01-13T05:00:00.000Z", "to": "2004-06-30T04:00:00.000Z"},
        {"name": "PIER & LANTERN INC", "from": "2004-06-30T04:00:00.000Z", "to": "2019-02-01T05:00:00.000Z"}]),
    Company(1000102, "Quiet Meadow Data, Inc.", ["QMD"]),
    Company(1000103, "Doe John Q", person=True),
)


class Sec:
    """The service: ``answer`` takes a request; ``traps`` may be changed while it runs."""

    def __init__(self, companies: tuple[Company, ...] = MADE_UP, traps: frozenset[str] = frozenset()) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.companies, self.traps = {one.cik: one for one in companies}, traps
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """What EDGAR would say."""
        with self._lock:
            self.asked[asked.path] += 1
            total, own = self.asked.total(), self.asked[asked.path]
        if {"undeclared", "undeclared200"} & self.traps and "@" not in asked.header("User-Agent"):
            return _page(_UNDECLARED, 200 if "undeclared200" in self.traps else 403)
        if {"rate", "rate200"} & self.traps and total > 4:
            return _page(_LIMIT, 200 if "rate200" in self.traps else 403)
        if "flaky" in self.traps and own == 1:
            return Answer(b"upstream", 503, "text/plain")
        return self._answer(asked.path)

    def _answer(self, path: str) -> Answer:
        if path == "/files/company_tickers.json":
            return self._list()
        if path.startswith("/submissions/CIK") and path.endswith(".json"):
            return self._submissions(path.removeprefix("/submissions/CIK").removesuffix(".json"))
        for company in self.companies.values():
            if path.startswith(company.folder + "/"):
                return self._filing(company, path.rsplit("/", 1)[-1])
        return Answer(b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>', 404,
                      "application/xml")

    def _list(self) -> Answer:
        rows = [{"cik_str": one.cik, "ticker": ticker, "title": one.name}
                for one in self.companies.values() for ticker in one.tickers]
        return Answer(json.dumps({str(number): row for number, row in enumerate(rows)}).encode())

    def _submissions(self, what: str) -> Answer:
        company = self.companies.get(int(what[:10])) if what[:10].isdigit() else None
        if company is None:
            return Answer(b"<html><body><h1>404 Not Found</h1></body></html>", 404, "text/html")
        older = what.endswith("-submissions-001")
        if older:
            return Answer(json.dumps(self._block(company, annual=True)).encode())
        sharded = "sharded" in self.traps
        shard = [{"name": f"CIK{company.cik:010d}-submissions-001.json", "filingCount": 2, "filingFrom": "2001-01-01",
                  "filingTo": "2026-01-01"}] if sharded else []
        return Answer(json.dumps({
            "cik": f"{company.cik:010d}", "entityType": "other" if company.person else "operating",
            "sic": "" if company.person else "8744", "sicDescription": "", "ownerOrg": "",
            "insiderTransactionForOwnerExists": int(company.person), "insiderTransactionForIssuerExists": 0,
            "name": company.name, "tickers": company.tickers, "exchanges": ["NYSE"] * len(company.tickers),
            "ein": None, "lei": None, "description": "", "website": "", "investorWebsite": "", "category": "",
            "fiscalYearEnd": None, "stateOfIncorporation": "" if company.person else "DE",
            "stateOfIncorporationDescription": "", "addresses": {}, "phone": None, "flags": "",
            "formerNames": company.former,
            "filings": {"recent": self._block(company, annual=not sharded and not company.person), "files": shard},
        }).encode())

    def _block(self, company: Company, *, annual: bool) -> dict[str, list[Any]]:
        rows = [("0000000000-26-999999", "8-K", "2026-03-01", "")]
        if annual:
            rows.append((company.accession, "10-K", "2026-02-20", "2025-12-31"))
            if "amended" in self.traps:
                rows.insert(0, (company.accession[:-3] + "777", "10-K/A", "2026-04-30", "2025-12-31"))
        return {name: [row[place] for row in rows]
                for place, name in enumerate(("accessionNumber", "form", "filingDate", "reportDate"))}

    def _filing(self, company: Company, name: str) -> Answer:
        exhibit = f"{company.folder}/ex211.htm"
        if name.endswith("-index.htm"):
            link = f"/ix?doc={exhibit}" if "viewer" in self.traps else exhibit
            if "outside" in self.traps:
                link = "/Archives/edgar/data/999/000000000026000001/ex211.htm"
            return _page(
                '<html><body><table class="tableFile" summary="Document Format '
                'Files"><tr><th>Seq</th><th>Description</th>'
                f'<th>Document</th><th>Type</th><th>Size</th></tr><tr><td>1</td><td>10-K</td><td><a href="/ix?doc='
                f'{company.folder}/main.htm">main.htm</a></td><td>10-K</td><td>9</td></tr><tr><td>2</td><td>EX-21.1</td>'
                f'<td><a href="{link}">ex211.htm</a></td><td>EX-21.1</td><td>9</td></tr></table></body></html>')
        if name == "ex211.htm":
            made = _EXHIBIT.format(name=company.name.upper(), short=company.name.split()[0]).encode()
            return Answer(company.exhibit or made, media_type="text/html")
        return Answer(b"<html>404</html>", 404, "text/html")


def _page(text: str, status: int = 200) -> Answer:
    return Answer(text.encode(), status, "text/html")


def chosen(text: str) -> frozenset[str]:
    """Trap names of a command line: none or a comma list."""
    return frozenset(name.strip() for name in text.split(",") if name.strip() and text != "none")


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments or data."""
    listed = "\n".join(f"  {name:14} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica sec", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exhibit", action="append", default=[], metavar="CIK=NAME=FILE",
                        help="a company with an Exhibit 21 of your own, beside the made-up ones")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--traps", default="none", help="none or a comma list")
    given = parser.parse_args(argv)
    try:
        more = [one.split("=", 2) for one in given.exhibit]
        own = tuple(Company(int(cik), name, [f"T{cik}"], exhibit=Path(file).read_bytes()) for cik, name, file in more)
        service = Sec((*MADE_UP, *own), chosen(given.traps))
    except (OSError, ValueError) as error:
        print(f"replica: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        return server.serve_by_hand(f"sec replica on {server.base}: {len(service.companies)} companies", service.traps)
