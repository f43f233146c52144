"""Texts in a real archive: a SAM.gov list, article pages and a Federal Register page, loaded by the real parsers.

All of it written for these tests; the companies do not exist.
"""

from __future__ import annotations

import datetime as dt
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from crawlers.archive import Capture, EvidenceArchive, Exchange
from crawlers.load import load
from crawlers.sam.columns import OFFICIAL
from crawlers.sam.settle import settle
from records.workspace import Workspace
from tests.replica.sam import bulk
from tests.warehouse.readers import RuleReader
from tests.warehouse.text_readers import SentenceReader
from warehouse.build import BuildReport, build
from warehouse.compose import compose
from warehouse.publish import publish
from warehouse.statements import StatementReport, make

LIST = "https://sam.gov/list.csv"
REQUEST, AWARD, OTHER = "a" * 32, "b" * 32, "c" * 32
DEAL = ("Plain Sight Data Inc provides ICE with a license plate database, under a deal of $2.5 million signed in "
        "2023. The city council will debate the matter on Tuesday evening, clerks said, and residents may speak.")


class Harvested(NamedTuple):
    capture_id: str
    parser: str
    batch: str
    context: dict[str, Any]


def put(workspace: Workspace, source: str, uri: str, body: bytes, kind: str, day: int) -> Capture:
    archive = EvidenceArchive(workspace.evidence)
    with archive.writer(source, f"run-{day}-{len(uri)}") as writer:
        return writer.write(Exchange(uri=uri, status=200, body=body, headers=(("Content-Type", kind),),
                                     fetched_at=dt.datetime(2024, 1, day, tzinfo=dt.UTC)))  # fmt: skip


def read_in(workspace: Workspace, capture: Capture, parser: str, batch: str, **hints: Any) -> None:
    report = load([Harvested(capture.capture_id, parser, batch, hints)], EvidenceArchive(workspace.evidence),
                  workspace.lake, source=capture.source)  # fmt: skip
    assert report.rows, report.problems


def notice(key: str, text: str, **more: str) -> dict[str, str]:
    row = dict.fromkeys(OFFICIAL, "") | {
        "NoticeId": key, "Title": "Plate data", "Sol#": "70CDCR24R00000014", "Type": "Solicitation",
        "PostedDate": "2024-01-01 10:00:00-05", "Department/Ind.Agency": "HOMELAND SECURITY, DEPARTMENT OF",
        "Sub-Tier": "US IMMIGRATION AND CUSTOMS ENFORCEMENT", "FPDS Code": "7012", "CGAC": "070",
        "Active": "Yes", "Description": text,
    }  # fmt: skip
    return row | {"Sol#" if name == "Sol" else name: value for name, value in more.items()}


def notices(workspace: Workspace, rows: list[dict[str, str]], day: int = 5) -> Capture:
    capture = put(workspace, "sam_notices", LIST, bulk(rows), "text/csv", day)
    read_in(workspace, capture, "sam_bulk", f"2024-01-{day:02}")
    settle(workspace.lake)
    return capture


def article(workspace: Workspace, url: str, text: str, day: int = 6, title: str = "What the plates tell") -> Capture:
    """A page with markup within its sentences, entities and a table before them."""
    body = escape(text).replace("license plate", "<b>license plate</b>").replace("&quot;", "&ldquo;")
    page = (f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
            f"<meta property='article:published_time' content='2024-01-0{day - 1}T08:00:00Z'></head><body>"
            f"<article><h1>{title}</h1><p>{body}</p><p>A second paragraph keeps the page from looking empty: it tells "
            "of the weather, of the harbour, and of nothing that any reader of contracts would stop at.</p></article>"
            "</body></html>")  # fmt: skip
    capture = put(workspace, "news", url, page.encode(), "text/html; charset=utf-8", day)
    read_in(workspace, capture, "news_article", f"{day}-{len(url)}-{capture.capture_id[:6]}", charset="utf-8")
    return capture


def night(workspace: Workspace, reader: SentenceReader | None = None) -> tuple[StatementReport, BuildReport]:
    compose(workspace)
    made = make(workspace, RuleReader(), read_texts=reader or SentenceReader(), reader_version=SentenceReader.version)
    report = build(workspace)
    publish(workspace, report.version, {name: list(pair) for name, pair in report.hashes.items()})
    return made, report


def outlets(folder: Path) -> Path:
    """An outlets file of two outlets that do not exist: one held reliable, one with a standpoint."""
    path = folder / "outlets.yaml"
    terms = "terms: Invented for tests.\n    robots: Invented for tests.\n    crawl: false"
    path.write_text("about: Invented outlets of the tests.\noutlets:\n" + "".join(
        f"  - id: {name}\n    name: The {name.title()}\n    home: https://{name}.example\n    kind: newspaper\n"
        f"    reliability: {tier}\n    {terms}\n"
        for name, tier in (("courier", "established"), ("gazette", "established"), ("leaflet", "partisan"))
    ), encoding="utf-8")
    return path
