"""Identifiers of companies and their securities: valid ones, cleaned, and what two records' identifiers say.

Belongs here: UEI, DUNS, CAGE, CIK, LEI, ticker, CUSIP, ISIN. Does not belong here: names. An identifier that is a dummy
('123456789', one character repeated) or fails its check digit is dropped, so that it joins nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from stdnum import cusip, isin, lei
from stdnum.exceptions import ValidationError

from entities.ids import clean_duns, clean_uei

_CAGE: Final = re.compile(r"[0-9A-HJ-NP-Z][0-9A-Z]{3}[0-9A-HJ-NP-Z]")
_TICKER: Final = re.compile(r"[A-Z]{1,5}(?:[.\-/ ][A-Z]{1,2})?")
_DUMMY_CUSIPS: Final = frozenset({"000000000", "999999999", "123456782"})


def _cage(value: str) -> str | None:
    text = re.sub(r"[\s-]", "", value).upper()
    return text if _CAGE.fullmatch(text) and any(char.isdigit() for char in text) and len(set(text)) > 2 else None


def _cik(value: str) -> str | None:
    digits = re.sub(r"^CIK\s*", "", value.strip().upper()).removesuffix(".0")
    return digits.zfill(10) if digits.isdigit() and len(digits) <= 10 and int(digits) > 1000 else None


def _ticker(value: str) -> str | None:
    text = value.strip().upper()
    return re.sub(r"[.\-/ ]", ".", text) if _TICKER.fullmatch(text) and text not in ("N", "NA", "NONE", "TBD") else None


def _by(check: Callable[[str], str]) -> Callable[[str], str | None]:
    def clean(value: str) -> str | None:
        try:
            return check(value)
        except ValidationError:
            return None

    return clean


def _lei(value: str) -> str | None:
    found = _by(lei.validate)(value.upper())
    return found if found and len(set(found)) > 4 else None


def _cusip(value: str) -> str | None:
    text = re.sub(r"[\s-]", "", value).upper()
    text = text.zfill(9) if text.isdigit() and 6 < len(text) < 9 else text  # spreadsheets drop leading zeros
    found = _by(cusip.validate)(text)
    return found if found and found not in _DUMMY_CUSIPS and len(set(found)) > 2 else None


_CLEAN: Final[Mapping[str, Callable[[str], str | None]]] = {
    "uei": clean_uei, "duns": clean_duns, "cage": _cage, "cik": _cik, "lei": _lei, "cusip": _cusip,
    "isin": _by(isin.validate), "ticker": _ticker,
}
KINDS: Final = tuple(_CLEAN)
#: Kinds that name one company; a ticker is lent again to another after a delisting, so it only supports.
_FIRM: Final = frozenset(KINDS) - {"ticker"}


def clean(kind: str, value: str | None) -> str | None:
    """The identifier in its one spelling, or None for a blank, a dummy or what cannot be one.

    Raises ValueError for a kind that is none of ``KINDS``.
    """
    if kind not in _CLEAN:
        raise ValueError(f"{kind!r} is no identifier; known are {', '.join(KINDS)}")
    return _CLEAN[kind](value) if value and value.strip() else None


@dataclass(frozen=True)
class Agreement:
    """What the identifiers of two records say: kinds that are the same, kinds that differ, in words."""

    same: tuple[str, ...]
    differ: tuple[str, ...]

    @property
    def firm(self) -> bool:
        """At least one identifier that names one company is the same."""
        return any(kind in _FIRM for kind in self.same)


def compare(a: Mapping[str, str | None], b: Mapping[str, str | None]) -> Agreement:
    """Which identifiers both records have, valid, and whether they are the same.

    A CUSIP is compared by its issuer (six characters), a US or Canadian ISIN by the CUSIP inside it: an issuer has
    several papers. Raises ValueError for an unknown kind.
    """
    one, two = _expanded(a), _expanded(b)
    both = [kind for kind in KINDS if kind in one and kind in two]
    return Agreement(tuple(kind for kind in both if one[kind] == two[kind]),
                     tuple(kind for kind in both if one[kind] != two[kind]))


def _expanded(values: Mapping[str, str | None]) -> dict[str, str]:
    found = {kind: good for kind, value in values.items() if (good := clean(kind, value))}
    if found.get("isin", "")[:2] in ("US", "CA") and "cusip" not in found and (inner := _cusip(found["isin"][2:11])):
        found["cusip"] = inner
        del found["isin"]
    if "cusip" in found:
        found["cusip"] = found["cusip"][:6]
    return found
