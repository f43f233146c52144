"""The parser of full texts as govinfo publishes them: one HTML page with the printed text in a ``<pre>``.

Belongs here: that page's heading, line breaks and page marks. Does not belong here: metadata of the API (api).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import pyarrow as pa

from crawlers.federal_register.agencies import agency_of
from crawlers.federal_register.forms import form
from crawlers.parsing import BadPageError, ParseContext, printable
from crawlers.sam.mapped import Edit, Mapped, joined
from crawlers.sam.texts import readable
from records.ids import digest
from records.published import DOCUMENT

MAX_BYTES: Final = 64 << 20
_PRE: Final = re.compile(rb"<pre>(.*?)(?:</pre>|\Z)", re.DOTALL | re.IGNORECASE)
_NUMBER: Final = re.compile(r"\[FR Doc No: ([A-Z0-9-]{4,16})\]")
_ADDRESS: Final = re.compile(r"/FR-(\d{4}-\d{2}-\d{2})/html/([A-Za-z0-9-]{4,16})\.htm")
_VOLUME: Final = re.compile(r"\[Federal Register Volume \d+, Number \d+ \(\w+, (\w+ \d{1,2}, \d{4})\)\]")
_SECTION: Final = re.compile(r"^\[(Notices|Rules and Regulations|Proposed Rules|Presidential Documents)\]\s*$", re.M)
_SECTIONS: Final = {"Notices": "Notice", "Rules and Regulations": "Rule", "Proposed Rules": "Proposed Rule",
                    "Presidential Documents": "Presidential Document"}
_AGENCY: Final = re.compile(r"^AGENCY:\s*(.+?)(?=\n\s*\n|\n[A-Z][A-Z ]{3,}:)", re.M | re.DOTALL)
_ACTION: Final = re.compile(r"^ACTION:\s*(.+?)(?=\n\s*\n|\n[A-Z][A-Z ]{3,}:)", re.M | re.DOTALL)
_SUMMARY: Final = re.compile(r"^SUMMARY:\s*(.+?)(?=\n\s*\n[A-Z][A-Z ]{3,}:|\Z)", re.M | re.DOTALL)
_PAGE: Final = re.compile(r"\n*\[\[Page \d+\]\]\n*")
_WRAP: Final = re.compile(r"(?<=[^\s\]])[ \t]*\n(?=[^\s\[])(?![A-Z][A-Z ]{3,}:)")
_RULE: Final = re.compile(r"^[=-]{20,}$", re.M)
_CONTACT: Final = re.compile(
    r"(FOR FURTHER INFORMATION CONTACT:)(.*?)(?=\n\s*\n\s*(?:[A-Z][A-Z ]{5,}:|[IVX]+\. ))", re.DOTALL)
_SIGNED: Final = re.compile(
    r"\n[ \t]*([A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,4}),[ \t]*\n(?=(?:[^\n]+\n){1,5}\s*\[FR Doc)")


def parse(payload: BinaryIO, context: ParseContext) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The 'document' row of a full text. Raises BadPageError for a page without text or of another document."""
    raw = payload.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise BadPageError(f"is larger than {MAX_BYTES >> 20} MB", where="text", do="Look at the address by hand")
    found = _PRE.search(raw)
    if found is None:
        raise BadPageError(f"has no <pre> with a text: '{printable(raw[:200].decode('utf-8', 'replace'), 80)}'",
                           where="text", do="govinfo answered with another page than the document; ask again later")
    printed = readable(joined([(found[1], found.start(1))]))
    number, day = _identity(printed.text, context)
    head = printed.text
    kind = _SECTION.search(head)
    title, action = _title(head), _line(_ACTION, head)
    text = _unwrapped(_without_persons(printed))
    names: list[tuple[str | None, str]] = [(None, name) for name in _names(_line(_AGENCY, head), head)]
    row: dict[str, Any] = dict.fromkeys(DOCUMENT.names)
    locator = "html:pre"
    row.update(
        document_id=digest(context.capture_id, locator), kind="federal_register", record_key=number,
        url=context.url or None,
        publisher=names[0][1] if names else None, title=title, authors_organisations=[name for _, name in names],
        published_at=day, published_from="text" if day else None, language="en", access="full", text=text.text,
        text_sha256=digest(text.text, length=64), segments=text.segments(), agency_id=agency_of(names, text.text),
        form=form(_SECTIONS.get(kind[1]) if kind else None, title, action, _line(_SUMMARY, head)),
        source=context.source, capture_id=context.capture_id, locator=locator,
    )
    context.read["document"] += 1
    yield "document", pa.RecordBatch.from_pylist([row], schema=DOCUMENT)


