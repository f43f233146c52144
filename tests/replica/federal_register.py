"""``python -m tests.replica federal_register``: a stand-in for federalregister.gov's API and govinfo's texts.

Belongs here: that service's answers as its sheet records them, over documents written for the purpose (no real
document: every text says so). Does not belong here: sockets (plain).
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.replica.plain import Answer, Asked, PlainServer

TRAPS = {
    "unfiltered": "agencies are ignored: 200 with everything, and a description without them",
    "nodates": "dates are ignored",
    "liar": "dates are ignored although the description names them",
    "small": "per_page above 1000 is silently 20 (always); with this trap above 3 as well",
    "cap": "counts stop at the cap (--cap, 10,000 upstream), and no page beyond it",
    "block": "the API answers once with the 200 'Request Access' page",
    "blocked": "the API answers always with that page",
    "renamed": "the list of agencies has ICE under another slug, ORR not at all",
    "rawname": "some agencies come as raw_name only",
    "late": "govinfo has no text of the newest day yet",
    "textpage": "govinfo answers with a page without a text",
}
DHS = "homeland-security-department"
AGENCIES = {
    "u-s-immigration-and-customs-enforcement": ("U.S. Immigration and Customs Enforcement", DHS),
    "u-s-customs-and-border-protection": ("U.S. Customs and Border Protection", DHS),
    "u-s-citizenship-and-immigration-services": ("U.S. Citizenship and Immigration Services", DHS),
    "executive-office-for-immigration-review": ("Executive Office for Immigration Review", "justice-department"),
    "refugee-resettlement-office": ("Refugee Resettlement Office", "health-and-human-services-department"),
    DHS: ("Homeland Security Department", None),
    "justice-department": ("Justice Department", None),
    "health-and-human-services-department": ("Health and Human Services Department", None),
    "coast-guard": ("Coast Guard", DHS),
    "fish-and-wildlife-service": ("Fish and Wildlife Service", None),
}
TYPES = {"NOTICE": "Notice", "PRORULE": "Proposed Rule", "RULE": "Rule", "PRESDOCU": "Presidential Document"}
WALL = (b"<!DOCTYPE html><html><head><title>Federal Register :: Request Access</title></head><body><p>Due to "
        b"aggressive automated scraping of FederalRegister.gov and eCFR.gov, programmatic access to these sites is "
        b"limited to access to our extensive developer APIs. Your request has been flagged as potentially "
        b"automated.</p>"
        b"</body></html>")
_MADE_UP = "This text is a stand-in written for tests; no such document was published."
_SUBJECTS = (
    ("Agency Information Collection Activities; Extension of a Currently Approved Collection: Bond Worksheet",
     "60-Day notice.", "NOTICE"),
    ("Request for Information on Continuous Identity Data Services", "Notice; request for information.", "NOTICE"),
    ("Privacy Act of 1974; System of Records", "Notice of a modified system of records.", "NOTICE"),
    ("Fee Schedule for Immigration Benefit Requests", "Notice of proposed rulemaking.", "PRORULE"),
    ("Meeting of the Advisory Committee", "Notice of meeting.", "NOTICE"),
)


@dataclass
class Document:
    """One document; ``slugs`` are its agencies, the department first."""

    number: str
    day: date
    title: str
    action: str
    type: str
    slugs: tuple[str, ...]
    abstract: str
    raw_names: tuple[str, ...] = field(default=())

    def item(self, raw: bool) -> dict[str, Any]:
        """As a result of the API."""
        agencies: list[dict[str, Any]] = [
            {"raw_name": AGENCIES[s][0].upper(), "name": AGENCIES[s][0], "id": n, "slug": s, "parent_id": None,
             "url": f"https://www.federalregister.gov/agencies/{s}"} for n, s in enumerate(self.slugs, start=1)]
        if raw:
            agencies.append({"raw_name": "Office of Something Unmapped"})
        page = f"https://www.federalregister.gov/documents/{self.day:%Y/%m/%d}/{self.number}/a-slug"
        return {"document_number": self.number, "title": self.title, "type": TYPES[self.type], "action": self.action,
                "abstract": self.abstract, "publication_date": self.day.isoformat(), "agencies": agencies,
                "docket_ids": ["Docket No. TEST-2026-0001"], "html_url": page, "comments_close_on": None,
                "pdf_url": f"https://www.govinfo.gov/content/pkg/FR-{self.day}/pdf/{self.number}.pdf",
                "raw_text_url": f"https://www.federalregister.gov/documents/full_text/text/{self.number}.txt"}

    def text(self) -> bytes:
        """As govinfo prints it."""
        own = AGENCIES[self.slugs[-1]][0]
        department = AGENCIES[self.slugs[0]][0]
        return f"""<html>
