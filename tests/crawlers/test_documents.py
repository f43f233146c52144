from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from crawlers.documents import DocumentLimits, DocumentPool, Extracted, extract
from crawlers.news.align import says
from records.published import DOCUMENT
from tests.crawlers import documents_made as made


@pytest.fixture(scope="module")
def pool() -> Iterator[DocumentPool]:
    with DocumentPool() as one:
        yield one


def places(found: Extracted) -> list[tuple[str, str | None]]:
    return [(found.text[s.start:s.end], s.locator) for s in found.segments]


@pytest.mark.clause("§3.3.b")
def test_pdf_text_comes_with_page_characters_and_box(pool: DocumentPool) -> None:
    found = extract(made.pdf(["Access to license plate\nreader database", "Second – “page”"]), pool=pool)
    assert (found.verdict, found.format, found.pages) == ("ok", "pdf", 2)
    assert [(found.text[s.start:s.end], s.page) for s in found.segments] == [
        ("Access to license plate", 1), ("reader database", 1), ("Second – “page”", 2)]  # fmt: skip
    first, second, third = found.segments
    assert first.locator == "pdf:page=1;chars=0-23" and third.locator == "pdf:page=2;chars=0-15"
    assert first.box is not None and second.box is not None
    assert 70 < first.box[0] < 75 and first.box[1] > second.box[3] - 3 and first.box[1] > second.box[1]
    (place,) = found.place_of(found.text.index("reader"), found.text.index("reader") + 6)
    assert place == second


def test_pdf_characters_are_those_of_pdfium_itself(pool: DocumentPool) -> None:
    import pypdfium2

    data = made.pdf(["One two\nthree (four) \\ five", "Ünïcödé"])
    found = extract(data, pool=pool)
    document = pypdfium2.PdfDocument(data)
    for segment in found.segments:
        assert segment.locator is not None and segment.page is not None
        start, _, end = segment.locator.partition("chars=")[2].partition("-")
        layer = document.get_page(segment.page - 1).get_textpage()
        assert layer.get_text_range(int(start), int(end) - int(start)) == found.text[segment.start:segment.end]


def test_a_pdf_of_5000_pages_is_refused_and_one_at_the_limit_is_read(pool: DocumentPool) -> None:
    found = extract(made.pdf(["x"] * 5000), pool=pool)
    assert (found.verdict, found.text) == ("too_many_pages", "")
    assert found.reason() == "5,000 pages, more than 2,000"
    limits = DocumentLimits(pages=3)
    assert extract(made.pdf(["x"] * 3), limits=limits, pool=pool).ok
    assert extract(made.pdf(["x"] * 4), limits=limits, pool=pool).verdict == "too_many_pages"


def test_encrypted_files_say_so(pool: DocumentPool) -> None:
    assert extract(made.pdf(["hidden"], password="secret"), pool=pool).verdict == "encrypted"
    opened = extract(made.pdf(["for everybody"], password=""), pool=pool)
    assert opened.text == "for everybody\n" and opened.noted("empty_password")
    assert extract(made.locked_office(), pool=pool).verdict == "encrypted"
    assert extract(made.encrypted_zip(), pool=pool).verdict == "encrypted"


