"""GLEIF: legal entities with their names, direct and ultimate parents, reporting exceptions, children.

Source: GLEIF API v1 (JSON:API, CC0). Its parents are accounting consolidation parents only.
"""

from typing import Final

RECORDS_PARSER: Final = "gleif_records"
RELATIONS_PARSER: Final = "gleif_relations"
EXCEPTION_PARSER: Final = "gleif_exception"
ISINS_PARSER: Final = "gleif_isins"
