"""Short ways to read an award in tests."""

from __future__ import annotations

from typing import Any

from nlp.awards import read_one


def read(
    *descriptions: str,
    agency: str = "ICE",
    recipient: str = "EXAMPLE SUPPLY LLC",
    psc: str = "",
    naics: str = "",
    **more: Any,
) -> dict[str, Any]:
    return read_one(
        {
            "award_key": "a",
            "descriptions": list(descriptions),
            "agency": agency,
            "recipient": recipient,
            "psc": psc,
            "naics": naics,
            **more,
        }
    )


def found(*descriptions: str, **columns: Any) -> dict[str, str]:
    """category -> certainty."""
    return {s["category"]: s["certainty"] for s in read(*descriptions, **columns)["services"]}


def service(category: str, *descriptions: str, **columns: Any) -> dict[str, Any]:
    return next(s for s in read(*descriptions, **columns)["services"] if s["category"] == category)
