"""A string value of a JSON payload as text that leads back to its bytes.

Belongs here: JSON's escapes, with places. Does not belong here: what the value means.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from crawlers.parsing import BadPageError, printable
from crawlers.sam.mapped import Edit, Mapped, whole

_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE: Final = re.compile(rf'{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\["\\/bfnrt]')
_STRING: Final = r'"((?:[^"\\]|\\.)*+)"'
_LONE: Final = re.compile(r"[\ud800-\udfff]")
_AGAIN: Final = "The service answered with something else than documented; ask again later"


def page(payload: bytes, where: str) -> dict[str, Any]:
    """The payload as a JSON object. Raises BadPageError."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as problem:
        raise BadPageError(f"is no JSON ({printable(str(problem), 80)})", where=where, do=_AGAIN) from None
    if not isinstance(found, dict):
        raise BadPageError(f"is a JSON {type(found).__name__}, not an object", where=where, do=_AGAIN)
    return found


def value(payload: bytes, key: str, text: str) -> Mapped:
    """The text of the first string value under ``key`` with its places; without places when it is not found as is.

    ``text`` is the value as the JSON parser read it, against which the reading in place is checked.
    """
    source = payload.decode("utf-8", "replace")
    for found in re.finditer(rf'"{re.escape(key)}"\s*:\s*{_STRING}', source):
        start = len(source[: found.start(1)].encode("utf-8"))
        place = whole(found[1], start).edited(_unescape(found[1]))
        if place.text == text:
            return place
    return Mapped(_LONE.sub("\ufffd", text), ())


def _unescape(raw: str) -> list[Edit]:
    return [Edit(m.start(), m.end(), json.loads(f'"{m[0]}"')) for m in _ESCAPE.finditer(raw)]
