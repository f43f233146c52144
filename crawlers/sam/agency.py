"""Which agency posted a notice: from its columns where they tell, else from numbers, office, mail domain and text.

Belongs here: the order in which clues are believed, and the words that told. Does not belong here: which agencies
count and why (ordinance.agencies), codes and prefixes (offices.yaml).

A clue that names a sub-tier settles it: a text that mentions ICE does not make a Coast Guard notice one of ICE. Only
where nothing but the department is known does the text decide (agency_text).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from crawlers.sam.agency_text import named, on_behalf, short_name, telling
from crawlers.sam.departments import department_code
from crawlers.sam.offices import DHS, by_mail, by_number, by_office_code, by_office_name, offices
from ordinance.agencies import Agency, agencies, find_agency

How = Literal["code", "name", "office", "solicitation_number", "contact", "text"]
_TEXT_CHARS: Final = 40_000


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says of its poster. ``mails`` are the addresses to write to; only their domains are read."""

    department: str | None = None
    department_code: str | None = None
    subtier_code: str | None = None
    subtier: str | None = None
    office: str | None = None
    office_code: str | None = None
    solicitation: str | None = None
    award_number: str | None = None
    mails: str | None = None
    title: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The agency (id in ordinance/agencies.yaml, None when none that is listed counts) and what told it.

    ``subtier_code`` is the sub-tier the clues point to, listed or not. ``certain`` is False where the agency has
    immigration work only in part and nothing says that this notice is part of it (§8: shown as doubtful).
    """

    agency_id: str | None = None
    how: How | None = None
    words: str | None = None
    certain: bool = False
    subtier_code: str | None = None


def resolve(notice: Notice) -> Told:
    """The agency behind a notice. Pure; the order of belief is code, name, office, numbers, contact, text."""
    department = department_code(notice.department_code, notice.department)
    found = _posted(notice, department)
    body = f"{notice.title or ''}\n{(notice.text or '')[:_TEXT_CHARS]}"
    if found is None:
        return _from_text(notice, department, body)
    code, how, words = found
    return _counted(code, Told(None, how, words, subtier_code=code), body, notice)


_Clue = tuple[str, How, str]


def _posted(notice: Notice, department: str | None) -> _Clue | None:
    """(sub-tier code, how, words) from everything but text."""
    return _by_columns(notice, department) or _by_numbers(notice, department)


def _by_columns(notice: Notice, department: str | None) -> _Clue | None:
    filed = (notice.subtier_code or "").strip().upper()
    if filed and (filed != "7000" or notice.subtier):  # 7000 alone is the department, not who posted
        return filed, "code", filed
    name = (notice.subtier or "").strip()
    if name and (code := _code_of_name(name)):
        return code, "name", name
    if code := by_office_code(notice.office_code):
        return code, "office", (notice.office_code or "").strip()
    office = (notice.office or "").strip()
    if office and (code := _code_of_office(office, department)):
        return code, "office", office
    return None


def _code_of_office(office: str, department: str | None) -> str | None:
    bracketed = re.search(r"\(([A-Z0-9]{6})\)", office.upper())  # the office's code in brackets
    found = by_office_name(office, department) or _code_of_name(office) or _named_office(office)
    return found or (by_office_code(bracketed[1]) if bracketed else None)


def _by_numbers(notice: Notice, department: str | None) -> _Clue | None:
    for number in (notice.solicitation, notice.award_number):
        if told := by_number(number, department):
            return told[0], "solicitation_number", told[1]
    if department in (None, DHS) and (mail := by_mail(notice.mails)):
        return mail[0], "contact", mail[1]
    if department == DHS and (told := short_name(notice.solicitation)):
        return told[0], "solicitation_number", told[1]
    return None


def _from_text(notice: Notice, department: str | None, body: str) -> Told:
    if department not in (None, DHS):
        return _for_another(body, None)
    for place in (notice.title or "", body):
        told = named(place)
        if told is not None and (department == DHS or told[2]):
            return _counted(told[0], Told(None, "text", told[1], subtier_code=told[0]), body, notice)
    if department is None:
        return Told()
    if mail := by_mail(body):
        return _counted(mail[0], Told(None, "text", mail[1], subtier_code=mail[0]), body, notice)
    return _counted("7000", Told(None, "name", notice.department or DHS), body, notice)


def _counted(code: str, told: Told, body: str, notice: Notice) -> Told:
    """Whether the agency counts, and for whom it buys where the text says so."""
    listed = _by_code().get(code)
    if listed is not None and listed.counts == "always":
        return _of(listed, told, certain=True)
    if listed is not None and (office := _office_of(listed, notice)) is not None:
        return _of(office[0], Told(None, "office", office[1], subtier_code=told.subtier_code), certain=True)
    buys = listed is None or listed.role == "buyer" or listed.id == "dhs"
    if buys and (behalf := _for_another(body, told.subtier_code)).agency_id:
        return behalf
    if listed is not None and (words := telling(listed, body)) is not None:
        return _of(listed, Told(None, "text", words, subtier_code=told.subtier_code), certain=True)
    if listed is not None and listed.counts == "doubtful":
        return _of(listed, told, certain=False)
    return _for_another(body, told.subtier_code)


def _for_another(body: str, subtier: str | None) -> Told:
    found = on_behalf(body)
    return Told(found[0], "text", found[1], False, subtier) if found else Told(subtier_code=subtier)


def _of(agency: Agency, told: Told, *, certain: bool) -> Told:
    return Told(agency.id, told.how, told.words, certain, told.subtier_code)




@lru_cache(maxsize=1)
def _by_code() -> dict[str, Agency]:
    return {subtier.code: agency for agency in agencies() for subtier in agency.subtiers}


@lru_cache(maxsize=4096)
def _code_of_name(name: str) -> str | None:
    """Sub-tier code of a sub-tier's or office's whole name; SAM.gov writes 'US CITIZENSHIP  IMMIGRATION SVCS'."""
    plain = re.sub(r"\bSVCS?\b", "SERVICES", " ".join(name.upper().split()))
    listed = find_agency(plain) or find_agency(re.sub(r"\s*\([^)]*\)\s*$", "", plain))
    if listed and listed.subtiers:
        return listed.subtiers[0].code
    for code, names in offices().names.items():
        if any(re.search(rf"\b{re.escape(one.upper())}\b", plain) for one in names if len(one) > 6):
            return code
    return None


@lru_cache(maxsize=4096)
def _named_office(office: str) -> str | None:
    """Sub-tier code of the agency whose name stands within an office's name; 'ICE' alone must be a whole word."""
    for agency in agencies():
        if agency.subtiers and agency.counts == "always" and not agency.hosts:
            for words in agency.offices:
                if re.search(rf"(?<![A-Z0-9]){re.escape(words.upper())}(?![A-Z0-9])", office.upper()):
                    return agency.subtiers[0].code
    return None


def _office_of(host: Agency, notice: Notice) -> tuple[Agency, str] | None:
    """An agency without a code of its own (OBIM, EOIR, ORR), told by the office's name under its host's roof."""
    office = (notice.office or "").upper()
    codes = {subtier.code for subtier in host.subtiers}
    for agency in agencies():
        if office and agency.counts == "always" and codes & set(agency.hosts):
            for words in agency.offices:
                if re.search(rf"(?<![A-Z0-9]){re.escape(words.upper())}(?![A-Z0-9])", office):
                    return agency, notice.office or ""
    return None
