"""A notice's text as it is kept: tags and entities out, private contact data of persons out, places of bytes true.

Belongs here: edits of descriptions. Does not belong here: where the text came from (bulk, api).

DESIGN, way of the data, 9: persons are not kept. Officials' names stand in the contact columns, so the very names of
a row are taken out of its text; mail addresses and telephone numbers go whoever's they are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

from crawlers.sam.mapped import Edit, Mapped

MAIL: Final = "[e-mail]"
PHONE: Final = "[phone]"
NAME: Final = "[name]"
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+'’-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_PHONE: Final = re.compile(r"(?<![\w.$-])(?:\+?1[\s.-]{0,2})?\(?[2-9]\d{2}\)?[\s.-]{1,3}\d{3}[\s.-]{1,2}\d{4}(?![\w-])"
                           r"|(?<![\w.$-])\(\d{3}\)\s?\d{3}-?\d{4}(?!\w)")
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,15})(?:\s[^<>]{0,2000})?/?>|<!--.{0,5000}?-->", re.DOTALL)
_HTML: Final = re.compile(r"</?(?:p|div|br|span|li|ul|ol|strong|b|em|table|td|tr|h[1-6]|a|u|font|pre)\b[^<>]{0,2000}>",
                         re.IGNORECASE)
_BLOCK: Final = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_TITLES: Final = re.compile(r"\b(?:mr|mrs|ms|dr|miss|ctr|civ|usaf|usn|lt|cpt|capt|maj|col|sgt|jr|sr|ii|iii)\b\.?", re.I)
_SHORTEST_NAME: Final = 5


def readable(text: Mapped, names: Iterable[str] = ()) -> Mapped:
    """Markup undone, control characters, contact data and ``names`` out."""
    if _HTML.search(text.text):
        text = text.edited(_tags(text.text))
        text = text.edited(_entities(text.text))
    elif "&" in text.text:
        text = text.edited(_entities(text.text))
    return text.edited(private(text.text, names)).stripped()


def private(text: str, names: Iterable[str] = ()) -> list[Edit]:
    """Edits that take out control characters, mail addresses, telephone numbers and the names given."""
    edits = [Edit(m.start(), m.end(), "") for m in _CONTROL.finditer(text)]
    if "@" in text:
        edits += [Edit(m.start(), m.end(), MAIL) for m in _MAIL.finditer(text)]
    edits += [Edit(m.start(), m.end(), PHONE) for m in _PHONE.finditer(text)]
    pattern = _names(names)
    if pattern is not None:
        edits += [Edit(m.start(), m.end(), NAME) for m in pattern.finditer(text)]
    return edits


def without_contacts(text: str | None, names: Iterable[str] = ()) -> str | None:
    """The same for a short text of which no bytes are kept (a title)."""
    if not text:
        return None
    from crawlers.sam.mapped import whole  # a text without bytes uses the same edits
    return whole(text, 0).edited(private(text, names)).text.strip() or None


def _names(names: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of full names, as written and with the family name first; single words are left alone."""
    parts: set[str] = set()
    for name in names:
        words = [w for w in re.findall(r"[^\W\d_][\w'’-]*", _TITLES.sub(" ", name)) if len(w) > 1]
        if len(words) < 2 or len(" ".join(words)) < _SHORTEST_NAME:
            continue
        for order in (words, [words[0], words[-1]]):
            parts.add(r"\s+(?:[A-Z]\.?\s+)?".join(map(re.escape, order)))
        parts.add(re.escape(words[-1]) + r",\s*" + re.escape(words[0]))
    if not parts:
        return None
    return re.compile(r"\b(?:" + "|".join(sorted(parts, key=len, reverse=True)) + r")\b", re.IGNORECASE)


def _tags(text: str) -> list[Edit]:
    return [Edit(m.start(), m.end(), "\n" if (m[1] or "").lower() in _BLOCK else "") for m in _TAG.finditer(text)]


def _entities(text: str) -> list[Edit]:
    found = []
    for entity in _ENTITY.finditer(text):
        char = html.unescape(entity[0])
        if char != entity[0]:
            found.append(Edit(entity.start(), entity.end(), char.replace("\xa0", " ")))
    return found
