"""Lists of the places where ICE detains people, as ICE publishes them: workbooks and CSVs whose layout differs by year.

Sources: the detention statistics workbooks (FY19 on), the dedicated and over-72-hour facility lists, lists released
under FOIA.
"""

from typing import Final

LIST_PARSER: Final = "facility_list"
