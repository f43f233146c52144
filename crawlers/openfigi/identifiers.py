"""CUSIP, CINS and ISIN: check digits, and the ISIN that a US CUSIP makes.

Belongs here: arithmetic. Does not belong here: looking anything up. CUSIPs are licensed data: they are computed with
as found in the city's own reports, never collected into a table of ours.
"""

from __future__ import annotations

import re
from typing import Final, Literal

_CUSIP: Final = re.compile(r"[0-9A-Z*@#]{8}[0-9]")
_ISIN: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{9}[0-9]")
_EXTRA: Final = {"*": 36, "@": 37, "#": 38}
Kind = Literal["ID_CUSIP", "ID_CINS", "ID_ISIN", "TICKER"]


def clean(identifier: str) -> str:
    """Capitals without spaces, hyphens and the apostrophe that spreadsheets put before numbers."""
    return re.sub(r"[\s'’-]+", "", identifier).upper()


def cusip_digit(first_eight: str) -> int:
    """The check digit of a CUSIP's first eight characters (ANSI X9.6: modulus 10, double add double).

    Raises ValueError for characters that no CUSIP has.
    """
    total = 0
    for place, character in enumerate(first_eight):
        value = _value(character)
        doubled = value * 2 if place % 2 else value
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10


def is_cusip(identifier: str) -> bool:
    """True for nine characters with the right check digit; CINS numbers (a letter first) have the same form."""
    said = clean(identifier)
    return bool(_CUSIP.fullmatch(said)) and cusip_digit(said[:8]) == int(said[8])


def is_cins(identifier: str) -> bool:
    """True for a CUSIP International Number: an issuer outside the United States and Canada, a letter first."""
    said = clean(identifier)
    return is_cusip(said) and said[0].isalpha()


def isin_digit(first_eleven: str) -> int:
    """The check digit of an ISIN's first eleven characters (ISO 6166: Luhn over letters as two digits)."""
    digits = "".join(str(_value(character)) for character in first_eleven)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return (10 - total % 10) % 10


def is_isin(identifier: str) -> bool:
    """True for twelve characters with the right check digit."""
    said = clean(identifier)
    return bool(_ISIN.fullmatch(said)) and isin_digit(said[:11]) == int(said[11])


def isin_of(cusip: str, country: Literal["US", "CA"] = "US") -> str | None:
    """The ISIN of a CUSIP (594918104 is US5949181045); None for a wrong check digit and for CINS numbers.

    A CINS number names no country by itself, so no ISIN can be made of it. ``country`` is the issuer's: Canadian
    issuers share the number space, and nothing in the number tells them apart. CUSIPs with ``*``, ``@`` or ``#`` are
    private placements without ISIN.
    """
    said = clean(cusip)
    if not is_cusip(said) or said[0].isalpha() or any(c in _EXTRA for c in said):
        return None
    return f"{country}{said}{isin_digit(country + said)}"


def kind_of(identifier: str) -> Kind | None:
    """Which OpenFIGI id type an identifier is; None for a malformed one (a wrong check digit among them)."""
    said = clean(identifier)
    if is_isin(said):
        return "ID_ISIN"
    if is_cusip(said):
        return "ID_CINS" if said[0].isalpha() else "ID_CUSIP"
    return "TICKER" if re.fullmatch(r"[A-Z][A-Z0-9./]{0,6}", said) and not said.isdigit() else None


def _value(character: str) -> int:
    if character in _EXTRA:
        return _EXTRA[character]
    if character.isascii() and character.isdigit():
        return int(character)
    if "A" <= character <= "Z":
        return ord(character) - 55
    raise ValueError(f"'{character}' is in no CUSIP or ISIN")
