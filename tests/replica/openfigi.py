"""``python -m tests.replica openfigi``: a stand-in for OpenFIGI's mapping.

Belongs here: OpenFIGI's answers as its sheet records them: positional, with its limits on jobs and requests. Does not
belong here: sockets (plain).
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from typing import Any

from tests.replica.plain import Answer, Asked, PlainServer
from tests.replica.sec import chosen

TRAPS = {
    "five": "without a key five jobs a request are the most, not ten",
    "rate": "the second request gets 429 with Retry-After: 0",
    "venues": "an instrument comes once a venue",
    "old": "an identifier that is not found is an error, as in v2",
    "short": "one result of a batch is missing",
    "page": "an HTML page with status 200 instead of JSON",
}
KNOWN = {
    "594918104": ("MICROSOFT CORP", "MSFT", "BBG000BPH459"), "US5949181045": ("MICROSOFT CORP", "MSFT", "BBG000BPH459"),
    "MSFT": ("MICROSOFT CORP", "MSFT", "BBG000BPH459"), "US4592001014": ("INTL BUSINESS MACHINES CORP", "IBM",
                                                                         "BBG000BLNNH6"),
    "G1151C101": ("ACCENTURE PLC-CL A", "ACN", "BBG000D9D830"), "037833100": ("APPLE INC", "AAPL", "BBG000B9XRY4"),
}


class OpenFigi:
    """The service: ``answer`` takes a request; ``traps`` may be changed while it runs."""

    def __init__(self, traps: frozenset[str] = frozenset(), keys: tuple[str, ...] = ("good-key",)) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.traps, self.keys = traps, keys
        self.sizes: list[int] = []
        self._lock = threading.Lock()
        self._count = 0

    def answer(self, asked: Asked) -> Answer:
        """What OpenFIGI would say."""
        if asked.path != "/v3/mapping" or asked.method != "POST":
            return Answer(b"Not Found", 404, "text/plain")
        with self._lock:
            self._count += 1
            number = self._count
        if "page" in self.traps:
            return Answer(b"<!DOCTYPE html><html><body>maintenance</body></html>", media_type="text/html")
        key = asked.header("X-OPENFIGI-APIKEY")
        if key and key not in self.keys:
            return Answer(b'{"error":"Invalid API key."}', 401)
        if "rate" in self.traps and number == 2:
            return Answer(b"Too many requests, please try again later.", 429, "text/plain", {"Retry-After": "0"})
        try:
            jobs = json.loads(asked.body)
        except ValueError:
            return Answer(b'{"error":"Request body must be a JSON array."}', 400)
        most = 100 if key else 5 if "five" in self.traps else 10
        if len(jobs) > most:
            return Answer(b"Payload too large: too many mapping jobs", 413, "text/plain")
        with self._lock:
            self.sizes.append(len(jobs))
        found = [self._map(job) for job in jobs]
        return Answer(json.dumps(found[:-1] if "short" in self.traps else found).encode())

    def _map(self, job: dict[str, Any]) -> dict[str, Any]:
        value, kind = str(job.get("idValue")), job.get("idType")
        if kind == "ID_CUSIP" and value[:1].isalpha():
            return {"error": "Invalid idValue format."}
        if value not in KNOWN:
            return {"error" if "old" in self.traps else "warning": "No identifier found."}
        name, ticker, figi = KNOWN[value]
        venues = ("US", "UA", "UN") if "venues" in self.traps else ("US",)
        return {"data": [{
            "figi": figi if venue == "US" else f"{figi[:-2]}{venue}", "name": name, "ticker": ticker, "exchCode": venue,
            "compositeFIGI": figi, "securityType": "Common Stock", "marketSector": "Equity", "shareClassFIGI": None,
            "securityType2": "Common Stock", "securityDescription": ticker} for venue in venues]}


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments."""
    listed = "\n".join(f"  {name:8} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica openfigi", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--traps", default="none", help="none or a comma list")
    parser.add_argument("--key", action="append", default=[], help="keys that are taken (good-key by default)")
    given = parser.parse_args(argv)
    try:
        service = OpenFigi(chosen(given.traps), tuple(given.key) or ("good-key",))
    except ValueError as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        return server.serve_by_hand(f"openfigi replica on {server.base}", service.traps)
