"""A string value of a JSON payload as text that leads back to its bytes.

Belongs here: JSON's escapes, with places. Does not belong here: what the value means.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
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


class Places:
    """Where the string values of some keys stand in a payload: found once, asked for in the order of the page."""

    def __init__(self, payload: bytes, keys: tuple[str, ...]) -> None:
        source = payload.decode("utf-8", "replace")
        self._found: dict[tuple[str, str], deque[Mapped]] = defaultdict(deque)
        at = place = 0
        for found in re.finditer(rf'"({"|".join(map(re.escape, keys))})"\s*:\s*{_STRING}', source):
            place += len(source[at : found.start(2)].encode("utf-8"))
            at = found.start(2)
            mapped = whole(found[2], place).edited(_unescape(found[2]))
            self._found[found[1], mapped.text].append(mapped)

    def value(self, key: str, text: str) -> Mapped:
        """A value as the JSON parser read it, with its places; without them when it does not stand there as is."""
        waiting = self._found.get((key, text))
        return waiting.popleft() if waiting else Mapped(_LONE.sub("\ufffd", text), ())


def _unescape(raw: str) -> list[Edit]:
    return [Edit(m.start(), m.end(), json.loads(f'"{m[0]}"')) for m in _ESCAPE.finditer(raw)]
