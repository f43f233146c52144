"""OpenFIGI: what a CUSIP, ISIN or ticker of a city's holdings is. Source: OpenFIGI API v3 (free, no re-use limits)."""

from typing import Final

MAPPING_PARSER: Final = "openfigi_mapping"
