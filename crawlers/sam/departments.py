"""SAM.gov's department names and their CGAC codes, for sources that give only one of the two.

Belongs here: that table. Does not belong here: sub-tiers (ordinance/agencies.yaml, crawlers/sam/offices.yaml).
Source: SAM.gov's own rows, where name and code stand side by side.
"""

from __future__ import annotations

import re
from typing import Final

DEPARTMENTS: Final = {
    "HOMELAND SECURITY, DEPARTMENT OF": "070",
    "JUSTICE, DEPARTMENT OF": "015",
    "STATE, DEPARTMENT OF": "019",
    "INTERNATIONAL BOUNDARY AND WATER COMMISSION: US-MEXICO": "019",
    "HEALTH AND HUMAN SERVICES, DEPARTMENT OF": "075",
    "DEPT OF DEFENSE": "097",
    "VETERANS AFFAIRS, DEPARTMENT OF": "036",
    "INTERIOR, DEPARTMENT OF THE": "014",
    "AGRICULTURE, DEPARTMENT OF": "012",
    "ENERGY, DEPARTMENT OF": "089",
    "COMMERCE, DEPARTMENT OF": "013",
    "NATIONAL AERONAUTICS AND SPACE ADMINISTRATION": "080",
    "GENERAL SERVICES ADMINISTRATION": "047",
    "TREASURY, DEPARTMENT OF THE": "020",
    "TRANSPORTATION, DEPARTMENT OF": "069",
    "ENVIRONMENTAL PROTECTION AGENCY": "068",
    "LABOR, DEPARTMENT OF": "016",
    "EDUCATION, DEPARTMENT OF": "091",
    "HOUSING AND URBAN DEVELOPMENT, DEPARTMENT OF": "086",
    "SOCIAL SECURITY ADMINISTRATION": "028",
    "SMITHSONIAN INSTITUTION": "033",
    "NUCLEAR REGULATORY COMMISSION": "031",
    "LIBRARY OF CONGRESS": "003",
    "UNITED STATES GOVERNMENT PUBLISHING OFFICE": "004",
    "FEDERAL DEPOSIT INSURANCE CORPORATION": "051",
}


def _plain(name: str) -> str:
    """A department's name in one order: HOMELAND SECURITY for both 'Department of Homeland Security' and SAM's."""
    words = re.sub(r"[^A-Z0-9 ]+", " ", name.upper()).split()
    return " ".join(word for word in words if word not in ("DEPARTMENT", "DEPT", "OF", "THE", "US", "UNITED", "STATES"))


_BY_NAME: Final = {_plain(name): code for name, code in DEPARTMENTS.items()}


def department_code(code: str | None, name: str | None) -> str | None:
    """The CGAC code: as given, else by name; a department that is not in the table keeps its name (upper case)."""
    if code and code.strip():
        return code.strip().zfill(3)
    if not name or not name.strip():
        return None
    plain = _plain(name)
    return _BY_NAME.get(plain) or plain.replace(" ", "_") or None
