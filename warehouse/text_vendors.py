"""The vendor's name within an awardee as SAM.gov posts it.

Belongs here: that step alone. Does not belong here: which company a name is (entities).
"""

from __future__ import annotations

import re
from typing import Final

# SAM.gov's column Awardee: "NAME City ST 12345 USA", the parts divided by blanks only.
_POSTED: Final = re.compile(r"(.+?)\s+[A-Z]{2}\s+\d{5}(?:-?\d{4})?\s+[A-Z]{3}")
_FORM: Final = re.compile(
    r"(?:INC|INCORPORATED|LLC|L\.L\.C|CORP|CORPORATION|LTD|LIMITED|LP|L\.P|LLP|CO|COMPANY|PLLC|PC|P\.C|PLC|JV)\.?,?",
    re.IGNORECASE,
)


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
