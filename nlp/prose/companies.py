"""Which mentions are one company within a document, and its fullest name there.

Belongs here: short forms, abbreviations introduced in the text, "doing business as", former names. Does not belong
here: who is the same company across documents (``entities``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from nlp.prose.mentions import Mention
from ordinance.phrases import fold

_LEGAL: Final = frozenset(
    {
        "inc",
        "incorporated",
        "llc",
        "l",
        "c",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "lp",
        "llp",
        "plc",
        "the",
    }
)
_INTRODUCED: Final = re.compile(
    r"(?P<full>(?:[A-Z][\w&’'.-]*|&|of|and|for|the)(?:\s+(?:[A-Z][\w&’'.-]*|&|of|and|for|the)){0,7}),?\s*\(\s*[\"“‘']?"
    r"(?P<short>[A-Z][A-Za-z&.]{1,12})[\"”’']?\s*[);,]"
)
_SAME: Final = re.compile(
    r"(?P<a>[A-Z][\w&.’-]*(?:\s+[A-Z&][\w&.’-]*){0,5}),?\s*\(?\s*(?:doing business as|d/b/a|DBA|dba|"
    r"formerly (?:known as|named|called)?"
    r"|previously (?:known as|called)|now (?:known as|called)?|also known as|a\.?k\.?a\.?|then known as)\s*"
    r"(?:the\s+)?(?:[a-z]+(?:-[a-z]+)?\s+)?[\"“‘']?"
    r"(?P<b>[A-Z][\w&.’-]*(?:\s+(?:(?:of|and|for|the)\s+)?[A-Z&][\w&.’-]*){0,5})"
)


@dataclass
class Company:
    """One company of a document: every way it is written, the fullest name, the vendor or maker it is known as."""

    name: str
    forms: set[str] = field(default_factory=set)
    id: str = ""
    sure: float = 0.0
    count: int = 0


class Companies:
    """The companies of one document, built from its text and the vendor mentions of its sentences."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._all: list[Company] = []
        self._by_form: dict[str, Company] = {}
        self._short: dict[str, str] = {}
        self._joined: dict[str, str] = {}
        for match in _INTRODUCED.finditer(text):
            full = _fitting(match["full"], match["short"])
            if full:
                self._short[key(match["short"])] = full
        for match in _SAME.finditer(text):
            self._joined[key(match["b"])] = match["a"]

    def short_forms(self) -> dict[str, str]:
        """Abbreviations the text introduces, with what they stand for."""
        return dict(self._short)

    def add(self, mentions: Iterable[Mention]) -> None:
        """Takes the mentions in, longest names first, so that short forms find their full ones."""
        for mention in sorted(
            mentions, key=lambda m: (key(m.name) in self._joined, -len(key(m.name).split()), -m.sure)
        ):
            form = key(mention.name)
            if not form:
                continue
            older = self._joined.get(form)
            company = self.find(older if older is not None and key(older) in self._by_form else mention.name)
            if company is None and mention.id:
                company = next((c for c in self._all if c.id == mention.id and _akin(key(c.name), form)), None)
            if company is None:
                company = Company(mention.name)
                self._all.append(company)
            company.forms.add(form)
            self._by_form[form] = company
            company.count += 1
            company.sure = max(company.sure, mention.sure)
            company.id = company.id or mention.id
            if older is None and len(mention.name) > len(company.name) and not mention.name.isupper():
                company.name = mention.name

    def all(self) -> tuple[Company, ...]:
        """Every company of the document."""
        return tuple(self._all)

    def find(self, name: str) -> Company | None:
        """The company written so, by any of its forms, an abbreviation, or the beginning of a longer name."""
        form = key(name)
        if form in self._by_form:
            return self._by_form[form]
        full = self._short.get(form) or self._joined.get(form)
        if full is not None and key(full) in self._by_form:
            return self._by_form[key(full)]
        if form:
            for company in self._all:
                if any(
                    known.startswith(form + " ")
                    or known.replace(" ", "") == form.replace(" ", "")
                    or (form.startswith(known + " ") and len(known) > 3)
                    for known in company.forms
                ):
                    return company
        return None

    def fullest(self, company: Company) -> str:
        """The fullest natural name in the document: what an abbreviation stands for, or a longer form written there."""
        full = next((self._short[form] for form in company.forms if form in self._short), company.name)
        name = full if len(full) > len(company.name) else company.name
        longer = re.search(
            rf"(?<!\w){re.escape(name)}(?:,? (?:Inc\.?|LLC|L\.L\.C\.|Corp\.?|Ltd\.?|Co\.)|"
            r"(?: (?:Group|Technologies|Solutions|"
            r"Hospitality|Corrections|Corporation|Company|Labs|Systems|Services|Analytics|AI|Safety|Holdings))+)(?!\w)",
            self._text,
        )
        return " ".join((longer.group() if longer else name).split())


def key(name: str) -> str:
    """A name's folded words without legal forms: 'The GEO Group, Inc.' and 'Geo Group' are 'geo group'."""
    plain = re.sub(r"(?<=\b[A-Za-z])\.(?=[A-Za-z]\b|\s|$)", "", re.sub(r"['’]s\b", "", name))  # B.I. is BI
    words = [fold(word) for word in re.findall(r"\w+", plain)]
    kept = [word for word in words if word not in _LEGAL]
    return " ".join(kept or words)


def _akin(one: str, other: str) -> bool:
    """Whether two names of one known maker are written alike: by their first word, or letter by letter."""
    return (
        one.split(maxsplit=1)[0] == other.split(maxsplit=1)[0]
        or one.replace(" ", "") == other.replace(" ", "")
        or one.replace(" ", "").startswith(other.replace(" ", ""))
        or other.replace(" ", "").startswith(one.replace(" ", ""))
    )


def _fitting(words: str, short: str) -> str:
    """The words before a bracket that the short form stands for: by initials, or as a word of theirs; else ''."""
    pieces = words.split()
    letters = [c for c in short if c.isupper() or c.isdigit()]
    if short.isupper() and len(short) >= 2:
        for start in range(len(pieces)):
            initials = [p[0] for p in pieces[start:] if p[0].isupper()]
            if initials == letters and pieces[start][0].isupper():
                return " ".join(pieces[start:])
        return ""
    return " ".join(pieces) if any(fold(short) == fold(piece.strip(",.")) for piece in pieces) else ""