def test_a_cut_pdf_is_corrupt_and_keeps_what_could_be_saved(pool: DocumentPool) -> None:
    whole = made.pdf([f"Page {n} of the annex" for n in range(1, 21)])
    found = extract(whole[: whole.index(b"startxref")], pool=pool)
    assert found.verdict == "corrupt" and not found.ok and "cut off" in found.reason()
    assert "Page 1 of the annex" in found.text
    for cut in (len(whole) * 2 // 3, 60):
        assert extract(whole[:cut], pool=pool).verdict == "corrupt"
    holed = whole.replace(b"stream\nBT", b"strXXX\nBT", 1)
    assert extract(holed, pool=pool).verdict in ("ok", "corrupt") and "Page 2" in extract(holed, pool=pool).text
    assert extract(b"%PDF-1.7 and then nothing of the kind", pool=pool).verdict == "corrupt"


def test_scans_are_told_from_text(pool: DocumentPool) -> None:
    found = extract(made.pdf([None, None]), pool=pool)
    assert found.verdict == "no_text" and "OCR" in found.reason()
    mixed = extract(made.pdf(["words", None, "more", None]), pool=pool)
    assert mixed.ok and (mixed.noted("image_pages") or "").startswith("pages 2, 4 ")
    assert extract(b"\x89PNG\r\n\x1a\n....", filename="scan.png", pool=pool).verdict == "no_text"
    assert extract(b"", pool=pool).verdict == "no_text"


def test_what_hides_in_a_pdf_is_noted(pool: DocumentPool) -> None:
    script = "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.alert(1))>>]>>>>"
    found = extract(made.pdf(["words"], catalog=script), pool=pool)
    assert found.ok and found.text == "words\n" and "none is ever run" in (found.noted("javascript") or "")


def test_word_paragraphs_tables_headers_in_order(pool: DocumentPool) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "DHS/ICE"
    document.sections[0].footer.paragraphs[0].text = "Page foot"
    document.add_heading("Statement of work", 1)
    document.add_paragraph("The contractor shall provide guards.")
    table = document.add_table(2, 2)
    for at, cell in enumerate(c for row in table.rows for c in row.cells):
        cell.text = f"cell {at}"
    table.cell(1, 1).add_paragraph("second line")
    table.cell(1, 0).add_table(1, 1).cell(0, 0).text = "inner"
    document.add_paragraph("Done.")
    data = made.saved(document)
    found = extract(data, pool=pool)
    assert found.ok and found.format == "docx"
    assert found.text.split("\n") == [
        "DHS/ICE", "Statement of work", "The contractor shall provide guards.", "cell 0\tcell 1",
        "cell 2", "inner", " \tcell 3 second line", "Done.", "Page foot", ""]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        for text, locator in places(found):
            assert locator is not None
            member, _, number = locator.removeprefix("docx:").partition("#p=")
            paragraph = etree.fromstring(held.read(member)).findall(f".//{{{made.W}}}p")[int(number) - 1]
            assert "".join(t.text or "" for t in paragraph.iter(f"{{{made.W}}}t")) == text


def test_word_reads_what_python_docx_leaves_out(pool: DocumentPool) -> None:
    boxed = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    box = (f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{boxed}</w:drawing></mc:Choice>'
           f"<mc:Fallback><w:pict>{boxed}</w:pict></mc:Fallback></mc:AlternateContent>")
    data = made.body(
        "<w:p><w:r><w:t>kept </w:t></w:r><w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>"
        f"<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:tab/><w:t>after</w:t>{box}</w:r></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink></w:p>",
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"')
    found = extract(data, pool=pool)
    assert found.text.split("\n") == ["kept inserted\tafter", "boxed", "", "controlled", "linked", ""]
    assert found.noted("tracked_changes") and "gone" not in found.text


def test_macros_are_noted_and_the_text_is_read(pool: DocumentPool) -> None:
    found = extract(made.macro_word("Bed space"), filename="sow.docm", pool=pool)
    assert found.ok and found.text == "Bed space\n"
    assert "vbaProject.bin" in (found.noted("macro") or "") and found.noted("mislabelled") is None


def test_sheets_row_by_row_with_cells(pool: DocumentPool) -> None:
    data = made.book({
        "Facilities": made.rows({"B2": "Name", "C2": "ADP"}, {"B3": "Adelanto  ICE", "C3": 1250}, {"B5": 0.5}),
        "Secret": made.rows({"A1": "hidden words"}),
    }, hidden=frozenset({"Secret"}))  # fmt: skip
    found = extract(data, pool=pool)
    assert (found.verdict, found.format, found.pages) == ("ok", "xlsx", 2)
    assert found.text == "Name\tADP\nAdelanto ICE\t1250\n0.5\n\fhidden words\n"
    assert places(found) == [
        ("Name", "xlsx:Facilities!B2"), ("ADP", "xlsx:Facilities!C2"), ("Adelanto ICE", "xlsx:Facilities!B3"),
        ("1250", "xlsx:Facilities!C3"), ("0.5", "xlsx:Facilities!B5"), ("hidden words", "xlsx:Secret!A1")]  # fmt: skip
    assert "Secret" in (found.noted("hidden") or "")


def test_formulas_are_not_computed_the_saved_value_is_read(pool: DocumentPool) -> None:
    data = made.book({"S": '<row r="1"><c r="A1"><f>1+1</f><v>7</v></c><c r="B1"><f>WEBSERVICE("http://x")</f></c></row>'})
    found = extract(data, pool=pool)
    assert found.text == "7\n" and (found.noted("formulas") or "").startswith("2 formulas")


def test_a_cell_in_the_farthest_corner_is_refused_and_an_empty_one_is_not(pool: DocumentPool) -> None:
    data = made.rows({"A1": "x"}, {"XFD1048576": "y"})
    found = extract(made.book({"S": data}), pool=pool)
    assert found.verdict == "too_large" and "1,048,576 rows" in found.reason()
    formatted = made.rows({"A1": "x"}) + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert extract(made.book({"S": formatted}), pool=pool).text == "x\n"


def test_html_says_every_visible_word_and_where_its_bytes_are(pool: DocumentPool) -> None:
    page = ("<!doctype html><html><head><title>no</title><style>p{}</style></head><body>"
            "<p>Café &amp; <b>bold</b>\n word</p><table><tr><td>Operator</td><td>GEO Group</td></tr></table>"
            "<div hidden>unseen</div><script>no()</script>"
            "<pre>line one\n  line two</pre><ul><li>first<li>second</ul></body></html>")
    for encoding in ("utf-8", "cp1252", "utf-16-le"):
        data = page.encode(encoding)
        found = extract(data, f"text/html; charset={encoding}", pool=pool)
        assert found.text.split("\n") == [
            "Café & bold word", "Operator\tGEO Group", "line one", "line two", "first", "second"]  # fmt: skip
        assert found.ok and found.encoding == encoding
        for s in found.segments:
            assert s.byte_start is not None and s.byte_end is not None
            assert says(data[s.byte_start:s.byte_end], encoding, found.text[s.start:s.end])
        covered = sum(s.end - s.start for s in found.segments)
        assert covered >= len("".join(found.text.split()))


@pytest.mark.parametrize(("data", "told", "encoding", "text"), [
    ("naïve – “quoted”".encode("cp1252"), None, "cp1252", "naïve – “quoted”"),
    ("naïve".encode(), "text/plain; charset=iso-8859-1", "utf-8", "naïve"),
    ("naïve".encode("utf-16"), None, "utf-16-le", "naïve"),
    ("plain words".encode("utf-16-be"), None, "utf-16-be", "plain words"),
    ("Договор на охрану и перевозку задержанных лиц. Стоимость услуг указана в приложении.".encode("cp1251"), None,
     "cp1251", "Договор на охрану и перевозку задержанных лиц. Стоимость услуг указана в приложении."),
    (b"bad \xff\xfe bytes and a NUL \0 in \xe2\x80\x9cquotes\xe2\x80\x9d " * 30, "text/plain; charset=utf-8", "utf-8",
     None),
])
def test_text_of_any_encoding(
    pool: DocumentPool, data: bytes, told: str | None, encoding: str, text: str | None
) -> None:
    found = extract(data, told, pool=pool)
    assert (found.verdict, found.format, found.encoding) == ("ok", "text", encoding)
    assert text is None or found.text == text
    found.text.encode("utf-8")
    assert "\0" not in found.text
    assert found.segments[0].byte_start in (0, 2)
    assert found.segments[-1].byte_end is not None and found.segments[-1].byte_end <= len(data)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80))
