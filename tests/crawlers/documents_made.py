"""Documents made by hand for the tests of crawlers.documents: small, and each with the one thing it is about.

Belongs here: bytes of PDF, DOCX, XLSX, OLE files. Does not belong here: expectations.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

import docx
from docx.document import Document

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
_PLAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(pages: Iterable[str | None], *, password: str | None = None, catalog: str = "") -> bytes:
    """A PDF with a page a text (lines by newline); None: a page that only draws. ``password`` encrypts it (RC4)."""
    texts = list(pages)
    first = 4
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(texts)))
    objects: dict[int, bytes] = {
        1: f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        2: f"<</Type/Pages/Kids[{kids}]/Count {len(texts)}>>".encode(),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    }
    key, entry = _keys(password) if password is not None else (None, "")
    for number, text in enumerate(texts):
        page = first + 2 * number
        objects[page] = (f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>"
                         f"/Contents {page + 1} 0 R>>").encode()
        body = _content(text)
        if key is not None:
            body = _rc4(hashlib.md5(key + (page + 1).to_bytes(3, "little") + b"\0\0").digest()[:10], body)
        objects[page + 1] = b"<</Length %d>>\nstream\n%s\nendstream" % (len(body), body)
    if entry:
        objects[first + 2 * len(texts)] = entry.encode("latin-1")
    return _file(objects, encrypt=first + 2 * len(texts) if entry else None)


def _content(text: str | None) -> bytes:
    if text is None:
        return b"0 0 100 100 re f"
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in text.split("\n")]
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("cp1252")


def _file(objects: Mapping[int, bytes], encrypt: int | None) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for number in sorted(objects):
        out += b"%010d 00000 n \n" % places[number]
    more = b"/Encrypt %d 0 R/ID[<00><00>]" % encrypt if encrypt else b""
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, more, start)
    return bytes(out)


def _keys(password: str) -> tuple[bytes, str]:
    """Key and dictionary of the standard security handler, revision 2 (PDF 32000-1, algorithms 2 to 4)."""
    padded = (password.encode("latin-1") + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + b"\0").digest()[:5]
    return key, f"<</Filter/Standard/V 1/R 2/P -4/O<{owner.hex()}>/U<{_rc4(key, _PAD).hex()}>>>"


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def saved(document: Document) -> bytes:
    """A python-docx document as bytes."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    """A Word document of these paragraphs."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return saved(document)


def body(xml: str, namespaces: str = "") -> bytes:
    """A Word document whose body is this XML."""
    held = f'<w:document xmlns:w="{W}" {namespaces}><w:body>{xml}</w:body></w:document>'
    return with_members(word("x"), {"word/document.xml": held.encode()})


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def with_members(data: bytes, members: Mapping[str, bytes], *, twice: str | None = None) -> bytes:
    """A zip with members replaced or added; ``twice`` adds one of them again under the same name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename not in members:
                new.writestr(info.filename, old.read(info))
        for name, content in members.items():
            new.writestr(name, content)
        if twice is not None:
            new.writestr(twice, b"<other/>")
    return out.getvalue()


def macro_word(text: str) -> bytes:
    """A .docm: the main part's type says macros, and there is a VBA project."""
    data = word(text)
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        types = held.read("[Content_Types].xml").replace(_PLAIN.encode(), _MACRO.encode())
    types = types.replace(b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
                                       b"</Types>")
    return with_members(data, {"[Content_Types].xml": types, "word/vbaProject.bin": b"Attribute VB_Name"})


def book(sheets: Mapping[str, str], *, hidden: frozenset[str] = frozenset(), members: Mapping[str, bytes] | None = None
         ) -> bytes:
    """An XLSX whose sheets have this XML as sheetData (see ``rows``)."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links_of = "http://schemas.openxmlformats.org/package/2006/relationships"
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"'
                     f'{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""}/>'
                     for n, name in enumerate(sheets, 1))
    links = "".join(f'<Relationship Id="rId{n}" Type="{rel}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                    for n in range(1, len(sheets) + 1))
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                               '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{links_of}"><Relationship Id="rId1" Type="{rel}/officeDocument" '
                       'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links_of}">{links}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>'
           for n, data in enumerate(sheets.values(), 1)},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in parts.items():
            held.writestr(name, content)
        for name, raw in (members or {}).items():
            held.writestr(name, raw)
    return out.getvalue()


def rows(*lines: Mapping[str, str | float]) -> str:
    """sheetData of rows given as {reference: text or number}."""
    out = []
    for line in lines:
        number = "".join(c for c in next(iter(line)) if c.isdigit())
        cells = "".join(
            f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if isinstance(value, str)
            else f'<c r="{at}"><v>{value}</v></c>' for at, value in line.items())
        out.append(f'<row r="{number}">{cells}</row>')
    return "".join(out)


def archive(members: Mapping[str, bytes]) -> bytes:
    """A plain zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in members.items():
            held.writestr(name, content)
    return out.getvalue()


def locked_office() -> bytes:
    """The beginning of a compound file as Office writes it around an encrypted document: enough to be told."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptionInfo".encode("utf-16-le") + bytes(100) + (
        "EncryptedPackage".encode("utf-16-le")) + bytes(1000)


def encrypted_zip() -> bytes:
    """A zip whose member is marked as encrypted."""
    data = bytearray(archive({"a.txt": b"secret words"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying_zip() -> bytes:
    """A Word document with a part of 20 MB of blanks that says it has 10 bytes."""
    data = bytearray(with_members(word("x"), {"word/bomb.xml": b"<a>" + b" " * (20 << 20) + b"</a>"}))
    at = data.rindex(b"word/bomb.xml") - 46 + 24
    data[at:at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def flate(size: int) -> bytes:
    """A PDF whose page is a stream that unpacks to ``size`` bytes of drawing."""
    packed = zlib.compress(b"0 0 m " * (size // 6))
    objects = {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
               4: b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)}
    return _file(objects, None)
