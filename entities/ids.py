"""A company's id from what a record files: UEI, else DUNS, else the name in one spelling.

Belongs here: which identifiers are genuine, which names name no company, and the id made from them, one by one and
for whole columns. Does not belong here: joining one company's several ids (later: families, matching).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from entities.names import normalise

# Names that federal records put where no single company stands (USAspending's own list, and FPDS's generic
# vendors), in one spelling: id tail and the note for people. They never become one candidate together.
_NOBODY: Final[dict[str, tuple[str, str]]] = {
    "MULTIPLE RECIPIENTS": ("multiple-recipients", "several recipients reported together"),
    "MULTIPLE FOREIGN RECIPIENTS": ("multiple-foreign-recipients", "several foreign recipients reported together"),
    "MISCELLANEOUS FOREIGN AWARDEES": ("miscellaneous-foreign-awardees", "foreign recipients not told one by one"),
    "MISCELLANEOUS FOREIGN CONTRACTORS": ("miscellaneous-foreign-awardees", "foreign recipients not told one by one"),
    "FOREIGN AWARDEES UNDISCLOSED": ("undisclosed-foreign", "foreign recipient not disclosed"),
    "DOMESTIC AWARDEES UNDISCLOSED": ("undisclosed-domestic", "domestic recipient not disclosed"),
    "REDACTED DUE TO PII": ("redacted-due-to-pii", "name withheld because it is a private person's"),
    "PRIVATE INDIVIDUAL": ("private-individual", "a private person, not named"),
    "INDIVIDUAL RECIPIENT": ("private-individual", "a private person, not named"),
    "GOVERNMENT PURCHASE CARD": ("purchase-card", "bought by purchase card, seller not reported"),
    "GOVERNMENTWIDE COMMERCIAL PURCHASE CARD": ("purchase-card", "bought by purchase card, seller not reported"),
    "VARIOUS": ("not-named", "recipient not named"),
    "VARIOUS VENDORS": ("not-named", "recipient not named"),
    "UNKNOWN": ("not-named", "recipient not named"),
    "NOT APPLICABLE": ("not-named", "recipient not named"),
    "NOT PROVIDED": ("not-named", "recipient not named"),
    "UNDISCLOSED": ("not-named", "recipient not named"),
    "REDACTED": ("not-named", "recipient not named"),
    "NONE": ("not-named", "recipient not named"),
    "NULL": ("not-named", "recipient not named"),
    "NAN": ("not-named", "recipient not named"),
    "N A": ("not-named", "recipient not named"),
    "NA": ("not-named", "recipient not named"),
    "TBD": ("not-named", "recipient not named"),
    "": ("not-named", "recipient not named"),
}
_PREFIX: Final = "unidentified:"
_NOT_NAMED: Final = "unidentified:not-named"
_UEI: Final = re.compile(r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}")  # no I, no O, no leading zero (GSA's UEI standard)
# Numbers that registries and forms use as examples or for "nobody" (FPDS's generic DUNS among them).
_DUMMY_DUNS: Final = frozenset({"123456789", "123456787", "987654321", "012345678", "790238638", "790238851"})


def clean_uei(value: str | None) -> str | None:
    """The UEI in capitals, or None for a blank, a dummy (one character repeated) or what cannot be one."""
    text = (value or "").strip().upper()
    return text if _UEI.fullmatch(text) and len(set(text)) > 2 else None


def clean_duns(value: str | None) -> str | None:
    """The DUNS number as nine digits, or None for a blank, a dummy or what cannot be one.

    Files of 2013 to 2018 lost the leading zeros, so six to eight digits are filled up; a DUNS+4 is cut to nine.
    """
    digits = re.sub(r"[\s-]", "", value or "").removesuffix(".0")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (6, 7, 8, 9, 13):
        return None
    digits = digits[:9].zfill(9)
    return None if digits in _DUMMY_DUNS or len(set(digits.lstrip("0"))) <= 1 else digits


def company_id(uei: str | None, duns: str | None, name: str | None) -> str:
    """'uei:...', else 'duns:...', else 'name:...'; 'unidentified:...' when the name says that no company is named.

    A placeholder name wins over any identifier, since FPDS files generic identifiers with it. Stable: made from
    raw values only, so the same record always gives the same id.
    """
    by_name = _name_id(name)
    if _is_placeholder(by_name):
        return by_name
    if good := clean_uei(uei):
        return "uei:" + good
    if good := clean_duns(duns):
        return "duns:" + good
    return by_name


def identity_note(company: str) -> str | None:
    """Why an 'unidentified:' id names no company, for the page; None for every other id."""
    if not company.startswith(_PREFIX):
        return None
    tail = company.removeprefix(_PREFIX)
    return next((note for slug, note in _NOBODY.values() if slug == tail), "recipient not named")


def company_ids(
    uei: pa.Array | pa.ChunkedArray, duns: pa.Array | pa.ChunkedArray, name: pa.Array | pa.ChunkedArray
) -> pa.Array:
    """``company_id`` for whole columns (string, equal length), each distinct value looked at once.

    Raises ValueError when the columns differ in length.
    """
    if not len(uei) == len(duns) == len(name):
        raise ValueError(f"company_ids: columns differ in length: {len(uei)}, {len(duns)}, {len(name)}")
    by_uei = _mapped(uei, lambda u: "uei:" + x if (x := clean_uei(u)) else None)
    by_duns = _mapped(duns, lambda d: "duns:" + x if (x := clean_duns(d)) else None)
    by_name = _mapped(name, _name_id)
    placeholder = pc.and_(pc.starts_with(by_name, _PREFIX), pc.not_equal(by_name, _NOT_NAMED))
    return pc.if_else(placeholder, by_name, pc.coalesce(by_uei, by_duns, by_name))


def _name_id(name: str | None) -> str:
    plain = normalise(name)
    known = _NOBODY.get("REDACTED DUE TO PII" if plain.startswith("REDACTED DUE TO PII") else plain)
    return _PREFIX + known[0] if known else "name:" + plain


def _is_placeholder(by_name: str) -> bool:
    """A generic vendor's name outweighs its generic identifiers; a missing name does not outweigh a real one."""
    return by_name.startswith(_PREFIX) and by_name != _NOT_NAMED


def _mapped(column: pa.Array | pa.ChunkedArray, make: Callable[[str | None], str | None]) -> pa.Array:
    """The function over a column's distinct values, spread over its rows."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):  # an empty chunked array stays one
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    coded = whole.cast(pa.string()).dictionary_encode(null_encoding="encode")
    made = pa.array([make(value) for value in coded.dictionary.to_pylist()], pa.string())
    return made.take(coded.indices)
