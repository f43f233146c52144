"""Takes a company name apart: its core words in one spelling, its legal form, its other names, whether it is cut off.

Belongs here: the dirt of each source (FPDS, SEC, fund lists, city ledgers). Does not belong here: what words mean
(words), comparing (features). Unlike `entities.names`, which makes ids and is conservative, this drops and changes
words: two companies may have one reading here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from entities.matching.words import Words, stem, words
from entities.names import split_dba
from records.places import STATES

#: Names of these lengths may be cut off: FPDS keeps 30 characters, custodians 34 or 35, city ledgers 40.
_CUT_LENGTHS: Final = frozenset({29, 30, 33, 34, 35, 39, 40})
_CUT_FORMS: Final = frozenset({"I", "IN", "C", "L", "LL", "LI", "LIM", "LIMI", "COMP", "T"})
_CLASS_LETTERS: Final = frozenset("ABCDN")
_MOST_WORDS: Final = 10
_LONGEST: Final = 300  # characters read of a name; more is no name
_VENDOR_NUMBER: Final = re.compile(r"\s*\(\d{3,6}\)(?:\s+\d{4,9})?\s*$")
_GLUED_NUMBER: Final = re.compile(r"\b(INCORPORATED|CORPORATION|COMPANY|INC|LLC|CORP|LTD)\d{3,}$")
_SLASHED: Final = re.compile(r"\s*[/\\]\s*(?:[A-Z]{2,4}|NEW|OLD|THE|[A-Z]{2}/[A-Z]{2,4})\s*[/\\]?\s*(?=$|CLASS|CL\b)")
_ADDRESS: Final = re.compile(r"(?:\s+[A-Z]{2})?\s+\d{5}(?:-?\d{4})?(?:\s+[A-Z]{2,3})?$")
_ANY_FORM: Final = re.compile(r"\b(?:INC|LLC|L\.L\.C|CORP|CORPORATION|CO|COMPANY|LTD|LLP|L\.?P)\b\.?")
_CARE_OF: Final = re.compile(r"\s+(?:C\s?/\s?O|CARE\s+OF|ATTN:?|A\s?/\s?C)\s+.*$")
_FORMERLY: Final = re.compile(r"(?:^|[\s,(]+)(?:F\s?/?\s?K\s?/?\s?A|FORMERLY(?:\s+KNOWN\s+AS)?|N/K/A|NKA|A/K/A|AKA|"
                              r"ALSO\s+KNOWN\s+AS)[\s:]+")
_BRACKET: Final = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_DIVISION: Final = re.compile(r"^(?P<part>.+?)[\s,]+(?:A\s+)?(?:DIV|DIVISION|SUBSIDIARY|UNIT)\.?\s+OF\s+(?P<whole>.+)$")
_DOTTED: Final = re.compile(r"(?<![A-Z0-9])(?:(?:[A-Z]\.\s?){2,}(?:[A-Z](?![A-Z0-9]))?|(?:[A-Z]\.)+(?=[A-Z]\b))")
_AMPERSAND: Final = re.compile(r"\b([A-Z]{1,2})\s?[&+]\s?([A-Z]{1,2})\b")
_WORD: Final = re.compile(r"[^\W_]+")
_APOSTROPHE: Final = re.compile(r"['’`´]")
_SINGLES: Final = re.compile(r"\b[A-Z](?: (?:AND )?[A-Z]\b)+")
_POSSESSIVE: Final = re.compile(r"\b([A-Z]{3,}) S\b")
_JOINED: Final = re.compile(r"\b(MC|MAC|O) (?=[A-Z]{3,})")
_UNITED_STATES: Final = re.compile(r"\bUNITED STATES(?: OF AMERICA)?\b|\bU S A\b")


class Reading(NamedTuple):
    """One way a name may be read: core words in one spelling, its legal forms, whether its last word is cut off."""

    words: tuple[str, ...]
    written: tuple[str, ...]  # the same words as written, before short forms were spelled out and plurals cut
    forms: tuple[str, ...]
    cut: bool


class Name(NamedTuple):
    """A name as compared: its readings, the legal or whole one first (dba and former names, brackets in and out)."""

    raw: str
    readings: tuple[Reading, ...]


@lru_cache(maxsize=400_000)
def read_name(raw: str | None) -> Name:
    """The readings of a name; none when nothing that could name a company is left. Pure; any text, cut to 300."""
    text = _plain((raw or "")[:_LONGEST])
    if not text:
        return Name(raw or "", ())
    cut = len(" ".join((raw or "").split())) in _CUT_LENGTHS
    table = words()
    readings: dict[tuple[str, ...], Reading] = {}
    for piece in _pieces(text):
        reading = _reading(piece, cut and text.endswith(piece), table)
        if reading.words:
            readings.setdefault(reading.words, reading)
    return Name(raw or "", tuple(readings.values())[:3])


def _plain(raw: str) -> str:
    """Capitals without accents or entities, one space, filing marks and vendor numbers off."""
    text = html.unescape(raw) if "&" in raw and ";" in raw else raw
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("Ø", "O").replace("ø", "o"))
        text = "".join(char for char in text if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")
    text = " ".join(text.upper().split())
    if text.endswith((")", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "K")):
        text = _VENDOR_NUMBER.sub("", text)
        text = _GLUED_NUMBER.sub(r"\1", text)
        if (found := _ADDRESS.search(text)) is not None:
            text = _without_address(text, found.start())
    if "/" in text or "\\" in text:
        text = _SLASHED.sub(" ", text).strip()
    return _CARE_OF.sub("", text)


def _without_address(text: str, end: int) -> str:
    """SAM notices append the awardee's address: what follows the last legal form before it is dropped."""
    forms = [found.end() for found in _ANY_FORM.finditer(text[:end])]
    return text[: forms[-1]] if forms and forms[-1] < end else text


