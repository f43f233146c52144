"""Business-type flags: what the few distinct texts of ``_flags`` say, as sorted lists of official names.

Belongs here: decoding the flag text of each kind of layout. Does not belong here: which recipients are governments.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from crawlers.usaspending.layouts import columns

_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_TEXTS: Final = pa.list_(pa.string())

Kind = Literal["columns", "codes", "words", "none"]


class FlagReader:
    """Decodes a column of flag texts; each distinct text once. ``strange`` gathers what no list names."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._known: dict[str | None, list[str] | None] = {None: None}
        self.strange: set[str] = set()

    def read(self, texts: pa.Array) -> pa.Array:
        """List of flag names for each text, null for null."""
        if self._kind == "none":
            return pa.nulls(len(texts), _TEXTS)
        encoded = pc.dictionary_encode(texts)
        distinct = [self._decoded(text) for text in encoded.dictionary.to_pylist()]
        return pa.array(distinct, _TEXTS).take(encoded.indices)

    def _decoded(self, text: str | None) -> list[str] | None:
        if text not in self._known:
            self._known[text] = sorted(set(self._names(text or "")))
        return self._known[text]

    def _names(self, text: str) -> list[str]:
        known = columns()
        if self._kind == "columns":
            pairs = list(zip(text, known.flags, strict=True))
            self.strange.update(f"{name}={letter}" for letter, name in pairs if letter not in "t-")
            return [name for letter, name in pairs if letter == "t"]
        if self._kind == "codes":
            letters = [letter for letter in text.upper() if letter.isalnum()]
            self.strange.update(f"business type '{letter}'" for letter in letters if letter not in known.flag_codes)
            return [known.flag_codes[letter] for letter in letters if letter in known.flag_codes]
        words = (_SIGNS.sub(" ", part.lower()).strip() for part in text.split(","))
        return [known.flag_words.get(word, word.replace(" ", "_")) for word in words if word]
