"""The official columns of the Contract Opportunities bulk CSV, and the words SAM.gov uses for types.

Belongs here: names and fixed vocabularies. Does not belong here: reading rows.
Source: SAM.gov bulk file of 24 April 2026 and the Opportunities API documentation (docs/sam.md).
"""

from __future__ import annotations

from typing import Final

OFFICIAL: Final = (
    "NoticeId", "Title", "Sol#", "Department/Ind.Agency", "CGAC", "Sub-Tier", "FPDS Code", "Office", "AAC Code",
    "PostedDate", "Type", "BaseType", "ArchiveType", "ArchiveDate", "SetASideCode", "SetASide", "ResponseDeadLine",
    "NaicsCode", "ClassificationCode", "PopStreetAddress", "PopCity", "PopState", "PopZip", "PopCountry", "Active",
    "AwardNumber", "AwardDate", "Award$", "Awardee", "PrimaryContactTitle", "PrimaryContactFullname",
    "PrimaryContactEmail", "PrimaryContactPhone", "PrimaryContactFax", "SecondaryContactTitle",
    "SecondaryContactFullname", "SecondaryContactEmail", "SecondaryContactPhone", "SecondaryContactFax",
    "OrganizationType", "State", "City", "ZipCode", "CountryCode", "AdditionalInfoLink", "Link", "Description",
)

# Without these a notice cannot be told from another or placed in time.
REQUIRED: Final = ("NoticeId", "Title", "Sol#", "Department/Ind.Agency", "PostedDate", "Type", "Description")

# Read for what they tell (agency, persons' names to be taken out of the text) and never kept.
CONTACTS: Final = frozenset(name for name in OFFICIAL if "Contact" in name)

# Known, and of no use to us: when it leaves the list, and the office's own address.
IGNORED: Final = frozenset({
    "ArchiveType", "ArchiveDate", "PopStreetAddress", "PopZip", "OrganizationType", "State", "City", "ZipCode",
    "CountryCode", "AdditionalInfoLink",
    # added by people who pass the file on, with other people's reading of the attachments
    "AttachmentCount", "Attachments",
})

TYPES: Final = {
    "sources sought": "sources_sought",
    "special notice": "special_notice",
    "presolicitation": "presolicitation",
    "solicitation": "solicitation",
    "combined synopsis/solicitation": "combined",
    "justification": "justification",
    "justification and approval (j&a)": "justification",
    "justification (j&a)": "justification",
    "award notice": "award",
    "sale of surplus property": "sale",
    "intent to bundle requirements (dod-funded)": "intent_to_bundle",
    "intent to bundle requirements (dod funded)": "intent_to_bundle",
    "consolidate/(substantially) bundle": "intent_to_bundle",
}
OTHER: Final = "other"


def notice_type(words: str | None) -> str:
    """Our name of a posted type; ``other`` for one that is not known (the parser reports it)."""
    return TYPES.get(" ".join((words or "").split()).lower(), OTHER)