def test_every_line_of_text_is_its_bytes(pool: DocumentPool, text: str) -> None:
    data = ("a" + text).encode()
    found = extract(data, "text/plain; charset=utf-8", pool=pool)
    if found.format != "text":
        return
    assert found.text == "a" + text
    for s in found.segments:
        assert data[s.byte_start:s.byte_end].decode() == found.text[s.start:s.end]


def test_bytes_beat_names_and_types(pool: DocumentPool) -> None:
    page = b"<html><body><p>Please sign in</p></body></html>"
    found = extract(page, "application/pdf", "attachment.pdf", pool=pool)
    assert (found.format, found.text) == ("html", "Please sign in")
    assert sum(note.kind == "mislabelled" for note in found.notes) == 2
    assert extract(made.word("words"), filename="a.pdf", pool=pool).format == "docx"
    assert extract(made.pdf(["words"]), "text/html", "a.docx", pool=pool).text == "words\n"


def test_polyglots_are_read_as_one_thing_and_noted(pool: DocumentPool) -> None:
    both = made.pdf(["what people see"]) + made.archive({"a.txt": b"what programs see"})
    found = extract(both, pool=pool)
    assert (found.format, found.text) == ("pdf", "what people see\n") and "zip" in (found.noted("polyglot") or "")
    shifted = b"MIME rubbish\n" + made.pdf(["late header"])
    assert extract(shifted, pool=pool).format == "pdf"


