"""How a city's lists are screened: headings, bits, days, limits (``screening.yaml``).

Belongs here: the model of that file. Does not belong here: reading lists, comparing names (``entities.screening``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from pydantic import Field, model_validator

from ordinance.loader import DATA, Data, load_yaml

FILE: Final = DATA / "screening.yaml"
Field_ = Literal["name", "uei", "duns", "cage", "lei", "cik", "cusip", "isin", "ticker", "share_class", "fund",
                 "contract", "start", "end", "amendment", "renewal", "lead_days", "amount"]  # fmt: skip


class Bits(Data):
    """Bits of the matcher that a screening asks for; meaning as said in the file."""

    same: float
    clear: float
    review: float
    alike: float

    @model_validator(mode="after")
    def _ordered(self) -> Bits:
        if not self.review <= self.same <= self.clear:
            raise ValueError("bits must rise: review, same, clear")
        return self


class Screening(Data):
    """The whole of screening.yaml."""

    about: str
    headings: dict[Field_, tuple[str, ...]]
    never_name: tuple[str, ...]
    bits: Bits
    short_name: int = Field(ge=1)
    bid_lead_days: int = Field(ge=0, le=3660)
    most_rows: int = Field(ge=1)
    most_bytes: int = Field(ge=1)
    filing_places: tuple[str, ...]


@lru_cache(maxsize=1)
def screening() -> Screening:
    """The settings. Raises OrdinanceError naming file, line and field when the data is wrong."""
    return load_yaml(FILE, Screening)