def _pieces(text: str) -> list[str]:
    """The names within a name: legal and trade name, former name, division and whole, with and without brackets."""
    legal, trade = split_dba(text) if ("DBA" in text or "D/B" in text or "D.B" in text or "BUSINESS AS" in text
                                       or "T/A" in text or "TRADING AS" in text or "D B A" in text) else (text, None)
    found = [legal, *([trade] if trade else [])]
    for piece in list(found):
        halves = _FORMERLY.split(piece) if "K" in piece or "FORMERLY" in piece else [piece]
        if len(halves) == 2:
            found.remove(piece)
            found += [half.strip(" ()") for half in halves if len(half) > 2]
        elif " OF " in piece and (division := _DIVISION.match(piece)) is not None:
            found += [division["part"], division["whole"]]
    out: list[str] = []
    for piece in found:
        if "(" in piece or "[" in piece:
            outside = " ".join(_BRACKET.sub(" ", piece).split())
            inside = " ".join((match[1] or match[2] or "").strip() for match in _BRACKET.finditer(piece))
            telling = bool(inside) and inside not in STATES and inside != "THE"
            out += [outside, piece] if telling and outside else [outside or piece]
        else:
            out.append(piece)
    return out


def _reading(piece: str, cut: bool, table: Words) -> Reading:
    text = _APOSTROPHE.sub("", piece)
    if "&" in text or "+" in text:
        text = _AMPERSAND.sub(r"\1\2", text).replace("&", " AND ").replace("+", " AND ")
    if "." in text:
        text = _DOTTED.sub(lambda match: match[0].replace(".", "").replace(" ", "") + " ", text)
    text = " ".join(_WORD.findall(text))
    if " S" in text:
        text = _POSSESSIVE.sub(r"\1S", text)
        text = _UNITED_STATES.sub("UNITEDSTATES", text)
    kept = text.split()
    if any(len(word) < 4 for word in kept):  # initials apart, MC DONALD, O CHARLEY
        text = _SINGLES.sub(lambda match: match[0].replace(" AND ", "").replace(" ", ""), text)
        kept = _JOINED.sub(r"\1", text).split()
    if not kept:
        return Reading((), (), (), False)
    kept, forms = _without_endings(kept, table, cut)
    alone = len(kept) == 1  # SCI by itself is a name, not SCIENCE
    core = [word for at, word in enumerate(kept) if word not in table.empty or alone or 0 < at == len(kept) - 1]
    written = (core or kept)[:_MOST_WORDS]
    spelled = [stem(word) if alone else table.spelling.get(word) or table.spelling.get(stem(word)) or stem(word)
               for word in written]
    return Reading(tuple(spelled), tuple(written), tuple(forms), cut and not forms)


def _without_endings(kept: list[str], table: Words, cut: bool) -> tuple[list[str], list[str]]:
    """The words without legal forms, share classes and the beginnings of a cut-off form; and the forms, in order."""
    forms: list[str] = []
    kept = list(kept)
    while len(kept) > 1:
        size = 0
        if kept[-1] in table.form_ends:
            size = next((size for size in (4, 3, 2, 1) if len(kept) > size and tuple(kept[-size:]) in table.forms), 0)
        if size:
            forms.append(table.forms[tuple(kept[-size:])])
            del kept[-size:]
        elif _is_ending(kept, table, cut):
            del kept[-1]
        else:
            break
    middle = [word for word in kept[1:] if word in table.sure_forms]
    if middle:
        forms += [table.forms[(word,)] for word in middle]
        kept = [kept[0], *(word for word in kept[1:] if word not in table.sure_forms)]
    return kept, forms[::-1]


def _is_ending(kept: list[str], table: Words, cut: bool) -> bool:
    """The last word is a share class, an article put behind, or the beginning of a legal form that was cut off."""
    last, before = kept[-1], kept[-2]
    if last in table.shares or last == "THE":
        return True
    if last in _CLASS_LETTERS:
        return (len(kept) > 2 or before in table.sure_forms) and not before.isdigit()
    return cut and len(kept) > 2 and last in _CUT_FORMS