def test_a_zip_of_documents_is_read_and_archives_in_it_are_not(pool: DocumentPool) -> None:
    inner = {"a/sow.pdf": made.pdf(["Guards"]), "b.txt": b"Transport", "c.docx": made.word("Beds")}
    found = extract(made.archive(inner), filename="attachments.zip", pool=pool)
    assert found.ok and found.text == "Guards\n\fTransport\fBeds\n"
    assert [(s.member, found.text[s.start:s.end]) for s in found.segments] == [
        ("a/sow.pdf", "Guards"), ("b.txt", "Transport"), ("c.docx", "Beds")]  # fmt: skip
    nested = extract(made.archive({"b.txt": b"Transport", "more.zip": made.archive({"x.txt": b"deep"})}), pool=pool)
    assert (nested.verdict, nested.text) == ("nested_archive", "Transport") and "more.zip" in nested.reason()
    disguised = extract(made.archive({"report.pdf": made.archive({"x.txt": b"deep"})}), pool=pool)
    assert disguised.verdict == "nested_archive"
    embedded = {"word/embeddings/a.zip": made.archive({"x": b"y"})}
    within = extract(made.with_members(made.word("words"), embedded), pool=pool)
    assert within.ok and within.noted("nested_archive") and within.text == "words\n"
    partly = extract(made.archive({"a.txt": b"read", "b.pdf": b"%PDF-1.4 broken"}), pool=pool)
    assert partly.verdict == "corrupt" and partly.text == "read" and "b.pdf" in (partly.noted("member") or "")


@pytest.mark.parametrize(("data", "verdict"), [
    (b"{\\rtf1 words}", "unsupported"), (b"\x1f\x8b\x08\0", "unsupported"), (b"7z\xbc\xaf\x27\x1c", "unsupported"),
    (b"MZ\x90\0" + bytes(100), "unsupported"), (bytes(range(256)) * 8, "unsupported"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le"), "unsupported"),
    (b"PK\x03\x04 broken", "corrupt"),
])
def test_what_is_not_read_says_why(pool: DocumentPool, data: bytes, verdict: str) -> None:
    found = extract(data, pool=pool)
    assert (found.verdict, found.text) == (verdict, "")
    assert len(found.reason()) > 10


def test_segments_fit_the_lake(pool: DocumentPool) -> None:
    import pyarrow as pa

    found = extract(b"one\ntwo", pool=pool)
    kept = pa.array([found.segment_rows()], DOCUMENT.field("segments").type)
    assert kept.to_pylist()[0][1] == {"start": 4, "end": 7, "byte_start": 4, "byte_end": 7, "page": None,
                                   "locator": None, "member": None}


def test_a_path_is_read_like_its_bytes(pool: DocumentPool, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"one\ntwo")
    assert extract(path, pool=pool) == extract(b"one\ntwo", filename="notes.txt", pool=pool)
    with pytest.raises(FileNotFoundError):
        extract(tmp_path / "absent.pdf", pool=pool)
