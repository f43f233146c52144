"""One name as Exhibit 21 writes it: footnote marks, bullets, shares, former and trade names taken off and kept apart.

Belongs here: the text of one cell or line. Does not belong here: which cell is a name (columns, exhibit21).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LONGEST: Final = 400  # characters of a name; a longer text is no name, and is not searched for its parts
_ONE_MARK: Final = r"(?:\(\s*(?:\d{1,2}|[a-z]|\*{1,3})\s*\)|\[\d{1,2}\]|[*†‡§#¹²³⁴⁵⁶⁷⁸⁹]+)"
_MARKS_AT_END: Final = re.compile(rf"(?:[\s,]*{_ONE_MARK})+\s*$")
_MARKS_AT_START: Final = re.compile(r"^(?:[*†‡§#]+)\s*(?=\w)")
_MARK: Final = re.compile(_ONE_MARK)
_BULLET: Final = re.compile(r"^(?:[•·▪●○◦‣■□–—-]\s*|\(?\d{1,3}[.)]\s+|\(?[ivx]{1,4}[.)]\s+|[a-z][.)]\s+|o\s(?=[A-Z]))+")
_LEADERS: Final = re.compile(r"[\s._…]*(?:\.{2,}|_{2,}|…)[\s._…]*$")
_PERCENT: Final = re.compile(r"[\s,;(\[-]*\(?\s*(\d{1,3}(?:\.\d{1,6})?)\s?%\s*(?:-?\s?owned|interest"
                             r"|ownership)?\s*\)?\s*$", re.IGNORECASE)
_SHARE: Final = re.compile(r"^\(?\s*(?:approx\.?|approximately|~)?\s*(\d{1,3}(?:\.\d{1,6})?)\s*%?\s*\)?$",
                           re.IGNORECASE)
_FORMER: Final = re.compile(
    r"\s*[(\[,]?\s*\b(?:formerly(?:\s+known\s+as|\s+named|,)?|f/?k/?a"
    r"|previously(?:\s+known\s+as)?)[:\s]+(?P<old>[^()\[\]]+?)\s*[)\]]?\s*$",
    re.IGNORECASE)
_DBA: Final = re.compile(
    r"\s*[(\[,;]?\s*\b(?:d/b/a|dba|doing\s+business\s+as|also\s+(?:known|doing\s+business)\s+as|a/k/a"
    r"|trade\s+name[:\s])[:\s]+(?P<trade>[^()\[\]]+?)\s*[)\]]?\s*$",
    re.IGNORECASE)
_FOOTNOTE: Final = re.compile(rf"^(?P<mark>{_ONE_MARK}|\d{{1,2}}[.)]?(?=\s))\s*[:.-]?\s*(?P<said>\S.*)$", re.DOTALL)


class Named(NamedTuple):
    """A name with what stood beside it: marks ('4', '*'), share held in percent, former and trade names."""

    name: str
    marks: tuple[str, ...] = ()
    percent: float | None = None
    former: str | None = None
    trade: str | None = None


def read_name(text: str, own_marks: tuple[str, ...] = ()) -> Named:
    """Take a written name apart. ``own_marks``: marks that are runs of their own on the page; where there are any,
    a bracketed number before them is part of the name ('QatarEnergy LNG N (2)')."""
    said = " ".join(text.split())
    marks: list[str] = []
    if own_marks:
        for mark in reversed(own_marks):
            if said.endswith(mark):
                said = said[: -len(mark)].rstrip(" ,")
                marks = [*_plain(mark), *marks]
    else:
        said, marks = cut_marks(said)
    said = _MARKS_AT_START.sub("", _BULLET.sub("", said)).strip()
    percent = None
    if (share := _PERCENT.search(said)) and share.start() > 0 and float(share[1]) <= 100:
        said, percent = said[: share.start()].rstrip(" ,(-"), float(share[1])
    said, trade = _cut(_DBA, "trade", said)
    said, former = _cut(_FORMER, "old", said)
    said = _LEADERS.sub("", said).strip(" ,;:")
    if not own_marks:
        said, more = cut_marks(said)
        marks = [*more, *marks]
    return Named(said, tuple(marks), percent, former, trade)


def cut_marks(text: str) -> tuple[str, list[str]]:
    """A text without the footnote marks at its end, and the marks."""
    found = _MARKS_AT_END.search(text) if len(text) <= LONGEST else None
    if found is None or found.start() == 0:
        return text, []
    return text[: found.start()].rstrip(" ,"), _plain(found[0])


def share(text: str) -> float | None:
    """The percentage of a cell ('87.5', '100%', '(50.0%)'), None for anything else or more than 100."""
    said, _ = cut_marks(" ".join(text.split()))
    found = _SHARE.match(said)
    value = float(found[1]) if found else None
    return value if value is not None and 0 <= value <= 100 else None


def is_marks(text: str) -> bool:
    """True for a cell that holds nothing but footnote marks or a percent sign."""
    return not _MARK.sub("", text).strip(" ,%")


def footnote(text: str) -> tuple[str, str] | None:
    """(mark, what it says) of a footnote's line, None for any other line."""
    found = _FOOTNOTE.match(text.strip())
    if found is None or len(found["said"].split()) < 3:
        return None
    return _bare(found["mark"]), " ".join(found["said"].split())


def _cut(pattern: re.Pattern[str], group: str, text: str) -> tuple[str, str | None]:
    found = pattern.search(text)
    if found is None or found.start() == 0:
        return text, None
    return text[: found.start()].rstrip(" ,(["), " ".join(found[group].split()).strip(" ,;\"“”") or None


def _plain(marks: str) -> list[str]:
    found = [_bare(one) for one in _MARK.findall(marks)]
    return found or [_bare(one) for one in re.findall(r"\d{1,2}|[a-z]", marks)]


def _bare(mark: str) -> str:
    return mark.strip("()[]. \t")
