"""Which notices belong to one procurement: solicitation numbers as offices spell them, with the department.

Belongs here: the procurement key and the order of its versions. Does not belong here: agencies, or the lake.

SAM.gov gives every amendment a notice id of its own; what they share is the solicitation number, to which some
offices add the amendment's ("36C26026R0023-0002", "70B01C25R00000220_2", "HQ003425BOTA1_Amd_1").
"""

from __future__ import annotations

import re
from typing import Final

from crawlers.sam.departments import department_code
from records.ids import digest

# A PIID (FAR 4.1603): office (6), fiscal year (2), kind (1 letter), serial (4 to 10), with or without dashes.
PIID: Final = re.compile(
    r"(?<![A-Z0-9])([A-Z0-9]{6}|[A-Z]{2}\d{4})-?(\d{2})-?([A-Z])-?([A-Z0-9]{4,10})(?![A-Z0-9])")
_AMENDMENT: Final = re.compile(
    r"[\s_.,/-]*\(?(?:AMD|AMEND|AMENDMENT|MOD|MODIFICATION|REV|REVISION)T?[\s_.#-]*[A-Z]?\d{1,5}\)?(?:[\s_-].*)?$")
_LETTERED: Final = re.compile(r"[\s_-]+A0{2,4}\d{1,2}$")
_PLACEHOLDERS: Final = frozenset({
    "NA", "NONE", "TBD", "TBA", "RFI", "RFQ", "RFP", "VARIOUS", "NOTICE", "SOURCESSOUGHT", "SPECIALNOTICE", "PENDING",
    "UNKNOWN", "NULL", "SOLICITATION", "PRESOLICITATION", "TEST", "SEEATTACHED", "NOTAPPLICABLE",
})
_SHORTEST: Final = 6


def solicitation_key(solicitation: str | None, naics: str | None = None) -> str | None:
    """One spelling of a solicitation number without its amendment; None where it names no procurement.

    Placeholders, bare amendment words, NAICS codes and numbers too short to be one office's own are no names.
    """
    text = " ".join((solicitation or "").upper().split())
    piid = _piid(text)
    if piid:
        return piid
    text = _LETTERED.sub("", _AMENDMENT.sub("", text))
    key = re.sub(r"[^A-Z0-9]", "", text)
    plain = key.isdigit() and (len(key) < 7 or key == (naics or ""))
    if len(key) < _SHORTEST or plain or key in _PLACEHOLDERS:
        return None
    return key


def procurement_key(
    notice_id: str, solicitation: str | None, department: str | None, code: str | None = None, *,
    naics: str | None = None, title: str | None = None,
) -> str:
    """Department and solicitation number, else the notice itself (``notice:ID``).

    ``code`` is the CGAC code where the source gives it; else it is looked up by the department's name, so that both
    spell one procurement alike. A number too weak to name a procurement ("26-22", "VARIOUS") does so together with
    the title.
    """
    place = department_code(code, department) or "-"
    key = solicitation_key(solicitation, naics)
    if key is not None:
        return f"{place}:{key}"
    weak = re.sub(r"[^A-Z0-9]", "", (solicitation or "").upper())
    about = re.sub(r"[^A-Z0-9]+", " ", (title or "").upper()).strip()
    if not weak or not about:
        return f"notice:{notice_id}"
    return f"{place}:{weak}~{digest(about, length=12)}"


def piids(text: str) -> list[str]:
    """PIID-like numbers in upper-case text, dashes off, in order."""
    return ["".join(found.groups()) for found in PIID.finditer(text) if _likely(found)]


def _piid(text: str) -> str | None:
    """The PIID a solicitation number is or holds ("NOI-70CDCR26R00000014"); what follows it is an amendment."""
    for found in PIID.finditer(text.replace("_", " ")):
        if _likely(found):
            return "".join(found.groups())
    return None


def _likely(found: re.Match[str]) -> bool:
    """An office code has a digit or is a known all-letter form (HSCEDM); a serial has a digit."""
    office, serial = found[1], found[4]
    lettered = office.isalpha() and office.startswith(("HS", "SP"))
    return (any(char.isdigit() for char in office) or lettered) and any(char.isdigit() for char in serial) and (
        not office.isdigit() or office[:2] in _CIVIL_NUMERIC)


# Offices written in digits only exist, but so do purchase request numbers: only departments known to use them.
_CIVIL_NUMERIC: Final = frozenset({"11", "12", "14", "28", "31", "69", "80", "97"})
