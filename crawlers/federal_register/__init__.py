"""The Federal Register: result pages of its API and full texts of govinfo, into DOCUMENT records.

Belongs here: those formats, and which agencies are asked for. Does not belong here: fetching (crawlers.spiders).
Source: federalregister.gov API v1 and govinfo.gov, described in docs/federal_register.md.
"""

from __future__ import annotations

from typing import Final

PAGE_PARSER: Final = "federal_register_page"
TEXT_PARSER: Final = "federal_register_text"
