"""Which company a vendor named in a text is: by the exact normalised name of one known company, else a new one.

Belongs here: that step alone, and the name within an awardee as SAM.gov posts it. Does not belong here: aliases,
families, likeness of names (entities).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from entities.ids import company_id, company_ids

# SAM.gov's column Awardee: "NAME City ST 12345 USA", the parts divided by blanks only.
_POSTED: Final = re.compile(r"(.+?)\s+[A-Z]{2}\s+\d{5}(?:-?\d{4})?\s+[A-Z]{3}")
_FORM: Final = re.compile(
    r"(?:INC|INCORPORATED|LLC|L\.L\.C|CORP|CORPORATION|LTD|LIMITED|LP|L\.P|LLP|CO|COMPANY|PLLC|PC|P\.C|PLC|JV)\.?,?",
    re.IGNORECASE,
)


class Company(NamedTuple):
    """A company id and how it was told: 'name' (one known company bears exactly this name) or 'new'."""

    company_id: str
    how: str


def resolver(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> Callable[[str], Company]:
    """How to tell the company of each of ``names``, against the vendors in table ``record_vendor``.

    A name that two known companies bear tells neither: it stays a company of its own, to be looked at by a person.
    """
    wanted = {company_id(None, None, name) for name in names}
    known = con.sql(
        "SELECT DISTINCT name, company_id FROM ("
        "SELECT recipient AS name, company_id, entity FROM record_vendor "
        "UNION ALL SELECT recipient_dba, company_id, entity FROM record_vendor "
        "UNION ALL SELECT parent, parent_company_id, NULL FROM record_vendor) "
        "WHERE name IS NOT NULL AND company_id IS NOT NULL AND entity IS DISTINCT FROM 'individual' ORDER BY ALL"
    ).to_arrow_table()
    nothing = pa.nulls(known.num_rows, pa.string())
    bearers: dict[str, set[str]] = {}
    by_name = company_ids(nothing, nothing, known["name"]).to_pylist() if known.num_rows else []
    for name, company in zip(by_name, known["company_id"].to_pylist(), strict=True):
        if name in wanted:
            bearers.setdefault(name, set()).add(company)

    def told(name: str) -> Company:
        own = company_id(None, None, name)
        found = bearers.get(own, set())
        return Company(next(iter(found)), "name") if len(found) == 1 else Company(own, "new")

    return told


def posted_name(awardee: str) -> str:
    """The company's name in an awardee as posted, its address left off; an awardee without address as it is.

    The name ends after its legal form; without one, where capitals end before the town, else before the last word.
    """
    found = _POSTED.fullmatch(awardee.strip())
    if found is None:
        return awardee.strip()
    words = found[1].split()
    forms = [at for at, word in enumerate(words[:-1], start=1) if at > 1 and _FORM.fullmatch(word)]
    capitals = next((at for at, word in enumerate(words) if not word.isupper() and any(map(str.isalpha, word))), 0)
    end = forms[-1] if forms else capitals or max(1, len(words) - 1)
    return " ".join(words[:end]).rstrip(",")
