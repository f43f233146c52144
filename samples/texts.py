"""Builds the texts of the bundled sample: real notices, and synthetic Federal Register, news and facility pages.

``python -m samples.texts --notices FILE...`` serves them on the loopback with the test replicas (no traps) and lets the
product's own spiders archive them, as ``samples.build`` does for awards. Addresses honestly say 127.0.0.1.

Notices are chosen by rule and by hash, never by hand: every notice of ICE, CBP and USCIS, notices whose title speaks of
snow and ice, some of prisons and some of any agency. Columns that name persons are left blank, e-mail addresses and
telephone numbers in texts are replaced, and a notice that names a person beside an address is left out.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Final

from crawlers.news.outlets import VARIABLE, outlets
from crawlers.parsing import ParseContext
from crawlers.run import crawl
from crawlers.sam.bulk import parse
from crawlers.sam.columns import CONTACTS
from crawlers.sam.texts import MAIL, PHONE
from records.workspace import Workspace
from samples.synthetic import facility_list, register_documents
from tests.replica.federal_register import FederalRegister
from tests.replica.news import serving
from tests.replica.news_articles import SAMPLE as ARTICLES
from tests.replica.news_articles import folder as articles_of
from tests.replica.news_site import Sites
from tests.replica.plain import Answer, Asked, PlainServer, running
from tests.replica.sam import Row, Sam, bulk, load

HERE: Final = Path(__file__).parent
OURS: Final = frozenset({"ice", "cbp", "uscis"})
QUOTA: Final = {"ours": 80, "frozen": 4, "prison": 8, "other": 14}
_LONGEST: Final = 9_000
_FROZEN: Final = re.compile(r"\b(snow|ice)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER: Final = re.compile(r"\(?\b\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}\b")
_NAMED: Final = re.compile(r"\b(COR|POC|ACOR|COTR)\s*[:;-]|\b(?:Mr|Ms|Mrs|Dr)\.? [A-Z]")


def main() -> None:
    """Choose, serve, crawl, copy one WARC file a source beside this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=Path, nargs="+", required=True, help="SAM.gov lists (CSV, Parquet)")
    arguments = parser.parse_args()
    chosen = list(_chosen(load(arguments.notices)))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        workspace = Workspace(Path(name) / "data").ensure()
        os.environ[VARIABLE] = str(HERE / "outlets.yaml")
        news = stack.enter_context(serving(Sites(articles_of(ARTICLES), outlets(), frozenset(), 0))).base
        served: dict[str, Callable[[Asked], Answer]] = {
            "sam_notices": Sam(chosen).answer, "federal_register": FederalRegister(register_documents()).answer,
            "facilities": _facilities,
        }
        bases = {source: stack.enter_context(running(PlainServer(answer))).base for source, answer in served.items()}
        options: dict[str, dict[str, Any]] = {"federal_register": {"date_from": "2026-03-01", "date_to": "2026-04-30"}}
        for source, base in {**bases, "news": news}.items():
            report = crawl(source, workspace=workspace, run_id="sample", base_url=base, options=options.get(source))
            if not report.ok:
                raise SystemExit(f"{source}: the crawl was not complete:\n" + "\n".join(report.problems))
            (made,) = sorted((workspace.evidence / source).glob("*.warc.gz"))
            target = HERE / f"{source.replace('_', '-')}.warc.gz"
            shutil.copyfile(made, target)
            print(f"{source}: {target.name}, {target.stat().st_size:,} bytes")  # noqa: T201
    print(f"{len(chosen)} notices")  # noqa: T201


def _chosen(rows: list[Row]) -> Iterator[Row]:
    """Notices of each sort up to its number, in the order of a hash over the notice's id and text."""
    context = ParseContext(capture_id="c", source="sam_notices", as_of=date(2026, 12, 31))
    agencies = {notice["notice_id"]: notice["agency_id"] for table, batch in parse(io.BytesIO(bulk(rows)), context)
                if table == "notice" for notice in batch.to_pylist()}  # fmt: skip
    left = dict(QUOTA)
    for row in sorted(rows, key=lambda r: hashlib.sha256(f"{r['NoticeId']}{r['Description']}".encode()).hexdigest()):
        sort = _sort(row, agencies.get(row["NoticeId"].lower()))
        clean = _without_persons(row)
        if clean is not None and len(row["Description"]) <= _LONGEST and left[sort]:
            left[sort] -= 1
            yield clean


def _sort(row: Row, agency: str | None) -> str:
    if agency in OURS:
        return "ours"
    if agency is None and _FROZEN.search(row["Title"]):
        return "frozen"
    return "prison" if agency == "bop" else "other"


def _without_persons(row: Row) -> Row | None:
    """The notice without its contacts; None where its words name a person."""
    words = f"{row['Title']} {row['Description']}"
    for address in _ADDRESS.findall(words):
        parts = [part for part in re.split(r"[^A-Za-z]+", address.partition("@")[0]) if len(part) > 2]
        if len(parts) > 1 and any(re.search(rf"\b{part}\b", _ADDRESS.sub("", words), re.IGNORECASE) for part in parts):
            return None
    if _NAMED.search(words):
        return None
    clean = {name: "" if name in CONTACTS else value for name, value in row.items()}
    clean["Description"] = _NUMBER.sub(PHONE, _ADDRESS.sub(MAIL, row["Description"]))
    return clean


def _facilities(asked: Asked) -> Answer:
    """A page that names one list, and the list."""
    if asked.path == "/detain/detention-management":
        return Answer(b"<html><body><p>Synthetic page of section3c's bundled sample.</p>"
                      b"<a href='/files/synthetic-facility-list-04202026.csv'>Facility list</a></body></html>",
                      media_type="text/html")  # fmt: skip
    if asked.path == "/files/synthetic-facility-list-04202026.csv":
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\r\n").writerows(facility_list())
        return Answer(out.getvalue().encode(), media_type="text/csv")
    return Answer(b"", 404, "text/plain")


if __name__ == "__main__":
    main()