def _identity(text: str, context: ParseContext) -> tuple[str, datetime | None]:
    """Number and day of publication: as printed, and as the address says."""
    printed, asked = _NUMBER.search(text[:5000]), _ADDRESS.search(context.url)
    if printed is None and asked is None:
        raise BadPageError("names no FR Doc No, and its address has none", where="text",
                           do="Archive it with its address (.../FR-DATE/html/NUMBER.htm)")
    if printed and asked and printed[1] != asked[2]:
        raise BadPageError(f"is document {printed[1]}, but {asked[2]} was asked for", where="text",
                           do="govinfo answered with another document; ask again later")
    number = printed[1] if printed else asked[2] if asked else ""
    volume = _VOLUME.search(text[:5000])
    if volume:
        try:
            return number, datetime.strptime(volume[1], "%B %d, %Y").replace(tzinfo=UTC)
        except ValueError:
            context.report("value", f"'{printable(volume[1], 40)}' is no date", where="text", column="published_at")
    return number, datetime.fromisoformat(asked[1]).replace(tzinfo=UTC) if asked else None


def _title(text: str) -> str | None:
    """The paragraph before AGENCY (or before the first labelled one): titles stand there, unlabelled."""
    label = re.search(r"^(?:AGENCY|ACTION|SUMMARY):", text, re.M)
    if label is None:
        return None
    before = _RULE.sub("", text[: label.start()])
    parts = [" ".join(part.split()) for part in re.split(r"\n\s*\n", before)]
    found = [part for part in parts if part and not part.startswith("[") and not part.endswith("]")]
    return found[-1][:2000] if found else None


def _line(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return " ".join(found[1].split()) if found else None


def _names(line: str | None, text: str) -> list[str]:
    """Agencies of the AGENCY line ("U.S. Immigration and Customs Enforcement (ICE), Department of Homeland Security")
    and of the printed heading before it."""
    found = [re.sub(r"\s*\([A-Z&.]{2,8}\)", "", part).strip(" .") for part in re.split(r",|;|\band the\b", line or "")]
    heading = text[: text.find("AGENCY:")] if "AGENCY:" in text else ""
    found += [part.strip() for part in heading.split("\n") if part.strip() and len(part) < 80 and "[" not in part]
    return list(dict.fromkeys(name for name in found if len(name) > 3 and not name.startswith(("=", "-"))))[:12]


def _without_persons(text: Mapped) -> Mapped:
    """Officials to write to, and who signed."""
    edits = [Edit(m.start(2), m.end(2), " [contact]") for m in _CONTACT.finditer(text.text)]
    edits += [Edit(m.start(1), m.end(1), "[name]") for m in _SIGNED.finditer(text.text)]
    return text.edited(edits)


def _unwrapped(text: Mapped) -> Mapped:
    """Printed lines joined to paragraphs, page marks and rules out."""
    text = text.edited(Edit(m.start(), m.end(), "\n") for m in _PAGE.finditer(text.text))
    text = text.edited(Edit(m.start(), m.end(), "") for m in _RULE.finditer(text.text))
    return text.edited(Edit(m.start(), m.end(), " ") for m in _WRAP.finditer(text.text)).stripped()
