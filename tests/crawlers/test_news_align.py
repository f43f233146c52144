# ruff: noqa: E501 - pages and tables of cases are easier to read in one piece
"""Every run of extracted text leads back to bytes that say it, whatever page and encoding."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.news.align import align, says
from crawlers.news.decoded import decode
from crawlers.news.nodes import fold, stream

ENCODINGS = ["utf-8", "cp1252", "iso-8859-1", "utf-16-le", "shift_jis", "gb18030", "koi8-r"]
LETTERS = "abcdefgABCDEFG0123,.;-$%éüñßœ“”’—€Жж漢字ｱ"
WORDS = st.text(alphabet=LETTERS, min_size=1, max_size=9)
GAPS = st.sampled_from([" ", "\n", " \t ", "&nbsp;", "\u00a0", " <b>", "</b> ", "<br>", " <a href='x>y'>", "<!-- no -->", "\r\n"])
SPOILERS = st.sampled_from(["<script>var x = '<p>w</p>';</script>", "<style>p{}</style>", "<p>other words here</p>", "a < b ",
                            "<nav><a href=/>Home</a></nav>", "&lt;p&gt;", "<title>T</title>", ""])


def written(word: str, how: int, encoding: str) -> str:
    """A word as HTML: escaped, with soft hyphens, decomposed or as numeric references."""
    if how == 1:
        return "".join(f"&#{ord(c)};" for c in word)
    if how == 2:
        return html.escape(word[:1]) + "&shy;" + html.escape(word[1:])
    if how == 3 and encoding.startswith("utf"):
        return html.escape(unicodedata.normalize("NFD", word))
    return html.escape(word)


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, bytes, str]:
    encoding = draw(st.sampled_from(ENCODINGS))
    lines, parts = [], []
    for words in draw(st.lists(st.lists(WORDS, min_size=1, max_size=12), min_size=1, max_size=6)):
        lines.append(" ".join(words))
        inside = ""
        for word in words:
            inside += (draw(GAPS) if inside else "") + written(word, draw(st.integers(0, 3)), encoding)
        parts.append(f"{draw(SPOILERS)}<p>{inside}</p>")
    page = f"<html><body>{''.join(parts)}</body></html>"
    data = page.encode(encoding, "xmlcharrefreplace")
    return unicodedata.normalize("NFC", "\n".join(lines)), (b"\xff\xfe" if encoding == "utf-16-le" else b"") + data, encoding


@given(pages())
@settings(max_examples=250, deadline=None)
def test_segments_say_their_words(made: tuple[str, bytes, str]) -> None:
    text, data, encoding = made
    page = decode(data, encoding)
    segments = align(text, page)
    last = 0
    for start, end, byte_start, byte_end in segments:
        assert last <= start < end <= len(text) and 0 <= byte_start < byte_end <= len(data)
        assert says(data[byte_start:byte_end], page.encoding, text[start:end]), (text[start:end], data[byte_start:byte_end])
        last = end
    covered = {at for s in segments for at in range(s.start, s.end)}
    missing = [text[at] for at in range(len(text)) if at not in covered and not text[at].isspace()]
    assert not missing, "every word of the page is found in it"


@given(st.binary(max_size=400), st.text(max_size=120), st.sampled_from([None, *ENCODINGS]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_and_any_text_are_survived(data: bytes, text: str, charset: str | None) -> None:
    page = decode(data, charset)
    text = unicodedata.normalize("NFC", text)
    for start, end, first, last in align(text, page):
        assert says(data[first:last], page.encoding, text[start:end])
    assert len(page.offsets) == len(page.text) + 1 and page.offsets[-1] <= len(data)


@pytest.mark.parametrize(("data", "charset", "encoding", "text"), [
    (b"caf\xe9", None, "cp1252", "café"),
    (b"\xef\xbb\xbfcaf\xc3\xa9", "iso-8859-1", "utf-8", "café"),
    (b'<meta charset="windows-1251"><p>\xc6', None, "cp1251", '<meta charset="windows-1251"><p>Ж'),
    (b'<?xml version="1.0" encoding="iso-8859-15"?>\xa4', None, "iso8859-15", '<?xml version="1.0" encoding="iso-8859-15"?>€'),
    (b"caf\xc3\xa9", "utf-7", "utf-8", "café"),
    (b"caf\xc3\xa9", "rot13", "utf-8", "café"),
])
def test_encoding_is_found_as_browsers_do(data: bytes, charset: str | None, encoding: str, text: str) -> None:
    page = decode(data, charset)
    assert (page.encoding, page.text) == (encoding, text)


def test_stray_bytes_cost_one_character_each() -> None:
    good = "Die Behörde zahlte für die Dienste der Firma über drei Jahre größere Beträge. " * 20
    data = good.encode() + b"\xff\xfe tail"
    page = decode(data)
    assert page.encoding == "utf-8" and page.clean.endswith("\ufffd\ufffd tail")
    (tail,) = align("tail", page)
    assert data[tail.byte_start:tail.byte_end] == b"tail"


def test_words_of_json_ld_are_found_where_the_page_has_none() -> None:
    data = (b'<script type="application/ld+json">{"articleBody": "He said \\"no\\" to \\u201cICE\\u201d\\nand CBP"}</script>'
            b"<body></body>")
    text = "He said \"no\" to “ICE”\nand CBP"
    segments = align(text, decode(data))
    assert {text[s.start:s.end] for s in segments} == {'He said "no" to “ICE”', "and CBP"} or len(segments) == 1
    assert all(says(data[s.byte_start:s.byte_end], "utf-8", text[s.start:s.end]) for s in segments)


def test_says_refuses_other_words() -> None:
    assert says(b"AT&amp;T  paid", "utf-8", "AT&T paid")
    assert not says(b"AT&amp;T paid", "utf-8", "AT&T was paid")
    assert not says(b"&#" + b"9" * 5000 + b";", "utf-8", "x")


@pytest.mark.parametrize("page", ["<" * 20_000, "<p a='" * 5_000, "<!--" * 5_000, "&#" * 20_000, "<script>" * 3_000,
                                  '<a b="' + "x" * 50_000, "<p" + " a=b" * 20_000])
@pytest.mark.timeout(20)
def test_half_open_mark_up_costs_no_more_than_its_length(page: str) -> None:
    assert len(fold(stream(page).text)) <= len(page)
