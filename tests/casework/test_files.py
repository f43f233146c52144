"""Files from outside: taken clean, or refused with the reason."""

from __future__ import annotations

import io
import zipfile

import pikepdf
import pytest
from docx import Document as Docx
from PIL import Image

from casework.files import FileRefused, check


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "SecretCam"
    Image.new("RGB", size, "red").save(out, kind, exif=exif)
    return out.getvalue()


def pdf(**root: object) -> bytes:
    out, made = io.BytesIO(), pikepdf.new()
    made.add_blank_page()
    made.docinfo["/Author"] = "Jane Secret"
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    made.attachments["x.exe"] = b"MZ payload"
    made.save(out)
    return out.getvalue()


def docx(*more: tuple[str, bytes]) -> bytes:
    out, made = io.BytesIO(), Docx()
    made.core_properties.author = "Jane Secret"
    made.add_paragraph("the contract")
    made.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as held:
        for name, body in more:
            held.writestr(name, body)
    return out.getvalue()


def test_what_tells_of_the_maker_is_gone() -> None:
    for name, content in (("a.jpg", picture()), ("a.png", picture("PNG")), ("a.pdf", pdf()), ("a.docx", docx())):
        checked = check(name, content)
        body = checked.content
        if name == "a.docx":
            with zipfile.ZipFile(io.BytesIO(body)) as held:
                body = b"".join(held.read(n) for n in held.namelist())
            assert b"the contract" in body
        assert b"Secret" not in body and b"OpenAction" not in body and b"MZ payload" not in body, name
    with pikepdf.open(io.BytesIO(check("a.pdf", pdf()).content)) as clean:
        assert len(clean.pages) == 1 and not clean.attachments and "/OpenAction" not in clean.Root
    with Image.open(io.BytesIO(check("a.jpg", picture()).content)) as shown:
        assert shown.size == (40, 30) and not shown.getexif()


@pytest.mark.parametrize(("name", "content", "says"), [
    ("../../etc/x.pdf", pdf(), "plain name"),
    ("a\\b.pdf", pdf(), "plain name"),
    ("a.exe", b"MZ", "not taken"),
    ("a.svg", b"<svg/>", "not taken"),
    ("a.pdf", picture(), "no PDF inside"),
    ("a.pdf", b"%PDF-1.7 nothing", "no PDF that can be read"),
    ("a.pdf", pdf() + docx(), "two kinds of file"),
    ("a.jpg", picture()[:200], "no picture"),
    ("a.txt", b"MZ\x90\x00 prog", "no text inside"),
    ("a.txt", b"text\x00with nul", "control characters"),
    ("a.docx", docx(("word/vbaProject.bin", b"x")), "not taken"),
    ("a.docx", docx(("../evil.xml", b"x")), "not taken"),
    ("a.docx", docx()[:-30], "damaged"),
    ("a.csv", b"", "empty"),
    ("noending", b"x", "no ending"),
])
def test_hostile_files_are_refused(name: str, content: bytes, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        check(name, content)


def test_bombs_are_refused_before_they_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.files.admission._LARGEST_UNPACKED", 1_000_000)
    with pytest.raises(FileRefused, match="unpacks to more"):
        check("a.docx", docx(("word/media/zeros.xml", bytes(1_100_000))))
    flat = io.BytesIO()
    Image.new("1", (9000, 9000)).save(flat, "PNG")
    with pytest.raises(FileRefused, match=r"million pixels|no picture"):
        check("a.png", flat.getvalue())


def test_names_are_harmless_and_what_hides_behind_a_picture_is_left_behind() -> None:
    checked = check("ev\u202egpj.js\x1b[31m.jpg", picture() + b"PK\x05\x06<script>")
    assert checked.name == "evgpj.js[31m.jpg" and b"<script>" not in checked.content
