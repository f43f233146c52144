"""Recognises a place of organisation ('Delaware, U.S.', 'Russia/Kazakhstan', 'a Texas limited partnership').

Belongs here: whether a text is such a place, and a place at the end of a text. Does not belong here: columns, rows.
The names are data (places.yaml); what is not there is still read where a heading says that the column holds places.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from ordinance.loader import Data, load_yaml

_FILE: Final = Path(__file__).resolve().parent / "places.yaml"
_FORM: Final = (r"(?:(?:general |limited |business |statutory |professional |public |private |non-?profit "
                r"|not-for-profit "
                r"|close |foreign |exempted |exempt )*(?:corporation|corp|company|companies|co|partnership"
                r"|liability company|liability partnership|trust|llc|lp|inc"
                r"|l\.l\.c|l\.p|limited|association|entity|insurance company|bank))")
_TAIL: Final = re.compile(rf"[\s,]+{_FORM}\.?$", re.IGNORECASE)
_LEAD: Final = re.compile(r"^(?:(?:an?|the|state of|commonwealth of|province of|republic of|laws of|kingdom of"
                          r"|incorporated in|organi[sz]ed in|"
                          r"formed in|organi[sz]ed under the laws of|under the laws of)\s+)+", re.IGNORECASE)
_SPLIT: Final = re.compile(r"\s*(?:[,/;&()]|\band\b|\bor\b|\s[-–—]\s)\s*", re.IGNORECASE)
_DOT: Final = re.compile(r"\.")
_AT_END: Final = (
    re.compile(r"^(?P<name>.+?)\s*[,;]\s+(?:which is\s+)?an?\s+(?P<place>[\w.,'’&() -]{2,60})$", re.IGNORECASE),
    re.compile(r"^(?P<name>.+\S)\s*[(\[](?P<place>[^()\[\]]{2,60})[)\]]\s*\.?$"),
    re.compile(r"^(?P<name>.+\S)\s+[-–—:]+\s+(?P<place>[^-–—]{2,60})$"),
    re.compile(r"^(?P<name>.+\S),\s*(?P<place>(?:State of\s+)?[A-Z][\w.' ]{1,40}(?:,\s*U\.?S\.?A?\.?)?)\.?$"),
)


class Places(Data):
    """places.yaml."""

    states: dict[str, tuple[str, ...]]
    united_states: tuple[str, ...]
    provinces: tuple[str, ...]
    countries: tuple[str, ...]


class Ending(NamedTuple):
    """A text's name and the place that follows it, both as written."""

    name: str
    place: str


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Names of places, and two-letter codes of states (in capitals only)."""
    places = load_yaml(_FILE, Places)
    names = [name for listed in places.states.values() for name in listed]
    return (frozenset(map(_plain, [*names, *places.united_states, *places.provinces, *places.countries])),
            frozenset(places.states))


def _plain(text: str) -> str:
    return " ".join(_DOT.sub("", text).replace("’", "'").casefold().split()).removeprefix("the ")


@lru_cache(maxsize=20_000)
def is_place(text: str) -> bool:
    """True when a text is one or more places of organisation and nothing else but legal forms."""
    said = " ".join(text.split()).strip(" .,;*")
    if not said or len(said) > 120 or (len(said) > 60 and "," not in said and "/" not in said):
        return False
    if _one(said):
        return True
    parts = [part.strip(" .") for part in _SPLIT.split(said)]
    parts = [part for part in parts if part and part.lower() != "the"]
    # a city may stand before its state or country
    return bool(parts) and (all(map(_one, parts)) or (len(parts) in (2, 3) and _one(parts[-1]) and "," in said
                                                      and len(parts[0].split()) <= 2 and not _has_form(parts[0])))


def _one(said: str) -> bool:
    names, codes = _known()
    return any(form.replace(".", "") in codes or _plain(form) in names for form in (said, _bare(said)))


def without_form(place: str) -> str:
    """'Delaware' of 'a Delaware limited liability company'; the place as written where there is no legal form."""
    bare = (_bare(place) if _TAIL.search(place) else place).strip(" ,;")
    bare = bare[:-1] if bare.count(".") == 1 and bare.endswith(".") else bare
    return bare or place


def _bare(place: str) -> str:
    return _TAIL.sub("", _LEAD.sub("", place)).strip(" ,.")


def at_end(text: str) -> Ending | None:
    """The name and the place of 'X Inc., a Delaware corporation', 'X Inc. (Delaware)', 'X Inc. - Delaware'."""
    for pattern in _AT_END:
        found = pattern.match(text)
        if found and is_place(found["place"]) and (pattern is not _AT_END[3] or _has_form(found["name"])
                                                   or len(found["name"].split()) > 1):
            return Ending(found["name"].strip(" ,"), without_form(found["place"].strip(" ,")))
    return None


_LEGAL: Final = re.compile(
    r"(?<![^\W\d_])(?:inc|incorporated|corp|corporation|co|company|llc|l\.?\s?l\.?\s?c|lp|l\.\s?p|llp|l\.l\.p|ltd"
    r"|limited|plc|gmbh|kg"
    r"|s\.a|s\.a\.s|sarl|s\.a\.r\.l|s\.?à\.?\s?r\.?l|s\.?r\.l|s\.p\.a|b\.v|n\.v|a/s|oyj|pty|pte|pvt|kft|k\.?k|sdn|bhd"
    r"|ltda|lda"
    r"|trust|partnership|partners|holdings?|bank|association|n\.a|group|fund|aps|sp\.? z\.? ?o\.? ?o|s\.? ?de ?r\.? ?l"
    r"|c\.v|insurance"
    r"|foundation|ulc|unlimited|d\.o\.o|s\.r\.o|a\.s|eurl|snc|gk|jsc|ooo|pjsc|e\.i\.r\.l|p\.c|services|systems"
    r"|international|enterprises"
    r"|technologies)(?:\.|(?![^\W\d_]))|(?<![^\W\d_])(?:AS|AB|AG|SA|SAS|NV|BV|SE|SpA|Oy|KK|SRL|ASA)\.?$", re.IGNORECASE)


def _has_form(text: str) -> bool:
    return bool(_LEGAL.search(text))


def looks_like_company(text: str) -> bool:
    """True when a text carries a legal form or a word that companies' names end in, and is no sentence."""
    return _has_form(text) and len(text.split()) <= 16 and not re.search(
        r"\b(?:is|are|was|were|been|has|have|which|pursuant|omitted|following|considered|would|shall)\b", text.lower())