<head>
<title>Federal Register, Volume 91 Issue 100 ({self.day:%A, %B} {self.day.day}, {self.day.year})</title>
</head>
<body><pre>
[Federal Register Volume 91, Number 100 ({self.day:%A, %B} {self.day.day}, {self.day.year})]
[{'Proposed Rules' if self.type == 'PRORULE' else 'Notices'}]
[Pages 45000-45001]
From the Federal Register Online via the Government Publishing Office [<a href="https://www.gpo.gov">www.gpo.gov</a>]
[FR Doc No: {self.number}]


=======================================================================
-----------------------------------------------------------------------

{department.upper()}

{own}

[Docket No. TEST-2026-0001]


{textwrap.fill(self.title, 70)}

AGENCY: {own}, {department}.

ACTION: {self.action}

-----------------------------------------------------------------------

{textwrap.fill('SUMMARY: ' + self.abstract, 70)}

DATES: Comments are due in 60 days.

FOR FURTHER INFORMATION CONTACT: Alex Person, 202-555-0123,
<a href="mailto:alex.person@example.gov">alex.person@example.gov</a>.

SUPPLEMENTARY INFORMATION: {_MADE_UP} The agency asks
vendors of identity &amp; location data what they can deliver, and

[[Page 45001]]

at which price.

    Dated: {self.day:%B} {self.day.day}, {self.day.year}.
Alex Q. Person,
Director of Nothing, {own}.
[FR Doc. {self.number} Filed 1-1-26; 8:45 am]
BILLING CODE 0000-00-P

