"""What number prefixes, office names and mail domains tell of the sub-tier (offices.yaml).

Belongs here: that file's model and lookups. Does not belong here: which sub-tier counts (ordinance), or the order in
which clues are believed (agency).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import Field, field_validator

from crawlers.sam.procurement import piids
from ordinance.loader import Data, load_yaml

_FILE: Final = Path(__file__).with_name("offices.yaml")
DHS: Final = "070"


class Request(Data):
    """A purchase request number's shape and the sub-tier that writes it."""

    pattern: str
    subtier: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        re.compile(value)
        return value


class Offices(Data):
    """offices.yaml; its head says what each part means."""

    prefixes: dict[str, str] = Field(min_length=1)
    requests: tuple[Request, ...]
    offices: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]
    domains: dict[str, str]


@cache
def offices() -> Offices:
    """The validated file. Raises OrdinanceError naming file, line and field."""
    return load_yaml(_FILE, Offices)


@cache
def _prefixes() -> tuple[dict[str, str], int]:
    table = {str(prefix).upper(): code for prefix, code in offices().prefixes.items()}
    return table, max(map(len, table))


@cache
def _requests() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(one.pattern), one.subtier) for one in offices().requests)


@cache
def _office_names() -> dict[str, str]:
    return {name: code for code, names in offices().offices.items() for name in names}


def by_prefix(number: str) -> str | None:
    """Sub-tier of an office code, or of a number that begins with one; None when no prefix is known."""
    table, longest = _prefixes()
    text = number.upper()
    for length in range(min(longest, len(text)), 0, -1):
        if text[:length] in table:
            return table[text[:length]]
    return None


def by_office_code(code: str | None) -> str | None:
    """Sub-tier of an AAC code (six characters)."""
    text = re.sub(r"[^A-Z0-9]", "", (code or "").upper())
    return by_prefix(text) if len(text) == 6 else None


def by_number(number: str | None, department: str | None) -> tuple[str, str] | None:
    """(sub-tier, the part that tells it) of a solicitation or award number.

    A prefix counts where the whole has the form of a PIID, or begins with a full office code of Homeland Security
    ("70CMSW-033126"); request numbers count only for that department.
    """
    text = (number or "").strip().upper()
    if not text:
        return None
    for piid in piids(text.replace("_", " ")):
        found = by_prefix(piid)
        if found and _of(found, department):
            return found, piid
    if (office := re.search(r"(?<![A-Z0-9])(70[A-Z][A-Z0-9]{3}|HS[A-Z]{4})(?![A-Z])", text)) and (
        found := by_prefix(office[1])) and _of(found, department):
        return found, office[1]
    if department in (None, DHS):
        for pattern, code in _requests():
            if (shape := pattern.search(text)) and department == DHS:
                return code, shape[0].strip("-_ ")
    return None


def by_office_name(office: str | None, department: str | None) -> str | None:
    """Sub-tier of an office's name that holds no agency's name; only within Homeland Security, or unknown."""
    if not office or department not in (None, DHS):
        return None
    return _office_names().get(re.sub(r"[^A-Z0-9]+", " ", office.upper()).strip())


def by_mail(text: str | None) -> tuple[str, str] | None:
    """(sub-tier, domain) of the first mail address whose domain tells it."""
    lower = (text or "").lower()
    for found in re.finditer(r"@(?:[a-z0-9-]+\.)*?((?:[a-z]+\.dhs\.gov)|uscg\.mil)\b", lower):
        code = offices().domains.get(found[1])
        if code:
            return code, f"@{found[1]}"
    return None


def _of(subtier: str, department: str | None) -> bool:
    """Whether a sub-tier may be of the department: of Homeland Security are those whose code begins with 70."""
    if department is None:
        return True
    homeland = subtier.startswith("70")
    return homeland == (department == DHS)
