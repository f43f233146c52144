"""Pages of the bundled sample that nobody published: written for it, each saying so.

Belongs here: words of synthetic Federal Register documents and of a facility list. Does not belong here: serving them
(texts.py), news articles (tests/replica/sample_news).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from tests.replica.federal_register import DHS, Document

SYNTHETIC: Final = "This text is synthetic: written for the bundled sample of section3c; no such document exists."
_ICE: Final = (DHS, "u-s-immigration-and-customs-enforcement")
_CBP: Final = (DHS, "u-s-customs-and-border-protection")
_USCIS: Final = (DHS, "u-s-citizenship-and-immigration-services")


def register_documents() -> list[Document]:
    """A request for information, a system of records with its contractor named, and two of no interest."""
    return [
        Document("2026-90001", date(2026, 3, 9), "Request for Information on Address and Utility Record Services",
                 "Notice; request for information.", "NOTICE", _ICE,
                 "U.S. Immigration and Customs Enforcement (ICE) seeks information from companies that can provide "
                 "continuous access to address histories, utility records and license plate reader data for "
                 f"Enforcement and Removal Operations. {SYNTHETIC}"),
        Document("2026-90002", date(2026, 3, 23), "Privacy Act of 1974; System of Records",
                 "Notice of a modified system of records.", "NOTICE", _ICE,
                 "Under a contract, Norwood Data Systems, Inc. provides U.S. Immigration and Customs Enforcement with "
                 f"commercial address and utility records for this system of records. {SYNTHETIC}"),
        Document("2026-90003", date(2026, 4, 6), "Meeting of the Commercial Customs Operations Advisory Committee",
                 "Notice of meeting.", "NOTICE", _CBP,
                 f"The committee will meet to speak of tariff classification and drawback. {SYNTHETIC}"),
        Document("2026-90004", date(2026, 4, 13), "Agency Information Collection Activities; Replacement Certificate",
                 "60-Day notice.", "NOTICE", _USCIS,
                 f"The form is used to ask for a replacement of a certificate that was lost. {SYNTHETIC}"),
    ]


def facility_list() -> list[tuple[str, ...]]:
    """A list in the columns of ICE's: places that the bundled awards and notices name, the rest do not exist.

    Operators stand only where a bundled notice says them. No population: nobody counted for this list.
    """
    head = ("Name", "Address", "City", "State", "Zip", "AOR", "Type Detailed", "Facility Operator")
    return [
        head,
        ("Torrance County Detention Facility", "", "Estancia", "NM", "", "ELP", "IGSA", "CoreCivic"),
        ("Cibola County Correctional Center", "", "Milan", "NM", "", "ELP", "IGSA", "CoreCivic"),
        ("Krome North Service Processing Center", "", "Miami", "FL", "", "MIA", "SPC", ""),
        ("Florence Service Processing Center", "", "Florence", "AZ", "", "PHO", "SPC", ""),
        ("El Paso Service Processing Center", "", "El Paso", "TX", "", "ELP", "SPC", ""),
        ("Port Isabel Service Processing Center", "", "Los Fresnos", "TX", "", "HLG", "SPC", ""),
        ("Buffalo Federal Detention Facility", "", "Batavia", "NY", "", "BUF", "SPC", ""),
        ("Aguadilla Service Processing Center", "", "Aguadilla", "PR", "", "MIA", "SPC", ""),
        ("Halcyon Ridge Detention Center (synthetic)", "", "Port Mercy", "CA", "", "SFR", "CDF",
         "Halcyon Ridge Corrections"),
        *((f"Synthetic Place {number} Detention Center", "", "Port Mercy", "CA", "", "SFR", "OTHER", "")
          for number in range(1, 44)),
    ]
