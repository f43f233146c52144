"""Words and their places where a text holds what nobody sees: escapes, zero-width marks, soft hyphens."""

from __future__ import annotations

import pytest

from nlp.text import words


@pytest.mark.parametrize("text", [
    "\x1b[31mDETENTION\x1b[0m BEDS", "DETEN\x1b[0mTION BEDS", "\x9b1;31mDETENTION BEDS", "DE\u200bTEN\u00adTION BEDS",
    "\x1b]0;owned\x07 DETENTION BEDS", "\x1b[DETENTION BEDS", "\x1b[2JDETENTION\x00 BEDS", "\ufeffDETENTION BEDS",
    "\u202eDETENTION\u202c BEDS", "\x1b[mDETENTION BEDS\x1b[K",
])
def test_what_nobody_sees_neither_parts_a_word_nor_hides_one(text: str) -> None:
    found = words(text)
    assert {"detention", "bed"} <= set(found.folded)
    at = found.folded.index("detention")
    quoted = text[found.starts[at] : found.ends[at]]
    assert quoted.startswith("DE") and quoted.endswith("TION"), "the quoted words are the text's own characters"


def test_blanks_still_part_words_and_marks_end_sentences() -> None:
    found = words("GUARD\tSERVICES.\r\nBEDS\x1b[0m.")
    assert found.folded == ("guard", "service", ".", "bed", ".")
