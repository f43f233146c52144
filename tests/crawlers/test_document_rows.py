"""Attachments and documents handed in: from the archived file through the sandbox to rows, or to a verdict."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from crawlers.archive import EvidenceArchive
from crawlers.documents.naming import filename_of
from crawlers.documents.rows import parse_attachment
from crawlers.importing import ImportRefused, Told, import_file
from crawlers.load import load
from crawlers.parsing import ParseContext
from crawlers.run import CrawlReport, crawl
from records.lake import read_table
from records.published import DOCUMENT
from records.workspace import Workspace
from section3c import app
from tests.crawlers import documents_made as made
from tests.replica.plain import PlainServer, running
from tests.replica.sam import Sam
from tests.replica.sam import load as load_rows

SAMPLE = Path(__file__).resolve().parents[1] / "golden" / "sam_notices" / "list" / "response.body"


def documents(workspace: Workspace) -> list[dict[str, Any]]:
    return list(read_table(workspace.lake, "document", DOCUMENT).to_pylist())


class Night:
    """The API crawled for its attachments."""

    def __init__(self, workspace: Workspace, service: Sam, server: PlainServer) -> None:
        self.workspace, self.service, self.server = workspace, service, server

    def crawl(self, run: str, **options: Any) -> CrawlReport:
        return crawl("sam_api", workspace=self.workspace, run_id=run, base_url=self.server.base, options={
            "date_from": "2026-04-01", "date_to": "2026-04-30", "quota": 3, **options})

    def load(self, report: CrawlReport) -> list[str]:
        done = load(report.harvests, EvidenceArchive(self.workspace.evidence), self.workspace.lake, source="sam_api",
                    scratch=self.workspace.state)
        assert done.ok, done.problems
        return done.problems

    def fetched(self) -> int:
        return sum("/resources/files/" in asked.path for asked, _ in self.server.log)


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    monkeypatch.setenv("SECTION3C_SAM_KEY", "k")
    with ExitStack() as stack:
        service = Sam(load_rows([SAMPLE]))
        server = stack.enter_context(running(PlainServer(service.answer)))
        yield Night(Workspace(tmp_path / "data").ensure(), service, server)


@pytest.mark.clause("§3.3.b")
def test_attachments_are_fetched_once_within_the_quota_and_read_with_their_places(night: Night) -> None:
    ids = [row["NoticeId"] for row in night.service.rows]
    night.service.files = dict.fromkeys(ids, (made.pdf(["Bed space for detained persons"]), "SOW 1.pdf"))
    night.service.files |= dict.fromkeys(ids[::2], (made.pdf(["x"], password="secret"), "locked.pdf"))
    report = night.crawl("r1", attachment_limit=3)
    assert report.ok, report.problems
    assert night.service.used["k"] == 3, "the page and two descriptions: no attachment counts"
    assert night.fetched() == 3 and any("attachments wait for the next run" in note for note in report.notes)
    problems = night.load(night.crawl("r2", quota=5))  # the rest, and what is archived already is not fetched again
    asked = [asked.path for asked, _ in night.server.log if "/resources/files/" in asked.path]
    assert len(asked) == len(set(asked)) > 3
    rows = [row for row in documents(night.workspace) if row["kind"] == "attachment"]
    assert rows
    for row in rows:
        assert row["record_key"] in ids and row["title"] == "SOW 1.pdf" and row["published_at"] is not None
        place = row["segments"][0]
        assert (place["page"], place["locator"]) == (1, "pdf:page=1;chars=0-30")
        assert row["text"][place["start"] : place["end"]] == "Bed space for detained persons"
    locked = [problem for problem in problems if "locked.pdf" in problem]
    assert locked and all("password" in problem and "copy without" in problem for problem in locked)


@pytest.mark.parametrize(("data", "name", "said"), [
    (made.pdf(["x"], password="secret"), "a.pdf", "encrypted"),
    (made.pdf(["x"])[:200], "a.pdf", "corrupt"),
    (made.pdf(["x"] * 2100), "a.pdf", "2,100 pages, more than 2,000. Split it"),
    (made.archive({"b.txt": b"Transport", "more.zip": made.archive({"x.txt": b"deep"})}), "a.zip", "nested_archive"),
    (made.pdf([None]), "scan.pdf", "no_text"), (b"{\\rtf1 words}", "a.doc", "unsupported"),
])
def test_what_cannot_be_read_whole_makes_no_row_but_a_verdict(data: bytes, name: str, said: str) -> None:
    context = ParseContext(capture_id="c1", source="sam_api", as_of=date(2026, 4, 2),
                           hints={"notice": "n1", "filename": name})
    assert list(parse_attachment(io.BytesIO(data), context)) == []
    told = [f"{p.kind} {p}" for p in context.problems if p.severity == "warning"]
    assert len(told) == 1 and said in told[0] and name in told[0] and "n1" in told[0]


def test_a_macro_is_noted_and_the_text_is_read() -> None:
    context = ParseContext(capture_id="c1", source="sam_api", as_of=date(2026, 4, 2),
                           hints={"notice": "n1", "filename": "sow.docm"})
    [(table, batch)] = parse_attachment(io.BytesIO(made.macro_word("Bed space")), context)
    assert (table, batch.column("text").to_pylist()) == ("document", ["Bed space\n"])
    assert [p.kind for p in context.problems] == ["document_macro"]


@pytest.mark.clause("§3.3.a")
def test_a_city_document_is_archived_and_its_text_loaded_with_places(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data")
    path = tmp_path / "minutes.docx"
    path.write_bytes(made.word("Item 4: plate readers.", "The vendor sells to ICE."))
    told = Told(kind="city", publisher="City of Harbor", published=date(2026, 5, 1), record="https://city.example/4")
    report = import_file(path, workspace, told=told)
    assert report.ok and report.rows == {"document": 1}
    [row] = documents(workspace)
    assert (row["kind"], row["publisher"], row["record_key"]) == ("city", "City of Harbor", "https://city.example/4")
    assert row["published_at"].date() == date(2026, 5, 1) and "The vendor sells to ICE." in row["text"]
    assert row["segments"][1]["locator"] == "docx:word/document.xml#p=2"
    assert list(EvidenceArchive(workspace.evidence).verify()) == []


def test_documents_need_their_kind_and_a_refusal_names_the_verdict(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data")
    path = tmp_path / "report.pdf"
    path.write_bytes(made.pdf(["x"], password="secret"))
    with pytest.raises(ImportRefused, match="--kind city"):
        import_file(path, workspace)
    with pytest.raises(ImportRefused, match=r"report\.pdf.*is encrypted.*kept in the archive"):
        import_file(path, workspace, told=Told(kind="report"))
    assert documents(workspace) == []
    told = CliRunner().invoke(app, ["import", str(path), "--publisher", "X", "--data", str(tmp_path / "data")])
    assert told.exit_code == 2 and "describe documents" in told.output


@pytest.mark.parametrize(("header", "name"), [
    (None, None), ("inline", None), ('attachment; filename="SOW 1.pdf"', "SOW 1.pdf"),
    ("attachment; filename=../../etc/passwd", "passwd"), ('attachment; filename="C:\\\\x\\\\y.docx"', "y.docx"),
    ("attachment; filename*=UTF-8''Anh%C3%A4nge.pdf", "Anhänge.pdf"),
    ('attachment; filename="a\x1b[2Jb.pdf"', "a [2Jb.pdf"),
    ("attachment; filename=a\r\nX: y", "a X: y"),
])
def test_a_servers_name_for_a_file_is_only_a_name(header: str | None, name: str | None) -> None:
    assert filename_of(header) == name
