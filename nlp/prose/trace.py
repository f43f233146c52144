"""A sentence as a row of words in which names stand as places, and the templates that read it.

Belongs here: the trace and compiling forms of ``ordinance/prose.yaml`` to patterns over it. Does not belong here: the
forms, and what a match is worth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nlp.prose.mentions import Mention
from ordinance.phrases import fold
from ordinance.prose import prose

_PIECE: Final = re.compile(r"['’]s\b|[^\W_]+(?:['’][^\W_]+)*|[,;:()]|[—–]|--")
_LETTER: Final = {
    "vendor": "V",
    "agency": "A",
    "other": "O",
    "facility": "F",
    "product": "P",
    "amount": "M",
    "never": "N",
    "date": "D",
}
_LIST: Final = re.compile(r"(V[\d_]+) +(?:, and|, or|, &|,|and|&|or|as well as|along with|, as well as) (?=V\d)")
_LONG: Final = 14
_CLAUSE: Final = 10
_FORM: Final = re.compile(r"<[a-z_]+>|\.{2,3}|~|\^|\(|\)\??|\||\[|\]|[A-Z]{4,}|'s|n't|[^\s()|\[\]<>~]+")


@dataclass(frozen=True)
class Trace:
    """Words and places joined by blanks, and where each begins in the sentence."""

    row: str
    offsets: tuple[tuple[int, int, int], ...]  # (position in row, start, end in the sentence)
    mentions: tuple[Mention, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The sentence's characters that ``row[start:end]`` stands for."""
        inside = [(s, e) for at, s, e in self.offsets if start <= at < end]
        return (inside[0][0], inside[-1][1]) if inside else (0, 0)


def trace(text: str, mentions: Sequence[Mention]) -> Trace:
    """The sentence's trace: mentions (apart, in order) become V0, A1, ...; lists of vendors become V0_1_2."""
    pieces: list[tuple[str, int, int]] = []
    at = 0
    for number, mention in enumerate(mentions):
        pieces += _pieces(text, at, mention.start)
        pieces.append((f"{_LETTER[mention.role]}{number}", mention.start, mention.end))
        at = mention.end
    pieces += _pieces(text, at, len(text))
    row, offsets = "", []
    for word, start, end in pieces:
        offsets.append((len(row), start, end))
        row += word + " "
    return Trace(row, tuple(offsets), tuple(mentions))


def listed(row: str) -> str:
    """The row with coordinated vendors put together; only for matching, places shift."""
    for _ in range(40):
        match = _LIST.search(row)
        if match is None:
            return row
        follower = re.match(r"V([\d_]+)", row[match.end() :])
        if follower is None:
            return row
        merged = f"{match.group(1)}_{follower.group(1)}"
        width = match.end() + follower.end() - match.start()
        row = row[: match.start()] + merged + " " * (width - len(merged)) + row[match.start() + width :]
    return row


def _pieces(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    made = []
    for match in _PIECE.finditer(text, start, end):
        word = match.group()
        if word[0] in "'’":
            word = "'s"
        elif word[0].isalnum():
            word = fold(word).replace("’", "'")
        elif word in ("—", "–", "--", "(", ")"):
            word = ","
        made.append((word, match.start(), match.end()))
    return made


@lru_cache(maxsize=4_000)
def compiled(form: str) -> re.Pattern[str]:
    """A form as a pattern over a listed row. Raises ValueError when it is not well formed."""
    return re.compile(r"(?<!\S)" + _sequence(form))


def _sequence(form: str) -> str:
    groups = prose().groups
    out: list[str] = []
    for item in _FORM.findall(form):
        if item == "(":
            out.append("(?:")
        elif item in (")", ")?"):
            out.append(item)
        elif item == "|":
            out.append("|")
        elif item == "[":
            out.append("(?:")
        elif item == "]":
            out.append(")?")
        elif item == "^":  # within the clause
            out.append(rf"(?:(?!V\d|;|,)\S+ +){{0,{_CLAUSE}}}?")
        elif item == "~":
            out.append(rf"(?:(?!V\d|;)\S+ +){{0,{_LONG}}}?")
        elif item in ("..", "..."):
            out.append(rf"(?:(?!V\d|;)\S+ +){{0,{2 if item == '..' else 5}}}?")
        elif item.startswith("<") and len(item) > 2:
            out.append("(?:" + "|".join(_phrase(word) for word in groups[item[1:-1]]) + ")")
        elif item in ("VENDOR", "AGENCY", "DATE", "FACILITY", "PRODUCT", "MONEY", "OTHER"):
            out.append(
                {
                    "VENDOR": r"(?P<vendor>V[\d_]+) +",
                    "AGENCY": r"A\d+ ",
                    "DATE": r"D\d+ ",
                    "FACILITY": r"F\d+ ",
                    "PRODUCT": r"P\d+ ",
                    "MONEY": r"M\d+ ",
                    "OTHER": r"O\d+ ",
                }[item]
            )
        else:
            out.append(_phrase(item))
    body = "".join(out)
    # one named place a form: a second VENDOR only has to be one
    first = body.find("(?P<vendor>")
    return body if first < 0 else body[: first + 11] + body[first + 11 :].replace("(?P<vendor>", "(?:")


def _phrase(words: str) -> str:
    return "".join(_word(word) for word in words.split())


def _word(word: str) -> str:
    if word in (",", ":", "'s"):
        return re.escape(word) + " "
    if word.endswith("*"):
        return re.escape(word[:-1].lower()) + r"\S* "
    folded = fold(word) if word.isalpha() else word.lower()
    return f"(?:{re.escape(folded)}|{re.escape(word.lower())}) "
