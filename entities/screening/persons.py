"""Payees that are private persons: told by their names, so that a screening neither keeps nor shows them.

Belongs here: the rule over a written name. Does not belong here: the words (``ordinance/entities.yaml``), the reader's
decision over award records (``nlp.entity``), which this follows for names alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from entities.resolution.spelling import core, has_form
from ordinance.phrases import fold
from ordinance.priors import entity_words

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[&,\d]+")


@lru_cache(maxsize=200_000)
def private_person(name: str) -> bool:
    """True where the whole name reads as a natural person's: a given name in its place, nothing of a business."""
    data = entity_words()
    if has_form(name):
        return False
    pieces = _WORD.findall(name)
    parts = [piece.lower() for piece in pieces if piece != "," and piece.lower() not in data.name_suffixes]
    if not 2 <= len(parts) <= 4 or not all(part.replace("-", "").replace("'", "").replace("’", "").isalpha()
                                           for part in parts):  # fmt: skip
        return False
    if any(part in data.company_words or fold(part) in _folded_company_words() for part in parts):
        return False
    joined = " ".join(parts)
    if any(joined == one or joined.startswith(one + " ") for one in data.never_individual):
        return False
    long = [part for part in parts if len(part) > 1]
    known = sum(part in data.given_names for part in parts)
    if len(long) < 2:
        return False
    comma = pieces.count(",") == 1 and pieces.index(",") <= 2
    given = (parts[0] in data.given_names and len(parts) <= 3) or (len(parts) == 2 and known == 1) or known >= 2
    initials = len(parts) >= 3 and any(len(part) == 1 for part in parts[1:])
    return comma or given or initials


@lru_cache(maxsize=1)
def _folded_company_words() -> frozenset[str]:
    return frozenset(fold(word) for word in entity_words().company_words)


def perhaps_person(name: str, known: str) -> bool:
    """True where a hit rests on a surname alone: two or three words, the last one the whole of the known name."""
    words, own = [word.lower() for word in _WORD.findall(name)], core(known).lower().split()
    if has_form(name) or len(own) != 1 or not 2 <= len(words) <= 3 or words[-1] != own[0]:
        return False
    return not any(word in entity_words().company_words or fold(word) in _folded_company_words() for word in words)
