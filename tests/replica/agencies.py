"""The agencies the replica knows: codes, exact names, and the several number spaces the service mixes.

The bulk download's ``toptier_agency_id`` is neither the CGAC code nor the reference list's ``agency_id``
(usaspending.md §6.3). DHS's two ids are as recorded; the others are inventions, to be resolved at run time.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Toptier:
    """A department: CGAC code, name, abbreviation, and its ids in two unrelated number spaces."""

    code: str
    name: str
    abbreviation: str
    bulk_id: int
    reference_id: int
    cfo: bool = True

    @property
    def slug(self) -> str:
        """The name as the service's links spell it."""
        return self.name.lower().replace(",", "").replace(" ", "-")


TOPTIERS = {
    t.code: t
    for t in (
        Toptier("012", "Department of Agriculture", "USDA", 13, 166),
        Toptier("013", "Department of Commerce", "DOC", 14, 183),
        Toptier("014", "Department of the Interior", "DOI", 15, 209),
        Toptier("015", "Department of Justice", "DOJ", 16, 252),
        Toptier("019", "Department of State", "DOS", 20, 315),
        Toptier("047", "General Services Administration", "GSA", 45, 634),
        Toptier("070", "Department of Homeland Security", "DHS", 63, 766),
        Toptier("075", "Department of Health and Human Services", "HHS", 68, 806),
        Toptier("097", "Department of Defense", "DOD", 126, 1173),
        Toptier("024", "Office of Personnel Management", "OPM", 25, 511, cfo=False),
    )
}

SUBTIERS: dict[str, tuple[str, str]] = {
    "1406": ("Departmental Offices", "014"),
    "1501": ("Offices, Boards and Divisions", "015"),
    "1530": ("Executive Office for Immigration Review", "015"),
    "1540": ("Federal Prison System / Bureau of Prisons", "015"),
    "1544": ("U.S. Marshals Service", "015"),
    "1549": ("Federal Bureau of Investigation", "015"),
    "2400": ("Office of Personnel Management", "024"),
    "4730": ("Federal Acquisition Service", "047"),
    "4732": ("Federal Acquisition Service", "047"),
    "4735": ("Federal Acquisition Service", "047"),
    "4740": ("Public Buildings Service", "047"),
    "7000": ("Department of Homeland Security", "070"),
    "7001": ("Office of Procurement Operations", "070"),
    "7002": ("Immediate Office of the Secretary", "070"),
    "7003": ("U.S. Citizenship and Immigration Services", "070"),
    "7004": ("Office of the Inspector General", "070"),
    "7008": ("U.S. Coast Guard", "070"),
    "7009": ("U.S. Secret Service", "070"),
    "7012": ("U.S. Immigration and Customs Enforcement", "070"),
    "7013": ("Transportation Security Administration", "070"),
    "7014": ("U.S. Customs and Border Protection", "070"),
    "7015": ("Federal Law Enforcement Training Center", "070"),
    "7022": ("Federal Emergency Management Agency", "070"),
    "7032": ("Office of Intelligence and Analysis", "070"),
    "7040": ("Office of the Under Secretary for Science and Technology", "070"),
    "7050": ("Office of the Under Secretary for Management", "070"),
    "7051": ("Immediate Office of the Under Secretary for Management", "070"),
    "7052": ("National Protection and Programs Directorate", "070"),
    "7055": ("Office of the Chief Procurement Officer", "070"),
    "7056": ("Office of the Chief Financial Officer", "070"),
    "7057": ("Office of the Chief Readiness Support Officer", "070"),
    "7058": ("Office of the Chief Information Officer", "070"),
    "7059": ("Office of the Chief Human Capital Officer", "070"),
    "7061": ("Cybersecurity and Infrastructure Security Agency", "070"),
    "7062": ("Countering Weapons of Mass Destruction", "070"),
    "7590": ("Administration for Children and Families", "075"),
}

_SHORT = {"ICE": "7012", "CBP": "7014", "USCIS": "7003", "TSA": "7013", "USMS": "1544", "ACF": "7590"}


def subtier_code(agency: str) -> str | None:
    """Code of a sub-tier named by its short form, its exact name or its code; None when it is unknown."""
    if agency in SUBTIERS:
        return agency
    return _SHORT.get(agency) or next((c for c, (name, _) in SUBTIERS.items() if name.upper() == agency.upper()), None)


def official_names(row: dict[str, str]) -> None:
    """Write the exact official department and sub-tier names into a row that names them by known codes.

    Older downloads spell them in capitals and with '(DHS)'; the service matches names case by case.
    """
    for role in ("awarding", "funding"):
        known = SUBTIERS.get(row.get(f"{role}_sub_agency_code", ""))
        if known:
            row[f"{role}_sub_agency_name"], row[f"{role}_agency_code"] = known
        top = TOPTIERS.get(row.get(f"{role}_agency_code", ""))
        if top:
            row[f"{role}_agency_name"] = top.name
