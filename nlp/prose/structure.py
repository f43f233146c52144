"""A document's parts with exact places: blocks, headings, list items, table rows, record fields, sentences.

Belongs here: cutting a text. Every part is a span of the text as given. Does not belong here: what a part says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["heading", "list", "row", "field", "paragraph"]

_LINE: Final = re.compile(r"[^\n]*\n?")
_BULLET: Final = re.compile(r"\s*(?:[-*+•·▪◦‣–—]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S")
_HEADING: Final = re.compile(r"\s*(?:#{1,6}\s|={3,}|[A-Z][^.!?;]{2,110}$)")
_FIELD: Final = re.compile(
    r"\s*(?:[*_]{0,2})([A-Za-z][A-Za-z0-9 /&().#'-]{1,48}?)(?:[*_]{0,2})\s*:\s*(?:[*_]{0,2})\s*(?=\S)"
)
_ENDS: Final = re.compile(r"[.!?…]+[\"”’')\]*_]*$")
_SENTENCE: Final = re.compile(r"[.!?…]+[\"”’')\]]*(?:\[[^\]\n]{0,60}\])*(?=\s+[\"“‘'(\[*_]*[A-Z0-9$#@“])")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:Inc|Corp|Co|Ltd|Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Capt|St|No|vs|v|etc|Jr|Sr|Dept|Est|Ave|Blvd|"
    r"U\.S|U\.K|D\.C|a\.m|p\.m|e\.g|i\.e|Jan|Feb|Mar|Apr|Aug|Sept|Sep|Oct|Nov|Dec|Mass|Calif|Fla|Tex|Ill|Ariz|Colo|"
    r"Conn|Va|Md|Pa|Ga|La|Wash|Ore|Okla|Tenn|Minn|Mich|Wis)|\b[A-Z])\.$"
)
_LONG_LINE: Final = 60
_MOST_BLOCK: Final = 20_000  # characters; a longer run without a blank line is cut at line ends
_LONGEST_SENTENCE: Final = 2_500  # characters; beyond this a "sentence" is a list without stops


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, heading, item, row or field: ``text[start:end]`` of the document; ``header``: its table's head."""

    start: int
    end: int
    block: int
    kind: Kind
    header: str = ""

    def of(self, text: str) -> str:
        """Its words in the document's text."""
        return text[self.start : self.end]


def sentences(text: str) -> list[Sentence]:
    """All parts of the text in order; parts do not overlap, and blanks belong to none."""
    found: list[Sentence] = []
    for number, lines in enumerate(_blocks(text)):
        found += _parts(text, lines, number)
    return found


def fields(text: str, parts: list[Sentence]) -> dict[str, tuple[int, int]]:
    """The 'Name: value' lines among ``parts``: folded name to the value's place; the first of a name counts."""
    named: dict[str, tuple[int, int]] = {}
    for part in parts:
        match = _FIELD.match(text, part.start, part.end)
        if match is not None:
            named.setdefault(" ".join(match.group(1).lower().split()), (match.end(), part.end))
    return named


def _blocks(text: str) -> Iterator[list[tuple[int, int]]]:
    """Runs of lines between blank ones, as (start, end) without the line break."""
    run: list[tuple[int, int]] = []
    for match in _LINE.finditer(text):
        if match.start() == match.end():
            break
        end = match.end() - (1 if match.group().endswith("\n") else 0)
        if not match.group().strip():
            if run:
                yield run
            run = []
            continue
        run.append((match.start(), end))
        if run[-1][1] - run[0][0] > _MOST_BLOCK:
            yield run
            run = []
    if run:
        yield run


def _parts(text: str, lines: list[tuple[int, int]], block: int) -> list[Sentence]:
    words = [text[start:end] for start, end in lines]
    if _is_table(words):
        header = words[0] if not re.search(r"\$\s?\d", words[0]) else ""
        return [
            _trimmed(text, s, e, block, "row", header)
            for (s, e), w in zip(lines, words, strict=True)
            if re.search(r"[^\W_]", w)
        ]
    parts: list[Sentence] = []
    for start, end in _joined(lines, words):
        kind = _kind(text[start:end], alone=len(lines) == 1)
        if kind == "paragraph" or (kind == "list" and end - start > 160):
            parts += [_trimmed(text, s, e, block, kind) for s, e in _cut(text, start, end)]
        else:
            parts.append(_trimmed(text, start, end, block, kind))
    return [part for part in parts if part.start < part.end]


def _is_table(words: list[str]) -> bool:
    """Lines that share a column mark: pipes, tabs, or (from three lines on) commas as in CSV."""
    if len(words) >= 2 and all(w.count("|") >= 2 or set(w.strip()) <= set("|-+:= ") for w in words):
        return True
    if len(words) >= 2 and all("\t" in w.strip() for w in words):
        return True
    counts = {w.count(",") for w in words}
    return len(words) >= 3 and len(counts) == 1 and min(counts) >= 2 and not any(_ENDS.search(w) for w in words)


def _joined(lines: list[tuple[int, int]], words: list[str]) -> Iterator[tuple[int, int]]:
    """Lines that belong together: text broken to a width is put together, short lines and items stay apart."""
    longest = max(len(w) for w in words)
    start, end = lines[0]
    for (next_start, next_end), before, after in zip(lines[1:], words, words[1:], strict=False):
        fresh = bool(_BULLET.match(after)) or bool(re.match(r"\s*(?:#{1,6} |>|\*\*)", after))
        upper = bool(re.match(r"\s*[\"“‘'(*_]*[A-Z0-9]", after))
        ended = bool(_ENDS.search(before.strip())) and upper
        short = (
            longest < _LONG_LINE
            and upper
            and not re.search(r"(?:,|\b(?:the|a|an|of|by|and|or|to|for|from|with|in))$", before.strip())
        )
        field = bool(_FIELD.match(after)) and bool(_FIELD.match(before))
        if fresh or ended or short or field:
            yield start, end
            start = next_start
        end = next_end
    yield start, end


def _kind(words: str, *, alone: bool) -> Kind:
    if _BULLET.match(words):
        return "list"
    if re.match(r"\s*#{1,6}\s", words):
        return "heading"
    if _FIELD.match(words) and len(words.split(":", 1)[0].split()) <= 5 and "\n" not in words.strip():
        return "field" if not alone or len(words) < 200 else "paragraph"
    if "\n" not in words.strip() and _HEADING.match(words) and not _ENDS.search(words.strip()):
        return "heading"
    return "paragraph"


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph."""
    at = start
    for match in _SENTENCE.finditer(text, start, end):
        if match.group()[0] == "." and _ABBREVIATED.search(text, max(at, match.start() - 12), match.start() + 1):
            following = text[match.end() : match.end() + 24].strip()
            if not re.match(r"(?:The|It|In|But|And|He|She|They|We|That|This|A|An|On|At|As|Its|For)\b", following):
                continue
        yield at, match.end()
        at = match.end()
    while end - at > _LONGEST_SENTENCE:
        stop = text.rfind(";", at, at + _LONGEST_SENTENCE)
        stop = stop + 1 if stop > at else at + _LONGEST_SENTENCE
        yield at, stop
        at = stop
    yield at, end


def _trimmed(text: str, start: int, end: int, block: int, kind: Kind, header: str = "") -> Sentence:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Sentence(start, end, block, kind, header)