</pre></body>
</html>
""".encode()


def made(days: int = 10, last: date = date(2026, 11, 20), per_day: int = 4) -> list[Document]:
    """Documents of several agencies and days; the same for the same arguments."""
    own = [slug for slug in AGENCIES if AGENCIES[slug][1] or slug in (DHS, "fish-and-wildlife-service")]
    found = []
    for number in range(days * per_day):
        day = last - timedelta(days=number // per_day)
        slug = own[number % len(own)]
        title, action, kind = _SUBJECTS[number % len(_SUBJECTS)]
        parent = AGENCIES[slug][1]
        name = AGENCIES[slug][0]
        found.append(Document(
            f"{day.year}-{20000 + number}", day, title, action, kind, (parent, slug) if parent else (slug,),
            f'{name} invites the public to comment on "{title}". {_MADE_UP}'))
    return found


class FederalRegister:
    """The service: ``answer`` takes a request."""

    def __init__(self, documents: list[Document], traps: frozenset[str] = frozenset(), *, cap: int = 10_000) -> None:
        unknown = traps - set(TRAPS)
        if unknown:
            raise ValueError(f"unknown traps: {', '.join(sorted(unknown))}; known: {', '.join(TRAPS)}")
        self.documents, self.traps, self.cap = documents, traps, cap
        self.asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """What the services would say."""
        with self._lock:
            self.asked[asked.path] += 1
            first = self.asked[asked.path] == 1
        if asked.path.startswith("/content/pkg/FR-"):
            return self._text(asked.path)
        if not asked.path.startswith("/api/v1/") or "blocked" in self.traps or ("block" in self.traps and first):
            return Answer(WALL, media_type="text/html")
        if asked.path == "/api/v1/agencies.json":
            return Answer(json.dumps(self._agencies()).encode())
        if asked.path == "/api/v1/documents.json":
            return self._search(asked)
        return Answer(b'{"status":404,"message":"Record Not Found"}', 404)

    def _agencies(self) -> list[dict[str, Any]]:
        listed = [{"id": n, "slug": s, "name": name} for n, (s, (name, _)) in enumerate(AGENCIES.items(), start=1)]
        if "renamed" in self.traps:
            listed = [one for one in listed if one["slug"] != "refugee-resettlement-office"]
            listed[0] = {**listed[0], "slug": "ice-renamed"}
        return listed

    def _search(self, asked: Asked) -> Answer:
        values = [value for key, value in asked.query if key == "conditions[agencies][]"]
        known = {str(one["slug"]): str(one["name"]) for one in self._agencies()}
        if any(value and value not in known for value in values):
            return Answer(b'{"errors":{"agencies":"invalid value"}}', 400)
        for key, _ in asked.query:
            if key.startswith("conditions[") and not key.startswith(
                    ("conditions[agencies]", "conditions[type]", "conditions[publication_date]", "conditions[term]")):
                return Answer(json.dumps({"errors": {key[11:-1]: "is not a valid field"}}).encode(), 400)
        types = {value for key, value in asked.query if key == "conditions[type][]"}
        start, end = (asked.first(f"conditions[publication_date][{edge}]") for edge in ("gte", "lte"))
        wanted = sorted(self.documents, key=lambda d: (d.day, d.number))
        said = []
        if start and "nodates" not in self.traps:
            said.append(f"published from {_us(start)} to {_us(end)}")
            if "liar" not in self.traps:
                wanted = [d for d in wanted if start <= d.day.isoformat() <= (end or "9")]
        if types:
            said.append(f"of type {' or '.join(TYPES[t] for t in sorted(types))}")
            wanted = [d for d in wanted if d.type in types]
        if values and "unfiltered" not in self.traps:
            said.append(f"from {', '.join(known[value] for value in values)}")
            real = {"u-s-immigration-and-customs-enforcement" if v == "ice-renamed" else v for v in values}
            wanted = [d for d in wanted if real & set(d.slugs)]
        return self._page(asked, wanted, "Documents " + " and ".join(said))

    def _page(self, asked: Asked, wanted: list[Document], said: str) -> Answer:
        count = min(len(wanted), self.cap) if "cap" in self.traps else len(wanted)
        page: dict[str, Any] = {"count": count, "description": said}
        if asked.first("metadata_only") == "1" or not wanted:
            return Answer(json.dumps(page).encode())
        size, number = int(asked.first("per_page", "20")), int(asked.first("page", "1"))
        if not 2 <= size <= 2000:
            size = 20
        if "small" in self.traps:
            size = min(size, 3)
        if not 1 <= number <= 50 or number * size > max(self.cap, 50 * size):
            number = 1
        kept = wanted[: self.cap] if "cap" in self.traps else wanted
        shown = kept[(number - 1) * size : number * size]
        results = [d.item("rawname" in self.traps and n % 2 == 0) for n, d in enumerate(shown)]
        if "renamed" in self.traps:
            for result in results:
                for agency in result["agencies"]:
                    if agency.get("slug") == "u-s-immigration-and-customs-enforcement":
                        agency["slug"] = "ice-renamed"
        page |= {"total_pages": -(-count // size), "results": results}
        return Answer(json.dumps(page).encode())

    def _text(self, path: str) -> Answer:
        number = path.rsplit("/", 1)[-1].removesuffix(".htm")
        found = next((d for d in self.documents if d.number == number), None)
        newest = max(d.day for d in self.documents)
        if found is None or ("late" in self.traps and found.day == newest):
            return Answer(b"<html><body>Not found</body></html>", 404, "text/html")
        if "textpage" in self.traps:
            return Answer(b"<html><body><p>Content details</p></body></html>", media_type="text/html")
        return Answer(found.text(), media_type="text/html")


def _us(day: str) -> str:
    return f"{date.fromisoformat(day):%m/%d/%Y}" if day else ""


def main(argv: list[str]) -> int:
    """Serve until interrupted. Returns 2 for bad arguments."""
    listed = "\n".join(f"  {name:12} {what}" for name, what in TRAPS.items())
    parser = argparse.ArgumentParser(prog="python -m tests.replica federal_register", epilog=f"traps:\n{listed}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 11, 20), help="newest day of publication")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cap", type=int, default=10_000)
    parser.add_argument("--traps", default="rawname", help="none or a comma list")
    given = parser.parse_args(argv)
    names = frozenset() if given.traps == "none" else frozenset(name.strip() for name in given.traps.split(","))
    try:
        service = FederalRegister(made(given.days, given.last), names, cap=given.cap)
    except ValueError as error:
        print(f"replica: {error}", file=sys.stderr)
        return 2
    with PlainServer(service.answer, given.port) as server:
        what = f"federal_register replica on {server.base}: {len(service.documents)} made-up documents"
        return server.serve_by_hand(what, names)
