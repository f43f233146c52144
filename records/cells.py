"""Text that is safe to stand in a spreadsheet's cell or on a terminal.

Belongs here: disarming formulas and acting characters, for every writer of files. Does not belong here: writing them.
"""

from __future__ import annotations

import re
from typing import Final

# OWASP's list for CSV injection: a cell that begins so is a formula to a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
# Directional overrides and isolates make a name read as another one.
DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_ACTING: Final = re.compile(f"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{''.join(sorted(DIRECTION))}]")


def safe_cell(text: str) -> str:
    """The text as a spreadsheet, or a terminal that shows the file, may show it: never a formula, no control character
    but blanks and line ends (each stands there as its escape, \\u001b). NUL is dropped; everything else stays."""
    text = escaped(text.replace("\x00", ""))
    lead = text.lstrip(" \u00a0")
    risky = text.startswith(_FORMULA) or lead.startswith(_FORMULA)
    return "'" + text if risky and not _NUMBER.fullmatch(text.strip()) else text


def escaped(text: str) -> str:
    """Characters that act on a terminal, other than blanks and line ends, as JSON writes them."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
