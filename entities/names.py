"""Company names as filed, brought to one spelling.

Belongs here: spelling only (case, punctuation, '&', legal forms, filing suffixes) and the split of a
doing-business-as name. Does not belong here: deciding that two differently worded names are one company.

The rule is to be conservative: words are never dropped or reordered, so that two companies that differ by a word,
or by their legal form, never meet; only ways of writing the same words do.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_ROUNDS: Final = 8
_STATES: Final = (
    "AK|AL|AR|AZ|CA|CO|CT|DC|DE|FL|GA|GU|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|"
    "OK|OR|PA|PR|RI|SC|SD|TN|TX|UT|VA|VI|VT|WA|WI|WV|WY"
)

# One spelling for each legal form. Longer forms first; a form is replaced only where it ends the name (or stands
# before another form, a bracket or a place that ends it), except the unmistakable ones.
_FORMS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("PROFESSIONAL", "LIMITED", "LIABILITY", "COMPANY"), "PLLC"),
    (("PROFESSIONAL", "LIMITED", "LIABILITY", "CO"), "PLLC"),
    (("LIMITED", "LIABILITY", "LIMITED", "PARTNERSHIP"), "LLLP"),
    (("LIMITED", "LIABILITY", "COMPANY"), "LLC"),
    (("LIMITED", "LIABILITY", "CO"), "LLC"),
    (("LTD", "LIABILITY", "CO"), "LLC"),
    (("LIMITED", "LIABILITY", "CORPORATION"), "LLC"),
    (("LIMITED", "LIABILITY", "PARTNERSHIP"), "LLP"),
    (("PUBLIC", "LIMITED", "COMPANY"), "PLC"),
    (("LIMITED", "PARTNERSHIP"), "LP"),
    (("GENERAL", "PARTNERSHIP"), "GP"),
    (("PROFESSIONAL", "CORPORATION"), "PC"),
    (("PROFESSIONAL", "ASSOCIATION"), "PA"),
    (("JOINT", "VENTURE"), "JV"),
    (("INCORPORATED",), "INC"),
    (("CORPORATION",), "CORP"),
    (("COMPANY",), "CO"),
    (("LIMITED",), "LTD"),
)
_ANYWHERE: Final = frozenset({("INCORPORATED",), ("CORPORATION",)} | {f for f, _ in _FORMS if len(f) >= 3})
_BY_FIRST: Final = {first: [f for f in _FORMS if f[0][0] == first] for first in {form[0] for form, _ in _FORMS}}
_SHORT: Final = frozenset({short for _, short in _FORMS} | {"SA", "AG", "NV", "BV", "SE", "SARL", "GMBH", "PTY", "NA"})

_LONG: Final = _SHORT | {"INCORPORATED", "CORPORATION", "COMPANY", "LIMITED"}
_TAIL: Final = _SHORT | _BY_FIRST.keys() | {"LIABILITY"}

_VENDOR_NUMBER: Final = re.compile(r"\s*\(\d{4}\)(?:\s+\d{4,9})?\s*$")
_FILING_SUFFIX: Final = re.compile(
    rf"\s*/\s*(?:{_STATES}|NEW|OLD|ADR)\s*/\s*$"  # ACME CORP /DE/
    rf"|(?<=[A-Z.)])\s*/\s*(?:{_STATES}|NEW|ADR)\s*$"  # ACME CORP/DE, ACME CORP /NY
)
_DOTTED: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]\s?\.\s?)+[^\W\d_]?(?![^\W_])")
_APOSTROPHE: Final = re.compile(r"['’`´]")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_INITIALS: Final = re.compile(r"(?<!\S)[^\W\d](?: [^\W\d])+(?!\S)")
_DBA: Final = re.compile(
    r"[\s,;(\-]+(?:D\s?/\s?B\s?/\s?A\.?|D\.\s?B\.\s?A\.?|DOING\s+BUSINESS\s+AS|T/A|TRADING\s+AS|(?P<bare>DBA))"
    r"(?=[\s:.,(])[\s:.,(]+",
    re.IGNORECASE,
)


@lru_cache(maxsize=200_000)
def normalise(name: str | None) -> str:
    """The name in one spelling, for ids and grouping: '' when nothing is left.

    Unicode NFKC, upper case, accents of Latin letters off, punctuation to spaces, '&' to AND, '+' to PLUS,
    apostrophes out, initials joined (L.L.C., 'L L C', 'W. A.'), legal forms shortened, filing suffixes ('/DE/',
    '/NEW/'), vendor numbers ('(2075)') and the article THE at either end off. Words keep their order. Applying it
    twice changes nothing. It prevents 'ACME, INCORPORATED' and 'Acme Inc.' from being two candidates.
    """
    text = name or ""
    for _ in range(_ROUNDS):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def split_dba(name: str | None) -> tuple[str, str | None]:
    """(legal name, doing-business-as name or None), as written, of 'X LLC DBA Y', 'X d/b/a Y', 'X (dba Y)'.

    A bare 'DBA' also means database administrator: it splits only when what stands before it has two words.
    """
    text = " ".join((name or "").split())
    for found in _DBA.finditer(text):
        legal = text[: found.start()].strip(" ,;(-")
        trade = text[found.end() :].strip(" ,;:-")
        if trade.endswith(")") and trade.count(")") > trade.count("("):
            trade = trade[:-1].strip()
        words = len(legal.split())
        if legal and trade and (words >= 2 or not found["bare"]):
            return legal, trade
    return text, None


def _once(name: str) -> str:
    text = name.upper() if name.isascii() else _plain_unicode(name)
    text = " ".join(text.split())
    if text.endswith(")") or text[-1:].isdigit():
        text = _VENDOR_NUMBER.sub("", text)
    if "/" in text:
        text = _FILING_SUFFIX.sub("", text)
    text = _APOSTROPHE.sub("", text).replace("&", " AND ").replace("+", " PLUS ")
    if "." in text:
        text = _DOTTED.sub(lambda m: m[0].replace(".", "").replace(" ", ""), text)
    text = " ".join(_NOT_WORD.sub(" ", text).split())
    text = _INITIALS.sub(lambda m: m[0].replace(" ", ""), text)
    return " ".join(_short_forms(_without_article(text.split())))


def _plain_unicode(name: str) -> str:
    text = unicodedata.normalize("NFKC", _latin_without_accents(name)).upper()
    kinds = [(c, unicodedata.category(c)) for c in unicodedata.normalize("NFKC", text)]
    return "".join(" " if kind[0] == "Z" or kind == "Cc" else c for c, kind in kinds if kind not in ("Cf", "Cs"))


def _latin_without_accents(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(char) and kept and kept[-1].isascii():
            continue
        kept.append(char)
    return "".join(kept)


def _without_article(words: list[str]) -> list[str]:
    """'THE GEO GROUP INC', 'GEO GROUP INC, THE' and 'GEO GROUP, (THE), INC' are one."""
    end = len(words)
    if "THE" not in words:
        return words
    while end > 0 and words[end - 1] in _LONG:
        end -= 1
    if end > 1 and words[end - 1] == "THE":
        words = [*words[: end - 1], *words[end:]]
    if len(words) > 1 and words[-1] == "THE":
        words = words[:-1]
    if len(words) > 1 and words[0] == "THE":
        words = words[1:]
    return words


def _short_forms(words: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(words):
        for form, short in _BY_FIRST.get(words[at], ()):
            size = len(form)
            if tuple(words[at : at + size]) == form and kept and (form in _ANYWHERE or _ends(words, at + size)):
                kept.append(short)
                at += size
                break
        else:
            kept.append(words[at])
            at += 1
    return kept


def _ends(words: list[str], at: int) -> bool:
    """Nothing but legal forms follows: then COMPANY is a form and not a part of the name."""
    return all(word in _TAIL for word in words[at:])
