"""What kind of recipient: company, nonprofit, individual or government (§2.6), with the reason in words.

Belongs here: the decision over business flags and names. Does not belong here: the words
(``ordinance/entities.yaml``), who is the same company (``entities``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from nlp.phrasing import Find, Finder, Vocabulary
from ordinance.phrases import fold
from ordinance.priors import EntityWords, entity_words

_NAME_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?|[&,\d]+")
_LEGAL_FORMS: Final = frozenset({"inc", "llc", "corp", "corporation", "company", "lp", "ltd", "llp", "incorporated"})


class EntityReader:
    """Decides the entity kind from official flags first, then from the name."""

    def __init__(self, data: EntityWords | None = None) -> None:
        self._data = data or entity_words()
        self._government_flags = frozenset(self._data.government_flags)
        self._nonprofit_flags = frozenset(self._data.nonprofit_flags)
        self._company_words = frozenset(fold(word) for word in self._data.company_words)
        d = self._data
        self._finder = Finder(
            {
                "government": Vocabulary(d.government_phrases),
                "government_start": Vocabulary(d.government_starts, anchored=True),
                "never_government": Vocabulary(d.never_government),
                "nonprofit": Vocabulary(d.nonprofit_phrases),
                "never_nonprofit": Vocabulary(d.never_nonprofit),
                "never_individual": Vocabulary(d.never_individual),
            }
        )

    def read(self, recipient: str | None, flags: Iterable[str] = ()) -> tuple[str, str]:
        """(kind, reason) for a recipient's name and its true business-type columns."""
        name = (recipient or "").strip()
        true_flags = sorted(flags)
        finds: dict[str, Find] = {}
        for find in self._finder.find(name):
            finds.setdefault(find.key, find)
        government = self._government(name, true_flags, finds)
        if government is not None:
            return "government", government
        person = self._person(name) if "never_individual" not in finds else None
        if person is not None:
            return "individual", person
        for flag in true_flags:
            if flag in self._nonprofit_flags:
                return "nonprofit", f"business type '{flag}'"
        nonprofit = finds.get("nonprofit")
        if nonprofit is not None and "never_nonprofit" not in finds:
            return "nonprofit", f"name says '{name[nonprofit.start:nonprofit.end]}'"
        return "company", "no sign of a public body, a nonprofit or a person's own name" if name else "no name given"

    def _government(self, name: str, flags: list[str], finds: dict[str, Find]) -> str | None:
        """The reason when a flag or the name tells a public body."""
        for flag in flags:
            if flag in self._government_flags:
                return f"business type '{flag}'"
        if "never_government" in finds:
            return None
        business = any(fold(word) in _LEGAL_FORMS for word in _NAME_WORD.findall(name))
        said = finds.get("government_start") or (None if business else finds.get("government"))
        return f"name says '{name[said.start:said.end]}'" if said is not None else self._body(name)

    def _body(self, name: str) -> str | None:
        """The reason when the whole name is a county's or the like: two to four words, the last one says so."""
        words = [word.strip(".").lower() for word in _NAME_WORD.findall(name)]
        if not 2 <= len(words) <= 4 or words[-1] not in self._data.government_ends or {"of", ",", "&"} & set(words):
            return None
        return f"name ends with '{words[-1].upper()}'"

    def _person(self, name: str) -> str | None:
        """The reason when the whole name is a natural person's: a given name in its place, nothing of a business."""
        pieces = [piece.strip(".") for piece in _NAME_WORD.findall(name)]
        comma = "," in pieces
        parts = [piece for piece in pieces if piece != "," and piece.lower() not in self._data.name_suffixes]
        lowered = [part.lower() for part in parts]
        lettered = all(part.replace("-", "").replace("'", "").replace("’", "").isalpha() for part in parts)
        if not 2 <= len(parts) <= 4 or not lettered:
            return None
        if any(fold(part) in self._company_words or part in self._data.company_words for part in lowered):
            return None
        given = self._data.given_names
        long_words = [part for part in lowered if len(part) > 1]
        if len(long_words) < 2:
            return None
        initials = any(len(part) == 1 for part in lowered[1:])
        known = sum(part in given for part in lowered)
        surname_first = comma and pieces.count(",") == 1 and pieces.index(",") <= 2
        given_name_stands = (lowered[0] in given and len(parts) <= 3) or (len(parts) == 2 and known == 1) or known >= 2
        plain = not comma and (given_name_stands or (initials and len(parts) >= 3))
        return f"a person's name: '{name}'" if surname_first or plain else None
